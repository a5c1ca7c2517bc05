"""Which well a run was in, step by step: the minima in which gradient flow from its rows ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.events.flow import flow_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.thresholds import Thresholds

    Array = NDArray[np.float64]

SAMPLES = 64  # rows of a run whose well is looked up; the exact step is then searched for
PARTS = 16  # rows looked up at once between two of them
SAME = 0.05  # of the distance `near`, so a thousandth of the diagonal: closer minima are one


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch of rows in one well.

    Args:
        first, last: its rows. Those looked up between them are all in the well, or in none.
        minimum: the well's minimum, (x, y).
        left: the minimum below row first - 1, NaN where there is none: whose well was left.
    """

    first: int
    last: int
    minimum: tuple[float, float]
    left: tuple[float, float] = (np.nan, np.nan)


def is_same(a: Sequence[float] | Array, b: Sequence[float] | Array, limits: Thresholds) -> bool:
    """Are these one minimum? Nothing is the same as none."""
    return bool(np.hypot(a[0] - b[0], a[1] - b[1]) <= SAME * limits.near)


def spread(first: int, last: int, count: int) -> NDArray[np.intp]:
    """At most `count` rows from first to last, both among them, evenly."""
    return np.unique(np.round(np.linspace(first, last, count)).astype(np.intp))


def stays(surface: Call, runs: list[Array], limits: Thresholds) -> list[list[Stay]]:
    """The wells that each run was in, one after the other.

    All runs are looked up at once: following the flow costs the same for one point and for
    hundreds. A row above no minimum counts to the well before it.

    Args:
        surface: as it stands; there is no answer for one that moves.
        runs: positions of each run, shape (2, rows).
    """
    rows = [spread(0, x.shape[1] - 1, SAMPLES) for x in runs]
    points = np.concatenate([x[:, at] for x, at in zip(runs, rows, strict=True)], axis=1)
    wells = np.split(flow_ends(surface, points), np.cumsum([at.size for at in rows])[:-1], axis=1)
    made = [_joined(at, well, limits) for at, well in zip(rows, wells, strict=True)]
    changes = [(x, part) for x, parts in zip(runs, made, strict=True) for part in parts]
    while wide := [(x, part) for x, part in changes if part.row - part.before > 1]:
        _narrow(surface, wide, limits)
    return [
        [
            Stay(part.row, after.row - 1 if after else x.shape[1] - 1, part.minimum, part.left)
            for part, after in zip(parts, [*parts[1:], None][: len(parts)], strict=True)
        ]
        for x, parts in zip(runs, made, strict=True)
    ]


@dataclass(slots=True)
class _Part:
    """A well that was entered: a row in it, and the last row before that was not, so far known."""

    row: int
    minimum: tuple[float, float]
    before: int
    left: tuple[float, float]


def _joined(rows: NDArray[np.intp], wells: Array, limits: Thresholds) -> list[_Part]:
    """The rows at which another well begins, of those looked up."""
    parts: list[_Part] = []
    before, left = 0, (np.nan, np.nan)
    for row, x, y in zip(rows.tolist(), *wells.tolist(), strict=True):
        if x == x and (not parts or not is_same(parts[-1].minimum, (x, y), limits)):
            parts.append(_Part(row, (x, y), before, left))
        before, left = row, (x, y)
    return parts


def _narrow(surface: Call, wide: list[tuple[Array, _Part]], limits: Thresholds) -> None:
    """Look between: to the last row that is not yet in the new well."""
    asked = [spread(part.before, part.row, PARTS + 2)[1:-1] for _, part in wide]
    points = np.concatenate([x[:, at] for (x, _), at in zip(wide, asked, strict=True)], axis=1)
    found = np.split(flow_ends(surface, points), np.cumsum([at.size for at in asked])[:-1], axis=1)
    for (_, part), rows, wells in zip(wide, asked, found, strict=True):
        for row, well in zip(rows[::-1].tolist(), wells.T[::-1].tolist(), strict=True):
            if not is_same(well, part.minimum, limits):
                part.before, part.left = row, (well[0], well[1])
                break
            part.row = row
