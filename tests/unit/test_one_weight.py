"""Surfaces of one weight: what they are, what is said of them, and how they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pytest

from nnopt_viz.figures.curve import plain_curve, plain_steps, stamp
from nnopt_viz.figures.surface_json import facts
from nnopt_viz.judge.count import summary
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.events.collect import Log
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.one_weight import has_one_weight
from nnopt_viz.judge.outcome import Watch
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.judge.trace import trace
from nnopt_viz.race.codec import decode
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.events.event import Event
    from nnopt_viz.judge.outcome import Outcome

ONE = [name for name in SURFACES if SURFACES[name].family == "one weight"]
CURVE = "surface=local_and_global_minimum&"


def own(formula: str, more: str = "", bounds: str = "-2,2,-2,2") -> Call:
    text = f'formula(f="{formula}",bounds="{bounds}"{more})'
    return decode(f"surface={quote(text)}&run=sgd(lr=0.1)").surface


def told(query: str) -> tuple[list[Outcome], list[Event]]:
    scenario = decode(query)
    watch, log = Watch(scenario), Log(scenario)
    for chunk in simulate(scenario):
        log.see(watch.see(chunk))
    outcomes = watch.outcomes()
    return outcomes, log.events(outcomes)


def test_whether_there_is_one_weight_is_read_off_the_formula() -> None:
    assert [name for name in SURFACES if has_one_weight(SURFACES.call(name))] == ONE
    assert len(ONE) >= 7
    for formula, is_one in (
        ("x**2", True), ("sin(3*x) + abs(x)", True), ("where(x > 0, x, 1)", True),
        ("x**2 + y**2", False), ("y**2", False), ("3", False), ("maximum(x, y)", False),
    ):  # fmt: skip
        assert has_one_weight(own(formula)) is is_one, formula
    # as a knob moves through 0 the picture keeps its kind
    assert not has_one_weight(own("x**2 + b*y", ",b=0"))
    assert has_one_weight(own("(x - s)**2", ",s=0.5"))


@pytest.mark.parametrize(("formula", "words"), [
    ("x**4/4 - x**3/3 - x**2", "1 global, 1 local minimum found"),
    ("x**4 - 2*x**2 + x/2", "1 global, 1 local minimum found"),
    ("(x**2 - 1)**2", "2 global minima found"),
    ("x**3", "no minimum found in this region"),
    ("-x", "no minimum found in this region"),
    ("abs(x)", "1 global minimum found"),
    ("minimum(abs(x + 1), abs(x - 1) + 0.5)", "1 global, 1 local minimum found"),
    ("maximum(0, abs(x) - 1)", "global minima found over a stretch"),
    ("x**2*sin(20*x)", "1 global, 12 local minima found"),
])  # fmt: skip
def test_minima_are_counted_as_points_of_the_curve(formula: str, words: str) -> None:
    surface = own(formula)
    assert summary(surface) == words
    for minimum in find_minima(surface):
        assert minimum.y == 0
        assert minimum.kind in ("point", "area")
        beside = minimum.x + np.array([-1e-4, 1e-4])
        assert (evaluate(surface, beside, np.zeros(2)) >= minimum.loss - 1e-15).all()


def test_random_curves_have_as_many_minima_as_their_slope_turns_from_down_to_up() -> None:
    rng = np.random.default_rng(5)
    x = np.linspace(-2, 2, 40001)
    for _ in range(40):
        a, b, c = (round(float(v), 2) for v in rng.uniform((0.2, 1, -1), (2, 8, 1)))
        surface = own(f"{a}*sin({b}*x) + x**2/2 + ({c})*x")
        slope = evaluate(surface, x, np.zeros_like(x), 1)[1][0]
        turns = np.flatnonzero((slope[:-1] < 0) & (slope[1:] > 0))
        found = sorted(m.x for m in find_minima(surface))
        np.testing.assert_allclose(found, x[turns], atol=2e-4)
        assert sum(m.is_global for m in find_minima(surface)) >= (turns.size > 0)


def test_the_count_of_the_first_one_is_what_its_title_says() -> None:
    surface = SURFACES.call(ONE[0])
    assert summary(surface) == "1 global, 1 local minimum"
    places = [(m["x"], m["loss"], m["is_global"]) for m in facts(surface)["minima"]]
    np.testing.assert_allclose(places, [(2, 0, True), (-1, 2.25, False)], atol=1e-12)


def test_of_one_weight_only_x_is_judged() -> None:
    # y starts anywhere, and noise walks it about: the minimum is reached all the same
    outcomes, events = told(CURVE + "run=sgd(lr=0.05)&start=-1.9,2.6&steps=200")
    (one,) = outcomes
    assert one.text == "Settled in a local minimum"
    assert (one.x, one.y) == (pytest.approx(-1), 2.6)
    assert one.first_within == 24
    (caught,) = (event for event in events if event.kind == "caught")
    assert "the well of the local minimum at x = −1, loss 2.25" in caught.text
    ((noisy,), _) = told("surface=x_squared&run=sgd(lr=0.02)&noise=0.3&start=-2,40&steps=800")
    assert noisy.verdict == "global_minimum"
    assert noisy.y != 40
    ((rolls,), events) = told(CURVE + "run=momentum(lr=0.02)&start=-1.9,1&steps=200")
    assert rolls.text == "Reached the global minimum"
    (jump,) = (event for event in events if event.kind == "jumped")
    assert "the minimum at x = −1, loss 2.25, into that of x = 2" in jump.text


@pytest.mark.parametrize(("query", "text"), [
    (CURVE + "run=sgd(lr=0.1)&start=0,1", "Stopped at a maximum"),
    ("surface=x_squared&run=sgd(lr=1)&start=-1,2", "Goes round in a cycle of 2 steps"),
    ("surface=absolute_value&run=sgd(lr=0.05)", "Circles the global minimum"),
    ("surface=double_well&run=sgd(lr=0.05)", "Reached a global minimum"),
])  # fmt: skip
def test_what_becomes_of_a_run(query: str, text: str) -> None:
    assert [one.text for one in told(query + "&steps=300")[0]] == [text]


def test_a_level_stretch_is_called_one() -> None:
    formula = quote('formula(f="maximum(0,abs(x)-1)",bounds="-3,3,-3,3")')
    ((one,), _) = told(f"surface={formula}&run=sgd(lr=0.1)&start=-2,1&steps=100")
    assert one.text == "Reached a stretch of global minima"


def test_a_curve_has_no_ravine() -> None:
    _, events = told("surface=x_squared&run=sgd(lr=0.95)&run=rmsprop(lr=0.3)&start=-2,0&steps=60")
    assert "zigzag" not in {event.kind for event in events}
    assert all("ravine" not in event.text for event in events)


def test_newton_solves_along_x_alone() -> None:
    scenario = decode(CURVE + "run=newton(damping=0.5)&run=damped_newton&start=-1.5,1&steps=3")
    (chunk,) = simulate(scenario)
    x = -1.5
    for step in range(1, 4):
        x -= (x**3 - x**2 - 2 * x) / (3 * x**2 - 2 * x - 2 + 0.5)
        assert chunk.x[0, 0, step, 0] == pytest.approx(x, rel=1e-14)
        assert trace(scenario, 0, 0, step)[-1].value.tolist() == chunk.x[:, 0, step, 0].tolist()
    assert (chunk.x[1] == 1).all()
    assert chunk.loss[1, -1, 0] < chunk.loss[1, 0, 0]


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("name", ONE)
def test_the_curve_goes_through_its_minima_at_their_losses(name: str, scale: str) -> None:
    surface = SURFACES.call(name)
    made = plain_curve(surface, "light", scale)  # type: ignore[arg-type]
    meta, curve = made["layout"]["meta"], made["data"][1]
    assert meta["kind"] == "curve"
    assert meta["scale"] == scale
    x, slope = curve["x"], curve["customdata"]
    loss = evaluate(surface, x, np.zeros_like(x))
    np.testing.assert_array_equal(slope, evaluate(surface, x, np.zeros_like(x), 1)[1][0])
    above = (loss - meta["best"]) / meta["unit"]
    wanted = loss if scale == "linear" else np.log10(1 + np.maximum(above, 0))
    np.testing.assert_allclose(curve["y"], wanted, rtol=1e-6, atol=1e-12)
    assert {m.x for m in find_minima(surface)} <= set(x.tolist())
    low, high = made["layout"]["yaxis"]["range"]
    inside = (x >= meta["bounds"][0]) & (x <= meta["bounds"][1])
    assert low < curve["y"][inside].min()
    assert curve["y"][inside].max() < high + 1e-9
    steps = plain_steps(surface, "light")["layout"]
    assert steps["xaxis"]["range"] == made["layout"]["xaxis"]["range"]
    assert steps["margin"] == made["layout"]["margin"]  # so that x lies alike in both


def test_a_stamp_shows_the_ground_under_the_curve() -> None:
    share = stamp(SURFACES.call("x_squared"), 48)
    ground = share.sum(axis=0)
    assert ground.argmin() in (23, 24)
    assert ground[0] > 40 > 10 > ground.min() > 0
    np.testing.assert_allclose(ground, ground[::-1], atol=1e-6)
    assert (np.diff(share, axis=0) >= 0).all()  # no hole in it
