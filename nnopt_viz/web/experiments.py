"""Experiments over HTTP: a stream of findings as they come, and the finished numbers.

An experiment is computed inside the answer that streams it: who goes away ends it, and the
server keeps nothing per visitor. A finished one is known by its tag: who has it asks again and
gets 304; the last few are kept for their tables.
"""

from __future__ import annotations

import csv
import io
import os
import threading
from collections import OrderedDict
from contextlib import closing
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response, request

from nnopt_viz.experiments import STUDIES, Finding
from nnopt_viz.experiments.codec import decode_study, encode_study
from nnopt_viz.web.api import CACHE, answered, asked, error_answer, is_held, tag_of, with_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from nnopt_viz.declare.knobs import Call

STREAM = "/experiment.ndjson"
KEPT = 8  # finished experiments of this process
# How many may run in a process at once: each takes a core.
_slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
_lock = threading.Lock()
_finished: OrderedDict[str, Finding] = OrderedDict()


def register(server: Flask) -> None:
    """Add every route to a Flask server."""
    views: dict[str, Callable[[str], Response]] = {
        STREAM: _stream,
        "/experiment.json": partial(_table, "/experiment.json", json_text, "application/json"),
        "/experiment.csv": partial(_table, "/experiment.csv", csv_text, "text/csv"),
    }
    for path, view in views.items():
        server.add_url_rule(path, path, partial(asked, view), methods=["GET"])


def _stream(text: str) -> Response:
    call = decode_study(text)
    tag, cache = tag_of(STREAM, encode_study(call)), f"{CACHE}, no-transform"
    if is_held(tag):
        return with_tag(Response(status=304), tag, cache)
    is_asked = request.method == "GET"  # HEAD is never iterated, nor closed
    if is_asked and not _slots.acquire(blocking=False):
        return _busy()
    body = _Lines(call) if is_asked else b""
    answer = with_tag(Response(body, mimetype="application/x-ndjson"), tag, cache)
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _busy() -> Response:
    answer = error_answer(
        503, "study", "", "Others run experiments here now; try again in half a minute.",
        "the same, later",
    )  # fmt: skip
    answer.headers["Retry-After"] = "30"
    return answer


class _Lines:
    """The lines of a stream; gives its place back when it is closed, begun or not."""

    def __init__(self, call: Call) -> None:
        self.lines = lines(call)
        self.is_open = True

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self.lines)
        except BaseException:  # its end, a fault, or a reader who has gone
            self.close()
            raise

    def close(self) -> None:
        self.lines.close()
        if self.is_open:
            self.is_open = False
            _slots.release()


def lines(call: Call) -> Generator[bytes, None, None]:
    """A header, then a line for every finding; the last one has `done` 1."""
    study, query = STUDIES[call.name], encode_study(call)
    seconds = study.seconds(call)
    yield orjson.dumps({"query": query, "study": study.name, "seconds": seconds}) + b"\n"
    known = _known(query)
    if known is not None:
        yield _line(known)
        return
    with closing(study.run(call)) as findings:
        for found in findings:
            if found is None:
                yield b"\n"  # who has gone is noticed when something is written
            else:
                yield _line(found)
                last = found
    _keep(query, last)


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


def finished(call: Call, watch: Callable[[float], None] = lambda _: None) -> Finding:
    """The whole finding; `watch` is told the share done."""
    query = encode_study(call)
    known = _known(query)
    if known is not None:
        return known
    for found in filter(None, STUDIES[call.name].run(call)):
        watch(found.done)
    _keep(query, found)
    return found


def _known(query: str) -> Finding | None:
    with _lock:
        if query in _finished:
            _finished.move_to_end(query)
        return _finished.get(query)


def _keep(query: str, finding: Finding) -> None:
    with _lock:
        _finished[query] = finding
        while len(_finished) > KEPT:
            _finished.popitem(last=False)


def _table(
    path: str, text_of: Callable[[Call, Finding], bytes], mimetype: str, text: str
) -> Response:
    call = decode_study(text)
    query = encode_study(call)
    if _known(query) is None and not is_held(tag_of(path, query)):
        if not _slots.acquire(blocking=False):
            return _busy()
        try:
            finished(call)
        finally:
            _slots.release()
    answer = answered(path, query, lambda: text_of(call, finished(call)))
    answer.mimetype = mimetype
    if path.endswith("csv"):
        answer.headers["Content-Disposition"] = f'attachment; filename="{call.name}.csv"'
    return answer


def csv_text(_: Call, finding: Finding) -> bytes:
    """The table as CSV in UTF-8."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(finding.table)
    writer.writerows(zip(*finding.table.values(), strict=True))
    return made.getvalue().encode()


def json_text(call: Call, finding: Finding) -> bytes:
    """Query, numbers with their intervals, and the table."""
    body = {
        "query": encode_study(call), "study": call.name,
        "numbers": [_number(one) for one in finding.numbers], "table": finding.table,
    }  # fmt: skip
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
