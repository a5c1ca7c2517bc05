"""Surfaces whose morph s moves during the run, and what that does to the outcome."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nnopt_viz.compose.calls import drift, point, run, surface
from nnopt_viz.declare.drifts import DRIFTS, shares
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.outcome import outcomes
from nnopt_viz.judge.simulation import morphs, simulate
from nnopt_viz.judge.trace import trace
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode, repair
from nnopt_viz.race.scenario import Scenario

MOVING = surface("formula", f="(x - s)**2 + (1 + s)*(y + s)**2", s=0.0)
SCENE = Scenario(MOVING, (run("sgd", lr=0.1), run("adam", lr=0.1)), point(1.5, 1.5), 60)
SHIFTS = [name for name in DRIFTS if name != "none"]


@pytest.mark.parametrize("name", DRIFTS)
def test_shares_stay_between_0_and_1(name: str) -> None:
    for steps in (1, 2, 3, 100, 501):
        made = shares(DRIFTS.call(name), steps)
        assert made.shape == (steps,)
        assert ((made >= 0) & (made <= 1)).all()


def test_shares_at_worked_steps() -> None:
    assert shares(drift("jump", at=0.5), 10).tolist() == [0] * 5 + [1] * 5
    np.testing.assert_allclose(shares(drift("linear"), 5), [0, 0.25, 0.5, 0.75, 1], atol=1e-15)
    np.testing.assert_allclose(
        shares(drift("linear", begin=0.25, end=0.75), 5), [0, 0, 0.5, 1, 1], atol=1e-15
    )
    np.testing.assert_allclose(shares(drift("swing", cycles=1), 4), [0, 0.5, 1, 0.5], atol=1e-15)


@pytest.mark.parametrize("name", SHIFTS)
def test_each_step_reads_the_surface_of_its_time(name: str) -> None:
    scene = dataclasses.replace(SCENE, drift=drift(name))
    chunks = list(simulate(scene))
    x = np.concatenate([chunk.x[:, 0, :, 0] for chunk in chunks], axis=1)
    loss = np.concatenate([chunk.loss[0, :, 0] for chunk in chunks])
    told = np.concatenate([chunk.s for chunk in chunks if chunk.s is not None])
    s = morphs(scene)
    np.testing.assert_array_equal(told, np.concatenate([s[:1], s]))
    place = np.array([1.5, 1.5])
    for t in range(1, 61):
        now = MOVING.replace(s=float(s[t - 1]))
        _, slope = evaluate(now, *place, 1)
        place = place - 0.1 * slope
        np.testing.assert_allclose(x[:, t], place, rtol=1e-12, atol=1e-13)
        assert loss[t] == pytest.approx(float(evaluate(now, *place)), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", SHIFTS)
def test_both_executors_and_the_trace_drift_alike(name: str) -> None:
    scene = dataclasses.replace(SCENE, drift=drift(name), steps=30, noise=0.1)
    few = dataclasses.replace(scene, start=decode("start=ring(n=4,radius=1)").start)
    many = dataclasses.replace(scene, start=decode("start=ring(n=40,radius=1)").start)
    ours, theirs = (
        np.concatenate([chunk.x for chunk in simulate(one)], axis=2) for one in (few, many)
    )
    # Both begin at angle 0 with the same draws; the rest of the ring differs.
    np.testing.assert_allclose(ours[..., 0], theirs[..., 0], rtol=1e-11, atol=1e-12)
    lines = trace(few, 1, 2, 17)
    np.testing.assert_allclose(lines[-1].value, ours[:, 1, 17, 2], rtol=1e-11)


def test_the_outcome_says_what_the_place_is_worth_after_the_shift() -> None:
    scene = dataclasses.replace(SCENE, runs=(run("sgd", lr=0.2),), steps=200)
    (still,) = outcomes(scene, simulate(scene))
    # At the minimum of s = 0, (0, 0): the loss at s = 1 is 1 + 2*1, the new best is 0.
    assert still.verdict == "global_minimum"
    assert still.shift == pytest.approx(
        {"before": 0.0, "after": 3.0, "best": 0.0, "regret": 3.0}, abs=1e-12
    )
    moved = dataclasses.replace(scene, drift=drift("jump", at=0.2))
    (followed,) = outcomes(moved, simulate(moved))
    assert followed.verdict == "global_minimum"
    assert (followed.x, followed.y) == pytest.approx((1.0, -1.0))
    assert followed.shift == pytest.approx(
        {"before": 2.0, "after": 0.0, "best": 0.0, "regret": 0.0}, abs=1e-12
    )
    plain = Scenario(surface("booth"), (run("sgd"),), point(0.0, 0.0), 5)
    assert outcomes(plain, simulate(plain))[0].shift is None


def test_a_link_holds_the_drift() -> None:
    scene = dataclasses.replace(SCENE, drift=drift("linear", end=0.5))
    assert decode(encode(scene)) == scene
    assert "drift=linear(end=0.5)" in encode(scene)
    assert "drift" not in encode(SCENE)
    with pytest.raises(QueryError, match="booth has no s") as caught:
        decode("surface=booth&drift=swing")
    assert caught.value.key == "drift"
    mended, notes = repair("surface=booth&drift=swing")
    assert not mended.drifts
    assert len(notes) == 1
    with pytest.raises(QueryError, match="nearest is jump"):
        decode("drift=jumb")


VOID = [
    "swing", "jump(at=5)", "linear(begin=7,foo=3)", "linear(start=7)", "jump(at=5", "steady",
    "jumpp", "swing(cycles=1e-999)",
]  # fmt: skip
BESIDE = [
    "surface=booth", "surface=booth(foo=3)", 'surface=formula(f="x**2%2By**2")',
    "run=sgd(schedule=linear(begin=7))", "run=sgd(schedule=linear(start=7,foo=3))",
    "run=adam(lr=1e9)", "run=sgd(schedule=steady)", "start=grid(n=999999)", "steps=20000",
    "steps=0", "noise=-1", "v=2", "nothing=1",
]  # fmt: skip


@pytest.mark.parametrize("void", VOID)
def test_a_drift_of_what_has_no_s_is_as_if_it_were_not_there_and_named_once(void: str) -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        parts = [BESIDE[rng.integers(3)], *rng.choice(BESIDE[3:], rng.integers(5), replace=False)]
        rng.shuffle(parts)
        without, expected = repair("&".join(parts))
        parts.insert(rng.integers(len(parts) + 1), f"drift={void}")
        mended, notes = repair("&".join(parts))
        assert mended == without, parts
        said = [note for note in notes if note not in expected]
        assert len(said) == 1, (parts, notes)
        assert said[0].endswith("has no s. The surface stays still."), parts
        assert [note for note in notes if note in expected] == expected, parts
        assert mended.problem() is None
        assert repair(encode(mended)) == (mended, []), parts
        with pytest.raises(QueryError):
            decode("&".join(parts))
