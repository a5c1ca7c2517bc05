"""A line to a server that is cut, or stands still, in the middle of an answer."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 1 << 12


class Relay(ThreadingTCPServer):
    """Passes all on; once `most` is set, only so many bytes of what follows a request for `what`.

    Args:
        target: port of the server behind it.
        what: the beginning of a request, such as b"GET /run.bin".
        stands_still: the rest comes once `most` is None again; else the line is cut.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, target: int, what: bytes, stands_still: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.target = target
        self.what = what
        self.stands_still = stands_still
        self.most: int | None = None
        self.cuts = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Line(BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target)) as behind:
            self.left: int | None = None
            self.is_gone = threading.Event()
            threading.Thread(target=self._upwards, args=(behind,), daemon=True).start()
            self._downwards(behind)
            _shut(self.request)
            _shut(behind)

    def _upwards(self, behind: socket.socket) -> None:
        try:
            while data := self.request.recv(PIECE):
                if self.server.what in data:
                    self.left = self.server.most
                behind.sendall(data)
        except OSError:
            pass
        self.is_gone.set()
        _shut(behind)

    def _downwards(self, behind: socket.socket) -> None:
        try:
            while data := behind.recv(PIECE):
                some = data[: self.left]
                self.request.sendall(some)
                if self.left is None:
                    continue
                self.left -= len(some)
                if self.left == 0 and not self._goes_on():
                    self.server.cuts += 1
                    return
                self.request.sendall(data[len(some) :])
        except OSError:
            pass

    def _goes_on(self) -> bool:
        """Stand still until all may pass, or until nobody waits for it."""
        if not self.server.stands_still:
            return False
        while self.server.most is not None:
            if self.is_gone.wait(0.02):
                return False
        self.left = None
        return True


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def relaying(target: int, what: bytes, stands_still: bool = False) -> Iterator[Relay]:
    """A relay that runs."""
    with Relay(target, what, stands_still) as relay:
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        yield relay
        relay.shutdown()
