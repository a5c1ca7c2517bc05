"""How the runs of a link look, and what they are called: its viewing keys `styles` and `names`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLOURS, SHAPES = 8, 8


@dataclass(frozen=True, slots=True)
class Look:
    """How one run looks, and what it is called.

    Args:
        slot: its colour and shape, counted from 0.
        name: what the visitor calls it, or "".
    """

    slot: int
    name: str = ""

    @property
    def shape(self) -> int:
        """Its sign: slots 9 to 12 mix colours and signs anew."""
        return self.slot if self.slot < SHAPES else 4 + self.slot % 4


def slots(count: int, styles: Sequence[int]) -> list[int]:
    """The slots of so many runs, from 1, no two alike: those given, then the lowest free ones."""
    given = list(styles[:count])
    free = (slot for slot in range(1, count + len(given) + 1) if slot not in given)
    return given + [next(free) for _ in range(count - len(given))]


def looks(count: int, viewing: Mapping[str, Any]) -> list[Look]:
    """The looks of so many runs."""
    names = viewing.get("names", {}).get("runs", [])
    return [
        Look(slot - 1, names[run] if run < len(names) else "")
        for run, slot in enumerate(slots(count, viewing.get("styles", [])))
    ]


def surface_name(viewing: Mapping[str, Any]) -> str:
    """What the surface is called, or ""."""
    name: str = viewing.get("names", {}).get("surface", "")
    return name
