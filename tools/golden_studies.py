"""Golden numbers of experiments: the same start weights and batches, computed by torch alone.

python -m tools.golden_studies     writes tests/golden/studies/experiments.npz
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.studies.batchnorm import WithAndWithout
from nnopt_viz.experiments.studies.initialization import COMPARED, prepared
from nnopt_viz.experiments.studies.lanes import batches
from nnopt_viz.experiments.studies.probing import PROBES
from tools.golden_layers import parts_of

if TYPE_CHECKING:
    from nnopt_viz.networks import Network

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

FILE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "studies" / "experiments.npz"
INITIALIZATION = {"depth": 8, "width": 10, "steps": 40, "seeds": 2, "seed": 3}
BATCHNORM = {"hidden": "8,8,8", "rates": 3, "steps": 30, "seeds": 2, "seed": 3}


def layers(network: Network, theta: torch.Tensor, x: torch.Tensor) -> list[torch.Tensor]:
    """What every hidden layer gives, and at last the outputs; relu or tanh."""
    *below, last = parts_of(network, theta)
    made = []
    for weight, *rest in below:
        x = x @ weight
        if network.batchnorm:
            x = functional.batch_norm(x, None, None, rest[0], rest[1], training=True)
        else:
            x = x + rest[0]
        x = getattr(torch, network.activation)(x)
        made.append(x)
    return [*made, x @ last[0] + last[1]]


def loss_of(
    network: Network, theta: torch.Tensor, x: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    outputs = layers(network, theta, x)[-1][:, 0]
    return functional.binary_cross_entropy_with_logits(outputs, y)


def slope_of(
    network: Network, theta: torch.Tensor, x: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    point = theta.clone().requires_grad_()
    (slope,) = torch.autograd.grad(loss_of(network, point, x, y), point)
    return slope


def descended(
    network: Network, theta: torch.Tensor, x: torch.Tensor, y: torch.Tensor, *, rate: float,
    batch: int, steps: int, seed: int,
) -> torch.Tensor:  # fmt: skip
    """Plain stochastic gradient descent with torch.optim.SGD."""
    point = theta.clone().requires_grad_()
    optimizer = torch.optim.SGD([point], lr=rate)
    orders = batches(len(x), batch, [seed])
    for _ in range(steps):
        chosen = next(orders)
        own = slice(None) if chosen is None else torch.from_numpy(chosen[0])
        optimizer.zero_grad()
        loss_of(network, point, x[own], y[own]).backward()
        optimizer.step()
    return point.detach()


def initialization() -> dict[str, np.ndarray]:
    """Activation spread at the start (inits, seeds, hidden layers) and final losses."""
    call = STUDIES.call("initialization", **INITIALIZATION)
    network, data, start, seeds = prepared(call)
    x, y = (torch.from_numpy(a.astype(float)) for a in (data.x_train, data.y_train))
    spread, final = [], []
    for lane, theta in enumerate(torch.from_numpy(start)):
        made = layers(network, theta, x)[:-1]
        spread.append([float(a.std(correction=0)) for a in made])
        end = descended(
            network, theta, x, y, rate=call.number("lr"), batch=int(call.number("batch")),
            steps=int(call.number("steps")), seed=seeds[lane % len(seeds)],
        )  # fmt: skip
        final.append(float(loss_of(network, end, x, y)))
    shape = (len(COMPARED), len(seeds))
    return {
        "spread": np.array(spread).reshape(*shape, -1),
        "final": np.array(final).reshape(shape),
    }


def batchnorm() -> dict[str, np.ndarray]:
    """Final losses of the sweep (sides, rates, seeds), smoothness at the start (sides, seeds)."""
    made = WithAndWithout(STUDIES.call("batchnorm", **BATCHNORM))
    x, y = (torch.from_numpy(a.astype(float)) for a in (made.data.x_train, made.data.y_train))
    swept, probed = [], []
    for side, network in enumerate(made.networks):
        for rate in made.rates:
            for lane, seed in enumerate(made.seeds):
                theta = torch.from_numpy(made.starts[side][lane])
                end = descended(
                    network, theta, x, y, rate=float(rate), batch=made.batch, steps=made.steps,
                    seed=seed,
                )  # fmt: skip
                swept.append(float(loss_of(network, end, x, y)))
        for lane in range(len(made.seeds)):
            theta = torch.from_numpy(made.starts[side][lane])
            slope = slope_of(network, theta, x, y)
            turned = []
            for factor in PROBES:
                step = factor * 0.1 * slope
                change = slope_of(network, theta - step, x, y) - slope
                turned.append(float(change.norm() / step.norm()))
            probed.append(max(turned))
    return {
        "swept": np.array(swept).reshape(2, len(made.rates), len(made.seeds)),
        "smoothness": np.array(probed).reshape(2, len(made.seeds)),
    }


if __name__ == "__main__":
    np.savez(FILE, **initialization(), **batchnorm())
    print(f"{FILE} written")
