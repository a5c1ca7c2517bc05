"""Estimates over repetitions, each with an interval.

Nothing is assumed of how a number is spread over repetitions. A median has the interval between
two order statistics (David & Nagaraja 2003, Order statistics, section 7.1), a share that of
Clopper and Pearson (1934): both cover at least as often as CONFIDENCE says, however few there
are. Below six repetitions not even the smallest and the largest cover the median so often:
they are shown, and called the range.

What is not finite has diverged and counts as worse than everything that has not.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.experiments.study import CONFIDENCE, Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]
BAND = (0.1, 0.9)  # quantiles of a band: what a new repetition does in four cases of five
TIMES = "times"


def median(key: str, words: str, values: Any, unit: str = "", note: str = "") -> Estimate:
    """The median over repetitions (one axis) and its interval."""
    ordered = np.sort(worst(values).ravel())
    depth = depth_of(len(ordered))
    kind: Literal["interval", "range"] = "interval" if depth else "range"
    low, high = ordered[max(depth, 1) - 1], ordered[-max(depth, 1)]
    return Estimate(key, words, float(middle(ordered)), float(low), float(high), kind, unit, note)


@lru_cache(maxsize=256)
def depth_of(n: int) -> int:
    """How far from both ends of n ordered values the ends of a median's interval lie, from 1.

    The largest k with P(k <= B <= n - k) >= CONFIDENCE for B ~ Binomial(n, 1/2); 0 when there is
    none, below n = 6.
    """
    outside, k = 0.0, 0
    while 2 * (outside := outside + comb(n, k) / 2**n) <= 1 - CONFIDENCE:
        k += 1
    return k


def middle(ordered: Array) -> Array:
    """The median along the first axis of what is ordered; between two of which one is not finite,
    the second."""
    first, second = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(first) & np.isfinite(second)
        return np.asarray(np.where(whole, (first + second) / 2, second))


def paired(key: str, words: str, first: Any, second: Any, unit: str = "") -> Estimate:
    """The median over repetitions of first - second; 0 where both have diverged."""
    a, b = worst(first), worst(second)
    with np.errstate(invalid="ignore"):
        return median(key, words, np.where(a == b, 0.0, a - b), unit, _equal(a, b, "0"))


def ratio(key: str, words: str, first: Any, second: Any, note: str = "") -> Estimate:
    """The median over repetitions of first / second; 1 where both are 0 or have diverged."""
    a, b = worst(first), worst(second)
    return median(key, words, quotient(a, b), TIMES, joined(note, _equal(a, b, "1", zeros=True)))


def joined(*notes: str) -> str:
    """What there is to say, one after the other."""
    return "; ".join(filter(None, notes))


def counted(where: Any, words: str) -> str:
    """In how many repetitions something is so: "both diverged in 2 of 9 repetitions"; nothing
    where it is so in none."""
    count, of = int(np.sum(where)), np.size(where)
    return f"{words} in {count} of {of} repetitions" if count else ""


def _equal(a: Array, b: Array, as_: str, zeros: bool = False) -> str:
    """Says where two are compared that have both diverged, or are both 0."""
    lost = counted(np.isinf(a) & (a == b), f"both diverged, counted as {as_},")
    none = counted((a == 0) & (b == 0), f"both 0, counted as {as_},") if zeros else ""
    return joined(lost, none)


def quotient(first: Any, second: Any) -> Array:
    """first / second, pair by pair; 1 where both are 0 or have diverged."""
    a, b = worst(first), worst(second)
    with np.errstate(all="ignore"):
        return np.where(a == b, 1.0, a / b)


def share(key: str, words: str, count: int, of: int, note: str = "") -> Estimate:
    """How often something is so, with Clopper and Pearson's interval."""
    low, high = _limits(count, of)
    return Estimate(key, words, count / of, low, high, unit="%", note=note)


@lru_cache(maxsize=1024)
def _limits(count: int, of: int) -> tuple[float, float]:
    """The rarest and the commonest that are still likely to show so many."""
    tail = (1 - CONFIDENCE) / 2
    low = _where(lambda p: _at_most(of - count, of, 1 - p) < tail) if count else 0.0
    high = _where(lambda p: _at_most(count, of, p) >= tail) if count < of else 1.0
    return low, high


def _at_most(k: int, n: int, p: float) -> float:
    """P(B <= k) for B ~ Binomial(n, p)."""
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


def _where(holds: Callable[[float], bool]) -> float:
    """The p up to which something holds, which then no longer does."""
    low, high = 0.0, 1.0
    for _ in range(50):
        centre = (low + high) / 2
        low, high = (centre, high) if holds(centre) else (low, centre)
    return low


def worst(values: Any) -> Array:
    """Values to be ordered: what is no number is the worst."""
    values = np.asarray(values, dtype=float)
    return np.where(np.isnan(values), np.inf, values)


def band(values: Array, axis: int = 0) -> tuple[Array, Array, Array]:
    """Median and the quantiles BAND over repetitions, of which each is one's own value."""
    ordered = np.moveaxis(np.sort(worst(values), axis=axis), axis, 0)
    last = len(ordered) - 1
    low, high = ordered[int(BAND[0] * last)], ordered[last - int(BAND[0] * last)]
    return middle(ordered), low, high


def loss_range(values: Array) -> list[float]:
    """Where to look at losses (…, rows) of which some diverge: up to three times the start."""
    good = values[np.isfinite(values) & (values > 0)]
    start = values[..., 0][np.isfinite(values[..., 0])]
    top = 3 * float(np.median(start)) if start.size else 1.0
    low = float(np.percentile(good, 2)) if good.size else top / 10
    return [max(min(low / 2, top / 10), 1e-10), top]


def listed(values: Any) -> Any:
    """Nested lists with four digits; what is not finite becomes None."""
    if isinstance(values, np.ndarray) and values.ndim:
        return [listed(part) for part in values]
    value = float(values)
    return float(f"{value:.4g}") if np.isfinite(value) else None


def series(
    name: str, colour: int, x: Any, values: Array, *, axis: int = 0, dash: bool = False
) -> dict[str, Any]:
    """A line with its band, from values with repetitions on one axis."""
    centre, low, high = band(values, axis)
    return {
        "name": name, "colour": colour, "x": listed(np.asarray(x)), "y": listed(centre),
        "low": listed(low), "high": listed(high), "dash": dash,
    }  # fmt: skip


def group(name: str, colour: int, values: Array) -> dict[str, Any]:
    """A group of a strip: a value a repetition, and the median with its interval."""
    made = median(name, name, values)
    return {
        "name": name, "colour": colour, "values": listed(np.asarray(values)),
        "value": listed(made.value), "low": listed(made.low), "high": listed(made.high),
    }  # fmt: skip
