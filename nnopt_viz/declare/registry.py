"""An ordered table of declared things: name -> entry, grouped by family.

Entries register themselves when their file is imported; `load_all` imports every
file of a package, so a new file needs no second edit. What else an entry is called is said
beside it: `add(entry, Names(("sphere",)))`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from nnopt_viz.declare.knobs import Call, Knob, Value, call
from nnopt_viz.declare.names import Names, Spellings


class Entry(Protocol):
    """What every registered thing has."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def knobs(self) -> tuple[Knob, ...]: ...
    @property
    def doc(self) -> str: ...


E = TypeVar("E", bound=Entry)


class Registry(Mapping[str, E], Generic[E]):
    """Name -> entry, in order of family and then of declaration.

    Args:
        kind: what an entry is called in messages, in the singular: "surface".
        families: the families in the order they are shown; others follow.
        words: arguments that such things have elsewhere and none has here -> what to write.
    """

    def __init__(
        self, kind: str, families: tuple[str, ...] = (), words: Mapping[str, str] | None = None
    ) -> None:
        self.kind = kind
        self.words = words or {}
        self._families = {family: i for i, family in enumerate(families)}
        self._entries: dict[str, E] = {}
        self._spelled = Spellings(kind)
        self._names: dict[str, Names] = {}
        self.wider: list[Registry[E]] = []  # what is added here is added there too

    def add(self, entry: E, names: Names | None = None) -> E:
        """Register an entry, with what else it is called. Raises ValueError for a name taken."""
        names = names or Names()
        self._spelled.add(entry.name, names.also)
        self._names[entry.name] = names
        self._entries[entry.name] = entry
        self._families.setdefault(entry.family, len(self._families))
        self._entries = dict(
            sorted(self._entries.items(), key=lambda item: self._families[item[1].family])
        )
        for other in self.wider:
            other.add(entry, names)
        return entry

    def __getitem__(self, name: str) -> E:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def meant(self, word: str) -> str | None:
        """The name of the entry that a word means: its own, however spelled, or another one."""
        return self._spelled.meant(word)

    def names(self, name: str) -> Names:
        """What else an entry is called."""
        return self._names[name]

    def akin(self, word: str) -> tuple[str, str] | None:
        """For what is known and is not here: the nearest entry, and what to write."""
        key = self._spelled.key(word)
        for name, names in self._names.items():
            for other, sentence in names.akin.items():
                if self._spelled.key(other) == key:
                    return name, sentence
        return None

    def close(self, word: str) -> str | None:
        """The entry that may have been meant by a slip of the keyboard, or None."""
        return self._spelled.close(word)

    def by_family(self) -> dict[str, list[E]]:
        """Family -> its entries, both in order."""
        groups: dict[str, list[E]] = {}
        for entry in self._entries.values():
            groups.setdefault(entry.family, []).append(entry)
        return groups

    def call(self, name: str, **given: Value) -> Call:
        """`name` with its knobs' defaults and the given values."""
        return call(name, self._entries[name].knobs, given)


def load_all(package: str) -> None:
    """Import every module of a package, so that its declarations register."""
    module = importlib.import_module(package)
    for found in sorted(pkgutil.iter_modules(module.__path__), key=lambda m: m.name):
        importlib.import_module(f"{package}.{found.name}")
