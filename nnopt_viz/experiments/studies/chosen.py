"""The learning rate that is best: chosen on some repetitions, judged on the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.experiments.studies.estimates import TIMES, median, quotient, worst

if TYPE_CHECKING:
    from nnopt_viz.experiments.studies.estimates import Array
    from nnopt_viz.experiments.study import Estimate

COUNTED = (1e-30, 1e30)  # losses beyond count as these, or one would outweigh all others


def logarithms(losses: Array) -> Array:
    """log10 of losses, diverged ones and those of 0 as the ends of COUNTED."""
    return np.asarray(np.log10(np.clip(worst(losses), *COUNTED)))


def by_others(losses: Array) -> Array:
    """For each repetition the rate that is best on all the others, shape (repetitions,).

    Best is the least mean of log10 of the loss: a median would not see that a third of the
    repetitions is lost. No repetition is judged at a rate that its own luck has chosen.

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


def named(rates: Array, chosen: Array) -> str:
    """The rates that were chosen, for a label: one, or from the smallest to the largest."""
    low, high = rates[chosen.min()], rates[chosen.max()]
    return f"{low:.2g}" if low == high else f"{low:.2g} to {high:.2g}"


def own(losses: Array) -> Array:
    """Each repetition's own best rate, as an index: how that differs from one to the next."""
    return np.asarray(worst(losses).argmin(axis=0))


def best_rate(key: str, words: str, rates: Array, losses: Array) -> Estimate:
    """The rate at which a repetition ends lowest: the median, and how it varies."""
    best = own(losses)
    return median(key, words, rates[best], note=edge(best == 0, best == len(rates) - 1))


def edge(*at_ends: Array) -> str:
    """Says in how many repetitions something lies at the grid's edge: farther on nothing was
    tried."""
    hit = np.any(at_ends, axis=0)
    count, of = int(hit.sum()), len(hit)
    return f"at the edge of the grid in {count} of {of} repetitions" if count else ""


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

    def edge_with(self, other: Usable, both: bool = True) -> str:
        """Whether one of two ranges ends where the grid does."""
        return edge(self.at_ends(both), other.at_ends(both))

    def numbers(self, name: str) -> list[Estimate]:
        """What there is to say of it."""
        return [
            median(f"range:{name}", f"{name}: largest usable rate over the smallest",
                   self.width(), TIMES, edge(self.at_ends())),
            median(f"largest:{name}", f"{name}: largest usable rate", self.largest(),
                   note=edge(self.at_ends(both=False))),
        ]  # fmt: skip
