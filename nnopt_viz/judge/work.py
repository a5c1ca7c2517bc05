"""What formulas of the visitor's own cost, counted before anything is run.

A count over the nodes of the graphs, so it is the same on every machine. Its unit is one
plain operation on one number in a NumPy array, about a nanosecond.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.compose.own import OWN
from nnopt_viz.formula.graph import TooLargeError, needed
from nnopt_viz.formula.lower import lowered
from nnopt_viz.judge.evaluate import surface_of
from nnopt_viz.judge.executors import MAX_PROGRAM, SCALAR_LANES, Key, program_key, program_of
from nnopt_viz.judge.ground import has_kinks

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.formula.graph import Graph, Node
    from nnopt_viz.judge.setup import Setup

UNITS_A_SECOND = 1e9  # about, on one core
MAX_WORK = 5_000_000_000  # of one request: a few seconds
# Measured, in plain operations: a NumPy call whatever its length; a plain operation and a
# function in the Python loop.
CALL, LOOP, LOOP_CALL = 600, 40, 120
SLOW = dict.fromkeys(("**", "sin", "cos", "tan", "sinh", "cosh"), 30)
SLOW |= {"erf": 100, "atan2": 30}
SLOW |= dict.fromkeys(("exp", "log", "tanh", "atan", "sqrt", "where"), 3)
DRAW = 30  # a normal number
# The verdict on where a lane ended: two polishings, most points done in 20 of their 60 steps,
# each with the Hessian and a few tries; where there are kinks, the walk down and the circles.
POLISHING, TRIES = 2 * 20, 4
CIRCLES = 3_000


def work_problem(scenario: Setup) -> tuple[str, str, int] | None:
    """What is too costly about formulas of the visitor's own, before anything is run.

    Returns:
        (key, plain sentence, steps that would fit; 0 when none do), or None.
    """
    each_step = once = 0
    for run in scenario.runs:
        if scenario.surface.name not in OWN and run.name not in OWN:
            continue
        try:
            step, end = _costs(scenario, run)
        except TooLargeError:
            culprit = "run" if run.name in OWN else "surface"
            message = (
                f"One step of {run.name} on {scenario.surface.name} takes more than "
                f"{MAX_PROGRAM:,} operations"
            )
            return culprit, message, 0
        each_step += step
        once += end
    whole = once + each_step * scenario.steps
    if whole <= MAX_WORK:
        return None
    message = (
        f"These formulas take {whole:,} operations in all; at most {MAX_WORK:,} fit in one request"
    )
    if once + each_step > MAX_WORK:
        return "start", f"{message}, and {scenario.lanes:,} starting points are too many", 0
    return "steps", message, (MAX_WORK - once) // each_step


def work(scenario: Setup) -> int:
    """What a race takes, declared formulas too, in plain operations."""
    costs = [_costs(scenario, run) for run in scenario.runs]
    return sum(end + step * scenario.steps for step, end in costs)


def _costs(scenario: Setup, run: Call) -> tuple[int, int]:
    """Of a run from all its starting points: each step, and the verdict at the end."""
    step = _step_cost(program_key(scenario, run), scenario.lanes)
    loss, slope, bend = _surface_costs(scenario.surface)
    verdict = POLISHING * (bend + TRIES * loss)
    if has_kinks(scenario.surface):
        verdict += CIRCLES * loss
    return step + scenario.lanes * slope, scenario.lanes * verdict


@lru_cache(maxsize=256)
def _step_cost(key: Key, lanes: int) -> int:
    """One step of a run from all its starting points."""
    program = program_of(key)
    nodes = needed(program.graph, list(program.update.values()))
    draws = DRAW * lanes * len(program.noise)
    if lanes < SCALAR_LANES:
        words = (program.graph.op[n] for n in nodes)
        return draws + lanes * sum(LOOP_CALL if w.isidentifier() else LOOP for w in words)
    return draws + CALL * len(nodes) + lanes * _cost(program.graph, nodes)


@lru_cache(maxsize=256)
def _surface_costs(surface: Call) -> tuple[int, int, int]:
    """Of the loss at one point; with the gradient; with the Hessian too."""
    made = surface_of(surface)
    (a, b), (_, c) = made.curvature
    outputs = [made.value, *made.slopes, a, b, c]
    graph, nodes = lowered(made.graph, outputs)
    loss, slope, bend = (_cost(graph, needed(graph, nodes[:count])) for count in (1, 3, 6))
    return loss, slope, bend


def _cost(graph: Graph, nodes: list[Node]) -> int:
    return sum(SLOW.get(graph.op[node], 1) for node in nodes)
