"""Matrix methods against torch.optim and pytorch_optimizer, live, while a network trains.

Both follow the exact gradient of the same network, each at its own weights, so that a
difference in a step grows as it would in use.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.catalogue.evidence import NOT_YET, sentences
from nnopt_viz.compose.calls import run
from nnopt_viz.compose.runs import composed
from nnopt_viz.formula.matrices import Matrices
from nnopt_viz.formula.vector import Field, VectorRule
from nnopt_viz.networks import Network, value_and_gradient
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS
from tests.support.network_cases import material, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tests.support.recording import Recorder

    Array = NDArray[np.float64]
    Step = Callable[[Array], Array]  # a gradient (P,) -> the new parameters (P,)

pytestmark = pytest.mark.conformance
STEPS = 60
ROUNDING, ENLARGED = 1e-12, 30  # of what a unit in the start's last place moves the peer
CALM = 1e-7  # beyond it the peer does not agree with itself
ON = {
    "wide": Network(3, (12, 7), 1, "tanh", False, "cross_entropy", 0.0, "binary"),
    "classes": Network(3, (5,), 3, "gelu", False, "cross_entropy", 0.0, "classes"),
    "normalized": Network(3, (6, 9), 1, "tanh", True, "squared_error", 0.0, "regression"),
}
SETTINGS: dict[str, tuple[dict[str, float], ...]] = {
    "muon": ({}, {"momentum": 0.7, "weight_decay": 0.0}, {"lr": 0.1, "adam_share": 0.2}),
    "shampoo": ({}, {"lr": 0.03, "eps": 1e-3}, {"lr": 0.3}),
    "adafactor": ({}, {"lr": 0.1, "beta2_decay": -0.5}, {"eps2": 0.1, "d": 1.2}),
}
PEERS = {
    "muon": "torch.optim.Muon",
    "shampoo": "pytorch_optimizer.Shampoo",
    "adafactor": "torch.optim.Adafactor",
}


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """torch, whose Muon would otherwise round to bfloat16."""
    made = pytest.importorskip("torch", reason="needs the extra `conformance`")
    monkeypatch.setattr(made.Tensor, "bfloat16", lambda self: self.clone())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other people's deprecations
        yield made


def theirs(torch: Any, name: str, network: Network, theta: Array, call: Any) -> Step:
    """The public optimizer on these parameters; torch keeps a row for each unit."""
    tensors = []
    for group in network.groups:
        part = theta[group.start : group.stop].reshape(group.shape)
        tensors.append(torch.tensor(part.T.copy(), requires_grad=True))
    knobs = call.numbers()
    lr = knobs.pop("lr")
    if name == "adafactor":
        eps = (knobs["eps1"], knobs["eps2"])
        own = [
            torch.optim.Adafactor(
                tensors, lr=lr, beta2_decay=knobs["beta2_decay"], eps=eps, d=knobs["d"]
            )
        ]
    elif name == "shampoo":
        made = pytest.importorskip("pytorch_optimizer")
        own = [made.Shampoo(tensors, lr=lr, matrix_eps=knobs["eps"])]
    else:
        decay = knobs["weight_decay"]
        weights = [t for t in tensors if t.ndim == 2]
        share, betas = knobs["adam_share"], (knobs["beta1"], knobs["beta2"])
        own = [
            torch.optim.Muon(weights, lr=lr, weight_decay=decay, momentum=knobs["momentum"]),
            torch.optim.AdamW(
                [t for t in tensors if t.ndim == 1], lr=share * lr, betas=betas, eps=knobs["eps"],
                weight_decay=decay / share,
            ),
        ]  # fmt: skip

    def step(gradient: Array) -> Array:
        for group, tensor in zip(network.groups, tensors, strict=True):
            part = gradient[group.start : group.stop].reshape(group.shape)
            tensor.grad = torch.tensor(part.T.copy())
        for optimizer in own:
            optimizer.step()
        return np.concatenate([t.detach().numpy().T.ravel() for t in tensors])

    return step


def ours(network: Network, theta: Array, call: Any) -> Step:
    made = composed(call)
    rule = VectorRule(made.parsed(), dict(made.knobs), Matrices(network.groups))
    lr = call.number("lr")
    rule.begin(theta[None], lr)
    at, t = theta[None], 0
    nothing: Any = None

    def step(gradient: Array) -> Array:
        nonlocal at, t
        t += 1
        field = Field(nothing, nothing, nothing)
        at = rule.step(at, gradient[None], np.zeros(1), t, lr, field)
        return at[0]

    return step


def follow(network: Network, step: Step, theta: Array) -> Array:
    """Parameters after each of STEPS steps along the network's own gradient."""
    _, _, x, y = material(network)
    path = []
    for _ in range(STEPS):
        theta = step(value_and_gradient(network, theta[None], x, y)[1][0])
        path.append(theta)
    return np.stack(path)


@pytest.mark.parametrize("where", ON)
@pytest.mark.parametrize("name", SETTINGS)
def test_a_network_takes_the_same_steps(
    name: str, where: str, torch: Any, evidence: Recorder
) -> None:
    network, differences, shaken = ON[where], [], []
    start = material(network)[0]
    moved = start + np.spacing(start) * np.sign(numbers(network.size, 9))
    for knobs in SETTINGS[name]:
        call = run(name, **knobs)
        peer = follow(network, theirs(torch, name, network, start, call), start)
        mine = follow(network, ours(network, start, call), start)
        other = follow(network, theirs(torch, name, network, moved, call), moved)
        assert np.abs(peer - start).max() > 0.05  # it went somewhere
        differences.append(float(np.abs(mine - peer).max()))
        shaken.append(float(np.abs(other - peer).max()))
        assert shaken[-1] <= CALM
        assert differences[-1] <= ROUNDING + ENLARGED * shaken[-1], knobs
    evidence.compared(
        "network_optimizers", name, PEERS[name], where, differences,
        steps=[STEPS] * len(differences), shaken=max(shaken),
    )  # fmt: skip


def test_every_matrix_method_is_compared() -> None:
    assert set(SETTINGS) == set(PEERS)
    measured = {n for n in NETWORK_OPTIMIZERS if sentences("network_optimizers", n) != (NOT_YET,)}
    assert measured <= set(SETTINGS) <= set(NETWORK_OPTIMIZERS)
