"""Value and exact gradient of a network, over many lanes at once.

theta (L, P) holds L parameter vectors; x is (n, inputs), shared by all lanes, or (L, n,
inputs). Everything is computed in theta's precision, float64 or float32. Nothing raises on
large numbers: they become inf or nan as IEEE says.

Gradients by back-propagation (Rumelhart, Hinton & Williams 1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.losses import loss_of, probabilities, slope_of, targets

if TYPE_CHECKING:
    from nnopt_viz.networks.network import Network

Array = NDArray[Any]

# Numbers of one activation array that are worked on at once: larger ones cost page faults.
CACHE = 12_000
EPS = 1e-5  # added to the variance by batch normalization, as in torch


@dataclass(frozen=True, slots=True)
class Statistics:
    """Mean and variance (biased) of what each hidden layer's batch normalization receives.

    Args:
        mean, variance: a hidden layer each, shape (L, 1, units).
    """

    mean: tuple[Array, ...]
    variance: tuple[Array, ...]


@dataclass(slots=True)
class Layer:
    """What a layer's forward pass leaves behind: all (L, n, units) but root (L, 1, units)."""

    given: Array  # to the layer: x, or the activations below
    received: Array  # by the activation
    made: Array  # the activation, or the output
    centred: Array | None = None  # of batch normalization: normalized values
    root: Array | None = None  # and 1/sqrt(variance + EPS)


def forward(
    network: Network,
    theta: Array,
    x: Array,
    fixed: Statistics | None = None,
    parts: list[dict[str, Array]] | None = None,
) -> list[Layer]:
    """Every layer in order. Batch normalization takes the statistics of x, or fixed ones."""
    act = ACTIVATIONS[network.activation]
    a = np.asarray(x, dtype=theta.dtype)
    layers = []
    for i, part in enumerate(parts or network.parts(theta)):
        z = np.matmul(a, part["weight"])
        centred = root = None
        if "scale" in part:
            if fixed is None:
                z -= _mean(z)
                variance = _mean(z * z)
            else:
                z -= fixed.mean[i]
                variance = fixed.variance[i]
            root = 1 / np.sqrt(variance + z.dtype.type(EPS))
            z *= root
            centred = z
            z = centred * part["scale"]
            z += part["shift"]
        else:
            z += part["bias"]
        made = z if i == network.layers - 1 else act.value(z)
        layers.append(Layer(a, z, made, centred, root))
        a = made
    return layers


def _mean(values: Array) -> Array:
    """Over samples, shape (L, 1, units); a product with a row of 1/n, which BLAS does fast."""
    n = values.shape[-2]
    return np.asarray(np.matmul(np.full((1, n), 1 / n, dtype=values.dtype), values))


def outputs(network: Network, theta: Array, x: Array, fixed: Statistics | None = None) -> Array:
    """What the network says, before any sigmoid or softmax, shape (L, n, outputs)."""
    with np.errstate(all="ignore"):
        return forward(network, theta, x, fixed)[-1].made


def statistics(network: Network, theta: Array, x: Array) -> Statistics:
    """Means and variances over these samples, for an evaluation with fixed ones."""
    means, variances = [], []
    with np.errstate(all="ignore"):
        if network.batchnorm:
            for i, layer in enumerate(forward(network, theta, x)[:-1]):
                z = np.matmul(layer.given, network.parts(theta)[i]["weight"])
                mean = z.mean(axis=1, keepdims=True)
                z -= mean
                means.append(mean)
                variances.append(np.mean(z * z, axis=1, keepdims=True))
    return Statistics(tuple(means), tuple(variances))


def value(
    network: Network, theta: Array, x: Array, y: Array, fixed: Statistics | None = None
) -> Array:
    """The loss, shape (L,)."""
    with np.errstate(all="ignore"):
        o = forward(network, theta, x, fixed)[-1].made
        return loss_of(network, o, targets(network, y, theta.dtype)) + _penalty(network, theta)


def accuracy(
    network: Network, theta: Array, x: Array, y: Array, fixed: Statistics | None = None
) -> Array:
    """Share of samples whose class is right, shape (L,); nan for regression, and for outputs that
    are not finite."""
    o = outputs(network, theta, x, fixed)
    if network.kind == "regression":
        return np.full(len(theta), np.nan)
    if network.kind == "classes":
        right = np.mean(o.argmax(axis=2) == y, axis=1)
    else:
        middle = 0.5 if network.loss == "squared_error" else 0.0
        right = np.mean((o[..., 0] > middle) == (y > 0.5), axis=1)
    return np.asarray(np.where(np.isfinite(o).all(axis=(1, 2)), right, np.nan))


def value_and_gradient(network: Network, theta: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """The loss (L,) and its exact gradient (L, P); at a kink of relu the slope is 0."""
    many = _block(network, x)
    if len(theta) <= many:
        return _value_and_gradient(network, theta, x, y)
    loss, gradient = np.empty(len(theta), dtype=theta.dtype), np.empty_like(theta)
    for at in range(0, len(theta), many):
        part = slice(at, at + many)
        own_x, own_y = (x, y) if x.ndim == 2 else (x[part], y[part])
        loss[part], gradient[part] = _value_and_gradient(network, theta[part], own_x, own_y)
    return loss, gradient


def _block(network: Network, x: Array) -> int:
    """Lanes whose activations stay in a core's cache together."""
    return max(1, CACHE // int(x.shape[-2] * max(network.sizes)))


def _value_and_gradient(network: Network, theta: Array, x: Array, y: Array) -> tuple[Array, Array]:
    gradient = np.empty_like(theta)
    # One vector on shared samples: without the axis of lanes, which costs as much as a small layer.
    is_one = len(theta) == 1 and x.ndim == 2
    own, out = (theta[0], gradient[0]) if is_one else (theta, gradient)
    with np.errstate(all="ignore"):
        parts = network.parts(own)
        layers = forward(network, own, x, parts=parts)
        t = targets(network, y, theta.dtype)
        loss = loss_of(network, layers[-1].made, t) + _penalty(network, theta)
        slope = slope_of(network, layers[-1].made, t)
        backward(network, own, layers, slope, out, parts)
    return loss.reshape(len(theta)), gradient


def _penalty(network: Network, theta: Array) -> Array | float:
    if not network.l2:
        return 0.0
    weights = [theta[:, g.start : g.stop] for g in network.groups if g.kind == "weight"]
    half = theta.dtype.type(network.l2 / 2)
    return np.asarray(half * sum(np.einsum("lp,lp->l", w, w) for w in weights))


def backward(
    network: Network,
    theta: Array,
    layers: list[Layer],
    slope: Array,
    out: Array,
    parts: list[dict[str, Array]] | None = None,
) -> list[Array]:
    """Write the gradient to `out`; returns each layer's slope by what it receives."""
    act = ACTIVATIONS[network.activation]
    parts, into = parts or network.parts(theta), network.parts(out)
    ones = np.ones((1, slope.shape[-2]), dtype=slope.dtype)  # a sum over samples, by BLAS
    slopes: list[Array] = [slope] * len(layers)
    for i in range(len(layers) - 1, -1, -1):
        layer, part, to = layers[i], parts[i], into[i]
        slopes[i] = slope
        if layer.centred is not None and layer.root is not None:
            np.matmul(ones, slope * layer.centred, out=to["scale"])
            np.matmul(ones, slope, out=to["shift"])
            slope = _through_normalization(layer, slope * part["scale"])
        else:
            np.matmul(ones, slope, out=to["bias"])
        np.matmul(layer.given.swapaxes(-1, -2), slope, out=to["weight"])
        if network.l2:
            to["weight"] += theta.dtype.type(network.l2) * part["weight"]
        if i:
            below = layers[i - 1]
            back = part["weight"].swapaxes(-1, -2)
            # np.dot hands even a single output to BLAS; np.matmul then loops, four times as long.
            slope = np.dot(slope, back) if slope.ndim == 2 else np.matmul(slope, back)
            np.multiply(slope, act.slope(below.received, below.made), out=slope)
    return slopes


def _through_normalization(layer: Layer, slope: Array) -> Array:
    """The slope by what batch normalization receives, from that by its normalized values."""
    assert layer.centred is not None
    assert layer.root is not None
    mean = _mean(slope)
    along = _mean(slope * layer.centred)
    return np.asarray(layer.root * (slope - mean - layer.centred * along))


def says(network: Network, theta: Array, x: Array, fixed: Statistics | None = None) -> Array:
    """What the network predicts, shape (L, n, k): probabilities of classes, or the numbers."""
    o = outputs(network, theta, x, fixed)
    if network.loss == "squared_error":
        return o
    with np.errstate(all="ignore"):
        return probabilities(network, o)
