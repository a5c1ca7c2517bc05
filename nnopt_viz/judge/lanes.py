"""How all starts of a run ended: how many reached, and the quartiles of their last losses.

The one start that an outcome names stands for itself alone; with many starts these figures say
what is typical. A start that diverged counts as above every loss, so that leaving the race early
flatters nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.judge.outcome import Outcome

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


def quartiles(losses: NDArray[np.float64]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile, interpolated as NumPy does by default.

    Args:
        losses: last losses, shape (lanes,); NaN where a start has diverged, which counts as
            infinite.
    """
    found = np.sort(np.where(np.isnan(losses), math.inf, losses))
    made = []
    for share in QUARTERS:
        at = share * (found.size - 1)
        low, high = float(found[math.floor(at)]), float(found[math.ceil(at)])
        part = at - math.floor(at)
        made.append(low if low == high else low * (1 - part) + high * part)
    return made[0], made[1], made[2]


def with_starts(outcomes: list[Outcome], losses: NDArray[np.float64]) -> list[Outcome]:
    """The outcomes, each with the figures of all its starts; alone a start needs none.

    Args:
        outcomes: one a run.
        losses: at the last step, shape (runs, lanes); NaN where a start has diverged.
    """
    return [
        replace(outcome, starts=_starts(outcome, last)) if outcome.lanes > 1 else outcome
        for outcome, last in zip(outcomes, losses, strict=True)
    ]


def _starts(outcome: Outcome, last: NDArray[np.float64]) -> Starts:
    reached = outcome.counts.get("global_minimum", 0)
    low, middle, high = (v if math.isfinite(v) else None for v in quartiles(last))
    return Starts(reached, reached / outcome.lanes, low, middle, high)
