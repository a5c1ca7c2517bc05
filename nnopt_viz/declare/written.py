"""How numbers are written: exactly, or for people; `assets/player/core/format.mjs` does the same.

For people a number keeps as many significant digits as are asked for, whatever its size: it is
never rounded to 0, nor a share to all or nothing.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

PLAIN = (1e-4, 99_950.0)  # from here to there numbers are written out, else with a power of ten
MOST_DECIMALS = 12  # of a share near all
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def exact(value: float) -> str:
    """A short text that reads back as exactly this number: 0.02, 2, 1e-5, 1e16."""
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e16):
        return str(int(value))
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def briefly(value: float) -> str:
    """The shorter one of two exact texts, for limits: 20000, 1e6; infinite is inf."""
    brief = re.sub(r"e\+?(-?)0*", r"e\1", f"{value:g}")
    return brief if math.isinf(value) or float(brief) == value else exact(value)


def shown(value: float, digits: int = 3) -> str:
    """A number for people, with a real minus sign: 0.02, −3.1, 12346, 1.6 × 10⁻⁵.

    Args:
        value: any number; not finite ones are words or signs.
        digits: significant digits, 2 or more; all digits before the point are kept, and with a
            power of ten there is one digit less, but never less than two.
    """
    value = float(value)
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if PLAIN[0] <= abs(value) < PLAIN[1]:
        return _short(f"{value:.{max(0, digits - 1 - Decimal(value).adjusted())}f}")
    mantissa, exponent = f"{value:.{max(1, digits - 2)}e}".split("e")
    return f"{_short(mantissa)} × 10{str(int(exponent)).translate(_RAISED)}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """How many, in words: 1 step, 2,000 steps; `plural` where it is not the noun and an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _short(text: str) -> str:
    """Decimals without zeros at their end, and a real minus sign."""
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def percent(share: float) -> str:
    """A share for people, in percent: 84.9%, 99.98%, 0.02%; 0% and 100% are nothing and all.

    Args:
        share: dimensionless; most are from 0 to 1.
    """
    value = 100 * float(share)
    if value in (0.0, 100.0) or not math.isfinite(value):
        return f"{shown(value)}%"
    if abs(value) >= PLAIN[1]:
        return f"{shown(value)}%"
    rest = min(abs(value), abs(100 - value))
    decimals = 1 if rest >= 0.05 else min(MOST_DECIMALS, -Decimal(rest).adjusted())
    if abs(value) < PLAIN[0]:
        return f"{shown(value)}%"
    return f"{value:.{decimals}f}%".replace("-", "−")
