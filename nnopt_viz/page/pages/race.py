"""The race: the page for a scenario, complete in one answer of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nnopt_viz.deliver import questions
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.page import ids
from nnopt_viz.page.declared import page_spec
from nnopt_viz.page.elements import Element, html, worded
from nnopt_viz.page.guide import guide
from nnopt_viz.page.help import RACE
from nnopt_viz.page.in_view import knob_names, unknown
from nnopt_viz.page.link_panel import link_panel
from nnopt_viz.page.looks import fitted, surface_name
from nnopt_viz.page.page import Address, Page, declare, paths
from nnopt_viz.page.question_page import question_page, stores
from nnopt_viz.page.runs_panel import add_run, runs_list
from nnopt_viz.page.stage import stage
from nnopt_viz.page.start_panel import start_panel
from nnopt_viz.page.surface_panel import surface_menu, surface_panel
from nnopt_viz.race.codec import encode, landing, repair

if TYPE_CHECKING:
    from nnopt_viz.race.scenario import Scenario


def layout(address: Address) -> Element:
    """The race that the address describes; the landing scene when it describes none."""
    scenario, notes = repair(address.search)
    viewing, more = fitted(address.viewing, address.search, len(scenario.runs))
    address.keep(viewing)
    more += unknown(viewing, knob_names(page_spec(scenario)))
    return race_page(scenario, notes + address.notes + more, viewing)


def repaired(query: str) -> tuple[dict[str, Any], list[str]]:
    """The scenario of a query as the browser keeps it, and what was changed."""
    scenario, notes = repair(query)
    return page_spec(scenario), notes


def race_page(scenario: Scenario, notes: list[str], viewing: dict[str, Any]) -> Element:
    """The page.

    Args:
        scenario: what is raced.
        notes: plain sentences about what was repaired in the link.
        viewing: the address' viewing keys.
    """
    shapes = (ids.SURFACE_SHAPE, ids.RUNS_SHAPE, ids.START_SHAPE)
    return question_page(
        "/", "Watch optimizers race on a loss surface",
        stores(page_spec(scenario), notes, shapes),
        stage(), _rail(scenario, viewing), guide=guide() if scenario == landing() else None,
    )  # fmt: skip


def _rail(scenario: Scenario, viewing: dict[str, Any]) -> Element:
    scale = [html.Span("0.0001"), html.Span("0.01"), html.Span("1")]
    return html.Section(
        [
            _section("surface", None, [
                surface_menu(scenario.surface, surface_name(viewing)),
                html.Div(surface_panel(scenario), id=ids.SURFACE_PANEL, className="panel"),
            ]),
            _section("runs", ("Runs", "[lr|learning rate], [log scale]"), [
                html.Ul(
                    runs_list(scenario.runs, None, OPTIMIZERS, viewing),
                    id=ids.RUNS_LIST, className="runs-list",
                ),
                html.Div(scale, className="runs-scale", **{"aria-hidden": "true"}),
                add_run(len(scenario.runs), OPTIMIZERS),
            ]),
            _section("start", ("[initialization|Initialization]", "and the length of the run"), [
                html.Div(start_panel(scenario), id=ids.START_PANEL, className="start-grid"),
            ]),
            _section("link", ("This page as a link", "edit it by hand"),
                     link_panel(encode(scenario), questions.RACE.name)),
        ],
        className="rail",
        **{"aria-label": "Settings"},
    )  # fmt: skip


def _section(name: str, heading: tuple[str, str] | None, children: list[Element]) -> Element:
    head = (
        [
            html.Div(
                [html.H2(worded(heading[0])), html.Span(worded(heading[1]))],
                className="section-head",
            )
        ]
        if heading
        else []
    )
    return html.Div([*head, *children], className=f"section section-{name}")


def missing(path: str) -> tuple[str, str, str] | None:
    """What was meant by an address whose question mark was percent-encoded with all the rest."""
    page, _, query = path.partition("?")
    if "=" not in query or page not in paths():
        return None
    sentence = "The question mark of this address was percent-encoded, so that it names no page."
    return sentence, f"{page}?{quote(query, safe='%&=+,;:/()*')}", "Open what was meant"


declare(
    Page(
        "/", "Race", layout, RACE, place=10, plays=True, presents=True, embeds=True,
        repaired=repaired, missing=missing,
    )
)  # fmt: skip
