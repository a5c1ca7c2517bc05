"""Across the valley instead of along it: zig-zag and overshoot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.events.event import EVENTS, MOST, Found, Kind
from nnopt_viz.judge.events.lane import spans
from nnopt_viz.judge.events.stability import EXACT
from nnopt_viz.judge.events.words import apart, number, times
from nnopt_viz.judge.one_weight import has_one_weight

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Lane

RAVINE = 5.0  # curvature across over curvature along: from here contours look like a valley
TURNS = 5  # turns in a row: fewer may be a bend of the way
GAP = 4  # steps between two turns: a slower swing is an overshoot
WASTE = 2.0  # path across over how far it gets: less than this and it is mostly getting on
RISE = 0.05  # of the loss shed so far: a climb that is seen in the curves


def zigzag(lane: Lane) -> list[Found]:
    """Steps that turn back across a ravine, again and again."""
    if has_one_weight(lane.scenario.surface):
        return []  # a curve has no ravine: there is nothing to get on along
    low, high = (np.roll(value, 1) for value in lane.curvature)  # where each step begins
    across = np.roll(lane.steepest, 1, axis=1)
    side = (lane.moves * across).sum(axis=0)
    before = (np.roll(lane.moves, 1, axis=1) * across).sum(axis=0)
    is_ravine = (high > 0) & (high >= RAVINE * np.abs(low))
    # A turn under a thousandth of the region's diagonal is less than a pixel.
    seen = np.maximum(np.abs(side), np.abs(before)) >= lane.limits.still
    turns = is_ravine & seen & (side * before < 0)
    turns[:2] = False
    found = []
    for first, last in spans(turns, GAP):
        first -= 1  # the step that is turned back from
        part = slice(first, last + 1)
        count, path = int(turns[part].sum()), float(np.abs(side[part][is_ravine[part]]).sum())
        way = float(np.hypot(*(lane.x[:, last] - lane.x[:, first - 1])))
        if count < TURNS or path < WASTE * way:
            continue
        text = (
            f"From step {first} to {last} it zig-zags across the ravine: {count} of "
            f"{last - first + 1} steps turn back. Their way across it is {number(path)} long, and "
            f"takes it only {number(way)} from where it was."
        )
        if lane.is_noisy:
            text += " Noise has a part in the turns."
        figures = {"turns": float(count), "across": path, "way": way}
        more, numbers = _against(lane, first, last)
        text += more
        figures |= numbers
        found.append(Found(first, last, text, figures))
    longest = sorted(found, key=lambda f: f.step - f.until)[:MOST]
    return sorted(longest, key=lambda f: f.step)


def overshoot(lane: Lane) -> list[Found]:
    """Loss that had fallen rises again because the run goes past the lowest point."""
    loss, ways = lane.loss, lane.slope_along()
    rising = np.append(False, np.diff(loss) > 0)
    shed = np.maximum.accumulate(loss) - loss
    found = []
    for first, last in spans(rising):
        start = first - 1
        if lane.ended is not None and last == lane.last:
            continue  # that is how it diverges
        climb = float(loss[last] - loss[start])
        if climb < max(RISE * shed[start], lane.limits.tol):
            continue
        if not shed[start] and ways[first] >= 0:
            continue  # it set out uphill: nothing has been overshot
        if not lane.remembers and (ways[first : last + 1] > 0).any():
            continue  # a method without memory goes uphill by chance, or because it wants to
        if lane.moves_under(start, last):
            continue  # the surface may have risen under it
        uphill = first + np.flatnonzero(ways[first : last + 1] > 0)
        if uphill.size and (lane.moves[:, uphill[0]] * lane.moves[:, uphill[0] - 1]).sum() <= 0:
            continue  # it has turned: nothing carries it on
        found.append((climb, start, last, bool(uphill.size)))
    if not found:
        return []
    climb, start, last, inertia = max(found)
    low, high = apart(loss[start], loss[last])
    if not inertia and last == start + 1:
        text = f"Step {last} is too long: it sets out downhill from loss {low} and lands at {high}."
    elif not inertia:
        text = (
            f"Steps {start + 1} to {last} are too long: each sets out downhill, and together they "
            f"lead from loss {low} to {high}."
        )
    elif shed[start]:
        text = (
            f"At step {start} its loss has come down to {low}, and it does not stop there: earlier "
            f"steps carry it on, up to {high} at step {last}."
        )
    else:
        text = (
            f"Step {start + 1} is too long: it sets out downhill from loss {low}, and earlier "
            f"steps carry it on, up to {high} at step {last}."
        )
    if len(found) > 1:
        text += f" The loss rises like this {times(len(found))} in all; this is the highest climb."
    if lane.is_noisy:
        text += " Noise has a part in it."
    figures = {"lowest": float(loss[start]), "highest": float(loss[last]), "climb": climb}
    figures["count"] = float(len(found))
    known = lane.stability
    if known is not None:
        step = known.peak(start + 1, last)
        text = f"{text} {known.sentence(step)}".rstrip()
        figures |= known.figures(step)
        mean = _mean_curvature(lane, last)
        is_steep = known.share[last - known.first] <= 1 < mean / known.line[last - known.first]
        if is_steep and last == start + 1 and not inertia:
            text += (
                f" It grows along the step: its mean, the start counting most, is {number(mean)}."
            )
            figures["along"] = mean
    return [Found(max(1, start + (not inertia)), last, text, figures)]


def _mean_curvature(lane: Lane, step: int) -> float:
    """The curvature along a step, of which the loss at its end is made.

    f(x + d) = f(x) + g·d + d·H·d/2 with H averaged along the step by Taylor's formula, the
    start of the step with the most weight; over d·D·d for a method that divides by D.
    """
    known, move = lane.stability, lane.moves[:, step]
    size = move if known is None or known.divisors is None else move * known.divisors[:, step - 1]
    gained = lane.loss[step] - lane.loss[step - 1] - lane.gradient[:, step - 1] @ move
    return float(2 * gained / (size @ move))


def _against(lane: Lane, first: int, last: int) -> tuple[str, dict[str, float]]:
    """What is to be said of the stability line at steps that swing, and its figures."""
    known = lane.stability
    if known is None:
        return "", {}
    step, above = known.peak(first, last), known.is_above(first, last)
    text, count = known.sentence(step), int(above.sum())
    if not text:
        return "", {}
    if known.side(step) == "under":
        text += " It is under it at every one of these steps."
    elif count == above.size:
        text += " It is above it at every one of these steps."
    elif count:
        share = known.share[first - known.first : last + 1 - known.first]
        at = int((np.abs(share - 1) <= EXACT).sum())
        since = known.since(step)
        text += f" It is above it at {count} of these {above.size} steps"
        text += f", and has been since step {since}." if since < first else "."
        text += f" At {at} others it is exactly at it." if at else ""
    return f" {text}", known.figures(step) | {"above": float(count)}


EVENTS.add(
    Kind(
        "zigzag",
        "Zig-zag across a ravine",
        "ravine",
        zigzag,
        f"At least {TURNS} steps, at most {GAP} apart, that turn back across a ravine (where the "
        f"curvature across is {RAVINE:g} times that along), with {WASTE:g} times as much path "
        "across as they get away from where they began. Turns under a thousandth of the region's "
        "diagonal do not count.",
        "Boyd & Vandenberghe 2004, Convex optimization, section 9.3; the lines: Cohen et al. 2021, "
        "Gradient descent on neural networks typically occurs at the edge of stability",
    )
)
EVENTS.add(
    Kind(
        "overshoot",
        "Overshoot",
        "ravine",
        overshoot,
        f"The loss rises again by at least {RISE:.0%} of what it had shed, because a step or the "
        "speed gathered before leads past the lowest point. The highest such climb is shown; "
        "none is looked for while the surface moves.",
        "Goh 2017, Why momentum really works",
    )
)
