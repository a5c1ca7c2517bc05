"""Golden intervals of experiments: the same samples, start weights and batches, computed by torch
and SciPy alone; one interval of every experiment, at two base seeds.

python -m tools.golden_studies     writes tests/golden/studies/experiments.npz
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy.stats import binom
from torch.nn import functional

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.studies.drawn import drawn
from nnopt_viz.experiments.studies.lanes import batches, network_for
from nnopt_viz.experiments.studies.optimizers import _rates
from nnopt_viz.experiments.studies.probing import PROBES
from nnopt_viz.experiments.studies.shifted import Shifted
from nnopt_viz.experiments.studies.started import COMPARED, Started
from nnopt_viz.experiments.studies.with_and_without import WithAndWithout
from nnopt_viz.networks import INITS
from tests.support.study_cases import CASES, SEEDS
from tools.golden_layers import parts_of

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.networks import Network

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

FILE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "studies" / "experiments.npz"


def call_of(study: str, seed: int) -> Call:
    """The experiment of a case."""
    return STUDIES.call(study, **CASES[study][0], seed=seed)


def interval(values: np.ndarray) -> np.ndarray:
    """Low end, median and high end: the order statistics that a binomial count lies between."""
    ordered, depth = np.sort(values), int(binom.ppf(0.025, len(values), 0.5))
    return np.array([ordered[depth - 1], np.median(ordered), ordered[-depth]])


def best_of(losses: list[list[float]]) -> int:
    """Of losses (rates, choosers) the index of the best rate: the least mean of log10."""
    return int(np.log10(np.array(losses)).mean(axis=1).argmin())


def further(call: Call) -> Call:
    """The same experiment, of the repetitions that choose its rates: half as many, the next."""
    repeats = int(call.number("seeds"))
    return call.replace(
        seed=int(call.number("seed")) + repeats, seeds=max(3, math.ceil(repeats / 2))
    )


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
    network: Network, theta: np.ndarray, x: np.ndarray, y: np.ndarray, *, rate: float,
    batch: int, steps: int, seed: int, method: Callable[..., Any] = torch.optim.SGD,
) -> torch.Tensor:  # fmt: skip
    """The parameters after so many steps of torch's optimizer."""
    point, x, y = torch.from_numpy(theta).clone().requires_grad_(), tensor(x), tensor(y)
    optimizer = method([point], lr=rate)
    orders = batches(len(x), batch, [seed])
    for _ in range(steps):
        chosen = next(orders)
        own = slice(None) if chosen is None else torch.from_numpy(chosen[0])
        optimizer.zero_grad()
        loss_of(network, point, x[own], y[own]).backward()
        optimizer.step()
    return point.detach()


def tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(values, dtype=float))


def final(network: Network, theta: np.ndarray, x: np.ndarray, y: np.ndarray, **how: Any) -> float:
    """Loss on all samples after a training on them."""
    end = descended(network, theta, x, y, **how)
    return float(loss_of(network, end, tensor(x), tensor(y)))


def initialization(seed: int) -> np.ndarray:
    call = call_of("initialization", seed)
    choosing, judged = Started(further(call)), Started(call)

    def ends(made: Started, name: str, rate: float) -> list[float]:
        return [
            final(made.network, made.starts[COMPARED.index(name)][i], made.data.x_train[i],
                  made.data.y_train[i], rate=rate, batch=int(call.number("batch")),
                  steps=int(call.number("steps")), seed=s)
            for i, s in enumerate(made.data.seeds)
        ]  # fmt: skip

    own = [
        ends(judged, name, judged.rates[best_of([ends(choosing, name, r) for r in judged.rates])])
        for name in ("xavier_normal", "he_normal")
    ]
    return interval(np.divide(*own))


def batchnorm(seed: int) -> np.ndarray:
    call = call_of("batchnorm", seed)
    choosing, judged = WithAndWithout(further(call)), WithAndWithout(call)

    def ends(made: WithAndWithout, side: int, rate: float) -> list[float]:
        return [
            final(made.networks[side], made.starts[side][i], made.data.x_train[i],
                  made.data.y_train[i], rate=rate, batch=made.batch, steps=made.steps, seed=s)
            for i, s in enumerate(made.seeds)
        ]  # fmt: skip

    best = float(judged.rates[best_of([ends(choosing, 0, float(r)) for r in judged.rates])])
    return interval(np.divide(ends(judged, 1, best), ends(judged, 0, best)))


def width(seed: int) -> np.ndarray:
    call = call_of("width", seed)
    data, ends = drawn(call), []
    for units in ("1", "3"):
        network = network_for(call, data.first, units)
        starts = data.starts(INITS.call("he_normal"), network)
        ends.append([
            final(network, starts[i], data.x_train[i], data.y_train[i], rate=call.number("lr"),
                  batch=10**6, steps=int(call.number("steps")), seed=s, method=torch.optim.Adam)
            for i, s in enumerate(data.seeds)
        ])  # fmt: skip
    narrow, wide = np.array(ends)
    return interval(narrow / wide)


def shift(seed: int) -> np.ndarray:
    call = call_of("shift", seed)
    made, rises = Shifted(call), []
    (x, y), _, first = made.samples(0)
    last = made.samples(8)[2]
    for i, s in enumerate(made.seeds):
        end = descended(made.network, made.start[i], x[i], y[i], rate=call.number("lr"),
                        batch=10**6, steps=made.steps, seed=s, method=torch.optim.Adam)  # fmt: skip
        there, here = (
            float(loss_of(made.network, end, tensor(points[0][i]), tensor(points[1][i])))
            for points in (last, first)
        )
        rises.append(there - here)
    return interval(np.array(rises))


def optimizers(seed: int) -> np.ndarray:
    call = call_of("optimizers", seed)

    def ends(of: Call, method: Callable[..., Any], rate: float) -> list[float]:
        data = drawn(of)
        network = network_for(of, data.first)
        begin = data.starts(INITS.call("he_normal"), network)
        return [
            final(network, begin[i], data.x_train[i], data.y_train[i], rate=rate,
                  batch=int(of.number("batch")), steps=int(of.number("steps")), seed=s,
                  method=method)
            for i, s in enumerate(data.seeds)
        ]  # fmt: skip

    rates, own = [float(rate) for rate in _rates(call)], []
    for method in (torch.optim.SGD, torch.optim.Adam):
        best = best_of([ends(further(call), method, rate) for rate in rates])
        own.append(ends(call, method, rates[best]))
    return interval(np.divide(*own))


def starts() -> dict[str, np.ndarray]:
    """Of single trainings' starts: activation spread (inits, repetitions, hidden layers) and
    effective smoothness (sides, repetitions)."""
    made = Started(call_of("initialization", SEEDS[0]))
    x = made.data.x_train
    spread = [
        [[float(a.std(correction=0)) for a in layers(made.network, tensor(one), tensor(x[i]))[:-1]]
         for i, one in enumerate(own)]
        for own in made.starts
    ]  # fmt: skip
    both, probed = WithAndWithout(call_of("batchnorm", SEEDS[0])), []
    for network, own in zip(both.networks, both.starts, strict=True):
        for i, theta in enumerate(map(tensor, own)):
            x_own, y_own = tensor(both.data.x_train[i]), tensor(both.data.y_train[i])
            slope, turned = slope_of(network, theta, x_own, y_own), []
            for factor in PROBES:
                step = factor * 0.1 * slope
                change = slope_of(network, theta - step, x_own, y_own) - slope
                turned.append(float(change.norm() / step.norm()))
            probed.append(max(turned))
    return {"spread": np.array(spread), "smoothness": np.array(probed).reshape(2, -1)}


INTERVALS: dict[str, Callable[[int], np.ndarray]] = {
    "initialization": initialization, "batchnorm": batchnorm, "width": width, "shift": shift,
    "optimizers": optimizers,
}  # fmt: skip


if __name__ == "__main__":
    made = {f"{name} {seed}": of(seed) for name, of in INTERVALS.items() for seed in SEEDS}
    np.savez(FILE, **made, **starts())
    print(f"{FILE} written: {made}")
