"""An experiment as lines while it runs, and as tables when it is done."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypedDict

import orjson

from nnopt_viz import __version__
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.codec import encode_study
from nnopt_viz.experiments.result import findings, finished

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.experiments import Finding
    from nnopt_viz.experiments.study import Estimate


class Measured(TypedDict):
    """Something measured, with its interval over seeds.

    Args:
        key: its name.
        words: what it is.
        value: the estimate; null where it is not finite.
        low, high: its 95 % interval, likewise; equal to the value where it has none.
    """

    key: str
    words: str
    value: float | None
    low: float | None
    high: float | None


class ExperimentDocument(TypedDict):
    """What /experiment.json says of an experiment.

    Args:
        release: of nnopt_viz that measured this: methods may be improved between releases.
        query: canonical.
        study: which experiment.
        table: column -> values, a row for each thing measured in each seed.
    """

    release: str
    query: str
    study: str
    numbers: list[Measured]
    table: dict[str, list[Any]]


def lines(call: Call) -> Generator[bytes, None, None]:
    """A header, then a line for every finding; the last one has `done` 1."""
    study = STUDIES[call.name]
    head = {
        "release": __version__, "query": encode_study(call), "study": study.name,
        "seconds": study.seconds(call),
    }  # fmt: skip
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
    """Release, query, numbers with their intervals, and the table."""
    finding = finished(call)
    body: ExperimentDocument = {
        "release": __version__, "query": encode_study(call), "study": call.name,
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


def _number(number: Estimate) -> Measured:
    value, low, high = (
        None if abs(v) >= 1e30 else v for v in (number.value, number.low, number.high)
    )
    return {"key": number.key, "words": number.words, "value": value, "low": low, "high": high}
