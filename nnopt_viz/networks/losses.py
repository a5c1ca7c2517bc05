"""Losses as means over samples, with their first and second derivatives by the outputs.

As in torch: binary_cross_entropy_with_logits, cross_entropy and mse_loss (not halved; for
classes the targets are one-hot and the mean is over samples and outputs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.networks.activations import sigmoid

if TYPE_CHECKING:
    from nnopt_viz.networks.network import Network

Array = NDArray[Any]


def targets(network: Network, y: Array, dtype: Any) -> Array:
    """Targets as the loss compares them, shape (…, n, outputs)."""
    if network.kind == "classes":
        return np.eye(network.outputs, dtype=dtype)[y.astype(np.intp)]
    return y.astype(dtype)[..., None]


def loss_of(network: Network, o: Array, t: Array) -> Array:
    """The loss of outputs o (L, n, k) against targets t (…, n, k), shape (L,)."""
    if network.loss == "squared_error":
        d = o - t
        return _over_samples(d * d, d.shape[-2] * d.shape[-1])
    if network.kind == "classes":
        z = o - o.max(axis=-1, keepdims=True)
        each = np.log(np.exp(z).sum(axis=-1, keepdims=True)) - (z * t).sum(axis=-1, keepdims=True)
        return _over_samples(each, o.shape[-2])
    # log(1 + exp(o)) - t*o, without overflow
    each = np.maximum(o, 0) - o * t + np.log1p(np.exp(-np.abs(o)))
    return _over_samples(each, o.shape[-2])


def _over_samples(each: Array, count: int) -> Array:
    return np.asarray(np.add.reduce(each, axis=(-2, -1)) / each.dtype.type(count))


def probabilities(network: Network, o: Array) -> Array:
    """What a classifier's outputs say: one sigmoid, or a softmax, shape of o."""
    if network.kind != "classes":
        return sigmoid(o)
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def slope_of(network: Network, o: Array, t: Array) -> Array:
    """The loss's derivative by the outputs, shape of o."""
    if network.loss == "squared_error":
        return np.asarray((o - t) * (2 / (o.shape[-2] * o.shape[-1])))
    return np.asarray((probabilities(network, o) - t) / o.shape[-2])


def bend_of(network: Network, o: Array, change: Array) -> Array:
    """The change of `slope_of` along a change of the outputs, shape of o."""
    if network.loss == "squared_error":
        return np.asarray(change * (2 / (o.shape[-2] * o.shape[-1])))
    p = probabilities(network, o)
    if network.kind != "classes":
        return np.asarray(p * (1 - p) * change / o.shape[-2])
    return np.asarray(p * (change - (p * change).sum(axis=-1, keepdims=True)) / o.shape[-2])
