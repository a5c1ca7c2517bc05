"""Learning-rate schedules: how lr changes from step to step.

Each is one formula for the factor on lr, in `t` (step, from 1), `steps` (steps of the
run) and its knobs. A new one is one declaration here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.graph import Graph, copy_into
from nnopt_viz.formula.parse import expression
from nnopt_viz.knobs import Call, Knob
from nnopt_viz.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Schedule:
    """A learning-rate schedule.

    Args:
        formula: factor on lr (dimensionless) in t, steps and the knobs.
    """

    name: str
    title: str
    family: str
    formula: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str


SCHEDULES: Registry[Schedule] = Registry("schedule", ("constant", "decay", "warm-up"))

SCHEDULES.add(
    Schedule(
        "constant",
        "Constant",
        "constant",
        "1",
        (),
        "The same rate at every step.",
        "Robbins & Monro 1951 discuss why it does not settle under noise",
    )
)
SCHEDULES.add(
    Schedule(
        "step",
        "Step",
        "decay",
        "gamma**floor((t - 1)/size)",
        (
            Knob("size", 100, "steps between two cuts", 1, 20_000, "integer", soft=(10, 500)),
            Knob("gamma", 0.1, "factor of each cut, dimensionless", 0.0, 1.0, open_low=True),
        ),
        "Cuts the rate by a factor at regular steps.",
        "torch.optim.lr_scheduler.StepLR",
    )
)
SCHEDULES.add(
    Schedule(
        "exponential",
        "Exponential",
        "decay",
        "gamma**(t - 1)",
        (
            Knob(
                "gamma",
                0.99,
                "factor at every step, dimensionless",
                0.0,
                1.0,
                soft=(0.9, 1.0),
                open_low=True,
            ),
        ),
        "Shrinks the rate by the same factor at every step.",
        "torch.optim.lr_scheduler.ExponentialLR",
    )
)
SCHEDULES.add(
    Schedule(
        "cosine",
        "Cosine with warm-up",
        "warm-up",
        "where(t <= warmup, t/maximum(warmup, 1), "
        "final + (1 - final)*(1 + cos(pi*(t - 1 - warmup)/maximum(steps - warmup, 1)))/2)",
        (
            Knob(
                "warmup",
                0,
                "steps of linear rise before the decay",
                0,
                20_000,
                "integer",
                soft=(0, 200),
            ),
            Knob(
                "final", 0.0, "factor it would reach after the last step, dimensionless", 0.0, 1.0
            ),
        ),
        "Rises linearly, then follows half a cosine down.",
        "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, eq. 5",
    )
)


@lru_cache(maxsize=256)
def factors(schedule: Call, steps: int) -> NDArray[np.float64]:
    """The factor on lr at steps 1 … steps, shape (steps,). Read-only."""
    entry = SCHEDULES[schedule.name]
    knobs = schedule.numbers() | {"steps": float(steps)}
    graph, node = expression(entry.formula, ("t", *knobs))
    made = Graph()
    (folded,) = copy_into(made, graph, [node], {k: made.const(v) for k, v in knobs.items()})
    t = np.arange(1.0, steps + 1.0)
    with np.errstate(all="ignore"):
        (value,) = array_function(made, [folded], ("t",))(t.shape)(t)
    result = np.broadcast_to(np.asarray(value, dtype=np.float64), t.shape).copy()
    result.setflags(write=False)
    return result
