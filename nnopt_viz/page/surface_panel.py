"""The surface: a button with its picture, the menu behind it, its formula and its knobs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.compose.calls import is_morphing
from nnopt_viz.compose.own import FORMULA, OWN, surface_entry
from nnopt_viz.figures import surface_cost
from nnopt_viz.figures.mathml import mathml
from nnopt_viz.figures.thumbnail import stamp_style
from nnopt_viz.judge.count import summary
from nnopt_viz.page import controls, ids
from nnopt_viz.page.declared import DRIFT
from nnopt_viz.page.elements import Element, dmc, html
from nnopt_viz.surfaces import SURFACES, Surface
from nnopt_viz.web.release import release
from nnopt_viz.web.visits import admit

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.race.scenario import Scenario


def surface_menu(surface: Call, name: str) -> Element:
    """The button, and the grouped list with a search field that it opens; name: its own, or ""."""
    button = dmc.UnstyledButton(
        button_content(surface, name),
        id=ids.SURFACE_BUTTON,
        className="surface-button",
        **{"aria-label": "Loss surface: choose another"},
    )
    search = dmc.TextInput(
        id=ids.SURFACE_SEARCH,
        placeholder="Search surfaces",
        **{"aria-label": "Search surfaces"},
    )
    return dmc.Popover(
        [
            dmc.PopoverTarget(button, boxWrapperProps={"w": "100%"}),
            dmc.PopoverDropdown(
                [
                    search,
                    html.P(className="menu-none", role="status"),
                    *_menu(tuple(SURFACES.values())),
                ],
                className="menu",
                id=ids.SURFACE_LIST,
            ),
        ],
        id=ids.SURFACE_MENU,
        position="bottom-start",
        width="target",
        offset=4,
        trapFocus=True,
        returnFocus=True,
        shadow="none",
        transitionProps={"duration": 0},
    )


def button_content(surface: Call, name: str) -> list[Element]:
    """What the menu button shows of the chosen surface. One's own is searched for its minima."""
    title = surface_entry(surface).title
    if surface.name in OWN:
        admit(surface_cost(surface))
    return [
        picture(surface),
        html.Span(
            [
                html.Span(name or title, className="surface-title", title=title),
                html.Span(summary(surface), id=ids.SURFACE_SUMMARY, className="surface-summary"),
            ],
            className="surface-words",
        ),
        html.Span(className="icon icon-chevron", **{"aria-hidden": "true"}),
    ]


def picture(surface: Call) -> Element:
    """The surface as a stamp."""
    shade = html.Span(className="stamp-shade", style=stamp_style(surface, f"?{release()}"))
    return html.Span(shade, className="stamp", **{"aria-hidden": "true"})


def surface_panel(scenario: Scenario) -> list[Element]:
    """Formula and knobs of a surface, a way to edit it, and how it moves if it does."""
    surface = scenario.surface
    entry = surface_entry(surface)
    names = ("x", "y", *(knob.name for knob in entry.knobs))
    formula = html.Div(
        className="formula",
        title=entry.doc,
        **{
            "data-mathml": mathml(entry.formula, names),
            "aria-label": f"f = {entry.formula}",
            "role": "math",
        },
    )
    edit = dmc.Button(
        "Edit the formula" if surface.name in OWN else "Edit a copy",
        id=ids.action("edit-surface"),
        leftSection=html.Span(className="icon icon-edit"),
        className="quiet",
    )
    moves = (
        controls.row("scenario", 0, DRIFT.name, DRIFT, scenario.drift, "the surface")
        if is_morphing(surface)
        else []
    )
    return [
        formula,
        *controls.rows("surface", 0, entry.knobs, surface, entry.title),
        *moves,
        html.Div(edit, className="edit-row"),
    ]


def _words(entry: Surface, family: str) -> str:
    """What the search of the menu looks through: also what else a surface is called."""
    also = " ".join(SURFACES.names(entry.name).also)
    return f"{entry.name} {entry.title} {family} {also} {also.replace('_', ' ')}".lower()


@lru_cache(maxsize=1)
def _menu(_: tuple[Surface, ...]) -> tuple[Element, ...]:
    """All surfaces by family, each with its picture and what it teaches; made once for all."""
    own = dmc.UnstyledButton(
        [
            html.Span(html.Span(className="icon icon-edit"), className="stamp stamp-own"),
            html.Span(
                [
                    html.Span(FORMULA.title, className="surface-title"),
                    html.Span("Write the formula; the rest follows.", className="surface-summary"),
                ],
                className="surface-words",
            ),
        ],
        id=ids.action("surface", FORMULA.name),
        className="menu-item",
        **{"data-words": "your own formula surface custom"},
    )
    made: list[Element] = [html.Div(own, className="menu-family")]
    for family, entries in SURFACES.by_family().items():
        buttons = [
            dmc.UnstyledButton(
                [
                    picture(SURFACES.call(entry.name)),
                    html.Span(
                        [
                            html.Span(entry.title, className="surface-title"),
                            html.Span(entry.doc, className="surface-summary"),
                        ],
                        className="surface-words",
                    ),
                ],
                id=ids.action("surface", entry.name),
                className="menu-item",
                **{"data-words": _words(entry, family)},
            )
            for entry in entries
        ]
        heading = html.Div(family[:1].upper() + family[1:], className="menu-group")
        made.append(html.Div([heading, *buttons], className="menu-family"))
    return tuple(made)
