"""What height means: one of two scales, which the surface chooses."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nnopt_viz.compose import calls
from nnopt_viz.figures import heights
from nnopt_viz.figures.heights import SCALES, chosen, evenness, extent, on_one_scale, sheet, suited
from nnopt_viz.figures.recorded import record
from nnopt_viz.figures.scene import plain_scene
from nnopt_viz.figures.surface_json import surface_json
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.race.codec import decode
from nnopt_viz.surfaces import SURFACES, Surface

TEXTS = {
    "-x": "linear",
    "3*y - x": "linear",
    "1e-9*x": "linear",
    "1e9*(x + y)": "linear",
    "x**2 + y**2": "linear",
    "100*(x**2 + 4*y**2)": "linear",
    "x*y": "linear",
    "abs(x) + abs(y)": "linear",
    "7 + 0*x": "linear",
    "exp(4*x)": "log",
    "(1 - x)**2 + 100*(y - x**2)**2": "log",
    "x**8 + y**8": "log",
}
NAMES = {
    "linear": ("bowl", "sum_squares", "saddle", "rastrigin", "ackley", "schwefel", "plateau"),
    "log": ("rosenbrock", "himmelblau", "beale", "goldstein_price", "zakharov", "cliff"),
}


@pytest.mark.parametrize(("text", "scale"), TEXTS.items())
def test_slopes_and_bowls_are_linear_and_valleys_below_steep_walls_log(
    text: str, scale: str
) -> None:
    assert chosen(calls.surface("formula", f=text)) == scale


@pytest.mark.parametrize("scale", SCALES)
def test_surfaces_that_are_known_for_it(scale: str) -> None:
    for name in NAMES[scale]:
        assert chosen(SURFACES.call(name)) == scale, name


@pytest.mark.parametrize("name", SURFACES)
def test_the_chosen_scale_shares_the_ground_about_as_evenly_as_the_other(name: str) -> None:
    surface = SURFACES.call(name)
    even = {}
    for scale in SCALES:
        grid = sheet(surface, 101, scale)
        even[scale] = evenness(grid.z / grid.top)
    picked = chosen(surface)
    assert even[picked] >= max(even.values()) - heights.CLEARLY - 0.01


@pytest.mark.parametrize("name", SURFACES)
def test_the_scale_stays_while_a_knob_slides(name: str) -> None:
    surface = SURFACES.call(name)
    for knob in SURFACES[name].knobs:
        for end in (knob.low, knob.high):
            assert chosen(surface.replace(**{knob.name: end})) == chosen(surface)


def test_a_drift_does_not_change_the_scale_of_a_formula() -> None:
    text = "(1 - s)*(x + y) + s*exp(4*x)"
    states = [calls.surface("formula", f=text).replace(s=s) for s in (0.0, 0.5, 1.0)]
    assert {chosen(state) for state in states} == {"linear"}


def test_a_declaration_may_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    declared: Surface = dataclasses.replace(SURFACES["bowl"], scale="log")
    chosen.cache_clear()
    monkeypatch.setattr(heights, "SURFACES", {"bowl": declared})
    assert chosen(SURFACES.call("bowl")) == "log"
    chosen.cache_clear()


def test_losses_that_do_not_differ_are_linear() -> None:
    for loss in (np.zeros(0), np.full(9, 3.0)):
        assert suited(loss) == "linear"


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", SURFACES)
def test_heights_are_the_losses_on_either_scale(name: str, scale: heights.Scale) -> None:
    surface = SURFACES.call(name)
    grid = sheet(surface, 31, scale)
    assert (grid.scale, grid.best, grid.top, grid.unit) == (scale, *extent(surface, scale))
    loss = np.asarray(evaluate(surface, *np.meshgrid(grid.x.astype(float), grid.y.astype(float))))
    above = grid.z if scale == "linear" else 10.0**grid.z - 1
    error = 2e-4 * grid.top * (1 if scale == "linear" else 10.0**grid.top)
    assert grid.best + grid.unit * above == pytest.approx(loss, abs=grid.unit * error)
    assert grid.height_of(loss) == pytest.approx(grid.z, abs=2e-4 * grid.top)


@pytest.mark.parametrize("scale", [None, *SCALES])
@pytest.mark.parametrize("levels", [8, 16, 32])
def test_the_page_may_ask_for_a_scale_and_for_levels(
    scale: heights.Scale | None, levels: int
) -> None:
    made = json.loads(surface_json(SURFACES.call("rosenbrock"), "light", scale, levels))
    for figure in (made["map"], made["scene"]):
        assert figure["layout"]["meta"]["scale"] == (scale or "log")
        assert figure["layout"]["meta"]["top"] == made["facts"]["top"]
    lines = made["map"]["data"][0]["contours"]
    assert lines["size"] == pytest.approx(made["facts"]["top"] / levels)


def test_the_vertical_scale_says_that_it_is_a_log() -> None:
    def words(name: str) -> list[str]:
        return list(plain_scene(SURFACES.call(name), "light")["data"][-1]["text"])

    assert words("rosenbrock")[2:] == ["0", "10", "100", "1000", "loss (log)"]
    assert words("rastrigin")[2:] == ["0", "20", "40", "60", "loss"]


def test_states_of_a_moving_surface_stand_on_one_scale() -> None:
    low, high = (sheet(SURFACES.call("bowl", curvature=c), 21) for c in (1.0, 3.0))
    made = on_one_scale({0.0: low, 1.0: high})
    assert made[0.0].unit == made[1.0].unit
    assert made[0.0].top == made[1.0].top == pytest.approx(1.0)
    assert made[0.0].highest == made[1.0].highest
    for before, after in ((low, made[0.0]), (high, made[1.0])):
        loss = before.best + before.unit * before.z.astype(float)
        assert after.height_of(loss) == pytest.approx(after.z, abs=1e-5)


def test_a_race_on_a_moving_linear_surface_keeps_its_scale() -> None:
    made = record(decode("surface=few_examples&run=adam(lr=0.1)&drift=linear&steps=20"))
    assert made.moves
    assert {(g.best, g.unit, g.top, g.scale) for g in made.grounds} == {
        (made.grounds[0].best, made.grounds[0].unit, made.grounds[0].top, "linear")
    }
