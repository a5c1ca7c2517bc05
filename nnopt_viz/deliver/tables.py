"""A run as a table in a file: CSV and Parquet piece by piece, JSON in one.

Every number is written so that it reads back as exactly the same float64. Columns and
order are `trajectory`'s: run, optimizer, lane, step, x, y, loss, grad_norm, lr.
"""

from __future__ import annotations

import math
from importlib.util import find_spec
from itertools import compress, islice, product
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
import orjson

from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.pace import breathe
from nnopt_viz.judge import room, work
from nnopt_viz.judge.events import Log
from nnopt_viz.judge.outcome import Watch
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.codec import encode
from nnopt_viz.race.price import cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nnopt_viz.judge.simulation import Chunk
    from nnopt_viz.race.scenario import Scenario

MAX_JSON_ROWS = 200_000
PIECE = 8_000  # rows written at a time: under a megabyte of text
# Measured, in units and bytes of a row: its text, its numbers, its columns of every kind.
CSV_ROW, JSON_ROW, PARQUET_ROW = 450, 300, 250
TEXT, NUMBERS, COLUMN, COMPACT, PACKED = 450, 40, 160, 62, 250
FLOATS = ("x", "y", "loss", "grad_norm", "lr")
COLUMNS = ("run", "optimizer", "lane", "step", *FLOATS)  # pandas is not loaded to serve these


class RunDocument(TypedDict):
    """What /run.json says of a race.

    Args:
        query: canonical.
        spec: the question as plain values, every knob present.
        rows: column -> values, in order of step, run and lane.
        outcomes: what became of each run.
        events: what happened on its first start's way.
    """

    format: Literal[1]
    query: str
    spec: dict[str, Any]
    rows: dict[str, Any]
    outcomes: list[dict[str, Any]]
    events: list[dict[str, Any]]


class MissingExtraError(RuntimeError):
    """A format that needs a package that is not installed."""


def csv_pieces(scenario: Scenario) -> Iterator[bytes]:
    """CSV text in UTF-8, at most PIECE rows at a time; NaN is an empty field, infinity `inf`."""
    yield (",".join(COLUMNS) + "\n").encode()
    runs = [f"{run},{call.name},".encode() for run, call in enumerate(scenario.runs)]
    lanes = [b"%d," % lane for lane in range(scenario.lanes)]
    for chunk in simulate(scenario):
        yield from _csv_rows(chunk, runs, lanes)


def csv_cost(scenario: Scenario) -> Cost:
    """What `csv_pieces` takes."""
    held = TEXT * PIECE + 3 * NUMBERS * max(PIECE, len(scenario.runs) * scenario.lanes)
    written = Cost(CSV_ROW * scenario.positions, held)
    return Cost(work.stepping(scenario), room.stepping(scenario)) + written


def json_cost(scenario: Scenario) -> Cost:
    """What `json_pieces` takes."""
    held = COMPACT * scenario.positions + COLUMN * room.chunk(scenario)
    return cost(scenario) + Cost(JSON_ROW * scenario.positions, held)


def parquet_cost(scenario: Scenario) -> Cost:
    """What `parquet_pieces` takes: a row group is as large as a chunk."""
    written = Cost(PARQUET_ROW * scenario.positions, PACKED * room.chunk(scenario))
    return Cost(work.stepping(scenario), room.stepping(scenario)) + written


def json_pieces(scenario: Scenario) -> Iterator[bytes]:
    """Canonical query, spec, columns as arrays, outcomes and events; not finite becomes null.

    Nothing is written before all is known; then a column at a time, at most PIECE values of it.
    """
    watch, log = Watch(scenario), Log(scenario)
    blocks = [_compact(scenario, log.see(watch.see(chunk))) for chunk in simulate(scenario)]
    outcomes = watch.outcomes()
    events = log.events(outcomes)
    body: RunDocument = {
        "format": 1,
        "query": encode(scenario),
        "spec": scenario.to_spec(),
        "rows": {},
        "outcomes": [outcome.as_json() for outcome in outcomes],
        "events": [event.as_json() for event in events],
    }
    head, tail = orjson.dumps(body).split(b'"rows":{', 1)
    yield head + b'"rows":{'
    for number, name in enumerate(COLUMNS):
        yield (b"," if number else b"") + orjson.dumps(name) + b":["
        is_first = True
        for block in blocks:
            for part in _parts(block[name]):
                breathe()
                values = part.tolist() if part.dtype == object else np.ascontiguousarray(part)
                text = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
                yield text if is_first else b"," + text
                is_first = False
        yield b"]"
    yield tail


def _compact(scenario: Scenario, chunk: Chunk) -> dict[str, NDArray[Any]]:
    """`_columns` with whole numbers in half the room."""
    made = _columns(scenario, chunk)
    return made | {name: made[name].astype(np.int32) for name in ("run", "lane", "step")}


def _parts(values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """At most PIECE of them at a time."""
    for first in range(0, len(values), PIECE):
        yield values[first : first + PIECE]


def has_parquet() -> bool:
    """Is the extra `parquet` installed?"""
    return find_spec("pyarrow") is not None


def parquet_pieces(scenario: Scenario) -> Iterator[bytes]:
    """A Parquet file, a row group for every chunk of the simulation.

    Raises:
        MissingExtraError: when pyarrow is not installed, before anything is written.
    """
    return _parquet_pieces(scenario, *arrow())


def arrow() -> tuple[Any, Any]:
    """pyarrow, and its part that writes Parquet. It takes memory from the system as all others do:
    its own pool would keep what is free.

    Raises:
        MissingExtraError: when it is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtraError(
            "Parquet needs the extra: pip install 'nnopt-viz[parquet]'; CSV needs nothing"
        ) from None
    pa.set_memory_pool(pa.system_memory_pool())
    return pa, pq


def _parquet_pieces(scenario: Scenario, pa: Any, pq: Any) -> Iterator[bytes]:
    whole = {"run": pa.int32(), "lane": pa.int32(), "step": pa.int32(), "optimizer": pa.string()}
    schema = pa.schema(
        [(name, whole.get(name, pa.float64())) for name in COLUMNS],
        metadata={"query": encode(scenario)},
    )
    sink = Sink()
    with pq.ParquetWriter(sink, schema) as writer:
        for chunk in simulate(scenario):
            columns = _columns(scenario, chunk)
            breathe()
            table = pa.table(columns, schema)
            breathe()
            writer.write_table(table)
            del columns, table
            yield sink.take()
    yield sink.take()


class Sink:
    """A file that is only written to; what was written since the last time is taken away."""

    closed = False

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.length = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self.pieces.append(piece)
        self.length += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self.length

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written stays until it is taken."""

    def take(self) -> bytes:
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def _numbers(
    chunk: Chunk, some: slice = slice(None)
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """FLOATS of some rows, shape (rows, runs, lanes, 5), and which rows there are."""
    columns = [chunk.x[0], chunk.x[1], chunk.loss, chunk.grad_norm, chunk.lr]
    runs, rows, lanes = columns[0][:, some].shape
    table = np.empty((rows, runs, lanes, len(FLOATS)))
    for i, values in enumerate(columns):
        table[..., i] = values[:, some].swapaxes(0, 1)
    kept = ~np.isnan(table[..., 0])
    if chunk.first == 0 and not some.start:
        kept[0] = True  # the start is always a row
    return table, kept


def _columns(scenario: Scenario, chunk: Chunk) -> dict[str, NDArray[Any]]:
    """COLUMNS of a chunk's rows, in order of step, run and lane."""
    table, kept = _numbers(chunk)
    step, run, lane = np.nonzero(kept)
    names = np.array([call.name for call in scenario.runs], dtype=object)
    made: dict[str, NDArray[Any]] = {
        "run": run, "optimizer": names[run], "lane": lane, "step": step + chunk.first,
    }  # fmt: skip
    floats = table[kept].T.copy()
    return made | {name: floats[i] for i, name in enumerate(FLOATS)}


def _csv_rows(chunk: Chunk, runs: list[bytes], lanes: list[bytes]) -> Iterator[bytes]:
    """The rows of a chunk in order of step, run and lane.

    orjson writes the shortest exact text of a float about 20 times faster than pandas'
    to_csv, so the numbers of all rows are written as one JSON array and cut apart.
    """
    count, at_once = chunk.x.shape[2], max(1, PIECE // (len(runs) * len(lanes)))
    for begin in range(0, count, at_once):
        table, kept = _numbers(chunk, slice(begin, begin + at_once))
        first = chunk.first + begin
        steps = [b"%d," % step for step in range(first, first + table.shape[0])]
        heads: Any = product(steps, runs, lanes)
        if not kept.all():
            heads = compress(heads, kept.ravel().tolist())
        for part in _parts(table[kept]):
            breathe()
            rows = zip(islice(heads, len(part)), number_lines(part), strict=True)
            yield b"".join([b"%b%b%b%b\n" % (r, n, s, line) for (s, r, n), line in rows])


def number_lines(table: NDArray[np.float64]) -> list[bytes]:
    """Each row's numbers, separated by commas. table: shape (n, columns)."""
    if table.shape[0] == 0:
        return []
    text = orjson.dumps(np.ascontiguousarray(table), option=orjson.OPT_SERIALIZE_NUMPY)
    lines = text[2:-2].split(b"],[")
    for i in np.flatnonzero(~np.isfinite(table).all(axis=1)).tolist():
        lines[i] = b",".join(
            b"" if math.isnan(value) else repr(value).encode() for value in table[i].tolist()
        )
    return lines
