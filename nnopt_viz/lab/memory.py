"""What a training holds in memory at most, counted before anything is run.

An upper bound, the same on every machine, for whatever is asked of it: stream, tables, picture.
What is recorded is what fits beside the rest, so that it falls for no training but those whose
rows alone would fill the memory; and it never falls when a training gets more epochs, seeds or
samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.compose.stable import step_divisor
from nnopt_viz.judge.held import NUMBER, curvature_bytes, held, pass_bytes, passes_bytes
from nnopt_viz.judge.training import COPIED
from nnopt_viz.networks import curvature, lanczos
from nnopt_viz.networks.pieces import PIECE
from nnopt_viz.networks.planes import cloud

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab

MOST_BYTES = 300_000_000  # what one request may hold
PATH_BYTES = 256_000_000  # of all recorded parameters
MAX_ROWS = 2_001  # recorded steps of a run
SHARPNESS_ROWS = 25  # of the recorded ones, at which it is measured
COLUMNS = 10  # numbers that are kept of a recorded place beside its parameters
TEXT_ROWS, TEXT = 200_000, 600  # rows that /run.json has at most, and bytes of one
PICTURED, ASKED = 75, 1_600  # networks whose picture is drawn, and the points each is asked at
OTHERS = 12_000_000  # a figure and its text, a piece of a table, random walks


def most_bytes(lab: Lab) -> float:
    """What is held at once, at most, in whole bytes."""
    places = min(TEXT_ROWS, _recorded(lab) * len(lab.runs) * lab.seeds)
    whole = beside_rows(lab) + _recorded(lab) * row_bytes(lab)
    return float(round(max(whole, OTHERS + TEXT * places)))


def rows_that_fit(lab: Lab) -> float:
    """How many rows may be recorded, not rounded."""
    paths = PATH_BYTES / (NUMBER * lab.network.size * len(lab.runs) * lab.seeds)
    return max(2.0, min(MAX_ROWS, paths, (MOST_BYTES - beside_rows(lab)) / row_bytes(lab)))


def _recorded(lab: Lab) -> float:
    return min(lab.steps + 1, rows_that_fit(lab))


def row_bytes(lab: Lab) -> float:
    """Of a recorded row of all trainings."""
    runs, network = len(lab.runs), lab.network
    return NUMBER * runs * (lab.seeds * (network.size + COLUMNS) + network.layers)


def beside_rows(lab: Lab) -> float:
    """Of all but the recorded rows: while training, and when it is looked at."""
    network, runs = lab.network, len(lab.runs)
    rules = [held(call, network) for call in lab.runs]
    whole = NUMBER * runs * lab.seeds * network.size  # parameters of all trainings
    state = NUMBER * lab.seeds * sum(rule.state for rule in rules)
    work = NUMBER * lab.seeds * max(rule.work for rule in rules)
    divisor = (
        NUMBER * network.size * SHARPNESS_ROWS * sum(bool(step_divisor(call)) for call in lab.runs)
    )
    step, look = whole + work + _samples(lab), max(_measured(lab), _looked_at(lab))
    # parameters of the step before and of this one, and those before that a rule remembers
    during = 3 * whole + state + _passes(lab) + max(step, look)
    return OTHERS + divisor + max(during, _looked_at(lab), _sharpness(lab))


def _passes(lab: Lab) -> float:
    lanes, is_part = len(lab.runs) * lab.seeds, lab.batch_size < len(lab.samples.x_train)
    return passes_bytes(lab.network, lanes, lab.batch_size, 1 + is_part)


def _samples(lab: Lab) -> float:
    """Of a batch, each seed's own, and its copies for all runs."""
    n = len(lab.samples.x_train)
    if lab.batch_size == n:
        return 0.0
    own = NUMBER * lab.seeds * lab.batch_size * (lab.network.inputs + 1)
    return own + min(len(lab.runs) * own, COPIED) + NUMBER * lab.seeds * n


def _piece(lab: Lab) -> float:
    return NUMBER * max(PIECE, lab.network.size)


def _measured(lab: Lab) -> float:
    """While losses and accuracies of recorded rows are measured."""
    network, lanes = lab.network, max(1, PIECE // lab.network.size)
    train, test = len(lab.samples.x_train), len(lab.samples.x_test)
    kept = passes_bytes(network, lanes, train) + passes_bytes(network, lanes, test)
    return 3 * _piece(lab) + kept + passes_bytes(network, lanes, max(train, test))


def _looked_at(lab: Lab) -> float:
    """While the plane is sought, the sheet computed, layers and data are looked at."""
    network, lanes = lab.network, max(1, PIECE // lab.network.size)
    train, test = len(lab.samples.x_train), len(lab.samples.x_test)
    vector, pieces = NUMBER * network.size, 4 * _piece(lab)
    search = vector * (2 * cloud.HELD + 6 * cloud.WIDTH + 2 * cloud.KEPT) + NUMBER * cloud.FEW
    search += 3 * NUMBER * cloud.EXACT**2
    bends = _vectors(lab, 1) + curvature_bytes(network, 1, train, curvature.BLOCK)
    sheet = passes_bytes(network, lanes, max(train, test))
    layers = pass_bytes(network, lanes, train)
    said = NUMBER * PICTURED * ASKED * 3 + 2 * pass_bytes(network, lanes, ASKED)
    return pieces + max(search, bends, sheet, layers, said)


def _sharpness(lab: Lab) -> float:
    network, train = lab.network, len(lab.samples.x_train)
    places = 6 * SHARPNESS_ROWS * NUMBER * network.size
    return (
        places
        + _vectors(lab, SHARPNESS_ROWS)
        + curvature_bytes(network, SHARPNESS_ROWS, train, curvature.BLOCK)
    )


def _vectors(lab: Lab, places: int) -> float:
    """Of the search for the largest curvature at so many places."""
    size = lab.network.size
    steps = min(size, lanczos.STEPS)
    together = max(1, min(places, lanczos.HELD // (NUMBER * size * (steps + 1))))
    return NUMBER * together * (size * (steps + 8) + 4 * steps**2)
