"""What the golden numbers of networks are computed for, without torch.

Weights, directions and samples are the fractional parts of multiples of the golden ratio, so
that no generator of random numbers is needed to make the same ones again.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.calls import run
from nnopt_viz.lab.lab import Lab
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES, Network
from nnopt_viz.networks.activations import ACTIVATIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SAMPLES, INPUTS = 16, 3
GOLDEN_RATIO = (1 + 5**0.5) / 2
# (loss, kind of targets, outputs)
LOSSES = (
    ("cross_entropy", "binary", 1), ("cross_entropy", "classes", 3),
    ("squared_error", "binary", 1), ("squared_error", "classes", 3),
    ("squared_error", "regression", 1),
)  # fmt: skip
HIDDEN: tuple[tuple[int, ...], ...] = ((), (5,), (6, 4))
CASES = tuple(
    Network(INPUTS, hidden, outputs, activation, batchnorm, loss, 0.03, kind)
    for activation, (loss, kind, outputs), batchnorm, hidden in product(
        ACTIVATIONS, LOSSES, (False, True), HIDDEN
    )
)
NORMALIZED = Network(INPUTS, (5, 4), 1, "tanh", True, "cross_entropy", 0.0, "binary")
TRAINED = {"sgd": 0.1, "momentum": 0.02, "adam": 0.01}  # learning rates
GRID = (-1.0, -0.4, 0.0, 0.3, 1.0)  # coordinates on a slice
STEPS = {False: 300, True: 30}  # with batch normalization or without


def numbers(count: int, which: int) -> Array:
    """Numbers between -1 and 1 that look random, the same on every machine."""
    i = np.arange(1, count + 1) + 1000.0 * which
    return 2 * np.mod(i * i * GOLDEN_RATIO, 1.0) - 1


def material(network: Network) -> tuple[Array, Array, Array, Array]:
    """theta, v (P,), x (n, inputs) and y (n,) of a case."""
    x = 2 * numbers(SAMPLES * network.inputs, 3).reshape(SAMPLES, network.inputs)
    y = numbers(SAMPLES, 4)
    if network.kind != "regression":
        y = np.floor((y + 1) / 2 * (3 if network.kind == "classes" else 2))
    return 0.9 * numbers(network.size, 1), numbers(network.size, 2), x, y


def lab_of(batchnorm: bool) -> Lab:
    """Full-batch training of all three, without a draw but data and start."""
    return Lab(
        NETS.call("mlp", hidden="8,6", activation="tanh", batchnorm=batchnorm),
        DATASETS.call("moons", n=80, noise=0.2), INITS.call("xavier_normal"),
        tuple(run(name, lr=lr) for name, lr in TRAINED.items()), PLANES.call("pca"),
        batch=2000, epochs=STEPS[batchnorm], seed=3,
    )  # fmt: skip
