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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK = 64 * 1024  # bytes written at a time
STALL_SECONDS = 10.0  # a reader may take nothing for this long
LEAST_RATE = 32 * 1024  # bytes a second that a reader takes on average, beyond one stall


def paced(pieces: Iterable[bytes], connection: socket.socket | None) -> Iterator[bytes]:
    """The same bytes in small blocks, each handed on when the reader has room for it.

    Args:
        connection: the client's socket; None (no gunicorn, as in tests) just cuts blocks.

    Raises:
        BrokenPipeError: for a reader that stopped or is too slow; gunicorn ends the request.
    """
    waited, sent, is_complete = 0.0, 0, False
    try:
        for piece in pieces:
            view = memoryview(piece)
            for at in range(0, len(view), BLOCK):
                block = bytes(view[at : at + BLOCK])
                if connection is not None:
                    left = STALL_SECONDS + sent / LEAST_RATE - waited
                    waited += _wait(connection, min(STALL_SECONDS, left))
                yield block
                sent += len(block)
        is_complete = True
    finally:
        if not is_complete and connection is not None:
            _reset(connection)


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
