"""The streams of random numbers: one seed decides many things, each draws from its own.

A generator is made from words: the seed, the stream's number, and what else tells its uses
apart. The numbers are part of every result and are never changed or used again. Those of
networks are primes. A race makes its own from (seed, lane): `judge.executors.Draws`; a lane's
number may equal a stream's, which is no matter, as no question asks for both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Stream:
    """One use of random numbers.

    Args:
        number: the word beside the seed.
        of: what is drawn from it.
    """

    number: int
    of: str

    def generator(self, seed: int, *more: int) -> np.random.Generator:
        """The generator of this use for a seed; `more` words tell apart several of one use."""
        return np.random.default_rng([seed, self.number, *more])


WEIGHTS = Stream(7, "start weights of a network")
SAMPLES = Stream(11, "samples of a data set, and which of them are held out for testing")
LAB_BATCHES = Stream(13, "the order of samples in a training of the lab")
RULE_DRAWS = Stream(17, "what an optimizer draws by itself while it trains a network")
DIRECTIONS = Stream(19, "two random directions of a plane through a network's end")
LANCZOS = Stream(23, "where the search for the directions of a plane begins")
POWER = Stream(29, "the first vector of the iteration for the sharpness along a path")
STUDY_BATCHES = Stream(31, "the order of samples in an experiment")
WORLD = Stream(53, "how an experiment's world moves away from its sample")
WALKS = Stream(59, "the random walks that a path on a plane is compared with")
# The third word of a race's generators, after seed and lane; without it: noise on the gradient.
RACE_RULE_DRAWS = 1

STREAMS = (
    WEIGHTS, SAMPLES, LAB_BATCHES, RULE_DRAWS, DIRECTIONS, LANCZOS, POWER, STUDY_BATCHES, WORLD,
    WALKS,
)  # fmt: skip
