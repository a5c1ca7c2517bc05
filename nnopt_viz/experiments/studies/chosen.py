"""The learning rate that is best: chosen on some repetitions, judged on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.experiments.studies.drawn import choosers, choosers_of
from nnopt_viz.experiments.studies.estimates import (
    TIMES,
    counted,
    joined,
    median,
    quotient,
    worst,
)
from nnopt_viz.experiments.studies.lanes import at_every, descend

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.experiments.studies.estimates import Array
    from nnopt_viz.experiments.study import Estimate
    from nnopt_viz.networks import Network

DRAWS = (
    "Each repetition draws its own data, start weights and batches. Best rates are chosen on "
    "further repetitions, half as many and three at least, with the next seeds: those that are "
    "shown have no part in the choice."
)
COUNTED = (1e-30, 1e30)  # losses beyond count as these, or one would outweigh all others


def logarithms(losses: Array) -> Array:
    """log10 of losses, diverged ones and those of 0 as the ends of COUNTED."""
    return np.asarray(np.log10(np.clip(worst(losses), *COUNTED)))


def on_choosers(
    call: Call, method: Call, inits: Sequence[Call], network: Network, rates: Array
) -> Generator[None, None, Array]:
    """Train the further repetitions, which have no other part in an experiment.

    So the repetitions that are judged all stand at one rate that none of them has helped to choose,
    and are independent given it: intervals over them cover what they say.

    Args:
        call: the experiment: its data, seeds, batch and steps.
        method: with which they are trained.
        inits: initializers.
        rates: the grid.

    Returns:
        Final training losses, (initializers, rates, choosers).
    """
    data = choosers(call)
    starts = np.stack([data.starts(init, network) for init in inits])
    lanes = at_every(network, data, starts, rates, int(call.number("batch")),
                     int(call.number("steps")))  # fmt: skip
    for row in descend(lanes, method, lanes.steps):
        if row is None:
            yield None
        else:
            _, theta = row
    return data.train_loss(network, theta).reshape(len(inits), len(rates), -1)


def level(losses: Array) -> Array:
    """How high losses (…, repetitions) are as a whole: the mean of log10. A median would not see
    that a third of the repetitions is lost."""
    return np.asarray(logarithms(losses).mean(axis=-1))


def best(losses: Array) -> NDArray[np.intp]:
    """Of losses (…, rates, choosers) the index of the best rate, the one of least level."""
    return np.asarray(level(losses).argmin(axis=-1))


def told(call: Call) -> str:
    """On what a rate is chosen, and how."""
    own = choosers_of(call)
    return (
        f"chosen on {len(own)} further repetitions, seeds {own[0]} to {own[-1]}, by the least mean "
        "of log10 of the final training loss"
    )


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
