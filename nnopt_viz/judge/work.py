"""What a simulation and the judging of it take, counted before anything is run.

A count over the nodes of the graphs, so it is the same on every machine. Its unit is one plain
operation on one number in a NumPy array with its share of the memory's time, about a nanosecond.

No count falls when there are more runs, steps or starting points.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.compose.own import FORMULA
from nnopt_viz.formula.graph import needed
from nnopt_viz.formula.lower import lowered
from nnopt_viz.judge.evaluate import surface_of
from nnopt_viz.judge.executors import SCALAR_LANES, Key, program_key, program_of
from nnopt_viz.judge.ground import has_kinks
from nnopt_viz.judge.minima import LEAST_FINE, MOST_FINE, MOST_WELLS

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.formula.graph import Graph, Node
    from nnopt_viz.judge.setup import Setup

UNITS_A_SECOND = 1e9  # about, on one core

# Fitted to 300 random races, in units; `python -m bench prices` measures others.
COMPILE = 35_000  # a node of a program: derived, pruned, written and compiled
CALL = 230  # a NumPy call, whatever its length
LOOP, LOOP_CALL, LOOP_STEP = 6, 25, 90  # in the Python loop: an operation, a function, a step
POSITION = 11  # of many lanes: kept, looked at whether it is still there, handed on
DRAW, STREAM = 40, 25_000  # a normal number; the beginning of a lane's own
SLOW = dict.fromkeys(("sin", "cos", "tan", "sinh", "cosh", "atan2"), 10.0) | {"erf": 64.0}
SLOW |= dict.fromkeys(("**", "exp", "log", "tanh", "atan"), 6.0)
PLAIN = 0.6
# A polishing of one point: most are done in 20 of their 60 steps, each with the Hessian and a few
# tries; where there are kinks, the walk down and the circles.
POLISHING, TRIES, OWN = 2 * 20, 4, 120
CIRCLES = 3_000
JUDGING = 6_000_000  # of the ends of a race, however few: calls of NumPy
# The search for minima: cells, and what lies below some of them. One's own formula may have as many
# wells as are looked into. Into half as many as are walked down into, that is done: where there are
# kinks or curves of minima; it takes so many losses, each with what is done with it.
GRIDS, WELLS, OWN_WELLS = 64 * 64 + 200 * 200, 120, MOST_WELLS + MOST_FINE
WALKS, WALKED, HANDLED = (MOST_WELLS + LEAST_FINE) // 2, 13_000, 20
TELLING, ROW, LOOKED = 3_000_000, 180, 4_000  # events: a run; each of its rows; flow's places


def stepping(setup: Setup, runs: int | None = None, lanes: int | None = None) -> float:
    """The steps of a race, its loss and gradient norm everywhere, in units.

    Args:
        setup: what is run.
        runs, lanes: only the first so many, by the executor that all of them take.
    """
    many = setup.lanes if lanes is None else lanes
    keys = [program_key(setup, run) for run in setup.runs[:runs]]
    compiled = sum(COMPILE * len(needed_of(key)) for key in set(keys))
    each = sum(_step(key, many, setup.lanes < SCALAR_LANES) for key in keys)
    slope = _surface(setup.surface)[1]
    finish = len(keys) * many * (POSITION + slope) + 2 * CALL
    noise = many * 2 * DRAW if setup.noise else 0.0
    begun = many * STREAM * (1 + len(keys)) if setup.noise or any(map(_draws, keys)) else 0.0
    return compiled + begun + setup.steps * (each + finish + noise)


def judging(setup: Setup) -> float:
    """The verdicts on all ends, with the search for the surface's minima, in units."""
    ends = len(setup.runs) * setup.lanes
    return searching(setup.surface) + JUDGING + ends * polishing(setup.surface)


def telling(setup: Setup) -> float:
    """The events on every run's first start, in units; its verdict is among them."""
    _, _, bend = _surface(setup.surface)
    again = max(_step(program_key(setup, run), 1, True) for run in setup.runs)
    rows = setup.steps * (ROW + bend + again)
    return len(setup.runs) * (
        TELLING + LOOKED * bend + polishing(setup.surface) + rows
    )  # fmt: skip


def searching(surface: Call) -> float:
    """The search for a surface's minima, in units."""
    loss, _, _ = _surface(surface)
    wells = WELLS * polishing(surface)
    if surface.name == FORMULA.name:
        wells = WALKS * WALKED * (loss + HANDLED) + OWN_WELLS * _smoothly(surface)
    return GRIDS * loss + wells + JUDGING


def polishing(surface: Call) -> float:
    """To find and judge the minimum below one point, in units."""
    loss, _, _ = _surface(surface)
    return _smoothly(surface) + CIRCLES * loss * has_kinks(surface)


def _smoothly(surface: Call) -> float:
    loss, _, bend = _surface(surface)
    return POLISHING * (bend + TRIES * loss + OWN)


def evaluating(surface: Call, points: int) -> float:
    """The loss at points, in units."""
    return CALL + points * _surface(surface)[0]


def sloping(surface: Call, points: int) -> float:
    """The loss and its gradient at points, in units."""
    return CALL + points * _surface(surface)[1]


def tracing(setup: Setup, run: Call) -> float:
    """The steps of one start with the whole state, in units."""
    key = program_key(setup, run, complete=True)
    return COMPILE * len(needed_of(key)) + setup.steps * _step(key, 1, True)


def needed_of(key: Key) -> list[Node]:
    """The nodes of one step.

    Raises:
        TooLargeError: when there are more than MAX_PROGRAM.
    """
    program = program_of(key)
    return needed(program.graph, list(program.update.values()))


def _draws(key: Key) -> bool:
    return bool(program_of(key).noise)


@lru_cache(maxsize=512)
def _step(key: Key, lanes: int, is_scalar: bool) -> float:
    """One step of a run from all its starting points."""
    program, nodes = program_of(key), needed_of(key)
    own = sum(name.startswith("normal") for name in program.noise)
    words = [program.graph.op[n] for n in nodes]
    inner = [w for w in words if w not in ("const", "name")]
    lane = LOOP_STEP + sum(LOOP_CALL if w.isidentifier() or w == "**" else LOOP for w in inner)
    draws = DRAW * lanes * own
    if is_scalar:
        return draws + lanes * lane
    # it never falls where NumPy takes over, though NumPy would be the quicker one there
    least = (SCALAR_LANES - 1) * lane
    return draws + max(least, CALL * len(inner) + lanes * _cost(program.graph, nodes))


@lru_cache(maxsize=256)
def _surface(surface: Call) -> tuple[float, float, float]:
    """Of the loss at one point; with the gradient; with the Hessian too."""
    made = surface_of(surface)
    (a, b), (_, c) = made.curvature
    outputs = [made.value, *made.slopes, a, b, c]
    graph, nodes = lowered(made.graph, outputs)
    loss, slope, bend = (_cost(graph, needed(graph, nodes[:count])) for count in (1, 3, 6))
    return loss, slope, bend


def _cost(graph: Graph, nodes: list[Node]) -> float:
    words = (graph.op[node] for node in nodes)
    return sum(SLOW.get(w, PLAIN) for w in words if w not in ("const", "name"))
