"""The network lab: the page for a training, complete in one answer of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.lab.codec import encode_lab
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.page import ids
from nnopt_viz.page.declared import declared, lab_spec
from nnopt_viz.page.elements import Element, dcc, html
from nnopt_viz.page.link_panel import link_panel
from nnopt_viz.page.network_panel import lab_panel
from nnopt_viz.page.runs_panel import add_run, runs_list
from nnopt_viz.page.shell import icon_button, shell
from nnopt_viz.page.stage import stage

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab


def network_page(lab: Lab, notes: list[str]) -> Element:
    """The page.

    Args:
        lab: what is trained.
        notes: plain sentences about what was repaired in the link.
    """
    details = html.Section(
        id=ids.LAB_DETAILS, className="lab-details", **{"aria-label": "Slice and layers"}
    )
    content = [
        html.H1("Watch real networks train on their real loss surface", className="hidden-title"),
        html.Div(id=ids.NOTICE, className="notice", role="status"),
        stage(details, looker=False),
        icon_button(
            "close", "Leave the presentation", ids.action("present", "leave"),
            className="leave-present",
        ),
    ]  # fmt: skip
    page = shell("/network", content, _rail(lab))
    return html.Div([*_stores(lab, notes), page], className="lab")


def _stores(lab: Lab, notes: list[str]) -> list[Element]:
    empty = (ids.QUERY, ids.THEME, ids.RUNS_SHAPE, ids.LAB_SHAPE)
    filled: dict[str, Any] = {
        ids.SPEC: lab_spec(lab),
        ids.NOTES: notes,
        ids.DECLARED: declared(),
    }
    return [
        *(dcc.Store(id=name) for name in (*empty, *map(ids.heard, ids.RACE_EVENTS))),
        *(dcc.Store(id=name, data=data) for name, data in filled.items()),
    ]


def _rail(lab: Lab) -> Element:
    scale = [html.Span("0.0001"), html.Span("0.01"), html.Span("1")]
    runs = [
        html.Div(
            [html.H2("Runs"), html.Span("learning rate, log scale")], className="section-head"
        ),
        html.Ul(runs_list(lab.runs, None, TRAINERS), id=ids.RUNS_LIST, className="runs-list"),
        html.Div(scale, className="runs-scale", **{"aria-hidden": "true"}),
        add_run(len(lab.runs), TRAINERS),
    ]
    link = html.Div(
        [html.H2("This page as a link"), html.Span("edit it by hand")], className="section-head"
    )
    return html.Section(
        [
            html.Div(runs, className="section section-runs"),
            html.Div(lab_panel(lab), id=ids.LAB_PANEL, className="lab-panel"),
            html.Div([link, *link_panel(encode_lab(lab))], className="section section-link"),
        ],
        className="rail",
        **{"aria-label": "Settings"},
    )
