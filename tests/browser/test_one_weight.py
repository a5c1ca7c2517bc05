"""One weight in a real Chromium: the loss as a curve, and x over the step beside it."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import expect

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.race.codec import decode
from tests.browser.test_exports import COLOURS, RGB, TAKEN
from tests.support.visit import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

RACE = "surface=local_and_global_minimum&run=sgd(lr=0.3)&start=3,1.25&steps=30"
PAIR = RACE.replace("run=sgd(lr=0.3)", "run=sgd(lr=0.05)&run=momentum(lr=0.02)")
GRAPH = "document.querySelector('#{} .js-plotly-plot')"
# CSS px in the window of a place on a graph, by Plotly's own axes.
ON_AXES = """([id, x, y]) => {
  const graph = document.querySelector(`#${id} .js-plotly-plot`);
  const {xaxis, yaxis} = graph._fullLayout, box = graph.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
}"""
NEAR = 0.75  # px


def opened(visit: Visit, query: str) -> Page:
    """The page with the whole race and its curve, paused at the start."""
    page = visit.open(query)
    until(lambda: visit.state()["complete"])
    for view, kind in (("map", "curve"), ("scene", "steps")):
        until(lambda view=view, kind=kind: page.evaluate(
            f"{GRAPH.format(view)}?.layout?.meta?.kind") == kind)  # fmt: skip
    page.evaluate("nnopt.pause(); nnopt.home()")
    visit.rest()
    return page


def on_axes(page: Page, graph: str, x: float, y: float) -> tuple[float, float]:
    at = page.evaluate(ON_AXES, [graph, x, y])
    return at[0], at[1]


def test_a_run_stands_on_the_curve_and_its_tangent_is_its_gradient(visit: Visit) -> None:
    page, surface = opened(visit, RACE), decode(RACE).surface
    for row in (0, 1, 2, 5, 30):
        point = page.evaluate(f"nnopt.state().point(0, 0, {row})")
        loss, slope = evaluate(surface, point["x"], point["y"], 1)
        wanted = on_axes(page, "map", point["x"], float(loss))
        shown = visit.place(f"locate('map', 0, 0, {row})")
        assert hypot(shown[0] - wanted[0], shown[1] - wanted[1]) < NEAR
        assert abs(slope[0]) == pytest.approx(point["gradNorm"], rel=1e-5, abs=1e-6)
        line = page.evaluate(f"nnopt.tangent(0, {row})")
        # a unit of x and one of the loss in px
        right, up = on_axes(page, "map", 1, 0), on_axes(page, "map", 0, 1)
        zero = on_axes(page, "map", 0, 0)
        steep = (line["y1"] - line["y0"]) / (zero[1] - up[1])
        run = (line["x1"] - line["x0"]) / (right[0] - zero[0])
        assert -steep / run == pytest.approx(float(slope[0]), rel=1e-3, abs=1e-3)
        beside = visit.place(f"locate('steps', 0, 0, {row})")
        wanted = on_axes(page, "scene", point["x"], row)
        assert hypot(beside[0] - wanted[0], beside[1] - wanted[1]) < NEAR
        # x lies alike in both pictures
        offsets = [on_axes(page, view, point["x"], 0)[0]
                   - page.locator(f"#{view}-stage").bounding_box()["x"]
                   for view in ("map", "scene")]  # fmt: skip
        assert offsets[0] == pytest.approx(offsets[1], abs=1.5)


def test_what_the_page_says_of_a_curve(visit: Visit) -> None:
    page = opened(visit, RACE)
    expect(page.locator("#map-stage")).to_have_attribute("aria-label", "Curve of the loss")
    expect(page.locator("#scene-stage")).to_have_attribute("aria-label", "x over the steps")
    expect(page.locator("#map-key")).to_contain_text("loss, linear scale")
    expect(page.locator("#surface-summary")).to_have_text("1 global, 1 local minimum")
    expect(page.get_by_label("Start x")).to_be_visible()
    expect(page.get_by_label("Start y")).to_be_hidden()
    at = visit.place("locate('map', 0, 0, 0)")
    page.mouse.move(*at)
    tip = page.locator("#map-stage .nn-tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("gradient, its size")
    expect(tip).not_to_contain_text("y")
    visit.lay_down()
    assert visit.serious() == []
    visit.open("surface=bowl&run=sgd(lr=0.1)&steps=20")
    expect(page.locator("#map-stage")).to_have_attribute("aria-label", "Map")
    expect(page.get_by_label("Start y")).to_be_visible()
    until(lambda: page.evaluate(f"{GRAPH.format('scene')}?.data?.[0]?.type") == "surface")


def test_a_click_sets_x_and_y_stays(visit: Visit) -> None:
    page = opened(visit, RACE)
    page.mouse.click(*on_axes(page, "map", -1.7, 5))
    until(lambda: "start=-1.7" in visit.query)
    until(lambda: visit.state()["complete"])
    start = decode(visit.query).start
    assert start["x"] == pytest.approx(-1.7, abs=0.02)
    assert start["y"] == 1.25
    at = visit.place("locate('map', 0, 0, 0)")
    loss = float(evaluate(decode(RACE).surface, start["x"], 0.0))
    wanted = on_axes(page, "map", start["x"], loss)
    assert hypot(at[0] - wanted[0], at[1] - wanted[1]) < NEAR


def test_runs_that_meet_hide_none_of_each_other(visit: Visit) -> None:
    page = opened(visit, PAIR)
    page.evaluate("nnopt.seek(1)")
    visit.rest()
    apart = [visit.place(f"locate('map', {run}, 0, 0)") for run in (0, 1)]  # where both began
    assert hypot(apart[0][0] - apart[1][0], apart[0][1] - apart[1][1]) > 2
    page.evaluate("nnopt.home()")
    visit.rest()
    data = page.evaluate("""() => {
      const canvas = document.querySelector('#map-stage canvas[data-layer="heads"]');
      return canvas.toDataURL();
    }""")
    near = page.evaluate(COLOURS, [data, RGB])["near"]
    assert min(near) > 30, near  # of each head some is seen


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_picture_shows_the_curve_with_its_runs(visit: Visit, kind: str) -> None:
    page = opened(visit, PAIR)
    page.evaluate("nnopt.end()")
    visit.rest()
    for view in ("map", "scene", "race"):
        made = page.evaluate(TAKEN, [view, kind, "1920×1080"])
        assert made["name"] == f"local_and_global_minimum-{view}.{kind}"
        seen = page.evaluate(COLOURS, [made["url"], RGB])
        assert min(seen["near"]) > 400, (view, seen)  # the list of runs alone has less


def test_the_dialog_names_the_views_of_one_weight(visit: Visit) -> None:
    page = opened(visit, RACE)
    page.get_by_role("button", name="Export").click()
    page.get_by_role("menuitem", name="A picture …").click()
    dialog = page.get_by_role("dialog", name="A picture")
    dialog.get_by_role("radio", name="x at each step").check(force=True)
    dialog.get_by_role("radio", name="SVG").check(force=True)
    expect(dialog.get_by_role("radio", name="SVG")).to_be_checked()
    expect(dialog.get_by_role("radio", name="3D view")).to_have_count(0)
    page.keyboard.press("Escape")


def test_a_film_shows_the_curve_and_its_steps(visit: Visit) -> None:
    page = opened(visit, PAIR)
    facts = page.evaluate("""async () => {
      const wish = {kind: "gif", seconds: 2, height: 540, save: false};
      const {blob, name} = await nnopt.exportFilm(wish);
      const head = new DataView(await blob.slice(0, 10).arrayBuffer());
      return {name, width: head.getUint16(6, true), height: head.getUint16(8, true)};
    }""")
    assert facts["name"] == "local_and_global_minimum-race.gif"
    assert (facts["width"], facts["height"]) == (960, 540)
    expect(page.locator(".nn-twin")).to_have_count(0)


def test_ones_own_formula_is_a_curve_too_and_its_knobs_move_it(visit: Visit) -> None:
    formula = quote('formula(f="exp(a*x)+x**2",bounds="-3,3,-3,3",a=3)')
    page = opened(visit, f"surface={formula}&run=sgd(lr=0.001)&start=1,0&steps=20")
    surface = decode(visit.state()["query"]).surface
    for row in (0, 20):
        point = page.evaluate(f"nnopt.state().point(0, 0, {row})")
        meta = page.evaluate(f"{GRAPH.format('map')}.layout.meta")
        loss = float(evaluate(surface, point["x"], 0.0))
        assert meta["scale"] == "log"
        height = float(np.log10(1 + (loss - meta["best"]) / meta["unit"]))
        wanted, shown = (on_axes(page, "map", point["x"], height),
                         visit.place(f"locate('map', 0, 0, {row})"))  # fmt: skip
        assert hypot(shown[0] - wanted[0], shown[1] - wanted[1]) < NEAR
    best = page.evaluate(f"{GRAPH.format('map')}.layout.meta.best")
    field = page.locator(".knob", has_text="a").locator("input").last
    field.fill("1")
    field.press("Enter")
    until(lambda: page.evaluate(f"{GRAPH.format('map')}.layout.meta.best") != best)
    until(lambda: visit.state()["complete"])
    changed = decode(visit.state()["query"]).surface
    assert changed["a"] == 1
    curve = f"{GRAPH.format('map')}._fullData[1]"
    x, y = (page.evaluate(f"Array.from({curve}.{axis})") for axis in "xy")
    meta = page.evaluate(f"{GRAPH.format('map')}.layout.meta")
    loss = evaluate(changed, np.array(x), np.zeros(len(x)))
    height = np.log10(1 + np.maximum(loss - meta["best"], 0) / meta["unit"])
    np.testing.assert_allclose(y, height, rtol=1e-5, atol=1e-7)
