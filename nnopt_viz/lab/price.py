"""What a training takes, counted before anything is run.

A count over the network and the rules, so it is the same on every machine; its unit is that of
`judge.work`: one plain operation on one number in a NumPy array. What is accepted is decided in
units; only what is shown is in seconds.

It never falls when a training gets more epochs, seeds or samples.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from nnopt_viz.compose.runs import composed
from nnopt_viz.declare.cost import Cost
from nnopt_viz.formula.words import MATRIX_CALLS
from nnopt_viz.judge.held import NUMBER
from nnopt_viz.judge.training import rule_work
from nnopt_viz.judge.work import UNITS_A_SECOND
from nnopt_viz.lab.memory import MAX_ROWS, PATH_BYTES, SHARPNESS_ROWS, most_bytes
from nnopt_viz.networks import PLANES
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.passes import BLOCK

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.networks import Network

INTERACTIVE = 60_000_000_000  # what one request may take

# Fitted to 280 random trainings, in units: nine of ten came between 0.55 and 1.5 of what they then
# took. `python -m bench prices` measures others; on a busy machine all take longer.
MULTIPLY_ADD = 0.06  # within a matrix product
UNIT, NORMAL, OUTPUT = 0.3, 2.0, 3.0  # a hidden unit, its batch normalization, an output's loss
LAYER = 15_000  # a layer of one call of the network, however few samples
NODE = 1_300  # an operation of a rule, besides what it does with the parameters
MATRIX = 60_000  # one that knows of the layers, for each of them
STEP = 16_000  # of a run, besides
# In forward passes: the gradient; what is measured at a recorded row, of training and of test
# data; the layers' report; the sharpness at one place; the fine sheet and the coarse ones before.
GRADIENT, ROW, EVALUATION, REPORT, SHARPNESS = 3, 6, 2, 12, 200
SHEET = 101 * 101 + 4 * 26 * 26
REPORTED = 121  # rows that the layers' report has, at most
# For each parameter of a recorded place: its way onto the plane, and the search for a plane along
# the paths of the first seeds. In forward passes: that for a plane by curvature.
ONTO, ALONG, CURVATURE = 15, 30, 700
WALKS = 200_000_000  # what is drawn beside the paths
WRITTEN = 3_000  # a row of a table


def cost(lab: Lab) -> Cost:
    """What a training takes, whatever is asked of it."""
    return Cost(price(lab), most_bytes(lab))


def price(lab: Lab) -> float:
    """What a training takes in units: its steps, what is measured along them, its slice, and a
    table of it."""
    train, test, runs = len(lab.samples.x_train), len(lab.samples.x_test), len(lab.runs)
    shown, places = test if lab.plane["height"] == "test" else train, _places(lab, lab.seeds)
    samples = (SHEET + places) * shown
    # As of one seed: more seeds leave room for fewer rows, and yet it does not fall.
    first, some = _places(lab, 1), _rows(lab, 1)
    samples += runs * train * (REPORT * min(some, REPORTED) + SHARPNESS * min(some, SHARPNESS_ROWS))
    samples += CURVATURE * train * (lab.plane.name == "hessian")
    sought = ALONG * first * PLANES[lab.plane.name].is_laid_along
    slice_of = lab.network.size * (ONTO * places + sought) + WALKS + WRITTEN * places
    return training(lab) + forward(lab.network) * samples + slice_of


def training(lab: Lab) -> float:
    """Its steps, and the losses at the recorded ones, in units."""
    train, test = len(lab.samples.x_train), len(lab.samples.x_test)
    samples = _places(lab, lab.seeds) * (ROW * train + EVALUATION * test)
    return forward(lab.network) * samples + lab.steps * step(lab)


def seconds(units: float) -> float:
    """What so many units take on a usual processor, about."""
    return units / UNITS_A_SECOND


def _places(lab: Lab, seeds: int) -> float:
    """How many places are recorded of so many seeds of all runs, at most."""
    return len(lab.runs) * seeds * _rows(lab, seeds)


def _rows(lab: Lab, seeds: int) -> float:
    """How many rows are recorded of so many seeds, at most: their number itself falls where the
    stride grows, and not in whole numbers, or those of all seeds together could fall."""
    paths = PATH_BYTES / (NUMBER * lab.network.size * len(lab.runs) * seeds)
    return min(lab.steps + 1, max(2.0, min(MAX_ROWS, paths)))


def step(lab: Lab) -> float:
    """One step of all runs, in units."""
    network, batch = lab.network, lab.batch_size
    together = max(1, BLOCK // max(1, batch * network.widest))  # lanes, see `networks.passes`
    passes, calls = GRADIENT * len(lab.runs) * lab.seeds, -(-len(lab.runs) * lab.seeds // together)
    rules = 0.0
    for call in lab.runs:
        nodes, more, matrices = counts(call)
        passes += more * lab.seeds
        calls += more
        rules += STEP + NODE * nodes + MATRIX * matrices * network.layers
        rules += rule_work(call, network) * lab.seeds
    return forward(network) * batch * passes + LAYER * network.layers * calls + rules


def forward(network: Network) -> float:
    """One sample through a network, in units."""
    hidden = sum(network.hidden)
    return (
        MULTIPLY_ADD * sum(a * b for a, b in pairwise(network.sizes))
        + UNIT * ACTIVATIONS[network.activation].cost * hidden
        + NORMAL * hidden * network.batchnorm
        + OUTPUT * network.outputs
    )


@lru_cache(maxsize=256)
def counts(call: Call) -> tuple[int, int, int]:
    """Of one step of a run's rule: its nodes, the forward passes that it asks for besides the
    gradient, and the operations on matrices."""
    ops = composed(call).parsed().words()
    asked = {"grad": GRADIENT, "loss": 1, "hessian": 2 * GRADIENT}
    return (
        len(ops),
        sum(asked.get(op, 0) for op in ops),
        sum(op in MATRIX_CALLS for op in ops),
    )
