"""The known name that may have been meant, for messages and repairs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, names: Iterable[str]) -> str:
    """The name the fewest slips of the keyboard away: `adma` is adam, not adamax."""
    return _nearest(word[:32].lower().replace("-", "_").replace(" ", "_"), tuple(names))


@lru_cache(maxsize=1024)
def _nearest(word: str, names: tuple[str, ...]) -> str:
    return min(names, key=lambda name: _slips(word, name))


def _slips(a: str, b: str) -> int:
    """How many letters are to be added, dropped, replaced or swapped with the next."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a):
        two_before, before, row = before, row, [i + 1]
        for j, other in enumerate(b):
            best = min(before[j] + (letter != other), before[j + 1] + 1, row[j] + 1)
            if i and j and letter == b[j - 1] and a[i - 1] == other:
                best = min(best, two_before[j - 1] + 1)
            row.append(best)
    return row[-1]
