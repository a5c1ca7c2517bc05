"""Every request is a visit: it breathes, takes turns, and leaves one line in the log."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Any

import orjson
from flask import has_request_context, request

from nnopt_viz.declare.pace import looking
from nnopt_viz.web.addresses import address_of, networks
from nnopt_viz.web.desk import CHEAP, LOOK, Desk, Visit
from nnopt_viz.web.heap import trim
from nnopt_viz.web.metrics import meters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nnopt_viz.declare.cost import Cost
    from nnopt_viz.web.settings import Settings

PULSE = "/healthz"  # waits for nobody
VISIT, DESK, ROUTE = "nnopt_viz.visit", "nnopt_viz.desk", "nnopt_viz.route"  # in an environ
log = logging.getLogger("nnopt_viz.requests")


def received(
    app: Callable[..., Iterable[bytes]], desk: Desk, settings: Settings
) -> Callable[..., Iterable[bytes]]:
    """A WSGI app each of whose requests, but for the pulse, is a visit at a desk."""
    trusted = networks(settings.proxies)

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == PULSE:
            return app(environ, start_response)
        visit = environ.get(VISIT) or Visit("")
        visit.address = visit.address or address_of(environ, trusted)
        environ[VISIT], environ[DESK] = visit, desk
        body = _Body(visit, desk, environ)

        def start(status: str, headers: list[tuple[str, str]], fault: Any = None) -> Any:
            body.expect(int(status.partition(" ")[0]), headers)
            return start_response(status, headers, fault)

        body.begin(lambda: app(environ, start))
        return body

    return wrapped


def admit(cost: Cost) -> None:
    """Before the work of this request is begun: what it takes. Waits until it may begin.

    Raises:
        BusyError: when there is no place for it.
        Gone: when its client leaves while it waits.
    """
    # The routes alone, without their guard, are not in order; nor is what is asked in Python.
    if has_request_context() and DESK in request.environ:
        request.environ[DESK].enter(request.environ[VISIT], cost)


def is_at(route: str) -> None:
    """This request is for one of the routes that there are: what a client makes up is not noted."""
    request.environ[ROUTE] = route


class _Body:
    """A WSGI body whose pieces are made in turns, and whose end is noted."""

    def __init__(self, visit: Visit, desk: Desk, environ: dict[str, Any]) -> None:
        self.visit, self.desk, self.environ = visit, desk, environ
        self.started = time.monotonic()
        self.status, self.sent = 0, 0
        self.due: float = math.inf  # bytes of the whole answer, as soon as they are known
        self.pieces: Iterable[bytes] = ()
        self.iterator: Iterator[bytes] = iter(())
        self.is_open, self.has_left = True, False

    def begin(self, app: Callable[[], Iterable[bytes]]) -> None:
        """Ask the app for its answer."""
        self.pieces = self._made(app)
        self.iterator = iter(self.pieces)

    def expect(self, status: int, headers: list[tuple[str, str]]) -> None:
        """The app has said what its answer will be."""
        self.status = status
        length = next((value for name, value in headers if name.lower() == "content-length"), "")
        if self.environ.get("REQUEST_METHOD") == "HEAD" or status in (204, 304):
            self.due = 0
        elif length.isdecimal():
            self.due = int(length)

    @property
    def is_whole(self) -> bool:
        """Has all of the answer been made?"""
        return self.sent >= self.due

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece: bytes | None = None
        if not (self.has_left or self.is_whole):  # who has all may leave before it is asked again
            piece = self._made(lambda: next(self.iterator, None))
        if piece is None:
            self.due = min(self.due, self.sent)
            self._leave()  # nothing more is made, whenever the last of it is read
            raise StopIteration
        self.sent += len(piece)
        return piece

    def close(self) -> None:
        """Give back what was lent, whatever the answer came to."""
        if not self.is_open:
            return
        self.is_open = False
        try:
            if hasattr(self.pieces, "close"):
                self.pieces.close()
        finally:
            self._leave()
            seconds = time.monotonic() - self.started
            note(self.environ, self.visit, self.status, seconds, self.sent, self.is_whole)

    def _leave(self) -> None:
        if self.has_left:
            return
        self.has_left = True
        self.desk.leave(self.visit)
        if self.visit.cost.bytes > CHEAP.bytes:
            trim()

    def _made(self, make: Callable[[], Any]) -> Any:
        """What an answer makes in one go, in its turns."""
        began, then = time.thread_time(), time.monotonic()

        def look() -> None:
            nonlocal then
            now = time.monotonic()
            if now - then >= LOOK:
                then = now
                self.desk.look(self.visit, time.thread_time() - began)
            self.desk.give_way(self.visit)

        try:
            self.desk.begin(self.visit)
            with looking(look):
                return make()
        except BaseException:
            self.close()
            raise
        finally:
            self.desk.rest(self.visit)


def note(
    environ: dict[str, Any], visit: Visit, status: int, seconds: float, size: int, is_whole: bool
) -> None:
    """Count a request, and write a line about it; its query only where the log shows everything."""
    route = environ.get(ROUTE, "none")
    counted = meters()
    if counted is not None:
        counted.note(environ[DESK], route, status, visit.cost.units, seconds, size)
    if not log.isEnabledFor(logging.INFO):
        return
    said: dict[str, Any] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "method": environ.get("REQUEST_METHOD"),
        "route": route,
        "status": status,
        "units": round(visit.cost.units),
        "seconds": round(seconds, 4),
        "bytes": size,
    }
    if visit.gone.is_set() and not is_whole:
        said["gone"] = True
    if log.isEnabledFor(logging.DEBUG):
        said["address"], said["query"] = visit.address, environ.get("QUERY_STRING", "")
    log.info(orjson.dumps(said).decode())
