"""How a run that ends before its last step began to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.events.event import EVENTS, Found, Kind
from nnopt_viz.judge.events.words import apart, number
from nnopt_viz.judge.simulation import starts_outside

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Lane


ENDS = {
    "left": "step {} leads farther away than 1000 times the region",
    "not_finite": "after step {} its position or its loss is no finite number",
}


def divergence(lane: Lane) -> list[Found]:
    """From the lowest loss to the step that has no row."""
    if lane.ended is None or lane.reason is None:
        return []
    loss = np.where(np.isfinite(lane.loss), lane.loss, np.inf)  # a start may be undefined
    low, last = lane.last - int(np.argmin(loss[::-1])), lane.last
    end = ENDS[lane.reason].format(lane.ended)
    if not np.isfinite(loss[low]):
        text = f"Its loss is not defined where it starts; {end}."
        return [Found(1, lane.ended, text, {"ended": float(lane.ended)})]
    if starts_outside(lane.scenario, *lane.x[:, 0].tolist()) and lane.ended == 1:
        text = "It starts farther away than 1000 times the region, and a race ends there."
        return [Found(1, 1, text, {"ended": 1.0})]
    outside = _outside(lane)
    figures = {"lowest": float(lane.loss[low]), "ended": float(lane.ended)}
    if low == last >= outside and lane.loss[last] < lane.loss[outside - 1]:
        text = (
            f"From step {outside} on it is outside the region, and its loss falls there, "
            f"to {number(lane.loss[last])} at step {last}; {end}."
        )
        return [Found(outside, lane.ended, text, figures)]
    lowest, latest = apart(lane.loss[low], lane.loss[last])
    text = f"It diverges: its loss is lowest, {lowest}, at step {low}"
    if last > low:
        text += f", and has grown to {latest} by step {last}, which is {number(lane.lengths[-1])}"
        text += f" long; {end}."
        figures |= {"loss": float(lane.loss[-1]), "longest": float(lane.lengths[low + 1 :].max())}
    else:
        text += f"; {end}."
    known = lane.stability
    if known is not None and last > low:
        above = np.flatnonzero(known.is_above(low + 1, last))
        if above.size:
            step = low + 1 + int(above[0])
            text += f" {known.sentence(step)}"
            figures |= known.figures(step)
    return [Found(low + 1, lane.ended, text, figures)]


def _outside(lane: Lane) -> int:
    """The first step after which it is outside the region to the end; lane.last + 1 for none."""
    xl, xh, yl, yh = surface_entry(lane.scenario.surface).bounds
    x, y = lane.x
    inside = np.flatnonzero((x >= xl) & (x <= xh) & (y >= yl) & (y <= yh))
    return max(1, int(inside[-1]) + 1 if inside.size else 0)


EVENTS.add(
    Kind(
        "divergence",
        "Divergence",
        "end",
        divergence,
        "A run that ends, at a position or loss that is not finite or outside 1000 times the "
        "region, from the step after its lowest loss; with the first step from there whose "
        "sharpness is above the method's stability line. Where its loss is lowest at its end, "
        "outside the region: from the step that leads out.",
        "Cohen et al. 2021, Gradient descent on neural networks typically occurs at the edge of "
        "stability, section 2; 2022, Adaptive gradient methods at the edge of stability",
    )
)
