"""Verdicts, on runs built to earn each of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.newton import eigenvalues
from nnopt_viz.judge.outcome import VERDICTS, Outcome, outcomes
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.judge.thresholds import thresholds
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES


def judged(scenario: Scenario) -> Outcome:
    (outcome,) = outcomes(scenario, simulate(scenario))
    return outcome


def race(
    name: str, call: tuple[str, float], start: tuple[float, float], steps: int = 400, **knobs: float
) -> Scenario:
    return Scenario(surface(name, **knobs), (run(call[0], lr=call[1]),), point(*start), steps)


CASES = {
    "bowl to its bottom": (race("bowl", ("sgd", 0.1), (1.0, 1.0)), "global_minimum"),
    "one of four equal minima": (race("himmelblau", ("sgd", 0.002), (-3, -3)), "global_minimum"),
    "the same, tilted": (race("himmelblau", ("sgd", 0.002), (-3, -3), tilt=0.5), "local_minimum"),
    "adam in a local well": (
        race("himmelblau", ("adam", 0.1), (3.5, -2), tilt=0.5),
        "local_minimum",
    ),
    "on the ridge of a saddle": (race("saddle", ("sgd", 0.1), (1.0, 0.0)), "saddle"),
    "monkey saddle from its axis": (race("monkey_saddle", ("sgd", 0.05), (0.8, 0.0), 4000), None),
    "a rate far too small": (race("rosenbrock", ("sgd", 1e-6), (-1.5, 2.0)), "moving"),
    "a rate far too large": (race("rosenbrock", ("sgd", 0.1), (-1.5, 2.0)), "diverged"),
    "crawling along the valley": (race("rosenbrock", ("sgd", 0.001), (-1.5, 2.0)), "moving"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_run_gets_the_verdict_it_was_built_for(name: str) -> None:
    scenario, expected = CASES[name]
    outcome = judged(scenario)
    if expected is None:  # degenerate: no quadratic part, so either word is true
        assert outcome.verdict in ("flat", "saddle", "moving")
    else:
        assert outcome.verdict == expected, outcome


def test_left_the_region_is_said_of_a_surface_without_a_floor() -> None:
    outcome = judged(race("saddle", ("sgd", 0.05), (1.0, 0.1), 60))
    assert outcome.verdict == "left"
    assert outcome.gap is None


def test_lower_ground_outside_the_region_is_not_its_global_minimum() -> None:
    outcome = judged(race("mccormick", ("sgd", 0.1), (-4.0, -5.0)))
    assert outcome.verdict == "local_minimum"
    assert outcome.gap is not None
    assert outcome.gap < -1


def test_flat_ground_is_told_from_a_saddle() -> None:
    plateau = race("plateau_cliff", ("sgd", 0.01), (2.5, 3.0), 50, slope=1e-4, steepness=4.0)
    assert judged(plateau).verdict == "flat"


def test_noise_does_not_hide_a_minimum() -> None:
    calm = race("himmelblau", ("sgd", 0.002), (3.5, -2.0), 400, tilt=0.5)
    noisy = dataclasses.replace(calm, noise=4.0)
    assert judged(noisy).verdict == "local_minimum"
    assert judged(noisy).minimum == pytest.approx(judged(calm).minimum, abs=1e-6)


def test_a_local_minimum_is_reported_with_its_place_and_loss() -> None:
    outcome = judged(CASES["the same, tilted"][0])
    assert outcome.minimum is not None
    x, y = outcome.minimum["x"], outcome.minimum["y"]
    value, slope, curvature = evaluate(surface("himmelblau", tilt=0.5), x, y, 2)
    assert np.hypot(*slope) < 1e-6
    assert eigenvalues(curvature)[0] > 0
    assert outcome.minimum["loss"] == float(value)
    assert outcome.gap == pytest.approx(
        float(value), abs=thresholds(surface("himmelblau"), None).tol
    )


def test_first_within_is_the_step_from_which_it_stays_near() -> None:
    scenario = race("bowl", ("sgd", 0.1), (1.0, 1.0), 200)
    first = judged(scenario).first_within
    x = np.concatenate([c.x[:, 0, :, 0] for c in simulate(scenario)], axis=1)
    still = thresholds(scenario.surface, None).still
    assert first is not None
    assert np.hypot(*x[:, first:]).max() <= 1.01 * still < np.hypot(*x[:, first - 1])


def test_first_within_a_gap_is_the_first_step_inside_it() -> None:
    scenario = dataclasses.replace(race("bowl", ("sgd", 0.1), (1.0, 1.0), 200), tol=1e-4)
    first = judged(scenario).first_within
    losses = np.concatenate([c.loss[0, :, 0] for c in simulate(scenario)])
    assert first is not None
    assert losses[first] <= 1e-4 < losses[first - 1]


def test_tol_decides_reached_and_stands_in_the_thresholds() -> None:
    scenario = race("bowl", ("sgd", 0.01), (1.0, 1.0), 100)
    strict = judged(dataclasses.replace(scenario, tol=1e-12))
    loose = judged(dataclasses.replace(scenario, tol=1.0))
    assert (strict.verdict, loose.verdict) == ("moving", "global_minimum")
    assert "10⁻¹²" in strict.thresholds


def test_many_lanes_are_counted() -> None:
    scenario = dataclasses.replace(
        race("himmelblau", ("sgd", 0.002), (0, 0), 300, tilt=0.5), start=STARTS.call("grid", n=6)
    )
    outcome = judged(scenario)
    assert sum(outcome.counts.values()) == outcome.lanes == 36
    assert set(outcome.counts) <= set(VERDICTS)
    assert {"global_minimum", "local_minimum"} <= set(outcome.counts)


def test_divergence_names_the_step_without_a_row() -> None:
    scenario = CASES["a rate far too large"][0]
    outcome = judged(scenario)
    rows = np.concatenate([c.x[0, 0, :, 0] for c in simulate(scenario)])
    assert outcome.ended == np.flatnonzero(np.isnan(rows))[0]
    assert f"step {outcome.ended}" in outcome.text
    assert outcome.as_json()["loss"] is not None


@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_can_be_judged_and_its_found_minima_are_minima(name: str) -> None:
    call = SURFACES.call(name)
    for found in find_minima(call):
        if SURFACES[name].kinked and found.is_global:
            continue
        value, slope, curvature = evaluate(call, found.x, found.y, 2)
        scale = 1 + abs(float(value)) + float(np.abs(curvature).max())
        assert np.hypot(*slope) < 1e-5 * scale
        assert eigenvalues(curvature)[0] >= -1e-6 * scale
    outcome = judged(Scenario(call, (run("adam", lr=0.05),), point(*SURFACES[name].start), 50))
    assert outcome.verdict in VERDICTS


def test_landing_scene_shows_runs_in_different_minima() -> None:
    runs = (("sgd", 0.002), ("momentum", 0.002), ("rmsprop", 0.05), ("adam", 0.2))
    scenario = Scenario(
        surface("himmelblau", tilt=0.5), tuple(run(n, lr=lr) for n, lr in runs), point(0, -3), 160
    )
    found = outcomes(scenario, simulate(scenario))
    assert [o.verdict for o in found] == [
        "local_minimum",
        "global_minimum",
        "local_minimum",
        "local_minimum",
    ]
    assert [round(o.loss, 1) for o in found] == [7.3, 0.0, 36.4, 36.4]


def test_who_stands_beside_a_needle_has_not_reached_its_bottom() -> None:
    needle = surface("formula", f="1 - exp(-1e9*(x**2 + y**2)) + 0.001*(x**2 + y**2)")
    beside = Scenario(needle, (run("sgd", lr=1e-6),), point(0.001, 0.001), 100)
    assert judged(beside).verdict not in ("global_minimum", "local_minimum")
