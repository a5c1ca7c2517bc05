"""Where public implementations differ from ours, and the one thing that makes them agree.

Part of `make conformance`. Schedule-free methods under a warm-up: optax against ours, and
pytorch_optimizer, whose weights are ours. LAMB on networks: pytorch_optimizer against ours.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import run, surface
from nnopt_viz.compose.runs import composed
from nnopt_viz.formula.matrices import Matrices
from nnopt_viz.formula.vector import Field, VectorRule
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.networks import Network, value_and_gradient
from nnopt_viz.schedules import SCHEDULES, factors
from tests.support.live import (
    ROUNDING,
    SLACK,
    Heavy,
    assert_close,
    jax,
    keep,
    optax,
    ours,
    torch,
    walked,
    with_shaking,
)
from tests.support.network_cases import material, numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.support.live import Step
    from tests.support.recording import Recorder
    from tools.golden import Oracle

    Array = NDArray[np.float64]
    Rate = Callable[[Any], Any]  # of the number of steps done

pytestmark = pytest.mark.conformance

contrib, kozistr = Heavy("optax.contrib"), Heavy("pytorch_optimizer")

# --- schedule-free under a warm-up ----------------------------------------------------

STEPS = 120
WARM_UPS = (5, 30, 100)  # steps
INSIDE: dict[str, Callable[[Rate], Any]] = {
    "schedule_free_sgd": lambda rate: optax.sgd(rate),
    "schedule_free_adamw": lambda rate: optax.adamw(rate, b1=0.0, weight_decay=0.0),
}


def rising(warmup: int) -> Any:
    """From 1/warmup at the first step to 1 at step `warmup`."""
    return SCHEDULES.call("linear", begin=1 / warmup, warmup=warmup - 1)


def optax_step(name: str, case: Oracle, lr: float, warmup: int, behind: int) -> Step:
    """optax's step, its mean weighing by the rate of `behind` steps before the one it takes."""
    rates = jax.numpy.asarray(lr * factors(rising(warmup), STEPS + 2))
    made = contrib.schedule_free(
        INSIDE[name](lambda done: rates[done]), lambda ahead: rates[ahead - behind], b1=0.9
    )
    update, where = jax.jit(made.update), surface(case.name, **case.knobs)
    state = made.init(jax.numpy.asarray(case.start))

    def step(at: Array) -> Array:
        nonlocal state
        change, state = update(evaluate(where, *at, 1)[1], state, at)
        return np.asarray(at + change)

    return step


def pytorch_step(case: Oracle, lr: float, warmup: int) -> Step:
    """pytorch_optimizer's step, with its own warm-up."""
    point, where = torch.tensor(case.start, requires_grad=True), surface(case.name, **case.knobs)
    made = kozistr.ScheduleFreeSGD([point], lr=lr, warmup_steps=warmup, foreach=False)

    def step(at: Array) -> Array:
        point.data = torch.tensor(at)
        point.grad = torch.tensor(evaluate(where, *at, 1)[1])
        made.step()
        return np.array(point.detach().numpy())

    return step


@pytest.mark.parametrize("name", INSIDE)
def test_optax_weighs_a_step_by_the_next_steps_rate(name: str, case: Oracle) -> None:
    """As it is it differs; with the rate of the step itself, and nothing else, it agrees."""
    start = np.array(case.start)
    for warmup in WARM_UPS:
        lr = 0.3 * good_rate(case.name, name)
        mine = ours(name, {"lr": lr, "schedule": rising(warmup)}, case, STEPS)
        as_it_is = walked(optax_step(name, case, lr, warmup, 0), start, STEPS)
        path, moved = with_shaking(partial(optax_step, name, case, lr, warmup, 1), start, STEPS)
        apart = np.abs(mine - as_it_is).max() / np.abs(mine - mine[:, :1]).max()
        assert apart > 1e-3  # of the way; measured: 0.2 % to 4.3 %
        assert_close(mine, path, moved, f"{name}, warm-up {warmup}", SLACK, 4 * ROUNDING)


def test_schedule_free_sgd_is_pytorch_optimizers(case: Oracle, evidence: Recorder) -> None:
    name, start, runs = "schedule_free_sgd", np.array(case.start), []
    for warmup in WARM_UPS:
        lr = 0.3 * good_rate(case.name, name)
        mine = ours(name, {"lr": lr, "schedule": rising(warmup)}, case, STEPS)
        path, moved = with_shaking(partial(pytorch_step, case, lr, warmup), start, STEPS)
        what = f"{name} on {case.name}, warm-up {warmup}"
        runs.append(assert_close(mine, path, moved, what, SLACK, 4 * ROUNDING))
    peer = "pytorch_optimizer.ScheduleFreeSGD"
    keep(evidence, name, peer, case.name, runs, given="with a linear warm-up")


# --- LAMB on networks -----------------------------------------------------------------

TRAINED = 60  # steps
ON = {
    "a binary classifier": Network(3, (12, 7), 1, "tanh", False, "cross_entropy", 0.0, "binary"),
    "three classes": Network(3, (5,), 3, "gelu", False, "cross_entropy", 0.0, "classes"),
    "a regression": Network(3, (6, 9), 1, "tanh", False, "squared_error", 0.0, "regression"),
}
SETTINGS: tuple[dict[str, float], ...] = (
    {},
    {"lr": 3e-3, "beta1": 0.8, "beta2": 0.99},
    {"lr": 2e-2, "beta1": 0.95, "beta2": 0.9},
)
NO_EPS = 1e-30  # it stands in other places there; 0 would divide 0 by 0
LARGEST = 10.0  # size of weights from which on pytorch_optimizer's is cut


def started(network: Network, biases: bool) -> Array:
    """Weights, and biases that are 0, as they are by custom, or not."""
    theta = material(network)[0]
    for group in network.groups:
        if len(group.shape) == 1 and not biases:
            theta[group.start : group.stop] = 0.0
    return theta


def our_lamb(network: Network, knobs: dict[str, float]) -> Step:
    call = run("lamb", **knobs)
    made, lr, t = composed(call), call.number("lr"), 0
    rule = VectorRule(made.parsed(), dict(made.knobs), Matrices(network.groups), is_grouped=True)
    nothing: Any = None

    def step(at: Array) -> Array:
        nonlocal t
        if t == 0:
            rule.begin(at[None], lr)
        t += 1
        slope = gradient(network, at)[None]
        return rule.step(at[None], slope, np.zeros(1), t, lr, Field(nothing, nothing, nothing))[0]

    return step


def their_lamb(network: Network, knobs: dict[str, float], **further: Any) -> Step:
    call = run("lamb", **knobs)
    tensors = [torch.zeros(group.shape, requires_grad=True) for group in network.groups]
    made = kozistr.Lamb(
        tensors, lr=call.number("lr"), betas=(call.number("beta1"), call.number("beta2")),
        eps=call.number("eps"), foreach=False, **further,
    )  # fmt: skip

    def step(at: Array) -> Array:
        slope = gradient(network, at)
        for group, tensor in zip(network.groups, tensors, strict=True):
            part = slice(group.start, group.stop)
            tensor.data = torch.tensor(at[part].reshape(group.shape))
            tensor.grad = torch.tensor(slope[part].reshape(group.shape))
            assert tensor.data.norm() < LARGEST
        made.step()
        return np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors])

    return step


def gradient(network: Network, at: Array) -> Array:
    _, _, x, y = material(network)
    return value_and_gradient(network, at[None], x, y)[1][0]


AGREE = {"adam_debias": True}  # their word for: the step is not divided by 1 - beta1**t


@pytest.mark.parametrize("where", ON)
def test_lamb_on_a_network_is_pytorch_optimizers_but_for_three_things(
    where: str, evidence: Recorder
) -> None:
    """All of them undone it agrees; each of them brought back alone, it does not."""
    network, differences, shaken = ON[where], [], []
    for odd in SETTINGS:
        knobs = odd | {"eps": NO_EPS}
        start = started(network, biases=True)
        mine = walked(our_lamb(network, knobs), start, TRAINED)
        path = walked(their_lamb(network, knobs, **AGREE), start, TRAINED)
        moved = start + np.spacing(start) * np.sign(numbers(network.size, 9))
        other = walked(their_lamb(network, knobs, **AGREE), moved, TRAINED)
        differences.append(float(np.abs(mine - path).max()))
        shaken.append(float(np.abs(other - path).max()))
        assert np.abs(path - start[:, None]).max() > 0.05  # it went somewhere
        assert differences[-1] <= 1e-12 + SLACK * shaken[-1], odd

        # 1. the step over 1 - beta1**t: the first one is 1/(1 - beta1) times as long
        step_one = their_lamb(network, knobs)(start) - start
        beta1 = run("lamb", **knobs).number("beta1")
        np.testing.assert_allclose(step_one, (mine[:, 1] - start) / (1 - beta1), rtol=1e-9)
        # 2. no correction of the means: seen where a layer is 0, whose step is not rescaled
        start = started(network, biases=False)
        first = our_lamb(network, knobs)(start) - start
        theirs = their_lamb(network, knobs, **AGREE)(start) - start
        beta2 = run("lamb", **knobs).number("beta2")
        for group in network.groups:
            part = slice(group.start, group.stop)
            share = (1 - beta1) / np.sqrt(1 - beta2) if len(group.shape) == 1 else 1.0
            np.testing.assert_allclose(theirs[part], share * first[part], rtol=1e-9)
    evidence.compared(
        "optimizers", "lamb", "pytorch_optimizer.Lamb(adam_debias=True)", where, differences,
        steps=[TRAINED] * len(differences), shaken=max(shaken),
        given="with eps 1e-30 and the norm of each layer between 0 and 10",
        otherwise="By default it divides each step by 1 - beta1**t: at beta1 0.9 the first is ten "
        "times ours. Nor does it correct its means, which shows where a layer is all zeros, as "
        "biases are at first: there the first step is longer by another factor of 3.2 (at beta2 "
        "0.999). A norm of weights above 10 counts as 10, and eps is added in other places.",
    )  # fmt: skip


def test_a_layer_larger_than_ten_is_cut_by_pytorch_optimizer() -> None:
    """3. The third thing: of a layer of size 20 it takes half our step."""
    network = ON["three classes"]
    start = started(network, biases=True)
    group = network.groups[0]
    part = slice(group.start, group.stop)
    start[part] *= 20 / np.linalg.norm(start[part])
    knobs = {"eps": NO_EPS}
    mine = our_lamb(network, knobs)(start) - start
    tensors = torch.tensor(start[part].reshape(group.shape), requires_grad=True)
    made = kozistr.Lamb([tensors], lr=1e-2, eps=NO_EPS, foreach=False, **AGREE)
    tensors.grad = torch.tensor(gradient(network, start)[part].reshape(group.shape))
    made.step()
    theirs = tensors.detach().numpy().ravel() - start[part]
    np.testing.assert_allclose(theirs, mine[part] / 2, rtol=1e-9)
