"""Two runs compared, in a real Chromium: the sentences, the marks on the map, a run added."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from nnopt_viz.deliver.comparison import comparison_json, pair_of
from nnopt_viz.race.codec import encode, landing
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

FEW = 120  # px that are drawn in the corner where the arrow points; with it there are more
KIND = "Two runs compared: where they part, and why"
INKED = """([left, top, width, height]) => {
    const overlay = [...document.querySelectorAll("#map-stage .nn-stack canvas")];
    let count = 0;
    for (const canvas of overlay) {
        const k = canvas.width / canvas.clientWidth;
        const box = [left, top, width, height].map((one) => one * k);
        const {data} = canvas.getContext("2d").getImageData(...box);
        for (let i = 3; i < data.length; i += 4) if (data[i] > 128) count += 1;
    }
    return count;
}"""


def compare(page: Page, first: str, second: str) -> None:
    page.get_by_label("Compare this run").select_option(label=first)
    page.get_by_label("with this one").select_option(label=second)


def test_why_adam_ends_elsewhere_than_sgd(visit: Visit) -> None:
    """On the landing scene, as the server says it; the step is shown, and a run is added."""
    visit.is_altered = True
    page = visit.open(encode(landing()))
    page.evaluate("window.nnopt.pause(); window.nnopt.seek(0)")
    page.get_by_role("button", name="Compare two runs").click()
    expect(page.get_by_label("Compare this run")).to_be_focused()
    compare(page, "sgd", "adam")
    looker = page.locator("#looker")
    found = json.loads(comparison_json(landing(), pair_of("0,3", landing())))
    for one in found["said"]:
        expect(looker).to_contain_text(one["text"])
    expect(looker).to_contain_text("57 times as far in y as in x")
    expect(looker).to_contain_text("the step of each there, drawn")
    page.get_by_role("button", name="Show step 1").first.click()
    until(lambda: visit.state()["step"] == 1)
    before = visit.query
    page.get_by_label("Add sgd with momentum = 0.9").click()
    until(lambda: visit.query != before)
    until(lambda: visit.state()["complete"] and len(visit.state()["runs"]) == 5)
    assert visit.query.endswith("&steps=160")
    expect(page.get_by_label("Compare this run")).to_have_value("0")
    expect(looker).to_contain_text("57 times as far in y as in x")


def test_the_map_marks_where_they_part(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(encode(landing()))
    page.evaluate("window.nnopt.pause(); window.nnopt.seek(0)")
    page.get_by_role("button", name="Look closer").click()
    page.get_by_label("The loss along a line").check()
    expect(page.locator("#looker.is-open")).to_be_attached()  # then the map makes room

    def inked() -> int:
        """How much is drawn up and to the left of the start, where Adam's arrow points."""
        x, y = visit.place("locate('map', 0, 0, 0)")
        box = page.locator("#map-stage").bounding_box()
        assert box is not None
        left, top = x - box["x"] - 44, y - box["y"] - 44
        return int(page.evaluate(INKED, [left, top, 30, 30]))

    until(lambda: inked() < FEW)
    page.get_by_label(KIND).check()
    compare(page, "sgd", "adam")
    expect(page.locator("#looker")).to_contain_text("That is what takes them apart")
    until(lambda: inked() > FEW)
    page.get_by_label("The loss along a line").check()
    until(lambda: inked() < FEW)


def test_one_run_has_nothing_to_compare_and_of_a_pair_the_other_steps_aside(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open("surface=bowl&run=sgd(lr=0.1)&steps=30")
    expect(page.get_by_role("button", name="Compare two runs")).to_be_hidden()
    page.get_by_role("button", name="Look closer").click()
    page.get_by_label(KIND).check()
    expect(page.locator("#looker")).to_contain_text("Add a second run to compare it with.")
    visit.open("surface=bowl&run=sgd(lr=0.1)&run=adam(lr=0.1)&steps=30")
    expect(page.locator("#looker")).to_contain_text(re.compile("They (end|part|stand|do not)"))
    page.get_by_label("Compare this run").select_option(label="adam")
    expect(page.get_by_label("with this one")).to_have_value("0")


@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_and_is_read_by_all_in_both_themes(fresh: Callable[..., Visit], width: int) -> None:
    visit = fresh(width=width, height=844)
    page = visit.load(encode(landing()))
    page.get_by_role("button", name="Look closer").click()
    page.get_by_label(KIND).check()
    expect(page.locator("#looker")).to_contain_text("How this is decided")
    page.get_by_text("How this is decided").last.click()
    for _ in range(2):
        assert visit.fits()
        assert visit.serious() == []
        visit.change_theme()
