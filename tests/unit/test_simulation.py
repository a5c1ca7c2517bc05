"""Simulation: executors, chunks, noise, divergence, limits, tables and traces."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, schedule, surface
from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.deliver.frame import COLUMNS, trajectory
from nnopt_viz.judge import simulation
from nnopt_viz.judge.executors import ScalarRun
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import Chunk, simulate
from nnopt_viz.judge.trace import trace
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.race.scenario import MAX_LANES, MAX_POSITIONS, MAX_STEPS, Scenario
from nnopt_viz.schedules import SCHEDULES, factors
from nnopt_viz.surfaces import SURFACES

ALL = tuple(run(name, lr=good_rate("rosenbrock", name)) for name in OPTIMIZERS)
RACE = Scenario(surface("rosenbrock"), ALL[:6], point(-1.5, 2.0), 300)

NEAR = STARTS.call("ring", n=3, radius=0.1, x=-1.0, y=1.0)


def joined(scenario: Scenario) -> Chunk:
    chunks = list(simulate(scenario))
    together = {
        name: np.concatenate([getattr(c, name) for c in chunks], axis=axis)
        for name, axis in (("x", 2), ("loss", 1), ("grad_norm", 1), ("lr", 1))
    }
    return Chunk(first=0, ended=tuple(e for c in chunks for e in c.ended), **together)


def test_chunks_join_without_gap_and_row_0_is_the_start() -> None:
    chunks = list(simulate(dataclasses.replace(RACE, steps=1000)))
    assert len(chunks) > 1
    assert chunks[0].x.shape[2] < 100, "the first chunk is small, so that it is soon on screen"
    row = 0
    for chunk in chunks:
        assert chunk.first == row
        row += chunk.x.shape[2]
    assert row == 1001
    assert (chunks[0].x[:, :, 0, 0] == np.array([[-1.5], [2.0]])).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_both_executors_give_the_same_numbers(
    name: str, noise: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = run(name, lr=good_rate("himmelblau", name), schedule=schedule("cosine", warmup=5))
    scenario = Scenario(
        surface("himmelblau", tilt=0.5),
        (call,),
        STARTS.call("random", n=30),
        60,
        noise=noise,
        seed=4,
    )
    lanes = joined(scenario)
    monkeypatch.setattr(simulation, "SCALAR_LANES", 1000)
    scalar = joined(scenario)
    # 60 steps of a few dozen roundings, amplified by the surface's curvature; SIMD exp
    # and pow differ from libm's by one ulp
    np.testing.assert_allclose(lanes.x, scalar.x, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(lanes.lr, scalar.lr)


def test_the_same_scenario_gives_the_same_bits() -> None:
    scenario = dataclasses.replace(RACE, noise=0.5, start=STARTS.call("random", n=40))
    np.testing.assert_array_equal(joined(scenario).x, joined(scenario).x)


def test_noise_does_not_depend_on_runs_lanes_or_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    noisy = dataclasses.replace(RACE, noise=0.5, seed=7, steps=200)
    whole = joined(noisy).x
    alone = joined(dataclasses.replace(noisy, runs=noisy.runs[2:3])).x
    np.testing.assert_array_equal(whole[:, 2], alone[:, 0])
    monkeypatch.setattr(simulation, "FIRST_CHUNK", 7)
    np.testing.assert_array_equal(joined(noisy).x, whole)
    few = joined(dataclasses.replace(noisy, start=STARTS.call("random", n=3))).x
    more = joined(dataclasses.replace(noisy, start=STARTS.call("random", n=9))).x
    np.testing.assert_array_equal(few, more[..., :3])
    other = joined(dataclasses.replace(noisy, seed=8)).x
    assert not np.array_equal(other, whole)


def test_noise_has_the_stated_standard_deviation() -> None:
    flat = Scenario(surface("bowl"), (run("sgd", lr=1.0),), point(0.0, 0.0), 1, noise=0.25)
    many = dataclasses.replace(flat, start=STARTS.call("ring", n=4000, radius=1e-9))
    step = np.diff(joined(many).x[:, 0], axis=1)
    assert np.std(step) == pytest.approx(0.25, rel=0.03)  # 8000 draws: 1 % standard error


def test_recorded_loss_and_gradient_are_without_noise() -> None:
    noisy = joined(dataclasses.replace(RACE, noise=3.0, steps=20))
    loss, slope = simulation.evaluate(RACE.surface, noisy.x[0], noisy.x[1], 1)
    np.testing.assert_array_equal(noisy.loss, loss)
    np.testing.assert_allclose(noisy.grad_norm, np.hypot(*slope), rtol=1e-15)


@pytest.mark.parametrize("lanes", [4, 40])
def test_a_diverging_lane_ends_with_its_step_and_disturbs_no_other(lanes: int) -> None:
    calm = dataclasses.replace(RACE, start=STARTS.call("random", n=lanes), runs=RACE.runs[-1:])
    wild = dataclasses.replace(calm, runs=(*calm.runs, run("sgd", lr=0.004)))
    alone, both = joined(calm), joined(wild)
    np.testing.assert_array_equal(alone.x[:, 0], both.x[:, 0])
    assert both.ended
    for end in both.ended:
        assert end.run == 1
        x = both.x[:, 1, :, end.lane]
        assert np.isfinite(x[:, : end.step]).all()
        assert np.isnan(x[:, end.step :]).all()
    kept = set(range(lanes)) - {end.lane for end in both.ended}
    if kept:
        single = dataclasses.replace(wild, start=point(*both.x[:, 1, 0, min(kept)].tolist()))
        np.testing.assert_allclose(
            joined(single).x[:, 1, :, 0], both.x[:, 1, :, min(kept)], rtol=1e-9
        )


def test_overflow_and_division_by_zero_end_a_lane_quietly() -> None:
    wild = Scenario(surface("rosenbrock"), (run("sgd", lr=1000.0),), point(1e6, 1e6), 50)
    (end,) = joined(wild).ended
    assert end.step == 1


def test_limits_are_stated_in_the_error() -> None:
    too_much = {
        "run": dataclasses.replace(RACE, runs=ALL[:1] * (MAX_RUNS + 1)),
        "steps": dataclasses.replace(RACE, steps=MAX_STEPS + 1),
        "start": dataclasses.replace(RACE, start=STARTS.call("ring", n=MAX_LANES + 1)),
    }
    for key, scenario in too_much.items():
        problem = scenario.problem()
        assert problem is not None
        assert problem[0] == key
        with pytest.raises(ValueError, match=r"\d"):
            next(simulate(scenario))
    wide = dataclasses.replace(RACE, start=STARTS.call("ring", n=4000), steps=1000)
    with pytest.raises(ValueError, match=f"{MAX_POSITIONS:,}"):
        next(simulate(wide))


def test_row_0_carries_the_rate_of_step_1() -> None:
    call = run("sgd", lr=0.1, schedule=schedule("step", size=2, gamma=0.5))
    rates = joined(dataclasses.replace(RACE, runs=(call,), steps=5)).lr[0, :, 0]
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.1, 0.05, 0.05, 0.025], rtol=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_finite_and_start_no_higher_than_one(name: str) -> None:
    for steps in (1, 2, 500):
        values = factors(SCHEDULES.call(name), steps)
        assert values.shape == (steps,)
        assert np.isfinite(values).all()
        assert (values >= 0).all()
        assert values.max() <= 1


def test_cosine_warms_up_linearly_and_ends_near_its_final_factor() -> None:
    values = factors(SCHEDULES.call("cosine", warmup=10, final=0.1), 110)
    np.testing.assert_allclose(values[:10], np.arange(1, 11) / 10, rtol=1e-15)
    assert values[10] == 1.0
    assert values[-1] == pytest.approx(0.1 + 0.9 * (1 + np.cos(np.pi * 99 / 100)) / 2)


@pytest.mark.parametrize("name", STARTS)
def test_starts_give_as_many_points_as_they_say(name: str) -> None:
    call = STARTS.call(name)
    entry = STARTS[name]
    points = entry.points(call, SURFACES["beale"].bounds, 1)
    assert points.shape == (2, entry.lanes(call))
    if name in ("random", "grid"):
        assert (np.abs(points) <= 4.5).all()


def test_random_starts_do_not_change_when_more_are_asked_for() -> None:
    few = dataclasses.replace(RACE, start=STARTS.call("random", n=5))
    more = dataclasses.replace(RACE, start=STARTS.call("random", n=50))
    np.testing.assert_array_equal(
        simulation.starting_points(few), simulation.starting_points(more)[:, :5]
    )


def test_the_table_is_tidy() -> None:
    table = trajectory(dataclasses.replace(RACE, start=NEAR, steps=7))
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 8 * 6 * 3
    assert table.iloc[0][["run", "lane", "step"]].tolist() == [0, 0, 0]
    assert (table.dtypes[list(COLUMNS[4:])] == np.float64).all()
    one = table[(table["run"] == 2) & (table["lane"] == 1)]
    assert one["step"].tolist() == list(range(8))
    assert set(one["optimizer"]) == {RACE.runs[2].name}


def test_rows_end_where_a_lane_diverges() -> None:
    wild = dataclasses.replace(RACE, runs=(run("sgd", lr=1.0), RACE.runs[-1]), steps=20)
    table = trajectory(wild)
    assert (table["run"] == 1).sum() == 21
    assert (table["run"] == 0).sum() < 5
    assert np.isfinite(table[["x", "y", "loss", "grad_norm"]].to_numpy()).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_traced_step_ends_where_the_run_does(name: str) -> None:
    call = run(name, lr=good_rate("himmelblau", name))
    scenario = Scenario(
        surface("himmelblau"), (ALL[0], call), STARTS.call("random", n=3), 12, noise=0.2, seed=3
    )
    rows = joined(scenario).x[:, 1, :, 2]
    for step in (1, 2, 12):
        lines = trace(scenario, run=1, lane=2, step=step)
        last = next(line for line in reversed(lines) if line.target == "x")
        # the trace adds and multiplies in the same order; pow may differ by one ulp
        np.testing.assert_allclose(last.value, rows[:, step], rtol=1e-13)
        np.testing.assert_array_equal(
            next(line.reads["x"] for line in lines if "x" in line.reads)
            if lines[0].target != "x"
            else rows[:, step - 1],
            rows[:, step - 1],
        )


def test_trace_refuses_what_does_not_exist() -> None:
    for bad in ({"run": 9}, {"lane": 1}, {"step": 0}, {"step": 301}):
        with pytest.raises(IndexError):
            trace(RACE, **({"run": 0, "lane": 0, "step": 1} | bad))


def test_state_that_moves_nothing_is_not_computed() -> None:
    key = simulation.program_key(RACE, run("rmsprop"))
    racer = ScalarRun(key, np.zeros((2, 1)), np.full(5, 0.1), np.zeros(5), 0)
    assert "b0" not in racer.program.state


def test_the_public_names_are_what_they_say_whatever_was_imported_before() -> None:
    import nnopt_viz
    import nnopt_viz.judge.simulation

    assert nnopt_viz.simulate is simulate
    assert nnopt_viz.trajectory is trajectory
    assert nnopt_viz.Scenario is Scenario
