"""The moving parts of an animated figure: what each trace shows in each frame.

A track is one Plotly trace and its data at a frame. Nothing tweens (scatter3d cannot), so a
frame holds all that a trace shows: coordinates are rounded to what a screen can show.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.pace import breathe
from nnopt_viz.figures.palette import colour_of, symbol_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nnopt_viz.figures.heights import Heights
    from nnopt_viz.figures.palette import Palette
    from nnopt_viz.figures.recording import Recording

LINE, HALO, HEAD = 2.5, 5.5, 13  # px on the map, as the player draws
LINE_3D, HEAD_3D = 6, 6
MANY = 12  # markers above which they are half as large
LIFT = 0.02  # of the top: lines and heads above the sheet, which would hide them
SEEN = 4000  # parts of the region's width that can be told apart
STILL = 0.002  # of the region: a path that moves less needs no vertex

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Track:
    """A trace that moves.

    Args:
        trace: what stays: type, colours, names.
        at: row of the recording -> its x, y, z and text.
    """

    trace: Data
    at: Callable[[int], Data] = field(compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """One lane's path in vertices that are worth drawing.

    Args:
        rows: rows of the recording at which there is a vertex, rising.
        x, y: coordinates of every row, rounded.
        z: the heights of every row as they are at a row; None on the map.
        alive: how many rows there are before the lane ended.
    """

    rows: NDArray[np.intp]
    x: list[float | None]
    y: list[float | None]
    z: Callable[[int], list[float | None]] | None
    alive: int

    def until(self, row: int) -> list[list[float | None]]:
        """Coordinates up to a row, that row included."""
        last = min(row, self.alive - 1)
        kept = self.rows[: int(np.searchsorted(self.rows, last, "right"))].tolist()
        if not kept or kept[-1] != last:
            kept.append(last)
        return [[axis[i] for i in kept] for axis in self._axes(row)]

    def end(self, row: int) -> list[float | None]:
        """Coordinates of a row, or of the last one before the end."""
        return [axis[min(row, self.alive - 1)] for axis in self._axes(row)]

    def _axes(self, row: int) -> list[list[float | None]]:
        return [self.x, self.y, *([] if self.z is None else [self.z(row)])]


def paths(recording: Recording, run: int, is_solid: bool = False) -> list[Path]:
    """The paths of a run, one a lane, on the map or (is_solid) on the sheet."""
    made = []
    for lane in range(recording.lanes):
        x, shown = recording.x[:, run, :, lane], recording.shown[run, :, lane]
        made.append(_path(recording, x, _climb(recording, x, shown) if is_solid else None))
    return made


def answers(recording: Recording, run: int) -> list[Path]:
    """The answers beside a run's paths; none when its rule names none."""
    if recording.answers is None or np.isnan(recording.answers[0, run]).all():
        return []
    lanes = range(recording.lanes)
    return [_path(recording, recording.answers[:, run, :, lane], None) for lane in lanes]


def map_tracks(recording: Recording, colours: Palette) -> list[Track]:
    """The runs on the map: all halos, all lines, then answers and heads."""
    halos, lines, heads = [], [], []
    many = recording.marks > MANY
    for run, name in enumerate(recording.names):
        colour, of = colour_of(run, colours), paths(recording, run)
        beside = answers(recording, run)
        if recording.has_trails:
            halos.append(_line(of, "scatter", {"color": colours.halo, "width": HALO}))
            lines.append(_line(of, "scatter", {"color": colour, "width": LINE}, name))
        if beside and recording.has_trails:
            dashed = {"color": colour, "width": 1.5, "dash": "5px,4px"}
            lines.append(_line(beside, "scatter", dashed, f"{name}: the answer"))
        edge = {"color": colours.paper, "width": 0 if many else 1.75}
        size = HEAD / 2 if many else HEAD
        mark = {"symbol": symbol_of(run), "color": colour, "size": size, "line": edge}
        heads.append(_heads(of, "scatter", mark, name))
    return [*halos, *lines, *heads]


def scene_tracks(recording: Recording, colours: Palette) -> list[Track]:
    """The runs on the sheet."""
    made = []
    many = recording.marks > MANY
    for run, name in enumerate(recording.names):
        colour, of = colour_of(run, colours), paths(recording, run, is_solid=True)
        if recording.has_trails:
            made.append(_line(of, "scatter3d", {"color": colour, "width": LINE_3D}, name))
        size = HEAD_3D / 2 if many else HEAD_3D
        mark = {"symbol": symbol_of(run), "color": colour, "size": size, "line": {"width": 0}}
        made.append(_heads(of, "scatter3d", mark, name))
    return made


def _line(of: list[Path], kind: str, line: Data, name: str = "") -> Track:
    trace = {"type": kind, "mode": "lines", "line": line, "hoverinfo": "skip", "name": name}

    def at(row: int) -> Data:
        parts = [path.until(row) for path in of]
        columns = [[v for part in axis for v in (*part, None)] for axis in zip(*parts, strict=True)]
        return {axis: values[:-1] for axis, values in zip("xyz", columns, strict=False)}

    return Track(trace, at)


def _heads(of: list[Path], kind: str, mark: Data, name: str) -> Track:
    trace = {"type": kind, "mode": "markers", "marker": mark, "hoverinfo": "skip", "name": name}

    def at(row: int) -> Data:
        ends = zip(*(path.end(row) for path in of), strict=True)
        return {axis: list(values) for axis, values in zip("xyz", ends, strict=False)}

    return Track(trace, at)


def _path(
    recording: Recording, x: NDArray[np.float64], z: Callable[[int], list[float | None]] | None
) -> Path:
    """A path whose vertices all move a visible distance."""
    breathe()
    left, right, low, high = recording.bounds
    wide, tall = right - left, high - low
    blank = np.flatnonzero(np.isnan(x[0]))
    alive = max(1, int(blank[0]) if blank.size else x.shape[1])
    rows, last = [0], 0
    with np.errstate(invalid="ignore"):  # an answer may be infinite for a while, and stays there
        for row in range(1, alive):
            dx, dy = abs(x[0, row] - x[0, last]) / wide, abs(x[1, row] - x[1, last]) / tall
            if dx + dy > STILL:
                rows.append(row)
                last = row
    return Path(np.array(rows), rounded(x[0], wide), rounded(x[1], tall), z, alive)


def rounded(values: NDArray[np.float64], width: float) -> list[float | None]:
    """As many decimals as can be seen of a width; what is not finite becomes None."""
    decimals = max(0, math.ceil(-math.log10(max(width, 1e-300) / SEEN)))
    given = np.asarray(values, dtype=float)
    with np.errstate(over="ignore"):  # 1e308 has no decimals to lose, and stays
        cut = np.round(given, min(decimals, 300))
    cut = np.where(np.isinf(cut), given, cut)
    return [value if math.isfinite(value) else None for value in cut.tolist()]


def _climb(
    recording: Recording, x: NDArray[np.float64], shown: NDArray[np.float64]
) -> Callable[[int], list[float | None]]:
    """The heights of a path at a row: worked out once for each state of the ground."""
    known: dict[int, list[float | None]] = {}

    def at(row: int) -> list[float | None]:
        sheet = recording.ground_at(row)
        if id(sheet) not in known:
            known[id(sheet)] = rounded(_heights(x, shown, sheet, recording.is_free), sheet.top)
        return known[id(sheet)]

    return at


def _heights(
    x: NDArray[np.float64], shown: NDArray[np.float64], ground: Heights, is_free: bool
) -> NDArray[np.float64]:
    """Heights of positions in 3D; NaN outside the sheet. Unless free, not below it as drawn."""
    z = np.minimum(ground.height_of(shown), ground.top)
    inside = (x[0] >= ground.x[0]) & (x[0] <= ground.x[-1])
    inside &= (x[1] >= ground.y[0]) & (x[1] <= ground.y[-1])
    least = z if is_free else np.maximum(z, on_sheet(ground, x))
    return np.where(inside, least + LIFT * ground.top, np.nan)


def on_sheet(ground: Heights, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sheet's height at positions, between its points on a line in both directions.

    Args:
        ground: the sheet.
        x: positions, shape (2, points), on the sheet.
    """

    def place(axis: NDArray[np.float32], at: NDArray[np.float64]) -> Any:
        share = np.nan_to_num((at - axis[0]) / (axis[-1] - axis[0]) * (len(axis) - 1))
        whole = np.clip(np.floor(share), 0, len(axis) - 2).astype(np.intp)
        return whole, np.clip(share - whole, 0, 1)

    (i, u), (j, v) = place(ground.x, x[0]), place(ground.y, x[1])
    z = np.minimum(ground.z, np.float32(ground.top))
    lower = z[j, i] * (1 - u) + z[j, i + 1] * u
    upper = z[j + 1, i] * (1 - u) + z[j + 1, i + 1] * u
    return np.asarray(lower * (1 - v) + upper * v)
