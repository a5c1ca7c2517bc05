"""Large stacks of parameters are worked on piece by piece, so that no copy of one is large."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 131_072  # numbers that are worked on at once: a megabyte


def parts(rows: int, size: int) -> Iterator[slice]:
    """The rows of a table (rows, size) in pieces of PIECE numbers, one row at least."""
    many = max(1, PIECE // max(1, size))
    for at in range(0, rows, many):
        yield slice(at, at + many)
