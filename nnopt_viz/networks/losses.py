"""Losses as means over samples, with their first and second derivatives by the outputs.

As in torch: binary_cross_entropy_with_logits, cross_entropy and mse_loss (not halved; for
classes the targets are one-hot and the mean is over samples and outputs). Outputs and targets
lie as everything in a pass does: (lanes, outputs, samples).

With two classes cross-entropy is log(1 + exp(s*o)) with s = 1 for class 0 and -1 for class 1,
and its derivative s*sigmoid(s*o): exact to the last digits however sure the network is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.names import Names
from nnopt_viz.declare.registry import Registry
from nnopt_viz.networks.activations import sigmoid

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Knob
    from nnopt_viz.networks.network import Network

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss, as a network's knob `loss` names it.

    Args:
        torch: what it is called in torch.nn.functional, by the kind of the targets.
    """

    name: str
    title: str
    doc: str
    source: str
    torch: dict[str, str]
    family: str = "means over samples"
    knobs: tuple[Knob, ...] = ()


LOSSES: Registry[Loss] = Registry("loss")
LOSSES.add(
    Loss(
        "cross_entropy", "Cross-entropy",
        "Minus the logarithm of the probability that the network gives to the right class.",
        "Bishop 2006, Pattern recognition and machine learning, equations 4.90 and 4.108",
        {"binary": "binary_cross_entropy_with_logits", "classes": "cross_entropy"},
    ),
    Names((
        "cross_entropy_loss", "bce", "bce_loss", "bce_with_logits", "bce_with_logits_loss",
        "binary_cross_entropy", "binary_crossentropy", "categorical_crossentropy",
        "sparse_categorical_crossentropy", "nll", "nll_loss", "log_loss", "logistic",
    )),
)  # fmt: skip
LOSSES.add(
    Loss(
        "squared_error", "Squared error",
        "The square of the difference between output and target, not halved; with more than two "
        "classes the target is 1 for the right one and 0 for the others, and the mean is over "
        "outputs too.",
        "Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes",
        {"binary": "mse_loss", "classes": "mse_loss", "regression": "mse_loss"},
    ),
    Names((
        "mse", "mse_loss", "mean_squared_error", "l2", "l2_loss", "squared_loss", "quadratic",
    )),
)  # fmt: skip
LOSSES_ELSEWHERE = tuple((word, name) for name in LOSSES for word in LOSSES.names(name).also)

SURE = 80.0  # from here on log(1 + exp(m)) is m in both precisions, and exp has not overflowed


def targets(network: Network, y: Array, dtype: Any) -> Array:
    """Targets as the loss compares them, shape (…, outputs, n); signs for two classes."""
    if network.kind == "classes":
        labels = np.arange(network.outputs)[:, None]
        return np.asarray(labels == y.astype(np.intp)[..., None, :], dtype=dtype)
    t = y.astype(dtype)[..., None, :]
    if network.loss != "squared_error":
        t *= -2
        t += 1
    return t


def loss_of(network: Network, o: Array, t: Array) -> Array:
    """The loss of outputs o (L, k, n) against targets t (…, k, n), shape (L,)."""
    if network.loss == "squared_error" or network.kind == "classes":
        return loss_and_slope(network, o, t)[0]
    m = o * t
    return _over_samples(_softplus(m, np.exp(m)), o.shape[-1])


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
        e *= 1 / n
    else:
        m = o * t
        q = np.exp(m)
        each = _softplus(m, q)
        np.divide(n, q, out=q)
        q += n
        e = np.divide(t, q, out=q)
    return _over_samples(each, n), e


def _softplus(m: Array, q: Array) -> Array:
    """log(1 + q) with q = exp(m); where exp overflows it is m, as it should be."""
    made = np.log1p(q)
    return np.minimum(made, np.maximum(m, SURE), out=made)


def _softmax(o: Array) -> tuple[Array, Array, Array]:
    """Outputs below their largest, their exponentials, and the sum of those over classes."""
    z = o - o.max(axis=-2, keepdims=True)
    e = np.exp(z)
    return z, e, e.sum(axis=-2, keepdims=True)


def _over_samples(each: Array, count: int) -> Array:
    if each.ndim == 2:
        return np.asarray(np.add.reduce(each, axis=None) / count)
    return np.asarray(np.add.reduce(each, axis=(-2, -1)) / count)


def probabilities(network: Network, o: Array) -> Array:
    """What a classifier's outputs say: one sigmoid, or a softmax, shape of o."""
    if network.kind == "classes":
        _, e, total = _softmax(o)
        return np.asarray(e / total)
    return sigmoid(o)


def bend_of(network: Network, o: Array, change: Array) -> Array:
    """The change of `slope_of` along a change of the outputs, shape of o."""
    n = o.shape[-1]
    if network.loss == "squared_error":
        return np.asarray(change * (2 / (o.shape[-2] * n)))
    p = probabilities(network, o)
    if network.kind != "classes":
        return np.asarray(p * (1 - p) * change / n)
    return np.asarray(p * (change - (p * change).sum(axis=-2, keepdims=True)) / n)
