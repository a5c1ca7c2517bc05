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


def learning_rate(default: float) -> Knob:
    """The knob `lr`, with torch.optim's default for this method."""
    return Knob("lr", default, "learning rate, dimensionless", 0.0, 1e3, soft=(1e-4, 1.0), log=True)


def epsilon(default: float) -> Knob:
    """The knob `eps`, with torch.optim's default for this method."""
    return Knob("eps", default, "keeps the division finite, unit of the gradient", 0.0, 1.0)


def weight_decay(default: float = 0.0, doc: str = "adds weight_decay*x to the gradient") -> Knob:
    """The knob `weight_decay`; torch.optim's default is 0 for all but AdamW."""
    return Knob("weight_decay", default, f"{doc}, dimensionless", 0.0, 1e3, soft=(0.0, 1.0))


BETA1 = Knob("beta1", 0.9, "decay of the mean gradient, per step", 0.0, 1.0, open_high=True)
BETA2 = Knob(
    "beta2", 0.999, "decay of the mean squared gradient, per step", 0.0, 1.0, open_high=True
)
MOMENTUM = Knob("momentum", 0.9, "share of the velocity kept, per step", 0.0, 1.0)

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
)
NETWORK_OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", ("matrix methods",))
