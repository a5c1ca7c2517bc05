"""A good learning rate: on a declared surface, on one's own, and for the lab's networks.

It stands here and not in compose/, because on a surface of one's own it is measured.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import OWN, surface_entry
from nnopt_viz.declare.knobs import Call
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import diagonal
from nnopt_viz.judge.newton import eigenvalues
from nnopt_viz.optimizers import OPTIMIZERS, TRAINERS
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nnopt_viz.optimizers import Optimizer

# Rates that train the lab's small networks, by the optimizers' families.
LAB_RATES = {"gradient": 0.1, "momentum": 0.05, "adaptive": 0.02}


def good_rate(surface: Call | str, optimizer: str) -> float:
    """The learning rate that suits an optimizer on a surface.

    Args:
        surface: a declared surface by its name, or a call, the visitor's own included.
        optimizer: its name in OPTIMIZERS.

    Returns:
        The surface's own entry for this optimizer, else for its family times the optimizer's
        `rate_scale`, to two digits; else the optimizer's default.
    """
    return _suited(_rates_of(surface), OPTIMIZERS[optimizer])


def good_rates(surface: Call | str) -> dict[str, float]:
    """The learning rate that suits each optimizer on a surface, by its name."""
    rates = _rates_of(surface)
    return {name: _suited(rates, optimizer) for name, optimizer in OPTIMIZERS.items()}


def lab_rate(optimizer: str) -> float:
    """The learning rate with which an optimizer of TRAINERS trains the lab's small networks."""
    entry = TRAINERS[optimizer]
    rate = LAB_RATES.get(entry.rate)
    return _default(entry) if rate is None else float(f"{rate * entry.rate_scale:.2g}")


def _rates_of(surface: Call | str) -> Mapping[str, float]:
    """What is known of a surface: a rate by the name of an optimizer, or of a family."""
    if isinstance(surface, str):
        return SURFACES[surface].rates
    return _measured(surface) if surface.name in OWN else SURFACES[surface.name].rates


def _suited(rates: Mapping[str, float], optimizer: Optimizer) -> float:
    if optimizer.name in rates:
        return float(rates[optimizer.name])
    if optimizer.rate in rates:
        rate, scale = float(rates[optimizer.rate]), optimizer.rate_scale
        return rate if scale == 1 else float(f"{rate * scale:.2g}")
    return _default(optimizer)


def _default(optimizer: Optimizer) -> float:
    default = next(knob.default for knob in optimizer.knobs if knob.name == "lr")
    assert isinstance(default, float | int)
    return float(default)


@lru_cache(maxsize=64)
def _measured(surface: Call) -> dict[str, float]:
    """Rates by family for a surface of one's own.

    Half of what plain descent could take where the surface bends as most of it does (2 over
    the curvature); for adaptive methods a hundredth of the region's diagonal.
    """
    left, right, low, high = surface_entry(surface).bounds
    x, y = np.meshgrid(np.linspace(left, right, 32), np.linspace(low, high, 32))
    largest = np.abs(eigenvalues(evaluate(surface, x, y, 2)[2])).max(axis=0)
    bends = largest[np.isfinite(largest) & (largest > 1e-300)]
    rate = _rounded(1 / float(np.quantile(bends, 0.9))) if bends.size else 0.1
    adaptive = _rounded(diagonal(surface) / 100)
    return {"gradient": rate, "momentum": _rounded(rate / 2), "adaptive": adaptive}


def _rounded(rate: float) -> float:
    """One digit, inside what a rate may be."""
    return float(f"{min(max(rate, 1e-9), 1.0):.0e}")
