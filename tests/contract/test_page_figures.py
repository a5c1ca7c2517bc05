"""The figures of the page, over all surfaces and both themes."""

from __future__ import annotations

import json
import re
import struct
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from nnopt_viz.compose import calls
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.written import shown
from nnopt_viz.figures import contour_figure, curves_figure, scene_figure, surface_json, ticks
from nnopt_viz.figures.curve import plain_curve, plain_steps
from nnopt_viz.figures.heights import NARROWEST, WIDEST, extent, height, is_unequal
from nnopt_viz.figures.mathml import mathml
from nnopt_viz.figures.palette import PALETTES, THEMES
from nnopt_viz.figures.plain import figure_of
from nnopt_viz.figures.surface_json import facts
from nnopt_viz.figures.thumbnail import SIDE, STAMPS, stamp_style, stamps, thumbnails
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.one_weight import has_one_weight
from nnopt_viz.surfaces import SURFACES
from tests.support.paths import ASSETS

STYLE = ASSETS / "css" / "style.css"
# float32 has 24 bits: heights up to about 30 are kept to 30 * 2**-24.
FLOAT32 = 2e-6


@pytest.mark.parametrize("name", SURFACES)
def test_the_map_is_sent_small_and_covers_every_shape_of_view(name: str) -> None:
    surface = SURFACES.call(name)
    trace = contour_figure(surface, "light").data[0]
    assert trace.z.dtype == trace.x.dtype == trace.y.dtype == np.float32
    assert trace.z.shape == (200, 200)
    assert np.isfinite(trace.z).all()
    left, right, low, high = SURFACES[name].bounds
    wide, tall = trace.x[-1] - trace.x[0], trace.y[-1] - trace.y[0]
    assert trace.x[0] <= left
    assert trace.x[-1] >= right
    assert trace.y[0] <= low
    assert trace.y[-1] >= high
    if not is_unequal(surface):
        assert wide >= WIDEST * (high - low) * (1 - FLOAT32)
        assert tall >= (right - left) / NARROWEST * (1 - FLOAT32)


@pytest.mark.parametrize("name", SURFACES)
def test_the_lowest_minimum_stands_at_height_0(name: str) -> None:
    surface = SURFACES.call(name)
    meta = contour_figure(surface, "light").layout.meta
    lowest = min((m.loss for m in find_minima(surface)), default=meta["best"])
    assert meta["best"] <= lowest
    assert height(np.array([meta["best"]]), meta["best"])[0] == 0
    assert meta["top"] > 0


def above(meta: dict[str, Any]) -> float:
    """The height of all that there is, in units of loss."""
    return float(meta["top"] if meta["scale"] == "linear" else 10 ** meta["top"] - 1)


@pytest.mark.parametrize("scale", ["1", "1e-3", "1e-9", "1e9"])
@pytest.mark.parametrize("text", ["x**2 + y**2", "-x**2 - y**2", "x*y - 3"])
def test_the_scale_goes_from_the_lowest_to_the_highest_loss(text: str, scale: str) -> None:
    surface = calls.surface("formula", f=f"{scale}*({text})")
    left, right, low, high = surface_entry(surface).bounds
    corners = [evaluate(surface, x, y) for x in (left, 0, right) for y in (low, 0, high)]
    for figure in (contour_figure(surface, "light"), scene_figure(surface, "light")):
        meta, z = figure.layout.meta, figure.data[0].z
        highest = meta["best"] + meta["unit"] * above(meta)
        assert meta["best"] == pytest.approx(min(corners), rel=1e-6, abs=1e-9 * max(corners))
        assert highest == pytest.approx(max(corners), rel=1e-6, abs=1e-9 * -min(corners))
        assert np.ptp(z) > 0.2  # not one colour
    if meta["unit"] == 1 and meta["scale"] == "log":
        words = [w for t in figure.data if t.type == "scatter3d" for w in t.text]
        assert shown(min(corners), 3) in words


@pytest.mark.parametrize("theme", THEMES)
def test_map_and_scene_agree_on_what_height_means(theme: str) -> None:
    surface = SURFACES.call("himmelblau", tilt=0.5)
    contour, scene = contour_figure(surface, theme), scene_figure(surface, theme)
    for key in ("best", "top", "bounds"):
        assert contour.layout.meta[key] == scene.layout.meta[key]
    sheet = scene.data[0]
    assert sheet.z.dtype == np.float32
    assert 60 <= sheet.z.shape[0] <= 100
    inside = height(np.array([0.0, 9.0]), 0.0)
    assert inside == pytest.approx([0, 1], abs=FLOAT32)


def test_zoom_stays_on_a_surface_and_the_camera_everywhere() -> None:
    tilted = SURFACES.call("himmelblau", tilt=1.0)
    zooms = [contour_figure(tilted, theme).layout.uirevision for theme in THEMES]
    zooms += [contour_figure(SURFACES.call("himmelblau"), "light").layout.uirevision]
    assert set(zooms) == {"himmelblau"}
    assert {curves_figure(theme).layout.uirevision for theme in THEMES} == {"race"}
    cameras = {
        scene_figure(SURFACES.call(name), "dark").layout.scene.uirevision for name in SURFACES
    }
    assert cameras == {"race"}


@pytest.mark.parametrize("a", [0.5, 2.0, 3.0, -3.0])
def test_the_key_begins_at_the_lowest_loss_that_is_in_view(a: float) -> None:
    """The minimum of Rosenbrock's function with a beyond 1.41 lies outside its region."""
    made = calls.surface("rosenbrock", a=a)
    left, right, low, high = surface_entry(made).bounds
    lowest = evaluate(
        made, *np.meshgrid(np.linspace(left, right, 801), np.linspace(low, high, 801))
    )
    best, top, _ = extent(made, "log")
    assert -1e-9 <= lowest.min() - best <= 0.01
    assert 10**top - 1 + best == pytest.approx(lowest.max())


def test_heights_stay_finite_where_a_loss_is_not() -> None:
    z = height(np.array([np.nan, np.inf, -np.inf, -5.0, 0.0]), 0.0)
    assert np.isfinite(z).all()
    assert z[2] == z[3] == z[4] == 0


def test_rounding_noise_is_no_label() -> None:
    assert [m["loss"] for m in facts(SURFACES.call("himmelblau"))["minima"]] == [0.0] * 4


@pytest.mark.parametrize("name", SURFACES)
def test_figures_travel_small_and_without_lists_of_heights(name: str) -> None:
    text = surface_json(SURFACES.call(name), "light")
    assert len(text) < 460_000  # a tenth of it the 741 minima of Langermann's
    made = json.loads(text)
    assert made["facts"]["bounds"] == list(SURFACES[name].bounds)
    assert made["summary"]
    if has_one_weight(SURFACES.call(name)):
        assert [trace["type"] for trace in made["map"]["data"]] == ["scatter", "scatter"]
        assert all(trace[axis].keys() == {"dtype", "bdata"}
                   for trace in made["map"]["data"] for axis in "xy")  # fmt: skip
        assert made["scene"]["data"] == []
        return
    for figure, shape in ((made["map"], "200, 200"), (made["scene"], "96, 96")):
        assert figure["data"][0]["z"].keys() == {"dtype", "bdata", "shape"}
        assert (figure["data"][0]["z"]["dtype"], figure["data"][0]["z"]["shape"]) == ("f4", shape)
        # what the browser compares before it exchanges heights alone
        assert figure["layout"]["uirevision"]
        assert figure["layout"]["font"]["color"]
    assert [trace["type"] for trace in made["scene"]["data"]] == ["surface", "mesh3d", "scatter3d"]


@pytest.mark.parametrize("name", ["bowl", "himmelblau"])
def test_lines_and_colours_go_on_around_the_region(name: str) -> None:
    """A wide view shows more than the region, and no plateau there."""
    figure = contour_figure(SURFACES.call(name), "light")
    trace, meta = figure.data[0], figure.layout.meta
    around = meta["relief"]["stops"][-1][0] * meta["top"]
    assert trace.contours.end >= min(trace.z.max(), around - trace.contours.size)
    assert trace.contours.size == meta["top"] / 16
    assert (trace.z > meta["top"]).any()


@pytest.mark.parametrize("name", SURFACES)
def test_what_is_sent_passes_plotlys_checks(name: str) -> None:
    surface = SURFACES.call(name)
    sent = json.loads(surface_json(surface, "dark"))
    if has_one_weight(surface):
        for part, plain in (("map", plain_curve), ("scene", plain_steps)):
            checked = figure_of(plain(surface, "dark")).to_json(remove_uids=False)
            assert sent[part] == json.loads(checked)
        return
    for part, figure in (("map", contour_figure), ("scene", scene_figure)):
        checked = json.loads(figure(surface, "dark").to_json(remove_uids=False))
        if part == "map":  # the page paints the relief itself
            (under,) = checked["layout"].pop("images")
            assert under["source"].startswith("data:image/png;base64,")
            for axis in ("xaxis", "yaxis"):  # and asks for what lies beyond the grid
                for limit in ("minallowed", "maxallowed"):
                    del checked["layout"][axis][limit]
        assert sent[part] == checked


def test_the_skirt_hangs_from_the_rim_all_round() -> None:
    sheet, skirt, _ = scene_figure(SURFACES.call("himmelblau"), "light").data
    count = skirt.x.size // 2
    rim, hem = skirt.z[:count], skirt.z[count:]
    assert rim.max() <= sheet.z.max()
    assert len(set(hem.tolist())) == 1
    assert set(skirt.intensity[:count]) == {1}
    assert (skirt.x[0], skirt.y[0]) == (skirt.x[count - 1], skirt.y[count - 1])
    corners = {(float(x), float(y)) for x, y in zip(skirt.x, skirt.y, strict=True)}
    assert {(float(x), float(y)) for x in sheet.x[[0, -1]] for y in sheet.y[[0, -1]]} <= corners


@pytest.mark.parametrize("theme", THEMES)
def test_tokens_are_the_same_in_python_and_in_the_style_sheet(theme: str) -> None:
    rules = {
        selector: dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", body))
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE.read_text())
    }
    tokens = next(v for k, v in rules.items() if f'[data-theme="{theme}"]' in k and "paper" in v)
    palette = PALETTES[theme]
    for name in ("paper", "rail", "hairline", "quiet", "ink", "ink2", "ink3", "halo"):
        assert tokens[name] == getattr(palette, name)
    assert tuple(tokens[f"run-{i}"] for i in range(8)) == palette.runs
    assert tuple(tokens[f"ramp-{i}"] for i in range(4)) == palette.ramp


@pytest.mark.parametrize("name", SURFACES)
def test_formulas_are_well_formed_markup(name: str) -> None:
    entry = SURFACES[name]
    markup = mathml(entry.formula, ("x", "y", *(knob.name for knob in entry.knobs)))
    ET.fromstring(f"<p>{markup}</p>")
    letters = re.sub(r"<[^>]*>", "", markup)
    for knob in entry.knobs:
        assert knob.name in letters


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("x - (y - 1)", "f=x−(y−1)"),
        ("x*(y*2)", "f=x·(y·2)"),
        ("(x + 1)**2", "f=(x+1)2"),
        ("-x**2", "f=−x2"),
        ("(-x)**2", "f=(−x)2"),
        ("-2*x + 1", "f=−2x+1"),
        ("x*(-2)", "f=x·(−2)"),
        ("x/(y + 1)", "f=xy+1"),
        ("2*pi*x", "f=2πx"),
        ("x*(1/3)", "f=x·13"),
        ("where(x < 1, 0, y)", "f={0ifx<1yotherwise"),
        ("maximum(x, 0)", "f=max(x,0)"),
        ("1e-8*x", "f=10−8x"),
        ("<b>", "<b>"),
    ],
)
def test_typeset_order_and_parentheses(formula: str, wanted: str) -> None:
    letters = re.sub(r"<[^>]*>", "", mathml(formula, ("x", "y")))
    for mark, plain in (("&#x2062;", ""), ("&#x2061;", ""), ("&#xA0;", ""), ("&lt;", "<"),
                        ("&gt;", ">"), (" ", "")):  # fmt: skip
        letters = letters.replace(mark, plain)
    assert letters == wanted


def test_a_formula_that_explodes_is_shown_as_text() -> None:
    formula = "x"
    for _ in range(12):
        formula = f"({formula})*({formula}+1)" if len(formula) < 900 else formula
    assert mathml(formula, ("x",))


def test_thumbnails_are_small_pictures() -> None:
    for name in SURFACES:
        for made in thumbnails(SURFACES.call(name)).values():
            assert made.startswith("data:image/png;base64,iVBORw0KGgo")
            assert len(made) < 4500


def test_the_stamps_of_a_menu_are_one_picture() -> None:
    styles = [stamp_style(SURFACES.call(name), "?v") for name in SURFACES]
    changed = stamp_style(SURFACES.call("rosenbrock", b=7.0), "?v")
    for theme in THEMES:
        width, height = struct.unpack(">II", stamps(theme)[16:24])
        assert (width, height) == (SIDE, SIDE * len(SURFACES))
        assert len(stamps(theme)) < 80_000
        assert {style[f"--stamp-{theme}"] for style in styles} == {f"url({STAMPS[theme]}?v)"}
        assert "data:" in changed[f"--stamp-{theme}"]
    assert stamps("light") != stamps("dark")
    places = [style["backgroundPosition"] for style in styles]
    assert (places[0], places[-1], len(set(places))) == ("0 0%", "0 100%", len(SURFACES))


@pytest.mark.parametrize(
    ("low", "high", "size"), [(-6, 6, 2), (-2, 2, 1), (0, 1, 0.2), (-500, 500, 200)]
)
def test_ticks_are_round(low: float, high: float, size: float) -> None:
    assert ticks.step(low, high) == pytest.approx(size)
    assert low < ticks.first(low, high) < ticks.last(low, high) < high
    assert ticks.label(-4.0) == "−4"


def test_other_words_are_another_trace() -> None:
    """Plotly writes words that are new to a trace too small, and makes a class of the uid."""
    found = {}
    for name in ("booth", "rosenbrock", "ackley"):
        words = scene_figure(SURFACES.call(name), "light").data[-1]
        assert re.fullmatch(r"\w+", words.uid)
        found[tuple(words.text)] = words.uid
    assert len(set(found.values())) == len(found) > 1
