"""Plain elements as HTML text, for what is to be read and never changes.

Dash's renderer walks every element again and again: two hundred entries of the catalogue
keep it busy for a minute. One string, set by `assets/page/catalogue.mjs`, takes 0.1 s.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from nnopt_viz.page.elements import Element

VOID = frozenset({"br", "hr", "img"})
NAMES = {"className": "class"}
_CAPITAL = re.compile("([A-Z])")


def markup(element: Element | list[Element] | str | None) -> str:
    """HTML of elements of `dash.html`; every text in it is escaped.

    An element's `data-mathml` becomes its content, as `assets/page/formula.mjs` would do.
    """
    if element is None or element == "":
        return ""
    if isinstance(element, str):
        return escape(element, quote=False)
    if isinstance(element, list | tuple):
        return "".join(map(markup, element))
    props: dict[str, Any] = dict(element.to_plotly_json()["props"])
    props.pop("disable_n_clicks", None)
    tag = element._type.lower()
    content = props.pop("data-mathml", None) or markup(props.pop("children", None))
    attributes = "".join(
        f' {NAMES.get(name, name)}="{escape(_style(value) if name == "style" else str(value))}"'
        for name, value in props.items()
    )
    return f"<{tag}{attributes}>" + ("" if tag in VOID else f"{content}</{tag}>")


def _style(rules: dict[str, str]) -> str:
    """`{"maskImage": …}` as the text of a style attribute."""
    return ";".join(f"{_CAPITAL.sub(_dashed, name)}:{value}" for name, value in rules.items())


def _dashed(letter: re.Match[str]) -> str:
    return f"-{letter[0].lower()}"
