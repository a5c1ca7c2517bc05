"""The frame of a chart: what lies beyond its axis is drawn at the edge, and counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnopt_viz.experiments.study import Chart

if TYPE_CHECKING:
    from collections.abc import Iterable

Value = float | None  # None is what is not finite: above everything
ROOM = 1.5  # beside the values on a logarithmic axis, a factor
PARTS = ("y", "low", "high", "values", "value")


def framed(chart: Chart) -> Chart:
    """The chart with ends for a logarithmic y axis, everything within them, and a note saying how
    many values lie beyond. A linear axis holds whatever is finite."""
    if chart.kind == "surface":
        return chart
    kind = "series" if chart.kind == "lines" else "groups"
    shown = chart.data[kind]
    ends = chart.data.get("range") or _ends(_values(shown, PARTS), "y" in chart.log)
    if ends is None:
        return chart
    low, high = ends
    own = list(_values(shown, ("y", "values")))
    beyond = sum(v is None or not low <= v <= high for v in own)
    inside = [
        {key: _inside(one[key], low, high) if key in PARTS else one[key] for key in one}
        for one in shown
    ]
    note = f"{beyond} of {len(own)} values lie beyond the axis and are drawn at its edge."
    return replace(
        chart,
        data={**chart.data, kind: inside, "range": [low, high]},
        note=f"{chart.note} {note}".strip() if beyond else chart.note,
    )


def _values(shown: list[dict[str, Any]], keys: Iterable[str]) -> Iterable[Value]:
    for one in shown:
        for key in keys:
            value = one.get(key, [])
            yield from value if isinstance(value, list) else [value]


def _ends(values: Iterable[Value], is_log: bool) -> list[float] | None:
    """Ends of an axis that nobody has chosen, or None where there is nothing to show."""
    good = [v for v in values if v is not None and (v > 0 or not is_log)]
    if not good:
        return None
    low, high = min(good), max(good)
    if is_log:
        return [low / ROOM, high * ROOM]
    room = 0.05 * (high - low) or 0.5
    return [low - room, high + room]


def _inside(value: Any, low: float, high: float) -> Any:
    if isinstance(value, list):
        return [_inside(one, low, high) for one in value]
    return high if value is None else min(max(value, low), high)
