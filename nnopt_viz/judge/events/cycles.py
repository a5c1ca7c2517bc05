"""Round and round: a run that comes back to the same points for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.events.event import EVENTS, Found, Kind
from nnopt_viz.judge.events.lane import edges
from nnopt_viz.judge.events.words import apart, number

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Lane

PERIODS = range(2, 9)
SAME = 1e-6  # of the cycle's width: so near is the same point
ROUNDS = 5  # times round: fewer may be chance
NEARLY = 0.9  # of the longest
LONG = 10  # steps: fewer are not seen while the race plays


def cycle(lane: Lane) -> list[Found]:
    """The longest stretch in which every point comes again after 2 to 8 steps."""
    found = [_longest(lane, period) for period in PERIODS]
    most = max(last - first for _, first, last in found)
    # A cycle of 2 comes again after 4, 6 and 8 steps too, and there a few rows sooner or later.
    period, first, last = next(f for f in found if f[2] - f[1] >= NEARLY * most)
    if last - first < max(ROUNDS * period, LONG):
        return []
    rows = slice(first, first + period)
    points, losses = lane.x[:, rows], lane.loss[rows]
    low, high = int(losses.argmin()), int(losses.argmax())
    a, b = (lane.place(points[:, i]) for i in ((0, 1) if period == 2 else (low, high)))
    text = (
        f"From step {first} to {last} it goes round in a cycle: every {period} steps it is back "
        f"where it was, from {a} to {b} and back."
    )
    text += _losses(losses[low], losses[high])
    figures = {"period": float(period), "lowest": float(losses[low])}
    figures |= {"highest": float(losses[high]), "width": _width(lane, rows)}
    known = lane.stability
    if known is not None:
        step = known.peak(first + 1, last)
        text += f" {known.sentence(step)}"
        figures |= known.figures(step)
        if known.side(step) == "exactly at":
            text += " There a swing neither grows nor dies out."
    return [Found(max(1, first), last, text, figures)]


def _losses(low: float, high: float) -> str:
    if high - low <= SAME * abs(high):
        return f" The loss stays at {number(high)}."
    least, most = apart(low, high)
    return f" The loss goes from {least} to {most} and back."


def _longest(lane: Lane, period: int) -> tuple[int, int, int]:
    """The period, and the first and last row of its longest cycle; (period, 0, 0) for none."""
    if lane.last < ROUNDS * period:
        return period, 0, 0
    back = np.hypot(*(lane.x[:, period:] - lane.x[:, :-period]))
    step = np.maximum(lane.lengths[period:], lane.lengths[period - 1 : -1])
    seen = step >= lane.limits.still  # shorter steps are less than a pixel
    firsts, lasts = edges((back <= SAME * step) & seen)
    if not firsts.size:
        return period, 0, 0
    longest = int(np.argmax(lasts - firsts))
    return period, int(firsts[longest]), int(lasts[longest]) + period


def _width(lane: Lane, rows: slice) -> float:
    """The diagonal of the box about a cycle."""
    return float(np.hypot(*np.ptp(lane.x[:, rows], axis=1)))


EVENTS.add(
    Kind(
        "cycle",
        "Going round in a cycle",
        "standstill",
        cycle,
        f"Every point comes again, to {SAME:g} of a step's length, after the same number of steps, "
        f"from {PERIODS[0]} to {PERIODS[-1]}, at least {ROUNDS} times in a row; steps under a "
        "thousandth of the region's diagonal do not count.",
        "Strogatz 2015, Nonlinear dynamics and chaos, chapter 10; Chen & Bruna 2023, Beyond the "
        "edge of stability via two-step gradient updates",
    )
)
