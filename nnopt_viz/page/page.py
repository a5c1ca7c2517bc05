"""The pages: routing, navigation, help and guard all read this one table.

A page declares itself when its file in `pages/` is imported, so a new one is one file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nnopt_viz.page.elements import Element


@dataclass(frozen=True, slots=True)
class Address:
    """Where one is, as far as every page understands it.

    Args:
        path: one of the page's paths; any text for the race, which answers elsewhere.
        search: the query text.
        viewing: its viewing keys, see `query.viewing`.
        notes: sentences about what was left out of the address so far.
    """

    path: str
    search: str = ""
    viewing: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def keep(self, viewing: dict[str, Any]) -> None:
        """The viewing keys that fit what the page shows, in place of those of the address."""
        kept = dict(viewing)  # it may be the same
        self.viewing.clear()
        self.viewing.update(kept)

    @property
    def hide(self) -> list[str]:
        """The groups that are out of sight, which links take along."""
        return list(self.viewing.get("hide", ()))


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Args:
        path: its address, to which its link leads.
        title: what it is called in the navigation.
        layout: what it shows at an address.
        help: heading -> text, of the help window.
        also: further addresses that it answers, such as those of single lessons.
        place: where its link stands, counted from the left; None: no link leads there.
        plays: something plays there, so that the help tells the keys.
        presents: it holds one race or training: its rail has the link and the Share button.
        embeds: other sites may embed it, unless a setting says who.
        repaired: what the browser keeps of a query text, and sentences about what was changed;
            None where the browser edits nothing.
        missing: for a path at which there is no page, but where this one knows what may have
            been meant: a sentence, a link and its words.
    """

    path: str
    title: str
    layout: Callable[[Address], Element]
    help: Mapping[str, str]
    also: tuple[str, ...] = ()
    place: int | None = None
    plays: bool = False
    presents: bool = False
    embeds: bool = False
    repaired: Callable[[str], tuple[dict[str, Any], list[str]]] | None = None
    missing: Callable[[str], tuple[str, str, str] | None] | None = None


PAGES: dict[str, Page] = {}  # by path
_AT: dict[str, Page] = {}  # by every address


def declare(page: Page) -> Page:
    """Add a page. Raises ValueError when one of its addresses is taken."""
    answered = (page.path, *page.also)
    for path in answered:
        if path in _AT:
            raise ValueError(f"two pages answer {path}: {_AT[path].title} and {page.title}")
    _AT.update(dict.fromkeys(answered, page))
    PAGES[page.path] = page
    return page


def page_at(path: object) -> Page:
    """The page that answers at a path; the race where none does."""
    return _AT.get(path, PAGES["/"]) if isinstance(path, str) else PAGES["/"]


def paths() -> tuple[str, ...]:
    """Every address at which there is a page."""
    return tuple(_AT)


def embedded() -> tuple[str, ...]:
    """Every address that other sites may embed."""
    return tuple(path for path, page in _AT.items() if page.embeds)


def navigation() -> list[Page]:
    """The pages to which links lead, from left to right."""
    linked = [(page.place, page) for page in PAGES.values() if page.place is not None]
    return [page for _, page in sorted(linked, key=lambda item: item[0])]


def missing(path: str) -> tuple[str, str, str] | None:
    """What a page knows of a path at which there is none: a sentence, a link and its words."""
    answers = (page.missing(path) for page in PAGES.values() if page.missing)
    return next(filter(None, answers), None)
