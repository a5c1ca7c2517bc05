"""Answers pulled by the event loop: whichever threads make them, whoever leaves."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from nnopt_viz.page import build_app
from nnopt_viz.web import bridge
from nnopt_viz.web.desk import Visit
from tests.support import loops
from tests.support.fuzz_checks import UNPACK, environ_of
from tests.support.fuzz_requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    Message = dict[str, Any]

PIECE = 100 * bridge.BLOCK


class Connection:
    """The connection of a client; `ends` says how the server ended it."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def cut(self) -> None:
        self.ends.append("cut")


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "identity"])
def test_the_pieces_of_an_answer_are_made_by_any_thread(encoding: str) -> None:
    app: Any = build_app()
    headers = (("Host", "a"), ("Accept-Encoding", encoding))
    request = Request("/run.json", "steps=3000&start=grid(n=3)", headers=headers)
    answer = bridge._Answer(app.server.wsgi_app, environ_of(request, Visit("")))
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        pieces = [one.submit(answer.pull).result()]
        while pieces[-1] is not None:
            pieces.append(other.submit(answer.pull).result())
        one.submit(answer.close).result()
    unpack = UNPACK[dict(answer.headers).get(b"content-encoding", b"identity").decode()]
    assert orjson.loads(unpack(b"".join(filter(None, pieces))))["rows"]["step"][-1] == 3000


def test_no_more_is_sent_to_a_client_that_has_left() -> None:
    """After the second block of a hundred: what is on its way still may go."""
    sent: list[Message] = []
    has_left = asyncio.Event()
    connection = Connection()

    def app(environ: Message, start: Any) -> Iterator[bytes]:
        start("200 OK", [])
        return iter([b"x" * PIECE])

    told: Iterator[Message] = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in told:
            return message
        await has_left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 3:
            has_left.set()

    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "http_version": "1.1",
        "scheme": "http", "headers": [], "extensions": {bridge.CONNECTION: connection},
    }  # fmt: skip
    loops.run(bridge.Bridge(app, 1, 5.0, 1000)(scope, receive, send))
    assert len(sent) < 10
    assert connection.ends == ["cut"]
