"""Small networks against torch: training steps, and slices of the loss, in the same process.

Both sides are compared before any time is believed: the losses agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from bench.measure import Row, below, clock, faster, medians, typical, within
from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.result import result
from nnopt_viz.lab.slices import heights
from nnopt_viz.networks import (
    DATASETS,
    INITS,
    NETS,
    Passes,
    dataset,
    network_of,
    start_weights,
    value,
)

DATA = dataset(DATASETS.call("moons", n=683, test=0.25), 0)  # 512 samples to train on
STEPS = 100
SEEDS = 12
LAB = 'net=mlp(hidden="16,16",batchnorm={norm})&data=moons(n=683)&run=adam(lr=0.01)&batch=2000'


def rows() -> Iterator[Row]:
    assert len(DATA.x_train) == 512
    net = network_of(NETS.call("mlp", hidden="16,16", activation="tanh"), DATA)
    for dtype, wanted in ((np.float64, 2.5), (np.float32, 5.0)):
        torch, ours = torch_training(net, dtype), training(net, dtype, 1)
        if abs(torch() - ours()) > (1e-9 if dtype is np.float64 else 1e-3):
            raise SystemExit("torch went elsewhere: the losses differ")
        here, peer = medians(7, lambda ours=ours: typical(ours), lambda torch=torch: typical(torch))
        what = f"{STEPS} full-batch steps, 2-16-16-1 tanh, 512 samples, {np.dtype(dtype)}"
        yield faster(what, here, peer, "torch eager", wanted, "must")
    alone, together = training(net, np.float64, 1), training(net, np.float64, SEEDS)
    one, many = medians(7, lambda: typical(alone), lambda: typical(together))
    yield within(f"{SEEDS} seeds trained together", many, one, "one of them", 4, "aim")
    for norm in ("false", "true"):
        yield from slices(norm)


def training(net: Any, dtype: Any, seeds: int) -> Callable[[], float]:
    x, y = DATA.x_train.astype(dtype), DATA.y_train.astype(dtype)
    x.flags.writeable = y.flags.writeable = False  # as a training's data are
    start = start_weights(INITS.call("xavier_normal"), net, range(seeds)).astype(dtype)

    def run() -> float:
        theta, passes = start.copy(), Passes(net)
        for _ in range(STEPS):
            loss, gradient = passes.value_and_gradient(theta, x, y)
            theta -= dtype(0.1) * gradient
        return float(loss[0])

    return run


def torch_training(net: Any, dtype: Any) -> Callable[[], float]:
    import torch

    kind = torch.float64 if dtype is np.float64 else torch.float32
    x = torch.tensor(DATA.x_train, dtype=kind)
    y = torch.tensor(DATA.y_train, dtype=kind)[:, None]
    start = start_weights(INITS.call("xavier_normal"), net, [0])[0]
    sizes = net.sizes
    layers: list[Any] = []
    for inside, out in pairwise(sizes):
        layers += [torch.nn.Linear(inside, out, dtype=kind), torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    loss_of = torch.nn.BCEWithLogitsLoss()

    def run() -> float:
        groups = {group.name: group for group in net.groups}
        with torch.no_grad():
            for i, layer in enumerate(model[::2], 1):
                weight, bias = groups[f"W{i}"], groups[f"b{i}"]
                part = start[weight.start : weight.stop].reshape(weight.shape)
                layer.weight.copy_(torch.tensor(part.T.copy(), dtype=kind))
                layer.bias.copy_(torch.tensor(start[bias.start : bias.stop], dtype=kind))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
        return float(loss.detach())

    return run


def slices(norm: str) -> Iterator[Row]:
    """101 x 101 points of a plane, and 26 x 26 of them."""
    lab = decode_lab(LAB.format(norm=norm) + "&epochs=30&plane=random")
    plane = result(lab).slice.plane
    grids = {}
    for cells in (26, 101):
        x, y = (g.ravel() for g in np.meshgrid(*[np.linspace(-1, 1, cells)] * 2))
        grids[cells] = (x, y)
    peer = torch_slice(lab, plane.at(*grids[101]))
    fine = lambda: heights(lab, plane, *grids[101])  # noqa: E731
    error = float(np.abs(peer() - fine()).max())
    if error > 1e-9:
        raise SystemExit(f"torch sees another slice: it differs by {error:g}")
    here, there, coarse = medians(
        5, lambda: clock(fine), lambda: clock(peer),
        lambda: typical(lambda: heights(lab, plane, *grids[26])),
    )  # fmt: skip
    which = "with batch normalization" if norm == "true" else "without"
    yield within(
        f"slice of 101 × 101, 2-16-16-1 relu, {which}", here, there, "torch.vmap", 1, "must"
    )
    yield below(f"slice of 26 × 26, {which}", coarse * 1e3, 150, "ms", "must")


def torch_slice(lab: Any, points: Any) -> Callable[[], Any]:
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits, relu

    net, data = lab.network, lab.samples
    theta = torch.tensor(points)
    x, y = torch.tensor(data.x_train), torch.tensor(data.y_train)

    def loss(flat: Any) -> Any:
        a = x
        parts = {g.name: flat[g.start : g.stop].reshape(g.shape) for g in net.groups}
        for layer in range(1, net.layers + 1):
            z = a @ parts[f"W{layer}"]
            if f"gamma{layer}" in parts:
                mean, variance = z.mean(0), z.var(0, unbiased=False)
                z = (z - mean) / torch.sqrt(variance + 1e-5)
                z = z * parts[f"gamma{layer}"] + parts[f"beta{layer}"]
            else:
                z = z + parts[f"b{layer}"]
            a = relu(z) if layer < net.layers else z
        return binary_cross_entropy_with_logits(a[:, 0], y)

    whole = torch.vmap(loss, chunk_size=256)

    def run() -> Any:
        with torch.no_grad():
            return whole(theta).numpy()

    assert value(net, points[:1], data.x_train, data.y_train).shape == (1,)
    return run
