"""Numbers as sentences write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.declare.written import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_DIGITS = 17  # tell any two floats apart


def number(value: float, extra: int = 0) -> str:
    """Three significant digits and some extra; see `declare/written.py`."""
    return shown(value, 3 + extra)


def apart(*values: float) -> tuple[str, ...]:
    """Numbers that a sentence compares, with as many digits as it takes to tell them apart."""
    different = len(set(values))
    for extra in range(MOST_DIGITS - 2):
        texts = tuple(number(value, extra) for value in values)
        if len(set(texts)) == different:
            break
    return texts


def place(point: Iterable[float]) -> str:
    """A point: (3, −1.93)."""
    return f"({', '.join(number(v) for v in point)})"


def times(count: int) -> str:
    """How often: once, twice, 5 times."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def steps(count: int) -> str:
    """1 step, 5 steps."""
    return "1 step" if count == 1 else f"{count} steps"
