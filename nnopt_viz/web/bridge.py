"""From the event loop to the app: a WSGI app behind ASGI whose answers are pulled.

A thread is held only while something is computed. Heads and bodies are read, and answers are
sent, by the event loop: a client that is silent or slow costs a socket and no thread. The next
piece of an answer is asked for when the client has taken the last one. When the client leaves,
the visit knows it at once.
"""

from __future__ import annotations

import asyncio
import logging
import math
import sys
import threading
import time
from contextvars import copy_context
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import orjson

from nnopt_viz.declare.pace import Gone
from nnopt_viz.web.addresses import address_of
from nnopt_viz.web.crew import Crew
from nnopt_viz.web.desk import PLACES, Visit
from nnopt_viz.web.visits import PULSE, VISIT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from nnopt_viz.web.addresses import Networks

    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

BLOCK = 64 * 1024  # bytes handed to a client at a time
LEAST_RATE = 8 * 1024  # bytes a second that a reader takes on average, beyond one stall
LONGEST_SECONDS = 1800.0  # of waiting for one reader, all in all
WAITING = 8  # cheap visits that wait for their turn at the desk; others, for a thread
CONNECTION = "nnopt_viz.connection"  # the extension of a scope that cuts its connection
log = logging.getLogger("nnopt_viz.bridge")


class Bridge:
    """An ASGI app that asks a WSGI app.

    Args:
        app: the WSGI app.
        threads: how many cheap requests are computed at once.
        deadline: seconds for a whole body, and for a reader who takes nothing.
        most_body: bytes of a body; of a longer one no more is read.
        trusted: proxies whose X-Forwarded-For says who asks.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        threads: int,
        deadline: float,
        most_body: int,
        trusted: Networks = (),
    ) -> None:
        self.app, self.deadline, self.most_body = app, deadline, most_body
        self.threads, self.trusted = threads, trusted
        self.is_draining = False
        self.open: set[Visit] = set()
        self._crews: tuple[Crew, Crew] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            body = await _body(receive, self.most_body, self.deadline)
        except TimeoutError:
            await _refuse(send, 408, f"The body did not come within {self.deadline:g} seconds.")
            return
        if body is None:
            return  # the client has left
        visit, loop = Visit(""), asyncio.get_running_loop()
        connection = scope["extensions"][CONNECTION]
        visit.cut = lambda: loop.call_soon_threadsafe(connection.cut)
        environ = _environ(scope, body, visit)
        visit.address = address_of(environ, self.trusted)
        answer = _Answer(self.app, environ)
        pace = _Pace(self.deadline, visit)
        watcher = loop.create_task(_watch(receive, pace))
        self.open.add(visit)
        is_whole = False
        try:
            is_whole = await self._pulled(scope, answer, pace, send)
        except (TimeoutError, Gone):
            pass  # too slow a reader, or nobody there
        except Exception:
            log.exception("%s ends in the middle", scope["path"])
        finally:
            self.open.discard(visit)
            watcher.cancel()
            if not is_whole:
                visit.gone.set()
                (connection.end if self.is_draining else connection.cut)()
            answer.close()

    async def _pulled(self, scope: Message, answer: _Answer, pace: _Pace, send: Send) -> bool:
        """Send an answer, piece by piece; was it sent to its end?"""
        if scope["path"] == PULSE:
            piece = answer.pull()
        else:
            piece = await self._crew(has_begun=False).do(pace.visit.address, answer.pull)
        await send({
            "type": "http.response.start", "status": answer.status, "headers": answer.headers,
        })  # fmt: skip
        is_bare = scope["method"] == "HEAD" or answer.status in (204, 304)
        while piece is not None and not is_bare:
            for at in range(0, len(piece), BLOCK):
                await pace.sent(send, piece[at : at + BLOCK])
            if self.is_draining:
                return False  # after a whole piece, and not as if it were the last one
            piece = await self._crew(has_begun=True).do(pace.visit.address, answer.pull)
        await send(_part(b"", more=False))
        return True

    def drain(self) -> None:
        """No further pieces: every stream ends with the one that it is sending."""
        self.is_draining = True
        for visit in self.open:
            visit.gone.set()  # nothing more is computed; what was is still sent

    def _crew(self, has_begun: bool) -> Crew:
        """Who has begun has threads of its own: what it holds, the newcomers may wait for."""
        if self._crews is None:  # not before the fork
            width = self.threads + PLACES + WAITING
            self._crews = Crew(width, "new"), Crew(width, "begun")
        return self._crews[has_begun]


class _Pace:
    """How long one reader is waited for: a stall at a time, and a least rate over all."""

    def __init__(self, stall: float, visit: Visit) -> None:
        self.stall, self.visit = stall, visit
        self.bytes, self.waited = 0, 0.0
        self.has_left = False

    async def sent(self, send: Send, block: bytes) -> None:
        """Send a block; return when there is room for the next one.

        Raises:
            TimeoutError: for a reader that stopped or is too slow.
            Gone: for one that has left.
        """
        await asyncio.sleep(0)  # so that it is seen between two blocks that it has left
        if self.has_left:
            raise Gone
        left = min(self.stall + self.bytes / LEAST_RATE, LONGEST_SECONDS) - self.waited
        self.visit.sending = time.monotonic()
        async with asyncio.timeout(max(0.0, min(self.stall, left))):
            await send(_part(block, more=True))
        self.waited += time.monotonic() - self.visit.sending
        self.visit.sending = math.inf
        self.bytes += len(block)


class _Answer:
    """A WSGI answer, pulled piece by piece from any thread, one at a time."""

    def __init__(self, app: Callable[..., Iterable[bytes]], environ: Message) -> None:
        self.app, self.environ = app, environ
        self.status, self.headers = 500, list[tuple[bytes, bytes]]()
        self._body: Iterable[bytes] | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._lock = threading.Lock()
        self._is_busy = self._is_closing = False
        # Of all pieces, whichever thread makes them: what Flask puts there for the first one, it
        # takes out after the last.
        self._context = copy_context()

    def pull(self) -> bytes | None:
        """The next piece that is not empty, None after the last; asks the app at first."""
        with self._lock:
            if self._is_closing:
                raise Gone
            self._is_busy = True
        try:
            return self._context.run(self._next)
        finally:
            self._come_out()

    def _next(self) -> bytes | None:
        if self._body is None:
            self._body = self.app(self.environ, self._start)
            self._pieces = iter(self._body)
        return next(filter(None, self._pieces), None)

    def close(self) -> None:
        """Close the app's answer, at once or when the thread that is in it has come out."""
        with self._lock:
            self._is_closing = True
            if self._is_busy:
                return
        self._close()

    def _come_out(self) -> None:
        with self._lock:
            self._is_busy = False
            if not self._is_closing:
                return
        self._close()

    def _close(self) -> None:
        if self._body is not None and hasattr(self._body, "close"):
            self._context.run(self._body.close)

    def _start(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        self.status = int(status.partition(" ")[0])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        return _no_write


def _no_write(_: bytes) -> None:
    raise NotImplementedError("the old way to write (PEP 3333): nothing of ours uses it")


async def _body(receive: Receive, most: int, seconds: float) -> bytes | None:
    """The request's body, or as much of it as shows that it is too long; None: the client left.

    Raises:
        TimeoutError: when it is not there in time.
    """
    pieces, size = [], 0
    end = asyncio.get_running_loop().time() + seconds
    while size <= most:
        async with asyncio.timeout_at(end) as limit:
            message = await receive()
        if limit.expired():  # and a byte came in that moment: `wait_for` of 3.11 forgets the end
            raise TimeoutError
        if message["type"] != "http.request":
            return None
        pieces.append(message["body"])
        size += len(message["body"])
        if not message["more_body"]:
            break
    return b"".join(pieces)


async def _watch(receive: Receive, pace: _Pace) -> None:
    """Note it when the client leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass  # the rest of a body that is too long
    pace.has_left = True
    pace.visit.gone.set()


async def _refuse(send: Send, status: int, message: str) -> None:
    fault = {"key": "body", "value": "", "message": message, "allowed": "", "nearest": None}
    headers = [
        (b"content-type", b"application/json"), (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send(_part(orjson.dumps({"error": fault}), more=False))


def _part(body: bytes, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _environ(scope: Message, body: bytes, visit: Visit) -> Message:
    """The WSGI environ of a request (PEP 3333)."""
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    path = scope.get("raw_path") or scope["path"].encode("latin-1", "replace")
    environ: Message = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.partition(b"?")[0]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": str(client[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        VISIT: visit,
    }
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{text}" if key in environ else text
    if body or "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)  # what was sent in chunks is whole here
    return environ
