"""The frame of a chart: what lies beyond its axis is drawn at the edge, and counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnopt_viz.experiments.study import Chart

if TYPE_CHECKING:
    from collections.abc import Iterable

Value = float | None  # None is what is not finite: above everything
ROOM = 1.5  # beside the values on a logarithmic axis, a factor
OWN = ("y", "values")  # what stands for itself
PARTS = (*OWN, "low", "high", "value")
NOTHING = "There is nothing to draw on a logarithmic axis: all is 0, or has diverged."


def framed(chart: Chart) -> Chart:
    """The chart with ends for its y axis, everything within them, and a note saying how many values
    lie beyond; what was measured for these stays beside it, as `real`. A line that can't be drawn
    is left out.

    The ends are those that the chart asks for, unless most of what could be drawn would lie beyond
    them."""
    if chart.kind == "surface":
        return chart
    kind, is_log = "series" if chart.kind == "lines" else "groups", "y" in chart.log
    shown = chart.data[kind]
    own = list(_values(shown, OWN))
    ends = chart.data.get("range")
    if ends is None or not _holds(ends, own, is_log):
        ends = _ends(_values(shown, PARTS), is_log) or ends
    if ends is None or not ends[0] < ends[1]:
        return replace(chart, note=f"{chart.note} {NOTHING}".strip()) if own else chart
    low, high = ends
    beyond = sum(_is_beyond(v, low, high) for v in own)
    inside = [_inside(one, low, high) for one in shown]
    lie, are = ("lies", "is") if beyond == 1 else ("lie", "are")
    note = f"{beyond} of {len(own)} values {lie} beyond the axis and {are} drawn at its edge."
    data = {**chart.data, kind: inside, "range": [low, high]}
    if "line" in data and _is_beyond(data["line"]["at"], low, high):
        del data["line"]
    return replace(
        chart,
        data=data,
        note=f"{chart.note} {note}".strip() if beyond else chart.note,
    )


def _values(shown: list[dict[str, Any]], keys: Iterable[str]) -> Iterable[Value]:
    for one in shown:
        for key in keys:
            value = one.get(key, [])
            yield from value if isinstance(value, list) else [value]


def _holds(ends: list[float], own: list[Value], is_log: bool) -> bool:
    """Do at least half of the values that can be drawn lie between these ends?"""
    good = [v for v in own if v is not None and (v > 0 or not is_log)]
    return 2 * sum(_is_beyond(v, *ends) for v in good) <= len(good)


def _is_beyond(value: Value, low: float, high: float) -> bool:
    return value is None or not low <= value <= high


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


def _inside(one: dict[str, Any], low: float, high: float) -> dict[str, Any]:
    """A series or group whose values lie on the axis; with the real ones where that moved some."""
    made = {key: _on(one[key], low, high) if key in PARTS else one[key] for key in one}
    for key in OWN:
        if any(_is_beyond(v, low, high) for v in one.get(key, [])):
            made["real"] = one[key]
    return made


def _on(value: Any, low: float, high: float) -> Any:
    if isinstance(value, list):
        return [_on(one, low, high) for one in value]
    return high if value is None else min(max(value, low), high)
