"""The frame of the loss curves: axes only. The player draws the curves on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.figures.palette import FONT, palette
from nnopt_viz.figures.plain import figure_of, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go


def curves_figure(theme: str) -> go.Figure:
    """Empty axes for loss, gradient norm or learning rate against the step.

    Args:
        theme: "light" or "dark".
    """
    colours = palette(theme)
    made = plain(
        [],
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 44, "r": 92, "t": 6, "b": 22},
        font={"family": FONT, "size": 11, "color": colours.ink3},
        dragmode=False,
        uirevision="race",
        xaxis={
            "tickfont": {"size": 11, "color": colours.ink3},
            "range": [0, 160],
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
            "nticks": 6,
            "fixedrange": True,
        },
        yaxis={
            "tickfont": {"size": 11, "color": colours.ink3},
            "type": "log",
            "range": [-2, 2.6],
            "gridcolor": colours.hairline,
            "zeroline": False,
            "ticks": "",
            "dtick": 1,
            "tickformat": "~g",
            "fixedrange": True,
        },
    )
    return figure_of(made)
