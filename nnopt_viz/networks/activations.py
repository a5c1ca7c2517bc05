"""Activations with their first and second derivatives, element by element."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.declare.registry import Registry

Array = NDArray[Any]  # float64 or float32, which every function keeps

LEAK = 0.01  # slope of leaky_relu below 0, as in torch
GELU = (np.sqrt(2 / np.pi), 0.044715)
# The normal distribution's table: expansions about every 1/64 from -9 to 9, where it is 0 and 1
# to a hundredth of a unit in 1's last place; six terms leave less than that too.
FAR, PER_UNIT, TERMS = 9, 64, 6


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation; u is what a unit receives, a what it gives.

    Args:
        formula: a of u, in the formula language.
        value: (u, out) -> a, written to `out`, which may be u itself if `in_place`.
        slope: (u, a) -> da/du.
        bend: (u, a) -> d2a/du2; None where it is 0 everywhere (kinks left out).
        torch: what it is called in torch.nn.
        form: which of several that share the name it is, for menus; "" where there is one.
        in_place: whether the derivatives need only a, so that u may be lost.
        cost: of value or slope of one number, beside those of relu.
    """

    name: str
    title: str
    formula: str
    doc: str
    source: str
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array], Array] | None
    torch: str
    form: str = ""
    in_place: bool = True
    cost: float = 1.0
    family: str = "of hidden units"
    knobs: tuple[Knob, ...] = ()


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


def _normal_table() -> Array:
    """Taylor's coefficients of the normal distribution about each point, shape (TERMS + 1, points).

    Its derivatives are its density times Hermite polynomials (Abramowitz & Stegun 1964, 26.2.31).
    """
    x = np.arange(-FAR * PER_UNIT, FAR * PER_UNIT + 1) / PER_UNIT
    made = np.empty((TERMS + 1, len(x)))
    made[0] = [math.erfc(-v / math.sqrt(2)) / 2 for v in x.tolist()]
    before, hermite = np.zeros_like(x), _density(x)
    for n in range(1, TERMS + 1):
        made[n] = hermite / math.factorial(n)
        before, hermite = hermite, -x * hermite - (n - 1) * before
    made[:, 0], made[:, -1] = 0, 0
    made[0, -1] = 1
    return made


def normal_distribution(u: Array) -> Array:
    """The share of a standard normal that lies below u: (1 + erf(u/sqrt(2)))/2, shape of u.

    NumPy has no erf. Off by at most 3e-16, and down to u = -8 by less than 1e-12 of itself.
    """
    near = np.rint(np.clip(u, -FAR, FAR) * u.dtype.type(PER_UNIT))
    off = np.clip(u, -FAR, FAR) - near / u.dtype.type(PER_UNIT)
    at = near.astype(np.intp) + FAR * PER_UNIT
    table = _NORMAL if u.dtype == _NORMAL.dtype else _NORMAL.astype(u.dtype)
    made = table[-1].take(at, mode="clip")  # a place that is no number stays so by `off`
    for row in table[-2::-1]:
        made *= off
        made += row.take(at, mode="clip")
    return np.asarray(made)


def _density(u: Array) -> Array:
    return np.asarray(np.exp(-u * u / 2) * u.dtype.type(1 / math.sqrt(2 * math.pi)))


def _gelu_exact(u: Array, out: Array) -> Array:
    return np.asarray(np.multiply(u, normal_distribution(u), out=out))


def _gelu_exact_slope(u: Array, _: Array) -> Array:
    return np.asarray(normal_distribution(u) + u * _density(u))


def _gelu_exact_bend(u: Array, _: Array) -> Array:
    return np.asarray(_density(u) * (2 - u * u))


def _relu(u: Array, out: Array) -> Array:
    """Beside a row of zeros: with one zero for all, NumPy does not use vector instructions."""
    return np.asarray(np.maximum(u, np.zeros(u.shape[-1:], u.dtype), out=out))


def _leaky(u: Array, out: Array) -> Array:
    return np.asarray(np.maximum(u, u.dtype.type(LEAK) * u, out=out))


def _tanh_slope(_: Array, a: Array) -> Array:
    made = a * a
    return np.asarray(np.subtract(1, made, out=made))


_NORMAL = _normal_table()

_HENDRYCKS = "Hendrycks & Gimpel 2016, Gaussian error linear units"

ACTIVATIONS: Registry[Activation] = Registry("activation")
for _made, _also in (
    (Activation(
        "tanh", "Hyperbolic tangent", "tanh(u)",
        "Between -1 and 1; far from 0 it saturates, and its slope vanishes.",
        "LeCun, Bottou, Orr & Müller 1998, Efficient backprop, section 4.4",
        np.tanh, _tanh_slope, lambda u, a: -2 * a * (1 - a * a), "Tanh()",
    ), ("hyperbolic_tangent",)),
    (Activation(
        "relu", "ReLU", "maximum(u, 0)",
        "Lets through what is above 0; below it the slope is 0, at 0 too.",
        "Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines",
        _relu, lambda _, a: (a > 0).astype(a.dtype), None, "ReLU()",
    ), ("rectifier", "rectified_linear")),
    (Activation(
        "leaky_relu", "Leaky ReLU", f"maximum(u, {LEAK}*u)",
        f"As relu, but with the slope {LEAK} below 0, so that no unit dies.",
        "Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models",
        _leaky, lambda _, a: np.where(a > 0, a.dtype.type(1), a.dtype.type(LEAK)), None,
        f"LeakyReLU({LEAK})",
    ), ("lrelu",)),
    (Activation(
        "gelu", "GELU, tanh form", f"u/2*(1 + tanh(sqrt(2/pi)*(u + {GELU[1]}*u**3)))",
        "Within 0.0005 of gelu_exact, without the error function.", _HENDRYCKS + ", section 2",
        _gelu, _gelu_slope, _gelu_bend, 'GELU(approximate="tanh")', "tanh form", in_place=False,
        cost=12,
    ), ()),
    (Activation(
        "gelu_exact", "GELU, exact", "u/2*(1 + erf(u/sqrt(2)))",
        "The input times the share of a standard normal below it: a smooth relu.", _HENDRYCKS,
        _gelu_exact, _gelu_exact_slope, _gelu_exact_bend, "GELU()", "with erf", in_place=False,
        cost=12,
    ), ()),
    (Activation(
        "sigmoid", "Sigmoid", "1/(1 + exp(-u))",
        "Between 0 and 1; its slope is at most a quarter, so gradients shrink from layer to layer.",
        "Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors",
        sigmoid, lambda u, a: a * (1 - a), lambda u, a: a * (1 - a) * (1 - 2 * a), "Sigmoid()",
    ), ("logistic", "sigm")),
    (Activation(
        "linear", "None", "u", "Nothing is bent: the network is a product of linear maps.",
        "Baldi & Hornik 1989, Neural networks and principal component analysis",
        lambda u, out: np.positive(u, out=out), lambda u, a: np.ones_like(u), None, "Identity()",
    ), ("identity", "none")),
):  # fmt: skip
    ACTIVATIONS.add(_made, Names(_also))


def spelled() -> tuple[tuple[str, str], ...]:
    """What else activations are called: (word, activation)."""
    return tuple((word, name) for name in ACTIVATIONS for word in ACTIVATIONS.names(name).also)


def activation_knob(default: str) -> Knob:
    """The knob that chooses one; it says which form of each it is, as torch writes it."""
    theirs = ", ".join(f"{name} is {made.torch}" for name, made in ACTIVATIONS.items())
    return Knob(
        "activation", default, f"of every hidden layer. As torch.nn writes them, {theirs}",
        kind="choice", choices=tuple(ACTIVATIONS), also=("act", "nonlinearity"), spelled=spelled(),
        forms=tuple(made.form for made in ACTIVATIONS.values()),
    )  # fmt: skip
