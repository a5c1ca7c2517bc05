"""What a plane through a network's parameters is: its declaration, and what it is laid through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.registry import Registry
from nnopt_viz.networks.pieces import parts

if TYPE_CHECKING:
    from nnopt_viz.networks.datasets import Data
    from nnopt_viz.networks.directions import Plane
    from nnopt_viz.networks.network import Network

Array = NDArray[np.float64]

HEIGHTS = ("train", "test", "accuracy")
FAR = 1e4  # a parameter of this size is one of a run that diverges
ALIKE = 1e-12  # two directions closer to parallel than this span no plane


class PlaneError(ValueError):
    """A plane that does not exist, with the reason as a plain sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What a plane is laid through.

    Args:
        network, data: what is trained on what.
        seed: of random directions.
        knobs: the plane's call.
        ends: the runs whose ends it goes through; the first is its centre.
        paths: parameters of all runs, shape (runs, rows, P).
    """

    network: Network
    data: Data
    seed: int
    knobs: Call
    ends: tuple[int, ...]
    paths: Array


@dataclass(frozen=True, slots=True)
class PlaneKind:
    """A kind of plane through the parameter space.

    Args:
        axes: what x and y are called.
        compute: what it is laid through -> the plane. Raises PlaneError where there is none.
        is_laid_along: does it run along paths, so that much of them lies in it whatever they do?
        ends: the knobs that number the runs through whose ends it goes; the first is its centre.
        reach: how far it is shown to every side of the centre at least, in units of its
            directions; 0 where the paths alone say how far.
    """

    name: str
    title: str
    family: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str
    axes: tuple[str, str]
    compute: Callable[[Sight], Plane]
    is_laid_along: bool = False
    ends: tuple[str, ...] = ("of",)
    reach: float = 0.0


HEIGHT = Knob(
    "height", "train", "what is shown as height: loss on the training data, on the test data, or "
    "the share of training samples that are classified wrongly (1 - accuracy)",
    kind="choice", choices=HEIGHTS,
)  # fmt: skip


def number_of_run(name: str, default: int, doc: str) -> Knob:
    return Knob(name, default, f"{doc}, a run's number from 0", 0, 11, "integer")


OF = number_of_run("of", 0, "through the end of which run the plane goes")

PLANES: Registry[PlaneKind] = Registry("plane", ("plane",))


def end_of(path: Array) -> Array:
    """The last parameters (P,) of a path (rows, P) that are finite and not beyond FAR."""
    return np.asarray(path[np.flatnonzero(near(path))[-1]])


def near(paths: Array, centre: Array | None = None) -> NDArray[np.bool_]:
    """Which points of paths (…, rows, P) are finite and not beyond FAR, seen from a centre (P,)
    or from 0, shape (…, rows)."""
    *lead, size = paths.shape
    made = np.empty(lead, dtype=bool)
    for at in np.ndindex(*lead[:-1]):
        path, found = paths[at], made[at]
        for some in parts(lead[-1], size):
            off = path[some] if centre is None else path[some] - centre
            found[some] = (np.abs(off) < FAR).all(axis=-1)
    return made


def towards(direction: Array, start: Array) -> Array:
    """Of length 1, and with the paths' start (P,) on the positive side."""
    made = direction / np.linalg.norm(direction)
    return np.asarray(-made if start @ made < 0 else made)


def unit(v: Array) -> Array:
    return np.asarray(v / np.linalg.norm(v))
