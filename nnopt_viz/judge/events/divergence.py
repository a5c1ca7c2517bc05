"""How a run that ends before its last step began to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.events.event import EVENTS, Found, Kind
from nnopt_viz.judge.events.stability import judged
from nnopt_viz.judge.events.words import number

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Lane


GONE = "takes it farther away than 1000 times the region, or beyond all finite numbers"


def divergence(lane: Lane) -> list[Found]:
    """From the lowest loss to the step that has no row."""
    if lane.ended is None:
        return []
    finite = np.where(np.isfinite(lane.loss), lane.loss, np.inf)
    low = lane.last - int(np.argmin(finite[::-1]))
    if low == lane.last and low > 0:
        return [_downhill(lane, lane.ended)]
    text = (
        f"From step {low + 1} on it diverges: its loss is lowest, {number(lane.loss[low])}, at "
        f"step {low}"
    )
    figures = {"lowest": float(lane.loss[low]), "ended": float(lane.ended)}
    if lane.last > low:
        steps = lane.lengths[low + 1 :]
        text += (
            f", and has grown to {number(lane.loss[-1])} by step {lane.last}, whose step is "
            f"{number(steps[-1])} long. Step {lane.ended} {GONE}."
        )
        figures |= {"loss": float(lane.loss[-1]), "longest": float(steps.max())}
    else:
        text += f", and step {lane.ended} {GONE}."
    known = judged(lane, low + 1, lane.last) or judged(lane, lane.last, lane.last)
    if known is not None and np.isfinite(known.sharpness).any():
        above = np.flatnonzero(known.sharpness > known.line)
        at = int(above[0]) if above.size else int(np.nanargmax(known.sharpness))
        text += " " + known.sentence(at)
        figures |= known.figures(at)
    return [Found(low + 1, lane.ended, text, figures)]


def _downhill(lane: Lane, ended: int) -> Found:
    """The loss falls all the way: the surface has no floor here."""
    xl, xh, yl, yh = surface_entry(lane.scenario.surface).bounds
    x, y = lane.x
    outside = np.flatnonzero((x < xl) | (x > xh) | (y < yl) | (y > yh))
    step = max(1, int(outside[0]) if outside.size else lane.last)
    text = (
        f"From step {step} on it runs out of the region downhill, to a loss of "
        f"{number(lane.loss[-1])} at step {lane.last}: not a step too long, but a surface that "
        f"goes on falling there."
    )
    figures = {"lowest": float(lane.loss[-1]), "ended": float(ended)}
    return Found(step, ended, text, figures)


EVENTS.add(
    Kind(
        "divergence",
        "Divergence",
        "end",
        divergence,
        "A run that ends, at a position or loss that is not finite or outside 1000 times the "
        "region, from the step after its lowest loss; with the first step whose sharpness is "
        "above the method's stability line.",
        "Cohen et al. 2021, Gradient descent on neural networks typically occurs at the edge of "
        "stability, section 2; 2022, Adaptive gradient methods at the edge of stability",
    )
)
