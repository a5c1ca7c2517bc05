"""Across the valley instead of along it: zig-zag and overshoot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.events.event import EVENTS, MOST, Found, Kind
from nnopt_viz.judge.events.lane import spans
from nnopt_viz.judge.events.stability import judged
from nnopt_viz.judge.events.words import number, times

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Array, Lane

RAVINE = 5.0  # curvature across over curvature along: from here contours look like a valley
TURNS = 5  # turns in a row: fewer may be a bend of the way
GAP = 4  # steps between two turns: a slower swing is an overshoot
WASTE = 2.0  # path across over way along: less than this and it is mostly getting on
RISE = 0.05  # of the loss shed so far: a climb that is seen in the curves


def zigzag(lane: Lane) -> list[Found]:
    """Steps that turn back across a ravine, again and again."""
    low, high = (np.roll(value, 1) for value in lane.curvature)  # where each step begins
    across = np.roll(lane.steepest, 1, axis=1)
    side = (lane.moves * across).sum(axis=0)
    before = (np.roll(lane.moves, 1, axis=1) * across).sum(axis=0)
    is_ravine = (high > 0) & (high >= RAVINE * np.abs(low))
    # A turn under a thousandth of the region's diagonal is less than a pixel.
    seen = np.maximum(np.abs(side), np.abs(before)) >= lane.limits.still
    turns = is_ravine & seen & (side * before < 0)
    turns[:2] = False
    along = _along(across, lane.moves)
    found = []
    for first, last in spans(turns, GAP):
        first -= 1  # the step that is turned back from
        part = slice(first, last + 1)
        count, path, way = int(turns[part].sum()), np.abs(side[part]).sum(), abs(along[part].sum())
        if count < TURNS or path < WASTE * way:
            continue
        known = judged(lane, first, last)
        text = (
            f"From step {first} to {last} it zig-zags across the ravine: {count} of "
            f"{last - first + 1} steps turn back across it, {number(path)} of path, while it "
            f"gets only {number(way)} along it."
        )
        if lane.is_noisy:
            text += " Noise has a part in the turns."
        figures = {"turns": float(count), "across": float(path), "along": float(way)}
        if known is not None:
            text += " " + known.sentence()
            figures |= known.figures()
        found.append(Found(first, last, text, figures))
    longest = sorted(found, key=lambda f: f.step - f.until)[:MOST]
    return sorted(longest, key=lambda f: f.step)


def _along(across: Array, moves: Array) -> Array:
    """Each step's part along the ravine, its direction kept from step to step."""
    along = np.stack([-across[1], across[0]])
    same = (along * np.roll(along, 1, axis=1)).sum(axis=0)
    sign = np.cumprod(np.where(same < 0, -1.0, 1.0))
    return np.asarray((along * moves).sum(axis=0) * sign)


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
        if lane.s is not None and not _still_rises(lane, start, last, climb):
            continue  # the surface rose under it
        found.append((climb, start, last))
    if not found:
        return []
    climb, start, last = max(found)
    inertia = bool((ways[start + 1 : last + 1] > 0).any())
    low, high = number(loss[start]), number(loss[last])
    if inertia:
        text = (
            f"At step {start} its loss has come down to {low}, and it does not stop there: earlier "
            f"steps carry it on, up to {high} at step {last}."
        )
    else:
        text = f"Step {last} is too long: it sets out downhill from loss {low} and lands at {high}."
    if len(found) > 1:
        text += f" The loss rises like this {times(len(found))} in all; this is the highest climb."
    if lane.is_noisy:
        text += " Noise has a part in it."
    figures = {"lowest": float(loss[start]), "highest": float(loss[last]), "climb": climb}
    figures["count"] = float(len(found))
    known = judged(lane, start + 1, last)
    if known is not None:
        text += " " + known.sentence(0)
        figures |= known.figures(0)
    return [Found(start + (not inertia), last, text, figures)]


def _still_rises(lane: Lane, start: int, last: int, climb: float) -> bool:
    """Does the loss rise by half as much on the surface as it was at the start of the climb?"""
    there = evaluate(lane.surface_at(start), *lane.x[:, [start, last]])
    return bool(there[1] - there[0] >= climb / 2)


EVENTS.add(
    Kind(
        "zigzag",
        "Zig-zag across a ravine",
        "ravine",
        zigzag,
        f"At least {TURNS} steps, at most {GAP} apart, that turn back across a ravine (where the "
        f"curvature across is {RAVINE:g} times that along), with {WASTE:g} times as much path "
        "across as way along. Turns under a thousandth of the region's diagonal do not count.",
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
        "speed gathered before leads past the lowest point. The highest such climb is shown.",
        "Goh 2017, Why momentum really works",
    )
)
