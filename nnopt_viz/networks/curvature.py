"""The exact Hessian of a network times a vector, over many lanes at once.

By the R operator: how every number of the forward and the backward pass changes along the
vector (Pearlmutter 1994, Fast exact multiplication by the Hessian, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.pace import breathe
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.losses import bend_of, slope_of, targets
from nnopt_viz.networks.passes import Layer, Pass, lanes_at_once, over_samples, turned

if TYPE_CHECKING:
    from nnopt_viz.networks.network import Network

Array = NDArray[Any]

BLOCK = 32_768  # numbers of one activation array at once: there are a dozen for each layer


def hessian_vector(network: Network, theta: Array, v: Array, x: Array, y: Array) -> Array:
    """The Hessian times v, shape (L, P), exact (kinks left out); v is shaped as theta, and x and y
    are shared by all lanes or each lane's own."""
    out = np.empty_like(theta)
    many = lanes_at_once(network, x.shape[-2], BLOCK)
    with np.errstate(all="ignore"):
        for at in range(0, len(theta), many):
            breathe()
            some = slice(at, at + many)
            own_x, own_y = x if x.ndim == 2 else x[some], y if y.ndim == 1 else y[some]
            _of_block(network, theta[some], v[some], own_x, own_y, out[some])
    return out


def _of_block(network: Network, theta: Array, v: Array, x: Array, y: Array, out: Array) -> None:
    """The same of lanes that are taken together, written to `out`."""
    done = Pass(network, theta, x)
    t = targets(network, y, theta.dtype)
    done.backward(slope_of(network, done.forward(theta, x), t))
    layers, slopes = done.layers, [layer.slope for layer in done.layers]
    changes = _forward_change(network, theta, v, layers)
    bend = bend_of(network, layers[-1].made, changes[-1].made)
    _backward_change(network, theta, v, layers, changes, slopes, bend, out)


@dataclass(slots=True)
class Change:
    """How a layer's forward pass changes along v; names as in `Layer` and `Normal`."""

    given: Array | None
    received: Array
    made: Array
    values: Array | None = None
    root: Array | None = None


def _forward_change(network: Network, theta: Array, v: Array, layers: list[Layer]) -> list[Change]:
    act = ACTIVATIONS[network.activation]
    changes: list[Change] = []
    given: Array | None = None
    for i, (part, turn) in enumerate(zip(network.parts(theta), network.parts(v), strict=True)):
        layer = layers[i]
        normal, values, root = layer.normal, None, None
        if normal is None:
            z = np.matmul(turned(turn["affine"]), layer.given)
        else:
            z = np.matmul(turned(turn["weight"]), layer.given[..., :-1, :])
        if given is not None:
            z += np.matmul(turned(part["weight"]), given)
        if normal is not None:
            z -= over_samples(z)
            # d(1/sqrt(var + EPS)), with var' = 2*mean(centred * z)
            root = -(normal.root**3) * over_samples(normal.centred * z)
            values = z * normal.root + normal.centred * root
            z = (
                turn["scale"] * normal.root * normal.centred
                + part["scale"] * values
                + turn["shift"]
            )
        is_last = i == network.layers - 1
        made = z if is_last else act.slope(layer.received, layer.made) * z
        changes.append(Change(given, z, made, values, root))
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
        slope, normal = slopes[i], layer.normal
        if normal is not None:
            assert change.values is not None
            values = normal.centred * normal.root
            assert change.root is not None
            both = bend * values + slope * change.values
            to["scale"][:] = both.sum(axis=-1, keepdims=True)
            to["shift"][:] = bend.sum(axis=-1, keepdims=True)
            inner = slope * part["scale"]
            moved = bend * part["scale"] + slope * turn["scale"]
            along = over_samples(inner * values)
            moved_along = over_samples(moved * values + inner * change.values)
            plain = inner - over_samples(inner) - values * along
            bend = change.root * plain + normal.root * (
                moved - over_samples(moved) - change.values * along - values * moved_along
            )
            slope = normal.root * plain
            np.matmul(layer.given[..., :-1, :], turned(bend), out=to["weight"])
        else:
            np.matmul(layer.given, turned(bend), out=to["affine"])
        if change.given is not None:
            to["weight"] += np.matmul(change.given, turned(slope))
        if network.l2:
            to["weight"] += theta.dtype.type(network.l2) * turn["weight"]
        if i:
            below, moving = layers[i - 1], changes[i - 1]
            back = np.matmul(part["weight"], slope)
            bend = np.matmul(part["weight"], bend)
            bend += np.matmul(turn["weight"], slope)
            bend *= act.slope(below.received, below.made)
            if act.bend is not None:
                bend += back * act.bend(below.received, below.made) * moving.received
