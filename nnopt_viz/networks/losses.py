"""Losses as means over samples, with their first and second derivatives by the outputs.

As in torch: binary_cross_entropy_with_logits, cross_entropy and mse_loss (not halved; for
classes the targets are one-hot and the mean is over samples and outputs). Outputs and targets
lie as everything in a pass does: (lanes, outputs, samples).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nnopt_viz.networks.network import Network

Array = NDArray[Any]


def targets(network: Network, y: Array, dtype: Any) -> Array:
    """Targets as the loss compares them, shape (…, outputs, n)."""
    if network.kind == "classes":
        labels = np.arange(network.outputs)[:, None]
        return np.asarray(labels == y.astype(np.intp)[..., None, :], dtype=dtype)
    return y.astype(dtype)[..., None, :]


def loss_of(network: Network, o: Array, t: Array) -> Array:
    """The loss of outputs o (L, k, n) against targets t (…, k, n), shape (L,)."""
    if network.loss == "squared_error" or network.kind == "classes":
        return loss_and_slope(network, o, t)[0]
    return _over_samples(_logistic_loss(o, t, _small(o)), o.shape[-1])


def slope_of(network: Network, o: Array, t: Array) -> Array:
    """The loss's derivative by the outputs, shape of o."""
    return loss_and_slope(network, o, t)[1]


def loss_and_slope(network: Network, o: Array, t: Array) -> tuple[Array, Array]:
    """The loss (L,) and its derivative by the outputs, shape of o."""
    n = o.shape[-1]
    if network.loss == "squared_error":
        d = o - t
        count = o.shape[-2] * n
        return _over_samples(d * d, count), d * d.dtype.type(2 / count)
    if network.kind == "classes":
        z, e, total = _softmax(o)
        each = np.log(total) - (z * t).sum(axis=-2, keepdims=True)
        e /= total
        e -= t
    else:
        each, e, total = _logistic(o)
        each = _logistic_loss(o, t, each)
        e /= total
        e -= t
    e *= 1 / n
    return _over_samples(each, n), e


def _small(o: Array) -> Array:
    """exp(-|o|), which never overflows."""
    e = np.abs(o)
    np.negative(e, out=e)
    return np.asarray(np.exp(e, out=e))


def _logistic_loss(o: Array, t: Array, small: Array) -> Array:
    """log(1 + exp(o)) - t*o, without overflow; written over exp(-|o|)."""
    np.log1p(small, out=small)
    small += np.maximum(o, 0)
    small -= o * t
    return small


def _logistic(o: Array) -> tuple[Array, Array, Array]:
    """exp(-|o|); and the sigmoid's numerator and denominator, neither of which overflows."""
    e = _small(o)
    top = np.minimum(o, 0)
    np.exp(top, out=top)
    return e, top, e + 1


def _softmax(o: Array) -> tuple[Array, Array, Array]:
    """Outputs below their largest, their exponentials, and the sum of those over classes."""
    z = o - o.max(axis=-2, keepdims=True)
    e = np.exp(z)
    return z, e, e.sum(axis=-2, keepdims=True)


def _over_samples(each: Array, count: int) -> Array:
    if each.ndim == 2:
        return np.asarray(np.add.reduce(each.ravel()) / count)
    return np.asarray(np.add.reduce(each, axis=(-2, -1)) / count)


def probabilities(network: Network, o: Array) -> Array:
    """What a classifier's outputs say: one sigmoid, or a softmax, shape of o."""
    if network.kind == "classes":
        _, e, total = _softmax(o)
        return np.asarray(e / total)
    _, top, total = _logistic(o)
    return np.asarray(top / total)


def bend_of(network: Network, o: Array, change: Array) -> Array:
    """The change of `slope_of` along a change of the outputs, shape of o."""
    n = o.shape[-1]
    if network.loss == "squared_error":
        return np.asarray(change * (2 / (o.shape[-2] * n)))
    p = probabilities(network, o)
    if network.kind != "classes":
        return np.asarray(p * (1 - p) * change / n)
    return np.asarray(p * (change - (p * change).sum(axis=-2, keepdims=True)) / n)
