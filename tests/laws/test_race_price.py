"""What a race takes is counted before it begins, and one that is too dear is changed a little."""

from __future__ import annotations

import random
import re
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from nnopt_viz.compose.calls import run, surface
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.deliver.comparison import Pair, comparison_cost, comparison_json
from nnopt_viz.deliver.explained import explained_cost, explained_json
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.deliver.inspector import Place, inspected_cost, inspected_json
from nnopt_viz.deliver.profile import line_of, profile_cost, profile_json
from nnopt_viz.deliver.questions import RACE, cost_as
from nnopt_viz.figures.surface_json import surface_cost, surface_json
from nnopt_viz.judge import evaluate as evaluation
from nnopt_viz.judge import work
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.page import build_app
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode, repair
from nnopt_viz.race.price import (
    INTERACTIVE,
    SMALL_ENDS,
    SMALL_POSITIONS,
    cost,
    fitting,
    price,
    problem,
)
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable

DEAR = "surface=langermann&start=random(n=20)&steps=20000" + "&run=trust_region_newton" * 12
WIDE = "+".join(f"sin({k}*x)*abs(cos({k}*y))" for k in range(1, 40)).replace("+", "%2B")
DEAREST = (
    ("langermann", "trust_region_newton"), ("shubert", "sam"), ("ackley", "simulated_annealing"),
    ("langermann", "damped_newton"), ("cross_in_tray", "bfgs"),
)  # fmt: skip
MANY = "surface=himmelblau&start=random(n=4096)&run=adam(lr=0.1)&run=sgd(lr=0.01)"


def race(rng: random.Random, steps: float = 9) -> Scenario:
    """Any race, with a few starts or many."""
    n = int(2 ** rng.uniform(0, 9)) if rng.random() < 0.7 else 1
    runs = tuple(run(rng.choice(list(OPTIMIZERS))) for _ in range(rng.choice([1, 2, 3, 12])))
    return Scenario(
        surface(rng.choice(list(SURFACES))), runs, STARTS.call("random", n=n),
        int(2 ** rng.uniform(0, steps)), rng.choice([0.0, 0.0, 0.1]), rng.randint(0, 99),
        rng.choice([None, 1e-6]),
    )  # fmt: skip


def longer(scenario: Scenario, rng: random.Random) -> Scenario:
    n = int(scenario.start.number("n"))
    return rng.choice([
        replace(scenario, steps=scenario.steps + rng.choice([1, 1000])),
        replace(scenario, start=STARTS.call("random", n=n + rng.choice([1, 2, 500]))),
        replace(scenario, runs=(*scenario.runs, run(rng.choice(list(OPTIMIZERS))))),
    ])  # fmt: skip


def test_a_price_never_falls_when_a_race_grows() -> None:
    for seed in range(SCENARIOS):
        rng = random.Random(seed)
        one = race(rng)
        more = longer(one, rng)
        where = (seed, encode(one), encode(more))
        assert price(more) >= price(one), where
        for made in FORMATS.of("race"):
            assert cost_as(made, more).units >= cost_as(made, one).units, (made.name, where)
        assert profile_cost(more, "path").units >= profile_cost(one, "path").units, where
        assert inspected_cost(more, "").units >= inspected_cost(one, "").units, where
        assert explained_cost(RACE, more).units >= explained_cost(RACE, one).units, where


def test_a_price_does_not_fall_where_numpy_takes_over() -> None:
    for name, method in DEAREST:
        few, many = (
            Scenario(surface(name), (run(method),), STARTS.call("random", n=n)) for n in (23, 24)
        )
        assert price(many) >= price(few)


@pytest.mark.parametrize(("name", "method"), DEAREST)
def test_small_races_of_what_is_declared_always_fit(name: str, method: str) -> None:
    """So that nothing is counted for them when a text is read."""
    shapes = ((12, 1), (1, SMALL_ENDS), (12, SMALL_ENDS // 12), (12, 23), (12, 24))
    for runs, n in shapes:
        steps = SMALL_POSITIONS // (runs * n) - 1
        start = STARTS.call("random", n=n)
        scenario = Scenario(surface(name), (run(method),) * runs, start, steps, noise=0.1)
        assert price(scenario) < INTERACTIVE / 2


def test_what_is_too_dear_is_refused_with_its_price_and_the_command_that_does_it() -> None:
    whole = decode(DEAR, most=float("inf"))
    assert price(whole) > INTERACTIVE
    with pytest.raises(QueryError) as caught:
        decode(DEAR)
    error = caught.value
    assert error.key == "steps"
    said, limit = re.findall(r"\d[\d,]+\d", error.message)
    assert int(limit.replace(",", "")) == INTERACTIVE
    assert price(whole) <= int(said.replace(",", "")) < 1.01 * price(whole)
    assert f"`nnopt-viz run '{encode(whole)}' --out run.csv`" in error.allowed
    assert Scenario.from_query(DEAR) == whole
    assert problem(whole) is not None
    assert RACE.decode(DEAR, True) == whole
    next(simulate(whole))  # Python may


@pytest.mark.parametrize("text", [
    DEAR,
    f'surface=formula(f="{WIDE}")&run=adam(lr=0.01)&steps=20000&start=random(n=200)',
    f'surface=formula(f="{WIDE}")&start=random(n=4096)&steps=20' + "&run=adam(lr=0.01)" * 12,
    f'surface=formula(f="{WIDE}")&start=grid(n=64)&steps=20' + "&run=adam(lr=0.01)" * 12,
])  # fmt: skip
def test_the_page_takes_the_nearest_that_fits(text: str) -> None:
    asked = decode(text, most=float("inf"))
    made, (note,) = repair(text)
    assert made == fitting(asked)
    assert problem(made) is None
    if made.start == asked.start:
        assert made.steps < asked.steps
        assert problem(replace(made, steps=made.steps + 1)) is not None
        assert f"steps={made.steps:,} instead of {asked.steps:,} is used" in note
    else:  # no number of steps would do
        assert problem(replace(asked, steps=1)) is not None
        n = int(made.start.number("n"))
        assert problem(replace(made, start=made.start.replace(n=n + 1))) is not None
        assert f"n={n:,} instead of" in note
    assert f"nnopt-viz run '{encode(asked)}' --out run.csv" in note


def test_a_refusal_comes_before_the_work() -> None:
    app: Any = build_app()
    answer = app.server.test_client().get(f"/profile.json?line=path&{DEAR}")
    assert answer.status_code == 400
    assert "operations" in answer.json["error"]["message"]


@pytest.mark.parametrize("f", [
    "sin(20*x)+cos(20*y)", "abs(sin(20*x))+abs(cos(20*y))", "sqrt(abs(sin(9*x*y)))",
    "maximum(sin(50*x),cos(50*y))*abs(sin(30*x*y))",
    "+".join(f"sin({k}*x*y)" for k in range(1, 20)),  # curves of minima, and no kink
    "+".join(f"abs(sin({k}*x+{j}*y))" for k in range(1, 7) for j in range(1, 5)),
])  # fmt: skip
def test_the_search_below_a_formula_full_of_wells_is_priced(
    f: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that it evaluates is at most four times what was said; it was up to eighty times."""
    one = surface("formula", f=f, bounds="-3,3,-3,3")
    by_width = dict(zip((1, 3, 6), work._surface(one), strict=True))
    in_blocks, units = evaluation._in_blocks, list[float]()

    def counted(make: Any, points: Any, width: int) -> Any:
        units.append(by_width[width] * points[0].size)
        return in_blocks(make, points, width)

    monkeypatch.setattr(evaluation, "_in_blocks", counted)
    assert len(find_minima(one)) > 1
    assert 0.005 < sum(units) / work.searching(one) < 4


@pytest.fixture(scope="module", autouse=True)
def libraries() -> None:
    """What every process holds: the libraries that a format loads when it is first asked for."""
    scenario = decode("surface=booth&steps=2")
    for made in FORMATS.of("race"):
        made.text("race", scenario)


def peak(job: Callable[[], object]) -> float:
    """The most memory that it held beside what was there, in bytes."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        job()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def within(job: Callable[[], object], stated: float, where: object) -> None:
    """2 MB for what is compiled and kept for the next asker."""
    taken = peak(job)
    assert taken <= 1.3 * stated + 2e6, (where, round(taken / 1e6, 1), round(stated / 1e6, 1))


def drained(name: str, scenario: Scenario) -> int:
    return sum(len(piece) for piece in FORMATS[name].pieces("race", scenario))


@pytest.mark.parametrize("text", [
    f"{MANY}&steps=25",
    f"{MANY}&steps=12&tol=0.01&noise=0.1",
    "surface=levy_13&start=random(n=100)&steps=10&run=adam(lr=0.1)&run=lion",
    "surface=rosenbrock&steps=3000&run=adam&run=l_bfgs",
    "surface=swapping_wells&drift=linear&start=grid(n=16)&steps=8&run=adam&run=schedule_free_sgd",
])  # fmt: skip
def test_a_race_holds_no_more_memory_than_is_stated(text: str) -> None:
    scenario = decode(text)
    for name, made in FORMATS.items():
        if "race" in made.writers and made.limit("race", scenario, "") is None:
            within(lambda name=name: drained(name, scenario), cost_as(made, scenario).bytes, name)
    line = line_of("path", scenario)
    within(lambda: profile_json(scenario, line), profile_cost(scenario, "path").bytes, "profile")
    place = Place(0, 0, scenario.steps)
    within(lambda: inspected_json(scenario, place), inspected_cost(scenario, "").bytes, "trace")
    if len(scenario.runs) > 1:
        pair = Pair(0, 1, scenario.lanes - 1)
        compared = comparison_cost(scenario, f"0,1,{pair.lane}").bytes
        within(lambda: comparison_json(scenario, pair), compared, "compare")
    told = explained_cost(RACE, scenario).bytes
    within(lambda: explained_json(RACE, scenario, []), told, "check")
    shown = surface_cost(scenario.surface).bytes
    within(lambda: surface_json(scenario.surface, "light"), shown, "figures")


def test_random_races_hold_no_more_memory_than_is_stated() -> None:
    for seed in range(8):
        scenario = race(random.Random(seed), steps=6)
        for name in ("csv", "bin", "json"):
            stated = cost_as(FORMATS[name], scenario).bytes
            within(lambda n=name, s=scenario: drained(n, s), stated, (seed, name))


def test_tables_come_in_small_pieces() -> None:
    scenario = decode(f"{MANY}&steps=20")
    for name in ("csv", "json"):
        pieces = list(FORMATS[name].pieces("race", scenario))
        assert len(pieces) > 10
        assert max(map(len, pieces)) < 1_200_000
    text = FORMATS["json"].text("race", scenario)
    assert orjson.dumps(orjson.loads(text)) == text
    whole = decode("surface=himmelblau&start=random(n=4096)&steps=6" + "&run=adam(lr=0.1)" * 12)
    assert peak(lambda: drained("csv", whole)) < 25e6
    assert cost(whole).bytes > cost(replace(whole, runs=whole.runs[:1])).bytes
