"""The small picture of an entry: computed from its question, priced and kept like any answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.cache import Cache
from nnopt_viz.declare.cost import Cost
from nnopt_viz.figures.heights import Heights, extent, is_unequal
from nnopt_viz.figures.lab_figures import slice_sheet
from nnopt_viz.figures.small_picture import (
    COLUMNS,
    HEIGHT,
    ROWS,
    WIDTH,
    Ground,
    Line,
    lines_picture,
    map_picture,
)
from nnopt_viz.gallery.measure import Course, Experiment, Training, measured
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.outcome import surface_at_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.gallery.entry import Entry

    Array = NDArray[np.float64]

FEW = 40  # paths that are drawn of all runs, of more starts
MANY = 30  # minima of a kind that are no longer marked
UNLIKE = 10.0  # times: losses that differ by more are shown on a logarithmic axis
LOWEST = 1e-16  # of the highest loss: what lies below is not drawn
SERIES = 6  # of a chart
KEPT, KEPT_BYTES = 256, 8_000_000
MAP = Cost(40.0 * COLUMNS * ROWS, 16.0 * COLUMNS * ROWS)

_kept = Cache[tuple[str, str], str](KEPT, KEPT_BYTES, len)


def cost(entry: Entry, theme: str) -> Cost:
    """What its picture takes; nothing when it is kept."""
    if _kept.get((entry.link, theme)) is not None:
        return Cost(0.0, 0.0)
    question = entry.question
    return question.cost(question.decode(entry.query, False)) + MAP


def picture(entry: Entry, theme: str) -> str:
    """The picture as SVG, in a theme: "light" or "dark"."""
    key = entry.link, theme
    held = _kept.get(key)
    if held is None:
        held = _picture(entry, theme)
        _kept.keep(key, held)
    return held


def _picture(entry: Entry, theme: str) -> str:
    seen = measured(entry)
    if isinstance(seen, Experiment):
        return _chart(seen, entry.shows, theme)
    if isinstance(seen, Training):
        if entry.shows == "sharpness":
            return _sharpness(seen, theme)
        return _slice(seen, theme) if entry.shows == "map" else _losses(seen, theme, 0.0)
    return _map(seen, theme) if entry.shows == "map" else _losses(seen, theme, _best(seen))


# --- races ---------------------------------------------------------------------------------


def _map(race: Course, theme: str) -> str:
    surface = surface_at_end(race.scenario)
    bounds = _window(surface)
    inside = [m for m in find_minima(surface) if _is_in(bounds, m.x, m.y)]
    best, others = ([(m.x, m.y) for m in inside if m.is_global is good] for good in (True, False))
    few = (places if len(places) < MANY else [] for places in (best, others))
    ground = Ground(_shares(surface, bounds), bounds, *few)
    each = FEW // len(race.scenario.runs)
    lanes = range(race.scenario.lanes)[:: -(-race.scenario.lanes // each)]
    means = [race.answers(run) for run in _runs(race)]
    averages = [Line(run, x, y, dashed=True) for run, (x, y) in enumerate(means)]
    lines = [
        Line(run, x, y, sign=not len(average.x), faint=len(lanes) > 1)
        for run, average in enumerate(averages)
        for x, y in (race.path(run, lane) for lane in lanes)
    ]
    return map_picture(ground, lines + [one for one in averages if len(one.x)], theme)


def _window(surface: Call) -> tuple[float, float, float, float]:
    """The region, made as wide or as high as the picture; as it is where units differ much."""
    left, right, low, high = surface_entry(surface).bounds
    if is_unequal(surface):
        return left, right, low, high
    wide = max(0.0, (high - low) * WIDTH / HEIGHT - (right - left)) / 2
    tall = max(0.0, (right - left) * HEIGHT / WIDTH - (high - low)) / 2
    return left - wide, right + wide, low - tall, high + tall


def _shares(surface: Call, bounds: tuple[float, float, float, float]) -> Array:
    """Heights as shares of the greatest, shape (ROWS, COLUMNS)."""
    left, right, low, high = bounds
    x, y = np.meshgrid(np.linspace(left, right, COLUMNS), np.linspace(low, high, ROWS))
    best, top, unit = extent(surface)
    with np.errstate(all="ignore"):
        loss = np.broadcast_to(np.asarray(evaluate(surface, x, y), dtype=float), x.shape)
    grid = Heights(x[0], y[:, 0], np.zeros(()), best, top, unit)
    return np.clip(grid.height_of(loss) / top, 0.0, 1.0).astype(float)


def _is_in(bounds: tuple[float, float, float, float], x: float, y: float) -> bool:
    left, right, low, high = bounds
    return left <= x <= right and low <= y <= high


def _best(race: Course) -> float:
    """The loss that counts as nothing: of the lowest minimum, or the lowest that was seen."""
    known = [m.loss for m in find_minima(surface_at_end(race.scenario)) if m.is_global]
    return min([*known, *(float(np.nanmin(race.losses(run))) for run in _runs(race))])


def _runs(seen: Course | Training) -> range:
    made = seen.scenario if isinstance(seen, Course) else seen.lab
    return range(len(made.runs))


def _losses(seen: Course | Training, theme: str, best: float) -> str:
    """Losses above the best, on a logarithmic axis where they are of different sizes. Of a
    training also, dashed, those on the test data."""
    steps = np.asarray(seen.steps_of(), dtype=float)
    above = [(run, seen.losses(run) - best, False) for run in _runs(seen)]
    if isinstance(seen, Training):
        above += [(run, seen.test_losses(run), True) for run in _runs(seen)]
    every = np.concatenate([loss[np.isfinite(loss)] for _, loss, _ in above])
    top, low = float(every.max()), float(every.min())
    is_log = top > UNLIKE * low
    lines = [
        Line(run, steps, np.maximum(loss, LOWEST * top), sign=not dashed, dashed=dashed)
        for run, loss, dashed in above
    ]
    up = "loss, log scale" if is_log else "loss, from 0"
    if isinstance(seen, Training):
        up += "; dashed: on test data"
    log, floor = ("y", None) if is_log else ("", 0.0)
    return lines_picture(lines, theme, up, f"steps 0 to {int(steps[-1]):,}", log, floor)


# --- trainings and experiments -------------------------------------------------------------


def _slice(lab: Training, theme: str) -> str:
    """The plane of a training with its paths; its two axes need no common scale."""
    made = lab.result
    sheet = slice_sheet(made, ROWS // 2)
    across = np.linspace(0, len(sheet.x) - 1, COLUMNS).round().astype(int)
    up = np.linspace(0, len(sheet.y) - 1, ROWS).round().astype(int)
    shares = np.clip(sheet.z[np.ix_(up, across)] / sheet.top, 0.0, 1.0).astype(float)
    _, bounds = made.slice.there()
    lines = [Line(run, made.slice.x[run, :, 0], made.slice.y[run, :, 0]) for run in _runs(lab)]
    return map_picture(Ground(shares, bounds), lines, theme)


def _sharpness(lab: Training, theme: str) -> str:
    """The largest curvature of each run, and dashed up to where its method is stable."""
    told = lab.curvature
    steps = np.asarray(told["steps"], dtype=float)
    lines = []
    for run in _runs(lab):
        lines.append(Line(run, steps, _numbers(told["value"][run])))
        if told["line"][run]:
            line = _numbers(told["line"][run])
            lines.append(Line(run, steps, line, sign=False, dashed=True))
    return lines_picture(lines, theme, "largest curvature", f"steps 0 to {int(steps[-1]):,}")


def _chart(seen: Experiment, key: str, theme: str) -> str:
    chart = next(chart for chart in seen.finding.charts if chart.key == key)
    lines = [
        Line(at, _numbers(one["x"]), _numbers(one["y"]), name=str(one["name"]))
        for at, one in enumerate(chart.data["series"][:SERIES])
    ]
    up, across = (
        f"{words}, log scale" if axis in chart.log else words
        for axis, words in (("y", chart.y), ("x", chart.x))
    )
    return lines_picture(lines, theme, up, across, chart.log)


def _numbers(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=float)
