"""What the pages that hold one race or training have in common: what is kept, and the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.page import ids
from nnopt_viz.page.declared import declared
from nnopt_viz.page.elements import Element, dcc, html
from nnopt_viz.page.shell import shell

if TYPE_CHECKING:
    from collections.abc import Iterable


def stores(spec: dict[str, Any], notes: list[str], shapes: Iterable[str]) -> list[Element]:
    """What the browser's part keeps.

    Args:
        spec: the question, as `page_spec` or `lab_spec` says it.
        notes: plain sentences about what was repaired in the address.
        shapes: the stores by which the browser asks for controls of another shape.
    """
    heard = (ids.heard(event) for event in ids.EVENTS if event != "viewing")  # every page has it
    empty = (ids.QUERY, ids.THEME, *shapes, *heard)
    filled: dict[str, Any] = {ids.SPEC: spec, ids.NOTES: notes, ids.DECLARED: declared()}
    return [
        *(dcc.Store(id=name) for name in empty),
        *(dcc.Store(id=name, data=data) for name, data in filled.items()),
    ]


def question_page(
    path: str, title: str, kept: list[Element], stage: Element, rail: Element, style: str = "",
    guide: Element | None = None,
) -> Element:  # fmt: skip
    """The page: controls in the rail, views on the stage.

    Args:
        path: of the page, as it is declared.
        title: its heading, for those who hear it.
        kept: the stores.
        style: its class.
        guide: beside the sentence that says what is seen.
    """
    content = [
        html.H1(title, className="hidden-title"),
        html.Div(id=ids.NOTICE, className="notice", role="status"),
        html.Div(id=ids.TITLED, className="titled"),
        html.Div(id=ids.PRESENTED, className="presented"),
        html.Div(
            [html.P(id=ids.SEEN, className="seen"), *([guide] if guide else [])],
            className="headline",
        ),
        stage,
        html.Div(id=ids.IN_VIEW, className="in-view", role="group", **{"aria-label": "In view"}),
    ]
    more = {"className": style} if style else {}
    return html.Div([*kept, shell(path, content, rail)], **more)
