"""Surfaces that are losses of models, against what torch makes of the model and its examples.

Nothing is read from our formulas: the examples stand here once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.surfaces import SURFACES
from tests.support.live import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.recording import Recorder

ROUNDING = 1e-14  # as a share of the largest value; measured: 1e-15


def _targets(values: list[float]) -> Any:
    return torch.tensor(values)


def _loss(kind: str) -> Any:
    return getattr(torch.nn.functional, kind)


def _lasso(x: Any, y: Any, penalty: float) -> Any:
    weights = torch.stack([x, y])
    given = torch.tensor([[1.0, 0.0], [0.0, 2.0]]) @ weights
    fit = _loss("mse_loss")(given, _targets([2.0, 0.6]), reduction="sum") / 2
    return fit + penalty * _loss("l1_loss")(weights, torch.zeros(2), reduction="sum")


def _two_layer_linear(x: Any, y: Any, decay: float) -> Any:
    said = _loss("mse_loss")(x * y, torch.tensor(1.0)) / 2
    return said + decay / 2 * torch.stack([x, y]).square().sum()


def _tanh_neuron(x: Any, y: Any) -> Any:
    given = torch.tanh(x * _targets([1.0, -1.0]) + y)
    return _loss("mse_loss")(given, _targets([0.8, -0.5]), reduction="sum")


def _relu_neuron(x: Any, y: Any) -> Any:
    given = torch.relu(x * _targets([-1.0, 0.5, 1.0, 2.0]) + y)
    return _loss("mse_loss")(given, _targets([0.0, 1.0, 1.5, 2.5]))


def _logistic_regression(x: Any, y: Any) -> Any:
    logits = x * _targets([2.0, -2.0, -0.5, 0.5]) + y
    return _loss("binary_cross_entropy_with_logits")(logits, _targets([1.0, 0.0, 1.0, 0.0]))


def _one_hidden_neuron(x: Any, y: Any) -> Any:
    u = _targets([1.0, 2.0, 3.0])
    return _loss("mse_loss")(y * torch.tanh(x * u), 2 * torch.tanh(u * np.log(3) / 2))


def _linear_chain(x: Any, y: Any) -> Any:
    said = y * (x * _targets([-1.0, 0.5, 1.0, 2.0]))
    penalty = 0.1 / 2 * torch.stack([x, y]).square().sum()
    return _loss("mse_loss")(said, _targets([-2.0, 0.5, 0.5, 3.0])) + penalty


def _covariate_shift(x: Any, y: Any, s: float) -> Any:
    u = s + _targets([-1.0, 0.0, 1.0])
    return _loss("mse_loss")(x * u + y, u.square())


def _label_shift(x: Any, y: Any, s: float) -> Any:
    """Classes 1 and 0, each with the sign that is right and the one that is wrong."""
    rare, common = 0.5 - 0.4 * s, 0.5 + 0.4 * s
    logits = x * _targets([1.0, -1.0, -1.0, 1.0]) + y
    shares = _targets([0.8 * rare, 0.2 * rare, 0.8 * common, 0.2 * common])
    wanted = _targets([1.0, 1.0, 0.0, 0.0])
    return _loss("binary_cross_entropy_with_logits")(logits, wanted, shares, reduction="sum")


def _rotating_classes(x: Any, y: Any, s: float) -> Any:
    """Two examples at (1, 0), one of them mislabelled, and (1, 2) and (1, -2); turned by s."""
    turn = torch.tensor([[np.cos(s), np.sin(s)], [-np.sin(s), np.cos(s)]])
    examples = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 2.0], [1.0, -2.0]]) @ turn
    logits = examples @ torch.stack([x, y])
    return _loss("binary_cross_entropy_with_logits")(logits, _targets([1.0, 0.0, 1.0, 1.0]))


def _few_examples(x: Any, y: Any, s: float) -> Any:
    """Three examples, and the expectation by the trapezoid rule, exact for so smooth a tail."""
    nodes = torch.tensor(np.linspace(-12, 12, 4001))
    weights = torch.softmax(-nodes.square() / 2, 0)
    seen = _targets([-1.0, 0.0, 1.0])

    def miss(u: Any) -> Any:
        return (torch.sin(x * u + y) - torch.sin(2 * u + 0.5)).square()

    return (1 - s) * miss(seen).mean() + s * (weights * miss(nodes)).sum()


MSE = "torch.nn.functional.mse_loss"
LOGISTIC = "torch.nn.functional.binary_cross_entropy_with_logits"
MODELS: dict[str, tuple[str, Callable[..., Any]]] = {
    "lasso": (MSE, _lasso),
    "two_layer_linear": (MSE, _two_layer_linear),
    "tanh_neuron": (MSE, _tanh_neuron),
    "relu_neuron": (MSE, _relu_neuron),
    "logistic_regression": (LOGISTIC, _logistic_regression),
    "one_hidden_neuron": (MSE, _one_hidden_neuron),
    "linear_chain": (MSE, _linear_chain),
    "covariate_shift": (MSE, _covariate_shift),
    "label_shift": (LOGISTIC, _label_shift),
    "rotating_classes": (LOGISTIC, _rotating_classes),
    "few_examples": ("torch.sin", _few_examples),
}


@pytest.mark.conformance
@pytest.mark.parametrize("name", MODELS)
def test_a_loss_is_what_torch_makes_of_the_examples(name: str, evidence: Recorder) -> None:
    """At three settings of its knob, seven places each."""
    peer, loss = MODELS[name]
    entry = SURFACES[name]
    xl, xh, yl, yh = entry.bounds
    rng = np.random.default_rng(11)
    found = []
    for share in (0.1, 0.4, 1.0):
        knobs = {k.name: k.low + share * ((k.soft or (0, k.high))[1] - k.low) for k in entry.knobs}
        at = np.stack([rng.uniform(xl, xh, 7), rng.uniform(yl, yh, 7)])
        ours = evaluate(SURFACES.call(name, **knobs), *at)
        other = np.array([float(loss(*map(torch.tensor, point), **knobs)) for point in at.T])
        found.append(float(np.abs(ours - other).max() / np.abs(other).max()))
    assert max(found) <= ROUNDING
    evidence.compared("surfaces", name, peer, "values", found * 7, steps=[0])
