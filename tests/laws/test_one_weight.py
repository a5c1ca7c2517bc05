"""Laws of one weight: every sentence is true there, and where y starts changes none of them."""

from __future__ import annotations

import numpy as np
import pytest

from nnopt_viz.judge.outcome import Watch
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES
from tests.laws.test_events import holds, random_race
from tests.support.laws import SCENARIOS

ONE = [name for name in SURFACES if SURFACES[name].family == "one weight"]


def one_weight_race(rng: np.random.Generator) -> str:
    while True:
        query = random_race(rng)
        if any(query.startswith(f"surface={name}&") for name in ONE):
            return query


def test_every_sentence_on_a_curve_is_true() -> None:
    rng, seen = np.random.default_rng(3), set()
    for _ in range(max(60, SCENARIOS // 4)):
        seen |= holds(one_weight_race(rng))
    assert len(seen) >= 6, seen
    assert not seen & {"zigzag", "saddle"}, "a curve has no ravine, and no saddle"


def verdict(query: str) -> tuple[str, str, float, int | None]:
    scenario = Scenario.from_query(query)
    watch = Watch(scenario)
    for chunk in simulate(scenario):
        watch.see(chunk)
    (one,) = watch.outcomes()
    return one.verdict, one.text, one.x, one.first_within


@pytest.mark.parametrize("name", ONE)
def test_where_y_starts_makes_no_difference(name: str) -> None:
    rng = np.random.default_rng(11)
    left, right, _, _ = SURFACES[name].bounds
    for method in ("sgd", "momentum", "adam", "rmsprop", "newton"):
        x, lr = rng.uniform(left, right), 10 ** rng.uniform(-2.5, 0.2)
        said = {
            verdict(f"surface={name}&run={method}(lr={lr:.4g})&start={x:.4g},{y}&steps=150")
            for y in (0, 0.7, -2.5, 30)
        }
        assert len(said) == 1, said
