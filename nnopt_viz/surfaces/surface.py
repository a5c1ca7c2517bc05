"""What a loss surface is: one formula in x and y, and the facts about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Minimum:
    """A global minimum: formulas in the knobs, and the knobs for which it is one.

    Args:
        x, y: coordinates as formula text in the knobs ("a", "a**2", "0.5").
        when: condition as formula text; it counts while this is not 0.
    """

    x: str
    y: str
    when: str = "1"


@dataclass(frozen=True, slots=True)
class Surface:
    """A loss surface f(x, y), dimensionless, with its facts.

    Args:
        name: registry name, lower_snake, as the literature calls it.
        title: as shown in the menu.
        family: the group in the menu.
        formula: f in x, y and the knobs, in the formula language.
        bounds: (x low, x high, y low, y high): the region that is shown.
        start: a start from which something worth seeing happens.
        minima: the global minima; empty when the surface is unbounded below.
        convex: is f convex inside the bounds, for every allowed knob value?
        rates: good learning rates by optimizer family ("gradient", "momentum",
            "adaptive", ...; `optimizers.optimizer.RATE_FAMILIES`).
        doc: one or two plain sentences: what it teaches.
        source: author, year, title or equation.
        kinked: the gradient is not defined everywhere (a minimum may be a kink).
        scale: of the heights that map and 3D view show; left out, what suits the losses.
    """

    name: str
    title: str
    family: str
    formula: str
    bounds: tuple[float, float, float, float]
    start: tuple[float, float]
    minima: tuple[Minimum, ...]
    convex: bool
    doc: str
    source: str
    rates: Mapping[str, float] = field(default_factory=dict, hash=False)
    knobs: tuple[Knob, ...] = ()
    kinked: bool = False
    scale: Literal["log", "linear"] | None = None


# The same knob for every surface that changes with the data, so that a run can move it.
MORPH = Knob(
    "s", 0.0, "0 is the surface trained on, 1 what the world became, dimensionless", 0.0, 1.0
)

SURFACES: Registry[Surface] = Registry(
    "surface",
    (
        "one weight",
        "convex",
        "valleys",
        "many minima",
        "ripples",
        "kinks",
        "saddles and plateaus",
        "traps",
        "deep learning",
        "network",
        "shifting data",
    ),
)
