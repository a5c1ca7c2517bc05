"""`hide=` in an address: what a teacher leaves out. Page state, no part of a scenario."""

from __future__ import annotations

from nnopt_viz.declare.nearest import close
from nnopt_viz.page.elements import Element, html
from nnopt_viz.query.grammar import GrammarError, percent_decode, shorten
from nnopt_viz.query.links import mended

# What each name hides; assets/css/hiding.css does it.
GROUPS = {
    "surface": "the surface's menu and knobs",
    "runs": "the runs and their learning rates",
    "start": "initialization, noise, steps and seed",
    "link": "the page as a link",
    "export": "pictures and data to take away",
    "scene": "the 3D view",
    "curves": "the curves",
    "outcome": "the outcome",
    "closer": "the closer look: one step, the profile",
    "navigation": "the links to the other pages",
    "lessons": "the list of lessons",
}
MOST = 20  # names that are read


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


def hidden(search: object) -> tuple[tuple[str, ...], list[str]]:
    """The groups that an address hides, and a sentence for each name that is none."""
    text = mended(search)[0] if isinstance(search, str) else ""
    names = [name.strip() for name in (value_of(text, "hide") or "").split(",")][:MOST]
    notes = [
        f"There is nothing called {shorten(name, 30)!r} to hide{_hint(name)}. It was left out."
        for name in names
        if name and name not in GROUPS
    ]
    return tuple(name for name in GROUPS if name in names), notes


def _hint(name: str) -> str:
    near = close(name, GROUPS)
    return f"; the nearest is {near}" if near else f": {', '.join(GROUPS)} can be"


def hiding(page: Element, groups: tuple[str, ...]) -> Element:
    """A page with these groups out of sight and out of reach."""
    if not groups:
        return page
    return html.Div(page, className="hiding", **{"data-hide": " ".join(groups)})
