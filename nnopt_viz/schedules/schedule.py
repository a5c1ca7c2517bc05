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


SCHEDULES: Registry[Schedule] = Registry(
    "schedule", ("constant", "decay", "warm-up", "cycles", "by the loss")
)

FINAL = Knob("final", 0.0, "factor it would reach after the last step, dimensionless", 0.0, 1.0)


@lru_cache(maxsize=256)
def factors(schedule: Call, steps: int) -> NDArray[np.float64]:
    """The factor on lr at steps 1 … steps, shape (steps,). Read-only."""
    return series(SCHEDULES[schedule.name].formula, schedule.numbers(), steps)
