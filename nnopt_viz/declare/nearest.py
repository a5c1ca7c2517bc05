"""The known name that may have been meant by a slip of the keyboard."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 32  # letters of a word that are looked at
# Letters a slip, and slips that are still close: `adma` is adam, `amsgrad` is not `lr`.
LETTERS_A_SLIP, MOST_SLIPS = 3, 3


def nearest(word: str, names: Iterable[str]) -> str:
    """The name the fewest slips of the keyboard away, however many: `adma` is adam, not adamax."""
    return _nearest(_plain(word), tuple(names))


def close(word: str, names: Iterable[str]) -> str | None:
    """The same if it is so few slips away that it may have been meant, else None.

    A name that the word begins, as `beta` does beta1, is close too.
    """
    known, plain = tuple(names), _plain(word)
    # One slip in a word of two letters is half of it.
    most = min(MOST_SLIPS, max(1, len(plain) // LETTERS_A_SLIP)) if len(plain) > 2 else 0
    fitting = tuple(name for name in known if abs(len(name) - len(plain)) <= most < len(name))
    if fitting:
        found = _nearest(plain, fitting)
        if _slips(plain, found.lower()) <= most:
            return found
    begun = [name for name in known if len(plain) > 2 and name.lower().startswith(plain)]
    return begun[0] if begun else None


def _plain(word: str) -> str:
    return word[:LONGEST].lower().replace("-", "_").replace(" ", "_")


@lru_cache(maxsize=1024)
def _nearest(word: str, names: tuple[str, ...]) -> str:
    return min(names, key=lambda name: _slips(word, name.lower()))


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
