"""Sending at the reader's pace, but never waiting for a reader without end.

A gunicorn thread that writes to a socket nobody reads from would wait for good. Here each
stretch of waiting, and all of them together, are bounded; the connection is then reset.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BLOCK = 64 * 1024  # bytes written at a time
STALL_SECONDS = 10.0  # a client may do nothing for this long
LEAST_RATE = 8 * 1024  # bytes a second that a reader takes on average, beyond one stall
LONGEST_SECONDS = 1800.0  # of waiting for one reader, all in all


def paced_app(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI app whose bodies are sent with `paced` under gunicorn, and as they are elsewhere."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = app(environ, start_response)
        connection = environ.get("gunicorn.socket")
        if connection is None or isinstance(body, environ["wsgi.file_wrapper"]):
            return body  # gunicorn hands files to the kernel
        return paced(body, connection)

    return wrapped


def paced(pieces: Iterable[bytes], connection: socket.socket) -> Iterator[bytes]:
    """The same bytes in small blocks, each handed on when the reader has room for it.

    Args:
        pieces: a WSGI body; it is closed at the end, when it can be.
        connection: the client's socket.

    Raises:
        BrokenPipeError: for a reader that stopped or is too slow; gunicorn ends the request.
    """
    waited, sent, is_complete = 0.0, 0, False
    try:
        for piece in pieces:
            view = memoryview(piece)
            for at in range(0, len(view), BLOCK):
                block = bytes(view[at : at + BLOCK])
                left = min(STALL_SECONDS + sent / LEAST_RATE, LONGEST_SECONDS) - waited
                waited += _wait(connection, min(STALL_SECONDS, left))
                yield block
                sent += len(block)
        is_complete = True
    finally:
        if not is_complete:
            _reset(connection)
        if hasattr(pieces, "close"):
            pieces.close()


def _wait(connection: socket.socket, seconds: float) -> float:
    """Wait until there is room to write; the seconds it took."""
    started = time.monotonic()
    poller = select.poll()
    poller.register(connection, select.POLLOUT)
    if not poller.poll(max(0.0, seconds) * 1000):
        raise BrokenPipeError(errno.EPIPE, "the reader is too slow")
    return time.monotonic() - started


def _reset(connection: socket.socket) -> None:
    """Close at once, dropping what is unsent: gunicorn would linger on its main thread."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the reader was faster
