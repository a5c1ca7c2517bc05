"""What a question takes, counted before it is begun."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """A price, the same on every machine.

    Args:
        units: of work: plain operations on one number in a NumPy array, about a nanosecond each.
        bytes: of memory held at once, at most, beside what every process holds.
    """

    units: float
    bytes: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.units + other.units, self.bytes + other.bytes)
