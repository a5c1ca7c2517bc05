"""Activations with their first and second derivatives, element by element."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float64 or float32, which every function keeps

LEAK = 0.01  # slope of leaky_relu below 0, as in torch
GELU = (np.sqrt(2 / np.pi), 0.044715)


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation; u is what a unit receives, a what it gives.

    Args:
        value: (u, out) -> a, written to `out`, which may be u itself if `in_place`.
        slope: (u, a) -> da/du.
        bend: (u, a) -> d2a/du2; None where it is 0 everywhere (kinks left out).
        in_place: whether the derivatives need only a, so that u may be lost.
        also: what else it is called.
    """

    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array], Array] | None
    in_place: bool = True
    also: tuple[str, ...] = ()


def sigmoid(u: Array, out: Array | None = None) -> Array:
    """1/(1 + exp(-u)); where exp overflows it is 0, as it should be."""
    e = np.exp(-u)
    e += 1
    return np.asarray(np.divide(1, e, out=e if out is None else out))


def _gelu_parts(u: Array) -> tuple[Array, Array, Array]:
    """tanh of the inner polynomial, its derivative in u and its second derivative."""
    scale, cube = (u.dtype.type(v) for v in GELU)
    inner = scale * (u + cube * u * u * u)
    return np.tanh(inner), scale * (1 + 3 * cube * u * u), 6 * scale * cube * u


def _gelu(u: Array, out: Array) -> Array:
    return np.asarray(np.multiply(u / 2, 1 + _gelu_parts(u)[0], out=out))


def _gelu_slope(u: Array, _: Array) -> Array:
    t, first, _ = _gelu_parts(u)
    return np.asarray((1 + t) / 2 + u * (1 - t * t) * first / 2)


def _gelu_bend(u: Array, _: Array) -> Array:
    t, first, second = _gelu_parts(u)
    return np.asarray((1 - t * t) * (first + u * (second / 2 - t * first * first)))


def _relu(u: Array, out: Array) -> Array:
    """Beside a row of zeros: with one zero for all, NumPy does not use vector instructions."""
    return np.asarray(np.maximum(u, np.zeros(u.shape[-1:], u.dtype), out=out))


def _leaky(u: Array, out: Array) -> Array:
    return np.asarray(np.maximum(u, u.dtype.type(LEAK) * u, out=out))


def _tanh_slope(_: Array, a: Array) -> Array:
    made = a * a
    return np.asarray(np.subtract(1, made, out=made))


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(
        np.tanh, _tanh_slope, lambda u, a: -2 * a * (1 - a * a), also=("hyperbolic_tangent",)
    ),
    "relu": Activation(
        _relu, lambda _, a: (a > 0).astype(a.dtype), None, also=("rectifier", "rectified_linear")
    ),
    "leaky_relu": Activation(
        _leaky,
        lambda _, a: np.where(a > 0, a.dtype.type(1), a.dtype.type(LEAK)),
        None,
        also=("lrelu",),
    ),
    "gelu": Activation(_gelu, _gelu_slope, _gelu_bend, in_place=False),
    "sigmoid": Activation(
        sigmoid,
        lambda u, a: a * (1 - a),
        lambda u, a: a * (1 - a) * (1 - 2 * a),
        also=("logistic", "sigm"),
    ),
    "linear": Activation(
        lambda u, out: np.positive(u, out=out),
        lambda u, a: np.ones_like(u),
        None,
        also=("identity", "none"),
    ),
}


def spelled() -> tuple[tuple[str, str], ...]:
    """What else activations are called: (word, activation)."""
    return tuple((word, name) for name, entry in ACTIVATIONS.items() for word in entry.also)
