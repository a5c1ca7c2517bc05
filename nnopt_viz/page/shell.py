"""The frame of every page: theme, header with navigation, and what lies inside."""

from __future__ import annotations

from typing import Any

import orjson

from nnopt_viz.page import ids
from nnopt_viz.page.elements import Element, dmc, html
from nnopt_viz.page.help import help_text
from nnopt_viz.page.page import PAGES, Page, navigation
from nnopt_viz.query.viewing import GROUPS
from nnopt_viz.web import settings

# Ten steps of ink. Everything visible is set by the style sheet's variables, which
# follow the theme; these are what Mantine falls back on.
INK = ["#F6F7F8", "#EEF0F2", "#E1E5E9", "#C9D0D6", "#87919B",
       "#606B76", "#49535D", "#363F48", "#232A31", "#14191E"]  # fmt: skip
MANTINE_THEME: dict[str, Any] = {
    "primaryColor": "ink",
    "primaryShade": {"light": 9, "dark": 0},
    "colors": {"ink": INK},
    "fontFamily": "Inter, system-ui, sans-serif",
    "fontFamilyMonospace": "'JetBrains Mono', ui-monospace, monospace",
    "defaultRadius": 6,
    "cursorType": "pointer",
    "respectReducedMotion": True,
    "focusRing": "auto",
}


def shell(path: str, content: list[Element], aside: Element | None = None) -> Element:
    """The whole page.

    Args:
        path: of the page, as it is declared.
        content: children of `<main>`.
        aside: the rail, when the page has one.
    """
    page = PAGES[path]
    return html.Div(
        [
            html.A("Skip to the content", href="#main", className="skip"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_header(page), withBorder=False, className="header"),
                    dmc.AppShellMain(
                        html.Div([aside, *content] if aside else content, className="body"),
                        id="main",
                        className="main",
                    ),
                ],
                header={"height": {"base": 52, "sm": 48}},
                padding=0,
                transitionDuration=0,
            ),
            dmc.Modal(
                help_text(page),
                id=ids.HELP,
                title="How to read this page",
                size="lg",
                shadow="none",
                closeButtonProps={"aria-label": "Close"},
                transitionProps={"duration": 0},
            ),
            icon_button(
                "close", "Leave the presentation", ids.action("present", "leave"),
                className="leave-present",
            ),
        ],
        id=ids.PAGE,
        className="page",
        **{"data-view": "map", "data-groups": orjson.dumps(GROUPS).decode()},
        **({"data-embeds": settings.current().frame_ancestors} if page.embeds else {}),
    )  # fmt: skip


def icon_button(icon: str, label: str, identity: Any, **more: Any) -> Element:
    """A button with a picture only, and a name for those who hear it."""
    picture = html.Span(className=f"icon icon-{icon}", **{"aria-hidden": "true"})
    hint = {"root": {"title": label}}
    return dmc.ActionIcon(picture, id=identity, attributes=hint, **{"aria-label": label, **more})


def _header(page: Page) -> Element:
    links = [
        html.A(
            linked.title,
            href=linked.path,
            className="nav-link",
            **({"aria-current": "page"} if linked is page else {}),
        )
        for linked in navigation()
    ]
    brand = html.A(
        [html.Span(className="logo", **{"aria-hidden": "true"}), "nnopt_viz"],
        href="/",
        className="brand",
    )
    tools = [
        dmc.Button(
            "Present",
            id=ids.action("present"),
            leftSection=html.Span(className="icon icon-present"),
            className="quiet wide-only",
        ),
        icon_button(
            "link", "Share", ids.action("share", "header"),
            className="phone-only" if page.presents else "",
        ),
        icon_button("help", "Help", ids.action("help"), className="wide-only"),
        icon_button("theme", "Light or dark", ids.action("theme")),
        _phone_menu(),
    ]  # fmt: skip
    return html.Div(
        [
            brand,
            html.Nav(links, className="nav wide-only", **{"aria-label": "Pages"}),
            html.Div(tools, className="tools"),
        ],
        className="header-row",
    )


def _phone_menu() -> Element:
    items = [dmc.MenuItem(page.title, href=page.path) for page in navigation()]
    return dmc.Menu(
        [
            dmc.MenuTarget(icon_button("menu", "Menu", "phone-menu", className="phone-only")),
            dmc.MenuDropdown(
                [
                    *items,
                    dmc.MenuItem("Present", id=ids.action("present", "menu")),
                    dmc.MenuItem("Help", id=ids.action("help", "menu")),
                ]
            ),
        ],
        position="bottom-end",
        shadow="none",
        transitionProps={"duration": 0},
    )
