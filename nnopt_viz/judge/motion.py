"""How a run moved at its end: standing, circling, repeating, or on its way."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.declare.pace import breathe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

SHARE = 10  # the last tenth of the steps
STILL = 1e-3  # of the region's diagonal: movement over the last steps that counts as none
LEAST = 24  # of them at least, to circle: three times round the longest cycle
HALTS = 8  # of them at least, to stand
LONGEST = 8  # steps of a cycle
REPEATS = 1e-6  # of a cycle's size: that close it comes back
SLOWER = 0.9  # of its speed a quarter of the window ago and more: it slows down
STRAIGHT = 0.7  # of the way that was walked, from end to end: it walks straight on
CREEP = 0.05  # of what counts as standing: too slow to matter that it walks straight on
HALT = 1e-3  # of what counts as standing: one step as short as this is none
STEADY = 16 * float(np.finfo(float).eps)  # of a coordinate, or the region's width: rounding
TURNS = 3.0  # times its own size a run has walked that circles
DRIFT = 0.5  # of its size, between the halves of the window: a drift, not a circle
GROWTH = 2.0  # times as large in the second half: it grows


AT_ONCE = 250_000  # positions that are looked at together


def window(steps: int) -> int:
    """How many of the last steps are looked at."""
    return min(steps, max(LEAST, steps // SHARE))


def standing(steps: int) -> int:
    """How many of the last steps decide whether a run stands."""
    return min(steps, max(HALTS, steps // SHARE))


@dataclass(frozen=True, slots=True)
class Motion:
    """One entry a lane, lengths in region units.

    Args:
        size: of the box around the last steps.
        stands: it has stopped, and does not pass through.
        straight: its last steps lead one way, not to and fro.
        circles: it goes round and round without growing or drifting; its size may be any.
        rests: for how many of the last steps it has stayed where it is, but for rounding.
        period: steps after which it comes back to where it was, 0 when it does not.
        middle: mean of the last steps, shape (2, n), as positions.
        low, high: the box around the last steps, as positions.
    """

    size: Array
    stands: Flags
    straight: Flags
    circles: Flags
    rests: NDArray[np.int_]
    period: NDArray[np.int_]
    middle: Array
    low: Array
    high: Array


class Tail:
    """The last rows of all lanes of all runs, in the pieces in which they came.

    Args:
        parts: positions, each of shape (2, runs, rows, lanes).
    """

    def __init__(self, parts: list[Array]) -> None:
        self.parts = parts
        _, self.runs, _, self.lanes = parts[0].shape
        self.rows = sum(part.shape[2] for part in parts)

    def of(self, lanes: NDArray[np.int_]) -> Array:
        """Of some, numbered through all runs: shape (2, n, rows)."""
        run, lane = np.divmod(lanes, self.lanes)
        rows = [part[:, run, :, lane] for part in self.parts]
        return np.moveaxis(np.concatenate(rows, axis=2), 1, 0)

    def blocks(self) -> Iterator[Array]:
        """Of all, one block of lanes after the other, shape (2, n, rows)."""
        if self.runs * self.lanes * self.rows <= AT_ONCE:
            whole = np.concatenate(self.parts, axis=2).transpose(0, 1, 3, 2)
            yield whole.reshape(2, self.runs * self.lanes, -1)
            return
        count = -(-self.lanes * self.rows // AT_ONCE)
        edges = np.linspace(0, self.lanes, count + 1).astype(int)
        for run in range(self.runs):
            for first, last in pairwise(edges):
                breathe()
                rows = [part[:, run, :, first:last] for part in self.parts]
                block = np.concatenate(rows, axis=1).transpose(0, 2, 1)
                # as in one piece, so that sums come to the same digits
                yield block if self.runs == 1 else np.ascontiguousarray(block)


def motions(tail: Tail, unit: Array, still: float, recent: int) -> Motion:
    """How all lanes moved, numbered through all runs; see `motion`."""
    found = [motion(block, unit, still, recent) for block in tail.blocks()]
    if len(found) == 1:
        return found[0]
    columns = [f.name for f in fields(Motion)]
    return Motion(**{
        name: np.concatenate([getattr(one, name) for one in found], axis=-1) for name in columns
    })  # fmt: skip


@np.errstate(all="ignore")
def motion(tail: Array, unit: Array, still: float, recent: int) -> Motion:
    """Read the last rows of lanes.

    Args:
        tail: positions, shape (2, n, rows), rows at least 2; NaN where a lane has ended.
        unit: a region unit along x and y.
        still: what counts as standing, region units.
        recent: how many of the last steps decide that (`standing`).
    """
    low, high = tail.min(axis=2), tail.max(axis=2)
    size = np.hypot(*((high - low) / unit[:, None]))
    steps = np.hypot(*(np.diff(tail, axis=2) / unit[:, None, None]))
    path = steps.sum(axis=1)
    moved, straight, keeps_pace = _recent(tail[:, :, -recent - 1 :], steps[:, -recent:], unit)
    passes = (moved > CREEP * still) & straight & keeps_pace
    halted = steps[:, -2:].max(axis=1) <= HALT * still
    stands = ((moved <= still) & ~passes) | halted
    half = tail.shape[2] // 2
    first, second = tail[:, :, :half], tail[:, :, half:]
    drift = np.hypot(*((second.mean(axis=2) - first.mean(axis=2)) / unit[:, None]))
    circles = (tail.shape[2] > LEAST) & ~stands & (path >= TURNS * size) & (drift <= DRIFT * size)
    circles &= _size(second, unit) <= GROWTH * _size(first, unit)
    return Motion(
        size=np.where(np.isnan(size), np.inf, size),
        stands=stands,
        straight=straight,
        circles=circles,
        rests=_rests(tail, unit * still / STILL),
        period=_period(tail, unit, size),
        middle=tail.mean(axis=2),
        low=low,
        high=high,
    )


def _recent(rows: Array, steps: Array, unit: Array) -> tuple[Array, Flags, Flags]:
    """How far the last steps reach, whether they lead straight on, and without slowing down."""
    moved = _size(rows, unit)
    net = np.hypot(*((rows[:, :, -1] - rows[:, :, 0]) / unit[:, None]))
    quarter = max(1, steps.shape[1] // 4)
    keeps_pace = steps[:, -quarter:].mean(axis=1) > SLOWER * steps[:, :quarter].mean(axis=1)
    straight = net > STRAIGHT * steps.sum(axis=1)
    return moved, straight, keeps_pace


def _rests(tail: Array, width: Array) -> NDArray[np.int_]:
    """How many of the last rows lie where the end lies, as exactly as numbers can say."""
    end = tail[:, :, -1:]
    limit = STEADY * np.maximum(np.abs(end), width[:, None, None])
    away: Flags = np.asarray(~(np.abs(tail - end) <= limit).all(axis=0))
    rests = np.where(away.any(axis=1), away[:, ::-1].argmax(axis=1), tail.shape[2]) - 1
    return np.asarray(rests, dtype=int)


def _size(part: Array, unit: Array) -> Array:
    return np.asarray(np.hypot(*((part.max(axis=2) - part.min(axis=2)) / unit[:, None])))


def _period(tail: Array, unit: Array, size: Array) -> NDArray[np.int_]:
    """After how many steps, 2 to 8, a lane comes back: three times round, each time."""
    found = np.zeros(tail.shape[1], dtype=int)
    for period in range(LONGEST, 1, -1):
        rows = tail[:, :, -(3 * period + 1) :]
        if rows.shape[2] <= 3 * period:
            continue
        apart = (rows[:, :, period:] - rows[:, :, :-period]) / unit[:, None, None]
        back = np.hypot(*apart).max(axis=1) <= REPEATS * size
        found[back & (size > 0)] = period
    return found
