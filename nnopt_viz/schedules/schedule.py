"""Learning-rate schedules: how lr changes from step to step.

Each is one formula for the factor on lr, in `t` (step, from 1), `steps` (steps of the
run) and its knobs; one that watches the loss has lines of the rule language beside it, which
set `lr` anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.registry import Registry
from nnopt_viz.formula.series import series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Schedule:
    """A learning-rate schedule.

    Args:
        formula: factor on lr (dimensionless) in t, steps and the knobs.
        before, after: lines of the rule language around the optimizer's, which may set lr.
    """

    name: str
    title: str
    family: str
    formula: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str
    before: str = ""
    after: str = ""


_RATE = "the rate is the run's lr"
_LENGTH = "how long a run is, is said by steps"
# Arguments that some schedule of another library has, and ours have not.
ARGUMENTS = {
    **dict.fromkeys(
        ("initial_learning_rate", "init_value", "base_lr", "max_lr", "peak_value", "lr"), _RATE
    ),
    **dict.fromkeys(
        ("total_iters", "total_steps", "decay_steps", "T_max", "epochs", "steps_per_epoch"), _LENGTH
    ),
    "eta_min": "an absolute rate; here the end is a share of lr, final",
    "min_lr": "an absolute rate; here the end is a share of lr, final",
    "end_value": "an absolute rate; here the end is a share of lr, final",
    "end_learning_rate": "an absolute rate; here the end is a share of lr, final",
    "lr_lambda": "a schedule of one's own can't be written; take one of these",
    "staircase": "cuts at regular steps are step",
}
SCHEDULES: Registry[Schedule] = Registry(
    "schedule", ("constant", "decay", "warm-up", "cycles", "by the loss"), ARGUMENTS
)

FINAL = Knob("final", 0.0, "factor it would reach after the last step, dimensionless", 0.0, 1.0)


@lru_cache(maxsize=256)
def factors(schedule: Call, steps: int) -> NDArray[np.float64]:
    """The factor on lr at steps 1 … steps, shape (steps,). Read-only."""
    return series(SCHEDULES[schedule.name].formula, schedule.numbers(), steps)
