"""The lab's networks in torch, from its own functions: what the NumPy ones are compared with.

Only the live comparison and `tools/golden_networks.py` import this: torch is no test dependency.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from nnopt_viz.networks import Network
from nnopt_viz.networks.activations import ACTIVATIONS

LOSSES = (
    ("binary", "cross_entropy"), ("classes", "cross_entropy"), ("regression", "squared_error"),
    ("classes", "squared_error"), ("binary", "squared_error"),
)  # fmt: skip
CASES = tuple(product(ACTIVATIONS, (False, True), LOSSES, ((), (5,), (6, 4))))
SAMPLES, INPUTS, CLASSES = 11, 3, 4
# Full-batch trainings, and for how many steps they follow torch: batch normalization divides by
# spreads, which makes rounding grow.
TRAININGS = {
    'net=mlp(hidden="8,8",activation=tanh)&data=moons(n=120)&batch=2000': 300,
    'net=mlp(hidden="8,8",activation=tanh,batchnorm=true)&data=moons(n=120)&batch=2000': 30,
}
ACT: dict[str, Any] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda u: F.leaky_relu(u, 0.01),
    "gelu": lambda u: F.gelu(u, approximate="tanh"),
    "sigmoid": torch.sigmoid,
    "linear": lambda u: u,
}


def network(case: Any) -> Network:
    activation, batchnorm, (kind, loss), hidden = case
    outputs = CLASSES if kind == "classes" else 1
    return Network(INPUTS, hidden, outputs, activation, batchnorm, loss, 0.03, kind)


def draw(case: Any, seed: int) -> tuple[np.ndarray, ...]:
    """theta, v, x, y of a case."""
    rng = np.random.default_rng(seed)
    net = network(case)
    x = rng.standard_normal((SAMPLES, INPUTS))
    y = {
        "binary": rng.integers(0, 2, SAMPLES).astype(float),
        "classes": rng.integers(0, CLASSES, SAMPLES),
        "regression": rng.standard_normal(SAMPLES),
    }[net.kind]
    return rng.standard_normal(net.size), rng.standard_normal(net.size), x, y


def outputs(net: Network, theta: torch.Tensor, x: torch.Tensor, fixed: Any = None) -> torch.Tensor:
    """The network's outputs; `fixed`: running (mean, variance) of every hidden layer."""
    parts = {g.name: theta[g.start : g.stop].reshape(g.shape) for g in net.groups}
    for layer in range(1, net.layers + 1):
        z = x @ parts[f"W{layer}"]
        if f"gamma{layer}" in parts:
            scale, shift = parts[f"gamma{layer}"], parts[f"beta{layer}"]
            mean, var = (None, None) if fixed is None else fixed[layer - 1]
            z = F.batch_norm(z, mean, var, scale, shift, training=fixed is None)
        else:
            z = z + parts[f"b{layer}"]
        x = ACT[net.activation](z) if layer < net.layers else z
    return x


def loss(net: Network, theta: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    o = outputs(net, theta, x)
    if net.loss == "squared_error":
        is_hot = net.kind == "classes"
        t = F.one_hot(y.long(), net.outputs).double() if is_hot else y[:, None]
        made = F.mse_loss(o, t)
    elif net.kind == "classes":
        made = F.cross_entropy(o, y.long())
    else:
        made = F.binary_cross_entropy_with_logits(o[:, 0], y)
    weights = [theta[g.start : g.stop] for g in net.groups if g.kind == "weight"]
    return made + net.l2 / 2 * sum((w**2).sum() for w in weights)


def derivatives(net: Network, theta: Any, v: Any, x: Any, y: Any) -> tuple[float, Any, Any]:
    """Loss, gradient and Hessian times v, by autograd in double precision."""
    at = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    value = loss(net, at, torch.tensor(x), torch.tensor(y))
    (gradient,) = torch.autograd.grad(value, at, create_graph=True)
    (image,) = torch.autograd.grad((gradient * torch.tensor(v)).sum(), at, allow_unused=True)
    image = torch.zeros_like(at) if image is None else image
    return value.item(), gradient.detach().numpy(), image.numpy()


def trained(net: Network, start: Any, x: Any, y: Any, make: Any, steps: int) -> np.ndarray:
    """Parameters after each full-batch step of a torch optimizer, shape (steps + 1, P)."""
    at = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make([at])
    path = [at.detach().numpy().copy()]
    data, targets = torch.tensor(x), torch.tensor(y)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(net, at, data, targets).backward()
        optimizer.step()
        path.append(at.detach().numpy().copy())
    return np.stack(path)


OPTIMIZERS: dict[str, Any] = {
    "sgd(lr=0.1)": lambda p: torch.optim.SGD(p, 0.1, foreach=False),
    "momentum(lr=0.05)": lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, foreach=False),
    "adam(lr=0.01)": lambda p: torch.optim.Adam(p, 0.01, foreach=False),
}
