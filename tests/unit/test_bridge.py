"""Answers pulled by the event loop: whichever threads make them, whoever leaves."""

from __future__ import annotations

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from nnopt_viz.page import build_app
from nnopt_viz.web import bridge
from nnopt_viz.web.desk import PLACES, Visit
from tests.support import loops
from tests.support.fuzz_checks import UNPACK, environ_of
from tests.support.fuzz_requests import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Message = dict[str, Any]

PIECE = 100 * bridge.BLOCK


class Connection:
    """The connection of a client; `ends` says how the server ended it."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def cut(self) -> None:
        self.ends.append("cut")

    def end(self) -> None:
        self.ends.append("end")


def scope_of(connection: Connection) -> Message:
    return {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "http_version": "1.1",
        "scheme": "http", "headers": [], "extensions": {bridge.CONNECTION: connection},
    }  # fmt: skip


def told_once() -> Callable[[], Awaitable[Message]]:
    """What a server is told of a request without a body whose client stays."""
    told: Iterator[Message] = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in told:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def app(environ: Message, start: Any) -> Iterator[bytes]:
    """Answers with one piece after the other, each of a hundred blocks."""
    start("200 OK", [])
    return itertools.repeat(b"x" * PIECE)


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

    loops.run(bridge.Bridge(app, 1, 5.0, 1000)(scope_of(connection), receive, send))
    assert len(sent) < 10
    assert connection.ends == ["cut"]


def test_who_is_sent_something_at_the_end_gets_the_whole_piece() -> None:
    """The server is told to end after the second block of a hundred."""
    sent: list[Message] = []
    connection = Connection()
    served = bridge.Bridge(app, 1, 5.0, 1000)

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 3:
            served.drain()

    loops.run(served(scope_of(connection), told_once(), send))
    assert sum(len(message.get("body", b"")) for message in sent) == PIECE
    assert all(message["more_body"] for message in sent[1:])
    assert connection.ends == ["end"]


def test_who_has_begun_does_not_wait_for_newcomers() -> None:
    """All threads of newcomers wait for the end of an answer of which a piece is sent."""
    is_over, waiting = threading.Event(), list[int]()
    crowd = 1 + PLACES + bridge.WAITING

    def app(environ: Message, start: Any) -> Iterator[bytes]:
        start("200 OK", [])
        if environ["PATH_INFO"] == "/first":
            yield b"one"
            is_over.set()
            yield b"two"
        else:
            waiting.append(1)
            assert is_over.wait(60)
            yield b"three"

    served, bodies = bridge.Bridge(app, 1, 60.0, 1000), list[bytes]()

    async def ask(path: str) -> None:
        async def send(message: Message) -> None:
            if message.get("body") == b"one":
                while len(waiting) < crowd:
                    await asyncio.sleep(0.01)
            bodies.append(message.get("body", b""))

        await served(scope_of(Connection()) | {"path": path}, told_once(), send)

    async def all_of_them() -> None:
        await asyncio.gather(ask("/first"), *(ask("/") for _ in range(2 * crowd)))

    loops.run(all_of_them())
    assert bodies.count(b"two") == 1
    assert bodies.count(b"three") == 2 * crowd
