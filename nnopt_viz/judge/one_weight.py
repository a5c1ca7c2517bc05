"""Surfaces of one weight: the formula reads x alone, so that the loss is a curve over x."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.evaluate import surface_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

    Array = NDArray[np.float64]


def has_one_weight(surface: Call) -> bool:
    """Does the formula read x, and not y? Whatever its knobs are: as they move it stays so."""
    return surface_of(surface).has_one_weight


def home(surface: Call) -> float:
    """The y at which places of a surface of one weight are told: 0, or the middle of the region."""
    _, _, low, high = surface_entry(surface).bounds
    return 0.0 if low <= 0 <= high else (low + high) / 2


def pinned(surface: Call, x: Array) -> Array:
    """Positions as they are judged, shape (2, …): of one weight's only x counts, y is `home`.

    Noise, and a start of any y, move y where the loss does not change with it.
    """
    if not has_one_weight(surface):
        return x
    made = np.array(x)
    made[1] = np.where(np.isnan(x[0]), np.nan, home(surface))
    return made
