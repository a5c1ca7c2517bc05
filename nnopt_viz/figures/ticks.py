"""Round tick positions, and how their numbers are written."""

from __future__ import annotations

import math

from nnopt_viz.declare.written import shown

ROUNDING = 1e-12  # of the loss range: not worth a label


def step(low: float, high: float, count: int = 5) -> float:
    """A round step (1, 2 or 5 times a power of ten) giving about `count` ticks."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    return float(min((m * power for m in (1, 2, 5, 10)), key=lambda s: abs(s - rough)))


def label(value: float) -> str:
    """A round number, so whole; see `declare/written.py`."""
    return shown(value, 10)


def first(low: float, high: float) -> float:
    """The lowest tick that is not at the very edge."""
    size = step(low, high)
    return math.ceil((low + 0.12 * (high - low)) / size) * size


def last(low: float, high: float) -> float:
    """The highest tick that is not at the very edge."""
    size = step(low, high)
    return math.floor((high - 0.08 * (high - low)) / size) * size


def decades(top: float) -> list[float]:
    """Heights of loss gaps 0, 10, 100, … below the top, at most three above 0."""
    powers = range(1, math.floor(0.9 * top) + 1)
    every = max(1, math.ceil(len(powers) / 3))
    return [0.0, *(math.log10(1 + 10.0**p) for p in powers if (p - 1) % every == 0)]


def one_two_five(low: float, high: float) -> list[float]:
    """1, 2 or 5 times powers of ten from low, or a thousandth of high, to a little below high."""
    if high <= 0:
        return []
    floor = max(low, high / 1000)
    powers = range(math.floor(math.log10(floor)), math.ceil(math.log10(high)) + 1)
    found = [float(f"{m}e{p}") for p in powers for m in (1, 2, 5)]
    return [v for v in found if floor <= v <= 0.97 * high]
