"""Value, exact gradient and exact Hessian-vector product of a network, over many lanes at once.

theta (L, P) holds L parameter vectors; x is (n, inputs), shared by all lanes, or (L, n,
inputs). Everything is computed in theta's precision, float64 or float32. Nothing raises on
large numbers: they become inf or nan as IEEE says.

Gradients by back-propagation (Rumelhart, Hinton & Williams 1986), Hessian-vector products by
the R operator (Pearlmutter 1994, Fast exact multiplication by the Hessian, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.losses import bend_of, loss_of, probabilities, slope_of, targets

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
        _backward(network, own, layers, slope, out, parts)
    return loss.reshape(len(theta)), gradient


def _penalty(network: Network, theta: Array) -> Array | float:
    if not network.l2:
        return 0.0
    weights = [theta[:, g.start : g.stop] for g in network.groups if g.kind == "weight"]
    half = theta.dtype.type(network.l2 / 2)
    return np.asarray(half * sum(np.einsum("lp,lp->l", w, w) for w in weights))


def _backward(
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


def hessian_vector(network: Network, theta: Array, v: Array, x: Array, y: Array) -> Array:
    """The Hessian times v, shape (L, P), exact (kinks left out); v is shaped as theta."""
    with np.errstate(all="ignore"):
        layers = forward(network, theta, x)
        t = targets(network, y, theta.dtype)
        gradient, out = np.empty_like(theta), np.empty_like(theta)
        slopes = _backward(network, theta, layers, slope_of(network, layers[-1].made, t), gradient)
        changes = _forward_change(network, theta, v, layers)
        bend = bend_of(network, layers[-1].made, changes[-1].made)
        _backward_change(network, theta, v, layers, changes, slopes, bend, out)
    return out


@dataclass(slots=True)
class Change:
    """How a layer's forward pass changes along v; names as in `Layer`."""

    given: Array | None
    received: Array
    made: Array
    centred: Array | None = None
    root: Array | None = None


def _forward_change(network: Network, theta: Array, v: Array, layers: list[Layer]) -> list[Change]:
    act = ACTIVATIONS[network.activation]
    changes: list[Change] = []
    given: Array | None = None
    for i, (part, turn) in enumerate(zip(network.parts(theta), network.parts(v), strict=True)):
        layer = layers[i]
        z = np.matmul(layer.given, turn["weight"])
        if given is not None:
            z += np.matmul(given, part["weight"])
        centred = root = None
        if layer.centred is not None and layer.root is not None:
            moved = z - z.mean(axis=1, keepdims=True)
            # d(1/sqrt(var + EPS)), with var' = 2*mean(z_centred*moved), z_centred = centred/root
            root = -(layer.root**2) * np.mean(layer.centred * moved, axis=1, keepdims=True)
            centred = moved * layer.root + layer.centred / layer.root * root
            z = turn["scale"] * layer.centred + part["scale"] * centred + turn["shift"]
        else:
            z += turn["bias"]
        is_last = i == network.layers - 1
        made = z if is_last else act.slope(layer.received, layer.made) * z
        changes.append(Change(given, z, made, centred, root))
        given = made
    return changes


def _backward_change(
    network: Network, theta: Array, v: Array, layers: list[Layer], changes: list[Change],
    slopes: list[Array], bend: Array, out: Array,
) -> None:  # fmt: skip
    """Write the change of the gradient along v; `bend` is that of the slope by the outputs."""
    act = ACTIVATIONS[network.activation]
    parts, turns, into = network.parts(theta), network.parts(v), network.parts(out)
    for i in range(len(layers) - 1, -1, -1):
        layer, change, part, turn, to = layers[i], changes[i], parts[i], turns[i], into[i]
        slope = slopes[i]
        if layer.centred is not None and layer.root is not None:
            assert change.centred is not None
            assert change.root is not None
            to["scale"][:] = (bend * layer.centred + slope * change.centred).sum(
                axis=1, keepdims=True
            )
            to["shift"][:] = bend.sum(axis=1, keepdims=True)
            inner = slope * part["scale"]
            moved = bend * part["scale"] + slope * turn["scale"]
            mean = inner.mean(axis=1, keepdims=True)
            along = np.mean(inner * layer.centred, axis=1, keepdims=True)
            moved_along = np.mean(
                moved * layer.centred + inner * change.centred, axis=1, keepdims=True
            )
            plain = inner - mean - layer.centred * along
            bend = change.root * plain + layer.root * (
                moved - moved.mean(axis=1, keepdims=True) - change.centred * along
                - layer.centred * moved_along
            )  # fmt: skip
            slope = layer.root * plain
        else:
            to["bias"][:] = bend.sum(axis=1, keepdims=True)
        np.matmul(layer.given.swapaxes(-1, -2), bend, out=to["weight"])
        if change.given is not None:
            to["weight"] += np.matmul(change.given.swapaxes(-1, -2), slope)
        if network.l2:
            to["weight"] += theta.dtype.type(network.l2) * turn["weight"]
        if i:
            below, moving = layers[i - 1], changes[i - 1]
            first = act.slope(below.received, below.made)
            back = np.matmul(slope, part["weight"].swapaxes(-1, -2))
            bend = np.matmul(bend, part["weight"].swapaxes(-1, -2))
            bend += np.matmul(slope, turn["weight"].swapaxes(-1, -2))
            bend *= first
            if act.bend is not None:
                bend += back * act.bend(below.received, below.made) * moving.received


@dataclass(frozen=True, slots=True)
class Running:
    """Running statistics as torch keeps them, for an evaluation of single samples.

    mean and variance as in `Statistics`, the variance unbiased; they begin at 0 and 1.
    """

    statistics: Statistics
    momentum: float = 0.1

    @classmethod
    def begin(cls, network: Network, lanes: int) -> Running:
        units = network.hidden if network.batchnorm else ()
        return cls(
            Statistics(
                tuple(np.zeros((lanes, 1, u)) for u in units),
                tuple(np.ones((lanes, 1, u)) for u in units),
            )
        )

    def after(self, network: Network, theta: Array, x: Array) -> Running:
        """What they are after one more batch in training."""
        seen, n, m = statistics(network, theta, x), x.shape[-2], self.momentum
        unbiased = [var * (n / (n - 1) if n > 1 else np.nan) for var in seen.variance]
        mean = zip(self.statistics.mean, seen.mean, strict=True)
        variance = zip(self.statistics.variance, unbiased, strict=True)
        return Running(
            Statistics(
                tuple((1 - m) * old + m * new for old, new in mean),
                tuple((1 - m) * old + m * new for old, new in variance),
            ),
            m,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """How signals pass through a network, a number for each layer, shape (L, layers).

    Args:
        spread: standard deviation of what a layer gives, over samples and units.
        dead: share of its units that give the same for every sample (relu at 0, a saturated
            tanh); nan for the output layer.
        slope_spread: root mean square of the loss's slope by what a layer receives.
        gradient_norm: Euclidean norm of the gradient by its parameters.
    """

    spread: Array
    dead: Array
    slope_spread: Array
    gradient_norm: Array


FLAT = 1e-3  # of the slope of an activation: below it for every sample a unit learns nothing


def layer_report(network: Network, theta: Array, x: Array, y: Array) -> Report:
    """Activations and gradients layer by layer, on these samples."""
    act = ACTIVATIONS[network.activation]
    with np.errstate(all="ignore"):
        layers = forward(network, theta, x)
        t = targets(network, y, theta.dtype)
        gradient = np.empty_like(theta)
        slopes = _backward(network, theta, layers, slope_of(network, layers[-1].made, t), gradient)
        spread = np.stack([layer.made.std(axis=(1, 2)) for layer in layers], axis=1)
        rms = np.stack([np.sqrt(np.mean(s * s, axis=(1, 2))) for s in slopes], axis=1)
        dead = np.full_like(spread, np.nan)
        for i, layer in enumerate(layers[:-1]):
            steepest = np.abs(act.slope(layer.received, layer.made)).max(axis=1)
            dead[:, i] = np.mean(steepest < FLAT, axis=1)
        norms = np.zeros_like(spread)
        for g in network.groups:
            part = gradient[:, g.start : g.stop]
            norms[:, g.layer - 1] += np.einsum("lp,lp->l", part, part)
    return Report(spread, dead, rms, np.sqrt(norms))


def says(network: Network, theta: Array, x: Array, fixed: Statistics | None = None) -> Array:
    """What the network predicts, shape (L, n, k): probabilities of classes, or the numbers."""
    o = outputs(network, theta, x, fixed)
    if network.loss == "squared_error":
        return o
    with np.errstate(all="ignore"):
        return probabilities(network, o)
