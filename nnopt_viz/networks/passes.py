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

from nnopt_viz.declare.pace import breathe
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.losses import loss_and_slope, loss_of, probabilities, targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.networks.network import Network

Array = NDArray[Any]

BLOCK = 65_536  # numbers of one activation array at once: more leave the cache, fewer cost calls
TOGETHER = 524_288  # parameters of the lanes that are evaluated together
KEPT_BYTES = 24_000_000  # of passes that are kept for the next evaluation of their shapes
EPS = 1e-5  # added to the variance by batch normalization, as in torch


@dataclass(frozen=True, slots=True)
class Statistics:
    """Mean and variance (biased) of what each hidden layer's batch normalization receives.

    Args:
        mean, variance: a hidden layer each, shape (L, units, 1).
    """

    mean: tuple[Array, ...]
    variance: tuple[Array, ...]


def turned(a: Array) -> Array:
    """The transposed matrix, or stack of them."""
    return a.T if a.ndim == 2 else a.swapaxes(-1, -2)


def over_samples(values: Array) -> Array:
    """The mean, shape (L, units, 1); a product with 1/n, which BLAS does fast."""
    n = values.shape[-1]
    return np.asarray(np.matmul(values, np.full((n, 1), 1 / n, dtype=values.dtype)))


def over_samples_of(a: Array, b: Array) -> Array:
    """The mean of a*b, shape (L, units, 1)."""
    return np.asarray(np.vecdot(a, b)[..., None] / a.shape[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What each lane sees where several see the same, without a copy for each: stands where an
    array of shape (L, n, …) does.

    Args:
        values: shape (some, n, …).
        index: which of them each lane sees, shape (L,).
    """

    values: Array
    index: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self.index), *self.values.shape[1:]

    @property
    def ndim(self) -> int:
        return self.values.ndim

    @property
    def nbytes(self) -> int:
        return self.values.nbytes

    def __getitem__(self, lanes: Any) -> Array:
        return np.asarray(self.values[self.index[lanes]])


@dataclass(slots=True)
class Normal:
    """What batch normalization leaves behind: all (L, units, 1) but what has samples."""

    centred: Array  # what it receives, less its mean, (L, units, n)
    back: Array  # room for the slope by what it receives, (L, units, n)
    root: Array  # 1/sqrt(variance + EPS)
    mean: Array
    variance: Array


@dataclass(slots=True)
class Layer:
    """A layer's arrays, shape (L, units, n), and its parameters as views of its pass's own."""

    part: dict[str, Array]  # parameters by kind, see `Network.parts`
    into: dict[str, Array]  # the gradient by them, see `Network.cut`
    map: Array  # weights, with the bias where there is one, turned
    given: Array  # x, or what the layer below made, with a row of ones
    taken: Array  # what of it `map` takes
    received: Array  # by the activation; where that works in place, what it made
    made: Array  # the activation, or the output
    back: Array  # room for the slope by `received`
    slope: Array  # by `received`, after `Pass.backward`
    normal: Normal | None


class Pass:
    """A forward and a backward pass through a network, in arrays that are laid out once.

    What it returns lies in these arrays, until the next pass.

    Args:
        network: the network.
        theta, x: of their shapes and precision are those that come later; theta (P,) is one
            vector without the axis of lanes, which costs as much as a small layer.
    """

    def __init__(self, network: Network, theta: Array, x: Array) -> None:
        self.network, self.act = network, ACTIVATIONS[network.activation]
        self.theta, self.gradient = np.empty_like(theta), np.empty_like(theta)
        self.x: Array | None = None  # what lies in the first layer, if it can't have changed
        self.y: Array | None = None
        self.targets = self.theta
        self.product: Any = np.dot if theta.ndim == 1 else np.matmul  # np.dot asks for less
        self.layers: list[Layer] = []
        lead, n = theta.shape[:-1], x.shape[-2]
        given = _with_ones((*x.shape[:-2], network.inputs, n), theta.dtype)
        parts, into = network.parts(self.theta), network.cut(self.gradient)
        for i, (part, to) in enumerate(zip(parts, into, strict=True)):
            shape = (*lead, network.sizes[i + 1], n)
            above = _with_ones(shape, theta.dtype)
            made = above[..., :-1, :]
            received = made if self.act.in_place else np.empty(shape, theta.dtype)
            if i == network.layers - 1:
                made = received = np.empty(shape, theta.dtype)
            normal, taken, weights = None, given, part.get("affine")
            if weights is None:
                centred, behind = np.empty(shape, theta.dtype), np.empty(shape, theta.dtype)
                normal = Normal(centred, behind, *[np.empty(0)] * 3)
                taken, weights = given[..., :-1, :], part["weight"]
            back = np.empty(shape, theta.dtype)
            self.layers.append(
                Layer(part, to, turned(weights), given, taken, received, made, back, back, normal)
            )
            given = above

    @property
    def bytes(self) -> int:
        """Of its arrays, about: inner ones more than once where they are views."""
        made = self.theta.nbytes + self.gradient.nbytes
        for layer in self.layers:
            made += layer.given.nbytes + layer.back.nbytes
            made += 0 if layer.received.base is not None else layer.received.nbytes
            made += 2 * layer.back.nbytes * (layer.normal is not None)
        return made

    def forward(
        self, theta: Array, x: Array, fixed: Statistics | None = None, lanes: Any = ...
    ) -> Array:
        """What the network says. Batch normalization takes the statistics of x, or those of
        the same lanes that are fixed."""
        np.copyto(self.theta, theta)
        last = self.layers[-1]
        if x is not self.x:
            self.layers[0].given[..., :-1, :] = turned(x)
            self.x = None if x.flags.writeable else x
        for i, layer in enumerate(self.layers):
            normal = layer.normal
            if normal is None:
                self.product(layer.map, layer.taken, out=layer.received)
            else:
                self.product(layer.map, layer.taken, out=normal.centred)
                known = (fixed.mean[i][lanes], fixed.variance[i][lanes]) if fixed else None
                _normalize(layer, normal, known)
            if layer is not last:
                self.act.value(layer.received, layer.made)
        return last.made

    def wanted(self, y: Array) -> Array:
        """Targets as the loss compares them."""
        if y is not self.y:
            self.targets = targets(self.network, y, self.theta.dtype)
            self.y = None if y.flags.writeable else y
        return self.targets

    def backward(self, slope: Array) -> Array:
        """The gradient, from the slope by what the network says."""
        for i in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[i]
            layer.slope = slope
            if layer.normal is not None:
                slope = _through_normalization(layer, layer.normal, slope)
                to = layer.into["weight"]
            else:
                to = layer.into["affine"]
            self.product(layer.taken, turned(slope), out=to)
            if self.network.l2:
                inside = layer.part["weight"].shape[-2]
                to[..., :inside, :] += self.network.l2 * layer.part["weight"]
            if i:
                below = self.layers[i - 1]
                slope = self.product(layer.part["weight"], slope, out=below.back)
                slope *= self.act.slope(below.received, below.made)
        return self.gradient


def _with_ones(shape: tuple[int, ...], dtype: Any) -> Array:
    """Room for what a layer gives, the row of ones below it written."""
    made = np.empty((*shape[:-2], shape[-2] + 1, shape[-1]), dtype=dtype)
    made[..., -1, :] = 1
    return made


def _normalize(layer: Layer, normal: Normal, known: tuple[Array, Array] | None) -> None:
    z = normal.centred
    normal.mean = over_samples(z) if known is None else known[0]
    z -= normal.mean
    normal.variance = over_samples_of(z, z) if known is None else known[1]
    normal.root = 1 / np.sqrt(normal.variance + z.dtype.type(EPS))
    np.multiply(z, normal.root * layer.part["scale"], out=layer.received)
    np.add(layer.received, layer.part["shift"], out=layer.received)


def _through_normalization(layer: Layer, normal: Normal, slope: Array) -> Array:
    """The slope by what batch normalization receives; that by its own parameters is written."""
    n, root = slope.shape[-1], normal.root
    mean, along = over_samples(slope), over_samples_of(slope, normal.centred)
    np.multiply(n, mean, out=layer.into["shift"])
    np.multiply(n * root, along, out=layer.into["scale"])
    back = normal.back
    np.multiply(normal.centred, root * root * along, out=back)
    np.subtract(slope, back, out=back)
    back -= mean
    back *= root * layer.part["scale"]
    return back


def lanes_at_once(network: Network, samples: int, most: int) -> int:
    """How many lanes are evaluated together where an activation array has so many numbers at
    most, and their parameters TOGETHER."""
    activations = most // max(1, samples * network.widest)
    return max(1, min(activations, TOGETHER // network.size))


class Passes:
    """Evaluations of one network, one after the other, in the same arrays: fresh ones cost page
    faults, and laying them out costs as much as a small network.

    Keep one for a training, as for anything else that asks for the same shapes many times. Samples
    that are read-only are laid out once.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.kept: dict[Any, Pass] = {}

    def value(self, theta: Array, x: Array, y: Array, fixed: Statistics | None = None) -> Array:
        """The loss, shape (L,)."""
        made = np.empty(len(theta), theta.dtype)
        with np.errstate(all="ignore"):
            for lanes, done in self.forward(theta, x, fixed):
                t = done.wanted(y if y.ndim == 1 else y[lanes])
                made[lanes] = loss_of(self.network, done.layers[-1].made, t)
            return made + _penalty(self.network, theta)

    def value_and_gradient(self, theta: Array, x: Array, y: Array) -> tuple[Array, Array]:
        """The loss (L,) and its exact gradient (L, P); at a kink of relu the slope is 0."""
        loss, gradient = np.empty(len(theta), theta.dtype), np.empty_like(theta)
        with np.errstate(all="ignore"):
            for lanes, done in self.forward(theta, x):
                t = done.wanted(y if y.ndim == 1 else y[lanes])
                loss[lanes], slope = loss_and_slope(self.network, done.layers[-1].made, t)
                gradient[lanes] = done.backward(slope)
            return (loss + _penalty(self.network, theta) if self.network.l2 else loss), gradient

    def forward(
        self, theta: Array, x: Array, fixed: Statistics | None = None
    ) -> Iterator[tuple[Any, Pass]]:
        """Forward passes of blocks of lanes, each with the lanes' index: one lane's is a number."""
        many = lanes_at_once(self.network, x.shape[-2], BLOCK)
        for at in range(0, len(theta), many):
            breathe()
            lanes = slice(at, at + many) if min(many, len(theta) - at) > 1 else at
            own, own_x = theta[lanes], x if x.ndim == 2 else x[lanes]
            shapes = own.shape, own_x.shape, own.dtype
            done = self.kept.get(shapes)
            if done is None:
                if sum(one.bytes for one in self.kept.values()) > KEPT_BYTES:
                    self.kept.clear()
                done = self.kept[shapes] = Pass(self.network, own, own_x)
            done.forward(own, own_x, fixed, lanes)
            yield lanes, done


def value(
    network: Network, theta: Array, x: Array, y: Array, fixed: Statistics | None = None
) -> Array:
    """The loss, shape (L,)."""
    return Passes(network).value(theta, x, y, fixed)


def value_and_gradient(network: Network, theta: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """The loss (L,) and its exact gradient (L, P); at a kink of relu the slope is 0."""
    return Passes(network).value_and_gradient(theta, x, y)


def outputs(network: Network, theta: Array, x: Array, fixed: Statistics | None = None) -> Array:
    """What the network says, before any sigmoid or softmax, shape (L, n, outputs)."""
    made = np.empty((len(theta), x.shape[-2], network.outputs), theta.dtype)
    with np.errstate(all="ignore"):
        for lanes, done in Passes(network).forward(theta, x, fixed):
            made[lanes] = turned(done.layers[-1].made)
    return made


def says(network: Network, theta: Array, x: Array, fixed: Statistics | None = None) -> Array:
    """What the network predicts, shape (L, n, k): probabilities of classes, or the numbers."""
    o = outputs(network, theta, x, fixed)
    if network.loss == "squared_error":
        return o
    with np.errstate(all="ignore"):
        return turned(probabilities(network, turned(o)))


def statistics(network: Network, theta: Array, x: Array) -> Statistics:
    """Means and variances over these samples, for an evaluation with fixed ones."""
    if not network.batchnorm:
        return Statistics((), ())
    shapes = [(len(theta), units, 1) for units in network.hidden]
    made = [(np.empty(shape, theta.dtype), np.empty(shape, theta.dtype)) for shape in shapes]
    with np.errstate(all="ignore"):
        for lanes, done in Passes(network).forward(theta, x):
            for (mean, variance), layer in zip(made, done.layers, strict=False):
                assert layer.normal is not None
                mean[lanes], variance[lanes] = layer.normal.mean, layer.normal.variance
    return Statistics(tuple(m for m, _ in made), tuple(v for _, v in made))


def accuracy(
    network: Network, theta: Array, x: Array, y: Array, fixed: Statistics | None = None
) -> Array:
    """Share of samples whose class is right, shape (L,); nan for regression, and for outputs that
    are not finite."""
    if network.kind == "regression":
        return np.full(len(theta), np.nan)
    middle = 0.5 if network.loss == "squared_error" else 0.0
    made = np.empty(len(theta))
    with np.errstate(all="ignore"):
        for lanes, done in Passes(network).forward(theta, x, fixed):
            o = done.layers[-1].made
            if network.kind == "classes":
                right = np.mean(o.argmax(axis=-2) == y, axis=-1)
            else:
                right = np.mean((o[..., 0, :] > middle) == (y > 0.5), axis=-1)
            made[lanes] = np.where(np.isfinite(o).all(axis=(-2, -1)), right, np.nan)
    return made


def _penalty(network: Network, theta: Array) -> Array | float:
    if not network.l2:
        return 0.0
    weights = [theta[:, g.start : g.stop] for g in network.groups if g.kind == "weight"]
    half = theta.dtype.type(network.l2 / 2)
    return np.asarray(half * sum(np.einsum("lp,lp->l", w, w) for w in weights))
