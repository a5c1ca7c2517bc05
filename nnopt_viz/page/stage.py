"""The stage: map, 3D, transport, curves, outcome. The player fills the empty parts."""

from __future__ import annotations

from functools import cache
from typing import Any

from nnopt_viz.figures import curves_figure
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.page import ids
from nnopt_viz.page.elements import Element, dcc, dmc, html

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "displayModeBar": False,
    "scrollZoom": True,
    "doubleClick": "reset",
    "responsive": True,
    "showTips": False,
}
EMPTY: dict[str, Any] = {
    "data": [],
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
    },
}


@cache
def _curves() -> dict[str, Any]:
    """Their frame in each theme: the same on every page."""
    return {one: curves_figure(one).to_plotly_json() for one in THEMES}


def stage(*more: Element, looker: bool = True) -> Element:
    """Everything right of the rail; a page may put more into it, and leave the closer look out."""
    views = [
        html.Section(
            [
                # the player tells a double click from two picks, and the page goes back
                _graph(ids.MAP, "Map of the loss, seen from above", doubleClick=False),
                html.Div(id=ids.MAP_KEY, className="map-key"),
            ],
            id=ids.MAP_STAGE,
            className="map-stage",
            **{"aria-label": "Map"},
        ),
        html.Section(
            _graph(ids.SCENE, "The loss as a surface in three dimensions"),
            id=ids.SCENE_STAGE,
            className="scene-stage",
            **{"aria-label": "3D view"},
        ),
    ]
    curves = html.Section(
        [
            dcc.Store(id=ids.CURVES_FIGURES, data=_curves()),
            html.Div(id=ids.CURVES_KIND, className="curves-kind"),
            html.Div(
                _graph(ids.CURVES, "Curves over the steps"),
                id=ids.CURVES_STAGE,
                className="curves-stage",
            ),
        ],
        className="curves",
        **{"aria-label": "Curves"},
    )
    outcome = html.Section(
        html.Div(
            id=ids.OUTCOME, tabIndex=0, role="region", **{"aria-label": "Outcome of every run"}
        ),
        className="outcome",
        **{"aria-label": "Outcome"},
    )
    switch = dmc.SegmentedControl(
        id=ids.VIEW,
        data=[
            {"value": "map", "label": "Map"},
            {"value": "scene", "label": "3D"},
            {"value": "loss", "label": "Loss"},
        ],
        value="map",
        fullWidth=True,
        className="view-switch",
        **{"aria-label": "What is shown"},
    )
    closer = html.Section(id=ids.LOOKER, className="looker", **{"aria-label": "Closer look"})
    return html.Div(
        [
            *views,
            html.Section(id=ids.TRANSPORT, className="transport", **{"aria-label": "Playback"}),
            html.Div(switch, className="view-switch-row"),
            curves,
            outcome,
            *([closer] if looker else []),
            *more,
        ],
        className="stage",
    )


def _graph(name: str, label: str, **more: Any) -> Element:
    """A graph that stays mounted; the figure comes once theme and surface are known."""
    graph = dcc.Graph(
        id=name, figure=EMPTY, config=CONFIG | more, responsive=True, className="graph"
    )
    return html.Div(graph, className="graph-box", role="img", **{"aria-label": label})
