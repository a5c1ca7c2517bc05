"""What was measured of every entry: `evidence.json`, written by `make conformance`.

Each row of the file is one comparison with a public implementation on one surface, or
one check by hand. Here rows become sentences; nothing in them is typed.

Of a surface, values are compared with other packages' (on "values"), which see a wrong formula, and
derivatives with torch.autograd's of the same formula (on `OWN_FORMULA`), which see a wrong slope.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("evidence.json")
ROUNDING = 1e-14  # a few units in the last place of numbers up to 10
ENLARGED = 30.0  # differs more often than shaking; tests/support/live.py
# What is measured.
KINDS = (
    "surfaces", "optimizers", "network_optimizers", "schedules", "modifiers",
    "networks", "datasets", "initializers", "activations", "losses",
)  # fmt: skip
APART = ("given", "what")  # comparisons that differ in these are told apart
NOT_YET = "Not yet measured: run make conformance."
OWN_FORMULA = "own formula"
NO_VALUES = "Values: not yet compared with any other's, nor worked out by hand."
# What a hand-worked check covers, as the tests' marks name it; both together are enough.
VALUES = frozenset({"values"})
BY_HAND = {
    frozenset({"steps", "quadratic"}): "No public reference: checked by hand-worked steps and a "
    "closed-form quadratic.",
    VALUES: "No public reference: checked at values worked out by hand.",
    frozenset({"law"}): "No public reference: draws are checked against their distribution in "
    "closed form.",
    frozenset({"closed form"}): "No public reference: points without noise lie where their closed "
    "form says.",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything measured against one public implementation.

    Args:
        peer: what was compared with, `torch.optim.Adam`.
        version: which release of it, `torch 2.13.0`.
        on: the surfaces it was compared on.
        runs: how many runs, settings or points in all.
        shortest, longest: steps compared in a run; a run ends early where the reference,
            shaken by rounding, no longer agrees with itself.
        difference: the largest, absolute (for surfaces as a share of the largest value).
        shaken: how far the reference moved from itself when every step was shaken by one
            unit in the last place; the largest among the runs compared.
        why: what the reference does otherwise, where that is more than rounding.
        given: under which condition they were compared: "at a constant rate"; empty where
            both mean the same without one.
        otherwise: how they differ where that condition does not hold, a sentence.
        what: what was compared, in words, where the kind does not say it.
    """

    peer: str
    version: str
    on: tuple[str, ...]
    runs: int
    shortest: int
    longest: int
    difference: float
    shaken: float
    why: str
    given: str = ""
    otherwise: str = ""
    what: str = ""

    @property
    def of_itself(self) -> bool:
        """Were only derivatives of the same formula compared, which say nothing of the formula?"""
        return self.on == (OWN_FORMULA,)

    @property
    def meaning(self) -> str:
        """What the difference amounts to, in words."""
        if self.difference == 0:
            return "equal to the last bit"
        if self.difference <= ROUNDING:
            return "rounding"
        if self.why:
            return self.why
        if self.difference <= ENLARGED * self.shaken:
            return (
                "rounding, enlarged on the way (the reference itself moves by "
                f"{number(self.shaken)} when each step is rounded otherwise)"
            )
        return "more than rounding"


def number(value: float) -> str:
    """Two digits: a measured difference has no more."""
    return "0" if value == 0 else f"{value:.1e}".replace("e-0", "e-").replace(".0e", "e")


def comparisons(kind: str, name: str, rows: Any = None) -> tuple[Comparison, ...]:
    """What an entry was compared with, a public implementation (and condition) each.

    Args:
        kind: the registry, one of `KINDS`.
        name: the entry.
        rows: the file's content; read when not given.
    """
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in _of(kind, name, rows):
        if "peer" in row:
            found.setdefault((row["peer"], *(row.get(w, "") for w in APART)), []).append(row)
    return tuple(
        Comparison(
            peer=peer,
            version=", ".join(dict.fromkeys(part["version"] for part in parts)),
            on=tuple(part["on"] for part in parts),
            runs=sum(part["runs"] for part in parts),
            shortest=min(part["shortest"] for part in parts),
            longest=max(part["longest"] for part in parts),
            difference=max(part["difference"] for part in parts),
            shaken=max(part["shaken"] for part in parts),
            why=_first(parts, "why"),
            otherwise=_first(parts, "otherwise"),
            **dict(zip(APART, apart, strict=True)),
        )
        for (peer, *apart), parts in sorted(
            found.items(), key=lambda item: not item[0][0].startswith("torch.")
        )
    )


def _first(parts: list[dict[str, Any]], word: str) -> str:
    """What the first of these rows says that says it."""
    return next((str(part[word]) for part in parts if part.get(word)), "")


def checks(kind: str, name: str, rows: Any = None) -> frozenset[str]:
    """How an entry was checked by hand: "steps", "quadratic", "values", "closed form"."""
    return frozenset(row["by_hand"] for row in _of(kind, name, rows) if "by_hand" in row)


def sentences(kind: str, name: str, rows: Any = None) -> tuple[str, ...]:
    """The evidence for an entry, a sentence for each public implementation."""
    found = comparisons(kind, name, rows)
    done = checks(kind, name, rows)
    if kind == "surfaces":
        return _of_surface(found, done) or (NOT_YET,)
    if found:
        return tuple(_sentence(kind, one) for one in found)
    return (next((text for needed, text in BY_HAND.items() if needed <= done), NOT_YET),)


def _of_surface(found: tuple[Comparison, ...], done: frozenset[str]) -> tuple[str, ...]:
    """Values and derivatives apart; packages that agree together, one that does not by itself."""
    values = [one for one in found if not one.of_itself]
    groups: dict[str, list[Comparison]] = {}
    for one in sorted(values, key=lambda one: bool(one.why)):
        groups.setdefault(one.why, []).append(one)
    said = [_differ(why, some) if why else _agree(some) for why, some in groups.items()]
    if "values" in done:
        said += ["Checked at values worked out by hand." if values else BY_HAND[VALUES]]
    derived = [_sentence("surfaces", one) for one in found if one not in values]
    if derived and not said:
        said = [NO_VALUES]
    return (*said, *derived)


def _agree(same: list[Comparison]) -> str:
    return (
        f"Largest difference of values from {_peers(same)} at {max(one.runs for one in same)} "
        f"points, as a share of the largest value: {_largest(same)}."
    )


def _differ(why: str, alike: list[Comparison]) -> str:
    verb = "differ" if len(alike) > 1 else "differs"
    return (
        f"{_peers(alike)} {verb}: {why}. With that taken into account, the largest difference as a "
        f"share of the largest value: {_largest(alike)}."
    )


def _peers(some: list[Comparison]) -> str:
    *most, last = [f"{one.peer} ({one.version})" for one in some]
    return f"{', '.join(most)} and {last}" if most else last


def _largest(some: list[Comparison]) -> str:
    worst = max(some, key=lambda one: one.difference)
    return f"{number(worst.difference)}, {worst.meaning}"


def _sentence(kind: str, one: Comparison) -> str:
    said = f"{number(one.difference)}, {one.meaning}."
    said += f" {one.otherwise}" if one.otherwise else ""
    if one.what:
        return f"{one.what}: largest difference from {one.peer} ({one.version}) {said}"
    if kind == "surfaces":
        return (
            f"Largest difference of gradient and Hessian from {one.peer} ({one.version}), which "
            f"differentiates the same formula, at {one.runs} random points, as a share of the "
            f"largest value: {said}"
        )
    span = f"{one.shortest} to " if one.shortest < one.longest else ""
    lengths = f"{span}{one.longest} steps"
    if kind == "schedules":
        runs = f"{one.runs} settings of {lengths}" if one.runs > 1 else f"one setting of {lengths}"
    else:
        runs = f"{one.runs} runs of {lengths} ({', '.join(one.on)})"
    runs += f", {one.given}" if one.given else ""
    return f"Largest difference from {one.peer} ({one.version}) over {runs}: {said}"


def _of(kind: str, name: str, rows: Any) -> Any:
    return (load() if rows is None else rows).get(kind, {}).get(name, ())


@lru_cache(maxsize=1)
def load() -> Any:
    """The file: kind -> name -> rows. Empty before the first `make conformance`."""
    return json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
