"""The HTTP routes beside the page: a run as data, a surface's figures, the catalogue, the
schema, the pulse.

Every answer is a pure function of the route, the canonical query and this version of the
package. So each carries a strong ETag, and a client that has it gets 304 before anything
is simulated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from flask import Flask, Response, request

from nnopt_viz import __version__, catalogue, openapi
from nnopt_viz.explained import explained_json
from nnopt_viz.figures import surface_json
from nnopt_viz.figures.animated_page import animated_page, plotly_version
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.figures.recording import MOST_MARKS
from nnopt_viz.figures.recording import problem as page_problem
from nnopt_viz.figures.thumbnail import STAMPS, stamps
from nnopt_viz.knobs import Call
from nnopt_viz.scenario import Scenario
from nnopt_viz.stream import run_stream
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.tables import (
    MAX_JSON_ROWS,
    MissingExtraError,
    csv_pieces,
    json_text,
    parquet_pieces,
)
from nnopt_viz.url import decode, encode
from nnopt_viz.url_grammar import nearest
from nnopt_viz.url_keys import EXAMPLES, QueryError, call_text

MAX_QUERY_BYTES = 8000  # what servers and proxies let through; the codec itself takes more
# Stored by any cache, and asked for again each time: a new version is seen at once.
CACHE = "public, max-age=0, must-revalidate"


@dataclass(frozen=True, slots=True)
class Format:
    """One way to get a run.

    Args:
        path: the route.
        mimetype: of the answer.
        body: scenario -> bytes, or pieces of bytes to be sent as they are made.
        cache: the Cache-Control header.
        filename: offered to a browser that saves it; empty to show it.
        headers: further headers.
    """

    path: str
    mimetype: str
    body: Callable[[Scenario], bytes | Iterable[bytes]]
    cache: str = CACHE
    filename: str = ""
    headers: tuple[tuple[str, str], ...] = ()


FORMATS = (
    Format("/run.json", "application/json", json_text),
    Format("/run.csv", "text/csv", csv_pieces, filename="run.csv"),
    Format("/run.parquet", "application/vnd.apache.parquet", parquet_pieces,
           filename="run.parquet"),
    Format("/run.html", "text/html", animated_page, filename="run.html"),
    Format("/run.bin", "application/octet-stream", run_stream, f"{CACHE}, no-transform",
           headers=(("X-Accel-Buffering", "no"),)),
)  # fmt: skip


def register(server: Flask) -> None:
    """Add every route to a Flask server."""
    for made in FORMATS:
        server.add_url_rule(made.path, made.path, _run_view(made), methods=["GET"])
    server.add_url_rule("/figures.json", "/figures.json", _figures, methods=["GET"])
    server.add_url_rule("/check.json", "/check.json", _check, methods=["GET"])
    server.add_url_rule(STAMPS, STAMPS, _stamps, methods=["GET"])
    server.add_url_rule("/catalogue.json", "/catalogue.json", _catalogue, methods=["GET"])
    server.add_url_rule("/openapi.json", "/openapi.json", _openapi, methods=["GET"])
    server.add_url_rule("/healthz", "/healthz", _health, methods=["GET"])


def error_answer(
    status: int, key: str, value: str, message: str, allowed: str, nearest: str | None = None
) -> Response:
    """A refusal as JSON, in the one shape that every error has."""
    return fault_answer(status, QueryError(key, value, message, allowed, nearest))


def fault_answer(status: int, fault: QueryError) -> Response:
    """The same from a fault of the codec."""
    body = orjson.dumps({"error": fault.as_json()})
    answer = Response(body, status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def too_long(raw: bytes) -> Response | None:
    """The 414 for a query that is too long, or None."""
    if len(raw) <= MAX_QUERY_BYTES:
        return None
    return error_answer(
        414, "query", f"{len(raw):,} bytes", f"The query has {len(raw):,} bytes.",
        f"at most {MAX_QUERY_BYTES:,} bytes; `nnopt-viz run` takes longer ones",
    )  # fmt: skip


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Changes with the version and with any line of the package, or another NumPy or Plotly."""
    digest = hashlib.sha256(f"{__version__} {np.__version__} {plotly_version()}".encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _run_view(made: Format) -> Callable[[], Response]:
    def view() -> Response:
        raw = request.query_string
        refused = too_long(raw)
        if refused is not None:
            return refused
        try:
            scenario = decode(query_text(raw))
        except QueryError as fault:
            return fault_answer(400, fault)
        refused = _too_large(made.path, scenario)
        if refused is not None:
            return refused
        tag = _tag(made.path, encode(scenario))
        if _has(tag):
            return _cached(Response(status=304), tag, made.cache)
        try:
            body = made.body(scenario)
        except MissingExtraError as missing:
            return error_answer(501, "extra", "parquet", f"{missing}.", "/run.csv, /run.json")
        answer = _cached(Response(body, mimetype=made.mimetype), tag, made.cache)
        answer.headers.extend(made.headers)
        if made.filename:
            answer.headers["Content-Disposition"] = f'attachment; filename="{made.filename}"'
        return answer

    return view


def _too_large(path: str, scenario: Scenario) -> Response | None:
    """The 413 for a format that cannot hold a run: its size, and what can hold it."""
    instead = f"/run.csv?{encode(scenario)}"
    if path == "/run.json" and scenario.positions > MAX_JSON_ROWS:
        return error_answer(
            413, "steps", str(scenario.steps),
            f"This run has {scenario.positions:,} rows; JSON holds at most "
            f"{MAX_JSON_ROWS:,}. /run.csv takes it.",
            f"fewer steps, runs or starting points, or {instead}",
        )  # fmt: skip
    why_not = page_problem(scenario) if path == "/run.html" else None
    if why_not is not None:
        return error_answer(
            413, "start", str(scenario.lanes), f"{why_not} /run.csv takes it.",
            f"at most {MOST_MARKS // len(scenario.runs)} starting points for "
            f"{len(scenario.runs)} runs, fewer runs, or {instead}",
        )  # fmt: skip
    return None


def _check() -> Response:
    """What a query means, or what is wrong with it: both are an answer, so both are 200."""
    raw = request.query_string
    refused = too_long(raw)
    if refused is not None:
        return refused
    try:
        scenario = decode(query_text(raw))
    except QueryError as fault:
        return fault_answer(200, fault)
    return answered("/check.json", encode(scenario), lambda: explained_json(scenario))


def query_text(raw: bytes) -> str:
    """The raw query as text; bytes above ASCII that came unencoded must be UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeError:
        raise QueryError(
            "query", repr(raw), "The query is not UTF-8 text.", "percent-encoded UTF-8"
        ) from None


def _figures() -> Response:
    raw = request.query_string
    refused = too_long(raw)
    if refused is not None:
        return refused
    try:
        surface, theme = read_figures_query(query_text(raw))
    except QueryError as fault:
        return fault_answer(400, fault)
    key = f"{call_text(surface, SURFACES)} {theme}"
    return answered("/figures.json", key, lambda: surface_json(surface, theme))


def answered(path: str, key: str, body: Callable[[], bytes | str]) -> Response:
    """JSON that is a pure function of a key: 304 for who holds it, before it is made."""
    tag = _tag(path, key)
    if _has(tag):
        return _cached(Response(status=304), tag, CACHE)
    return _cached(Response(body(), mimetype="application/json"), tag, CACHE)


def read_figures_query(query: str) -> tuple[Call, str]:
    """Surface and theme of a query for figures: `theme` is a key of that route only.

    The scenario's other keys may stand there, as everywhere, and change nothing.

    Raises:
        QueryError: as `decode`, and for a theme that does not exist.
    """
    themes: list[str] = []
    rest: list[str] = []
    for part in query.removeprefix("?").split("&"):
        key, _, value = part.partition("=")
        if key == "theme":
            themes.append(value)
        elif key and key not in EXAMPLES and nearest(key, (*EXAMPLES, "theme")) == "theme":
            raise QueryError(
                key, value, f"There is no key {key[:40]!r}; the nearest is theme.",
                "one of " + ", ".join([*EXAMPLES, "theme"]), "theme",
            )  # fmt: skip
        else:
            rest.append(part)
    theme, *more = themes or THEMES
    if theme not in THEMES or (themes and more):
        raise QueryError(
            "theme", "&".join(themes), f"theme is {' or '.join(THEMES)}, once.",
            " or ".join(THEMES), nearest(theme, THEMES),
        )  # fmt: skip
    return decode("&".join(rest)).surface, theme


def _stamps() -> Response:
    return _document(STAMPS, stamps, "image/png")


def _catalogue() -> Response:
    return _document("/catalogue.json", _catalogue_text)


def _openapi() -> Response:
    return _document("/openapi.json", _openapi_text)


def _health() -> Response:
    answer = Response(
        orjson.dumps({"status": "ok", "version": __version__}), mimetype="application/json"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@lru_cache(maxsize=1)
def _catalogue_text() -> bytes:
    return orjson.dumps(catalogue.as_json())


@lru_cache(maxsize=1)
def _openapi_text() -> bytes:
    return orjson.dumps(openapi.document())


def _document(path: str, text: Callable[[], bytes], mimetype: str = "application/json") -> Response:
    tag = _tag(path, "")
    if _has(tag):
        return _cached(Response(status=304), tag, CACHE)
    return _cached(Response(text(), mimetype=mimetype), tag, CACHE)


def _tag(path: str, query: str) -> str:
    return hashlib.sha256(f"{fingerprint()} {path}?{query}".encode()).hexdigest()[:32]


def _has(tag: str) -> bool:
    """Does the client hold this answer? A compressed one's tag ends in `:br` or the like."""
    given: Any = request.if_none_match
    return bool(given.star_tag) or any(
        known.split(":")[0] == tag for known in given.as_set(include_weak=True)
    )


def _cached(answer: Response, tag: str, cache: str) -> Response:
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = cache
    return answer
