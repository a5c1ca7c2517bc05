"""A small network, 2-16-16-1 with tanh on 512 samples: training and slices against torch.

Both sides compute the same: their losses are compared before any time is believed. Torch is
used as its users write it: eager layers, backward and torch.optim for training, torch.vmap over
stacked parameters for a slice. Torch has one thread, as what is measured here has: on tensors
this small more threads wait for each other, on a busy machine hundreds of times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from bench.measure import Row, below, clock, faster, medians, within
from nnopt_viz.figures.lab_figures import COARSE, FINE
from nnopt_viz.formula.vector import Field, VectorRule
from nnopt_viz.lab import Lab
from nnopt_viz.networks import start_weights, value_and_gradient
from nnopt_viz.runs import composed
from nnopt_viz.slices import Plane, filter_normalized, heights
from nnopt_viz.training import train
from nnopt_viz.url_lab import decode_lab

STEPS = 300
LR = 0.01
QUERY = (
    "net=mlp(hidden=%2216,16%22,activation=tanh)&data=moons(n=512,test=0)&init=xavier_normal"
    f"&run=adam(lr={LR})&batch=2000&epochs={STEPS}&plane=random&seed=1"
)
NORMALIZED = QUERY.replace("tanh)", "tanh,batchnorm=true)")
SAME = {"float64": 1e-9, "float32": 1e-3}
REPEATS = 5

Array = np.ndarray[Any, np.dtype[Any]]


def rows() -> Iterator[Row]:
    import torch

    torch.set_num_threads(1)
    lab = decode_lab(QUERY)
    for dtype, wanted in (("float64", 2.5), ("float32", 5.0)):
        ours, theirs = our_training(lab, dtype), torch_training(lab, dtype)
        error = abs(ours() - theirs())
        if not error < SAME[dtype]:
            raise SystemExit(f"torch trained otherwise: the losses differ by {error:g}")
        here, slow = medians(REPEATS, lambda f=ours: clock(f), lambda f=theirs: clock(f))
        what = f"{STEPS} full-batch steps of adam, 2-16-16-1, 512 samples, {dtype}"
        yield faster(what, here, slow, "torch eager, one thread", wanted, "must")
    for query, word in ((QUERY, "without"), (NORMALIZED, "with")):
        normal = decode_lab(query)
        plane, ours, theirs = slices(normal, FINE)
        error = float(np.abs(ours() - theirs()).max())
        if not error < SAME["float64"]:
            raise SystemExit(f"torch sees another slice: the losses differ by {error:g}")
        here, slow = medians(REPEATS, lambda f=ours: clock(f), lambda f=theirs: clock(f))
        what = f"{FINE}×{FINE} slice of it, {word} batch normalization, float64"
        yield within(what, here, slow, "torch.vmap, one thread", 1, "must")
        x, y = points(COARSE)
        (coarse,) = medians(
            REPEATS, lambda lab=normal, p=plane, x=x, y=y: clock(lambda: heights(lab, p, x, y))
        )
        what = f"{COARSE}×{COARSE} slice, the first picture, {word} batch normalization"
        yield below(what, coarse * 1e3, 150, "ms", "must")
    many = replace(lab, seeds=12)
    single, together = medians(
        REPEATS, lambda: clock(lambda: run(lab)), lambda: clock(lambda: run(many))
    )
    what = f"12 seeds trained together, recorded and measured, {STEPS} steps"
    yield within(what, together, single, "one alone", 4, "aim")


def run(lab: Lab) -> None:
    """The whole training as the page gets it, dropped as it comes."""
    for _ in train(lab):
        pass


def our_training(lab: Lab, dtype: str) -> Callable[[], float]:
    """Steps of the rule on the network; returns the last step's loss."""
    network, data = lab.network, lab.samples
    x, y = data.x_train.astype(dtype), data.y_train.astype(dtype)
    begin = start(lab).astype(dtype)[None]
    field = Field(
        lambda at: value_and_gradient(network, at, x, y)[1],
        lambda at: value_and_gradient(network, at, x, y)[0],
        lambda _, v: v,
    )
    made = composed(lab.runs[0])

    def work() -> float:
        theta = begin
        rule = VectorRule(made.parsed(), dict(made.knobs))
        rule.begin(theta, LR)
        for t in range(1, STEPS + 1):
            loss, gradient = value_and_gradient(network, theta, x, y)
            theta = rule.step(theta, gradient, loss, t, LR, field)
        assert theta.dtype == begin.dtype
        return float(loss[0])

    return work


def start(lab: Lab) -> Array:
    """Start weights (P,)."""
    return start_weights(lab.init, lab.network, [lab.seed])[0]


def torch_training(lab: Lab, dtype: str) -> Callable[[], float]:
    """As a user of torch writes it: layers, a loss, an optimizer, backward, step."""
    import torch

    kind = getattr(torch, dtype)
    x = torch.tensor(lab.samples.x_train, dtype=kind)
    y = torch.tensor(lab.samples.y_train, dtype=kind)[:, None]
    parts = lab.network.parts(start(lab)[None])

    def work() -> float:
        layers: list[torch.nn.Module] = []
        for i, part in enumerate(parts):
            weight = part["weight"][0]
            layer = torch.nn.Linear(*weight.shape, dtype=kind)
            layer.weight.data = torch.tensor(weight.T.copy(), dtype=kind)
            layer.bias.data = torch.tensor(part["bias"][0, 0], dtype=kind)
            layers += [layer, torch.nn.Tanh()] if i < len(parts) - 1 else [layer]
        model = torch.nn.Sequential(*layers)
        loss_of = torch.nn.BCEWithLogitsLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=LR)
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
        return float(loss.detach())

    return work


def points(cells: int) -> tuple[Array, Array]:
    side = np.linspace(-1, 1, cells)
    x, y = np.meshgrid(side, side)
    return x.ravel(), y.ravel()


def slices(lab: Lab, cells: int) -> tuple[Plane, Callable[[], Array], Callable[[], Array]]:
    """A random plane through the start, and its heights, ours and those of torch.vmap."""
    import torch
    from torch.nn import functional

    network, centre = lab.network, start(lab)
    rng = np.random.default_rng(5)
    plane = Plane(centre, *(filter_normalized(network, centre, rng) for _ in range(2)))
    x, y = points(cells)
    samples = torch.tensor(lab.samples.x_train)
    labels = torch.tensor(lab.samples.y_train)

    def loss(*parts: Any) -> Any:
        a, given = samples, iter(parts)
        for layer in range(network.layers):
            a = a @ next(given)
            if network.batchnorm and layer < network.layers - 1:
                a = functional.batch_norm(a, None, None, next(given), next(given), training=True)
            else:
                a = a + next(given)
            if layer < network.layers - 1:
                a = torch.tanh(a)
        return functional.binary_cross_entropy_with_logits(a[:, 0], labels)

    side = 256  # points at once: all at once takes longer
    every = torch.vmap(loss)

    def theirs() -> Array:
        theta = torch.from_numpy(plane.at(x, y))
        found = []
        with torch.no_grad():
            for part in theta.split(side):
                groups = [
                    part[:, g.start : g.stop].reshape(len(part), *g.shape) for g in network.groups
                ]
                found.append(every(*groups))
        return torch.cat(found).numpy()

    return plane, lambda: heights(lab, plane, x, y), theirs
