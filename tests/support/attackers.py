"""Clients that hold a server up: silent ones, slow ones, and those who leave.

Each is an `Attack`: given an address and a `Met`, it goes on until the server ends it, and notes
what it met. `crowd` runs many in an event loop that is there, `attacking` in a thread of its own:

    with attacking(port, (silent(), 40), (slow_reader("/run.csv?…"), 16)) as met: …
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
CALLBACKS = "/_dash-update-component"
KEPT = 64 * 1024  # of an answer's bytes: enough for any head and refusal
LITTLE_ROOM = 4096  # bytes that the kernel takes in for a slow reader


@dataclass(slots=True)
class Met:
    """What an attacker has met so far.

    Args:
        is_there: it is connected, and has said what it says at once.
        sent, received: bytes.
        answer: the first bytes of the answer, at most KEPT.
        end: "" while it goes on; "closed" or "reset" by the server, "refused" when there was no
            connection, "left" when it went away by itself.
    """

    is_there: bool = False
    sent: int = 0
    received: int = 0
    answer: bytes = b""
    end: Literal["", "closed", "reset", "refused", "left"] = ""

    @property
    def status(self) -> int:
        """Of the answer; 0 while there is none."""
        first = self.answer.split(b"\r\n", 1)[0].split()
        return int(first[1]) if len(first) > 1 and first[1].isdigit() else 0


# What one does on a connection that is open; it returns when the server closes or it has left.
Act = Callable[[socket.socket, Met], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Attack:
    """One kind of client.

    Args:
        name: what it is called in a table.
        act: what it does.
        room: of the kernel's receive buffer, in bytes; 0 for the usual one.
    """

    name: str
    act: Act
    room: int = 0


def silent() -> Attack:
    """Connects, and says nothing."""
    return Attack("silent", _listen)


def slow_head(every: float = 3.0, path: str = "/healthz") -> Attack:
    """Sends its head a byte every few seconds."""
    head = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Long: ".encode() + b"a" * 4000

    async def act(line: socket.socket, met: Met) -> None:
        await _trickle(line, met, head, every)

    return Attack("slow head", act)


def slow_body(every: float = 3.0, path: str = CALLBACKS, length: int = 10_000) -> Attack:
    """Sends its head at once, and then a byte of its body every few seconds."""

    async def act(line: socket.socket, met: Met) -> None:
        head = _head(
            "POST", path, f"Content-Type: application/json\r\nContent-Length: {length}\r\n"
        )
        await _send(line, met, head + b'{"output": "')
        await _trickle(line, met, b"a" * length, every)

    return Attack("slow body", act)


def slow_reader(path: str, rate: int = 1024, every: float = 1.0) -> Attack:
    """Asks properly, and reads `rate` bytes every `every` seconds."""

    async def act(line: socket.socket, met: Met) -> None:
        await _send(line, met, _head("GET", path))
        while await _receive(line, met, rate):
            await asyncio.sleep(every)

    return Attack("slow reader", act, LITTLE_ROOM)


def gone(path: str, after: int = 0) -> Attack:
    """Asks properly, and leaves once it has `after` bytes; with 0 as soon as it has asked."""

    async def act(line: socket.socket, met: Met) -> None:
        await _send(line, met, _head("GET", path))
        while met.received < after:
            if not await _receive(line, met, after - met.received):
                return
        met.end = "left"

    return Attack("gone", act)


async def meet(port: int, attack: Attack, met: Met, source: str = HOST) -> None:
    """One client, from its connection to its end; `source` is the address it comes from."""
    line = socket.socket()
    try:
        line.setblocking(False)
        line.bind((source, 0))
        if attack.room:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, attack.room)
        try:
            await asyncio.get_running_loop().sock_connect(line, (HOST, port))
        except OSError:
            met.end = "refused"
            return
        try:
            await attack.act(line, met)
            met.end = met.end or "closed"
        except OSError:
            met.end = "reset"
    finally:
        line.close()


async def crowd(
    port: int, met: list[Met], *attacks: tuple[Attack, int], source: str = HOST
) -> None:
    """So many of each at once, until all have ended; `met` gets an entry for each at once."""
    ours = [(attack, Met()) for attack, count in attacks for _ in range(count)]
    met.extend(one for _, one in ours)
    await asyncio.gather(*(meet(port, attack, one, source) for attack, one in ours))


@contextmanager
def attacking(port: int, *attacks: tuple[Attack, int]) -> Iterator[list[Met]]:
    """The same beside a test: all are there when the block begins, and leave when it ends."""
    met: list[Met] = []
    loop = asyncio.new_event_loop()
    attack = loop.create_task(crowd(port, met, *attacks))
    begun = threading.Event()

    async def look() -> None:
        while not (met and all(one.is_there or one.end for one in met)):
            await asyncio.sleep(0.01)
        begun.set()

    def run() -> None:
        looking = loop.create_task(look())
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(asyncio.gather(looking, attack))

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    try:
        yield met
    finally:
        loop.call_soon_threadsafe(attack.cancel)
        thread.join()
        loop.close()


def _head(method: str, path: str, more: str = "") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n{more}\r\n".encode()


async def _send(line: socket.socket, met: Met, text: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(line, text)
    met.sent += len(text)
    met.is_there = True


async def _receive(line: socket.socket, met: Met, most: int = KEPT) -> int:
    """Take in up to so many bytes; how many there were, 0 at the end."""
    taken = await asyncio.get_running_loop().sock_recv(line, most)
    met.received += len(taken)
    met.answer += taken[: KEPT - len(met.answer)]
    return len(taken)


async def _listen(line: socket.socket, met: Met) -> None:
    """Take in what comes until the server closes."""
    met.is_there = True
    while await _receive(line, met):
        pass


async def _trickle(line: socket.socket, met: Met, text: bytes, every: float) -> None:
    """Send a byte at a time, taking in what comes meanwhile, until the server closes."""
    for at in range(len(text)):
        await _send(line, met, text[at : at + 1])
        with suppress(TimeoutError):
            await asyncio.wait_for(_listen(line, met), every)
            return
    await _listen(line, met)
