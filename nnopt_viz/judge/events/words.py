"""Numbers as sentences write them: three digits, a real minus sign, powers of ten."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_DIGITS = 17  # tell any two floats apart
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, extra: int = 0) -> str:
    """Three significant digits and some extra; written out from 0.0001 to 100,000."""
    value = float(value)
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 99_950:
        digits = max(0, 2 + extra - math.floor(math.log10(abs(value))))
        text = f"{value:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        mantissa, exponent = f"{value:.{1 + extra}e}".split("e")
        text = f"{mantissa} × 10{str(int(exponent)).translate(_RAISED)}"
        return text.replace("-", "−", 1) if value < 0 else text
    return text.replace("-", "−")


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
