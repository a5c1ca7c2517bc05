"""A formula in the step t, over a whole run: schedules, and how a surface drifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.graph import Graph, copy_into
from nnopt_viz.formula.parse import expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def series(formula: str, knobs: Mapping[str, float], steps: int) -> NDArray[np.float64]:
    """The formula's value at steps 1 … steps, shape (steps,). Read-only.

    Args:
        formula: in `t` (step, from 1), `steps` (steps of the run) and the knobs.
        knobs: name -> value.
    """
    names = {**knobs, "steps": float(steps)}
    graph, node = expression(formula, ("t", *names))
    made = Graph()
    (folded,) = copy_into(made, graph, [node], {k: made.const(v) for k, v in names.items()})
    t = np.arange(1.0, steps + 1.0)
    with np.errstate(all="ignore"):
        (value,) = array_function(made, [folded], ("t",))(t.shape)(t)
    result = np.broadcast_to(np.asarray(value, dtype=np.float64), t.shape).copy()
    result.setflags(write=False)
    return result
