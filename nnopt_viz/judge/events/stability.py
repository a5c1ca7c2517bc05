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
from nnopt_viz.declare.modifiers import MODIFIERS
from nnopt_viz.declare.streams import RACE_RULE_DRAWS
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.parse import expression
from nnopt_viz.judge.events.words import number
from nnopt_viz.judge.executors import Draws, Key, Rows, ScalarRun, program_key
from nnopt_viz.judge.minima import eigenvalues
from nnopt_viz.judge.simulation import learning_rates, morphs, starting_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nnopt_viz.judge.events.lane import Array, Lane

# These leave the line as it is: noise moves a run about, it does not change the parabola.
HARMLESS = ("noise",)


@dataclass(frozen=True, slots=True)
class Judged:
    """Sharpness against the line, at some steps in a row.

    Args:
        steps: the steps; a step is judged where it begins.
        sharpness: largest eigenvalue of the Hessian (scaled, for a method with a divisor).
        line: the sharpness up to which the method is stable there.
        formula: how the line is computed.
        is_scaled: is the sharpness that in the method's own scaled coordinates?
    """

    steps: Array
    sharpness: Array
    line: Array
    formula: str
    is_scaled: bool

    def sentence(self, at: int | None = None) -> str:
        """Both numbers, at one entry or as medians over all."""
        if at is None:
            sharp, line, when = np.median(self.sharpness), np.median(self.line), "Here (median)"
        else:
            sharp, line = self.sharpness[at], self.line[at]
            when = f"Before step {int(self.steps[at])}"
        name = "the sharpness (largest curvature)"
        if self.is_scaled:
            name += ", in coordinates scaled by the method's own divisors,"
        side = "above" if sharp > line else "under"
        return (
            f"{when} {name} is {number(sharp)}, {side} its stability line of "
            f"{number(line)} ({self.formula})."
        )

    def figures(self, at: int | None = None) -> dict[str, float]:
        """The same as numbers."""
        if at is None:
            pair = np.median(self.sharpness), np.median(self.line)
        else:
            pair = self.sharpness[at], self.line[at]
        return {"sharpness": float(pair[0]), "line": float(pair[1])}


def judged(lane: Lane, first: int, last: int) -> Judged | None:
    """Sharpness and line at steps first … last, or None where no line is declared.

    There is none either while a modifier changes what the rule does, such as clipping.
    """
    entry = optimizer_entry(lane.call)
    changed = any(
        modifier.is_on(lane.call)
        for name, modifier in MODIFIERS.items()
        if name not in HARMLESS and modifier.knobs[0].name not in {k.name for k in entry.knobs}
    )
    if not entry.stable or changed or not 1 <= first <= last:
        return None
    t = np.arange(first, last + 1)
    knobs = dict(composed(lane.call).knobs)
    line = _rows(entry.stable, knobs, {"t": t.astype(float), "lr": lane.lr[t]})
    hessian = lane.hessian[:, :, t - 1]
    if entry.divisor:
        root = np.sqrt(_divisors(lane, entry.divisor, last)[:, t - 1])
        hessian = hessian / (root[:, None] * root[None, :])
    shown = _shown(entry.stable, knobs)
    return Judged(t.astype(float), eigenvalues(hessian)[1], line, shown, bool(entry.divisor))


def _shown(formula: str, knobs: Mapping[str, float]) -> str:
    """The formula without the knobs that are 0: 2/lr, not 2/lr - weight_decay."""
    for name in (name for name, value in knobs.items() if value == 0):
        formula = re.sub(rf" - {name}\b|\*\(1 [+-] {name}\)|\(1 - {name}\)\*", "", formula)
    return re.sub(r"/\((\w+)\)", r"/\1", formula)


def _rows(formula: str, knobs: Mapping[str, float], columns: Mapping[str, Array]) -> Array:
    """A formula in columns and knobs, evaluated entry by entry."""
    graph, node = expression(formula, (*columns, *knobs))
    shape = next(iter(columns.values())).shape
    function = array_function(graph, [node], tuple(columns), tuple(knobs))(shape)
    values = (np.ascontiguousarray(column) for column in columns.values())
    (made,) = function(*values, *(np.float64(v) for v in knobs.values()))
    return np.array(np.broadcast_to(made, shape), dtype=np.float64)


def _divisors(lane: Lane, divisor: str, last: int) -> Array:
    """What steps 1 … last divided each coordinate by, shape (2, last).

    The run is taken once more with a line that names the divisor, so it is read from the
    state that the rule really had.
    """
    key = program_key(lane.scenario, lane.call)
    rule = replace(key.rule, text=f"{key.rule.text}\nx_eval = {divisor}")
    made = replayed(lane, replace(key, rule=rule), last)
    assert made.x_eval is not None
    return made.x_eval


def replayed(lane: Lane, key: Key, last: int, quiet_after: int | None = None) -> Rows:
    """Steps 1 … last of a lane once more, with another program.

    Args:
        quiet_after: from the step after this one every random draw is 0.
    """
    scenario, call = lane.scenario, lane.call
    points = starting_points(scenario)[:, lane.lane : lane.lane + 1]
    racer = ScalarRun(key, points, learning_rates(scenario, call), morphs(scenario), scenario.seed)
    width = racer.normals.width
    draws = Draws(scenario.seed, 1, 2 if scenario.noise else 0, first=lane.lane)
    own = Draws(scenario.seed, 1, width, RACE_RULE_DRAWS, first=lane.lane)
    x, x_eval = np.empty((2, last, 1)), np.empty((2, last, 1))
    alive = np.ones(1, dtype=bool)
    loud = last if quiet_after is None else min(quiet_after, last)
    for first, size, share in ((0, loud, 1.0), (loud, last - loud, 0.0)):
        if not size:
            continue
        part = slice(first, first + size)
        racer.normals = _Given(share * own.next(size))
        rows = Rows(x[:, part], x_eval[:, part] if racer.evaluates else None)
        racer.advance(first, size, share * scenario.noise * draws.next(size), rows, alive)
    return Rows(x[:, :, 0], x_eval[:, :, 0] if racer.evaluates else None)


class _Given(Draws):
    """Draws that are known already."""

    def __init__(self, values: Array) -> None:
        self.values = values
        self.width = values.shape[1]

    def next(self, size: int) -> Array:
        return self.values[:size]
