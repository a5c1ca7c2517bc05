"""Figures as plain dictionaries, `{"data": …, "layout": …}`, and as the browser gets them.

A Plotly figure checks every value it is given: that takes longer than to compute them. What
Python users get is checked, and so is, in the tests, everything that is sent.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any, TypedDict

import numpy as np
import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

Plain = dict[str, Any]


class Figure(TypedDict):
    """A figure of Plotly's."""

    data: list[Plain]
    layout: Plain


def plain(data: list[Plain], **layout: Any) -> Figure:
    """A figure without Plotly's furniture, on a transparent background."""
    bare = {"paper_bgcolor": "rgba(0,0,0,0)", "showlegend": False, "hovermode": False}
    return {"data": data, "layout": bare | layout}


def figure_of(made: Figure) -> go.Figure:
    """The same as a Plotly figure, without a template."""
    figure = go.Figure(made)
    figure.layout.template = None
    return figure


def as_text(value: Any) -> str:
    """JSON, with figures and what stands around them; grids are packed, not finite is null."""
    return str(to_json_plotly(_packed(value), engine="orjson"))


def _packed(value: Any) -> Any:
    """Arrays as Plotly's typed arrays: base64 of their numbers, lowest byte first."""
    if isinstance(value, dict):
        return {key: _packed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_packed(part) for part in value]
    if not isinstance(value, np.ndarray):
        return value
    kind = value.dtype.newbyteorder("<")
    packed = {"dtype": kind.str[1:], "bdata": b64encode(value.astype(kind).tobytes()).decode()}
    return packed if value.ndim == 1 else packed | {"shape": ", ".join(map(str, value.shape))}
