"""Two runs of a race from one start: where their paths part, how they end, what decided it.

Whatever "would have been" says was run: the same race with its start moved, or with one knob of
one run changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from nnopt_viz.compose.calls import point
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.executors import SCALAR_LANES, program_key, program_of
from nnopt_viz.judge.ground import NEAR, diagonal, distance, units
from nnopt_viz.judge.outcome import Outcome, Watch
from nnopt_viz.judge.simulation import simulate, starting_points

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.race.scenario import Scenario

    Array = NDArray[np.float64]
    Place = tuple[float, float]

APART = 0.01  # of the region's diagonal: two places farther from each other are told apart
NUDGE = 0.01  # of the diagonal: how far a start is moved, right, left, up and down
TRIES = 24  # places of a path from which the other run is started, evenly spread
# Verdicts of who has stopped, or circles one minimum.
AT_REST = ("global_minimum", "local_minimum", "saddle", "crease", "flat")
Fate = Literal["own", "other", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Ran:
    """One run from one start.

    Args:
        path: rows up to its end, shape (2, rows): row 0 is the start.
        outcome: its verdict.
    """

    path: Array
    outcome: Outcome

    @property
    def end(self) -> Array | None:
        """The minimum or saddle that it is said to be at, else its last place; None if it
        diverged or its loss is undefined at the start."""
        if self.is_gone:
            return None
        known = self.outcome.minimum
        return np.array([known["x"], known["y"]]) if known else self.path[:, -1]

    @property
    def is_gone(self) -> bool:
        return self.outcome.verdict in ("diverged", "undefined")


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two paths part.

    Args:
        step: the first step after which they are more than APART from each other, or that one
            of them has no row of; None where there is none.
        gap: how far from each other they are then, in shares of the diagonal; None where one has
            no row there.
        widest: the farthest that they are from each other, in shares of the diagonal.
        again: the step from which on they are no more than APART from each other to the end;
            None where there is none after `step`.
        is_same: are they the same, number for number?
    """

    step: int | None
    gap: float | None
    widest: float
    again: int | None
    is_same: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """From where on the path of one run the other one no longer comes to its own end.

    Args:
        taker: which of the two is started afresh; the path is the other's.
        step: the last one tried of that path from which it still comes to its own end.
        next: where it ends from one step further on; None where `step` is the path's last.
        at, further: the two places, shape (2,); the second as `next`.
        tried: how many places of the path were tried.
    """

    taker: int
    step: int
    next: Fate | None
    at: Array
    further: Array | None
    tried: int


def one_start(scenario: Scenario, runs: tuple[int, int], lane: int) -> Scenario:
    """Two runs of a race from one of its starts. With noise, that of the first start."""
    x, y = map(float, starting_points(scenario)[:, lane])
    calls = (scenario.runs[runs[0]], scenario.runs[runs[1]])
    return replace(scenario, runs=calls, start=point(x, y))


def is_random(scenario: Scenario, run: Call) -> bool:
    """Does a run draw numbers, or get noise on its gradients?"""
    return bool(program_of(program_key(scenario, run)).noise)


def lanes_until(scenario: Scenario, lane: int) -> int:
    """How many starts are run for the path of one: as NumPy does many, alone where one is."""
    return lane + 1 if scenario.lanes < SCALAR_LANES else max(lane + 1, SCALAR_LANES)


def ran(scenario: Scenario, runs: tuple[int, ...], lane: int = 0) -> list[Ran]:
    """Runs of a race from one of its starts, as the race shows them."""
    calls = tuple(scenario.runs[run] for run in runs)
    x, y = map(float, starting_points(scenario)[:, lane])
    watch = Watch(replace(scenario, runs=calls, start=point(x, y)))
    rows: list[Array] = []
    for chunk in simulate(replace(scenario, runs=calls), lanes=lanes_until(scenario, lane)):
        only = replace(
            chunk,
            x=chunk.x[..., lane : lane + 1],
            loss=chunk.loss[..., lane : lane + 1],
            grad_norm=chunk.grad_norm[..., lane : lane + 1],
            ended=tuple(replace(end, lane=0) for end in chunk.ended if end.lane == lane),
        )
        rows.append(watch.see(only).x[..., 0])
    paths = np.concatenate(rows, axis=2)
    made = []
    for run, outcome in enumerate(watch.outcomes()):
        path = paths[:, run]
        count = outcome.ended if outcome.ended is not None else path.shape[1]
        made.append(Ran(path[:, :count], outcome))
    return made


def parting(surface: Call, first: Ran, second: Ran) -> Parting:
    """Where two paths part; see `Parting`."""
    a, b = first.path, second.path
    count = min(a.shape[1], b.shape[1])
    gaps = distance(surface, a[:, :count], b[:, :count]) / diagonal(surface)
    far = np.flatnonzero(gaps > APART)
    is_short = a.shape[1] != b.shape[1]
    step = int(far[0]) if far.size else count if is_short else None
    back = int(far[-1]) + 1 if far.size and not is_short else None
    return Parting(
        step=step,
        gap=float(gaps[step]) if step is not None and step < count else None,
        widest=float(gaps.max()),
        again=back if back is not None and back < count else None,
        is_same=not is_short and bool((a == b).all()),
    )


def is_same_end(surface: Call, first: Ran, second: Ran) -> bool:
    """Do two runs end at one place, within NEAR of the diagonal? Not if one is gone."""
    a, b = first.end, second.end
    return a is not None and b is not None and _is_near(surface, a, b)


def is_at_rest(one: Ran) -> bool:
    """Has it come to rest where it is?"""
    return one.outcome.verdict in AT_REST


def is_decided(one: Ran) -> bool:
    """Has it come to rest where it is, or diverged?"""
    return is_at_rest(one) or one.outcome.verdict == "diverged"


def fate(surface: Call, end: Array | None, own: Ran, other: Ran) -> Fate:
    """Where a run ends, None being out of sight: where it did, where the other one did, or
    elsewhere."""
    for name, one in (("own", own), ("other", other)):
        known = one.end
        if (end is None and known is None) or (
            end is not None and known is not None and _is_near(surface, end, known)
        ):
            return name  # type: ignore[return-value]
    return "elsewhere"


def ends_from(one: Scenario, run: int, x: Array) -> Array | None:
    """Where one of the runs ends when the whole race is started from another place."""
    made = replace(one, runs=(one.runs[run],), start=point(*map(float, x)))
    last: Array | None = None
    for chunk in simulate(made):
        if chunk.ended:
            return None
        last = chunk.x[:, 0, -1, 0]
    return last if last is not None and np.isfinite(last).all() else None


def decided(one: Scenario, both: list[Ran], taker: int, tries: int) -> Decided | None:
    """Along the other run's path, from where the taker no longer comes to its own end.

    Some places of the path are tried, evenly spread; then, between the last of them from which
    it does and the next, it is halved down to two steps that follow each other.

    Returns:
        None when not even from the start it comes there, as rounding may have it.
    """
    path, own, other = both[1 - taker].path, both[taker], both[1 - taker]
    last = path.shape[1] - 1

    known: dict[int, Fate] = {}

    def at(step: int) -> Fate:
        if step not in known:
            known[step] = fate(one.surface, ends_from(one, taker, path[:, step]), own, other)
        return known[step]

    spread = sorted({round(i * last / tries) for i in range(tries + 1)})
    held = [step for step in spread if at(step) == "own"]
    if not held:
        return None
    low = held[-1]
    if low == last:
        return Decided(taker, low, None, path[:, low], None, len(known))
    low, high = _between(at, low, spread[spread.index(low) + 1])
    return Decided(taker, low, at(high), path[:, low], path[:, high], len(known))


def nudged(one: Scenario, run: int, both: list[Ran]) -> int | None:
    """From how many of four starts beside its own a run ends where it did; None if one of them
    lies outside the region."""
    x = both[run].path[:, :1]
    moves = np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]])
    places = x + NUDGE * diagonal(one.surface) * units(one.surface)[:, None] * moves
    xl, xh, yl, yh = surface_entry(one.surface).bounds
    if (places[0] < xl).any() or (places[0] > xh).any():
        return None
    if (places[1] < yl).any() or (places[1] > yh).any():
        return None
    found = [
        fate(one.surface, ends_from(one, run, place), both[run], both[1 - run])
        for place in places.T
    ]
    return found.count("own")


def _between(at: Callable[[int], Fate], low: int, high: int) -> tuple[int, int]:
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if at(middle) == "own" else (low, middle)
    return low, high


def _is_near(surface: Call, a: Array, b: Array) -> bool:
    return bool(distance(surface, a, b) <= NEAR * diagonal(surface))
