"""Out of a well, or caught in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.events.event import EVENTS, MOST, Found, Kind
from nnopt_viz.judge.events.stability import judged, replayed
from nnopt_viz.judge.events.stays import SAMPLES, Stay, is_same, minima_below
from nnopt_viz.judge.events.words import number, times
from nnopt_viz.judge.executors import program_key

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Lane

INSIDE = 0.2  # of the height from bottom to rim: a run that sank so far was in the well
SEGMENT = 33  # points of a step at which the loss is read, to find the rim it crosses
AGAIN = 50  # steps that a run without its noise is given to leave as well


def jumped(lane: Lane) -> list[Found]:
    """Over the rim of a well it had sunk into."""
    found = []
    for stay, after in zip(lane.stays, lane.stays[1:], strict=False):
        leaves = stay.last + 1
        low = stay.first + int(np.argmin(lane.loss[stay.first : leaves]))
        share = np.linspace(0.0, 1.0, SEGMENT)
        step = lane.x[:, stay.last, None] + share * lane.moves[:, leaves, None]
        heights = evaluate(lane.scenario.surface, step[0], step[1])
        rim = float(max(lane.loss[low:leaves].max(), np.fmax.reduce(heights)))
        bottom = float(evaluate(lane.scenario.surface, *stay.minimum))
        if lane.loss[low] < bottom - lane.limits.tol:
            continue  # lower than the well's bottom: between two looks it was elsewhere
        climb = rim - float(lane.loss[low])
        if climb < max(INSIDE * (rim - bottom), lane.limits.tol):
            continue  # it only passed above the well, or went around
        cause = _cause(lane, stay, low, leaves)
        text = (
            f"At step {leaves} it jumps out of the well of the minimum at "
            f"{lane.place(stay.minimum)}, loss {number(bottom)}, "
            f"{WAYS[cause].format(low=low)}. From loss "
            f"{number(lane.loss[low])} at step {low} it gets over a rim of {number(rim)} into the "
            f"well of {lane.place(after.minimum)}."
        )
        figures = {"lowest": float(lane.loss[low]), "rim": rim, "bottom": bottom}
        figures |= {f"by_{name}": float(name == cause) for name in WAYS}
        if cause == "overshoot":
            line = judged(lane, leaves, leaves)
            if line is not None:
                text += " " + line.sentence(0)
                figures |= line.figures(0)
        found.append(Found(leaves, leaves, text, figures))
    if len(found) > MOST:
        rest = len(found) - MOST
        last = found[MOST - 1]
        text = f"{last.text} It jumps out of wells {times(rest)} more after this."
        found = [*found[: MOST - 1], Found(last.step, last.until, text, last.figures)]
    return found


WAYS = {
    "inertia": "carried by inertia: the step goes uphill, on with what earlier steps gathered",
    "overshoot": "by overshoot: the step sets out downhill and is so long that it crosses the rim",
    "noise": "thrown by noise: from the same state at step {low}, without noise, it stays inside",
    "own": "by the rule's own choice: it has no memory, and its step sets out uphill",
}


def _cause(lane: Lane, stay: Stay, low: int, leaves: int) -> str:
    """What took it over the rim; noise only if the same run without it stays."""
    if lane.is_noisy:
        until = min(leaves + AGAIN, lane.scenario.steps)
        quiet = replayed(lane, program_key(lane.scenario, lane.call), until, quiet_after=low).x
        well = minima_below(lane.scenario.surface, quiet[:, [until - 1]], lane.limits)[:, 0]
        if is_same(well, stay.minimum, lane.limits):
            return "noise"
    if lane.slope_along()[leaves] <= 0:
        return "overshoot"
    return "inertia" if lane.remembers else "own"


def caught(lane: Lane) -> list[Found]:
    """It ends in a local minimum."""
    minimum = lane.outcome.minimum
    if lane.outcome.verdict != "local_minimum" or minimum is None or not lane.stays:
        return []
    stay, where = lane.stays[-1], (minimum["x"], minimum["y"])
    if not is_same(stay.minimum, where, lane.limits):
        return []
    first = max(1, stay.first)
    well = f"the well of the local minimum at {lane.place(where)}, loss {number(minimum['loss'])}"
    text = (
        f"From step {first} on it is caught in {well}"
        if stay.first
        else f"It starts in {well}, and never leaves it"
    )
    figures = {"x": where[0], "y": where[1], "loss": minimum["loss"]}
    if np.isfinite(lane.best):
        figures["gap"] = minimum["loss"] - lane.best
        text += f"; the global minimum is {number(figures['gap'])} lower"
    text += "."
    line = judged(lane, lane.last, lane.last)
    if line is not None and line.sharpness[0] < line.line[0]:
        text += f" {line.sentence(0)} A small push away from there dies out."
        figures |= line.figures(0)
    return [Found(first, lane.last, text, figures)]


EVENTS.add(
    Kind(
        "jumped",
        "Jumped out of a well",
        "wells",
        jumped,
        f"It leaves the well of a minimum after sinking at least {INSIDE:.0%} of the way from its "
        f"rim to its bottom. Wells are looked up at {SAMPLES} rows and the step is bisected, so "
        "shorter visits may be missed; none are looked for while the surface moves. By noise: "
        f"without it, from the lowest point on, the run is still inside {AGAIN} steps later. "
        "Else by overshoot if the step sets out downhill, and by inertia if uphill (in a rule "
        "without memory: by its own choice).",
        "Kleinberg, Li & Yuan 2018, An alternative view: when does SGD escape local minima?",
    )
)
EVENTS.add(
    Kind(
        "caught",
        "Caught in a local minimum",
        "wells",
        caught,
        "Its verdict is a local minimum; from the step on which it enters that well for the "
        "last time.",
        "Nocedal & Wright 2006, Numerical optimization, section 2.1",
    )
)
