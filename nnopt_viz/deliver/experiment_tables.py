"""An experiment as lines while it runs, and as tables when it is done."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.codec import encode_study
from nnopt_viz.experiments.result import findings, finished

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.experiments import Finding


def lines(call: Call) -> Generator[bytes, None, None]:
    """A header, then a line for every finding; the last one has `done` 1."""
    study = STUDIES[call.name]
    head = {"query": encode_study(call), "study": study.name, "seconds": study.seconds(call)}
    yield orjson.dumps(head) + b"\n"
    with closing(findings(call)) as found_so_far:
        for found in found_so_far:
            # who has gone is noticed when something is written
            yield b"\n" if found is None else _line(found)


def csv_text(call: Call) -> bytes:
    """The table as CSV in UTF-8."""
    table = finished(call).table
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return made.getvalue().encode()


def json_text(call: Call) -> bytes:
    """Query, numbers with their intervals, and the table."""
    finding = finished(call)
    body = {
        "query": encode_study(call), "study": call.name,
        "numbers": [_number(one) for one in finding.numbers], "table": finding.table,
    }  # fmt: skip
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def _line(finding: Finding) -> bytes:
    made = {
        "done": finding.done,
        "charts": [asdict(chart) for chart in finding.charts],
        "numbers": [_number(one) for one in finding.numbers],
    }
    return orjson.dumps(made) + b"\n"


def _number(number: Any) -> dict[str, Any]:
    made = asdict(number)
    return {k: None if isinstance(v, float) and abs(v) >= 1e30 else v for k, v in made.items()}
