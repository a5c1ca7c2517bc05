"""Modifiers and noise around a run, each against the same thing written out in NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, schedule, surface
from nnopt_viz.compose.runs import composed, run_knobs
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.modifiers import MODIFIERS, NOISES, modifier_knobs
from nnopt_viz.formula.rule import parse_rule
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.executors import Draws
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.judge.trace import trace
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

STEPS = 60
BEALE = surface("beale")
START = (1.0, 1.5)


def path(*runs: Call, steps: int = STEPS, lanes: int = 1) -> Array:
    """Positions, shape (2, runs, steps + 1)."""
    start = point(*START) if lanes == 1 else Call("random", (("n", lanes),))
    chunks = simulate(Scenario(BEALE, runs, start, steps))
    return np.concatenate([chunk.x[..., 0] for chunk in chunks], axis=2)


def gradient(x: Array) -> Array:
    return evaluate(BEALE, x[0], x[1], 1)[1]


def by_hand(step: Callable[[Array, int], Array]) -> Array:
    """Positions of x = step(x, t), shape (2, STEPS + 1)."""
    places = [np.array(START)]
    for t in range(1, STEPS + 1):
        places.append(step(places[-1], t))
    return np.array(places).T


def assert_same(call: Call, wanted: Array) -> None:
    # 60 steps of the same arithmetic in another order
    np.testing.assert_allclose(path(call)[:, 0], wanted, rtol=1e-11, atol=1e-12)


def test_clipping_the_norm_is_torchs() -> None:
    def step(x: Array, _: int) -> Array:
        g = gradient(x)
        return x - 0.05 * g * min(1.0, 2.0 / (np.hypot(*g) + 1e-6))

    assert_same(run("sgd", lr=0.05, clip_norm=2.0), by_hand(step))


def test_clipping_each_coordinate() -> None:
    def step(x: Array, _: int) -> Array:
        return x - 0.05 * np.clip(gradient(x), -0.3, 0.3)

    assert_same(run("sgd", lr=0.05, clip_value=0.3), by_hand(step))


def test_coupled_decay_is_the_optimizers_own_where_it_has_one() -> None:
    assert_same(
        run("sign_sgd", lr=0.01, weight_decay=0.5),
        by_hand(lambda x, _: x - 0.01 * np.sign(gradient(x) + 0.5 * x)),
    )
    assert "weight_decay" in {knob.name for knob in OPTIMIZERS["adam"].knobs}
    assert [k.name for k in run_knobs(OPTIMIZERS["adam"])].count("weight_decay") == 1


def test_decoupled_decay_makes_adamw_of_adam() -> None:
    both = path(run("adam", lr=0.02, decoupled_decay=0.1), run("adamw", lr=0.02, weight_decay=0.1))
    np.testing.assert_allclose(both[:, 0], both[:, 1], rtol=1e-13)


def test_lookahead_goes_back_part_of_the_way() -> None:
    slow = [np.array(START)]

    def step(x: Array, t: int) -> Array:
        x = x - 0.02 * gradient(x)
        if t % 5 == 0:
            slow.append(slow[-1] + 0.5 * (x - slow[-1]))
            x = slow[-1]
        return x

    assert_same(run("sgd", lr=0.02, lookahead=5), by_hand(step))


def test_accumulation_steps_with_the_mean_and_counts_updates() -> None:
    plain = path(run("adam", lr=0.05), steps=20)[:, 0]
    slowed = path(run("adam", lr=0.05, accumulate=3), steps=STEPS)[:, 0]
    # The gradients of three steps at one place are the same: every third row is Adam's next.
    np.testing.assert_allclose(slowed[:, ::3], plain, rtol=1e-12)
    np.testing.assert_array_equal(slowed[:, 1], slowed[:, 0])
    np.testing.assert_array_equal(slowed[:, 2], slowed[:, 0])


def test_everything_at_once_runs_in_the_stated_order() -> None:
    m = np.zeros(2)
    gathered: list[Array] = []
    slow = np.array(START)

    def step(x: Array, t: int) -> Array:
        nonlocal m, slow
        gathered.append(gradient(x))
        if t % 2:
            return x
        g = np.mean(gathered[-2:], axis=0)
        g = np.clip(g, -3, 3)
        g = g * min(1.0, 2.0 / (np.hypot(*g) + 1e-6))
        x = x * (1 - 0.01 * 0.2)
        m = 0.9 * m + g
        x = x - 0.01 * m
        if (t // 2) % 3 == 0:
            slow = slow + 0.7 * (x - slow)
            x = slow
        return x

    knobs: dict[str, Any] = {
        "accumulate": 2, "clip_value": 3.0, "clip_norm": 2.0, "decoupled_decay": 0.2,
        "lookahead": 3, "lookahead_alpha": 0.7,
    }  # fmt: skip
    assert_same(run("momentum", lr=0.01, **knobs), by_hand(step))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_rule_may_be_wrapped_in_everything(name: str) -> None:
    """It parses, means the same in both executors, and its trace ends where the run does."""
    knobs: dict[str, Any] = {
        "noise": Call("minibatch", (("scale", 0.1), ("batch", 4.0), ("growth", 0.0))),
        "accumulate": 2, "clip_value": 5.0, "clip_norm": 3.0, "decoupled_decay": 0.01,
        "lookahead": 3, "lookahead_alpha": 0.5, "schedule": schedule("reduce_on_plateau"),
    }  # fmt: skip
    call = run(name, lr=1e-3, **knobs)
    alone = path(call, steps=12)[:, 0]
    scene = Scenario(BEALE, (call,), point(*START), 12)
    line = trace(scene, 0, 0, 12)
    last = next(entry for entry in reversed(line) if entry.target == "x")
    np.testing.assert_allclose(last.value, alone[:, 12], rtol=1e-9, atol=1e-12)
    few, many = (
        np.concatenate(
            [
                chunk.x[:, 0, :, :4]
                for chunk in simulate(Scenario(BEALE, (call,), Call("random", (("n", lanes),)), 12))
            ],
            axis=1,
        )
        for lanes in (4, 40)
    )
    np.testing.assert_allclose(few, many, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in NOISES if name != "none"])
def test_noise_is_the_stated_one(name: str) -> None:
    """The steps of plain descent where the gradient is (1, 0): what is left is the noise."""
    plane = surface("formula", f="x + 0*y", bounds="-1e6,1e6,-1e6,1e6")
    chosen = NOISES[name]
    noise = Call(
        name, tuple((k.name, 2.0 if k.name == "scale" else k.default) for k in chosen.knobs)
    )
    scene = Scenario(plane, (run("sgd", lr=1.0, noise=noise),), point(0.0, 0.0), 4000)
    x = np.concatenate([chunk.x[:, 0, :, 0] for chunk in simulate(scene)], axis=1)
    drawn = -np.diff(x, axis=1) - np.array([[1.0], [0.0]])
    if name == "heavy_tailed":
        assert np.median(np.abs(drawn)) == pytest.approx(2.0 * 0.8165, rel=0.05)  # of t with 2 df
        assert np.abs(drawn).max() > 50.0  # a normal one stays below 10
    else:
        assert drawn.std() == pytest.approx(2.0, rel=0.03)  # 8000 draws: 1.1 % is one sigma of it
        assert np.abs(drawn).max() < 10.0


def test_noise_of_a_run_is_seeded_and_shared_by_runs_of_one_kind() -> None:
    noise = Call("gaussian", (("scale", 0.5),))
    call = run("sgd", lr=0.01, noise=noise)
    both = path(call, call, steps=20)
    np.testing.assert_array_equal(both[:, 0], both[:, 1])
    wanted = 0.5 * Draws(0, 1, 2, 1).next(1)[0, :, 0]
    first = -(both[:, 0, 1] - both[:, 0, 0]) / 0.01 - gradient(both[:, 0, 0])
    np.testing.assert_allclose(first, wanted, rtol=1e-9)


def test_what_is_off_leaves_no_trace_in_the_rule() -> None:
    for name in OPTIMIZERS:
        rule = composed(run(name))
        words = [line.strip() for line in OPTIMIZERS[name].rule.replace(";", "\n").split("\n")]
        assert rule.text == "\n".join(word for word in words if word)


def test_names_of_a_wrapper_step_aside_for_those_of_the_rule() -> None:
    text = "slow = 0.5*slow + g; rate_factor_0 = 2; rate_factor = rate_factor*0.9; x = x - lr*slow"
    text = text.replace("x = x", "x = x*rate_factor/rate_factor")
    call = run("rule", text=text, lr=0.01, lookahead=2, schedule=schedule("reduce_on_plateau"))
    rule = composed(call)
    assert "slow_outer" in rule.text
    assert "rate_factor_outer_0 = 1" in rule.text
    assert np.isfinite(path(call, steps=10)).all()


@pytest.mark.parametrize("name", MODIFIERS)
def test_modifiers_parse_alone(name: str) -> None:
    modifier = MODIFIERS[name]
    assert modifier.knobs[0] in modifier_knobs()
    knobs = tuple(knob.name for knob in modifier.knobs)
    parse_rule(f"{modifier.before}\nx = x - lr*g\n{modifier.after}", knobs)
    assert modifier.doc.endswith(".")
    assert modifier.source
