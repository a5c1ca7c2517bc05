"""How all starts of a run ended: how many reached, and the quartiles of their last losses.

The one start that an outcome names stands for itself alone; with many starts these figures say
what is typical. A start that diverged counts as above every loss, so that leaving the race early
flatters nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Starts:
    """All starts of one run, at its last step.

    Args:
        reached: how many ended in the global minimum.
        share: that over the number of starts, 0 to 1.
        lower, median, upper: quartiles of the last loss over all starts, interpolated between
            neighbours; a start that diverged counts as infinitely high, and None is infinite.
    """

    reached: int
    share: float
    lower: float | None
    median: float | None
    upper: float | None


def quartiles(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower quartile, median and upper quartile, interpolated as NumPy does by default.

    Args:
        losses: of all starts, shape (…, lanes); NaN where one has diverged, which counts as
            infinite.

    Returns:
        Shape (3, …).
    """
    found = np.sort(np.where(np.isnan(losses), math.inf, losses), axis=-1)
    made = []
    for share in QUARTERS:
        at = share * (found.shape[-1] - 1)
        low, high = found[..., math.floor(at)], found[..., math.ceil(at)]
        part = at - math.floor(at)
        with np.errstate(invalid="ignore"):  # infinite times 0
            made.append(np.where(low == high, low, low * (1 - part) + high * part))
    return np.stack(made)


def starts_of(counts: Mapping[str, int], losses: NDArray[np.float64]) -> Starts | None:
    """The figures of all starts of a run; alone a start needs none.

    Args:
        counts: verdict -> starts.
        losses: at the last step, shape (lanes,); NaN where a start has diverged.
    """
    if losses.size == 1:
        return None
    reached = counts.get("global_minimum", 0)
    low, middle, high = (float(v) if math.isfinite(v) else None for v in quartiles(losses))
    return Starts(reached, reached / losses.size, low, middle, high)
