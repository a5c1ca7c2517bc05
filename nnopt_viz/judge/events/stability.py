"""The optimizer's own stability line, read from its declaration.

On a parabola a step size is stable while the sharpness, the Hessian's largest eigenvalue,
stays under a line: 2/lr for gradient descent, 2*(1 + momentum)/lr for the heavy ball.
A method that divides each coordinate's step is judged by the sharpness in coordinates
scaled by the root of that divisor (Cohen et al. 2022, Adaptive gradient methods at the
edge of stability).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.runs import composed, optimizer_entry
from nnopt_viz.compose.stable import stability_line
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.parse import expression
from nnopt_viz.judge.events.replay import replayed
from nnopt_viz.judge.events.words import apart
from nnopt_viz.judge.executors import program_key
from nnopt_viz.judge.newton import curvatures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nnopt_viz.judge.events.lane import Array, Lane

EXACT = 1e-9  # of the line: nearer than this the sharpness is at it, neither above nor under
ROUNDING = 1e-14  # of the largest second derivative: a curvature under this is none


@dataclass(frozen=True, slots=True)
class Judged:
    """Sharpness against the line, at steps first … first + n - 1.

    Args:
        first: the first step; a step is judged where it begins.
        sharpness: largest eigenvalue of the Hessian (scaled, for a method with a divisor),
            shape (n,).
        line: the sharpness up to which the method is stable there, shape (n,).
        formula: how the line is computed.
        divisors: what each step divides each coordinate by, shape (2, n), or None.
    """

    first: int
    sharpness: Array
    line: Array
    formula: str
    divisors: Array | None = None

    @property
    def share(self) -> Array:
        """Sharpness over line: above 1 is above it; NaN where there is no line above 0."""
        return np.where(self.line > 0, self.sharpness / self.line, np.nan)

    @property
    def name(self) -> str:
        """What is compared with the line."""
        if self.divisors is None:
            return "the sharpness (largest curvature)"
        return "the sharpness (largest curvature, in coordinates scaled by the method's divisors)"

    def side(self, step: int) -> str:
        """On which side of the line it is: above, under, exactly at."""
        share = float(self.share[step - self.first])
        return "exactly at" if abs(share - 1) <= EXACT else "above" if share > 1 else "under"

    def sentence(self, step: int) -> str:
        """Both numbers, where a step begins; empty where one of them is not defined."""
        at = step - self.first
        if not np.isfinite(self.share[at]):
            return ""
        side = self.side(step)
        sharp, line = apart(self.sharpness[at], self.line[at])
        if side == "exactly at":
            sharp = line
        return (
            f"Before step {step} {self.name} is {sharp}, {side} its stability line of {line} "
            f"({self.formula})."
        )

    def figures(self, step: int) -> dict[str, float]:
        """The same as numbers."""
        at = step - self.first
        if not np.isfinite(self.share[at]):
            return {}
        return {
            "judged_step": float(step),
            "sharpness": float(self.sharpness[at]),
            "line": float(self.line[at]),
        }

    def peak(self, first: int, last: int) -> int:
        """The step from first to last at which the sharpness is highest over its line."""
        share = self.share[first - self.first : last + 1 - self.first]
        return first + int(np.argmax(np.where(np.isnan(share), -np.inf, share)))

    def is_above(self, first: int, last: int) -> NDArray[np.bool_]:
        """Is the sharpness above its line, at each step from first to last?"""
        share = self.share[first - self.first : last + 1 - self.first]
        return np.asarray(share > 1 + EXACT)

    def since(self, step: int) -> int:
        """The step from which on, up to this one, it has been above its line."""
        under = np.flatnonzero(~self.is_above(self.first, step))
        return self.first + (int(under[-1]) + 1 if under.size else 0)


def judged(lane: Lane) -> Judged | None:
    """Sharpness and line at every step that has a row, or None where no line is declared.

    There is none either while something changes what the rule does, such as clipping.
    """
    entry, formula = optimizer_entry(lane.call), stability_line(lane.call)
    if not formula or lane.last < 1:
        return None
    knobs = dict(composed(lane.call).knobs)
    t = np.arange(1, lane.last + 1)
    line = _rows(formula, knobs, {"t": t.astype(float), "lr": lane.lr[t]})
    hessian, divisors = lane.hessian[:, :, t - 1], None
    if entry.divisor:
        divisors = _divisors(lane, entry.divisor)
        root = np.sqrt(divisors)
        hessian = hessian / (root[:, None] * root[None, :])
    sharpness = curvatures(lane.scenario.surface, hessian)[1].copy()
    sharpness[np.abs(sharpness) <= ROUNDING * np.abs(hessian).max(axis=(0, 1))] = 0.0
    return Judged(1, sharpness, line, _shown(formula, knobs), divisors)


def _shown(formula: str, knobs: Mapping[str, float]) -> str:
    """The formula without the knobs that are 0: 2/lr, not 2/lr - weight_decay."""
    for name in (name for name, value in knobs.items() if value == 0):
        formula = re.sub(rf" - {name}\b|\*\(1 [+-] {name}\)|\(1 - {name}\)\*", "", formula)
        formula = formula.replace(f"(2 - lr*{name})", "2")
    return re.sub(r"/\((\w+)\)", r"/\1", formula)


def _rows(formula: str, knobs: Mapping[str, float], columns: Mapping[str, Array]) -> Array:
    """A formula in columns and knobs, evaluated entry by entry."""
    graph, node = expression(formula, (*columns, *knobs))
    shape = next(iter(columns.values())).shape
    function = array_function(graph, [node], tuple(columns), tuple(knobs))(shape)
    values = (np.ascontiguousarray(column) for column in columns.values())
    (made,) = function(*values, *(np.float64(v) for v in knobs.values()))
    return np.array(np.broadcast_to(made, shape), dtype=np.float64)


def _divisors(lane: Lane, divisor: str) -> Array:
    """What every step divided each coordinate by, shape (2, last).

    The run is taken once more with a line that names the divisor, so it is read from the
    state that the rule really had.
    """
    key = program_key(lane.scenario, lane.call)
    rule = replace(key.rule, text=f"{key.rule.text}\nx_eval = {divisor}")
    made = replayed(lane, replace(key, rule=rule), lane.last)
    assert made.x_eval is not None
    return made.x_eval
