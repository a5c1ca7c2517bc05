"""Public references of optimizers beyond torch.optim: how each is made of our knobs.

And under which condition each means the same, by how much more than rounding it may differ, and
what the page says of both. `tests/conformance/test_optax.py` compares with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.live import Heavy, optax

if TYPE_CHECKING:
    from collections.abc import Callable

    Knobs = dict[str, Any]

contrib, kozistr = map(Heavy, ("optax.contrib", "pytorch_optimizer"))

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
# Where shaking shows little (a sign, a step of fixed length), and for the 1e-15 that
# pytorch_optimizer adds inside AdaBound's, LaProp's and diffGrad's roots: positions up to
# 4 apart by at most this much. Measured: LaProp 7e-14, diffGrad 4e-14.
FLOOR = 2e-13
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
