"""One's own surface and rule in a real Chromium; surfaces that change with the world."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.support.visit import until

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

SHORT = "surface=himmelblau(tilt=0.5)&run=adam(lr=0.2)&start=0,-3&steps=60"
MOVING = quote('surface=formula(f="(x - 2*s + 1)**2 + (y - s)**2")', safe="=&(),")


def test_a_formula_with_errors_is_mended_and_raced(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.get_by_role("button", name="Edit a copy").first.click()
    dialog = page.get_by_role("dialog")
    field, message = dialog.get_by_label("f ="), dialog.get_by_role("status")
    expect(field).to_have_value(re.compile(r"^\(x\*\*2 \+ y - 11\)\*\*2"))
    expect(message).to_contain_text("1 global, 3 local minima found")
    field.fill("x^2 + 2y²")
    expect(message).to_contain_text("f was read as x**2 + 2*y**2.")
    field.fill("x**2 + sine(y)**2 + c*x*y")
    expect(message).to_contain_text("Unknown function 'sine'")
    expect(message).to_contain_text("(character 8)")
    expect(dialog.locator("mark")).to_have_text("sine")
    expect(dialog.get_by_role("button", name="Race it")).to_be_disabled()
    dialog.get_by_role("button", name="Use sin").click()
    expect(field).to_have_value("x**2 + sin(y)**2 + c*x*y")
    dialog.get_by_role("button", name="Make c a knob").click()
    expect(message).to_contain_text("Good")
    expect(dialog.locator(".formula math").first).to_be_visible()
    dialog.get_by_role("button", name="Race it").click()
    until(lambda: "formula(f=" in visit.query and "c=1" in visit.query)
    until(lambda: "formula" in (visit.state()["query"] or ""))
    knob = page.get_by_label("c of Your own surface", exact=True)
    knob.fill("0.5")
    until(lambda: "c=0.5" in visit.query)
    page.go_back()
    until(lambda: "formula" not in visit.query)
    page.reload()
    visit.ready()
    expect(page.locator(".surface-title").first).to_have_text("Himmelblau")


def test_an_edited_copy_of_adam_races_against_adam(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.get_by_label("More about run 1, adam").click()
    page.get_by_label("Edit the rule of run 1, adam").click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label("each step")
    expect(field).to_have_value(re.compile(r"m = m \+ \(1 - beta1\)\*\(g - m\)"))
    field.fill(field.input_value().replace("sqrt(v)", "v"))
    expect(dialog.get_by_role("status")).to_contain_text("Good")
    field.press("Control+Enter")
    until(lambda: "rule(text=" in visit.query)
    until(lambda: visit.state()["complete"] and len(visit.state()["runs"]) == 2)
    point = "window.nnopt.state().point(%d, 0, 30)"
    adam, copy = (page.evaluate(point % run) for run in (0, 1))
    assert adam["x"] != copy["x"]
    expect(page.locator("#outcome tbody tr")).to_have_count(2)
    reopened = page.url
    page.goto(reopened)
    visit.ready()
    until(lambda: visit.state()["complete"])
    again = page.evaluate(point % 1)
    assert (again["x"], again["y"]) == (copy["x"], copy["y"])


def test_the_editor_says_what_is_missing_and_leaves_by_escape(visit: Visit) -> None:
    page = visit.open(SHORT)
    before = visit.query
    page.get_by_role("button", name="Edit a copy").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("x to").fill("-7")
    expect(dialog.get_by_role("status")).to_contain_text("the second above the first")
    dialog.get_by_label("x to").fill("")
    expect(dialog.get_by_role("status")).to_contain_text("x to: Write a number.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert visit.query == before


def test_the_morph_slider_reshapes_both_views(visit: Visit) -> None:
    page = visit.open(f"{MOVING}&run=sgd(lr=0.1)&start=1,1&steps=60")
    heights = "document.querySelector('#%s .js-plotly-plot')._fullData[0].z[%d][%d]"
    drawn = "Boolean(document.querySelector('#%s .js-plotly-plot')?._fullData?.[0]?.z)"
    for view in ("map", "scene"):
        until(lambda view=view: page.evaluate(drawn % view))
    before = [page.evaluate(heights % at) for at in (("map", 20, 20), ("scene", 5, 5))]
    thumb = page.get_by_role("slider", name="s of Your own surface, slider")
    for _ in range(12):
        thumb.press("ArrowRight")
    until(lambda: re.search(r"[(,]s=0\.1", visit.query))
    until(lambda: page.evaluate(heights % ("map", 20, 20)) != before[0])
    until(lambda: page.evaluate(heights % ("scene", 5, 5)) != before[1])
    expect(page.locator("#outcome")).to_contain_text("regret")


def test_what_a_slider_set_plays_also_where_it_comes_late(visit: Visit) -> None:
    page = visit.open(f"{MOVING}&run=sgd(lr=0.1)&start=1,1&steps=60")
    held: list[Route] = []
    page.route("**/run.bin?*", lambda route: held.append(route))
    page.get_by_role("slider", name="s of Your own surface, slider").press("ArrowRight")
    until(lambda: held)
    # A timer that is begun later and takes longer than that of the page ends after it.
    page.evaluate("() => new Promise((done) => setTimeout(done, 500))")
    for route in held:
        route.continue_()
    page.unroute("**/run.bin?*")
    until(lambda: visit.state()["step"] == visit.state()["steps"])
    expect(page.locator("#outcome")).to_contain_text("regret")


def test_a_drifting_surface_follows_the_clock(visit: Visit) -> None:
    page = visit.open(f"{MOVING}&run=sgd(lr=0.1)&start=1,1&steps=200&drift=linear")
    page.evaluate("window.nnopt.pause()")
    lowest = """(() => {
        const {x, y, z} = document.querySelector('#map .js-plotly-plot')._fullData[0];
        let best = [Infinity];
        z.forEach((row, j) => row.forEach((v, i) => { if (v < best[0]) best = [v, x[i], y[j]]; }));
        return best.slice(1);
    })()"""
    for step, (x, y) in ((0, (-1, 0)), (100, (0, 0.5)), (200, (1, 1))):
        page.evaluate(f"window.nnopt.seek({step})")

        def is_there(x: float = x, y: float = y) -> bool:
            at = page.evaluate(lowest)
            return abs(at[0] - x) < 0.06 and abs(at[1] - y) < 0.06

        until(is_there)
    page.get_by_label("drift").first.click()
    page.get_by_role("option", name="At once").click()
    until(lambda: "drift=jump" in visit.query)
    until(lambda: visit.state()["complete"] and "jump" in visit.state()["query"])
