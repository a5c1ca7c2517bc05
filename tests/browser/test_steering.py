"""The map, seen and steered: its view, what lies around it, what is read off it, its link."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import expect

from nnopt_viz.figures.heights import extent
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.query.viewing import read_viewing
from nnopt_viz.surfaces import SURFACES
from tests.support.visit import Visit, until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.browser

RACE = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=1,-3&steps=60"
SURFACE = SURFACES.call("himmelblau", tilt=0.5)
PLOT = "document.querySelector('#map .js-plotly-plot')"
RANGES = (
    f"(() => {{ const {{xaxis: x, yaxis: y}} = {PLOT}._fullLayout; return [x.range, y.range] }})()"
)
GRID = f"""(() => {{
  const {{x, y, z}} = {PLOT}._fullData[0];
  return {{x: [...x], y: [...y], z: Array.from(z, (row) => [...row])}};
}})()"""


def view_of(visit: Visit) -> dict[str, Any]:
    viewing, notes = read_viewing(visit.page.evaluate("location.search"))
    assert notes == []
    return dict(viewing.get("view", {}))


def ranges(visit: Visit) -> list[list[float]]:
    return [[float(v) for v in axis] for axis in visit.page.evaluate(RANGES)]


def ready(visit: Visit, query: str = RACE) -> None:
    """A race at its end, its map shown."""
    visit.open(query)
    until(lambda: visit.state()["complete"])
    until(lambda: visit.page.evaluate(f"{PLOT}?._fullData?.[0]?.type === 'contour'"))
    visit.page.evaluate("() => { nnopt.pause(); nnopt.end(); }")
    visit.rest()


def zoom(visit: Visit, by: int, *, times: int = 1, at: tuple[float, float] = (0, 0)) -> None:
    """Turn the wheel over a place of the map until the view rests in the link."""
    before = ranges(visit)
    x, y = visit.place(f"project2d({at[0]}, {at[1]})")
    visit.page.mouse.move(x, y)
    for _ in range(times):
        visit.page.mouse.wheel(0, by)
        visit.frames(2)
    until(lambda: ranges(visit) != before and "x" in view_of(visit))
    visit.rest()


def test_a_double_click_keeps_the_start_and_shows_the_whole_region(visit: Visit) -> None:
    ready(visit)
    page, home = visit.page, ranges(visit)
    zoom(visit, -300, times=2)
    reset = page.get_by_role("button", name="Reset view")
    expect(reset).to_be_visible()
    before = visit.state()
    x, y = visit.place("project2d(1, 1)")
    page.mouse.dblclick(x, y)
    expect(reset).to_be_hidden()
    until(lambda: view_of(visit) == {})
    until(lambda: visit.state()["query"] == before["query"] and visit.state()["complete"])
    visit.rest()
    assert np.allclose(ranges(visit), home, atol=0.02)
    assert "start=1,-3" in visit.query
    assert visit.state()["step"] == before["step"]
    # one click still starts there
    page.mouse.click(x, y)
    until(lambda: "start=1,-3" not in visit.query)


def test_the_button_goes_back_by_keyboard(visit: Visit) -> None:
    ready(visit)
    home = ranges(visit)
    zoom(visit, 300, times=2)
    reset = visit.page.get_by_role("button", name="Reset view")
    reset.focus()
    visit.page.keyboard.press("Enter")
    expect(reset).to_be_hidden()
    expect(visit.page.get_by_role("button", name="Map", exact=True)).to_be_focused()
    until(lambda: view_of(visit) == {})
    assert np.allclose(ranges(visit), home, atol=0.02)


@pytest.mark.parametrize("view", ["map(x=(-30,30),y=(-25,25))", "map(x=(2.9,3.1),y=(1.9,2.1))"])
def test_heights_beyond_and_between_the_grid_are_the_true_ones(visit: Visit, view: str) -> None:
    ready(visit, f"{RACE}&view={view}")
    best, _, unit = extent(SURFACE, "log")
    wanted = view_of(visit)

    def holds() -> bool:
        grid = visit.page.evaluate(GRID)
        x, y = np.array(grid["x"]), np.array(grid["y"])
        inside = (x[0] <= wanted["x"][0], x[-1] >= wanted["x"][1], y[0] <= wanted["y"][0])
        if not all(inside) or x[101] - x[100] > (wanted["x"][1] - wanted["x"][0]) / 50:
            return False  # not yet
        above = (evaluate(SURFACE, *np.meshgrid(x, y)) - best) / unit
        return bool(np.allclose(grid["z"], np.log10(1 + above), atol=1e-3))

    until(holds)
    seen = ranges(visit)
    for axis, (low, high) in zip("xy", seen, strict=True):  # all that was asked for, one exactly
        assert low <= wanted[axis][0] + 1e-9
        assert high >= wanted[axis][1] - 1e-9
    assert math.isclose(seen[0][1] - seen[0][0], wanted["x"][1] - wanted["x"][0]) or math.isclose(
        seen[1][1] - seen[1][0], wanted["y"][1] - wanted["y"][0]
    )


def test_the_view_travels_in_the_link(visit: Visit, fresh: Callable[..., Visit]) -> None:
    ready(visit)
    zoom(visit, -200, times=2, at=(3, 2))
    made = view_of(visit)
    for axis, (low, high) in zip("xy", ranges(visit), strict=True):
        assert made[axis] == pytest.approx([low, high], abs=(high - low) / 500)
    other = fresh()
    other.load(visit.query)
    until(lambda: other.page.evaluate(f"{PLOT}?._fullData?.[0]?.type === 'contour'"))
    other.rest()
    assert np.allclose(ranges(other), ranges(visit), atol=0.01)
    # another surface is seen whole
    visit.page.evaluate("document.getElementById('surface-button').click()")
    visit.page.get_by_role("button", name="Booth").first.click()
    until(lambda: "surface=booth" in visit.query)
    until(lambda: "x" not in view_of(visit))


def test_the_eye_travels_in_the_link(fresh: Callable[..., Visit]) -> None:
    one = fresh()
    one.load(f"{RACE}&view=map(eye=(1,-1,0.9))")
    scene = "document.querySelector('#scene .js-plotly-plot')"
    until(lambda: one.page.evaluate(f"{scene}?._fullLayout?.scene?._scene?.getCamera?.()"))
    one.rest()
    eye = one.page.evaluate(f"{scene}._fullLayout.scene._scene.getCamera().eye")
    factor = eye["x"]
    assert [eye["x"], eye["y"], eye["z"]] == pytest.approx(
        [factor, -factor, 0.9 * factor], rel=1e-3
    )
    box = one.page.locator("#scene-stage").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    one.page.mouse.move(*middle)
    one.page.mouse.down()
    one.page.mouse.move(middle[0] + 80, middle[1], steps=4)
    one.page.mouse.up()
    until(lambda: view_of(one)["eye"] != [1, -1, 0.9])
    one.page.get_by_role("button", name="Reset view").click()
    until(lambda: "eye" not in view_of(one))


def test_the_readout_is_exact(visit: Visit) -> None:
    ready(visit)
    x, y = visit.place("project2d(-1.3, 2.4)")
    visit.page.mouse.move(x, y, steps=3)
    line = visit.page.locator(".nn-read")
    expect(line).to_have_attribute("data-exact", "true")
    texts = [text.replace("−", "-") for text in line.locator("b").all_inner_texts()]
    at = float(texts[0]), float(texts[1])
    assert at == pytest.approx((-1.3, 2.4), abs=0.03)
    loss, slope = evaluate(SURFACE, *at, 1)
    assert float(texts[2]) == pytest.approx(float(loss), rel=1e-3)
    assert [float(v) for v in texts[3].strip("()").split(",")] == pytest.approx(
        slope.tolist(), rel=1e-3
    )
    assert float(texts[4]) == pytest.approx(float(np.hypot(*slope)), rel=1e-3)
    visit.page.mouse.move(0, 0)
    expect(line).to_be_hidden()


def test_a_place_is_read_by_keyboard(visit: Visit) -> None:
    ready(visit)
    button = visit.page.get_by_role("button", name="Read")
    button.focus()
    visit.page.keyboard.press("Enter")
    step = visit.state()["step"]
    until(lambda: visit.state()["cross"] == {"x": 1, "y": -3})
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        visit.page.keyboard.press(key)
    cross = visit.state()["cross"]
    a, b = visit.place("project2d(1, -3)"), visit.place(f"project2d({cross['x']}, {cross['y']})")
    assert (b[0] - a[0], b[1] - a[1]) == pytest.approx((20, -10), abs=0.5)
    expect(visit.page.locator(".nn-read")).to_have_attribute("data-exact", "true")
    assert visit.state()["step"] == step
    x, y = visit.place("project2d(2, 2)")
    visit.page.mouse.click(x, y)  # is read, and starts nothing
    until(lambda: visit.state()["cross"]["x"] == pytest.approx(2, abs=0.05))
    assert "start=1,-3" in visit.query
    visit.page.mouse.move(0, 0)
    button.press("Escape")
    expect(visit.page.locator(".nn-read")).to_be_hidden()


ARROWS = """async () => {
  const {arrowsOf} = await import("/assets/player/views/steering.mjs");
  const {field} = nnopt.state();
  return field && arrowsOf({toPixels: (x, y) => nnopt.project2d(x, y)}, field);
}"""


def test_arrows_point_against_the_gradient(visit: Visit) -> None:
    ready(visit, f"{RACE}&view=map(arrows=true)")
    until(lambda: visit.state()["field"])
    field = visit.state()["field"]
    found = visit.page.evaluate(ARROWS)
    x, y = np.meshgrid(field["x"], field["y"])
    _, slope = evaluate(SURFACE, x, y, 1)
    moving = np.hypot(*slope) > 0
    made = np.array([[one["x1"] - one["x0"], one["y0"] - one["y1"]] for one in found])
    true = np.stack([-slope[0][moving], -slope[1][moving]], axis=1)
    assert made.shape == true.shape
    cosine = (made * true).sum(1) / np.hypot(*made.T) / np.hypot(*true.T)
    assert cosine.min() > 0.9999
    spacing = visit.place(f"project2d({field['x'][1]}, 0)")[0]
    spacing -= visit.place(f"project2d({field['x'][0]}, 0)")[0]
    assert 16 <= spacing <= 36
    expect(visit.page.locator("#map-key")).to_contain_text("downhill")
    # off: nothing is left of them
    visit.page.get_by_role("button", name="Map", exact=True).click()
    visit.page.get_by_label("Arrows downhill").click()
    until(lambda: visit.state()["field"] is None)
    until(lambda: view_of(visit) == {})


def test_the_map_is_drawn_as_the_menu_says(visit: Visit) -> None:
    ready(visit)
    page = visit.page
    opener = page.get_by_role("button", name="Map", exact=True)
    opener.click()
    page.get_by_label("Height: linear", exact=True).check()
    until(lambda: page.evaluate(f"{PLOT}.layout.meta.scale") == "linear")
    expect(page.locator("#map-key")).to_contain_text("linear scale")
    size = page.evaluate(f"{PLOT}._fullData[0].contours.size")
    page.get_by_label("Few contour lines").check()
    until(lambda: page.evaluate(f"{PLOT}._fullData[0].contours.size") > 1.9 * size)
    until(lambda: view_of(visit) == {"height": "linear", "levels": 8})
    page.get_by_label("x from").fill("-1")
    page.get_by_label("x to").fill("1")
    page.get_by_label("y from").fill("-1")
    page.get_by_label("y to").fill("1")
    page.get_by_label("y to").press("Enter")
    until(lambda: view_of(visit).get("x") == [-1, 1] and view_of(visit).get("y") == [-1, 1])
    until(lambda: any(np.allclose(one, [-1, 1]) for one in ranges(visit)))
    page.get_by_label("x to").fill("-3")
    page.get_by_label("x to").press("Enter")
    expect(page.get_by_label("x to")).to_have_attribute("aria-invalid", "true")
    assert view_of(visit)["x"] == [-1, 1]
    assert visit.serious() == []
    page.keyboard.press("Escape")
    expect(page.locator("#map-menu")).to_be_hidden()


def test_where_the_page_scrolls_the_wheel_scrolls_it(fresh: Callable[..., Visit]) -> None:
    one = fresh(width=1024, height=768)
    one.load(RACE)
    until(lambda: one.page.evaluate(f"{PLOT}?._fullData?.[0]?.type === 'contour'"))
    one.rest()
    before = ranges(one)
    x, y = one.place("project2d(0, 0)")
    one.page.mouse.move(x, y)
    one.page.mouse.wheel(0, 200)
    until(lambda: one.page.evaluate("scrollY") > 0)
    expect(one.page.locator("#map-stage .nn-said")).to_have_class("nn-said is-said")
    assert ranges(one) == before
    one.page.evaluate("scrollTo(0, 0)")
    x, y = one.place("project2d(0, 0)")
    one.page.mouse.move(x, y)
    one.page.keyboard.down("Control")
    one.page.mouse.wheel(0, -200)
    one.page.keyboard.up("Control")
    until(lambda: ranges(one) != before)
    # everything is reached
    one.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(one.page.get_by_role("button", name="Look closer")).to_be_in_viewport()


PINCH = """() => {
  const at = document.querySelector("#map .nsewdrag"), box = at.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const fire = (type, far) => {
    const touches = [-far, far].map((by, identifier) =>
      new Touch({identifier, target: at, clientX: x + by, clientY: y}));
    const given = {touches: type === "touchend" ? [] : touches, bubbles: true, cancelable: true};
    at.dispatchEvent(new TouchEvent(type, given));
  };
  fire("touchstart", 40);
  fire("touchmove", 80);
  requestAnimationFrame(() => requestAnimationFrame(() => fire("touchend", 80)));
}"""


def test_two_fingers_zoom_the_map(visit: Visit) -> None:
    ready(visit)
    before = ranges(visit)
    visit.page.evaluate(PINCH)
    until(lambda: "x" in view_of(visit))
    for (low, high), (a, b) in zip(ranges(visit), before, strict=True):
        assert high - low == pytest.approx((b - a) / 2, rel=0.03)
        assert high + low == pytest.approx(a + b, abs=0.1)


def test_a_phone_opens_with_what_the_link_shows(fresh: Callable[..., Visit]) -> None:
    one = fresh(width=390, height=844)
    one.load(f"{RACE}&view=map(shows=loss)")
    expect(one.page.locator("#page")).to_have_attribute("data-view", "loss")
    one.page.get_by_text("3D", exact=True).click()
    until(lambda: view_of(one) == {"shows": "scene"})
