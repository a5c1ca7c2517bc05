"""Data sets to train on. A new one is one declaration here.

Points of the plane are made anew from a seed; `digits` is the 8x8 digits that travel with
the package: Optical Recognition of Handwritten Digits, E. Alpaydin, C. Kaynak, UCI Machine
Learning Repository, 1998, test part, licence CC BY 4.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.declare.registry import Registry
from nnopt_viz.declare.streams import SAMPLES

Array = NDArray[Any]
Points = tuple[Array, Array]  # x (n, inputs), y (n,)


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Samples to train on and to test with; arrays are read-only.

    Args:
        x_train, x_test: samples, shape (n, inputs), float64, dimensionless.
        y_train, y_test: targets, shape (n,): 0 or 1, a class from 0, or a number.
        kind: "binary", "classes" or "regression".
        classes: how many; 0 for regression.
    """

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    kind: Literal["binary", "classes", "regression"]
    classes: int

    @property
    def inputs(self) -> int:
        """How many numbers a sample has."""
        return int(self.x_train.shape[1])


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set.

    Args:
        draw: (generator, how many, knobs) -> samples and targets.
    """

    name: str
    title: str
    family: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str
    kind: Literal["binary", "classes", "regression"]
    classes: int
    draw: Callable[[np.random.Generator, int, dict[str, float]], Points]


DATASETS: Registry[DataSet] = Registry("data set", ("two classes", "regression", "pictures"))

SPIN = Knob("turns", 1.0, "turns of each arm", 0.25, 3.0, soft=(0.5, 2.0))
TEST = Knob(
    "test",
    0.25,
    "share of the samples held out for testing",
    0.0,
    0.9,
    soft=(0.1, 0.5),
    also=("test_size", "test_share"),
)


def _size(default: int, most: int = 2000) -> Knob:
    return Knob(
        "n", default, "how many samples, training and test together", 8, most, "integer",
        also=("n_samples", "samples", "num_samples"),
        soft=(50, min(most, 1000)),
    )  # fmt: skip


def _noise(default: float) -> Knob:
    return Knob(
        "noise", default, "standard deviation of the noise on each coordinate (on the target for "
        "regression)", 0.0, 10.0, soft=(0.0, 0.5),
    )  # fmt: skip


def _halves(n: int) -> Array:
    """Two classes, equally often, one after the other."""
    return np.arange(n) % 2


def _xor(rng: np.random.Generator, n: int, knobs: dict[str, float]) -> Points:
    corner = np.arange(n) % 4
    x = np.stack([corner % 2, corner // 2], axis=1) * 2.0 - 1.0
    y = (corner % 2) ^ (corner // 2)
    return x + knobs["noise"] * rng.standard_normal((n, 2)), y


def _moons(rng: np.random.Generator, n: int, knobs: dict[str, float]) -> Points:
    y = _halves(n)
    angle = np.pi * rng.uniform(size=n)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x[y == 1] = [1.0, 0.5] - x[y == 1]
    return x - [0.5, 0.25] + knobs["noise"] * rng.standard_normal((n, 2)), y


def _circles(rng: np.random.Generator, n: int, knobs: dict[str, float]) -> Points:
    y = _halves(n)
    angle = 2 * np.pi * rng.uniform(size=n)
    radius = np.where(y == 1, 0.5, 1.0)[:, None]
    x = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x + knobs["noise"] * rng.standard_normal((n, 2)), y


def _spirals(rng: np.random.Generator, n: int, knobs: dict[str, float]) -> Points:
    y = _halves(n)
    along = np.sqrt(rng.uniform(0.02, 1.0, size=n))
    angle = 2 * np.pi * knobs["turns"] * along + np.pi * y
    x = 1.5 * along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x + knobs["noise"] * rng.standard_normal((n, 2)), y


def _blobs(rng: np.random.Generator, n: int, knobs: dict[str, float]) -> Points:
    y = _halves(n)
    x = np.where(y[:, None] == 1, 1.0, -1.0) * [1.0, 0.5]
    return x + knobs["noise"] * rng.standard_normal((n, 2)), y


def _checkerboard(rng: np.random.Generator, n: int, knobs: dict[str, float]) -> Points:
    cells = int(knobs["cells"])
    x = rng.uniform(-1.5, 1.5, (n, 2))
    cell = np.floor((x + 1.5) / 3 * cells).astype(int)
    y = cell.sum(axis=1) % 2
    return x + knobs["noise"] * rng.standard_normal((n, 2)), y


def _sine(rng: np.random.Generator, n: int, knobs: dict[str, float]) -> Points:
    x = rng.uniform(-1.5, 1.5, (n, 1))
    y = np.sin(knobs["waves"] * 2 * np.pi * x[:, 0] / 3)
    return x, y + knobs["noise"] * rng.standard_normal(n)


def _digits(rng: np.random.Generator, n: int, knobs: dict[str, float]) -> Points:
    images, labels = digit_pictures()
    chosen = rng.permutation(len(images))[:n]
    x = images[chosen] / 8.0 - 1.0  # from -1 (paper) to 1 (ink)
    return x + knobs["noise"] * rng.standard_normal(x.shape), labels[chosen]


@lru_cache(maxsize=1)
def digit_pictures() -> tuple[Array, Array]:
    """All digits: pictures (1797, 64) with values 0 … 16 row by row, and what they show."""
    with files("nnopt_viz.networks").joinpath("digits.npz").open("rb") as file:
        stored = np.load(file)
        return stored["images"].astype(np.float64), stored["labels"].astype(np.intp)


_OWN = "made here"
# What other libraries call them.
_CALLED = {
    "xor": Names(("exclusive_or",)),
    "moons": Names(("make_moons", "two_moons", "half_moons")),
    "circles": Names(("make_circles", "circle", "concentric_circles", "rings")),
    "spirals": Names(("spiral", "two_spirals")),
    "blobs": Names(("make_blobs", "gaussians", "gauss", "two_clouds", "two_gaussians")),
    "checkerboard": Names(("chessboard",)),
    "sine": Names(("sin", "sine_wave")),
    "digits": Names(
        ("load_digits", "optdigits"),
        akin={"mnist": "its pictures are larger; the small ones are digits"},
    ),
}

for _made in (
    DataSet("xor", "Exclusive or", "two classes", (_size(200), _noise(0.3), TEST),
            "Four clouds, those at opposite corners of one class: no straight line divides them.",
            "Minsky & Papert 1969, Perceptrons", "binary", 2, _xor),
    DataSet("moons", "Two moons", "two classes", (_size(300), _noise(0.16), TEST),
            "Two half circles that reach into each other.",
            "as scikit-learn's make_moons, at random angles", "binary", 2, _moons),
    DataSet("circles", "Circles", "two classes", (_size(300), _noise(0.1), TEST),
            "One class inside the other.", "as scikit-learn's make_circles, factor 0.5, at "
            "random angles",
            "binary", 2, _circles),
    DataSet("spirals", "Two spirals", "two classes", (_size(400), _noise(0.05), SPIN, TEST),
            "Two arms wound round each other: hard for a small network.",
            "after Lang & Witbrock 1988, Learning to tell two spirals apart", "binary", 2,
            _spirals),
    DataSet("blobs", "Two clouds", "two classes", (_size(200), _noise(0.5), TEST),
            "Two round clouds, which a straight line can almost divide.", _OWN, "binary", 2,
            _blobs),
    DataSet("checkerboard", "Checkerboard", "two classes", (
                _size(500), _noise(0.02),
                Knob("cells", 3, "cells along each side", 2, 6, "integer"), TEST,
            ),
            "Squares of alternating class.", _OWN, "binary", 2, _checkerboard),
    DataSet("sine", "Sine wave", "regression", (
                _size(200), _noise(0.1),
                Knob("waves", 1.5, "periods between -1.5 and 1.5", 0.25, 6.0, soft=(0.5, 3.0)),
                TEST,
            ),
            "A number to be fitted instead of a class: a sine of one input, with noise.", _OWN,
            "regression", 0, _sine),
    DataSet("digits", "Handwritten digits", "pictures", (_size(600, 1797), _noise(0.0), TEST),
            "8 x 8 pictures of the digits 0 to 9: 64 inputs, ten classes.",
            "Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, UCI Machine "
            "Learning Repository, CC BY 4.0, as scikit-learn distributes it", "classes", 10,
            _digits),
):  # fmt: skip
    DATASETS.add(_made, _CALLED.get(_made.name))


@lru_cache(maxsize=32)
def dataset(call: Call, seed: int) -> Data:
    """The data that a call means, the same for the same seed.

    Args:
        call: from DATASETS, with `n`, `noise` and `test`.
        seed: decides the draw and which samples are held out.
    """
    entry = DATASETS[call.name]
    rng = SAMPLES.generator(seed)
    x, y = entry.draw(rng, int(call.number("n")), call.numbers())
    order = rng.permutation(len(x))
    held = min(len(x) - 1, round(call.number("test") * len(x)))
    x, y = x[order], y[order].astype(np.float64 if entry.kind != "classes" else np.intp)
    parts = x[held:], y[held:], x[:held], y[:held]
    for part in parts:
        part.flags.writeable = False
    return Data(*parts, entry.kind, entry.classes)
