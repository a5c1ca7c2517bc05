"""Live comparison with optax, optax.contrib and pytorch_optimizer: `make conformance`.

Every optimizer that has a public reference beyond torch.optim, at its defaults and at
two odd settings, on three surfaces, 200 steps in float64. References get our exact
gradient (tested against autograd in test_torch_and_optax), loss and curvature, so that
what is compared is the update rule alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.catalogue.evidence import BY_HAND, NOT_YET, sentences
from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.optimizers.optimizer import OWN_RATE
from tests.conformance import test_hand_worked, test_jaxopt, test_searches
from tests.support.live import (
    ORACLES,
    ROUNDING,
    SLACK,
    assert_close,
    golden,
    jax,
    keep,
    moved_by_shaking,
    optax,
    ours,
    torch,
    walked,
)
from tests.support.recording import marked
from tests.support.references import (
    ALIGNED,
    ASKS_ELSEWHERE,
    EXACT_CURVATURE,
    FLOOR,
    GIVEN,
    LOOSER,
    MEASURES_FIRST,
    OPTAX,
    OTHERWISE,
    REFERENCES,
    TORCH,
    WHY,
    contrib,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from tests.support.live import Step
    from tests.support.recording import Recorder
    from tools.golden import Oracle

    Array = NDArray[np.float64]
    Knobs = dict[str, Any]

pytestmark = pytest.mark.conformance

STEPS = 200
SHAKEN = 3  # paths of the reference, shaken by one unit in the last place at every step

# knob -> its value in the first and in the second odd setting; else as tools.golden has it
ODD: dict[str, tuple[Any, Any]] = {
    "beta3": (0.9, 0.99),
    "beta": (0.5, 0.95),
    "nu": (0.3, 0.9),
    "nu1": (0.5, 0.9),
    "nu2": (0.8, 0.9),
    "final_ratio": (30.0, 300.0),
    "gamma": (0.01, 0.1),
    "update_interval": (3, 7),
    "hessian_power": (0.5, 0.8),
    "weight_lr_power": (0.0, 1.0),
    "trust_coefficient": (2e-3, 5e-4),
    "min_norm": (1e-4, 1e-2),
    "reps_rel": (1e-4, 1e-2),
    "d0": (1e-4, 1e-3),
    "d_coef": (0.5, 2.0),
    "f_min": (0.1, 1.0),
    "lower_bound": (0.1, 1.0),
    "initial_accumulator_value": (0.0, 0.0),
    "rho": (0.2, 0.01),
}
ODD_HERE: dict[str, Knobs] = {
    "cocob": {"alpha": (30.0, 300.0)},
    "ademamix": {"alpha": (2.0, 8.0)},
    "dowg": {"eps": (1e-3, 1e-2)},
    "aggmo": {"beta1": (0.2, 0.5), "beta2": (0.8, 0.95), "beta3": (0.9, 0.98)},
}


def settings(name: str, where: str) -> list[Knobs]:
    """Defaults and two odd settings, at a share of the good rate, where all is calm."""
    entry = OPTIMIZERS[name]
    odd = golden.ODD | ODD | ODD_HERE.get(name, {})
    defaults = {knob.name: knob.default for knob in entry.knobs}
    shares = (1.0, 0.3, 0.5) if entry.rate == OWN_RATE else (0.3, 0.1, 0.2)
    made = []
    for which, share in enumerate(shares):
        changed = {k: odd[k][which - 1] for k in defaults if k in odd} if which else {}
        rate = {"lr": share * good_rate(where, name)}
        made.append(defaults | changed | rate | ALIGNED.get(name, {}))
    return made


@lru_cache(maxsize=4)
def optax_update(name: str, knobs: tuple[tuple[str, Any], ...]) -> tuple[Any, Any]:
    """The transformation's start and its compiled update, once for all paths."""
    made = optax.with_extra_args_support(OPTAX[name](dict(knobs)))

    def step(slope: Any, state: Any, at: Any, value: Any) -> Any:
        change, state = made.update(slope, state, at, value=value)
        return optax.apply_updates(at, change), state

    return made.init, jax.jit(step)


def optax_step(name: str, knobs: Knobs, call: Call, start: Array) -> Step:
    """Steps of optax's transformation."""
    init, update = optax_update(name, tuple(knobs.items()))
    state = begun = init(jax.numpy.asarray(start))

    def step(at: Array) -> Array:
        nonlocal state
        value, slope = evaluate(call, *at, 1)
        if name in ASKS_ELSEWHERE:
            elsewhere = {"grad_fn": lambda point, _: evaluate(call, *point, 1)[1]}
            change, state = OPTAX[name](knobs).update(slope, state, at, **elsewhere)
            return np.asarray(at + change)
        is_first = state is begun
        after, state = update(slope, state, at, float(value))
        return at if is_first and name in MEASURES_FIRST else np.asarray(after)

    return step


def torch_step(name: str, knobs: Knobs, call: Call, start: Array) -> Step:
    """Steps of pytorch_optimizer's class."""
    point = torch.tensor(start.copy(), requires_grad=True)
    made = TORCH[name]([point], knobs)

    def slope_at(at: Array) -> Any:
        return torch.tensor(evaluate(call, *at, 1)[1])

    def step(at: Array) -> Array:
        point.data = torch.tensor(at)
        point.grad = slope_at(at)
        if name in EXACT_CURVATURE:
            due = (step.done % knobs.get("update_interval", 1)) == 0  # type: ignore[attr-defined]
            diagonal = torch.tensor(np.diagonal(evaluate(call, *at, 2)[2]).copy())
            made.step(hessian=[diagonal] if due else None)
        else:
            made.step()
        if name == "qhadam":  # its weights of the means are kept in float32
            remembered = made.state[point]
            for key in ("beta1_weight", "beta2_weight"):
                remembered[key] = remembered[key].double()
        step.done += 1  # type: ignore[attr-defined]
        return np.array(point.detach().numpy())

    step.done = 0  # type: ignore[attr-defined]
    return step


def reference(name: str, knobs: Knobs, case: Oracle, shake: int | None = None) -> Array:
    """Positions of the reference, shape (2, STEPS + 1); `shake` as in tools.golden."""
    call = surface(case.name, **case.knobs)
    at = np.array(case.start)
    make = optax_step if name in OPTAX else torch_step
    step = make(name, knobs, call, at)
    return walked(step, at, STEPS, shake)


def full_name(name: str, knobs: Knobs) -> str:
    """The reference as it is imported: optax.contrib.dog, pytorch_optimizer.QHM."""
    if name in TORCH:
        point = torch.zeros(2, requires_grad=True)
        return f"pytorch_optimizer.{type(TORCH[name]([point], knobs)).__name__}"
    if name in ASKS_ELSEWHERE:
        return "optax.contrib.sam"
    return f"optax.contrib.{name}" if hasattr(contrib, name) else f"optax.{name}"


@pytest.mark.parametrize("where", ORACLES)
@pytest.mark.parametrize("name", REFERENCES)
def test_against_the_public_reference(name: str, where: str, evidence: Recorder) -> None:
    case = next(oracle for oracle in golden.ORACLES if oracle.name == where)
    runs = []
    for which, knobs in enumerate(settings(name, where)):
        path = reference(name, knobs, case)
        shaken = [reference(name, knobs, case, seed) for seed in range(SHAKEN)]
        moved = moved_by_shaking(path, shaken)
        floor = ROUNDING + FLOOR + LOOSER.get(name, 0.0)
        mine, what = ours(name, knobs, case, STEPS), f"{name} on {where}, setting {which}"
        runs.append(assert_close(mine, path, moved, what, SLACK, floor))
    keep(
        evidence, name, full_name(name, knobs), where, runs, WHY.get(name, ""),
        given=GIVEN.get(name, ""), otherwise=OTHERWISE.get(name, ""),
    )  # fmt: skip


LIBRARIES = ("optax", "pytorch_optimizer", "jaxopt", "pytorch-minimize", "stabbb")
ELSEWHERE = {
    "accelerated_gradient", *test_jaxopt.CONJUGATE, "newton", *test_searches.DIRECTIONS, "sgld",
    "barzilai_borwein",
}  # fmt: skip


def test_every_optimizer_is_compared_or_worked_by_hand() -> None:
    """Beyond torch.optim; what the entry's own text names is what it is compared with."""
    worked = marked(vars(test_hand_worked).values())
    for name, entry in OPTIMIZERS.items():
        if name in REFERENCES or name in ELSEWHERE:
            assert any(library in entry.differs for library in LIBRARIES), name
            assert "Not in PyTorch or optax" not in entry.differs, name
        elif "torch.optim." not in entry.source and sentences("optimizers", name) != (NOT_YET,):
            # a new one is shown as not yet measured; this also
            # where optax has another method under a like name, as `differs` then says
            assert worked.get(("optimizers", name), frozenset()) in BY_HAND, name
