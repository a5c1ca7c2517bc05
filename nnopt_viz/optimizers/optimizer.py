"""What an optimizer is: a rule as text, its knobs, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.registry import Registry

RATE_FAMILIES = ("gradient", "momentum", "adaptive")
OWN_RATE = "own"  # finds its own step: the default lr suits every surface
# What a method needs of a surface beyond a gradient, and why it fails without.
ASSUMPTIONS = {
    "convex": "elsewhere it may stop at the nearest valley floor or leap far away",
    "near a minimum": "elsewhere it also goes up to saddles and maxima, or out of sight",
    "loss at least 0": "it aims at a loss of 0 and stops there",
}


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An update rule in the rule language, with its knobs.

    Args:
        name: registry name; torch.optim's where there is one.
        title: as shown in the menu.
        family: the group in the menu.
        rule: assignments, a line each; see `formula.rule`.
        knobs: its own knobs, `lr` first; `runs.run_knobs` adds those every run has.
        rate: which of a surface's good learning rates suits it (RATE_FAMILIES), or
            OWN_RATE; a surface may also give a rate under the optimizer's own name.
        doc: one or two plain sentences: what it does and why.
        source: author, year, title, equation.
        differs: where it differs from PyTorch, optax or the paper.
        rate_scale: its good learning rate, as a multiple of the family's.
        assumes: what it needs of a surface, from ASSUMPTIONS.
        stable: the sharpness (largest eigenvalue of the Hessian) up to which it is stable on
            a parabola, a formula in lr, t and its knobs; empty where none is known.
        divisor: what it divides each coordinate's step by, in the names of its rule, where
            `stable` speaks of the sharpness divided by that.
    """

    name: str
    title: str
    family: str
    rule: str
    knobs: tuple[Knob, ...]
    rate: str
    doc: str
    source: str
    differs: str = ""
    rate_scale: float = 1.0
    assumes: tuple[str, ...] = ()
    stable: str = ""
    divisor: str = ""


# What torch, optax, Keras and papers call the same.
EPS, DECAY = ("epsilon",), ("wd", "l2_penalty", "weight_decay_rate")


def learning_rate(default: float) -> Knob:
    """The knob `lr`, with torch.optim's default for this method."""
    return Knob(
        "lr", default, "learning rate", 0.0, 1e3, soft=(1e-4, 1.0), log=True,
        also=("learning_rate", "step_size", "stepsize", "eta", "rate"),
    )  # fmt: skip


def epsilon(default: float) -> Knob:
    """The knob `eps`, with torch.optim's default for this method."""
    return Knob(
        "eps", default, "keeps the division finite, unit of the gradient", 0.0, 1.0, also=EPS
    )


def weight_decay(default: float = 0.0, doc: str = "adds weight_decay*x to the gradient") -> Knob:
    """The knob `weight_decay`; torch.optim's default is 0 for all but AdamW."""
    return Knob("weight_decay", default, doc, 0.0, 1e3, soft=(0.0, 1.0), also=DECAY)


B1, B2, B3 = (("b" + n, "beta_" + n, f"betas[{i}]") for i, n in enumerate("123"))
BETA1 = Knob(
    "beta1", 0.9, "decay of the mean gradient, per step", 0.0, 1.0, open_high=True, also=B1
)
BETA2 = Knob(
    "beta2", 0.999, "decay of the mean squared gradient, per step", 0.0, 1.0, open_high=True,
    also=B2,
)  # fmt: skip
MOMENTUM = Knob(
    "momentum", 0.9, "share of the velocity kept, per step", 0.0, 1.0, also=("mu", "beta")
)

# Arguments that some method of another library has, or a paper, and ours have not.
ARGUMENTS = {
    "maximize": "every run goes down; to climb, put a minus before the formula of the surface",
    "alpha": "the learning rate is lr",
    "betas": "of its means only what stands among its knobs can be set",
    "nesterov": "methods with Nesterov's momentum are nesterov and nadam, among others",
    "amsgrad": "amsgrad is a method of its own",
    "momentum": "methods with a momentum are momentum, nesterov and rmsprop, among others",
    "dampening": "the method with dampening is momentum",
    "eps_root": "where eps stands is shown by its rule, and it has no second one",
    "decoupled_weight_decay": "write decoupled_decay=0.01 in place of weight_decay",
    "use_ema": "methods that average the path are asgd and schedule_free_sgd, among others",
    "ema_momentum": "methods that average the path are asgd and schedule_free_sgd, among others",
    "loss_scale_factor": "nothing is scaled: numbers are of double precision",
    "mask": "decay holds for all parameters",
    "weight_decay_mask": "decay holds for all parameters",
    "trust_ratio_mask": "every layer is scaled",
    "beta3": "of its means only what stands among its knobs can be set",
    "init_step": "the first step is what it is",
    "clip_value_fn": "how far it clips is given by the method",
    "params": "what is trained is said by surface or net; leave it out",
    "max_iter": "how many steps are taken is said beside it, as in steps=500",
    "steps": "how many steps are taken is said beside it, as in steps=500",
    "seed": "it stands beside it, as in seed=3",
    "batch_size": "it stands beside it, as in batch=32",
}  # fmt: skip

OPTIMIZERS: Registry[Optimizer] = Registry(
    "optimizer",
    (
        "gradient descent",
        "momentum",
        "adaptive",
        "sign and averaging",
        "layer-wise",
        "parameter-free",
        "second order",
        "search and noise",
    ),
    ARGUMENTS,
)
NETWORK_OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", ("matrix methods",), ARGUMENTS)
