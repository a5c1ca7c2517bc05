"""Golden trajectories: what torch.optim does, step by step, in float64.

    python tools/golden.py           writes tests/golden/<optimizer>.npz
    python tools/golden.py adam sgd  only these

The optimizers come from the registry: one whose source names a torch.optim class gets
a file, with its knobs at their defaults and at two odd settings, on three surfaces that
are written here once more by hand, for torch's autograd. Each trajectory is 1000 steps
or ends earlier, where one unit in the last place at every step moves it by 1e-9 (chaos:
torch does not agree with itself there); how far it moves is stored as `spread`.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nnopt_viz.judge.rates import good_rate
from nnopt_viz.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nnopt_viz.optimizers.optimizer import Optimizer

    Array = NDArray[np.float64]
    Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

# NAdam and ASGD keep scalars in the default dtype.
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"
STEPS = 1000
KEPT = np.unique(np.r_[0:21, 0 : STEPS + 1 : 20])  # rows: dense at first, then every 20th
CHAOS = 1e-9  # a spread above this ends the comparison

# knob -> its value in the first and in the second odd setting; others stay at the default
ODD: dict[str, tuple[float, float]] = {
    "weight_decay": (0.02, 0.3),
    "momentum": (0.5, 0.95),
    "dampening": (0.3, 0.1),
    "initial_accumulator_value": (0.1, 2.0),
    "lr_decay": (0.01, 0.1),
    "rho": (0.95, 0.6),
    "alpha": (0.9, 0.95),
    "centered": (True, False),
    "beta1": (0.6, 0.95),
    "beta2": (0.99, 0.95),
    "eps": (1e-4, 1e-2),
    "momentum_decay": (0.02, 0.2),
    "etaminus": (0.3, 0.7),
    "etaplus": (1.1, 1.5),
    "step_size_min": (1e-4, 1e-3),
    "step_size_max": (0.5, 0.1),
    "lambd": (1e-3, 0.05),
    "t0": (20.0, 200.0),
    "tolerance_grad": (1e-5, 1e-3),
    "tolerance_change": (1e-7, 1e-5),
}
# What a class is told besides our knobs: one step a call, plain loops.
FIXED: dict[str, dict[str, Any]] = {"LBFGS": {"max_iter": 1, "history_size": 5}}
PLAIN: dict[str, Any] = {"foreach": False}


@dataclass(frozen=True)
class Oracle:
    """A surface written by hand for torch, at fixed knob values."""

    name: str
    knobs: dict[str, float]
    start: tuple[float, float]
    loss: Loss


def rosenbrock(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (1 - x).square() + 100 * (y - x.square()).square()


def beale(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    targets = zip((1.5, 2.25, 2.625), (1, 2, 3), strict=True)
    return torch.stack([(target - x * (1 - y**power)) ** 2 for target, power in targets]).sum()


def himmelblau(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    tilt = 0.5 * ((x - 3).square() + (y - 2).square())
    return (x.square() + y - 11).square() + (x + y.square() - 7).square() + tilt


ORACLES = (
    Oracle("rosenbrock", {}, (-1.5, 2.0), rosenbrock),
    Oracle("beale", {}, (1.0, 1.5), beale),
    Oracle("himmelblau", {"tilt": 0.5}, (0.0, -3.0), himmelblau),
)


def torch_class(optimizer: Optimizer) -> tuple[type[torch.optim.Optimizer], dict[str, Any]] | None:
    """The torch.optim class its source names, with the flags named beside it."""
    found = re.search(r"torch\.optim\.(\w+)(?: with (\w+)=True)?", optimizer.source)
    if found is None:
        return None
    flags = {found[2]: True} if found[2] else {}
    return getattr(torch.optim, found[1]), flags


def torch_arguments(knobs: dict[str, Any]) -> dict[str, Any]:
    """Our knobs as torch's keywords: pairs are tuples there."""
    rest = dict(knobs)
    pairs = {
        "betas": ("beta1", "beta2"),
        "etas": ("etaminus", "etaplus"),
        "step_sizes": ("step_size_min", "step_size_max"),
    }
    for name, (low, high) in pairs.items():
        if low in rest and high in rest:
            rest[name] = (rest.pop(low), rest.pop(high))
    return rest


def torch_path(
    optimizer: Optimizer,
    knobs: dict[str, Any],
    loss: Loss,
    start: tuple[float, float],
    steps: int,
    shake: int | None = None,
) -> Array:
    """Positions of torch's optimizer, shape (2, steps + 1), in its single-tensor form.

    With `shake` (a seed) every coordinate moves by one unit in its last place, up or down,
    after every step.
    """
    found = torch_class(optimizer)
    assert found is not None
    point = torch.tensor(start, requires_grad=True)
    fixed = FIXED.get(found[0].__name__, PLAIN) | found[1]
    made = found[0]([point], **fixed, **torch_arguments(knobs))

    def closure() -> float:
        made.zero_grad()
        value = loss(point[0], point[1])
        value.backward()
        return float(value.detach())

    generator = np.random.default_rng(shake)
    path = np.empty((2, steps + 1))
    path[:, 0] = start
    for step in range(1, steps + 1):
        made.step(closure)
        if shake is not None:
            ways = torch.from_numpy(generator.choice([-np.inf, np.inf], 2))
            point.data = torch.nextafter(point.data, ways)
        path[:, step] = point.detach().numpy()
    return path


def spread(
    optimizer: Optimizer, knobs: dict[str, Any], loss: Loss, start: tuple[float, float], path: Array
) -> Array:
    """How far rounding alone may have moved the path, shape (steps + 1,).

    The largest distance, so far, of four paths shaken by one unit in the last place at
    every step: torch's own uncertainty.
    """
    moved = np.zeros(path.shape[1])
    for seed in range(4):
        other = torch_path(optimizer, knobs, loss, start, path.shape[1] - 1, seed)
        moved = np.maximum(moved, np.abs(other - path).max(axis=0))
    return np.maximum.accumulate(moved)


def settings(optimizer: Optimizer, surface: str) -> list[dict[str, Any]]:
    """Defaults and two odd settings.

    The default learning rate gives way to the surface's good one where that is smaller,
    so that nothing diverges; the odd settings use a tenth and a fifth of the good one.
    """
    defaults = {knob.name: knob.default for knob in optimizer.knobs}
    good = good_rate(surface, optimizer.name)
    made = [defaults | {"lr": min(float(defaults["lr"]), good)}]  # type: ignore[arg-type]
    for which, share in enumerate((0.1, 0.2)):
        odd = {name: ODD[name][which] for name in defaults if name in ODD}
        made.append(defaults | odd | {"lr": share * good})
    return made


def write(optimizer: Optimizer) -> None:
    """Write the optimizer's file: for case i `path_i`, `spread_i` and cases[i] as JSON."""
    cases: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}
    for oracle in ORACLES:
        for knobs in settings(optimizer, oracle.name):
            path = torch_path(optimizer, knobs, oracle.loss, oracle.start, STEPS)
            moved = spread(optimizer, knobs, oracle.loss, oracle.start, path)
            # Twenty steps are always kept: spread reaches 1e-9 later than that everywhere.
            kept = KEPT[(moved[KEPT] < CHAOS) & np.isfinite(path[:, KEPT]).all(axis=0)]
            arrays[f"path_{len(cases)}"] = path[:, kept]
            arrays[f"spread_{len(cases)}"] = moved[kept].astype(np.float32)
            cases.append(
                {
                    "surface": oracle.name,
                    "surface_knobs": oracle.knobs,
                    "start": oracle.start,
                    "knobs": knobs,
                    "last": int(kept[-1]),
                }
            )
            print(
                f"{optimizer.name:9} {oracle.name:11} to step {kept[-1]:4}  "
                f"spread {moved[kept[-1]]:.1e}  ends at {path[:, kept[-1]]}"
            )
    GOLDEN.mkdir(exist_ok=True)
    text = json.dumps({"torch": torch.__version__, "cases": cases})
    np.savez_compressed(
        GOLDEN / f"{optimizer.name}.npz", about=np.array(text), steps=KEPT, **arrays
    )


if __name__ == "__main__":
    wanted = sys.argv[1:] or [name for name in OPTIMIZERS if torch_class(OPTIMIZERS[name])]
    for name in wanted:
        write(OPTIMIZERS[name])
