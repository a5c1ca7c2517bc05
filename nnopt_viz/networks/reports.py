"""What is kept and measured beside training: running statistics, signals layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.pace import breathe
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.losses import slope_of, targets
from nnopt_viz.networks.passes import BLOCK, Pass, Statistics, lanes_at_once, statistics

if TYPE_CHECKING:
    from nnopt_viz.networks.network import Network

Array = NDArray[Any]


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
                tuple(np.zeros((lanes, u, 1)) for u in units),
                tuple(np.ones((lanes, u, 1)) for u in units),
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
            tanh); nan for the output layer, and where signals are not finite.
        slope_spread: root mean square of the loss's slope by what a layer receives.
        gradient_norm: Euclidean norm of the gradient by its parameters.
    """

    spread: Array
    dead: Array
    slope_spread: Array
    gradient_norm: Array


ROUNDING = 1e-14  # of the largest number: a spread under this is none
FLAT = 1e-3  # of the slope of an activation: below it for every sample a unit learns nothing


def layer_report(network: Network, theta: Array, x: Array, y: Array) -> Report:
    """Activations and gradients layer by layer, on these samples: shared by all lanes, (n,
    inputs) and (n,), or each lane's own."""
    many = lanes_at_once(network, x.shape[-2], BLOCK)
    made = []
    for at in range(0, len(theta), many):
        breathe()
        some = slice(at, at + many)
        own_x, own_y = x if x.ndim == 2 else x[some], y if y.ndim == 1 else y[some]
        made.append(_of_block(network, theta[some], own_x, own_y))
    parts = zip(*made, strict=True)
    return Report(*(np.concatenate(part) for part in parts))


def _of_block(network: Network, theta: Array, x: Array, y: Array) -> tuple[Array, ...]:
    """What a report has, of lanes that are taken together."""
    act = ACTIVATIONS[network.activation]
    with np.errstate(all="ignore"):
        done = Pass(network, theta, x)
        t = targets(network, y, theta.dtype)
        gradient = done.backward(slope_of(network, done.forward(theta, x), t))
        layers, slopes = done.layers, [layer.slope for layer in done.layers]
        spread = np.stack([_spread(layer.made) for layer in layers], axis=1)
        rms = np.stack([np.sqrt(np.mean(s * s, axis=(1, 2))) for s in slopes], axis=1)
        dead = np.full_like(spread, np.nan)
        for i, layer in enumerate(layers[:-1]):
            steepest = np.abs(act.slope(layer.received, layer.made)).max(axis=2)
            share = np.mean(steepest < FLAT, axis=1)
            is_number = np.isfinite(layer.made).all(axis=(1, 2))
            dead[:, i] = np.where(is_number, share, np.nan)
        norms = np.zeros_like(spread)
        for g in network.groups:
            part = gradient[:, g.start : g.stop]
            norms[:, g.layer - 1] += np.einsum("lp,lp->l", part, part)
    return spread, dead, rms, np.sqrt(norms)


def _spread(made: Array) -> Array:
    """The standard deviation over units and samples (L, units, n), shape (L,)."""
    spread = made.std(axis=(1, 2))
    return np.asarray(np.where(spread <= ROUNDING * np.abs(made).max(axis=(1, 2)), 0, spread))
