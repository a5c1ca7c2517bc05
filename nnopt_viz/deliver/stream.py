"""The binary stream that the page reads: a header, frames of float32, a trailer.

    "NNV1"  uint32 H  H bytes of JSON header
    rows frames: for each run lr, then for each shown lane x, y, loss, grad_norm, and
        x_eval, y_eval or lr where the header's `fields` say so
    uint32 T  T bytes of JSON trailer: outcomes, events and notes

All little-endian; JSON is padded with spaces so that frames stay aligned to 4 bytes. A
lane's values are NaN after its end. Frame i is step min(i*stride, steps). Up to MAX_POINTS
positions are sent complete; above, first lanes are left out, then steps.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.compose.runs import composed
from nnopt_viz.declare.cost import Cost
from nnopt_viz.judge import room
from nnopt_viz.judge.events import Log
from nnopt_viz.judge.outcome import Watch
from nnopt_viz.judge.simulation import morphs, simulate
from nnopt_viz.query.labels import labels
from nnopt_viz.race.codec import encode
from nnopt_viz.race.price import cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nnopt_viz.judge.simulation import Chunk
    from nnopt_viz.race.scenario import Scenario

MAGIC = b"NNV1"
FORMAT = 1
MAX_POINTS = 250_000  # positions: more than a screen can show, under 5 MB
MIN_ROWS = 200  # with fewer, a run looks like jumps
FRAME, FRAME_BYTES = 20, 72  # of a position: units to write it; bytes, copies among them
SHIFTS = 401  # values of a moving surface's morph in the header


@dataclass(frozen=True, slots=True)
class Thinning:
    """Which of a scenario's positions are sent.

    Args:
        lanes: the shown lanes, in order, evenly spread over all.
        stride: steps between two frames.
        rows: how many frames: steps 0, stride, 2*stride … and the last.
    """

    lanes: NDArray[np.intp]
    stride: int
    rows: int

    def is_complete(self, scenario: Scenario) -> bool:
        """Is nothing left out?"""
        return self.stride == 1 and len(self.lanes) == scenario.lanes


def thinning(scenario: Scenario) -> Thinning:
    """Keep everything up to MAX_POINTS, else fewer lanes, else also fewer steps."""
    runs, lanes, steps = len(scenario.runs), scenario.lanes, scenario.steps
    shown = max(1, min(lanes, MAX_POINTS // (runs * min(steps + 1, MIN_ROWS))))
    most = max(2, MAX_POINTS // (runs * shown))
    stride = -(-steps // (most - 1))
    spread = np.round(np.linspace(0, lanes - 1, shown)).astype(np.intp)
    return Thinning(spread, stride, -(-steps // stride) + 1)


def stream_cost(scenario: Scenario) -> Cost:
    """What `run_stream` takes: the race itself, and a chunk's frames."""
    frames = min(room.chunk(scenario), MAX_POINTS)
    return cost(scenario) + Cost(FRAME * scenario.positions, FRAME_BYTES * frames)


def run_stream(scenario: Scenario) -> Iterator[bytes]:
    """The whole stream, a piece for every chunk of the simulation."""
    kept = thinning(scenario)
    watch, log = Watch(scenario), Log(scenario)
    for number, chunk in enumerate(simulate(scenario)):
        log.see(watch.see(chunk))
        rows = _frames(scenario, chunk, kept)
        yield (_head(scenario, chunk, kept) + rows) if number == 0 else rows
    outcomes = watch.outcomes()
    trailer = {
        "outcomes": [outcome.as_json() for outcome in outcomes],
        "events": [event.as_json() for event in log.events(outcomes)],
        "notes": _notes(scenario, kept),
    }
    yield _json(trailer, 4)


def _head(scenario: Scenario, chunk: Chunk, kept: Thinning) -> bytes:
    fields = _fields(scenario, chunk)
    header = {
        "format": FORMAT,
        "query": encode(scenario),
        "spec": scenario.to_spec(),
        "runs": [
            {"name": run.name, "label": label}
            for run, label in zip(scenario.runs, labels(scenario.runs), strict=True)
        ],
        "lanes": len(kept.lanes),
        "lanes_total": scenario.lanes,
        "steps": scenario.steps,
        "rows": kept.rows,
        "stride": kept.stride,
        "fields": fields,
        "frame_bytes": 4 * len(scenario.runs) * (1 + len(fields) * len(kept.lanes)),
        "complete": kept.is_complete(scenario),
        "bounds": list(surface_entry(scenario.surface).bounds),
        "s": _path_of_s(scenario),
    }
    return MAGIC + _json(header, 8)


def _fields(scenario: Scenario, chunk: Chunk) -> list[str]:
    evaluated = [] if chunk.x_eval is None else ["x_eval", "y_eval"]
    return ["x", "y", "loss", "grad_norm", *evaluated, *(["lr"] if _is_watched(scenario) else [])]


def _is_watched(scenario: Scenario) -> bool:
    """Does a schedule watch the loss, so that every lane has rates of its own?"""
    return any(composed(run).sets_rate for run in scenario.runs)


def _path_of_s(scenario: Scenario) -> list[float] | None:
    """The morph over the run: SHIFTS values, evenly spread from row 0 to the last step."""
    if not scenario.drifts:
        return None
    s = morphs(scenario)
    steps = np.maximum(np.linspace(0, scenario.steps, SHIFTS), 1) - 1
    return [round(float(value), 6) for value in s[np.round(steps).astype(np.intp)]]


def _frames(scenario: Scenario, chunk: Chunk, kept: Thinning) -> bytes:
    """The frames whose steps lie in this chunk, as float32."""
    _, runs, rows, lanes = chunk.x.shape
    steps = np.arange(chunk.first, chunk.first + rows)
    wanted: Any = slice(None)
    if kept.stride > 1:
        wanted = np.flatnonzero((steps % kept.stride == 0) | (steps == scenario.steps))
        rows = len(wanted)
    shown: Any = slice(None) if len(kept.lanes) == lanes else kept.lanes
    values = [chunk.x[0], chunk.x[1], chunk.loss, chunk.grad_norm]
    if chunk.x_eval is not None:
        values += [chunk.x_eval[0], chunk.x_eval[1]]
    if _is_watched(scenario):
        values.append(chunk.lr)
    frames = np.empty((rows, runs, 1 + len(values) * len(kept.lanes)), dtype="<f4")
    points = frames[:, :, 1:]
    with np.errstate(over="ignore"):  # a loss beyond float32 is infinite to a screen
        frames[:, :, 0] = chunk.lr[:, wanted, 0].T
        for i, value in enumerate(values):
            points[:, :, i :: len(values)] = value[:, wanted][:, :, shown].swapaxes(0, 1)
    return frames.tobytes()


def _notes(scenario: Scenario, kept: Thinning) -> list[str]:
    if kept.is_complete(scenario):
        return []
    parts = []
    if len(kept.lanes) < scenario.lanes:
        parts.append(f"{len(kept.lanes):,} of {scenario.lanes:,} starting points")
    if kept.stride > 1:
        parts.append(f"one step in {kept.stride:,}")
    return [f"Shown: {' and '.join(parts)}. The verdicts count everything, and so does /run.csv."]


def _json(value: object, offset: int) -> bytes:
    return framed(orjson.dumps(value), offset)


def framed(text: bytes, offset: int) -> bytes:
    """Length and JSON text, padded so that what follows is aligned to 4 bytes."""
    text += b" " * (-(offset + len(text)) % 4)
    return struct.pack("<I", len(text)) + text
