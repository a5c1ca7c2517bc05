"""The HTTP routes beside the page: a run as data, a surface's figures, the catalogue, the
schema, the pulse.

Every answer is a pure function of the route, the canonical query and this version of the
package. So each carries a strong ETag, and a client that has it gets 304 before anything
is simulated. A refusal carries none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import chain

import orjson
from flask import Flask, Response, request

from nnopt_viz import __version__
from nnopt_viz.catalogue import listing as catalogue
from nnopt_viz.catalogue import lookup
from nnopt_viz.catalogue.glossary import words
from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.nearest import close
from nnopt_viz.deliver.explained import explained_cost, explained_json
from nnopt_viz.deliver.formats import FORMATS, Format, MissingExtraError
from nnopt_viz.deliver.questions import RACE, TRAINING, cost_as, plane_fault
from nnopt_viz.deliver.questions import asked as asked_by
from nnopt_viz.figures import surface_cost, surface_json
from nnopt_viz.figures.lab_figures import FINE, lab_json
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.figures.thumbnail import STAMPS, stamps
from nnopt_viz.lab.codec import decode_lab, encode_lab
from nnopt_viz.lab.result import seen
from nnopt_viz.networks.planes import PlaneError
from nnopt_viz.query.keys import MAX_QUERY, QueryError, call_text
from nnopt_viz.query.links import mended
from nnopt_viz.race.codec import MAX_NOTES, decode
from nnopt_viz.race.keys import EXAMPLES
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.web import schema, settings
from nnopt_viz.web.desk import FREE
from nnopt_viz.web.kept import FOR_GOOD, REVALIDATED, SHARED, kept, not_modified, with_tag
from nnopt_viz.web.own_keys import LOOK, levels_of, scale_of, split_own
from nnopt_viz.web.release import fingerprint, release
from nnopt_viz.web.responses import NOTES
from nnopt_viz.web.visits import admit

MAX_QUERY_BYTES = 8000  # what servers and proxies let through; the codec itself takes more


def register(server: Flask) -> None:
    """Add every route to a Flask server."""
    server.config[SHARED] = settings.current().shared_cache_seconds
    for made in FORMATS.values():
        path = f"/run.{made.name}"
        if RACE.name in made.writers or TRAINING.name in made.writers:
            server.add_url_rule(path, path, _run_view(path, made), methods=["GET"])
    server.add_url_rule("/figures.json", "/figures.json", _figures, methods=["GET"])
    server.add_url_rule("/slice.json", "/slice.json", _slice, methods=["GET"])
    server.add_url_rule("/check.json", "/check.json", _check, methods=["GET"])
    for theme, path in STAMPS.items():
        server.add_url_rule(path, path, partial(_stamps, theme), methods=["GET"])
    server.add_url_rule("/catalogue.json", "/catalogue.json", _catalogue, methods=["GET"])
    server.add_url_rule("/numbers.json", "/numbers.json", _numbers, methods=["GET"])
    server.add_url_rule("/words.json", "/words.json", _words, methods=["GET"])
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
        f"at most {MAX_QUERY_BYTES:,} bytes{_command_for(raw)}",
    )  # fmt: skip


def _command_for(raw: bytes) -> str:
    """The command that takes a longer query for the same answer, in words; "" where none does."""
    question = asked_by(raw.decode("latin-1"), route="")
    files = FORMATS.of(question.name, offered=True)
    if request.path not in {f"/{question.route}.{one.name}" for one in files}:
        return ""
    return f"; `nnopt-viz {question.route}` takes up to {MAX_QUERY:,} characters"


def asked(answer: Callable[[str, list[str]], Response], status: int = 400) -> Response:
    """The answer to the request's query text, or the refusal of one that can't be used.

    Args:
        answer: (query text, takes sentences about what was read as something else) -> answer;
            may raise QueryError. The answer says them in a header (NOTES).
        status: of that refusal.
    """
    raw = request.query_string
    refused = too_long(raw)
    if refused is not None:
        return refused
    try:
        text, said = mended(query_text(raw))
        made = answer(text, said)
    except QueryError as fault:
        return fault_answer(status, fault)
    if said:
        made.headers[NOTES] = json.dumps(said[:MAX_NOTES])  # in ASCII, on one line
    return made


def _run_view(path: str, made: Format) -> Callable[[], Response]:
    def answer_to(text: str, said: list[str]) -> Response:
        question = asked_by(text)
        if question.name not in made.writers:
            others = ", ".join(f"/run.{one.name}" for one in FORMATS.of(question.name))
            raise QueryError(
                "query", made.name, f"A {question.name} can't be had as {made.name}.", others
            )
        theme = ""
        if question.name in made.themed:
            theme, text = split_theme(text)
        record = question.decode(text, False, said)
        query = question.encode(record)
        large = made.limit(question.name, record, query)
        if large is not None:
            sentence = f"{large.message} /run.csv takes it."
            return error_answer(413, large.key, large.value, sentence, large.allowed)
        tag = tag_of(path, f"{query} {theme}")
        known = not_modified(tag, made.cache)
        if known is not None:
            return known
        admit(cost_as(made, record))
        try:
            body = made.writers[question.name](record, *([theme] if theme else []))
            if question.faults and not isinstance(body, bytes):
                pieces = iter(body)  # what is wrong is known before a piece is sent
                body = chain([next(pieces)], pieces)
        except MissingExtraError as missing:
            return error_answer(501, "extra", made.name, f"{missing}.", "/run.csv, /run.json")
        except question.faults as fault:
            assert question.refused is not None
            raise question.refused(record, fault) from None
        answer = with_tag(Response(body, mimetype=made.media), tag, made.cache)
        answer.headers.extend(made.headers)
        if made.is_saved:
            answer.headers["Content-Disposition"] = f'attachment; filename="run.{made.name}"'
        return answer

    return lambda: asked(answer_to)


def _slice() -> Response:
    """Map and 3D view of a training's slice, fine: what the stream brings coarse."""

    def answer(text: str, said: list[str]) -> Response:
        theme, query = split_theme(text)
        lab = decode_lab(query, said=said)
        key = f"{encode_lab(lab)} {theme}"
        try:
            cost = TRAINING.cost(lab)
            return answered("/slice.json", key, lambda: lab_json(seen(lab), theme, FINE), cost)
        except PlaneError as fault:
            raise plane_fault(lab, fault) from None

    return asked(answer)


def _check() -> Response:
    """What a query means, or what is wrong with it: both are an answer, so both are 200."""

    def answer(text: str, said: list[str]) -> Response:
        question = asked_by(text, route="")
        record = question.decode(text, False, said)
        key = f"{question.encode(record)} {said}"
        cost = explained_cost(question, record)
        return answered("/check.json", key, lambda: explained_json(question, record, said), cost)

    return asked(answer, status=200)


def query_text(raw: bytes) -> str:
    """The raw query as text; bytes above ASCII that came unencoded must be UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeError:
        raise QueryError(
            "query", repr(raw), "The query is not UTF-8 text.", "percent-encoded UTF-8"
        ) from None


def _figures() -> Response:
    def answer(text: str, said: list[str]) -> Response:
        own, rest = split_own(text, {}, LOOK)
        scale, levels = scale_of(own.get("height")), levels_of(own.get("levels"))
        surface, theme = read_figures_query(rest, said)
        key = f"{call_text(surface, SURFACES)} {theme} {scale} {levels}"
        cost = surface_cost(surface)
        return answered(
            "/figures.json", key, lambda: surface_json(surface, theme, scale, levels), cost
        )

    return asked(answer)


def answered(path: str, key: str, body: Callable[[], bytes | str], cost: Cost = FREE) -> Response:
    """JSON that is a pure function of a key: 304 for who holds it, before it is made."""

    def made() -> Response:
        admit(cost)
        return Response(body(), mimetype="application/json")

    return kept(tag_of(path, key), made)


def read_figures_query(query: str, said: list[str] | None = None) -> tuple[Call, str]:
    """Surface and theme of a query for figures: `theme` is a key of that route only.

    The scenario's other keys may stand there, as everywhere, and change nothing.

    Raises:
        QueryError: as `decode`, and for a theme that does not exist.
    """
    theme, rest = split_theme(query)
    return decode(rest, said).surface, theme


def split_theme(query: str) -> tuple[str, str]:
    """The theme that a query names, or light, and the query without it.

    Raises:
        QueryError: for a theme that does not exist.
    """
    themes: list[str] = []
    rest: list[str] = []
    for part in query.removeprefix("?").split("&"):
        key, _, value = part.partition("=")
        if key == "theme":
            themes.append(value)
        elif key and key not in EXAMPLES and close(key, (*EXAMPLES, "theme")) == "theme":
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
            " or ".join(THEMES), close(theme, THEMES),
        )  # fmt: skip
    return theme, "&".join(rest)


def _stamps(theme: str) -> Response:
    """For good when asked for by this release's name, as the page does."""
    words = FOR_GOOD if request.query_string == release().encode() else REVALIDATED
    tag = tag_of(STAMPS[theme], "")
    return kept(tag, lambda: Response(stamps(theme), mimetype="image/png"), words)


def _catalogue() -> Response:
    return _document("/catalogue.json", _catalogue_text)


def _numbers() -> Response:
    return _document("/numbers.json", _numbers_text)


def _words() -> Response:
    return _document("/words.json", _words_text)


def _openapi() -> Response:
    return _document("/openapi.json", _openapi_text)


def _health() -> Response:
    answer = Response(
        orjson.dumps({"status": "ok", "version": __version__, "release": release()}),
        mimetype="application/json",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@lru_cache(maxsize=1)
def _catalogue_text() -> bytes:
    return orjson.dumps(catalogue.as_json())


@lru_cache(maxsize=1)
def _numbers_text() -> bytes:
    return orjson.dumps(lookup.as_json())


@lru_cache(maxsize=1)
def _words_text() -> bytes:
    return orjson.dumps({"words": words()})


@lru_cache(maxsize=1)
def _openapi_text() -> bytes:
    return orjson.dumps(schema.document())


def _document(path: str, text: Callable[[], bytes]) -> Response:
    return answered(path, "", text)


def tag_of(path: str, query: str) -> str:
    """The tag of the answer to a canonical query at a path."""
    return hashlib.sha256(f"{fingerprint()} {path}?{query}".encode()).hexdigest()[:32]
