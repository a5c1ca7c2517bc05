"""The exact Hessian of a network times a vector, over many lanes at once.

By the R operator: how every number of the forward and the backward pass changes along the
vector (Pearlmutter 1994, Fast exact multiplication by the Hessian, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.losses import bend_of, slope_of, targets
from nnopt_viz.networks.passes import Layer, backward, forward

if TYPE_CHECKING:
    from nnopt_viz.networks.network import Network

Array = NDArray[Any]


def hessian_vector(network: Network, theta: Array, v: Array, x: Array, y: Array) -> Array:
    """The Hessian times v, shape (L, P), exact (kinks left out); v is shaped as theta."""
    with np.errstate(all="ignore"):
        layers = forward(network, theta, x)
        t = targets(network, y, theta.dtype)
        gradient, out = np.empty_like(theta), np.empty_like(theta)
        slopes = backward(network, theta, layers, slope_of(network, layers[-1].made, t), gradient)
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
