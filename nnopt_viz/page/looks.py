"""How the runs of a link look, and what they are called: its viewing keys `styles` and `names`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.query.keys import KEYS_ALSO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHAPES = 8
_WORDS = "|".join(["run", *(word for word, key in KEYS_ALSO.items() if key == "run")])
_RUN = re.compile(rf"(?:^|[?&])(?:{_WORDS})=")


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


def fitted(viewing: dict[str, Any], query: object, count: int) -> tuple[dict[str, Any], list[str]]:
    """Viewing keys for so many runs: those of runs go by place, and one left out moves the rest.

    Args:
        viewing: as they stand in the query.
        query: the text of a question.
        count: the runs that were read from it.

    Returns:
        the keys, and sentences about what was left out.
    """
    asked = len(_RUN.findall(query)) if isinstance(query, str) else 0
    names = viewing.get("names", {})
    if asked in (0, count) or asked > MAX_RUNS or not (viewing.get("styles") or names.get("runs")):
        return viewing, []
    kept = {key: value for key, value in viewing.items() if key not in ("styles", "names")}
    if names.get("surface"):
        kept["names"] = {"runs": [], "surface": names["surface"]}
    return kept, ["Not every run of the link runs, so their names and styles were left out."]
