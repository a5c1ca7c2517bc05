"""The learning rate that is best: chosen on some repetitions, judged on the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.experiments.studies.estimates import (
    TIMES,
    counted,
    joined,
    median,
    quotient,
    worst,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nnopt_viz.experiments.studies.estimates import Array
    from nnopt_viz.experiments.study import Estimate

# Measured in groups of 9 of 240 repetitions of three optimizers: where all are judged at one rate
# intervals cover 96 to 97 %, else 89 %.
UNEQUAL = "judged at different rates: the interval may cover less than 95 %"
COUNTED = (1e-30, 1e30)  # losses beyond count as these, or one would outweigh all others


def logarithms(losses: Array) -> Array:
    """log10 of losses, diverged ones and those of 0 as the ends of COUNTED."""
    return np.asarray(np.log10(np.clip(worst(losses), *COUNTED)))


def by_others(losses: Array) -> Array:
    """For each repetition the rate that is best on all the others, shape (repetitions,).

    Best is the least mean of log10 of the loss: a median would not see that a third of the
    repetitions is lost. No repetition is judged at a rate that its own luck has chosen; but as each
    helps to choose for the others, they are not independent where these choices differ: see
    `judged_at`.

    Args:
        losses: final losses (rates, repetitions), of two repetitions or more.

    Returns:
        Indices of rates.
    """
    return np.asarray(on_others(losses).argmin(axis=0))


def on_others(losses: Array) -> Array:
    """The sum of log10 over all other repetitions, (rates, repetitions): added up without the own
    one rather than less it, whose rounding would decide between equals."""
    level = logarithms(losses)
    each = [np.delete(level, i, axis=1).sum(axis=1) for i in range(level.shape[1])]
    return np.stack(each, axis=1)


def at(values: Array, chosen: Array) -> Array:
    """Of values (rates, repetitions, …) those at each repetition's rate, (repetitions, …)."""
    return np.asarray(values[chosen, np.arange(values.shape[1])])


def judged_at(numbers: Iterable[Estimate], *chosen: Array) -> list[Estimate]:
    """Numbers over repetitions, each at the rate that the others have chosen. Where these differ,
    so that the repetitions are not independent, it is said."""
    if all((picked == picked[0]).all() for picked in chosen):
        return list(numbers)
    return [
        replace(one, note=joined(one.note, UNEQUAL)) if one.kind == "interval" else one
        for one in numbers
    ]


def named(rates: Array, chosen: Array) -> str:
    """The rates that were chosen, for a label: one, or from the smallest to the largest; with two
    digits, or as many as tell them apart."""
    low, high = rates[chosen.min()], rates[chosen.max()]
    if low == high:
        return f"{low:.2g}"
    digits = next((n for n in range(2, 17) if f"{low:.{n}g}" != f"{high:.{n}g}"), 17)
    return f"{low:.{digits}g} to {high:.{digits}g}"


def resolution(rates: Array) -> str:
    """How finely a grid of rates tells them apart."""
    factor = (rates[-1] / rates[0]) ** (1 / (len(rates) - 1))
    return f"Each rate is {factor:.3g} times the one before: nothing between was tried."


class Own:
    """The rate at which each repetition ends lowest, and how that differs from one to the next.

    Args:
        rates: the grid, ascending.
        losses: final losses (rates, repetitions).
    """

    def __init__(self, rates: Array, losses: Array) -> None:
        level, self.last = worst(losses), len(rates) - 1
        self.at = level.argmin(axis=0)
        self.lost = ~np.isfinite(level).any(axis=0)  # diverged at every rate
        self.rate = np.where(self.lost, np.inf, rates[self.at])

    def note(self, *others: Own) -> str:
        """Where it lies at the edge of the grid, farther on than which nothing was tried, or where
        there is none; of this one, or of any of several."""
        every = (self, *others)
        ends = [~one.lost & ((one.at == 0) | (one.at == one.last)) for one in every]
        lost = counted(np.any([one.lost for one in every], axis=0), "diverged at every rate")
        return joined(edge(*ends), lost)


def best_rate(key: str, words: str, rates: Array, losses: Array) -> Estimate:
    """The rate at which a repetition ends lowest: the median, and how it varies; infinite where
    all of its trainings diverged."""
    own = Own(rates, losses)
    return median(key, words, own.rate, note=own.note())


def edge(*at_ends: Array) -> str:
    """Says in how many repetitions something lies at the grid's edge: farther on nothing was
    tried."""
    return counted(np.any(at_ends, axis=0), "at the edge of the grid")


class Usable:
    """Which rates train: those whose final loss is below a share of the start's.

    Args:
        rates: the grid, ascending.
        losses: final losses (rates, repetitions).
        start: loss of each repetition before training.
        share: of it, below which a rate is usable.
    """

    def __init__(self, rates: Array, losses: Array, start: Array, share: float) -> None:
        self.rates = rates
        self.good = worst(losses) < share * start
        self.none = ~self.good.any(axis=0)
        self.first = self.good.argmax(axis=0)
        self.last = len(rates) - 1 - self.good[::-1].argmax(axis=0)

    def largest(self) -> Array:
        """The largest usable rate of each repetition; 0 where none is."""
        return np.where(self.none, 0.0, self.rates[self.last])

    def width(self) -> Array:
        """The largest usable rate over the smallest; 0 where none is."""
        return np.where(self.none, 0.0, quotient(self.rates[self.last], self.rates[self.first]))

    def at_ends(self, both: bool = True) -> Array:
        """In which repetitions the range ends where the grid does; its lower end only if both."""
        up = self.last == len(self.rates) - 1
        return np.asarray(~self.none & (up | (self.first == 0) if both else up))

    def note(self, *others: Usable, both: bool = True) -> str:
        """Where a range ends with the grid, or no rate is usable; of this one, or of any."""
        every = (self, *others)
        none = counted(np.any([one.none for one in every], axis=0), "no rate is usable")
        return joined(edge(*(one.at_ends(both) for one in every)), none and f"{none}: counted as 0")

    def numbers(self, name: str) -> list[Estimate]:
        """What there is to say of it."""
        return [
            median(f"range:{name}", f"{name}: largest usable rate over the smallest",
                   self.width(), TIMES, self.note()),
            median(f"largest:{name}", f"{name}: largest usable rate", self.largest(),
                   note=self.note(both=False)),
        ]  # fmt: skip
