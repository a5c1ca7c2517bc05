"""An experiment as lines while it runs, and as tables when it is done."""

from __future__ import annotations

import csv
import io
import math
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import orjson

from nnopt_viz import __version__
from nnopt_viz.declare.written import shown
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.claims import is_about, judged, settings
from nnopt_viz.experiments.codec import encode_study
from nnopt_viz.experiments.frame import framed
from nnopt_viz.experiments.result import findings, finished

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.experiments import Finding
    from nnopt_viz.experiments.study import Estimate

SIGNS = {"times": "×", "%": "%"}  # units that stand right after the number


class Measured(TypedDict):
    """Something measured, with its interval over repetitions.

    Args:
        key: its name.
        words: what it is.
        value: the estimate; null where it is not finite.
        low, high: its 95 % interval, or the range of all repetitions, likewise.
        kind: which of both they are.
        unit: of all three: "times", "steps", or nothing; "%" says that a share of 1 is shown as
            100 %.
        note: what else there is to say of it.
        shown, spread: value and interval in words.
    """

    key: str
    words: str
    value: float | None
    low: float | None
    high: float | None
    kind: Literal["interval", "range"]
    unit: str
    note: str
    shown: str
    spread: str


class Claimed(TypedDict):
    """A sentence of the experiment's lesson that is about these settings.

    Args:
        text: the sentence.
        key: the number that it stands on.
        low, high: between which the number's whole interval, or range, must lie, both excluded;
            null where there is no bound.
        holds: whether it does.
    """

    text: str
    key: str
    low: float | None
    high: float | None
    holds: bool


class ExperimentDocument(TypedDict):
    """What /experiment.json says of an experiment.

    Args:
        release: of nnopt_viz that measured this: methods may be improved between releases.
        query: canonical.
        study: which experiment.
        table: column -> values, a row for each thing measured in each repetition.
    """

    release: str
    query: str
    study: str
    numbers: list[Measured]
    claims: list[Claimed]
    table: dict[str, list[Any]]


def lines(call: Call) -> Generator[bytes, None, None]:
    """A header, then a line for every finding; the last one has `done` 1."""
    study = STUDIES[call.name]
    head = {
        "release": __version__, "query": encode_study(call), "study": study.name,
        "seconds": study.seconds(call), "elsewhere": _elsewhere(call),
    }  # fmt: skip
    yield orjson.dumps(head) + b"\n"
    with closing(findings(call)) as found_so_far:
        for found in found_so_far:
            # who has gone is noticed when something is written
            yield b"\n" if found is None else _line(call, found)


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
        "numbers": [_number(one) for one in finding.numbers],
        "claims": _claims(call, finding), "table": finding.table,
    }  # fmt: skip
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def _line(call: Call, finding: Finding) -> bytes:
    made = {
        "done": finding.done,
        "charts": [asdict(framed(chart)) for chart in finding.charts],
        "numbers": [_number(one) for one in finding.numbers],
        "claims": _claims(call, finding),
    }
    return orjson.dumps(made) + b"\n"


def _claims(call: Call, finding: Finding) -> list[Claimed]:
    return [
        {
            "text": one.claim.text, "key": one.claim.key, "low": _finite(one.claim.low),
            "high": _finite(one.claim.high), "holds": one.holds,
        }
        for one in judged(call, finding)
    ]  # fmt: skip


def _elsewhere(call: Call) -> list[dict[str, str]]:
    """The nearest settings that the other claims are about: what differs there, and the query."""
    made: dict[str, dict[str, str]] = {}
    for claim in STUDIES[call.name].claims:
        if not is_about(claim, call):
            there = settings(claim, call)
            words = ", ".join(f"{k}={v}" for k, v in claim.when if there[k] != call[k])
            query = encode_study(there)
            made[query] = {"settings": words, "query": query}
    return list(made.values())


def _number(number: Estimate) -> Measured:
    value, low, high = number.value, number.low, number.high
    spread = f"{said(low, number.unit)} to {said(high, number.unit)}"
    return {
        "key": number.key, "words": number.words, "value": _finite(value), "low": _finite(low),
        "high": _finite(high), "kind": number.kind, "unit": number.unit, "note": number.note,
        "shown": said(value, number.unit) + SIGNS.get(number.unit, f" {number.unit}".rstrip()),
        "spread": spread if number.kind == "interval" else f"range {spread}",
    }  # fmt: skip


def said(value: float, unit: str) -> str:
    """A number for people, without its unit; what is not finite has diverged."""
    if math.isnan(value):
        return "∞"
    return shown(100 * value if unit == "%" else value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
