"""Estimates over seeds, each with an interval.

Intervals are percentile bootstraps of the median (Efron & Tibshirani 1993, An introduction to
the bootstrap, chapter 13), from a fixed generator, so that a query has one answer. Shares have
Wilson's interval (Wilson 1927).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.experiments.study import CONFIDENCE, Estimate

Array = NDArray[np.float64]
DRAWS = 2_000
BAND = (10, 90)  # percentiles of a band: what a new seed does in four cases of five
Z = 1.959963984540054  # of the normal distribution, two-sided, at CONFIDENCE
WORST = 1e30  # stands for a number that is not finite, in medians of those that are


def median(key: str, words: str, values: Any) -> Estimate:
    """The median over seeds (one axis)."""
    values = np.asarray(values, dtype=float).ravel()
    values = np.where(np.isfinite(values), values, WORST)
    middle = float(np.median(values))
    picks = np.random.default_rng(0).integers(len(values), size=(DRAWS, len(values)))
    tails = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(np.median(values[picks], axis=1), [tails, 100 - tails])
    return Estimate(key, words, *(_limited(v) for v in (middle, low, high)))


def paired(key: str, words: str, first: Any, second: Any) -> Estimate:
    """The median over seeds of first - second, each pair of one seed."""
    with np.errstate(invalid="ignore"):
        return median(key, words, _kept(first) - _kept(second))


def ratio(key: str, words: str, first: Any, second: Any) -> Estimate:
    """The median over seeds of first / second, each pair of one seed."""
    with np.errstate(all="ignore"):
        return median(key, words, _kept(first) / _kept(second))


def share(key: str, words: str, count: int, of: int) -> Estimate:
    """How often something is so, with Wilson's interval."""
    p, n = count / of, of
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n * n)) / (1 + Z**2 / n)
    low, high = max(0.0, float(middle - half)), min(1.0, float(middle + half))
    return Estimate(key, words, p, low if count else 0.0, high if count < of else 1.0)


def exact(key: str, words: str, value: float) -> Estimate:
    """A number that no seed moves."""
    return Estimate(key, words, float(value), float(value), float(value))


def band(values: Array, axis: int = 0) -> tuple[Array, Array, Array]:
    """Median and the percentiles BAND over seeds; what is not finite counts as worst."""
    values = np.where(np.isfinite(values), values, WORST)
    low, middle, high = np.percentile(values, [BAND[0], 50, BAND[1]], axis=axis)
    return middle, low, high


def usable(values: Array) -> Array:
    """Losses to be ordered: what is not finite is worst."""
    return np.where(np.isfinite(values), values, WORST)


def loss_range(values: Array) -> list[float]:
    """Where to look at losses (…, rows) of which some diverge: up to ten times the start."""
    good = values[np.isfinite(values) & (values > 0)]
    start = values[..., 0][np.isfinite(values[..., 0])]
    top = 3 * float(np.median(start)) if start.size else 1.0
    low = float(np.percentile(good, 2)) if good.size else top / 10
    return [max(min(low / 2, top / 10), 1e-10), top]


def listed(values: Any) -> Any:
    """Nested lists with four digits; what is not finite, or stands for it, becomes None."""
    if isinstance(values, np.ndarray) and values.ndim:
        return [listed(part) for part in values]
    value = float(values)
    return float(f"{value:.4g}") if np.isfinite(value) and abs(value) < WORST else None


def series(
    name: str, colour: int, x: Any, values: Array, *, axis: int = 0, dash: bool = False
) -> dict[str, Any]:
    """A line with its band, from values with seeds on one axis."""
    middle, low, high = band(values, axis)
    return {
        "name": name, "colour": colour, "x": listed(np.asarray(x)), "y": listed(middle),
        "low": listed(low), "high": listed(high), "dash": dash,
    }  # fmt: skip


def group(name: str, colour: int, values: Array) -> dict[str, Any]:
    """A group of a strip: a value a seed, and the median with its interval."""
    made = median(name, name, values)
    return {
        "name": name, "colour": colour, "values": listed(np.asarray(values)),
        "value": listed(made.value), "low": listed(made.low), "high": listed(made.high),
    }  # fmt: skip


def _kept(values: Any) -> Array:
    values = np.asarray(values, dtype=float)
    return np.where(np.isfinite(values), values, WORST)


def _limited(value: Any) -> float:
    return float(np.clip(value, -WORST, WORST))
