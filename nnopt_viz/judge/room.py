"""The memory that a simulation and the judging of it hold at once, counted before it is begun.

In bytes, beside what every process holds anyway; upper bounds, that hold for any machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.formula.expand import RECORDED
from nnopt_viz.judge.executors import SCALAR_LANES, program_key, program_of
from nnopt_viz.judge.motion import window
from nnopt_viz.judge.simulation import CHUNK_POSITIONS
from nnopt_viz.judge.work import needed_of

if TYPE_CHECKING:
    from nnopt_viz.formula.graph import Graph, Node
    from nnopt_viz.judge.executors import Key
    from nnopt_viz.judge.setup import Setup

NUMBER = 8
LEAST = 4e6  # of any race: compiled formulas, blocks of points and what is read from them
STREAM = 1_100  # a generator of random numbers
POSITION = 34  # of a chunk: place, loss, gradient norm, is it there
WAY, LOSS = 8, 8  # of every position, for the verdicts; the second where a loss gap is asked for
END = 320  # of a lane: where it ended, how it moved, its verdict in words
GROUND = 6e6  # what is looked at together around ends, or in the search for minima
ROW = 560  # of the first start of a run: what events are read from


def stepping(setup: Setup, runs: int | None = None, lanes: int | None = None) -> float:
    """The chunks of a simulation, the one that is made and the one that is read.

    Args:
        setup: what is run.
        runs, lanes: only the first so many.
    """
    calls = setup.runs[:runs]
    many = setup.lanes if lanes is None else lanes
    keys = [program_key(setup, run) for run in calls]
    width = len(calls) * many
    rows = _rows(setup, width)
    names = {name for key in keys for name in program_of(key).update}
    more = NUMBER * (2 * ("x_eval0" in names) + ("lr_used" in names) + setup.drifts)
    draws = sum(any(n.startswith("normal") for n in program_of(key).noise) for key in keys)
    streams = (draws + (setup.noise > 0)) * many
    drawn = 3 * NUMBER * 2 * rows * many * (setup.noise > 0 or draws > 0)
    if setup.lanes < SCALAR_LANES:
        registers = 3 * NUMBER * rows * 60.0  # a lane's lists of numbers, before they are arrays
    else:
        registers = float(sum(2 * NUMBER * _registers(key) * many for key in keys))
    return LEAST + 2 * (POSITION + more) * rows * width + STREAM * streams + drawn + registers


def chunk(setup: Setup) -> float:
    """How many positions a chunk has, at most."""
    width = len(setup.runs) * setup.lanes
    return float(_rows(setup, width) * width)


def _rows(setup: Setup, width: int) -> int:
    return min(setup.steps + 1, max(2, CHUNK_POSITIONS // width + 1))


def judging(setup: Setup) -> float:
    """What the verdicts are read from."""
    ends = len(setup.runs) * setup.lanes
    positions = (setup.steps + 1) * ends
    way = positions * (WAY + LOSS * (setup.tol is not None))
    tail = 2 * NUMBER * ends * (window(setup.steps) + 1)
    # blocks of the tail while motion is read from it
    return way + tail + min(5 * tail, 12e6) + END * ends + GROUND


def telling(setup: Setup) -> float:
    """What events are read from."""
    return float(ROW * len(setup.runs) * setup.steps)


def _registers(key: Key) -> int:
    """Arrays of a step's program: what is computed and still needed, the state with it."""
    program = program_of(key)
    return _live(program.graph, needed_of(key), list(program.update.values())) + len(RECORDED)


def _live(graph: Graph, order: list[Node], outputs: list[Node]) -> int:
    """How many results are kept at once, at most, when nodes are computed in this order."""
    last = {argument: node for node in order for argument in graph.args[node]}
    kept, alive, most = set(outputs), set[int](), 0
    for node in order:
        if graph.op[node] in ("const", "name"):
            continue
        alive.add(node)
        most = max(most, len(alive))
        alive -= {a for a in graph.args[node] if last[a] == node and a not in kept}
    return most
