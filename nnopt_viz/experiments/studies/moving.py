"""How a sample and the world come apart, and how far apart they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.streams import WORLD
from nnopt_viz.experiments.studies.estimates import Array
from nnopt_viz.networks import DATASETS

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call

Points = tuple[Array, Array]
Move = Callable[[np.random.Generator, Array, Array, float], Points]
LEAST = 8  # samples that are left of any
POOL = 4  # samples drawn for each that is needed, so that either class alone would do


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


# How many are left is the same in every repetition, as these lie side by side.


def _smaller_sample(rng: np.random.Generator, x: Array, y: Array, s: float) -> Points:
    left = max(LEAST, round(len(y) * 0.04**s))
    return _kept(x, y, rng.permutation(len(y)) < left)


def _biased_sample(rng: np.random.Generator, x: Array, y: Array, s: float) -> Points:
    half = len(y) // 2
    order = np.argsort(x[:, 0], kind="stable")  # from left to right
    right = rng.permutation(order[half:])
    gone = right[: round(s * len(right))]
    return _kept(x, y, ~np.isin(np.arange(len(y)), gone))


def _kept(x: Array, y: Array, which: Any) -> Points:
    return x[which], y[which]


def _still(_: np.random.Generator, x: Array, y: Array, __: float) -> Points:
    return x, y


def world(call: Call, seed: int, sizes: tuple[int, int], fewer: float) -> tuple[Points, Points]:
    """Samples of the world that are in no training sample, to train on there and to judge by.

    Args:
        call: the data set, of two classes.
        sizes: how many of each.
        fewer: share of the second class that is gone, 0 to 1; others fill its place.
    """
    rng = WORLD.generator(seed, 2)
    x, y = DATASETS[call.name].draw(rng, POOL * sum(sizes), call.numbers())
    order = rng.permutation(len(y))
    x, y = x[order], y[order].astype(np.float64)
    share, made = float((y > 0.5).mean()), []
    for size in sizes:
        kept = share * (1 - fewer)
        second = round(size * kept / (kept + 1 - share)) if fewer else None
        chosen = _some(y, size, second)
        made.append((x[chosen], y[chosen]))
        x, y = np.delete(x, chosen, axis=0), np.delete(y, chosen)
    return made[0], made[1]


def _some(y: Array, size: int, second: int | None) -> NDArray[np.intp]:
    """The first so many, of which so many are of the second class."""
    if second is None:
        return np.arange(size)
    of_second = np.flatnonzero(y > 0.5)[:second]
    of_first = np.flatnonzero(y <= 0.5)[: size - len(of_second)]
    return np.sort(np.concatenate([of_first, of_second]))


# name -> (how data move, do they move the training sample, or else the world?, in words)
FEWER = {"class_balance": 0.9}  # of the second class, at the end
SHIFTS: dict[str, tuple[Move, bool, str]] = {
    "rotation": (_rotation, False, "the world's first two inputs turn by up to a right angle"),
    "translation": (_translation, False, "the world moves along the first input by up to 1"),
    "label_noise": (_label_noise, False, "up to 40 % of the world's labels are swapped"),
    "class_balance": (_still, False, "up to 90 % of the world's second class is gone"),
    "smaller_sample": (
        _smaller_sample, True,
        f"training sees fewer samples of the same world, down to one in 25, but {LEAST} at least",
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
