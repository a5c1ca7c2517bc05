"""A run as a table in a file: CSV and Parquet piece by piece, JSON in one.

Every number is written so that it reads back as exactly the same float64. Columns and
order are `trajectory`'s: run, optimizer, lane, step, x, y, loss, grad_norm, lr.
"""

from __future__ import annotations

import math
from importlib.util import find_spec
from itertools import compress, product
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
import orjson

from nnopt_viz.judge.events import Log
from nnopt_viz.judge.outcome import Watch
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.codec import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nnopt_viz.judge.simulation import Chunk
    from nnopt_viz.race.scenario import Scenario

MAX_JSON_ROWS = 200_000
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
    """CSV text in UTF-8, a piece for every chunk; NaN is an empty field, infinity `inf`."""
    yield (",".join(COLUMNS) + "\n").encode()
    prefixes = [
        f"{run},{call.name},{lane},".encode()
        for run, call in enumerate(scenario.runs)
        for lane in range(scenario.lanes)
    ]
    for chunk in simulate(scenario):
        yield _csv_rows(chunk, prefixes)


def json_text(scenario: Scenario) -> bytes:
    """Canonical query, spec, columns as arrays, outcomes and events; not finite becomes null."""
    watch, log = Watch(scenario), Log(scenario)
    blocks = [_columns(scenario, log.see(watch.see(chunk))) for chunk in simulate(scenario)]
    rows: dict[str, Any] = {
        name: np.concatenate([block[name] for block in blocks]) for name in COLUMNS
    }
    rows["optimizer"] = rows["optimizer"].tolist()
    outcomes = watch.outcomes()
    body: RunDocument = {
        "format": 1,
        "query": encode(scenario),
        "spec": scenario.to_spec(),
        "rows": rows,
        "outcomes": [outcome.as_json() for outcome in outcomes],
        "events": [event.as_json() for event in log.events(outcomes)],
    }
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def has_parquet() -> bool:
    """Is the extra `parquet` installed?"""
    return find_spec("pyarrow") is not None


def parquet_pieces(scenario: Scenario) -> Iterator[bytes]:
    """A Parquet file, a row group for every chunk of the simulation.

    Raises:
        MissingExtraError: when pyarrow is not installed, before anything is written.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtraError(
            "Parquet needs the extra: pip install 'nnopt-viz[parquet]'; CSV needs nothing"
        ) from None
    return _parquet_pieces(scenario, pa, pq)


def _parquet_pieces(scenario: Scenario, pa: Any, pq: Any) -> Iterator[bytes]:
    whole = {"run": pa.int32(), "lane": pa.int32(), "step": pa.int32(), "optimizer": pa.string()}
    schema = pa.schema(
        [(name, whole.get(name, pa.float64())) for name in COLUMNS],
        metadata={"query": encode(scenario)},
    )
    sink = Sink()
    with pq.ParquetWriter(sink, schema) as writer:
        for chunk in simulate(scenario):
            writer.write_table(pa.table(_columns(scenario, chunk), schema))
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


def _numbers(chunk: Chunk) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """FLOATS of every row, shape (rows, runs, lanes, 5), and which rows there are."""
    _, runs, rows, lanes = chunk.x.shape
    table = np.empty((rows, runs, lanes, len(FLOATS)))
    for i, values in enumerate((chunk.x[0], chunk.x[1], chunk.loss, chunk.grad_norm)):
        table[..., i] = values.swapaxes(0, 1)
    table[..., 4] = chunk.lr.swapaxes(0, 1)
    kept = ~np.isnan(table[..., 0])
    if chunk.first == 0:
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


def _csv_rows(chunk: Chunk, prefixes: list[bytes]) -> bytes:
    """The rows of a chunk in order of step, run and lane.

    orjson writes the shortest exact text of a float about 20 times faster than pandas'
    to_csv, so the numbers of all rows are written as one JSON array and cut apart.
    """
    table, kept = _numbers(chunk)
    steps = [b"%d," % step for step in range(chunk.first, chunk.first + table.shape[0])]
    heads: Any = product(steps, prefixes)
    if not kept.all():
        heads = compress(heads, kept.ravel().tolist())
    lines = number_lines(table[kept])
    return b"".join([b"%b%b%b\n" % (p, s, n) for (s, p), n in zip(heads, lines, strict=True)])


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
