"""The loss curves of an animated figure: the whole curve, and a marker that runs along it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.figures.palette import colour_of, symbol_of, tinted
from nnopt_viz.figures.tracks import Track
from nnopt_viz.judge.lanes import quartiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.figures.palette import Palette
    from nnopt_viz.figures.recording import Recording

LINE, HEAD = 2, 10  # px
SHADE = 0.16  # of a band: how much of its colour
# Times the highest start: what a diverging run adds above leaves the frame, if the map has no more.
FAR_ABOVE = 100
FEW_DECADES = 1.5  # too few for labels at powers of ten alone
DEEPEST = 12  # decades below the highest loss: what lies under is rounding


def _quarters(recording: Recording) -> tuple[NDArray[np.float64], float]:
    """Lower quartile, median and upper quartile over the starts, shape (3, runs, rows); one start
    is all three. And the lowest loss, where they are gaps to it; else 0.

    A log axis needs values above 0: where some loss is below 0, the gap to the lowest one seen is
    shown.
    """
    loss = recording.loss
    finite = np.isfinite(loss)
    lowest = float(loss[finite].min()) if finite.any() else 0.0
    ended = np.isnan(recording.x[0]).all(axis=2)
    many = loss.shape[2] > 1
    middle = quartiles(np.where(finite, loss, np.inf)) if many else np.stack([loss[:, :, 0]] * 3)
    values = np.where(ended, np.nan, middle)
    return (values - lowest, lowest) if lowest < 0 else (values, 0.0)


def loss_lines(recording: Recording, colours: Palette) -> list[Track]:
    """A curve for every run, which grows; of many starts the band between their quartiles too."""
    steps = recording.steps
    line = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", **_ON}
    bands: list[Track] = []
    if recording.loss.shape[2] > 1:
        (low, _, high), _ = _quarters(recording)
        for run, name in enumerate(recording.names):
            is_seen = np.isfinite(low[run]) & np.isfinite(high[run]) & (low[run] > 0)
            shade = tinted(colour_of(run, colours), SHADE)
            edge = line | {"line": {"width": 0}}
            below = edge | {"name": f"{name}, lower quartile"}
            above = edge | {"name": f"{name}, upper quartile", "fill": "tonexty",
                            "fillcolor": shade}  # fmt: skip
            for trace, side in ((below, low), (above, high)):
                bands.append(Track(trace, _grown(steps, np.flatnonzero(is_seen), side[run])))
    (_, middle, _), _ = _quarters(recording)
    every = np.arange(len(steps))
    return bands + [
        Track(line | {"name": name, "line": {"color": colour_of(run, colours), "width": LINE}},
              _grown(steps, every, middle[run]))
        for run, name in enumerate(recording.names)
    ]  # fmt: skip


def _grown(steps: NDArray[np.int_], kept: NDArray[np.intp], values: NDArray[np.float64]) -> Any:
    """The kept rows of a curve, up to a row."""
    x, y = steps[kept].tolist(), _brief(values[kept])

    def at(row: int) -> dict[str, Any]:
        count = int(np.searchsorted(kept, row, "right"))
        return {"x": x[:count], "y": y[:count]}

    return at


def loss_heads(recording: Recording, colours: Palette) -> list[Track]:
    """The markers that run along the curves."""
    made = []
    for run, (name, shown) in enumerate(zip(recording.names, _shown(recording), strict=True)):
        mark = {"symbol": symbol_of(run), "color": colour_of(run, colours), "size": HEAD,
                "line": {"color": colours.paper, "width": 1.5}}  # fmt: skip
        trace = {"type": "scatter", "mode": "markers", "marker": mark, "cliponaxis": False,
                 "hoverinfo": "skip", "name": name, **_ON}  # fmt: skip
        made.append(Track(trace, _head(recording.steps.tolist(), shown)))
    return made


_ON = {"xaxis": "x2", "yaxis": "y2"}


def _shown(recording: Recording) -> list[list[float | None]]:
    """Each run's curve to four digits; None where a log axis has no place for it."""
    (_, middle, _), _ = _quarters(recording)
    return [_brief(row) for row in middle]


def _brief(values: NDArray[np.float64]) -> list[float | None]:
    return [float(f"{v:.4g}") if np.isfinite(v) and v > 0 else None for v in values.tolist()]


def _head(steps: list[int], shown: list[float | None]) -> Any:
    last = max((i for i, value in enumerate(shown) if value is not None), default=0)

    def at(row: int) -> dict[str, Any]:
        i = min(row, last)
        return {"x": [steps[i]], "y": [shown[i]]}

    return at


def loss_axes(recording: Recording, colours: Palette) -> dict[str, dict[str, Any]]:
    """`xaxis2` and `yaxis2`, with ranges that hold every curve and the bands beside it."""
    (lower, values, upper), lowest = _quarters(recording)
    positive = values[np.isfinite(values) & (values > 0)]
    high, low = 1.0, 0.1
    if positive.size:
        starts = values[:, 0][np.isfinite(values[:, 0]) & (values[:, 0] > 0)]
        most = FAR_ABOVE * float(starts.max()) if starts.size else np.inf
        if not recording.is_free:  # a start on the ground is no measure of what follows
            most = max(most, recording.grounds[0].highest - lowest)
        shown = np.concatenate([positive, *(side[(side > 0) & (side <= most)]
                                            for side in (lower, upper))])  # fmt: skip
        below = shown[shown <= most]
        high = float(below.max() if below.size else positive.min())
        low = max(float(shown.min()), high / 10.0**DEEPEST)
    bottom, top = np.log10(low), np.log10(high)
    room = 0.05 * max(top - bottom, 0.2)
    plain = {"tickfont": {"size": 11, "color": colours.ink3}, "zeroline": False, "ticks": "",
             "autorange": False, "fixedrange": True}  # fmt: skip
    note = "above the lowest loss seen, log scale" if lowest else "log scale"
    every: int | str = max(1, int(np.ceil((top - bottom) / 5)))
    if top - bottom < FEW_DECADES:
        every = "D2"  # 1, 2 and 5 times powers of ten
    return {
        "xaxis2": plain | {"range": [0, recording.last_step], "showgrid": False, "nticks": 6},
        "yaxis2": plain | {
            "type": "log", "range": [bottom - room, top + room], "gridcolor": colours.hairline,
            "dtick": every, "tickformat": "~g" if bottom >= -4 and top <= 5 else "~e",
            "title": {"text": note, "font": {"size": 11, "color": colours.ink3}, "standoff": 4},
        },
    }  # fmt: skip
