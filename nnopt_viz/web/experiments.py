"""Experiments over HTTP: a stream of findings as they come, and the finished numbers.

An experiment is computed inside the answer that streams it: who goes away ends it, and the
server keeps nothing per visitor. A finished one is known by its tag: who has it asks again and
gets 304; the last few are kept for their tables.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from nnopt_viz.deliver.formats import FORMATS, Format
from nnopt_viz.deliver.questions import EXPERIMENT
from nnopt_viz.experiments.result import finished, known
from nnopt_viz.web.api import answered, asked, error_answer, tag_of
from nnopt_viz.web.kept import held, not_modified, with_tag

if TYPE_CHECKING:
    from collections.abc import Generator

# How many may run in a process at once: each takes a core.
_slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


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
    is_asked = request.method == "GET"  # HEAD is never iterated, nor closed
    if is_asked and not _slots.acquire(blocking=False):
        return _busy()
    body = _Lines(EXPERIMENT.stream(call)) if is_asked else b""
    answer = with_tag(Response(body, mimetype=made.media), tag, made.cache)
    answer.headers.extend(made.headers)
    return answer


def _busy() -> Response:
    answer = error_answer(
        503, "study", "", "Other experiments run here now; try again in half a minute.",
        "the same, later",
    )  # fmt: skip
    answer.headers["Retry-After"] = "30"
    return answer


class _Lines:
    """The lines of a stream; gives its place back when it is closed, begun or not."""

    def __init__(self, lines: Generator[bytes, None, None]) -> None:
        self.lines = lines
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


def _table(path: str, made: Format, text: str, said: list[str]) -> Response:
    call = EXPERIMENT.decode(text, False, said)
    query = EXPERIMENT.encode(call)
    if known(query) is None and held(tag_of(path, query)) is None:
        if not _slots.acquire(blocking=False):
            return _busy()
        try:
            finished(call)
        finally:
            _slots.release()
    answer = answered(path, query, lambda: made.text(EXPERIMENT.name, call))
    answer.mimetype = made.media
    if made.is_saved:
        answer.headers["Content-Disposition"] = f'attachment; filename="{call.name}.{made.name}"'
    return answer
