"""The relief in the browser: the same picture as Python's, below the map's lines, in exports."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose import calls
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.figures.heights import Heights, is_unequal, map_grid
from nnopt_viz.figures.palette import THEMES, palette
from nnopt_viz.figures.relief import look, picture, spans
from tests.browser.test_exports import TAKEN
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

SIDE = 60
MAP = "document.querySelector('#map .js-plotly-plot')"
SURFACE = "himmelblau(tilt=0.5)"
RACE = f"surface={SURFACE}&run=sgd(lr=0.002)&start=0,-3&steps=20"
PAINT = """async ([x, y, z, top, look, xs, ys]) => {
  const main = document.querySelector("script[src$='/main.mjs']").src;
  const {fieldOf, paint} = await import(new URL("player/core/relief.mjs", main));
  const out = new Uint8ClampedArray(4 * xs.count * ys.count);
  paint(fieldOf({x, y, z}, top, look), look, xs, ys, out);
  return [...out];
}"""
# Places on the map (data), their colours on the canvas and where the canvas says that they are.
CANVAS = """(places) => {
  const canvas = document.querySelector("#map-stage > .nn-ground");
  const {width, height} = canvas.getBoundingClientRect();
  const ctx = canvas.getContext("2d"), {xaxis, yaxis} = MAP._fullLayout;
  return places.map(([x, y]) => {
    const px = Math.floor(xaxis.d2p(x) * canvas.width / width);
    const py = Math.floor(yaxis.d2p(y) * canvas.height / height);
    const at = [xaxis.p2d((px + 0.5) * width / canvas.width), yaxis.p2d((py + 0.5) * height / canvas.height)];
    return [...ctx.getImageData(px, py, 1, 1).data.slice(0, 3), ...at];
  });
}""".replace("MAP", MAP)  # noqa: E501
# Where the map stands in a picture of it as large as on the screen, as shares of the picture.
BOX = """async () => {
  const main = document.querySelector("script[src$='/main.mjs']").src;
  const {plannedAround} = await import(new URL("player/export/plan.mjs", main));
  const {clientWidth: width, clientHeight: height} = MAP;
  const plan = plannedAround("map", {width, height}, {runs: nnopt.state().runs.length});
  const {x, y, width: wide, height: tall} = plan.views.map;
  return [x / plan.width, y / plan.height, wide / plan.width, tall / plan.height];
}""".replace("MAP", MAP)
RESTS = "document.querySelector('.nn-ground')?.dataset.rests === 'true'"
GRID = f"""(() => {{
  const {{ x, y, z }} = {MAP}._fullData[0];
  return [[...x], [...y], Array.from(z, (row) => [...row])];
}})()"""
# The colours of a picture at shares of its width and height.
COLOURS = """async ([url, shares]) => {
  const shown = new Image();
  shown.src = url;
  await shown.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [shown.width, shown.height];
  const ctx = canvas.getContext("2d", {willReadFrequently: true});
  ctx.drawImage(shown, 0, 0);
  return shares.map(([u, v]) => [...ctx.getImageData(
    Math.floor(u * shown.width), Math.floor((1 - v) * shown.height), 1, 1).data.slice(0, 3)]);
}"""


def grid_of(name: str, **knobs: float) -> tuple[Heights, tuple[float, float], Any]:
    surface = calls.surface(name, **knobs)
    bounds = surface_entry(surface).bounds
    return map_grid(surface), spans(bounds, not is_unequal(surface)), bounds


def painted(page: Page, grid: Heights, per: tuple[float, float], theme: str) -> NDArray[np.int_]:
    """What the browser paints of the whole grid, shape (SIDE, SIDE, 3)."""
    x, y = grid.x.astype(float), grid.y.astype(float)
    wide, tall = (x[-1] - x[0]) / SIDE, (y[-1] - y[0]) / SIDE
    xs = {"from": x[0] + wide / 2, "step": wide, "count": SIDE}
    ys = {"from": y[-1] - tall / 2, "step": -tall, "count": SIDE}
    asked = [x.tolist(), y.tolist(), grid.z.tolist(), grid.top, look(palette(theme), per), xs, ys]
    return np.array(page.evaluate(PAINT, asked)).reshape(SIDE, SIDE, 4)[..., :3]


@pytest.mark.parametrize(
    "name", ["himmelblau", "rastrigin", "rosenbrock", "saddle", "ackley", "easom", "branin"]
)
def test_the_twins_paint_the_same(name: str, visit: Visit) -> None:
    page = visit.open(RACE)
    grid, per, _ = grid_of(name)
    x, y = (
        a[0] + (a[-1] - a[0]) * (np.arange(SIDE) + 0.5) / SIDE
        for a in (grid.x.astype(float), grid.y.astype(float))
    )
    for theme in THEMES:
        wanted = picture(grid, per, palette(theme), x, y).astype(int)
        assert np.abs(painted(page, grid, per, theme) - wanted).max() <= 1


def colours_at(page: Page, places: list[list[float]], theme: str) -> NDArray[np.int_]:
    """What Python paints at places (x, y) of the map of SURFACE, from the grid that the page has:
    where it is zoomed in, a finer one."""
    grid, per, _ = grid_of("himmelblau", tilt=0.5)
    x, y, z = (np.array(part, dtype=np.float32) for part in page.evaluate(GRID))
    grid = replace(grid, x=x, y=y, z=z)
    made = [picture(grid, per, palette(theme), np.array([x]), np.array([y])) for x, y in places]
    return np.array([one[0, 0] for one in made], dtype=int)


def seen_places(page: Page) -> tuple[list[list[float]], list[list[float]]]:
    """Some places of what the map shows now: as shares of its sides, and as x and y."""
    ranges = page.evaluate(f"[{MAP}._fullLayout.xaxis.range, {MAP}._fullLayout.yaxis.range]")
    (left, right), (low, high) = ranges
    shares = np.random.default_rng(5).uniform(0.02, 0.98, (40, 2)).tolist()
    return shares, [[left + u * (right - left), low + v * (high - low)] for u, v in shares]


def is_painted_as_python_paints(page: Page, theme: str) -> bool:
    """Has the map, where it is now, at the screen's resolution, the colours of the relief?"""
    if not page.evaluate(RESTS):
        return False
    seen = np.array(page.evaluate(CANVAS, seen_places(page)[1]))
    wanted = colours_at(page, seen[:, 3:].tolist(), theme)
    return bool(np.abs(seen[:, :3] - wanted).max() <= 2)


@pytest.mark.parametrize("theme", THEMES)
def test_the_map_is_painted_where_it_is_and_follows_a_zoom(
    theme: str, fresh: Callable[..., Visit]
) -> None:
    visit = fresh(scheme=theme)
    page = visit.load(RACE)
    until(lambda: is_painted_as_python_paints(page, theme))
    page.evaluate(f"Plotly.relayout({MAP}, {{'xaxis.range': [2, 4], 'yaxis.range': [1, 3]}})")
    until(lambda: page.evaluate(f"{MAP}._fullLayout.xaxis.range[1] < 5"))
    until(lambda: is_painted_as_python_paints(page, theme))


def test_a_picture_of_the_map_holds_the_relief(visit: Visit) -> None:
    page = visit.open(RACE)
    until(lambda: is_painted_as_python_paints(page, "light"))
    shares, places = seen_places(page)
    left, top, wide, tall = page.evaluate(BOX)
    inside = [[left + u * wide, 1 - (top + (1 - v) * tall)] for u, v in shares]
    for kind in ("png", "svg"):
        made = page.evaluate(TAKEN, ["map", kind, "screen"])
        seen = np.array(page.evaluate(COLOURS, [made["url"], inside]))
        near = np.abs(seen - colours_at(page, places, "light")).max(axis=1) <= 4
        assert near.mean() > 0.7  # elsewhere lines and words lie on it


def test_a_stamp_is_another_picture_in_the_dark(fresh: Callable[..., Visit]) -> None:
    shown = set()
    for theme in THEMES:
        page = fresh(scheme=theme).load(RACE)
        style = "getComputedStyle(document.querySelector('#surface-button .stamp-shade'))"
        until(lambda page=page, style=style: page.evaluate(f"{style}.backgroundImage") != "none")
        shown.add(page.evaluate(f"{style}.backgroundImage"))
    assert len(shown) == 2
