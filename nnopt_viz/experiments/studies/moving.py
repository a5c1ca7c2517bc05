"""How a sample and the world come apart, and how far apart they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnopt_viz.declare.streams import WORLD
from nnopt_viz.experiments.studies.estimates import Array

Points = tuple[Array, Array]
Move = Callable[[np.random.Generator, Array, Array, float], Points]


def _rotation(_: np.random.Generator, x: Array, y: Array, s: float) -> Points:
    c, d = np.cos(s * np.pi / 2), np.sin(s * np.pi / 2)
    made = x.copy()
    made[:, :2] = x[:, :2] @ np.array([[c, d], [-d, c]])
    return made, y


def _translation(_: np.random.Generator, x: Array, y: Array, s: float) -> Points:
    made = x.copy()
    made[:, 0] += s
    return made, y


def _label_noise(rng: np.random.Generator, x: Array, y: Array, s: float) -> Points:
    draw = rng.uniform(size=len(y))  # the same labels flip at every amount, and more
    return x, np.where(draw < 0.4 * s, 1 - y, y)


def _class_balance(rng: np.random.Generator, x: Array, y: Array, s: float) -> Points:
    draw = rng.uniform(size=len(y))
    return _kept(x, y, (y < 0.5) | (draw >= 0.9 * s))


def _smaller_sample(rng: np.random.Generator, x: Array, y: Array, s: float) -> Points:
    return _kept(x, y, rng.permutation(len(y)) < max(8, round(len(y) * 0.04**s)))


def _biased_sample(rng: np.random.Generator, x: Array, y: Array, s: float) -> Points:
    draw = rng.uniform(size=len(y))
    return _kept(x, y, (x[:, 0] < np.median(x[:, 0])) | (draw >= s))


def _kept(x: Array, y: Array, which: Any) -> Points:
    return x[which], y[which]


# name -> (how data move, do they move the training sample, or else the world?, in words)
SHIFTS: dict[str, tuple[Move, bool, str]] = {
    "rotation": (_rotation, False, "the world's first two inputs turn by up to a right angle"),
    "translation": (_translation, False, "the world moves along the first input by up to 1"),
    "label_noise": (_label_noise, False, "up to 40 % of the world's labels are swapped"),
    "class_balance": (_class_balance, False, "up to 90 % of the world's second class is gone"),
    "smaller_sample": (
        _smaller_sample, True,
        "training sees fewer samples of the same world, down to one in 25",
    ),
    "biased_sample": (
        _biased_sample, True,
        "training sees fewer samples from the right half, down to none",
    ),
}  # fmt: skip


def representativeness(sample: Points, world: Points, seed: int) -> float:
    """1 - H, with the energy coefficient of inhomogeneity H of two samples, 0 to 1.

    H = (2 E|X - Y| - E|X - X'| - E|Y - Y'|) / (2 E|X - Y|), where X is a sample's inputs and
    label, divided by the world's standard deviations (Szekely & Rizzo 2013, Energy statistics,
    equation 2.5 and section 8). At most 400 of each are taken.
    """
    rng = WORLD.generator(seed, 1)
    clouds = []
    for x, y in (sample, world):
        some = rng.permutation(len(y))[:400]
        clouds.append(np.concatenate([x[some], y[some, None]], axis=1))
    scale = clouds[1].std(axis=0)
    a, b = (cloud / np.where(scale > 0, scale, 1) for cloud in clouds)
    between = _apart(a, b)
    own = _apart(a, a) + _apart(b, b)
    return float(1 - (2 * between - own) / (2 * between)) if between > 0 else 1.0


def _apart(a: Array, b: Array) -> float:
    """The mean distance of pairs."""
    return float(np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2)).mean())
