"""One way to take the numbers of a question away, read by everybody who offers it.

Routes, schema, command line, guard, export menu and browser read this one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nnopt_viz.declare.cost import Cost

Writer = Callable[..., bytes | Iterable[bytes]]
FAMILIES = ("table", "page", "stream")


@dataclass(frozen=True, slots=True)
class TooLarge:
    """Why a format can't hold a question: where the size comes from, and what would fit.

    Args:
        key, value: the part of the query that makes it large.
        message: a plain sentence.
        allowed: what would fit, in words.
    """

    key: str
    value: str
    message: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Most:
    """How much a format holds, for a page that would rather not ask for what is refused.

    Args:
        of: what is counted: "rows", or "marks" (runs x starting points).
        number: at most so many.
        words: why not, with `{count}` and `{most}`.
    """

    of: str
    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Format:
    """One way to take a question away.

    Args:
        name: the suffix: `/run.csv`, `--out run.csv`.
        family: one of FAMILIES.
        media: the media type.
        writers: kind of question -> its record (and a theme, where `themed`) -> bytes, or pieces
            of bytes to be sent as they are made.
        summaries: route ("run", "experiment") -> what it holds, a sentence for the API's schema.
        schemas: route -> of the answer, in OpenAPI's words; bytes where it says nothing.
        label: what the export menu calls it; empty: a route alone.
        limit: kind, record, its query text -> why it is too large, or None.
        most: the same for the page.
        lacks: why it can't be had here, or "".
        refusals: status -> when, for the schema.
        is_saved: is it offered to a browser as a file?
        themed: the kinds of question whose answer has colours.
        headers: further headers.
        cache: further words for Cache-Control.
        costs: kind of question -> its record -> what it takes as this, all in all; where a kind is
            not named, as much as its question says.
    """

    name: str
    family: str
    media: str
    writers: Mapping[str, Writer]
    summaries: Mapping[str, str]
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    label: str = ""
    limit: Callable[[str, Any, str], TooLarge | None] = lambda _kind, _record, _text: None
    most: Most | None = None
    lacks: Callable[[], str] = lambda: ""
    refusals: Mapping[int, str] = field(default_factory=dict)
    is_saved: bool = True
    themed: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    cache: str = ""
    costs: Mapping[str, Callable[[Any], Cost]] = field(default_factory=dict)

    def pieces(self, kind: str, record: Any) -> Iterable[bytes]:
        """What a file holds, piece by piece."""
        made = self.writers[kind](record)
        return [made] if isinstance(made, bytes) else made

    def text(self, kind: str, record: Any) -> bytes:
        """The same in one."""
        return b"".join(self.pieces(kind, record))


class _Formats(dict[str, Format]):
    """Suffix -> format, in order of family and then of declaration."""

    def add(self, made: Format) -> Format:
        """Register a format. Raises ValueError when the suffix is taken."""
        if made.name in self:
            raise ValueError(f"two formats are called {made.name}")
        kept = sorted([*self.values(), made], key=lambda one: FAMILIES.index(one.family))
        self.clear()
        self.update({one.name: one for one in kept})
        return made

    def of(self, kind: str, *, offered: bool = False) -> list[Format]:
        """Those that a kind of question has; those on offer alone, when asked so."""
        return [one for one in self.values() if kind in one.writers and (one.label or not offered)]


FORMATS = _Formats()
