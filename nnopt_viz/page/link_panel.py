"""The page as a link: its text, editable; share it; take pictures and data away."""

from __future__ import annotations

from nnopt_viz.deliver.formats import FORMATS, Format
from nnopt_viz.page import ids
from nnopt_viz.page.elements import Element, dmc, html


def link_panel(query: str, kind: str) -> list[Element]:
    """The foot of the rail.

    Args:
        query: canonical query text, without the question mark.
        kind: of question: "race".
    """
    text = dmc.Textarea(
        id=ids.LINK_TEXT,
        value="?" + query,
        autosize=True,
        minRows=2,
        maxRows=8,
        spellCheck=False,
        className="link-text",
        **{"aria-label": "This page as a link: edit and press Enter"},
    )
    share = dmc.Button(
        "Share",
        id=ids.action("share"),
        leftSection=html.Span(className="icon icon-link"),
        className="filled",
    )
    return [text, html.Div([share, _export(query, kind)], className="link-buttons")]


def _export(query: str, kind: str) -> Element:
    offered = FORMATS.of(kind, offered=True)
    motion = [
        dmc.MenuItem("A picture …", id=ids.action("picture")),
        dmc.MenuItem("A film …", id=ids.action("film")),
        *[_download(made, query) for made in offered if made.family == "page"],
    ]
    data = [_download(made, query) for made in offered if made.family == "table"]
    python = dmc.MenuItem("Copy as Python", id=ids.action("copy-python"))
    button = dmc.Button(
        "Export",
        leftSection=html.Span(className="icon icon-download"),
        rightSection=html.Span(className="icon icon-chevron"),
        className="plain export-button",
        fullWidth=True,
    )
    return dmc.Menu(
        [
            dmc.MenuTarget(button, boxWrapperProps={"flex": 1}),
            dmc.MenuDropdown([*motion, dmc.MenuDivider(), *data, python]),
        ],
        position="top-end",
        shadow="none",
        width=264,
        transitionProps={"duration": 0},
    )


def _download(made: Format, query: str) -> Element:
    """A link to the same run at another path, or why there is none here."""
    lacks = made.lacks()
    if lacks:
        return dmc.MenuItem(f"{made.label}: {lacks}", id=f"data-{made.name}", disabled=True)
    return dmc.MenuItem(
        made.label,
        id=f"data-{made.name}",
        href=f"/run.{made.name}?{query}",
        target="_blank",
        leftSection=html.Span(className="icon icon-download"),
    )
