"""A training as a table: the same numbers as CSV, JSON, Parquet and a DataFrame.

Columns: run, optimizer, lane (0 for the first seed), step, x, y (coordinates on the plane), loss
(true, on the training data), slice_loss (what the sheet shows there), test_loss, accuracy,
out_of_plane, grad_norm, lr. A row for every recorded step, until a run's loss is no longer finite.
Where the plane does not exist, what is measured by it is empty (null): x, y, slice_loss,
out_of_plane.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
import orjson

from nnopt_viz.deliver.tables import Sink, arrow, number_lines
from nnopt_viz.lab.codec import encode_lab
from nnopt_viz.lab.notes import notes
from nnopt_viz.lab.random_walk import Walk
from nnopt_viz.lab.result import (
    COLUMNS,
    FLOATS,
    End,
    column_pieces,
    lab_columns,
    layers,
    outcomes,
    result,
    sharpness,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.lab.lab import Lab


class TrainingDocument(TypedDict):
    """What /run.json says of a training.

    Args:
        query: canonical.
        spec: the question as plain values, every knob present.
        rows: column -> values, in order of step, run and lane.
        explained: how much of each run's path runs along the plane, as `in_plane` of its outcome.
        random_walk: the same of random walks, for the run whose end is the plane's centre; null
            where there is no such plane.
        layers: by run, row and layer: activation spread, dead units, gradients, updates.
        sharpness: the largest eigenvalue of the Hessian along the paths, to 1 %; a lower bound
            of it where `bound` says so.
        notes: plain sentences about the slice.
    """

    format: Literal[1]
    query: str
    spec: dict[str, Any]
    rows: dict[str, Any]
    outcomes: list[End]
    explained: list[float | None]
    random_walk: Walk | None
    layers: dict[str, Any]
    sharpness: dict[str, Any]
    notes: list[str]


def lab_csv(lab: Lab) -> Iterator[bytes]:
    """CSV text in UTF-8, piece by piece."""
    made = result(lab)
    yield (",".join(COLUMNS) + "\n").encode()
    for columns in column_pieces(made):
        heads = zip(
            *(columns[name].tolist() for name in ("run", "optimizer", "lane", "step")), strict=True
        )
        lines = number_lines(np.stack([columns[name] for name in FLOATS], axis=1))
        yield b"".join(
            b"%d,%b,%d,%d,%b\n" % (run, name.encode(), lane, step, line)
            for (run, name, lane, step), line in zip(heads, lines, strict=True)
        )


def lab_json_text(lab: Lab) -> bytes:
    """Canonical query, spec, columns as arrays, outcomes, layers, sharpness."""
    made = result(lab)
    rows: dict[str, Any] = {
        name: column.tolist() if name == "optimizer" else np.ascontiguousarray(column)
        for name, column in lab_columns(made).items()
    }
    ends = outcomes(made)
    body: TrainingDocument = {
        "format": 1, "query": encode_lab(lab), "spec": lab.to_spec(), "rows": rows,
        "outcomes": ends, "explained": [end["in_plane"] for end in ends],
        "random_walk": ends[lab.ends[0]]["random_walk"], "layers": layers(made),
        "sharpness": sharpness(made),
        "notes": notes(made),
    }  # fmt: skip
    del made  # its paths go before the text comes
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def lab_parquet(lab: Lab) -> Iterator[bytes]:
    """A Parquet file, piece by piece.

    Raises:
        MissingExtraError: when pyarrow is not installed, before anything is written.
    """
    return _parquet_pieces(lab, *arrow())


def _parquet_pieces(lab: Lab, pa: Any, pq: Any) -> Iterator[bytes]:
    sink, made, query = Sink(), result(lab), {"query": encode_lab(lab)}
    tables = (pa.table(columns) for columns in column_pieces(made))
    first = next(tables).replace_schema_metadata(query)
    with pq.ParquetWriter(sink, first.schema) as writer:
        for table in chain([first], tables):
            writer.write_table(table)
            yield sink.take()
    yield sink.take()
