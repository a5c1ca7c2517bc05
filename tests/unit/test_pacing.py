"""A reader's pace is followed, within bounds."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from nnopt_viz.web import pacing

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECES = [b"x" * 1_000_000] * 20


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """(the server's end, the reader's end), with little room in between."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(listener.getsockname())
        writer, _ = listener.accept()
        with reader, writer:
            yield writer, reader


class Body:
    """A WSGI body that knows whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(PIECES)

    def close(self) -> None:
        self.is_closed = True


def send(body: Body, writer: socket.socket) -> int:
    """What gunicorn does; how many bytes went out."""
    sent = 0
    for block in pacing.paced(body, writer):
        writer.sendall(block)
        sent += len(block)
    return sent


def test_a_reader_gets_every_byte(ends: tuple[socket.socket, socket.socket]) -> None:
    writer, reader = ends
    body, received = Body(), []

    def read() -> None:
        while piece := reader.recv(1 << 20):
            received.append(len(piece))

    thread = threading.Thread(target=read)
    thread.start()
    assert send(body, writer) == sum(map(len, PIECES))
    writer.shutdown(socket.SHUT_WR)
    thread.join()
    assert sum(received) == sum(map(len, PIECES))
    assert body.is_closed


def test_a_reader_that_stops_is_dropped(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "STALL_SECONDS", 0.2)
    body, started = Body(), time.monotonic()
    with pytest.raises(BrokenPipeError):
        send(body, ends[0])
    assert time.monotonic() - started < 5
    assert body.is_closed
    with suppress(ConnectionResetError):  # what had arrived, and then an end instead of a wait
        while ends[1].recv(1 << 20):
            pass


def test_a_reader_that_dawdles_is_dropped(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It always takes a little in time, and never enough."""
    monkeypatch.setattr(pacing, "STALL_SECONDS", 0.5)
    monkeypatch.setattr(pacing, "LEAST_RATE", 1 << 30)
    writer, reader = ends
    done = threading.Event()

    def dawdle() -> None:
        while not done.wait(0.05):
            try:
                reader.recv(4096)
            except OSError:
                return

    thread = threading.Thread(target=dawdle)
    thread.start()
    started = time.monotonic()
    try:
        with pytest.raises(BrokenPipeError):
            send(Body(), writer)
    finally:
        done.set()
        thread.join()
    assert time.monotonic() - started < 5


def test_elsewhere_a_body_stays_as_it_is() -> None:
    body = Body()
    app = pacing.paced_app(lambda environ, start_response: body)
    assert app({}, None) is body
