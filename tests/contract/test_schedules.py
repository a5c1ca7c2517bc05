"""Schedules, at values worked out by hand. Against torch: conformance/."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, schedule, surface
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.schedules import SCHEDULES, factors

R = np.sqrt(0.5)
# name, knobs, steps -> {step, from 1: factor on lr}
WORKED = [
    ("constant", {}, 9, {1: 1, 9: 1}),
    ("step", {"size": 3, "gamma": 0.5}, 9, {1: 1, 3: 1, 4: 0.5, 6: 0.5, 7: 0.25, 9: 0.25}),
    (
        "multistep",
        {"first": 2, "second": 4, "third": 4, "gamma": 0.5},
        9,
        {1: 1, 2: 1, 3: 0.5, 4: 0.5, 5: 0.125, 9: 0.125},
    ),
    ("exponential", {"gamma": 0.5}, 9, {1: 1, 2: 0.5, 5: 1 / 16}),
    ("inverse_time", {"half": 4}, 9, {1: 1, 5: 1 / 2, 9: 1 / 3}),
    ("polynomial", {"power": 1.0}, 8, {1: 1, 5: 0.5, 8: 0.125}),
    ("polynomial", {"power": 2.0, "final": 0.2}, 8, {1: 1, 5: 0.4, 7: 0.25}),
    ("cosine", {"warmup": 2}, 6, {1: 0.5, 2: 1, 3: 1, 4: (1 + R) / 2, 5: 0.5, 6: (1 - R) / 2}),
    ("linear", {"begin": 0.2, "warmup": 4}, 9, {1: 0.2, 2: 0.4, 3: 0.6, 5: 1, 9: 1}),
    ("inverse_sqrt", {"warmup": 4}, 64, {1: 0.25, 4: 1, 9: 2 / 3, 16: 0.5, 64: 0.25}),
    (
        "warmup_stable_decay",
        {"warmup": 2, "decay": 0.5, "final": 0.2},
        8,
        {1: 0.5, 2: 1, 4: 1, 5: 1, 6: 0.8, 7: 0.6, 8: 0.4},
    ),
    ("warmup_stable_decay", {"warmup": 0, "decay": 0.0}, 8, {1: 1, 8: 1}),
    # rises over 0.5*10 - 1 = 4 steps, falls over 5
    (
        "one_cycle",
        {"rise": 0.5, "div": 5.0, "final_div": 2.0},
        10,
        {1: 0.2, 3: 0.6, 5: 1, 10: 0.1},
    ),
    ("one_cycle", {"rise": 1.0, "div": 5.0}, 5, {1: 0.2, 3: 0.6, 5: 1}),
    ("one_cycle", {"rise": 0.0, "div": 5.0, "final_div": 2.0}, 5, {5: 0.1}),
    ("cyclic", {"half": 2, "low": 0.2}, 9, {1: 0.2, 2: 0.6, 3: 1, 4: 0.6, 5: 0.2, 7: 1, 9: 0.2}),
    ("cyclic", {"half": 2, "low": 0.2, "shrink": 0.5}, 9, {3: 1, 5: 0.2, 6: 0.4, 7: 0.6, 9: 0.2}),
    ("cosine_restarts", {"period": 4}, 9, {1: 1, 3: 0.5, 4: (1 - R) / 2, 5: 1, 7: 0.5, 9: 1}),
    # cycles of 2, 4 and 8 steps
    (
        "cosine_restarts",
        {"period": 2, "mult": 2, "final": 0.2},
        14,
        {1: 1, 2: 0.6, 3: 1, 5: 0.6, 7: 1, 11: 0.6, 13: 0.2 + 0.4 * (1 - R)},
    ),
]


@pytest.mark.worked("schedules", "values", *dict.fromkeys(case[0] for case in WORKED))
@pytest.mark.parametrize(("name", "knobs", "steps", "wanted"), WORKED)
def test_worked_values(
    name: str, knobs: dict[str, float], steps: int, wanted: dict[int, float]
) -> None:
    made = factors(SCHEDULES.call(name, **knobs), steps)
    for step, factor in wanted.items():
        # a few roundings of numbers of size 1
        assert made[step - 1] == pytest.approx(factor, rel=1e-14, abs=1e-15), step


def test_every_schedule_has_worked_values() -> None:
    by_step = {name for name, entry in SCHEDULES.items() if not entry.before}
    assert {name for name, *_ in WORKED} == by_step  # the others watch the loss: below


def test_reduce_on_plateau_cuts_when_the_loss_stands() -> None:
    """A run that does not move: no progress from step 2 on, so waits and cuts are known."""
    knobs: dict[str, Any] = {"patience": 2, "factor": 0.5, "cooldown": 1, "lowest": 0.2}
    watching = schedule("reduce_on_plateau", **knobs)
    watch = run("rule", text="x = x + 0*g", lr=0.1, schedule=watching)
    scene = Scenario(surface("bowl"), (watch,), point(1.0, 1.0), 13)
    rates = np.concatenate([chunk.lr[0, :, 0] for chunk in simulate(scene)])
    # Steps 2, 3 and 4 bring nothing: cut after step 4. Step 5 cools down; 6, 7, 8: cut. …
    factors_wanted = [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2]
    np.testing.assert_allclose(rates, 0.1 * np.array(factors_wanted), rtol=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_knob_in_its_range_breaks_a_schedule(name: str) -> None:
    for knob in SCHEDULES[name].knobs:
        for end in (knob.low, knob.high, *(knob.soft or ())):
            if not knob.admits(end):
                continue
            for steps in (1, 2, 7, 500):
                value = int(end) if knob.kind == "integer" else end
                made = factors(SCHEDULES.call(name, **{knob.name: value}), steps)
                assert ((made >= 0) & (made <= 1)).all(), (knob.name, end, steps)
