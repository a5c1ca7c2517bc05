"""A line to a server that can be cut in the middle of an answer, as a broken connection does it."""

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
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, target: int, what: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.target = target
        self.what = what
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
        _shut(behind)

    def _downwards(self, behind: socket.socket) -> None:
        try:
            while data := behind.recv(PIECE):
                if self.left is not None:
                    data = data[: self.left]
                    self.left -= len(data)
                self.request.sendall(data)
                if self.left == 0:
                    self.server.cuts += 1
                    return
        except OSError:
            pass


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def relaying(target: int, what: bytes) -> Iterator[Relay]:
    """A relay that runs."""
    with Relay(target, what) as relay:
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        yield relay
        relay.shutdown()
