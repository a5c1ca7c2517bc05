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
    Heavy,
    assert_close,
    golden,
    jax,
    keep,
    moved_by_shaking,
    optax,
    ours,
    walked,
)
from tests.support.recording import marked

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from tests.support.live import Step
    from tests.support.recording import Recorder
    from tools.golden import Oracle

    Array = NDArray[np.float64]
    Knobs = dict[str, Any]

pytestmark = pytest.mark.conformance

torch, contrib, kozistr = map(Heavy, ("torch", "optax.contrib", "pytorch_optimizer"))

STEPS = 200
SHAKEN = 3  # paths of the reference, shaken by one unit in the last place at every step
# Their order of operations is not ours, so each step rounds a few times more often than
# the one unit by which the reference is shaken; signs and clips add their own.
SLACK = 30.0
# Where shaking shows little (a sign, a step of fixed length), and for the 1e-15 that
# pytorch_optimizer adds inside AdaBound's, LaProp's and diffGrad's roots: positions up to
# 4 apart by at most this much. Measured: LaProp 7e-14, diffGrad 4e-14.
FLOOR = 2e-13

# --- references -------------------------------------------------------------------------


# name -> optax's transformation with our knobs; eps stands wherever ours does
OPTAX: dict[str, Callable[[Knobs], Any]] = {
    "adabelief": lambda k: optax.adabelief(
        k["lr"], b1=k["beta1"], b2=k["beta2"], eps=k["eps"], eps_root=k["eps"]
    ),
    "yogi": lambda k: optax.chain(
        optax.scale_by_yogi(
            b1=k["beta1"],
            b2=k["beta2"],
            eps=k["eps"],
            initial_accumulator_value=k["initial_accumulator_value"],
        ),
        optax.scale(-k["lr"]),
    ),
    "acprop": lambda k: contrib.acprop(
        k["lr"], b1=k["beta1"], b2=k["beta2"], eps=k["eps"], eps_root=k["eps"]
    ),
    "ademamix": lambda k: contrib.ademamix(
        k["lr"],
        b1=k["beta1"],
        b2=k["beta2"],
        b3=k["beta3"],
        alpha=k["alpha"],
        eps=k["eps"],
        weight_decay=k["weight_decay"],
    ),
    "adopt": lambda k: contrib.adopt(k["lr"], b1=k["beta1"], b2=k["beta2"], eps=k["eps"]),
    "sm3": lambda k: optax.chain(
        optax.scale_by_sm3(b1=k["momentum"], eps=k["eps"]), optax.scale(-k["lr"])
    ),
    "sign_sgd": lambda k: optax.sign_sgd(k["lr"]),
    "signum": lambda k: optax.signum(k["lr"], beta=k["beta"]),
    "lion": lambda k: optax.lion(
        k["lr"], b1=k["beta1"], b2=k["beta2"], weight_decay=k["weight_decay"]
    ),
    "schedule_free_sgd": lambda k: contrib.schedule_free_sgd(
        k["lr"],
        b1=k["beta1"],
        weight_decay=k["weight_decay"],
        weight_lr_power=k["weight_lr_power"],
    ),
    "schedule_free_adamw": lambda k: contrib.schedule_free_adamw(
        k["lr"],
        b1=k["beta1"],
        b2=k["beta2"],
        eps=k["eps"],
        weight_decay=k["weight_decay"],
        weight_lr_power=k["weight_lr_power"],
    ),
    "lars": lambda k: optax.lars(
        k["lr"],
        weight_decay=k["weight_decay"],
        trust_coefficient=k["trust_coefficient"],
        eps=k["eps"],
        momentum=k["momentum"],
    ),
    "lamb": lambda k: optax.lamb(
        k["lr"], b1=k["beta1"], b2=k["beta2"], eps=k["eps"], weight_decay=k["weight_decay"]
    ),
    "novograd": lambda k: optax.novograd(
        k["lr"], b1=k["beta1"], b2=k["beta2"], eps=k["eps"], weight_decay=k["weight_decay"]
    ),
    "fromage": lambda k: optax.fromage(k["lr"], min_norm=k["min_norm"]),
    "dog": lambda k: contrib.dog(k["lr"], init_step=("heuristic", k["reps_rel"]), eps=k["eps"]),
    "dowg": lambda k: contrib.dowg(k["lr"], eps=k["eps"]),
    "prodigy": lambda k: contrib.prodigy(
        k["lr"],
        betas=(k["beta1"], k["beta2"]),
        eps=k["eps"],
        estim_lr0=k["d0"],
        estim_lr_coef=k["d_coef"],
        weight_decay=k["weight_decay"],
    ),
    "dadapt_adamw": lambda k: contrib.dadapt_adamw(
        k["lr"],
        betas=(k["beta1"], k["beta2"]),
        eps=k["eps"],
        estim_lr0=k["d0"],
        weight_decay=k["weight_decay"],
    ),
    "cocob": lambda k: contrib.cocob(k["lr"], alpha=k["alpha"], eps=k["eps"]),
    "polyak_sgd": lambda k: optax.polyak_sgd(
        k["lr"], f_min=k["f_min"], eps=k["eps"], variant="sps+"
    ),
    "momo": lambda k: contrib.momo(
        k["lr"], beta=k["beta"], lower_bound=k["lower_bound"], weight_decay=k["weight_decay"]
    ),
    "sam": lambda k: contrib.sam(
        optax.sgd(k["lr"]), optax.chain(contrib.normalize(), optax.sgd(k["rho"])), opaque_mode=True
    ),
    # its adversary, which goes uphill, turned round
    "extragradient": lambda k: contrib.sam(
        optax.sgd(k["lr"]), optax.sgd(-k["lr"]), opaque_mode=True
    ),
    "optimistic_gradient_descent": lambda k: optax.optimistic_gradient_descent(
        k["lr"], alpha=k["alpha"], beta=k["beta"]
    ),
}

# name -> pytorch_optimizer's optimizer on these parameters with our knobs
TORCH: dict[str, Callable[[list[Any], Knobs], Any]] = {
    "qhm": lambda p, k: kozistr.QHM(
        p, lr=k["lr"], momentum=k["momentum"], nu=k["nu"], weight_decay=k["weight_decay"]
    ),
    "qhadam": lambda p, k: kozistr.QHAdam(
        p, lr=k["lr"], betas=betas(k), nus=(k["nu1"], k["nu2"]), eps=k["eps"]
    ),
    "aggmo": lambda p, k: kozistr.AggMo(
        p, lr=k["lr"], betas=betas(k), weight_decay=k["weight_decay"]
    ),
    "adan": lambda p, k: kozistr.Adan(
        p, lr=k["lr"], betas=betas(k), eps=k["eps"], weight_decay=k["weight_decay"]
    ),
    "adabound": lambda p, k: kozistr.AdaBound(
        p,
        lr=k["lr"],
        betas=betas(k),
        final_lr=k["final_ratio"] * k["lr"],
        gamma=k["gamma"],
        eps=k["eps"],
    ),
    "laprop": lambda p, k: kozistr.LaProp(
        p, lr=k["lr"], betas=betas(k), eps=k["eps"], foreach=False
    ),
    "diffgrad": lambda p, k: kozistr.DiffGrad(p, lr=k["lr"], betas=betas(k), eps=k["eps"]),
    # not optax's, which keeps the square root of the step in float32 (6e-8 apart)
    "madgrad": lambda p, k: kozistr.MADGRAD(
        p, lr=k["lr"], momentum=k["momentum"], weight_decay=k["weight_decay"], eps=k["eps"]
    ),
    "apollo": lambda p, k: kozistr.ApolloDQN(
        p, lr=k["lr"], beta=k["beta"], eps=k["eps"], rebound="constant", warmup_steps=0
    ),
    "adahessian": lambda p, k: kozistr.AdaHessian(
        p, lr=k["lr"], betas=betas(k), hessian_power=k["hessian_power"], eps=k["eps"]
    ),
    # their p is our gamma, and their step is gamma times ours
    "sophia": lambda p, k: kozistr.SophiaH(
        p,
        lr=k["lr"] / k["gamma"],
        betas=betas(k),
        weight_decay=k["weight_decay"] * k["gamma"],
        p=k["gamma"],
        update_period=k["update_interval"],
        eps=k["eps"] / k["gamma"],
    ),
}
ASKS_ELSEWHERE = ("sam", "extragradient")  # for the gradient, in the midst of an update
EXACT_CURVATURE = ("adahessian", "sophia")
MEASURES_FIRST = ("acprop",)  # optax's first step is plain gradient descent's: left out
REFERENCES = (*OPTAX, *TORCH)


def betas(k: Knobs) -> tuple[float, ...]:
    return tuple(k[name] for name in ("beta1", "beta2", "beta3") if name in k)


# What a setting must have so that both mean the same, and why.
ALIGNED: dict[str, Knobs] = {
    "yogi": {"initial_accumulator_value": 0.0},  # optax starts m there too
    "laprop": {"eps": 0.0},  # pytorch_optimizer adds eps before it corrects the bias
    "apollo": {"rebound": 0.01},  # a constant there
    "sam": {"eps": 0.0},  # optax has none
    "cocob": {"lr": 1.0},  # optax's lr changes nothing but the weight of eps
}
# optax takes no step where the squared gradient is under 2.2e-16, so it stays up to
# 1.5e-8 over the curvature away from where ours goes on to; curvatures here are above 1.
LOOSER = {"polyak_sgd": 1.5e-8}
# What the page says where FLOOR or LOOSER is needed.
WHY = {
    "polyak_sgd": "because optax stops at squared gradients under 2.2e-16 and ours goes on",
    "laprop": "because pytorch_optimizer adds 1e-15 inside the root",
    "diffgrad": "because pytorch_optimizer adds 1e-15 inside the root",
    "adabound": "because pytorch_optimizer adds 1e-15 inside the root",
}

# Under which condition the two were compared, and how they differ where it does not hold.
GIVEN = {
    "acprop": "but for optax's first step, which is plain gradient descent",
    "adahessian": "with the exact diagonal of the Hessian",
    "apollo": "with rebound 0.01",
    "cocob": "with lr 1",
    "extragradient": "with sgd(-lr) as its adversary",
    "laprop": "with eps 0",
    "sam": "with eps 0",
    "schedule_free_adamw": "at a constant rate",
    "schedule_free_sgd": "at a constant rate",
    "sophia": "with the exact diagonal of the Hessian",
    "yogi": "both starting from 0",
}
_AHEAD = (
    "Under a schedule they differ: optax counts a step in the mean by the rate of the next step, "
    "ours by its own."
)
OTHERWISE = {"schedule_free_adamw": _AHEAD, "schedule_free_sgd": _AHEAD}

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
