"""Value and exact gradient of a network, over many lanes at once.

theta (L, P) holds L parameter vectors; x is (n, inputs), shared by all lanes, or (L, n,
inputs). Everything is computed in theta's precision, float64 or float32. Nothing raises on
large numbers: they become inf or nan as IEEE says.

Inside, samples are the last axis, and what a layer receives has a last row of ones: a layer's
weights and bias lie one after the other in theta, so that one matrix product takes both.

Gradients by back-propagation (Rumelhart, Hinton & Williams 1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.losses import loss_and_slope, loss_of, probabilities, targets

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
        mean, variance: a hidden layer each, shape (L, units, 1).
    """

    mean: tuple[Array, ...]
    variance: tuple[Array, ...]


@dataclass(slots=True)
class Layer:
    """What a layer's forward pass leaves behind, shape (L, units, n)."""

    given: Array  # to the layer: x, or the activations below, with a row of ones
    received: Array  # by the activation
    made: Array  # the activation, or the output
    normal: Normal | None = None


@dataclass(slots=True)
class Normal:
    """What batch normalization leaves behind: all (L, units, 1) but values (L, units, n)."""

    values: Array  # normalized
    root: Array  # 1/sqrt(variance + EPS)
    mean: Array
    variance: Array


def times(a: Array, b: Array, out: Array | None = None) -> Any:
    """Matrix product, of stacks too; np.dot has less to ask before it calls BLAS."""
    return np.dot(a, b, out=out) if a.ndim == b.ndim == 2 else np.matmul(a, b, out=out)


def turned(a: Array) -> Array:
    """The transposed matrix, or stack of them."""
    return a.T if a.ndim == 2 else a.swapaxes(-1, -2)


def over_samples(values: Array) -> Array:
    """The mean, shape (L, units, 1); a product with 1/n, which BLAS does fast."""
    n = values.shape[-1]
    return np.asarray(np.matmul(values, np.full((n, 1), 1 / n, dtype=values.dtype)))


def with_ones(lead: tuple[int, ...], units: int, n: int, dtype: Any) -> Array:
    """Room for what a layer gives, the row of ones below it written."""
    made = np.empty((*lead, units + 1, n), dtype=dtype)
    made[..., units, :] = 1
    return made


def forward(
    network: Network,
    theta: Array,
    x: Array,
    fixed: Statistics | None = None,
    parts: list[dict[str, Array]] | None = None,
) -> list[Layer]:
    """Every layer in order. Batch normalization takes the statistics of x, or fixed ones."""
    act = ACTIVATIONS[network.activation]
    lead, n = theta.shape[:-1], x.shape[-2]
    a = with_ones(x.shape[:-2], network.inputs, n, theta.dtype)
    a[..., :-1, :] = turned(x)
    layers = []
    for i, part in enumerate(parts or network.parts(theta)):
        normal = None
        if "scale" in part:
            z = times(turned(part["weight"]), a[..., :-1, :])
            z, normal = _normalized(z, part, i, fixed)
        else:
            z = times(turned(part["affine"]), a)
        if i == network.layers - 1:
            layers.append(Layer(a, z, z, normal))
            break
        above = with_ones(lead, z.shape[-2], n, theta.dtype)
        given = above[..., :-1, :]
        act.value(z, given)
        layers.append(Layer(a, z, given, normal))
        a = above
    return layers


def _normalized(
    z: Array, part: dict[str, Array], i: int, fixed: Statistics | None
) -> tuple[Array, Normal]:
    if fixed is None:
        mean = over_samples(z)
        z -= mean
        variance = over_samples(z * z)
    else:
        mean, variance = fixed.mean[i], fixed.variance[i]
        z -= mean
    root = 1 / np.sqrt(variance + z.dtype.type(EPS))
    z *= root
    made = z * part["scale"]
    made += part["shift"]
    return made, Normal(z, root, mean, variance)


def outputs(network: Network, theta: Array, x: Array, fixed: Statistics | None = None) -> Array:
    """What the network says, before any sigmoid or softmax, shape (L, n, outputs)."""
    with np.errstate(all="ignore"):
        return turned(forward(network, theta, x, fixed)[-1].made)


def statistics(network: Network, theta: Array, x: Array) -> Statistics:
    """Means and variances over these samples, for an evaluation with fixed ones."""
    if not network.batchnorm:
        return Statistics((), ())
    with np.errstate(all="ignore"):
        seen = [layer.normal for layer in forward(network, theta, x) if layer.normal]
    return Statistics(tuple(s.mean for s in seen), tuple(s.variance for s in seen))


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
    return max(1, CACHE // int(x.shape[-2] * network.widest))


def _value_and_gradient(network: Network, theta: Array, x: Array, y: Array) -> tuple[Array, Array]:
    gradient = np.empty_like(theta)
    own, out = theta, gradient
    if len(theta) == 1:  # without the axis of lanes, which costs as much as a small layer
        own, out = theta[0], gradient[0]
        x, y = (x, y) if x.ndim == 2 else (x[0], y[0])
    with np.errstate(all="ignore"):
        parts = network.parts(own)
        layers = forward(network, own, x, parts=parts)
        t = targets(network, y, theta.dtype)
        loss, slope = loss_and_slope(network, layers[-1].made, t)
        backward(network, own, layers, slope, out, parts)
        loss = loss.reshape(len(theta))
        return (loss + _penalty(network, theta) if network.l2 else loss), gradient


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
    parts, into = parts or network.parts(theta), network.cut(out)
    slopes: list[Array] = [slope] * len(layers)
    for i in range(len(layers) - 1, -1, -1):
        layer, part, to = layers[i], parts[i], into[i]
        slopes[i] = slope
        if layer.normal is not None:
            np.sum(slope * layer.normal.values, axis=-1, keepdims=True, out=to["scale"])
            np.sum(slope, axis=-1, keepdims=True, out=to["shift"])
            slope = _through_normalization(layer.normal, slope * part["scale"])
            times(layer.given[..., :-1, :], turned(slope), out=to["weight"])
        else:
            times(layer.given, turned(slope), out=to["affine"])
        if network.l2:
            weight = to["weight"] if "weight" in to else to["affine"][..., :-1, :]
            weight += network.l2 * part["weight"]
        if i:
            below = layers[i - 1]
            slope = times(part["weight"], slope)
            slope *= act.slope(below.received, below.made)
    return slopes


def _through_normalization(normal: Normal, slope: Array) -> Array:
    """The slope by what batch normalization receives, from that by its normalized values."""
    mean, along = over_samples(slope), over_samples(slope * normal.values)
    return np.asarray(normal.root * (slope - mean - normal.values * along))


def says(network: Network, theta: Array, x: Array, fixed: Statistics | None = None) -> Array:
    """What the network predicts, shape (L, n, k): probabilities of classes, or the numbers."""
    with np.errstate(all="ignore"):
        o = forward(network, theta, x, fixed)[-1].made
        return turned(o if network.loss == "squared_error" else probabilities(network, o))
