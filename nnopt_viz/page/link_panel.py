"""The page as a link: its text, editable; copy it; take pictures and data away."""

from __future__ import annotations

from nnopt_viz.page import ids
from nnopt_viz.page.elements import Element, dmc, html

PICTURES = (
    ("map-png", "Picture of the map, PNG"),
    ("map-svg", "Picture of the map, SVG"),
    ("scene-png", "Picture of the 3D view, PNG"),
)
DATA = (
    ("csv", "Every step as CSV"),
    ("json", "Every step as JSON"),
    ("parquet", "Every step as Parquet"),
)


def link_panel(query: str) -> list[Element]:
    """The foot of the rail.

    Args:
        query: canonical query text, without the question mark.
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
    copy = dmc.Button(
        "Copy link",
        id=ids.action("copy-link"),
        leftSection=html.Span(className="icon icon-link"),
        className="filled",
    )
    return [text, html.Div([copy, _export(query)], className="link-buttons")]


def _export(query: str) -> Element:
    pictures = [dmc.MenuItem(label, id=ids.action("picture", name)) for name, label in PICTURES]
    data = [
        dmc.MenuItem(
            label,
            id=f"data-{kind}",
            href=f"/run.{kind}?{query}",
            target="_blank",
            leftSection=html.Span(className="icon icon-download"),
        )
        for kind, label in DATA
    ]
    button = dmc.Button(
        "Export",
        leftSection=html.Span(className="icon icon-download"),
        rightSection=html.Span(className="icon icon-chevron"),
        className="plain",
        fullWidth=True,
    )
    return dmc.Menu(
        [
            dmc.MenuTarget(button, boxWrapperProps={"flex": 1}),
            dmc.MenuDropdown([*pictures, dmc.MenuDivider(), *data]),
        ],
        position="top-end",
        shadow="none",
        width=240,
        keepMounted=True,
        transitionProps={"duration": 0},
    )
