"""Modifiers against public implementations, live: `make conformance`.

Each around three optimizers that are themselves compared elsewhere, on three surfaces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.rates import good_rate
from tests.support.live import (
    ORACLES,
    ROUNDING,
    SLACK,
    Heavy,
    assert_close,
    golden,
    jax,
    keep,
    optax,
    ours,
    torch,
    with_shaking,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from tests.support.live import Step
    from tests.support.recording import Recorder

    Array = NDArray[np.float64]

pytestmark = pytest.mark.conformance

kozistr, clipping = Heavy("pytorch_optimizer"), Heavy("torch.nn.utils")

Knobs = dict[str, Any]
Optax = Callable[[str, float, Knobs], Any]  # optimizer, lr and modifier's knobs -> transformation
Torch = Callable[[Any, Any, Knobs], Any]  # made optimizer and parameter -> what is to be stepped

STEPS = 100
# our name -> the same in optax, without its step size, and in torch; at our defaults
IN_OPTAX: dict[str, Callable[[], Any]] = {
    "sgd": lambda: optax.identity(),
    "momentum": lambda: optax.trace(decay=0.9),
    "adam": lambda: optax.scale_by_adam(),
    "sm3": lambda: optax.scale_by_sm3(b1=0.9, eps=1e-8),
    "adabelief": lambda: optax.scale_by_belief(eps=1e-16, eps_root=1e-16),
    "optimistic_gradient_descent": lambda: optax.scale_by_optimistic_gradient(),
}
IN_TORCH: dict[str, Callable[[Any, float], Any]] = {
    "sgd": lambda p, lr: torch.optim.SGD([p], lr=lr),
    "momentum": lambda p, lr: torch.optim.SGD([p], lr=lr, momentum=0.9),
    "adam": lambda p, lr: torch.optim.Adam([p], lr=lr),
}
COMMON = ("sgd", "momentum", "adam")
UNDECAYED = ("sm3", "adabelief", "optimistic_gradient_descent")  # no decay of their own


def plain(name: str, lr: float) -> Any:
    return optax.chain(IN_OPTAX[name](), optax.scale(-lr))


@dataclass(frozen=True)
class Peer:
    """One public implementation of a modifier.

    Args:
        name: in full.
        knobs: ours, a setting for each of the optimizers.
        of_optax, of_torch: how it is made; one of the two.
        inside: the optimizers that it is put around.
        given, why: see `evidence.Comparison`.
    """

    name: str
    knobs: tuple[Knobs, Knobs, Knobs]
    of_optax: Optax | None = None
    of_torch: Torch | None = None
    inside: tuple[str, str, str] = COMMON
    given: str = ""
    why: str = ""


def each(knob: str, *values: float) -> tuple[Knobs, Knobs, Knobs]:
    first, second, third = ({knob: value} for value in values)
    return first, second, third


def clipped(clip: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """An optimizer whose parameter's gradient is clipped before it steps."""

    class Clipped:
        def __init__(self, made: Any, point: Any) -> None:
            self.made, self.point = made, point

        def step(self) -> None:
            clip([self.point])
            self.made.step()

    return Clipped


def clips(knob: str, in_torch: str, in_optax: str, why: str = "") -> tuple[Peer, Peer]:
    """torch's function and optax's transformation that clip, both made of the limit alone."""
    limits = each(knob, 10.0, 3.0, 1.0)

    def of_torch(made: Any, point: Any, k: Knobs) -> Any:
        return clipped(lambda p: getattr(clipping, in_torch)(p, k[knob]))(made, point)

    def of_optax(name: str, lr: float, k: Knobs) -> Any:
        return optax.chain(getattr(optax, in_optax)(k[knob]), plain(name, lr))

    return (
        Peer(f"torch.nn.utils.{in_torch}", limits, of_torch=of_torch),
        Peer(f"optax.{in_optax}", limits, of_optax, why=why),
    )


LOOKAHEAD = (
    {"lookahead": 5, "lookahead_alpha": 0.5},
    {"lookahead": 3, "lookahead_alpha": 0.8},
    {"lookahead": 10, "lookahead_alpha": 0.2},
)
PEERS: dict[str, tuple[Peer, ...]] = {
    "accumulate": (
        Peer(
            "optax.MultiSteps",
            each("accumulate", 2, 5, 3),
            lambda name, lr, k: optax.MultiSteps(
                plain(name, lr), int(k["accumulate"]), accumulator_dtype=jax.numpy.float64
            ),
        ),
    ),
    "clip_value": clips("clip_value", "clip_grad_value_", "clip"),
    "clip_norm": clips(
        "clip_norm",
        "clip_grad_norm_",
        "clip_by_global_norm",
        why="because ours adds 1e-6 to the length it divides by, as torch, and optax nothing",
    ),
    "weight_decay": (
        Peer(
            "optax.add_decayed_weights",
            each("weight_decay", 5.0, 0.5, 2.0),
            lambda name, lr, k: optax.chain(
                optax.add_decayed_weights(k["weight_decay"]), plain(name, lr)
            ),
            inside=UNDECAYED,
            given="before the optimizer",
        ),
    ),
    "lookahead": (
        Peer(
            "pytorch_optimizer.Lookahead",
            LOOKAHEAD,
            of_torch=lambda made, point, k: kozistr.Lookahead(
                made, k=int(k["lookahead"]), alpha=k["lookahead_alpha"]
            ),
        ),
        Peer(
            "optax.lookahead",
            LOOKAHEAD,
            lambda name, lr, k: optax.lookahead(
                plain(name, lr), int(k["lookahead"]), k["lookahead_alpha"]
            ),
        ),
    ),
    "decoupled_decay": (
        Peer(
            "optax.add_decayed_weights",
            each("decoupled_decay", 0.1, 0.5, 2.0),
            lambda name, lr, k: optax.chain(
                IN_OPTAX[name](), optax.add_decayed_weights(k["decoupled_decay"]), optax.scale(-lr)
            ),
            given="between the optimizer and its learning rate",
        ),
    ),
}
# A step is shorter by 1e-6 of itself where the length is 1, and less where it is more; the
# ways are under 4 long.
LOOSER = {"optax.clip_by_global_norm": 4e-6}
CASES = [(name, at) for name, peers in PEERS.items() for at in range(len(peers))]


def optax_step(made: Any, where: Call, start: Array) -> Step:
    begun = jax.numpy.asarray(start)
    state = made.init(begun)
    update = jax.jit(made.update)

    def step(at: Array) -> Array:
        nonlocal state
        change, state = update(evaluate(where, *at, 1)[1], state, jax.numpy.asarray(at))
        return np.asarray(at + change)

    return step


def lookahead_step(made: Any, where: Call, start: Array) -> Step:
    """optax's keeps the slow point beside the fast one, which is where ours stands."""
    both = optax.LookaheadParams.init_synced(jax.numpy.asarray(start))
    state, update = made.init(both), jax.jit(made.update)

    def step(at: Array) -> Array:
        nonlocal state, both
        both = both._replace(fast=jax.numpy.asarray(at))
        change, state = update(evaluate(where, *at, 1)[1], state, both)
        both = optax.apply_updates(both, change)
        return np.asarray(both.fast)

    return step


def torch_step(peer: Peer, name: str, lr: float, knobs: Knobs, where: Call, start: Array) -> Step:
    point = torch.tensor(start, requires_grad=True)
    assert peer.of_torch is not None
    made = peer.of_torch(IN_TORCH[name](point, lr), point, knobs)

    def step(at: Array) -> Array:
        point.data = torch.tensor(at)
        point.grad = torch.tensor(evaluate(where, *at, 1)[1])
        made.step()
        return np.array(point.detach().numpy())

    return step


def reference(peer: Peer, name: str, lr: float, knobs: Knobs, where: Call, start: Array) -> Step:
    if peer.of_optax is None:
        return torch_step(peer, name, lr, knobs, where, start)
    made = peer.of_optax(name, lr, knobs)
    return (lookahead_step if "lookahead" in knobs else optax_step)(made, where, start)


@pytest.mark.parametrize("on", ORACLES)
@pytest.mark.parametrize(("modifier", "which"), CASES)
def test_a_modifier_is_the_public_one(
    modifier: str, which: int, on: str, evidence: Recorder
) -> None:
    peer, runs = PEERS[modifier][which], []
    case = next(oracle for oracle in golden.ORACLES if oracle.name == on)
    where, start = surface(case.name, **case.knobs), np.array(case.start)
    for name, knobs in zip(peer.inside, peer.knobs, strict=True):
        lr = 0.3 * good_rate(case.name, name)
        path, moved = with_shaking(
            partial(reference, peer, name, lr, knobs, where, start), start, STEPS
        )
        mine = ours(name, knobs | {"lr": lr}, case, STEPS)
        bare = ours(name, {"lr": lr}, case, STEPS)
        what = f"{name} with {knobs} on {case.name}"
        floor = 4 * ROUNDING + LOOSER.get(peer.name, 0.0)
        runs.append(assert_close(mine, path, moved, what, SLACK, floor))
        assert np.abs(mine - bare).max() > 1e-3, f"{what} changes nothing"
    keep(
        evidence, modifier, peer.name, case.name, runs, peer.why, kind="modifiers",
        given=peer.given,
    )  # fmt: skip


def test_adamw_is_adam_with_decoupled_decay(evidence: Recorder) -> None:
    """torch's AdamW against our Adam with the modifier."""
    for case in golden.ORACLES:
        where, start, runs = surface(case.name, **case.knobs), np.array(case.start), []
        lr = 0.3 * good_rate(case.name, "adam")
        for decay in (0.01, 0.5, 2.0):
            path, moved = with_shaking(partial(adamw_step, lr, decay, where, start), start, STEPS)
            mine = ours("adam", {"lr": lr, "decoupled_decay": decay}, case, STEPS)
            what = f"decay {decay} on {case.name}"
            runs.append(assert_close(mine, path, moved, what, SLACK, 4 * ROUNDING))
        keep(
            evidence, "decoupled_decay", "torch.optim.AdamW", case.name, runs, kind="modifiers",
            given="around our adam",
        )  # fmt: skip


def adamw_step(lr: float, decay: float, where: Call, start: Array) -> Step:
    point = torch.tensor(start, requires_grad=True)
    made = torch.optim.AdamW([point], lr=lr, weight_decay=decay)

    def step(at: Array) -> Array:
        point.data = torch.tensor(at)
        point.grad = torch.tensor(evaluate(where, *at, 1)[1])
        made.step()
        return np.array(point.detach().numpy())

    return step
