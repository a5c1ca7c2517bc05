"""Pictures of the data, with what each run's network says of them as it trains."""

from __future__ import annotations

import math
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.networks import says, statistics
from nnopt_viz.networks.pieces import parts

if TYPE_CHECKING:
    from nnopt_viz.lab.result import Result
    from nnopt_viz.networks import Data

Array = NDArray[np.float64]

POINTS = 600  # of the data that are drawn
PICTURES = 24  # of those that are pictures
CELLS = 40  # a side of the grid on which the network is asked
MOMENTS, AT_ONCE = 25, 75  # steps at which it is asked; the same of all runs together
MOMENTS_SO_FAR = 9  # while training goes on
FULL, NOTHING = 127, -128  # a byte that says class 1 for certain; one of what is not finite


def drawn_as(data: Data) -> Literal["points", "curve", "pictures"] | None:
    """How data are drawn: two classes in a plane, numbers over a line, or classes of square
    pictures; None for every other shape."""
    shape = (data.kind, data.inputs)
    if data.kind == "classes" and math.isqrt(data.inputs) ** 2 == data.inputs > 4:
        return "pictures"
    return "points" if shape == ("binary", 2) else "curve" if shape == ("regression", 1) else None


def picture(made: Result) -> dict[str, Any] | None:
    """The data, and what each run's first network says at `steps`, by run and step.

    Of two inputs the probability of class 1 on a grid, as bytes in base64 (`as_bytes`); of one
    input a curve; of pictures, some that were not trained with, the classes that it gives them.
    None for data that nothing here can draw.
    """
    kind = drawn_as(made.lab.samples)
    if kind is None:
        return None
    at = moments(made)
    shown = _pictures(made, at) if kind == "pictures" else _points(made, at, kind)
    data = made.lab.samples
    return {
        "inputs": data.inputs, "classes": data.classes, "steps": made.rows.steps[at].tolist(),
        **shown,
    }  # fmt: skip


def moments(made: Result) -> NDArray[np.intp]:
    """The recorded rows at which the networks are asked, the first and the last among them."""
    most = MOMENTS if made.is_whole else MOMENTS_SO_FAR
    count = max(2, min(most, AT_ONCE // len(made.lab.runs)))
    return np.unique(np.linspace(0, len(made.rows.steps) - 1, count).round().astype(np.intp))


def as_bytes(probability: Array) -> str:
    """Probabilities as signed bytes in base64: the root of their distance from a half, so that
    where the class changes is fine. It reads (1 + b|b|/FULL**2)/2, and has the sign of the class
    that is said; NOTHING is no number."""
    off = np.clip(2 * probability - 1, -1, 1)
    rounded = np.sign(off) * np.maximum(np.rint(FULL * np.sqrt(np.abs(off))), 1)
    made = np.where(np.isfinite(probability), rounded, NOTHING)
    return b64encode(made.astype(np.int8).tobytes()).decode()


def _said(made: Result, at: NDArray[np.intp], x: Array) -> Array:
    """What the networks say of samples x, shape (runs, moments, n, outputs)."""
    lab = made.lab
    runs = [
        _said_by(made, run, at[some], x)
        for run in range(len(lab.runs))
        for some in parts(len(at), lab.network.size)
    ]
    said = np.concatenate(runs)
    return said.reshape(len(lab.runs), len(at), *said.shape[1:])


def _said_by(made: Result, run: int, at: NDArray[np.intp], x: Array) -> Array:
    """The same of one run, (moments, n, outputs)."""
    lab, theta = made.lab, np.ascontiguousarray(made.rows.theta[run, at, 0])
    fixed = statistics(lab.network, theta, lab.samples.x_train) if lab.network.batchnorm else None
    with np.errstate(all="ignore"):
        return says(lab.network, theta, x, fixed)


def _points(made: Result, at: NDArray[np.intp], kind: str) -> dict[str, Any]:
    data = made.lab.samples
    x, y, is_test = _some(data)
    low, high, asked = ground(x)
    said = _said(made, at, asked)[..., 0]
    columns = [x[:, 0], x[:, 1] if kind == "points" else y]
    write = as_bytes if kind == "points" else _rounded
    return {
        "points": [_rounded(column) for column in columns],
        "label": (y if data.classes else np.zeros(len(y))).astype(int).tolist(),
        "test": is_test.astype(int).tolist(),
        "box": [*_rounded(low), *_rounded(high)],
        "cells": CELLS,
        "said": [[write(one) for one in run] for run in said],
    }


def ground(x: Array) -> tuple[Array, Array, Array]:
    """Low and high ends of what is drawn around samples x (n, inputs), and the grid on it."""
    low, high = x.min(axis=0), x.max(axis=0)
    room = 0.08 * (high - low)
    low, high = low - room, high + room
    axes = [np.linspace(a, b, CELLS) for a, b in zip(low, high, strict=True)]
    return low, high, np.stack([g.ravel() for g in np.meshgrid(*axes)], axis=1)


def _some(data: Data) -> tuple[Array, Array, NDArray[np.bool_]]:
    """POINTS of the samples at most, training and test in their proportion; which are for test."""
    train, test = len(data.x_train), len(data.x_test)
    share = min(1.0, POINTS / (train + test))
    train, test = math.ceil(share * train), math.floor(share * test)
    x = np.concatenate([data.x_train[:train], data.x_test[:test]])
    y = np.concatenate([data.y_train[:train], data.y_test[:test]])
    return x, y, np.arange(len(x)) >= train


def _pictures(made: Result, at: NDArray[np.intp]) -> dict[str, Any]:
    """Test pictures (or training ones, where all are for training), shades from 0 to 9."""
    data = made.lab.samples
    is_test = len(data.x_test) > 0
    x, y = (data.x_test, data.y_test) if is_test else (data.x_train, data.y_train)
    x, y = x[:PICTURES], y[:PICTURES]
    low, high = x.min(), x.max()
    said = _said(made, at, x)
    chosen = np.where(np.isfinite(said).all(axis=-1), said.argmax(axis=-1), NOTHING)
    return {
        "pictures": np.rint(9 * (x - low) / (high - low)).astype(int).tolist(),
        "label": y.astype(int).tolist(),
        "test": [int(is_test)] * len(x),
        "said": chosen.tolist(),
    }


def _rounded(values: Array) -> list[float | None]:
    """With four digits; what is not finite becomes None."""
    return [float(f"{v:.4g}") if np.isfinite(v) else None for v in values.tolist()]
