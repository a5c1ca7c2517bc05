"""Laws that every verdict obeys, over random races; a failure prints the race as a link."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz import Scenario
from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import units
from nnopt_viz.judge.outcome import Outcome, outcomes
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.judge.thresholds import thresholds
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.race.codec import encode
from nnopt_viz.surfaces import SURFACES
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nnopt_viz.declare.knobs import Call

CASES = json.loads((Path(__file__).parent / "verdicts.json").read_text("utf-8"))
MINIMA = ("global_minimum", "local_minimum")
RUNS = 8  # of a race: each is one scenario of a law
STEPS = (12, 60, 300, 1000)
SQUARES = (
    "({a}*x + {b}*y + {c})**2",
    "abs({a}*x + {b}*y + {c})",
    "maximum({a}*x + {b}*y, {c})",
    "exp({a}*x + {b}*y)",
    "log(1 + exp({a}*x + {b}*y + {c}))",
    "sqrt(({a}*x + {c})**2 + ({b}*y)**2)",
    "({a}*x + {b}*y + {c})**4",
)  # each is convex, and so is a sum of them
ROUGH = (
    *SQUARES,
    "{a}*sin({b}*x + {c}*y)",
    "({a}*x*y + {b})**2",
    "-{a}*x**2",
    "abs(x*y - {c})",
    "{a}*x**3",
    "tanh({b}*x)",
)


SMOOTH = tuple(part for part in ROUGH if not re.search("abs|max|sqrt", part))


def judged(scenario: Scenario) -> list[Outcome]:
    return outcomes(scenario, simulate(scenario))


@lru_cache(maxsize=4)
def ways(scenario: Scenario) -> Any:
    """Positions of every run, shape (2, runs, rows)."""
    return np.concatenate([chunk.x[:, :, :, 0] for chunk in simulate(scenario)], axis=2)


def races(seed: int, kind: str, **given: Any) -> Iterator[tuple[Scenario, list[Outcome]]]:
    """Random races of RUNS runs each: as many runs as there are scenarios."""
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((seed, index))
        scenario = dataclasses.replace(race(rng, kind), **given)
        yield scenario, judged(scenario)


def race(rng: np.random.Generator, kind: str) -> Scenario:
    place = surface_of(rng, kind)
    xl, xh, yl, yh = surface_entry(place).bounds
    start = point(float(f"{rng.uniform(xl, xh):.4g}"), float(f"{rng.uniform(yl, yh):.4g}"))
    names = (
        ["sgd"]
        if kind in ("sgd", "smooth")
        else ["momentum"]
        if kind == "heavy"
        else list(OPTIMIZERS)
    )
    runs = []
    for name in rng.choice(names, RUNS):
        factor = 10 ** (rng.uniform(-1, 0.6) if rng.random() < 0.8 else rng.uniform(-6, 2))
        rate = min(max(float(f"{good_rate(place, str(name)) * factor:.3g}"), 1e-9), 100.0)
        extra = {"momentum": round(float(rng.uniform(0.9, 0.999)), 4)} if kind == "heavy" else {}
        runs.append(run(str(name), lr=rate, **extra))
    return Scenario(place, tuple(runs), start, steps=int(rng.choice(STEPS)))


def surface_of(rng: np.random.Generator, kind: str) -> Call:
    if kind == "convex" or rng.random() < 0.4:
        convex = [name for name in SURFACES if SURFACES[name].convex]
        if kind == "convex" and rng.random() < 0.4:
            return surface(str(rng.choice(convex)))
        parts = SQUARES if kind == "convex" else SMOOTH if kind in ("smooth", "heavy") else ROUGH
        return surface("formula", f=formula(rng, parts))
    names = [n for n in SURFACES if kind not in ("smooth", "heavy") or not SURFACES[n].kinked]
    return surface(str(rng.choice(names)))


def formula(rng: np.random.Generator, parts: tuple[str, ...]) -> str:
    """A sum of a few of the parts with numbers of few digits put in."""
    chosen = rng.choice(parts, int(rng.integers(1, 4)))
    numbers = {name: f"({rng.integers(-30, 31) / 10:g})" for name in "abc"}
    return " + ".join(str(part).format(**numbers) for part in chosen)


def says(scenario: Scenario, outcome: Outcome) -> str:
    one = dataclasses.replace(scenario, runs=(scenario.runs[outcome.run],))
    return f"/?{encode(one)}\n{outcome.verdict}: {outcome.text}, end ({outcome.x}, {outcome.y})"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"][:40])
def test_the_cases_have_their_right_verdict(case: dict[str, Any]) -> None:
    (outcome,) = judged(Scenario.from_query(case["query"].replace("+", "%2B")))
    assert outcome.verdict in case["right"], case["why"]


def test_a_convex_surface_has_no_local_minimum_and_no_saddle() -> None:
    for scenario, found in races(1, "convex"):
        for outcome in found:
            assert outcome.verdict not in ("local_minimum", "saddle"), says(scenario, outcome)


def test_who_does_not_move_is_not_moving() -> None:
    for scenario, found in races(2, "any"):
        x = ways(scenario)
        for outcome in found:
            if (x[:, outcome.run] == x[:, outcome.run, :1]).all():
                assert outcome.verdict not in ("moving", "left", "cycle"), says(scenario, outcome)


# formula -> how far a point is from its lowest minima: points, lines, rings, kinked or not
KNOWN: dict[str, Callable[[Any, float, float], Any]] = {
    "abs(x - {a}) + abs(y - {b})": lambda p, a, b: np.hypot(p[0] - a, p[1] - b),
    "maximum(abs(x - {a}), 3*abs(y - {b}))": lambda p, a, b: np.hypot(p[0] - a, p[1] - b),
    "sqrt((x - {a})**2 + 9*(y - {b})**2)": lambda p, a, b: np.hypot(p[0] - a, p[1] - b),
    "(x - {a})**2 + 50*(y - {b})**2": lambda p, a, b: np.hypot(p[0] - a, p[1] - b),
    "(x - {a})**4 + (y - {b})**2": lambda p, a, b: np.hypot(p[0] - a, p[1] - b),
    "(x - {a})**2": lambda p, a, b: np.abs(p[0] - a),
    "abs(y - {b})": lambda p, a, b: np.abs(p[1] - b),
    "((x - {a})**2 + (y - {b})**2 - 0.25)**2": lambda p, a, b: np.abs(
        np.hypot(p[0] - a, p[1] - b) - 0.5
    ),
}


def test_who_stands_at_the_lowest_minimum_has_reached_it() -> None:
    compared = 0
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((3, index))
        text = list(KNOWN)[index % len(KNOWN)]
        a, b = (float(v) for v in rng.integers(-10, 11, 2) / 10)
        made = race(rng, "any")
        place = surface("formula", f=text.format(a=f"({a})", b=f"({b})"))
        reach = 10 ** rng.uniform(-4, 0)
        x, y = (float(v + reach * rng.normal()) for v in (a, b))
        made = dataclasses.replace(made, surface=place, start=point(x, y))
        limits, way = thresholds(place, None), ways(made)
        for outcome in judged(made):
            tail = way[:, outcome.run, -max(25, made.steps // 10 + 1) :]
            moved = np.hypot(*(tail.max(axis=1) - tail.min(axis=1)))
            away = KNOWN[text](tail, a, b).max()
            if moved <= 0.05 * limits.still and away < 0.99 * limits.still:
                compared += 1
                assert outcome.verdict == "global_minimum", says(made, outcome)
    assert compared > SCENARIOS // 20


def test_no_end_lies_below_the_lowest_that_is_known() -> None:
    case = 'surface=formula(f="x**2 %2B abs(y)")&run=sgd(lr=0.1)'  # its minimum is found to 1e-14
    one = Scenario.from_query(case)
    for scenario, found in [(one, judged(one)), *races(5, "any")]:
        xl, xh, yl, yh = surface_entry(scenario.surface).bounds
        for outcome in found:
            if outcome.gap is not None and xl <= outcome.x <= xh and yl <= outcome.y <= yh:
                assert outcome.gap >= 0, says(scenario, outcome)


@pytest.mark.parametrize("text", KNOWN)
def test_who_starts_on_a_maximum_is_told_so(text: str) -> None:
    place = surface("formula", f=f"-({text.format(a=0.5, b=0.5)})")
    top = point(1.0, 0.5) if "0.25" in text else point(0.5, 0.5)  # on the ring, or in the middle
    made = Scenario(place, (run("sgd", lr=0.1),), top, steps=20)
    (outcome,) = judged(made)
    assert (outcome.verdict, outcome.short) == ("saddle", "maximum"), says(made, outcome)


def test_who_walks_away_has_not_stopped_however_short_the_way_is_yet() -> None:
    for index in range(SCENARIOS):
        rng = np.random.default_rng((48, index))
        a, b = rng.choice([1.0, -1.0], 2) * rng.uniform(0.3, 2, 2)
        a = min(a, b, key=lambda v: v > 0) if max(a, b) < 0 else -abs(a)  # down along x at least
        b *= index % 4 > 0  # without b: a line of maxima
        text = f"({a:.3f})*(x - 0.5)**2 + ({b:.3f})*(y - 0.5)**2"
        away = 10 ** rng.uniform(-6, -4)
        rate, steps = round(float(rng.uniform(0.1, 0.4)), 3), int(rng.integers(1, 9))
        for far in (away, 0.0):
            made = Scenario(
                surface("formula", f=text), (run("sgd", lr=rate),), point(0.5 + far, 0.5),
                steps=steps if far else 20,
            )  # fmt: skip
            (outcome,) = judged(made)
            is_off = steps * math.log1p(2 * rate * abs(float(f"{a:.3f}"))) > math.log(1.1)
            if far == 0.0 or is_off:
                assert outcome.verdict == ("moving" if far else "saddle"), says(made, outcome)


def test_who_swings_to_rest_on_a_saddle_stays_there() -> None:
    """A swing is farther out at times than a while before, and yet it leads nowhere."""
    compared = 0
    for index in range(SCENARIOS):
        rng = np.random.default_rng((49, index))
        a, b, rate, keeps = rng.uniform((0.3, 0.3, 0.01, 0.5), (2, 2, 0.3, 0.95)).round(3).tolist()
        steps = int(rng.integers(100, 500))
        x, speed, way = 1.0, 0.0, [1.0]
        for _ in range(steps):
            speed = keeps * speed + 2 * a * x
            x -= rate * speed
            way.append(x)
        last = np.abs(way[-max(25, steps // 10 + 1) :])
        if 1e-9 < last.max() < 2e-5:  # so close that it stands, whichever way it walks
            made = Scenario(
                surface("formula", f=f"{a}*x**2 - {b}*y**2"),
                (run("momentum", lr=rate, momentum=keeps),), point(1.0, 0.0), steps=steps,
            )  # fmt: skip
            (outcome,) = judged(made)
            assert outcome.verdict == "saddle", says(made, outcome)
            compared += 1
    assert compared > SCENARIOS // 20


def test_a_way_leads_down_from_every_saddle() -> None:
    for scenario, found in races(4, "any"):
        for outcome in found:
            if outcome.verdict == "saddle":
                assert outcome.minimum is not None
                at = np.array([outcome.minimum["x"], outcome.minimum["y"]])
                assert walks_down(scenario.surface, at), says(scenario, outcome)


def walks_down(place: Call, at: Any) -> bool:
    """Does descent with short steps lead from beside a point to clearly lower ground?"""
    unit, across = units(place), thresholds(place, None).near / 0.02
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    top = float(evaluate(place, *at))
    for reach in (1e-2, 1e-3, 1e-4, 1e-5):
        size = reach * across
        around = at[:, None] + size * unit[:, None] * np.stack([np.cos(angle), np.sin(angle)])
        loss = evaluate(place, *around)
        if loss.min() > top:
            continue
        x = around[:, loss.argmin()]
        for _ in range(40):
            value, slope = evaluate(place, x[0], x[1], 1)
            step = size * slope / max(np.hypot(*slope), 1e-300)
            while evaluate(place, *(x - step)) > value and np.hypot(*step) > 1e-9 * size:
                step /= 2
            x = x - step
        if float(evaluate(place, *x)) < top - 16 * np.spacing(abs(top)):
            return True
    return False


def test_a_minimum_reached_by_sgd_below_its_edge_survives_ten_times_the_steps() -> None:
    for scenario, found in races(5, "smooth"):
        later = dataclasses.replace(scenario, steps=10 * scenario.steps)
        longer = None
        for outcome in found:
            if outcome.verdict not in MINIMA or outcome.minimum is None:
                continue
            hessian = evaluate(scenario.surface, outcome.x, outcome.y, 2)[2]
            if scenario.runs[outcome.run].number("lr") * np.linalg.eigvalsh(hessian)[1] < 2:
                longer = judged(later) if longer is None else longer
                assert longer[outcome.run].verdict == outcome.verdict, says(scenario, outcome)


def test_what_settles_with_heavy_momentum_stays() -> None:
    for scenario, found in races(6, "heavy"):
        later = dataclasses.replace(scenario, steps=2 * scenario.steps)
        limits, unit = thresholds(scenario.surface, None), units(scenario.surface)
        for outcome in found:
            if outcome.verdict in MINIMA and outcome.minimum is not None:
                way = ways(later)[:, outcome.run, scenario.steps :]
                at = np.array([outcome.minimum["x"], outcome.minimum["y"]])
                away = np.hypot(*((way - at[:, None]) / unit[:, None]))
                assert away.max() <= 1.5 * limits.near, says(scenario, outcome)


PAIRS = [
    ("({a}*x + y + {c})**2", "({a})**2*x**2 + 2*({a})*x*y + y**2 + 2*({c})*({a}*x + y) + ({c})**2"),
    ("(x*y - {c})**2", "x**2*y**2 - 2*({c})*x*y + ({c})**2"),
    ("(x**2 + y**2 - {c})**2", "x**4 + y**4 + 2*x**2*y**2 - 2*({c})*(x**2 + y**2) + ({c})**2"),
    ("(x - {a})**2 + ({b}*y)**2 + {c}", "{c} + ({b})**2*y**2 + x**2 - 2*({a})*x + ({a})**2"),
    ("cos({a}*x) + {b}*y**2", "1 - 2*sin({a}*x/2)**2 + {b}*y*y"),
    ("exp({a}*x) + exp(-({a})*x) + y**2", "2*cosh({a}*x) + y*y"),
    ("abs({a}*x - y) + {b}*x**2", "maximum({a}*x - y, y - {a}*x) + {b}*x*x"),
    ("(x**2 - {c})**2 + y**2", "x**4 - 2*({c})*x**2 + ({c})**2 + y**2"),
]  # fmt: skip


def test_two_ways_of_writing_a_surface_have_one_verdict() -> None:
    compared = 0
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((7, index))
        numbers = {name: f"({rng.integers(-30, 31) / 10:g})" for name in "abc"}
        made = race(rng, "any")
        pair = []
        for text in PAIRS[index % len(PAIRS)]:
            place = surface("formula", f=text.format(**numbers))
            start = point(
                *(round(float(v), 3) for v in np.random.default_rng(index).uniform(-2, 2, 2))
            )
            pair.append(dataclasses.replace(made, surface=place, start=start))
        first, second = (ways(scenario) for scenario in pair)
        found = [judged(scenario) for scenario in pair]
        for a, b in zip(*found, strict=True):
            with np.errstate(invalid="ignore"):
                same = np.nanmax(np.abs(first[:, a.run] - second[:, a.run]), initial=0.0) <= 1e-9
            if same and (np.isnan(first[:, a.run]) == np.isnan(second[:, a.run])).all():
                compared += 1
                assert a.verdict == b.verdict, f"{says(pair[0], a)}\n{says(pair[1], b)}"
    assert compared > SCENARIOS // 4


def test_sgd_does_not_care_for_the_unit_of_the_loss() -> None:
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((8, index))
        made = race(rng, "sgd")
        made = own(made)
        power = int(rng.integers(-60, 61))
        text = str(made.surface["f"])
        scaled = dataclasses.replace(
            made,
            surface=made.surface.replace(f=f"{2.0**power!r}*({text})"),
            runs=tuple(r.replace(lr=r.number("lr") / 2.0**power) for r in made.runs),
        )
        plain = dataclasses.replace(made, surface=made.surface.replace(f=f"1*({text})"))
        for a, b in zip(judged(plain), judged(scaled), strict=True):
            assert (a.verdict, a.first_within) == (b.verdict, b.first_within), says(scaled, b)


def _turned(name: re.Match[str]) -> str:
    return {"x": "y", "y": "x"}[name.group()]


def own(scenario: Scenario) -> Scenario:
    """The same race on its surface's formula, written out, without knobs."""
    place = scenario.surface
    if place.name == "formula":
        return scenario
    text = surface_entry(place).formula
    for name, value in place.numbers().items():
        text = re.sub(rf"\b{name}\b", f"({value!r})", text)
    bounds = ",".join(f"{edge:g}" for edge in surface_entry(place).bounds)
    return dataclasses.replace(scenario, surface=surface("formula", f=text, bounds=bounds))


def test_it_does_not_matter_which_axis_is_called_x() -> None:
    for index in range(-(-SCENARIOS // RUNS)):
        made = own(race(np.random.default_rng((9, index)), "any"))
        text = re.sub(r"\b[xy]\b", _turned, str(made.surface["f"]))
        xl, xh, yl, yh = (f"{edge:g}" for edge in surface_entry(made.surface).bounds)
        turned = dataclasses.replace(
            made,
            surface=surface("formula", f=text, bounds=f"{yl},{yh},{xl},{xh}"),
            start=point(made.start.number("y"), made.start.number("x")),
        )
        straight, other = ways(made), ways(turned)
        for a, b in zip(judged(made), judged(turned), strict=True):
            if np.array_equal(straight[::-1, a.run], other[:, a.run], equal_nan=True):
                assert (a.verdict, a.first_within) == (b.verdict, b.first_within), (
                    f"{says(made, a)}\n{says(turned, b)}"
                )
