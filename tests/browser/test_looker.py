"""A closer look in a real Chromium: one step line by line, the profile, and what-if."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.race.codec import decode
from tests.support.visit import until

if TYPE_CHECKING:
    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

QUERY = "surface=himmelblau(tilt=0.5)&run=momentum(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=60"
WELL = "surface=tilted_double_well(tilt=0.3)&run=sgd(lr=0.05)&start=1.8,0&steps=60"


def number(text: str) -> float:
    return float(text.removeprefix("= ").replace("−", "-"))


def test_a_step_line_by_line_with_the_numbers_of_an_independent_computation(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(QUERY)
    page.evaluate("window.nnopt.pause(); window.nnopt.seek(5)")
    page.get_by_role("button", name="Look closer").click()
    looker = page.locator("#looker")
    expect(looker).to_contain_text("momentum at step 5, line by line")
    surface = decode(QUERY).surface
    x, b = np.array([0.0, -3.0]), np.zeros(2)
    for _ in range(5):
        g = evaluate(surface, *x, 1)[1]
        b = 0.9 * b + g
        x = x - 0.002 * b
    rows = looker.locator("tbody tr")
    for name, wanted in (("b =", b), ("x =", x)):
        row = rows.filter(has=page.get_by_role("rowheader", name=re.compile(rf"^{name}")))
        shown = [number(cell) for cell in row.last.locator(".in-value").all_text_contents()]
        np.testing.assert_allclose(shown, wanted, rtol=6e-4)  # four digits
    looker.get_by_label("Next line").click()
    expect(looker).to_contain_text("line 1 of")
    assert page.evaluate("document.querySelector('.in-table tr.is-lit th').textContent")
    page.keyboard.press("Escape")
    page.get_by_label("One step on").click()
    expect(looker).to_contain_text("at step 6")
    looker.get_by_role("button", name="adam").click()
    expect(looker).to_contain_text("adam at step 6")
    page.evaluate("window.nnopt.play()")
    expect(looker).to_contain_text("pause")


def test_it_opens_where_something_happens_and_a_short_step_is_said(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open("surface=bowl&run=sgd(lr=0.2)&start=1.5,1&steps=80")
    until(lambda: visit.state()["complete"])
    page.evaluate("window.nnopt.pause(); window.nnopt.end()")
    page.get_by_role("button", name="Look closer").click()
    looker = page.locator("#looker")
    expect(looker).to_contain_text("sgd at step 1, line by line")  # the longest of them
    expect(looker.locator(".in-short")).to_be_hidden()
    page.evaluate("window.nnopt.seek(70)")
    expect(looker).to_contain_text("sgd at step 70")
    expect(looker.locator(".in-short")).to_contain_text("too short to draw, a dot on the map")


def test_an_arrow_on_the_map_lights_up_its_line(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(QUERY)
    page.evaluate("window.nnopt.pause(); window.nnopt.seek(5)")
    page.get_by_role("button", name="Look closer").click()
    expect(page.locator("#looker")).to_contain_text("line by line")
    until(lambda: page.locator("#looker tbody tr").count() > 2)
    expect(page.locator("#looker.is-open")).to_be_attached()  # then the map makes room

    def is_lit() -> bool:
        """Point at the middle of the arrow, wherever the map has it by now."""
        (x, y), (there, down) = (visit.place(f"locate('map', 0, 0, {row})") for row in (4, 5))
        page.mouse.move((x + there) / 2 + 30, (y + down) / 2)
        page.mouse.move((x + there) / 2, (y + down) / 2)
        visit.frames(3)
        return page.locator("#looker tr.is-lit").count() == 1

    until(is_lit)


def test_the_profile_marks_the_known_local_minimum(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(WELL)
    page.evaluate("window.nnopt.pause()")
    page.get_by_role("button", name="Look closer").click()
    page.get_by_label("The loss along a line").check()
    looker = page.locator("#looker")
    expect(looker.get_by_role("status")).to_contain_text(
        "1 lowest, 1 local minimum along this line"
    )
    expect(looker.get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("1 lowest, 1 local")
    )
    colours = """() => {
            const canvas = document.querySelector(".pr-canvas");
            const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return new Set(Array.from({length: data.length / 4}, (_, i) =>
                data.slice(4 * i, 4 * i + 4).join())).size;
        }"""
    until(lambda: page.evaluate(colours) > 50)
    page.get_by_label("Between two points: click them on the map").check()
    expect(looker.get_by_role("status")).to_contain_text("Click one end on the map")
    before = visit.query
    box = page.locator("#map-stage").bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 60)
    expect(looker.get_by_role("status")).to_contain_text("Click the other end")
    page.mouse.click(box["x"] + box["width"] - 60, box["y"] + box["height"] - 60)
    expect(looker.get_by_role("status")).to_contain_text("along this line")
    assert visit.query == before  # the clicks chose the line, not the start
    looker.get_by_role("button", name="Close").click()
    page.mouse.click(box["x"] + 90, box["y"] + 90)
    until(lambda: visit.query != before)


def test_what_if_draws_the_changed_run_beside_it(visit: Visit) -> None:
    page = visit.open(QUERY.replace("momentum(lr=0.002)", "momentum(lr=0.004)"))
    page.get_by_label("More about run 1, momentum").click()
    page.get_by_label("What if: run 1, momentum at half the rate").click()
    until(lambda: "momentum(lr=0.002)" in visit.query)
    until(lambda: visit.state()["complete"] and len(visit.state()["runs"]) == 3)
    page.get_by_label("What if: run 1, momentum without momentum").click()
    until(lambda: "momentum=0)" in visit.query)
    page.get_by_label("What if: run 1, momentum with noise").click()
    until(lambda: "noise=gaussian(scale=" in visit.query)
    assert "error" not in page.locator("#notice").inner_text()
    page.go_back()
    until(lambda: "noise=gaussian" not in visit.query)
