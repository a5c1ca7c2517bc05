"""Laws at the edges: standstill, steps, poles, huge scales, and the words for each."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import numpy as np
import pytest

from nnopt_viz import Scenario
from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.deliver.profile import BESIDE, line_of, profile_json
from nnopt_viz.judge.count import summary
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.outcome import outcomes
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.judge.thresholds import thresholds
from nnopt_viz.race.result import events
from tests.laws.test_verdicts import judged, race, races, says, ways
from tests.support.laws import SCENARIOS

STANDS = (
    "trust_region_newton", "damped_newton", "newton", "backtracking", "bfgs", "polyak_sgd", "sgd",
    "extragradient",
)  # fmt: skip
RUNS = 8


def random_run(rng: np.random.Generator, scenario: Scenario, names: tuple[str, ...]) -> Scenario:
    """The same race by methods that may come to rest anywhere."""
    made = []
    for name in rng.choice(names, RUNS):
        rate = good_rate(scenario.surface, str(name)) * 10 ** rng.uniform(-1.5, 1)
        made.append(run(str(name), lr=min(max(float(f"{rate:.3g}"), 1e-9), 100.0)))
    return dataclasses.replace(scenario, runs=tuple(made))


def test_who_rests_is_not_moving() -> None:
    compared = 0
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((41, index))
        made = random_run(rng, race(rng, "any"), STANDS)
        made = dataclasses.replace(made, steps=int(rng.integers(10, 240)))
        way, recent = ways(made), max(8, made.steps // 10)
        xl, xh, yl, yh = surface_entry(made.surface).bounds
        rounding = 4 * np.finfo(float).eps * np.array([[xh - xl], [yh - yl]])
        for outcome in judged(made):
            last = way[:, outcome.run, -recent - 1 :]
            if (np.abs(last - last[:, -1:]) <= rounding).all():
                compared += 1
                assert outcome.verdict not in ("moving", "cycle", "left"), says(made, outcome)
    assert compared > SCENARIOS // 40


# Its Hessian is singular, and what falls away nearby falls from a crease.
BESIDE_A_CREASE = (
    'surface=formula(f="1/(1%2Bexp(-9*x))%2Bminimum(abs(x),1)")'
    "&run=damped_newton(lr=0.139)&start=-1,1&steps=1"
)

FAR_FROM_0 = (
    'surface=formula(f="(x - 1000.3)**2 - (y - 1000.4)**2",bounds="1000,1001,1000,1001")'
    "&run=adam(lr=0.1)&start=1000.7,1000.4&steps=500"
)


@pytest.mark.parametrize(
    ("query", "verdict", "text"),
    [
        (
            "surface=michalewicz&run=trust_region_newton(lr=3.35)&start=2.086,3.065&steps=30",
            "unmoved", "Has not moved in its last 20 steps",
        ),
        (
            "surface=holder_table&run=extragradient(lr=0.383)&start=-4.648,5.561&steps=400",
            "unmoved", "Has not moved in its last 40 steps",
        ),
        ("surface=himmelblau&run=sgd(lr=0.01)&start=0,-3&steps=200", "global_minimum",
         "Reached a global minimum"),
        ("surface=bowl&run=sgd(lr=0.1)", "global_minimum", "Reached the global minimum"),
        ("surface=ackley&run=sign_sgd(lr=0.1)&start=0.5,0.5&steps=100", "global_minimum",
         "Circles the global minimum"),
        ('surface=formula(f="x**4-8*x**2",bounds="0.1,1,-1,1")&run=sgd(lr=0.01)&start=0.5,0',
         "global_minimum", "Reached a minimum outside the region"),
        ('surface=formula(f="sign(x - 1.4) %2B y**2")&run=polyak_sgd(lr=2.12)&start=1.4,1.4',
         "unmoved", None),  # half as high as the ground rises is not less than half
        ("surface=rosenbrock(a=3)&run=newton&steps=50", "global_minimum",
         "Reached the global minimum outside the region"),
        ("surface=rosenbrock&run=sgd&tol=100", "global_minimum",
         "Within 100 of the lowest known loss"),
        ("surface=bowl&run=sgd(lr=0.1)&start=1e6,1e6", "diverged", "Starts too far out"),
        ('surface=formula(f="exp(1000*x)")&run=sgd&start=1,1', "undefined",
         "The loss is infinite at the start"),
        ('surface=formula(f="sqrt(x)")&run=sgd&start=-1,1', "undefined",
         "The loss is undefined at the start"),
        ('surface=formula(f="1e300*(x**2 %2B y**2)")&run=adam(lr=0.1)', "unmoved",
         "Has not moved"),
        ('surface=formula(f="-(x**2 %2B y**2)")&start=0.0001,0&run=sgd(lr=0.1)&steps=3',
         "moving", "Still moving"),
        (BESIDE_A_CREASE, "moving", "Still moving"),
        ('surface=formula(f="-x**2")&run=sgd(lr=0.3)&start=1e-6,0&steps=8', "moving",
         "Still moving"),  # off a line of maxima, on which no Newton step leads anywhere
        ('surface=formula(f="-x**2")&run=sgd(lr=0.001)&start=1e-3,0&steps=10', "saddle",
         "Stopped at a maximum"),
        ('surface=formula(f="abs(x)-y**2")&run=sgd(lr=0.1)&start=0,1e-5&steps=8', "moving",
         "Still moving"),  # off a saddle along the crease that leads down from it
        ('surface=formula(f="abs(x)-y**2")&run=sgd(lr=1e-4)&start=0,1e-3&steps=10', "saddle",
         "Stopped at a saddle"),
        ('surface=formula(f="abs(y)-x**2")&run=sgd(lr=1e-4)&start=1e-3,0&steps=10', "saddle",
         "Stopped at a saddle"),
        ('surface=formula(f="x**3 %2B abs(y)")&run=sgd(lr=0.001)&start=1e-3,0&steps=10', "saddle",
         "Stopped at a saddle"),
        (FAR_FROM_0, "saddle", "Stopped at a saddle"),
        ('surface=formula(f="-maximum(abs(x),abs(y))")&run=momentum(lr=0.02)&start=1,1&steps=1',
         "crease", "Stuck on a crease"),
        ('surface=formula(f="floor(-1.1*x)/5",bounds="-2,2,-0.5,0.5")&start=0,0&steps=20&run=sgd',
         "unmoved", "Has not moved"),
        ('surface=formula(f="where(x>0,1,2) %2B y**2")&run=adam(lr=0.0075)&start=-0.0289,-0.0289',
         "local_minimum", "Settled on a curve of local minima"),
    ],
)  # fmt: skip
def test_sentences_at_the_edges(query: str, verdict: str, text: str | None) -> None:
    (outcome,) = judged(Scenario.from_query(query))
    assert outcome.verdict == verdict, outcome.text
    assert text is None or outcome.text == text


def test_who_swings_into_a_saddle_is_not_on_its_way_out() -> None:
    """On the ridge, to and fro over the saddle: each swing is shorter than the one before."""
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((51, index))
        x, steps = round(float(rng.uniform(0.1, 1.5)), 3), int(rng.integers(200, 230))
        rates, weights = rng.uniform(0.005, 0.05, RUNS), rng.uniform(0.8, 0.9, RUNS)
        runs = tuple(
            run("momentum", lr=round(float(rate), 4), momentum=round(float(weight), 3))
            for rate, weight in zip(rates, weights, strict=True)
        )
        made = Scenario(surface("formula", f="x**2 - y**2"), runs, point(x, 0.0), steps=steps)
        for outcome in judged(made):
            assert outcome.verdict == "saddle", says(made, outcome)


def test_who_goes_to_and_fro_over_a_crease_is_on_it_on_either_side() -> None:
    """And wherever in its steps the crease lies: x goes by 2a to and fro, of it a share beyond."""
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((52, index))
        at, down = round(float(rng.uniform(-1, 1)), 2), round(float(rng.uniform(0.001, 0.05)), 4)
        still = thresholds(surface("formula", f="x"), None).still
        rate = float(f"{still * 10 ** rng.uniform(-1.5, -0.5):.3g}")
        share = rng.uniform(0.05, 0.95)
        for steps in (60, 61):
            made = Scenario(
                surface("formula", f=f"abs(x - ({at})) - {down}*y"), (run("sgd", lr=rate),),
                point(float(at + share * rate), 0.0), steps=steps,
            )  # fmt: skip
            (outcome,) = judged(made)
            assert outcome.verdict == "crease", says(made, outcome)


def test_no_end_lies_lower_than_the_minimum_that_it_has_reached() -> None:
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((47, index))
        a, b = (float(v) for v in rng.integers(-15, 16, 2) / 10)
        place = surface("formula", f=f"sqrt(abs(x - ({a})) + abs(y - ({b})))")
        start = point(*(round(float(v), 2) for v in rng.uniform(-2, 2, 2)))
        made = random_run(rng, Scenario(place, (), start, steps=200), STANDS)
        for outcome in judged(made):
            if outcome.minimum is not None and outcome.verdict != "saddle":
                assert outcome.loss >= outcome.minimum["loss"] - 1e-11, says(made, outcome)


def test_the_article_and_the_place_are_right() -> None:
    for scenario, found in races(42, "any"):
        xl, xh, yl, yh = surface_entry(scenario.surface).bounds
        known = sum(m.is_global for m in find_minima(scenario.surface))
        for outcome in found:
            if outcome.minimum is None or outcome.verdict == "saddle":
                continue
            x, y = outcome.minimum["x"], outcome.minimum["y"]
            is_outside = not (xl <= x <= xh and yl <= y <= yh)
            assert ("outside" in outcome.text) == is_outside, says(scenario, outcome)
            if "the global minimum" in outcome.text:
                assert known <= 1, says(scenario, outcome)


def test_a_profile_calls_only_those_the_surfaces_minima_that_are() -> None:
    """A minimum of the curve is the surface's only if one lies within two of its places."""
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((48, index))
        made = race(rng, "any")
        kind = str(rng.choice(["x", "y", "gradient"]))
        body = json.loads(profile_json(made, line_of(kind, made)))
        first, last = np.array(body["first"]), np.array(body["last"])
        reach = BESIDE * np.hypot(*(last - first))
        for valley in body["minima"]:
            x, y = first + valley["at"] * (last - first)
            near = [m for m in find_minima(made.surface) if math.hypot(m.x - x, m.y - y) <= reach]
            assert valley["is_surface"] == bool(near), (made.to_query(), kind, valley)


def test_no_push_is_said_to_die_out_where_a_run_goes_to_and_fro_over_a_kink() -> None:
    told = 0
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((49, index))
        a, b = (round(float(v), 2) for v in rng.uniform(0.5, 1.5, 2))
        place = surface("formula", f=f"abs(abs(x) - {a}) - 0.1*x + {b}*abs(y)")
        rates = (float(f"{10 ** rng.uniform(-3, -1.5):.3g}") for _ in "ab")
        runs = tuple(run(name, lr=lr) for name, lr in zip(("sgd", "momentum"), rates, strict=True))
        made = Scenario(place, runs, point(-a - 0.2, round(float(rng.normal()), 2) / 4), steps=300)
        way = ways(made)
        for event in events(made):
            if event.kind == "caught":
                told += 1
                moves = np.hypot(*np.diff(way[:, event.run, -20:], axis=1))
                assert "dies out" not in event.text or moves.max() < 1e-4, made.to_query()
    assert told


def test_a_crease_is_no_plateau() -> None:
    """The gradient may be 0 on a crease, by the convention for abs at 0, and only there."""
    parts = ("abs({u}) - abs({v})", "-abs({u}) - {v}**2", "-maximum(abs({u}),abs({v}))")
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((50, index))
        p, q = (float(v) for v in rng.integers(-9, 10, 2) / 10)
        text = parts[index % len(parts)].format(u=f"(x - ({p}))", v=f"(y - ({q}))")
        runs = tuple(run(name, lr=0.01) for name in ("sgd", "adam", "momentum"))
        made = Scenario(surface("formula", f=text), runs, point(p, q), steps=40)
        assert not [e for e in events(made) if e.kind == "plateau"], made.to_query()


STAIRS = (
    "floor({a}*x)/5",
    "floor({a}*x + {b}*y)",
    "sign(x - {c}) + y**2",
    "where(x > {c}, 1, 2) + y**2",
    "floor({a}*x) + (y - {c})**2",
    "minimum(x**2 + y**2, 1) + floor(2*x)",
    "where(x + y > {c}, x**2, x**2 - 1)",
)


def test_on_stairs_nothing_is_global_that_is_not_lowest_and_no_terrace_is_a_saddle() -> None:
    angle, far = np.random.default_rng(5).random((2, 4000)) * np.array([[2 * np.pi], [1]])
    told = 0
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((43, index))
        a, b, c = (float(v) for v in rng.integers(-30, 31, 3) / 10)
        text = STAIRS[index % len(STAIRS)].format(a=f"({a})", b=f"({b})", c=f"({c})")
        place = surface("formula", f=text)
        start = [float(rng.choice([0.0, c, round(rng.uniform(-2, 2), 3)])) for _ in "xy"]
        made = random_run(rng, Scenario(place, (), point(*start), steps=40), STANDS)
        u = np.linspace(-2, 2, 401)
        lowest = evaluate(place, *np.meshgrid(u, u)).min()
        still = thresholds(place, None).still
        for outcome in judged(made):
            x = np.array([outcome.x, outcome.y])
            if abs(x).max() > 2:
                continue
            disk = evaluate(
                place, *(x[:, None] + still * np.sqrt(far) * [np.cos(angle), np.sin(angle)])
            )
            if outcome.verdict == "global_minimum":
                told += 1
                assert outcome.loss - lowest < 0.1, says(made, outcome)
            if outcome.verdict == "saddle":
                assert disk.min() < outcome.loss < disk.max() or (
                    "maximum" in outcome.text and disk.max() <= outcome.loss
                ), says(made, outcome)
    assert told


POLES = (
    "log(abs({u}))",
    "1/({u})",
    "-1/({u})**2",
    "tan({u})",
    "log(({u})**2 + ({v})**2)",
    "-1/(({u})**2 + ({v})**2)",
    "log(abs({u})) + ({v})**2",
    "1/({u}) + ({v})**2",
)


def test_a_pole_is_no_minimum() -> None:
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((44, index))
        p, q = (float(v) for v in rng.integers(-9, 10, 2) / 10)
        text = POLES[index % len(POLES)].format(u=f"x - ({p})", v=f"y - ({q})")
        place = surface("formula", f=text, bounds="-1.5,1.5,-1.5,1.5")
        assert summary(place) == "no minimum found in this region", text


def test_wells_are_counted_or_the_count_is_called_short() -> None:
    """The minima of sin(a·x)·sin(b·y) are known: one at every crossing of unlike extremes."""
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((45, index))
        a, b = (round(float(10 ** rng.uniform(0.3, 2.2)), 2) for _ in "ab")
        place = surface("formula", f=f"sin({a}*x)*sin({b}*y)")
        (up, down), (high, deep) = (extremes(number) for number in (a, b))
        true = up * deep + down * high
        said = summary(place)
        count = int(re.findall(r"\d+", said)[0]) if true else 0
        assert said.endswith(("found", "found in this region")), said
        assert count <= true, (a, b, said, true)
        assert count == true or "at least" in said or max(a, b) > 20, (a, b, said, true)


def extremes(number: float) -> tuple[int, int]:
    """How many maxima and minima sin(number·x) has strictly inside -2 to 2."""
    turns = (np.arange(-400, 401) + 0.5) * math.pi / number
    inside = np.abs(turns) < 2
    ups = np.arange(-400, 401) % 2 == 0
    return int((inside & ups).sum()), int((inside & ~ups).sum())


@pytest.mark.parametrize(
    ("name", "least"), [("levy_13", 500), ("langermann", 700), ("eggholder", 60)]
)
def test_declared_surfaces_with_narrow_wells_say_at_least(name: str, least: int) -> None:
    said = re.fullmatch(r"1 global, at least (\d+) local minima", summary(surface(name)))
    assert said is not None
    assert int(said[1]) >= least


def test_a_bowl_is_no_plateau_at_any_scale_and_a_finite_loss_is_not_undefined() -> None:
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((46, index))
        power = int(rng.integers(-250, 300))
        k = float(rng.integers(1, 30))
        place = surface("formula", f=f"1e{power}*(x**2 + {k}*y**2)")
        start = point(*(float(v) for v in rng.uniform(-2, 2, 2).round(2)))
        runs = tuple(run(name, lr=1e-9) for name in ("sgd", "adam", "momentum"))
        made = Scenario(place, runs, start, steps=60)
        assert not [e for e in events(made) if e.kind == "plateau"], made.to_query()
        for outcome in outcomes(made, simulate(made)):
            assert outcome.verdict != "undefined", says(made, outcome)
