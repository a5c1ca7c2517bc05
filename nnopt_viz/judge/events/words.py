"""Numbers as sentences write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.declare.written import shown

if TYPE_CHECKING:
    from collections.abc import Iterable


def number(value: float, extra: int = 0) -> str:
    """Three significant digits and some extra; see `declare/written.py`."""
    return shown(value, 3 + extra)


def place(point: Iterable[float]) -> str:
    """A point: (3, −1.93)."""
    return f"({', '.join(number(v) for v in point)})"


def times(count: int) -> str:
    """How often: once, twice, 5 times."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def steps(count: int) -> str:
    """1 step, 5 steps."""
    return "1 step" if count == 1 else f"{count} steps"
