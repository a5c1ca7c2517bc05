"""The stream of a training: segments, each in the layout of `stream`, each replacing the last.

While training goes on a segment holds all rows so far, on a provisional plane; the last one
is whole. The header says `"kind": "network"`, what the plane is, and which fields a lane has;
the trailer carries map and 3D view, the layers, the sharpness and what became of the runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from nnopt_viz.declare.pace import breathe
from nnopt_viz.deliver.stream import FORMAT, MAGIC, framed
from nnopt_viz.figures.lab_figures import COARSE, lab_figures
from nnopt_viz.figures.plain import as_text
from nnopt_viz.lab.codec import encode_lab
from nnopt_viz.lab.notes import notes, without_plane
from nnopt_viz.lab.pictures import picture
from nnopt_viz.lab.result import (
    layers,
    outcomes,
    results,
    sharpness,
)
from nnopt_viz.networks import PLANES
from nnopt_viz.networks.pieces import parts
from nnopt_viz.query.labels import labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.lab.result import Result

FIELDS = (
    "x", "y", "loss", "grad_norm", "height", "slice_loss", "test_loss", "accuracy",
    "test_accuracy", "out_of_plane",
)  # fmt: skip


def lab_stream(lab: Lab, theme: str = "light") -> Iterator[bytes]:
    """The whole stream, segment by segment, each in pieces of a megabyte or so."""
    for made in results(lab, watched=True):
        yield MAGIC + framed(orjson.dumps(_header(made)), 8)
        yield from _frames(made)
        yield framed(as_text(_trailer(made, theme)).encode(), 4)


def _header(made: Result) -> dict[str, Any]:
    lab, rows = made.lab, len(made.rows.steps)
    entry = PLANES[lab.plane.name]
    network = lab.network
    return {
        "format": FORMAT,
        "kind": "network",
        "provisional": not made.is_whole,
        "query": encode_lab(lab),
        "spec": lab.to_spec(),
        "runs": [
            {"name": call.name, "label": label}
            for call, label in zip(lab.runs, labels(lab.runs), strict=True)
        ],
        "lanes": lab.seeds,
        "lanes_total": lab.seeds,
        "steps": lab.steps,
        "rows": rows,
        "rows_total": lab.rows,
        "stride": lab.stride,
        "fields": list(FIELDS),
        "frame_bytes": 4 * len(lab.runs) * (1 + len(FIELDS) * lab.seeds),
        "complete": lab.stride == 1,
        "bounds": made.slice.bounds and list(made.slice.bounds),
        "s": None,
        "network": {
            "parameters": network.size,
            "sizes": list(network.sizes),
            "layers": [
                f"{a} → {b}" for a, b in zip(network.sizes, network.sizes[1:], strict=False)
            ],
            "batchnorm": network.batchnorm,
            "loss": network.loss,
            "kind": network.kind,
        },
        "plane": {
            "name": entry.name,
            "title": entry.title,
            "doc": entry.doc,
            "axes": list(entry.axes),
            "height": lab.plane["height"],
            "missing": " ".join(without_plane(made)),
        },
        "data": {
            "name": lab.data.name,
            "train": len(lab.samples.x_train),
            "test": len(lab.samples.x_test),
            "batch": lab.batch_size,
        },
    }


def _trailer(made: Result, theme: str) -> dict[str, Any]:
    trailer: dict[str, Any] = {
        "outcomes": outcomes(made),
        "events": [],
        "notes": notes(made),
        "figures": lab_figures(made, theme, COARSE) if made.slice.plane else None,
        "picture": picture(made),
        "layers": layers(made),
    }
    return trailer | ({"sharpness": sharpness(made)} if made.is_whole else {})


def _frames(made: Result) -> Iterator[bytes]:
    """Rows as float32: for each run lr, then for each seed FIELDS."""
    rows, part = made.rows, made.slice
    values = (
        part.x, part.y, rows.loss, rows.grad_norm, made.true, part.height, rows.test_loss,
        rows.accuracy, rows.test_accuracy, part.away,
    )  # fmt: skip
    runs, count, seeds = rows.loss.shape
    width = 1 + len(FIELDS) * seeds
    for some in parts(count, runs * width):
        breathe()
        frames = np.empty((len(rows.steps[some]), runs, width), dtype="<f4")
        with np.errstate(over="ignore", invalid="ignore"):
            frames[:, :, 0] = rows.lr[:, some, 0].T
            for i, value in enumerate(values):
                frames[:, :, 1 + i :: len(FIELDS)] = value[:, some].swapaxes(0, 1)
            gone = ~np.isfinite(rows.loss[:, some].swapaxes(0, 1))
        for i in range(2):  # a place that has no loss is no place
            frames[:, :, 1 + i :: len(FIELDS)][gone] = np.nan
        yield frames.tobytes()
