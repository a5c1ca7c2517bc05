"""Figures without Plotly's furniture."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go


def bare_figure(traces: Any, **layout: Any) -> go.Figure:
    """A figure with this layout and no template, on a transparent background.

    The layout goes in with the traces: to update one takes Plotly ten times as long.
    """
    plain = {"paper_bgcolor": "rgba(0,0,0,0)", "showlegend": False, "hovermode": False}
    figure = go.Figure(traces, layout=plain | layout)
    figure.layout.template = None
    return figure
