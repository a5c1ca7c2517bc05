"""Low for long, and then up again by orders of magnitude: what Adam is known for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.events.event import EVENTS, Found, Kind
from nnopt_viz.judge.events.lane import edges
from nnopt_viz.judge.events.words import apart, number, place, times
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.newton import polish
from nnopt_viz.judge.one_weight import has_one_weight

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Array, Lane
    from nnopt_viz.judge.events.stability import Judged

LEVELS = 10.0 ** np.arange(-3, -10, -1)  # of the largest height: how low it may have been
TIMES = 1e3  # as high again: three orders of magnitude
LONG = 10  # steps: passing the lowest point at speed is not having been low
ROUNDING = 1e-12  # of the minimum's loss: heights under this are rounding
SEEN = 1e-3  # of a height: less than that does not show in three digits
LEVEL = 1e-9  # of the curvature across: as level along a valley of minima, but for rounding
EXACT = 1e-6  # of the diagonal: so near Newton's method has to end
CHANGED = 1.05  # times as much: less is not told as a cause
DOUBLE = 2.0  # times as far for the same gradient, or half of the line: where it came from


@dataclass(frozen=True, slots=True)
class _Rise:
    """One rise.

    Args:
        low, top: the rows of the lowest loss and of the highest after it.
        bottom: the loss of the minimum that it was at.
        height: the loss at row top above that.
    """

    low: int
    top: int
    bottom: float
    height: float


def rise(lane: Lane) -> list[Found]:
    """The highest rise after a time of low loss, with what had changed before."""
    made = _rises(lane)
    if not made:
        return []
    best = max(made, key=lambda one: (one.height, -one.low))
    low, top = best.low, best.top
    lowest, highest = apart(lane.loss[low], lane.loss[top])
    down = f"down to {lowest} at step {low}" if low else f"{lowest} at the start"
    text = f"Its loss, {down}, rises again, to {highest} at step {top}."
    figures = {"lowest": float(lane.loss[low]), "highest": float(lane.loss[top])}
    if abs(best.bottom) > SEEN * best.height:  # else the losses say so by themselves
        above = max(float(lane.loss[low]) - best.bottom, 0.0), best.height
        figures |= {"above_low": above[0], "above_top": above[1]}
        text += f" Above the bottom there, {number(best.bottom)}, that is {number(above[0])} and "
        text += f"{number(above[1])}."
    if len(made) > 1:
        text += f" It rises like this {times(len(made))} in all; this is the highest."
    why, numbers = _passed(lane.stability, lane, low, top) or _farther(lane, low, top)
    if lane.is_noisy:
        why += " Noise has a part in it."
    return [Found(low + 1, top, text + why, figures | numbers)]


def _rises(lane: Lane) -> list[_Rise]:
    """Every rise, in order: after at least as many low steps as it takes to rise from there."""
    climb = lane.loss - np.minimum.accumulate(lane.loss)
    if lane.last < 2 * LONG or not climb.max() > LEVELS[-1] * np.ptp(lane.loss):
        return []  # it falls all the time, or is not defined where it starts
    made: list[_Rise] = []
    nearest = [int(np.argmin(lane.loss)), int(np.argmin(lane.grad_norm)), lane.last]
    for bottom in sorted({float(low) for low in _bottoms(lane, nearest) if np.isfinite(low)}):
        height = lane.loss - bottom
        height[height < 0] = np.inf  # lower than this bottom: it was elsewhere
        largest = height[np.isfinite(height)].max()
        for level in largest * LEVELS:
            firsts, lasts = edges(height <= level)
            is_long = lasts - firsts + 1 >= LONG
            firsts, lasts = firsts[is_long], lasts[is_long]
            nexts = np.append(firsts, height.size)[1:]
            for first, last, end in zip(firsts, lasts, nexts, strict=True):
                after = height[last + 1 : min(end, 2 * last + 2 - first)]
                elsewhere = np.flatnonzero(np.isinf(after))
                after = after[: elsewhere[0]] if elsewhere.size else after
                if not after.size or after.max() < max(TIMES * level, ROUNDING * abs(bottom)):
                    continue
                top = int(last + 1 + np.argmax(after))
                if lane.moves_under(first, top):
                    continue  # the surface may have risen under it
                if top == lane.last and lane.ended is not None:
                    continue  # that is how it diverges
                if any(one.low < top and first <= one.top for one in made):
                    continue  # the same one, seen from a lower level
                row = int(last - np.argmin(lane.loss[first : last + 1][::-1]))
                if np.isfinite(_bottoms(lane, [row])).all():  # else it was low, but at none
                    made.append(_Rise(row, top, bottom, float(height[top])))
    return made


def _bottoms(lane: Lane, rows: list[int]) -> Array:
    """The loss of the minimum at which each row is, NaN where it is at none."""
    surface, x = lane.surface_at(lane.last), lane.x[:, rows]
    rests = polish(surface, x)
    is_rest = (rests.high > 0) & (rests.low > -LEVEL * rests.high)
    is_rest &= rests.slope <= EXACT * lane.across * rests.high
    is_rest &= np.hypot(*(rests.x - x)) <= lane.limits.near
    lows = np.where(is_rest, np.fmin(rests.loss, lane.loss[rows]), np.nan)
    for known in find_minima(surface):  # exact, where Newton's steps drown in rounding
        near = np.hypot(x[0] - known.x, x[1] - known.y) <= lane.limits.near
        lows[near] = np.fmin(lows[near], known.loss)
    return np.where(np.isfinite(lows), lows, np.nan)


def _passed(
    known: Judged | None, lane: Lane, low: int, top: int
) -> tuple[str, dict[str, float]] | None:
    """That the sharpness passed its line, when and why; None where it did not, or none is known."""
    if known is None:
        return None
    peak = known.peak(low + 1, top)
    if known.side(peak) != "above":
        return None
    step = known.since(peak)
    at, name = step - known.first, known.name
    sharp, line = apart(known.sharpness[at], known.line[at])
    if step == 1:
        text = f" From step 1 on {name} is above its stability line: "
    else:
        text = f" Before step {step} {name} passes its stability line: "
    text += f"{sharp} over {line} ({known.formula})."
    figures = known.figures(step) | {"cause": float(step)}
    if step > 1:
        text += _changes(known, lane, step)
    if peak > step:
        then, line = apart(known.sharpness[peak - 1], known.line[peak - 1])
        text += f" It is furthest above it before step {peak}: {then} over {line}."
        figures |= {"peak": float(peak), "peak_sharpness": float(known.sharpness[peak - 1])}
    return text, figures


def _changes(known: Judged, lane: Lane, step: int) -> str:
    """What has grown or shrunk since the sharpness was half of its line, or least of it."""
    share = known.share[: step - 1]
    far = np.flatnonzero(share <= 1 / DOUBLE)
    since = 1 + int(far[-1] if far.size else np.nanargmin(share))
    parts = []
    curve = lane.curvature[1][[since - 1, step - 1]]
    if curve[1] > CHANGED * curve[0]:
        a, b = apart(*curve)
        parts.append(f"the largest curvature has grown from {a} to {b}")
    if known.divisors is not None:
        before, now = known.divisors[:, since - 1], known.divisors[:, step - 1]
        read = slice(0, 1) if has_one_weight(lane.scenario.surface) else slice(None)
        if (before > CHANGED * now)[read].any():
            a, b, of = place(before), place(now), " for x and y"
            if has_one_weight(lane.scenario.surface):
                (a, b), of = apart(before[0], now[0]), ""
            parts.append(
                f"the divisors, which forget large gradients, have shrunk from {a}{of} to {b}"
            )
    if known.line[since - 1] > CHANGED * known.line[step - 1]:
        a, b = apart(known.line[since - 1], known.line[step - 1])
        parts.append(f"the line has sunk from {a} to {b}")
    if not parts:
        return ""
    return f" Since step {since}, where it was {number(share[since - 1])} of it, " + (
        " and ".join(parts) + "."
    )


def _farther(lane: Lane, low: int, top: int) -> tuple[str, dict[str, float]]:
    """Without a line that was passed: does it move farther for the same gradient than at first?"""
    size = lane.lengths[1:] / lane.grad_norm[:-1]
    first, then = np.median(size[:LONG]), np.median(size[low:top])
    if lane.is_noisy or not then >= DOUBLE * first:
        return "", {}
    text = (
        f" For each unit of gradient it moves {number(then)} on the way up (median); in its first "
        f"{LONG} steps it moved {number(first)}."
    )
    return text, {"size_first": float(first), "size_then": float(then)}


EVENTS.add(
    Kind(
        "rise",
        "Up again from a minimum",
        "end",
        rise,
        f"The loss, measured from the bottom it had come to, rises to {TIMES:g} times what it was "
        f"at most for at least {LONG} steps, and for as many steps as it then takes to rise. The "
        "highest such rise is shown, with the step at which the sharpness passed the method's "
        "stability line and what had changed by then; none is looked for while the surface moves.",
        "Cohen et al. 2022, Adaptive gradient methods at the edge of stability; Molybog et al. "
        "2023, A theory on Adam instability in large-scale machine learning",
    )
)
