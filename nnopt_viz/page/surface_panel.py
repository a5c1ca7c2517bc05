"""The surface: a button with its picture, the menu behind it, its formula and its knobs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.figures.mathml import mathml
from nnopt_viz.figures.thumbnail import thumbnail
from nnopt_viz.minima import summary
from nnopt_viz.page import controls, ids
from nnopt_viz.page.elements import Element, dmc, html
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from nnopt_viz.knobs import Call


def surface_menu(surface: Call) -> Element:
    """The button, and the grouped list with a search field that it opens."""
    button = dmc.UnstyledButton(
        button_content(surface),
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
            dmc.PopoverDropdown([search, *_menu()], className="menu", id=ids.SURFACE_LIST),
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


def button_content(surface: Call) -> list[Element]:
    """What the menu button shows of the chosen surface."""
    return [
        picture(surface),
        html.Span(
            [
                html.Span(SURFACES[surface.name].title, className="surface-title"),
                html.Span(summary(surface), id=ids.SURFACE_SUMMARY, className="surface-summary"),
            ],
            className="surface-words",
        ),
        html.Span(className="icon icon-chevron", **{"aria-hidden": "true"}),
    ]


def picture(surface: Call) -> Element:
    """The surface as a stamp, tinted by the style sheet."""
    shade = html.Span(className="stamp-shade", style={"maskImage": f"url({thumbnail(surface)})"})
    return html.Span(shade, className="stamp", **{"aria-hidden": "true"})


def surface_panel(surface: Call) -> list[Element]:
    """Formula and knobs of a surface."""
    entry = SURFACES[surface.name]
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
    return [formula, *controls.rows("surface", 0, entry.knobs, surface, entry.title)]


@lru_cache(maxsize=1)
def _menu() -> tuple[Element, ...]:
    """All surfaces by family, each with its picture and what it teaches."""
    made: list[Element] = []
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
                **{"data-words": f"{entry.name} {entry.title} {family}".lower()},
            )
            for entry in entries
        ]
        heading = html.Div(family[:1].upper() + family[1:], className="menu-group")
        made.append(html.Div([heading, *buttons], className="menu-family"))
    return tuple(made)
