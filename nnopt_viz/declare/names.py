"""What declared things are called elsewhere, so that what other libraries and books say is read.

A `Names` stands beside the declaration: `SURFACES.add(Surface("bowl", …), Names(("sphere",)))`.
What means exactly the same is read as our name; what does not is answered with what to write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nnopt_viz.declare.nearest import LONGEST, close

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Value

_BESIDE = re.compile(r"[^a-z0-9]+")


def plain(word: str) -> str:
    """A word in small letters and digits alone."""
    return _BESIDE.sub("", word[: 2 * LONGEST].lower())


@dataclass(frozen=True, slots=True)
class Form:
    """An argument under which other libraries go over to what is an entry of its own here.

    `sgd(momentum=0.9)` is momentum(momentum=0.9). An argument that is false or 0 changes nothing.

    Args:
        word: the argument.
        name: the entry that is meant.
        renamed: knob here -> what it is called there.
    """

    word: str
    name: str
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """What else an entry is called.

    Args:
        also: other names of exactly the same; each is read as this one.
        akin: names of what is not the same and not here -> what to write, a sentence.
        words: arguments that it has elsewhere and not here -> what to write, a sentence.
        fixed: arguments that have one value here, so that this value may be given.
        forms: arguments that make another entry of it, in the order in which they are asked.
    """

    also: tuple[str, ...] = ()
    akin: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)
    forms: tuple[Form, ...] = ()


class Spellings:
    """Names, and what else each is called.

    Upper and lower case, `_`, `-` and spaces do not count, nor does the kind at the end:
    `StyblinskiTang`, `rosenbrock_function`.

    Args:
        kind: what is named: "surface".
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._meant: dict[str, str] = {}
        self._names: set[str] = set()

    def key(self, word: str) -> str:
        """A word without what does not count."""
        made = plain(word)
        for ending in ("function", plain(self.kind)):
            if made != ending:
                made = made.removesuffix(ending)
        return made

    def add(self, name: str, also: tuple[str, ...] = ()) -> None:
        """Add a name. Raises ValueError when it, or one of the others, is taken."""
        for word in (name, *also):
            taken = self._meant.setdefault(self.key(word), name)
            if taken != name or (word == name and name in self._names):
                raise ValueError(f"two {self.kind}s are called {word}")
        self._names.add(name)

    def meant(self, word: str) -> str | None:
        """The name that a word is another spelling or another name of."""
        return word if word in self._names else self._meant.get(self.key(word))

    def close(self, word: str) -> str | None:
        """The name that is a slip of the keyboard away, or one of its spellings is, or None."""
        found = close(self.key(word), self._meant)
        return None if found is None else self._meant[found]
