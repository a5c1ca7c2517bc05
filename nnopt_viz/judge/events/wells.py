"""Out of a well, or caught in one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.events.event import EVENTS, MOST, Found, Kind
from nnopt_viz.judge.events.flow import flow_ends
from nnopt_viz.judge.events.replay import replayed
from nnopt_viz.judge.events.stays import SAMPLES, Stay, is_same, spread
from nnopt_viz.judge.events.words import apart, number, times
from nnopt_viz.judge.executors import program_key
from nnopt_viz.judge.ground import has_kinks
from nnopt_viz.judge.minima import find_minima

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Lane

INSIDE = 0.2  # of the height from bottom to rim: a run that sank so far was in the well
SEGMENT = 33  # points of a step at which the loss is read, to find the height it crosses
AGAIN = 50  # steps that a run without its noise is given to leave as well
CALM = 10  # last steps, each at most this share of what counts as standing: it is at rest
REST = 0.01
LOOKED = 512  # rows of the last stay that are looked up, to say that it never left


@dataclass(frozen=True, slots=True)
class _Leap:
    """One change of wells, in numbers.

    Args:
        stay, after: the wells left and entered.
        low: the row of the lowest loss in the well.
        bottom, rim: the loss of its minimum, and the highest one on the way from row low.
    """

    stay: Stay
    after: Stay
    low: int
    bottom: float
    rim: float

    @property
    def step(self) -> int:
        return self.after.first


def jumped(lane: Lane) -> list[Found]:
    """Out of a well it had sunk into, and into another."""
    leaps = _leaps(lane)
    found = [_told(lane, leap) for leap in leaps[:MOST]]
    if len(leaps) > MOST:
        more = f" It jumps from well to well {times(len(leaps) - MOST)} more after this."
        found[-1] = replace(found[-1], text=found[-1].text + more)
    return found


def _leaps(lane: Lane) -> list[_Leap]:
    surface, tol = lane.scenario.surface, lane.limits.tol
    made = []
    for stay, after in zip(lane.stays, lane.stays[1:], strict=False):
        if not is_same(after.left, stay.minimum, lane.limits):
            continue  # between two looks it was elsewhere
        low = stay.first + int(np.argmin(lane.loss[stay.first : after.first]))
        share = np.linspace(0.0, 1.0, SEGMENT)
        step = lane.x[:, stay.last, None] + share * lane.moves[:, after.first, None]
        heights = evaluate(surface, step[0], step[1])
        rim = float(max(lane.loss[low : after.first].max(), np.fmax.reduce(heights)))
        bottom = float(evaluate(surface, *stay.minimum))
        climb = rim - float(lane.loss[low])
        if climb >= max(INSIDE * (rim - bottom), tol):  # else it only passed, or went around
            made.append(_Leap(stay, after, low, bottom, rim))
    if not made:
        return []
    wells = flow_ends(surface, lane.x[:, [leap.low for leap in made]]).T
    return [
        leap
        for leap, well in zip(made, wells, strict=True)
        if is_same(well, leap.stay.minimum, lane.limits)
    ]


def _told(lane: Lane, leap: _Leap) -> Found:
    cause, why = _cause(lane, leap)
    low, rim = apart(lane.loss[leap.low], leap.rim)
    text = (
        f"At step {leap.step} it jumps out of the well of the minimum at "
        f"{lane.place(leap.stay.minimum)}, loss {number(leap.bottom)}, into that of "
        f"{lane.place(leap.after.minimum)}, {why}. In the first its loss was lowest, {low}, at "
        f"step {leap.low}; on the way from there it goes up to {rim}."
    )
    figures = {"lowest": float(lane.loss[leap.low]), "rim": leap.rim, "bottom": leap.bottom}
    figures |= {f"by_{name}": float(name == cause) for name in CAUSES}
    if cause == "overshoot" and lane.stability is not None:
        text = f"{text} {lane.stability.sentence(leap.step)}".rstrip()
        figures |= lane.stability.figures(leap.step)
    return Found(leap.step, leap.step, text, figures)


CAUSES = ("inertia", "overshoot", "noise", "own")


def _cause(lane: Lane, leap: _Leap) -> tuple[str, str]:
    """What took it into another well, as a name and in words."""
    if lane.is_noisy:
        until = min(leap.step + AGAIN, lane.scenario.steps)
        key = program_key(lane.scenario, lane.call)
        quiet = replayed(lane, key, until, quiet_after=leap.low).x
        well = flow_ends(lane.scenario.surface, quiet[:, [until - 1]])[:, 0]
        if is_same(well, leap.stay.minimum, lane.limits):
            return "noise", (
                f"thrown by noise: from the same state at step {leap.low}, but without noise from "
                f"there on, it is still in the first at step {until}"
            )
    if lane.slope_along()[leap.step] <= 0:
        return "overshoot", (
            "by overshoot: the step sets out downhill and is so long that it ends in another well"
        )
    on = (lane.moves[:, leap.step] * lane.moves[:, leap.step - 1]).sum() > 0
    if lane.remembers and on:
        return "inertia", (
            "carried by inertia: the step goes uphill, on with what earlier steps gathered"
        )
    return "own", "by a step that sets out uphill" + (" (noise has a part in it)" * lane.is_noisy)


def caught(lane: Lane) -> list[Found]:
    """It ends in a local minimum."""
    minimum = lane.outcome.minimum
    if lane.outcome.verdict != "local_minimum" or minimum is None or not lane.stays:
        return []
    stay, where = lane.stays[-1], (minimum["x"], minimum["y"])
    if not is_same(stay.minimum, where, lane.limits):
        return []
    if any(
        m.is_global and is_same((m.x, m.y), where, lane.limits)
        for m in find_minima(lane.scenario.surface)
    ):
        return []  # beside the tip of a kinked one
    first = _settled_at(lane, stay, where)
    if first is None:
        return []
    loss = float(minimum["loss"])
    well = f"the well of the local minimum at {lane.place(where)}, loss {number(loss)}"
    text = (
        f"From step {first} on it is caught in {well}"
        if first
        else f"It starts in {well}, and never leaves it"
    )
    figures = {"x": where[0], "y": where[1], "loss": loss}
    if np.isfinite(lane.best):
        figures["gap"] = loss - lane.best
        text += f"; the global minimum is {number(figures['gap'])} lower"
    text += "."
    known = lane.stability
    if known is not None and _is_calm(lane) and known.side(lane.last) == "under":
        text += f" {known.sentence(lane.last)}"
        # A divisor shrinks on in the well; a ball that keeps all its speed is never at rest.
        if known.divisors is None and lane.call.numbers().get("momentum", 0.0) < 1:
            text += " A small push away from there dies out."
        figures |= known.figures(lane.last)
    return [Found(max(1, first), lane.last, text, figures)]


def _is_calm(lane: Lane) -> bool:
    """Does the curvature tell how it stands there? Not while it goes to and fro over a kink."""
    if not lane.last:
        return False
    return not has_kinks(lane.scenario.surface) or bool(
        lane.lengths[-CALM:].max() <= REST * lane.limits.still
    )


def _settled_at(lane: Lane, stay: Stay, where: tuple[float, float]) -> int | None:
    """The first row from which on every row looked up is in the well; None if the last is not."""
    first, rows = stay.first, spread(stay.first, lane.last, LOOKED)
    while True:
        wells = flow_ends(lane.scenario.surface, lane.x[:, rows])
        inside = np.array([is_same(well, where, lane.limits) for well in wells.T])
        if inside.all():
            return first
        if not inside[-1]:
            return None
        outside = int(rows[~inside][-1])
        first = int(rows[rows > outside][0])
        if first == outside + 1:
            return first
        rows = spread(outside, first, LOOKED)


EVENTS.add(
    Kind(
        "jumped",
        "Jumped out of a well",
        "wells",
        jumped,
        "A point is in the well of the minimum in which gradient flow, dx/dt = −grad f, ends from "
        "there. A step leads from one well into another, after the run has come down at least "
        f"{INSIDE:.0%} of the way from the highest loss on its way out to the bottom. Wells are "
        f"looked up at {SAMPLES} rows and the step is searched for between them, so shorter visits "
        "may be missed; none are looked for while the surface moves. By noise: without it, from "
        f"the lowest point on, the run is still inside {AGAIN} steps after the step. Else by "
        "overshoot if the step sets out downhill, and by inertia if it goes uphill, on in the "
        "direction of the step before, by a rule that remembers earlier steps.",
        "Kleinberg, Li & Yuan 2018, An alternative view: when does SGD escape local minima?",
    )
)
EVENTS.add(
    Kind(
        "caught",
        "Caught in a local minimum",
        "wells",
        caught,
        "Its verdict is a local minimum; from the step that enters its well for the last time (a "
        f"well is where gradient flow ends; looked up at up to {LOOKED} rows).",
        "Nocedal & Wright 2006, Numerical optimization, section 2.1",
    )
)
