"""What of an address is left out of sight: `hide=…`, see `query.viewing`."""

from __future__ import annotations

from nnopt_viz.page.elements import Element, html
from nnopt_viz.query.grammar import GrammarError, percent_decode


def value_of(search: object, key: str) -> str | None:
    """The decoded value of a key of a query text; None when it is not there or can't be read."""
    if not isinstance(search, str):
        return None
    for part in search.removeprefix("?").split("&"):
        name, _, raw = part.partition("=")
        if name == key:
            try:
                return percent_decode(raw)
            except GrammarError:
                return ""
    return None


def hiding(page: Element, groups: list[str]) -> Element:
    """A page with these groups out of sight and out of reach."""
    if not groups:
        return page
    return html.Div(page, className="hiding", **{"data-hide": " ".join(groups)})
