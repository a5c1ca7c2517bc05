"""Hardly moving, though not at a minimum: a plateau, a saddle, a step size worn away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate, loss_range
from nnopt_viz.judge.events.event import EVENTS, MOST, Found, Kind
from nnopt_viz.judge.events.lane import spans
from nnopt_viz.judge.events.saddles import saddle_slope
from nnopt_viz.judge.events.words import number, place, steps
from nnopt_viz.judge.minima import find_minima

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Array, Lane

FLAT = 0.1  # of the mean slope of the map's height: isolines ten times as far apart
LEVEL = 0.5  # of that slope over the diagonal: half of what turns level into mean slope across it
BESIDE = 2.0  # times as steep a step beside it, and still level
LONG = 10  # steps: a shorter stay is not seen while the race plays
SHARE = 0.02  # of the steps taken, for the same reason in a long run
SIDE = 0.4  # of the way to a minimum: a place nearer to the saddle
HELD = 100.0  # times the verdict's slope, so 10 % of the region's mean slope: not only near
SLOW = 1 / 3  # of its fastest step elsewhere: it has been held up
WORN = 0.05  # of the step size at the beginning: worn away
CREPT = 10.0  # times the verdict's distance, so 1 % of the diagonal in a tenth of the steps
EARLY = 10  # steps: the beginning
ARRIVED = ("global_minimum", "local_minimum")  # verdicts on runs whose steps need be no longer
PULLS = ("weight_decay", "decoupled_decay")


def plateau(lane: Lane) -> list[Found]:
    """Small steps on level ground, far above the minimum."""
    limits = lane.limits
    slope, bend = _level(lane)
    low, high = lane.curvature
    level = (lane.grad_norm <= slope) & (np.maximum(np.abs(low), np.abs(high)) <= bend)
    flags = np.append(False, level[:-1]) & (lane.lengths <= limits.still)
    flags &= np.roll(lane.loss, 1) - lane.best > limits.tol
    flags[:1] = False
    if lane.outcome.verdict in ARRIVED and lane.outcome.first_within is not None:
        flags[lane.outcome.first_within :] = False  # a minimum may be level: that is where it rests
    found = []
    for first, last in spans(flags):
        count = last - first + 1
        if count < max(LONG, SHARE * lane.last) or not _is_level_around(lane, last, slope[last]):
            continue
        part = slice(first, last + 1)
        fall = float(lane.loss[first - 1] - lane.loss[last])
        way = float(np.hypot(*(lane.x[:, last] - lane.x[:, first - 1])))
        steep = float(lane.grad_norm[first - 1 : last].max())
        gained = (
            f"lower the loss by {number(fall)}, to"
            if fall > 0
            else f"raise the loss by {number(-fall)}, to"
            if fall
            else "leave the loss at"
        )
        does = "crawls over" if lane.lengths[part].any() else "stands on"
        text = (
            f"From step {first} to {last} it {does} a plateau: the gradient is at most "
            f"{number(steep)}; {steps(count)} move it {number(way)} and {gained} "
            f"{number(lane.loss[last])}. (Level at this height: gradient under "
            f"{number(slope[last])}, curvature under {number(bend[last])}.)"
        )
        figures = {"gradient": steep, "way": way, "fall": fall}
        figures["longest"] = float(lane.lengths[part].max())
        found.append(Found(first, last, text, figures))
    longest = sorted(found, key=lambda f: f.step - f.until)[:MOST]
    return sorted(longest, key=lambda f: f.step)


def _is_level_around(lane: Lane, row: int, slope: float) -> bool:
    """Is the ground beside a row level too? On a crease the gradient may be 0 in one place."""
    angle = 2 * np.pi * (np.arange(8) + 0.5) / 8
    x, y = lane.x[:, row, None] + lane.limits.still * np.stack([np.cos(angle), np.sin(angle)])
    steep = np.hypot(*evaluate(lane.surface_at(row), x, y, 1)[1])
    return bool(np.nanmax(steep, initial=0.0) <= BESIDE * slope)


def _level(lane: Lane) -> tuple[Array, Array]:
    """The gradient and the curvature that count as level at each row's loss.

    Measured on the logarithm of the loss, log(1 + loss - lowest): a surface that
    reaches a million in one corner is not level everywhere else.
    """
    low, high = loss_range(lane.scenario.surface)
    low = lane.best if np.isfinite(lane.best) else low
    share = np.log1p(max(high - low, 0.0)) / lane.across
    left = np.maximum(lane.loss - min(low, float(lane.loss.min())), 0.0)
    scale = 1 + np.maximum(lane.loss - low, 0.0)  # d loss = scale * d log(1 + loss - low)
    # Where losses are huge the logarithm makes a bowl level: there a slope is none that would
    # take the whole diagonal, and more, to lose what is left.
    return np.minimum(FLAT * share * scale, left / lane.across), LEVEL * share / lane.across * scale


def saddle(lane: Lane) -> list[Found]:
    """Slow steps within reach of a saddle."""
    slope = saddle_slope(lane)
    made: dict[int, Found] = {}
    for known in lane.saddles:
        row, point, down, curve = known.row, known.point, known.down, known.curve
        if any(f.step <= row <= f.until for f in made.values()):
            continue
        reach = _reach(lane, point)
        near = np.hypot(*(lane.x - point[:, None])) <= reach
        if not (near & np.isfinite(slope))[row]:
            continue
        first, last = next(s for s in spans(near) if s[0] <= row <= s[1])
        count = last - first + 1
        pace = float(lane.lengths[first + 1 : last + 1].mean()) if last > first else np.inf
        outside = np.append(lane.lengths[: first + 1], lane.lengths[last + 1 :])
        is_held = pace <= SLOW * outside.max() or outside.size == 1  # it never was elsewhere
        if count < max(LONG, SHARE * lane.last) or not is_held:
            continue
        steep = float(lane.grad_norm[first : last + 1].min())
        if steep > HELD * lane.limits.slope:
            continue
        stays = last == lane.last and lane.ended is None
        if stays and lane.outcome.verdict in ARRIVED:
            continue  # it passes the saddle so slowly that it ends at the minimum beside it
        end = "It is still there at the end." if stays else f"Step {last + 1} takes it away."
        then = "" if lane.s is None else f" (as the surface is at step {row})"
        text = (
            f"From step {first} to {last} it dwells at the saddle at {lane.place(point)}{then}: "
            f"the gradient falls to {number(steep)} there, and {steps(count - 1)} lead no further "
            f"than {number(reach)} from it. The way out is along the direction "
            f"{place(down)}, where the curvature is {number(curve)}. {end}"
        )
        figures = {"x": float(point[0]), "y": float(point[1]), "gradient": steep, "curve": curve}
        made[first] = Found(max(1, first), last, text, figures)
    longest = sorted(made.values(), key=lambda f: f.step - f.until)[:MOST]
    return sorted(longest, key=lambda f: f.step)


def _reach(lane: Lane, point: Array) -> float:
    """How near to a saddle is at it: nearer than to any minimum, where they are close together."""
    if lane.s is not None:
        return lane.limits.near
    minima = [(m.x, m.y) for m in find_minima(lane.scenario.surface)]
    minima += [stay.minimum for stay in lane.stays]
    return min([lane.limits.near, *(SIDE * float(np.hypot(*(point - m))) for m in minima)])


def decayed(lane: Lane) -> list[Found]:
    """Steps worn down to nothing while the slope is still there."""
    if lane.last < 2 * EARLY or lane.ended is not None or lane.outcome.verdict in ARRIVED:
        return []
    if any(lane.call.numbers().get(name) for name in PULLS):
        return []  # it may stand where the pull and the slope are in balance
    size = lane.lengths[1:] / lane.grad_norm[:-1]  # way per unit of gradient
    size[lane.grad_norm[:-1] == 0] = np.nan
    first, tail = float(np.fmax.reduce(size[:EARLY])), max(1, lane.last // 10)
    end = float(np.median(size[-tail:]))
    moved = float(np.hypot(*np.ptp(lane.x[:, -tail - 1 :], axis=1)))
    longest = float(lane.lengths.max())
    is_worn = first > 0 and end <= WORN * first
    is_slow = moved <= CREPT * lane.limits.still and lane.lengths[-tail:].max() <= WORN * longest
    is_needed = (
        lane.grad_norm[-tail:].min() > 10 * lane.limits.slope  # 1 % of the mean slope
        and lane.loss[-1] - lane.best > lane.limits.tol
    )
    if not (is_worn and is_slow and is_needed):
        return []
    larger = np.flatnonzero(size > WORN * first)
    step = int(larger[-1]) + 2  # the step after the last larger one; size[0] is step 1's
    if lane.last - step < tail - 1:
        return []  # not for good
    rate, last_rate = float(lane.lr[1 : EARLY + 1].max()), float(lane.lr[-1])
    if last_rate <= 2 * WORN * rate:
        why = f"Its schedule has cut lr from {number(rate)} to {number(last_rate)}"
    else:
        why = f"lr is {number(last_rate)}: it is the rule itself that has shortened its steps"
    text = (
        f"From step {step} on its step size is worn away: for each unit of gradient it moves "
        f"{number(end)} in the last {steps(tail)} (median), but up to {number(first)} in the first "
        f"{EARLY}. {why}. The slope is still {number(lane.grad_norm[-1])}, yet those last steps "
        f"keep within {number(moved)}."
    )
    figures = {"size_first": first, "size_last": end, "moved": moved}
    figures["gradient"] = float(lane.grad_norm[-1])
    return [Found(step, lane.last, text, figures)]


EVENTS.add(
    Kind(
        "plateau",
        "On a plateau",
        "standstill",
        plateau,
        f"At least {LONG} steps in a row, and {SHARE:.0%} of all, that begin where the map, whose "
        f"height is log(1 + loss − lowest), is level: under {FLAT:.0%} of its mean slope, and a "
        f"curvature under {LEVEL:.0%} of that slope over the diagonal, and where the slope would "
        "take the whole diagonal to lose what is left; above the minimum, not where the verdict "
        "says that it has reached one; each shorter than a thousandth of the diagonal.",
        "Fukumizu & Amari 2000, Local minima and plateaus in hierarchical structures of "
        "multilayer perceptrons",
    )
)
EVENTS.add(
    Kind(
        "saddle",
        "Dwelling at a saddle",
        "standstill",
        saddle,
        f"At least {LONG} rows in a row, and {SHARE:.0%} of all, within 2% of the diagonal of a "
        f"saddle and {SIDE:.0%} of its distance to a minimum, where the surface curves both ways, "
        "with a gradient that falls under 10% of the "
        "region's mean slope, on average at less than a third of the pace of its fastest step "
        "elsewhere.",
        "Dauphin et al. 2014, Identifying and attacking the saddle point problem in "
        "high-dimensional non-convex optimization",
    )
)
EVENTS.add(
    Kind(
        "decayed",
        "Step size decayed to nothing",
        "standstill",
        decayed,
        f"For a gradient of 1 it moves at most {WORN:.0%} as far as in its first {EARLY} steps, "
        "and the last tenth of the steps moves it less than a hundredth of the diagonal, though "
        "the gradient is not small.",
        "Zeiler 2012, ADADELTA: an adaptive learning rate method, on Adagrad, section 3",
    )
)
