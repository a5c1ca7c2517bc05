"""The landscape along the gradient: how far it can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.networks import value_and_gradient

if TYPE_CHECKING:
    from nnopt_viz.experiments.studies.estimates import Array
    from nnopt_viz.networks import Network

# Step sizes along the gradient at which the landscape is probed, as multiples of the path's own
# rate (Santurkar et al. 2018, section 3.1: a range of step sizes along each gradient).
PROBES = (0.5, 1.0, 2.0, 4.0)


def probe(
    network: Network, theta: Array, x: Array, y: Array, rate: float | Array
) -> dict[str, Array]:
    """The landscape along the gradient at theta (L, P), on the lanes' own batches.

    Santurkar, Tsipras, Ilyas & Madry 2018, How does batch normalization help optimization?,
    section 3.1 and figure 4: the range of the loss over steps of several sizes; the largest
    change of the gradient (gradient predictiveness); and the largest change of the gradient
    over the distance moved (effective beta-smoothness). Each of shape (L,).

    Args:
        x, y: of each lane, or of all.
        rate: the learning rate of all, or of each, shape (L, 1).
    """
    _, slope = value_and_gradient(network, theta, x, y)
    seen, changes, ratios = [], [], []
    with np.errstate(all="ignore"):  # of what diverges
        for factor in PROBES:
            step = factor * rate * slope
            there, other = value_and_gradient(network, theta - step, x, y)
            change = np.linalg.norm(other - slope, axis=1)
            seen.append(there)
            changes.append(change)
            ratios.append(change / np.linalg.norm(step, axis=1))
        return {
            "loss": np.max(seen, axis=0) - np.min(seen, axis=0),
            "gradient": np.max(changes, axis=0),
            "smoothness": np.max(ratios, axis=0),
        }
