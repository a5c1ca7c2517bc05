"""Which well a run was in, step by step: the minima that Newton's method finds downhill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.minima import polish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.outcome import Thresholds

    Array = NDArray[np.float64]

SAMPLES = 64  # rows of a run whose well is looked up; the exact step is then bisected
SAME = 0.05  # of the distance `near`, so a thousandth of the diagonal: closer minima are one


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch of rows in one well.

    Args:
        first, last: its rows.
        minimum: the well's minimum, (x, y).
    """

    first: int
    last: int
    minimum: tuple[float, float]


def minima_below(surface: Call, points: Array, limits: Thresholds) -> Array:
    """The minimum below each point, shape (2, n); NaN where there is none."""
    ends = polish(surface, points)
    is_well = (ends.low > 1e-9 * np.abs(ends.high)) & (ends.slope < limits.slope)
    return np.asarray(np.where(is_well, ends.x, np.nan))


def is_same(a: Sequence[float] | Array, b: Sequence[float] | Array, limits: Thresholds) -> bool:
    """Are these one minimum?"""
    return bool(np.hypot(a[0] - b[0], a[1] - b[1]) <= SAME * limits.near)


def stays(surface: Call, runs: list[Array], limits: Thresholds) -> list[list[Stay]]:
    """The wells that each run was in, one after the other.

    All runs are looked up at once: Newton's method costs the same for one point and for
    hundreds. A row that is above no minimum counts to the well before it.

    Args:
        surface: as it stands; there is no answer for one that moves.
        runs: positions of each run, shape (2, rows).
    """
    rows = [
        np.unique(np.round(np.linspace(0, x.shape[1] - 1, SAMPLES)).astype(np.intp)) for x in runs
    ]
    points = np.concatenate([x[:, at] for x, at in zip(runs, rows, strict=True)], axis=1)
    found = minima_below(surface, points, limits)
    wells = np.split(found, np.cumsum([at.size for at in rows])[:-1], axis=1)
    made = [_joined(at, well, limits) for at, well in zip(rows, wells, strict=True)]
    _sharpen(surface, runs, made, limits)
    return [
        [
            Stay(first, after[0] - 1 if after else x.shape[1] - 1, minimum)
            for (first, minimum, _), after in zip(
                parts, [*parts[1:], None][: len(parts)], strict=True
            )
        ]
        for x, parts in zip(runs, made, strict=True)
    ]


Part = tuple[int, tuple[float, float], int]  # first sampled row, minimum, the row sampled before


def _joined(rows: NDArray[np.intp], wells: Array, limits: Thresholds) -> list[Part]:
    """The sampled rows at which another well begins."""
    parts: list[Part] = []
    previous = 0
    for row, x, y in zip(rows.tolist(), *wells.tolist(), strict=True):
        if x == x and (not parts or not is_same(parts[-1][1], (x, y), limits)):
            parts.append((row if parts else 0, (x, y), previous))
        previous = row
    return parts


def _sharpen(surface: Call, runs: list[Array], made: list[list[Part]], limits: Thresholds) -> None:
    """Bisect to the first row in each new well, all changes at once."""
    changes = [(i, k) for i, parts in enumerate(made) for k in range(1, len(parts))]
    ends = {key: [made[key[0]][key[1]][2], made[key[0]][key[1]][0]] for key in changes}
    while wide := [key for key in changes if ends[key][1] - ends[key][0] > 1]:
        middles = {key: sum(ends[key]) // 2 for key in wide}
        points = np.stack([runs[i][:, middles[i, k]] for i, k in wide], axis=1)
        for (i, k), well in zip(wide, minima_below(surface, points, limits).T, strict=True):
            before = np.isnan(well[0]) or is_same(well, made[i][k - 1][1], limits)
            ends[i, k][0 if before else 1] = middles[i, k]
    for i, k in changes:
        made[i][k] = (ends[i, k][1], *made[i][k][1:])
