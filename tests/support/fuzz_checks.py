"""What must hold for every answer, whatever was asked: `Checks(app).fault(request)`.

Requests go through the environ that the bridge makes, the visits and the desk, in this thread.
Whoever asks for something dear leaves early, as clients do: then it must end, and give back.
"""

from __future__ import annotations

import csv
import gzip
import io
import logging
import re
import threading
import time
import traceback
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import brotli
import jsonschema_rs
import orjson
import pyarrow.parquet
from backports import zstd

from nnopt_viz.declare.pace import Gone
from nnopt_viz.deliver.tables import COLUMNS
from nnopt_viz.lab.result import COLUMNS as LAB_COLUMNS
from nnopt_viz.page.pages import embedded
from nnopt_viz.web import schema, visits
from nnopt_viz.web.bridge import _environ
from nnopt_viz.web.desk import UNITS_A_SECOND, Desk, Visit
from nnopt_viz.web.guard import security_headers
from nnopt_viz.web.release import RELEASE
from nnopt_viz.web.visits import ROUTE
from tests.support.fuzz_requests import Request
from tests.support.segments import segments

if TYPE_CHECKING:
    from collections.abc import Iterator

DEAR = 3e8  # units of work; who asks for more leaves at the first look
MOST_BYTES = 3_000_000  # of an answer; then its client leaves
OFTEN = 0.004  # seconds between two looks: who leaves is noticed early, and at any place
PATIENCE = 20.0  # seconds of a processor; then everybody leaves
# An answer takes no longer than so many seconds and so many times its price: prices are fitted to
# what is usual, within ten times; on a busy machine everything takes twice as long.
SLACK, FACTOR = 1.0, 20.0
AFTERWARDS = 2.0  # seconds of a processor that are worked on at most for who has left
STATUSES = {200, 302, 304, 400, 404, 405, 413, 414, 415, 503}
PARTS = {"key", "value", "message", "allowed", "nearest"}
DATA = re.compile(r"\.(json|csv|tsv|parquet|html|bin|ndjson)$|^/_dash")
UNCLEAR = re.compile(r"q=(?![01])")
NEVER_EMPTY = ("message", "allowed")
UNPACK = {
    "identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress,
    "deflate": zlib.decompress,
}  # fmt: skip


@dataclass(slots=True)
class Answer:
    """What came back.

    Args:
        route: as the log names it.
        left: did its client leave before the end?
        units: the price that was stated.
        seconds: of a processor, all in all; `after`: of them, since its client left.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    route: str
    left: bool
    units: float
    seconds: float
    after: float


class _Leaving(threading.Event):
    """Set when a visit's client has left: at the first look, where it asked for something dear."""

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self.visit, self.began, self.left = visit, time.thread_time(), 0.0

    def is_set(self) -> bool:
        late = time.thread_time() - self.began > PATIENCE
        if not super().is_set() and (late or self.visit.cost.units > DEAR):
            self.leave()
        return super().is_set()

    def leave(self) -> None:
        self.left = time.thread_time()
        self.set()


class _Heard(logging.Handler):
    """What was logged, warnings and worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(logging.Formatter().format(record))


class Checks:
    """Asks one app, and looks at what it answers.

    Args:
        app: the Dash app.
        timed: is it a fault to work much longer than the price says?
    """

    def __init__(self, app: Any, *, timed: bool = False) -> None:
        self.app, self.timed = app.server.wsgi_app, timed
        self.desk: Desk = app.server.extensions["nnopt_viz.web.guard"]
        self.always = {*security_headers(app.csp_hashes(), "'self'"), RELEASE}
        self.heard = _Heard()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what is logged, and let work look up often: wrap around everything asked."""
        logging.getLogger().addHandler(self.heard)
        before, visits.LOOK = visits.LOOK, OFTEN
        try:
            yield
        finally:
            visits.LOOK = before
            logging.getLogger().removeHandler(self.heard)

    def ask(self, request: Request) -> Answer:
        """The answer, or as much of it as its client waits for."""
        visit = Visit("")
        visit.gone = client = _Leaving(visit)
        environ = environ_of(request, visit)
        pieces, given, size = [], [(0, {})], 0

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            given.append((int(status[:3]), dict(headers)))

        with suppress(Gone):
            body = self.app(environ, start)
            try:
                for piece in body:
                    assert isinstance(piece, bytes)
                    pieces.append(piece)
                    size += len(piece)
                    if size > MOST_BYTES:
                        client.leave()
                    if client.is_set():
                        break
            finally:
                left = client.left
                body.close()
        now, left = time.thread_time(), client.left
        after = now - left if left else 0.0
        status, headers = given[-1]
        return Answer(
            status, headers, b"".join(pieces), environ.get(ROUTE, "none"), bool(left),
            visit.cost.units, now - client.began, after,
        )  # fmt: skip

    def fault(self, request: Request, *, again: bool = False) -> tuple[Answer | None, str]:
        """The answer to a request, and what is wrong with it: "" for nothing.

        Args:
            again: ask the same again, and with its tag.
        """
        self.heard.said.clear()
        answer = None
        try:
            answer = self.ask(request)
            self._look_at(request, answer)
            if again and not answer.left and answer.status == 200:
                self._ask_again(request, answer)
        except Exception as fault:  # noqa: BLE001 (whatever it is, it is to be told)
            where = traceback.extract_tb(fault.__traceback__)[-1]
            return answer, f"{type(fault).__name__}: {fault} at {where.name}: {where.line}"
        return answer, ""

    def _look_at(self, request: Request, answer: Answer) -> None:
        assert not self.heard.said, "logged: " + "\n".join(self.heard.said)[:3000]
        lent = [*self.desk.quick.waiting, *self.desk.quick.computing, *self.desk.slow.waiting,
                *self.desk.slow.computing]  # fmt: skip
        assert (self.desk.places, self.desk.held, lent) == (0, 0, []), "something is lent still"
        if self.timed:
            assert answer.after < AFTERWARDS, f"{answer.after:.1f} s were worked on for nobody"
            most = SLACK + FACTOR * answer.units / UNITS_A_SECOND
            assert answer.seconds < most, f"{answer.seconds:.1f} s, said {answer.units:.2g} units"
        if answer.left:
            return
        assert answer.status in STATUSES, f"status {answer.status}"
        for name, value in answer.headers.items():
            assert "\n" not in value, name
        if answer.status == 304:
            tag, asked = answer.headers["ETag"], dict(request.headers).get("If-None-Match", "")
            assert tag in asked or asked.strip() == "*", "304 without a tag"
            assert not answer.body
            return
        always = self.always - (
            {"X-Frame-Options"} if (request.path or "/") in embedded() else set()
        )
        assert always <= {*answer.headers}, always - {*answer.headers}
        if answer.status >= 400:
            check_refusal(request, answer)
        elif answer.status == 200 and request.method == "GET":
            check_content(answer)
        if request.method == "HEAD":
            assert not answer.body

    def _ask_again(self, request: Request, first: Answer) -> None:
        second = self.ask(request)
        if not second.left:
            assert second.body == first.body or _read(second) == _read(first), "another answer"
            assert second.headers.get("ETag") == first.headers.get("ETag")
        tag = first.headers.get("ETag")
        # What `br;q=x` takes is anybody's guess: then the whole answer may come again.
        is_clear = not UNCLEAR.search(dict(request.headers).get("Accept-Encoding", ""))
        if tag is not None and is_clear and request.method in ("GET", "HEAD"):
            others = [(k, v) for k, v in request.headers if not k.startswith("If-")]
            headers = (*others, ("If-None-Match", tag))
            held = self.ask(Request(request.path, request.query, request.method, headers))
            assert held.left or (held.status, held.headers.get("ETag")) == (304, tag), held.status


def _read(answer: Answer) -> bytes:
    """What a client reads of an answer: unpacked, as gzip says the time; of findings as they come
    the last line, as how many come before it is a matter of time."""
    whole = unpacked(answer)
    return whole.splitlines()[-1] if answer.route.endswith(".ndjson") else whole


def environ_of(request: Request, visit: Visit) -> dict[str, Any]:
    """The environ of a request, as the bridge makes it."""
    return _environ(
        {
            "method": request.method, "path": request.path, "http_version": "1.1",
            "raw_path": request.path.encode("latin-1"), "scheme": "http",
            "query_string": request.query.encode("latin-1"), "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in request.headers
            ],
        },
        request.body, visit,
    )  # fmt: skip


def check_refusal(request: Request, answer: Answer) -> None:
    """A refusal is kept by nobody, and says what is wrong in the one shape, or as a page."""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.status != 503 or int(answer.headers["Retry-After"]) >= 1
    assert answer.status != 405 or answer.headers["Allow"]
    if request.method == "HEAD":
        return
    if answer.headers["Content-Type"].startswith("text/html"):
        assert not DATA.search(request.path), "a page for a program"
        assert answer.body.startswith(b"<!DOCTYPE html>")
        return
    (name, error), *others = orjson.loads(unpacked(answer)).items()
    assert (name, others) == ("error", [])
    check_error(error)


def check_error(error: Any) -> None:
    assert PARTS <= {*error} <= {*PARTS, "position"}, error
    assert all(0 < len(error[part]) < 3000 for part in NEVER_EMPTY), error
    assert all(isinstance(error[part], str) for part in PARTS - {"nearest"}), error
    assert error["nearest"] is None or isinstance(error["nearest"], str), error
    assert "Traceback" not in error["message"]


def check_content(answer: Answer) -> None:
    """An answer is what its type says, and as the description says of its route."""
    body, kind = unpacked(answer), answer.headers.get("Content-Type", "").partition(";")[0]
    size = answer.headers.get("Content-Length")
    assert size is None or int(size) == len(answer.body), "another length"
    if answer.route.endswith(".bin"):
        check_stream(body)
    elif kind == "application/json":
        made = orjson.loads(body)
        valid = validator(answer.route)
        if valid is not None:
            valid.validate(made)
        if "error" in made:
            check_error(made["error"])
    elif kind in ("text/csv", "text/tab-separated-values"):
        check_table(body.decode(), "," if kind == "text/csv" else "\t", answer.route)
    elif answer.route.endswith(".ndjson"):
        lines = [orjson.loads(line) for line in body.splitlines() if line]  # an empty one: a beat
        assert lines
        assert body.endswith(b"\n")
    elif answer.route.endswith(".parquet"):
        assert pyarrow.parquet.read_table(io.BytesIO(body)).column_names[0] == "run"
    elif kind == "text/html":
        assert body.lstrip()[:15].lower() == b"<!doctype html>"
        assert body.rstrip().endswith(b"</html>")
    elif kind == "image/png":
        assert body.startswith(b"\x89PNG")
    else:
        assert kind.partition("/")[0] in ("text", "font", "image", "application"), kind
        assert body or answer.route.startswith("/_"), "an empty answer"


def check_stream(body: bytes) -> None:
    """Whole segments, all of their frames."""
    assert body
    for header, frames, trailer in segments(body):
        assert frames.nbytes == header["rows"] * header["frame_bytes"]
        assert len(trailer["outcomes"]) > 0


def check_table(text: str, sign: str, route: str) -> None:
    """Every row as wide as the header."""
    assert text.endswith("\n")
    rows = list(csv.reader(io.StringIO(text), delimiter=sign))
    if route == "/run.csv":
        assert tuple(rows[0]) in (COLUMNS, LAB_COLUMNS)
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def unpacked(answer: Answer) -> bytes:
    return UNPACK[answer.headers.get("Content-Encoding", "identity")](answer.body)


@cache
def validator(route: str) -> Any:
    """For the JSON of a route, as the description says; None where it says nothing."""
    document = schema.document()
    described = document["paths"].get(route)
    if described is None:
        return None
    content = described["get"]["responses"]["200"]["content"]
    if "application/json" not in content:
        return None
    shape = content["application/json"]["schema"] | {"components": document["components"]}
    return jsonschema_rs.validator_for(shape)
