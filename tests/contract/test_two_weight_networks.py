"""The two-weight surfaces are the lab's own networks with everything else frozen at 0."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.networks import Network, value_and_gradient
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.surfaces.two_weight_networks import CHAIN_DATA, CHAIN_L2, NEURON_DATA

CASES = {
    "one_hidden_neuron": ("tanh", NEURON_DATA, 0.0),
    "linear_chain": ("linear", CHAIN_DATA, float(CHAIN_L2)),
}


@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_a_network(name: str) -> None:
    activation, data, l2 = CASES[name]
    network = Network(1, (1,), 1, activation, False, "squared_error", l2, "regression")
    u, v = np.array([[float(Fraction(part)) for part in pair] for pair in data]).T
    xl, xh, yl, yh = SURFACES[name].bounds
    rng = np.random.default_rng(3)
    x, y = rng.uniform(xl, xh, 200), rng.uniform(yl, yh, 200)
    theta = np.zeros((200, network.size))
    places = [group.start for group in network.groups if group.kind == "weight"]
    theta[:, places] = np.stack([x, y], axis=1)
    loss, gradient = value_and_gradient(network, theta, u[:, None], v)
    ours = evaluate(SURFACES.call(name), x, y, 1)
    np.testing.assert_allclose(ours[0], loss, rtol=1e-12, atol=1e-12)
    scale = np.abs(gradient).max()
    np.testing.assert_allclose(ours[1], gradient[:, places].T, rtol=0, atol=1e-12 * scale)
