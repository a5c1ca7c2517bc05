"""Experiments over HTTP: a stream of findings as they come, and the finished numbers.

An experiment is computed inside the answer that streams it: who goes away ends it, and the
server keeps nothing per visitor. A finished one is known by its tag: who has it asks again and
gets 304; the last few are kept for their tables.
"""

from __future__ import annotations

from functools import partial

from flask import Flask, Response, request

from nnopt_viz.deliver.formats import FORMATS, Format
from nnopt_viz.deliver.questions import EXPERIMENT
from nnopt_viz.experiments.result import known
from nnopt_viz.web.api import answered, asked, tag_of
from nnopt_viz.web.desk import FREE
from nnopt_viz.web.kept import not_modified, with_tag
from nnopt_viz.web.visits import admit


def register(server: Flask) -> None:
    """Add every route to a Flask server."""
    for made in FORMATS.of(EXPERIMENT.name):
        path = f"/experiment.{made.name}"
        view = _stream if made.family == "stream" else _table
        server.add_url_rule(path, path, partial(asked, partial(view, path, made)), methods=["GET"])


def _stream(path: str, made: Format, text: str, said: list[str]) -> Response:
    call = EXPERIMENT.decode(text, False, said)
    tag = tag_of(path, EXPERIMENT.encode(call))
    same = not_modified(tag, made.cache)
    if same is not None:
        return same
    is_asked = request.method == "GET"
    if is_asked:
        admit(EXPERIMENT.cost(call))
    body = EXPERIMENT.stream(call) if is_asked else b""
    answer = with_tag(Response(body, mimetype=made.media), tag, made.cache)
    answer.headers.extend(made.headers)
    return answer


def _table(path: str, made: Format, text: str, said: list[str]) -> Response:
    call = EXPERIMENT.decode(text, False, said)
    query = EXPERIMENT.encode(call)
    cost = EXPERIMENT.cost(call) if known(query) is None else FREE
    answer = answered(path, query, lambda: made.text(EXPERIMENT.name, call), cost)
    answer.mimetype = made.media
    if made.is_saved:
        answer.headers["Content-Disposition"] = f'attachment; filename="{call.name}.{made.name}"'
    return answer
