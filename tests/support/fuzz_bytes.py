"""Random bytes at a real server's socket: pipelines, chunks, halves, wrong lengths, other tongues.

A conversation is a list of pieces to send; what comes back has to be HTTP with a status that is
allowed, or nothing where nothing was asked.
"""

from __future__ import annotations

import random
import re
import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nnopt_viz.web.guard import CALLBACKS
from tests.support.fuzz_requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.fuzz_requests import Requests

STATUSES = {200, 302, 304, 400, 403, 404, 405, 408, 413, 414, 415, 417, 426, 431, 501, 503, 505}
ANSWER = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
MOST = 400_000  # bytes that are read; then the client leaves
PATIENCE = 6.0  # seconds of silence; then too
HOST = "Host: a.example\r\n"
SOUND = (
    "/healthz", "/run.json?steps=3", "/run.csv?steps=3", "/catalogue.json", "/nope", "/", "/x.json",
    "/run.json?steps=x", "/assets/main.mjs", "/_dash-dependencies", "/check.json?steps=2",
)  # fmt: skip
A = b" HTTP/1.1\r\nHost: a\r\n"
LENGTHS = (
    "Content-Length: -1", "Content-Length: x", "Content-Length: 3\r\nContent-Length: 4",
    "Content-Length: 3\r\nTransfer-Encoding: chunked",
    "Content-Length: 99999999999999999999",
    "Content-Length: 50", "Content-Length: +3", "Content-Length: 0x3",
    "Content-Length: 3, 3",
    "Content-Length:", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, gzip",
    "Transfer-Encoding: identity", "Transfer-Encoding : chunked", "Content-Length: 3 ",
    "Transfer-Encoding: xchunked", "Content-Length: 2000000", "Expect: 100-continue",
)  # fmt: skip
NOT_SIZES = (b"zz", b"-1", b"f" * 40, b"0x5", b"", b"1;a=b", b"7fffffff")
FOREIGN = [
    b"GET /healthz\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
    b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /healthz" + A + b"\r\n", b"\r\n\r\n\r\n",
    b"GET http://a.example/healthz" + A + b"\r\n", b"OPTIONS *" + A + b"\r\n",
    b"GET http://a.example" + A + b"\r\n", b"GET " + A + b"\r\n", b"GET ?steps=2" + A + b"\r\n",
    b"GET run.json" + A + b"\r\n", b"get /healthz" + A + b"\r\n", b"GET\t/healthz" + A + b"\r\n",
    b"GET /healthz HTTP/1.1\nHost: a\n\n", b"GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", b"GET /healthz" + A + b" folded\r\n\r\n",
    b"GET /healthz" + A + b"A\x00B: c\r\n\r\n", b"GET /healthz" + A + b"Host: b\r\n\r\n",
    b"GET /healthz" + A + b"X: y\r\n" * 2000 + b"\r\n", b"GET /%00%ff" + A + b"\r\n",
    b"GET /healthz" + A + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 20_000 + A + b"\r\n", b"CONNECT a:443" + A + b"\r\n",
    b"GET /" + A + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET /" + A + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    b"GET /" + A + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    + b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Talk:
    """What is sent on one connection.

    Args:
        kind: in a word, for the counts.
        pieces: sent one after the other.
        answers: how many come back; None where that is the server's to say.
        half: is the sending side closed then?
    """

    kind: str
    pieces: tuple[bytes, ...]
    answers: int | None = None
    half: bool = False


class Talks:
    """All conversations of a seed, by their number."""

    def __init__(self, requests: Requests) -> None:
        self.requests = requests

    def __getitem__(self, number: int) -> Talk:
        dice = random.Random(f"bytes {self.requests.seed} {number}")
        kinds: list[Callable[[random.Random, int], Talk]] = [
            self.pipeline, self.chunks, self.half, self.lengths, self.noise, self.foreign,
            self.spoilt, self.slices,
        ]  # fmt: skip
        return dice.choice(kinds)(dice, number)

    def pipeline(self, dice: random.Random, number: int) -> Talk:
        """Some requests at once."""
        asked = [get(dice.choice(SOUND)) for _ in range(dice.randint(1, 6))]
        asked.append(get(dice.choice(SOUND), "Connection: close\r\n"))
        return Talk("pipeline", (b"".join(asked),), len(asked))

    def chunks(self, dice: random.Random, number: int) -> Talk:
        """A body in chunks, right or wrong."""
        body = dice.randbytes(dice.randrange(200))
        made, at, is_right = b"", 0, dice.random() < 0.5
        while at < len(body):
            size = dice.randint(1, 90)
            part = body[at : at + size]
            told = f"{len(part):x}".encode()
            if not is_right:
                told = dice.choice(
                    (told, b"zz", b"-1", b"f" * 40, b"0x5", b"", b"1;a=b", b"7fffffff")
                )
            made += told + dice.choice((b"\r\n", b"\r\n", b"\r\n" if is_right else b"\n")) + part
            made += b"\r\n" if is_right or dice.random() < 0.7 else b""
            at += size
        made += b"0\r\n\r\n" if is_right or dice.random() < 0.5 else b"0\r\nX: y\r\n"
        head = (
            f"POST {CALLBACKS} HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        ).encode()
        return Talk("chunks", (head, made), 1 if is_right else None, not is_right)

    def half(self, dice: random.Random, number: int) -> Talk:
        """A request that ends somewhere in its middle."""
        whole = whole_bytes(self.requests[number])
        return Talk("half", (whole[: dice.randrange(len(whole))],), None, half=True)

    def lengths(self, dice: random.Random, number: int) -> Talk:
        """Lengths of bodies that are wrong, or say different things."""
        told = dice.choice(LENGTHS)
        method, path = dice.choice(
            (("POST", CALLBACKS), ("GET", "/run.json?steps=2"), ("PUT", "/"))
        )
        head = f"{method} {path} HTTP/1.1\r\n{HOST}{told}\r\n\r\n"
        return Talk("lengths", (head.encode(), b'{"}', get("/healthz")), None, half=True)

    def noise(self, dice: random.Random, number: int) -> Talk:
        """Bytes."""
        made = dice.randbytes(dice.randrange(1, 400))
        return Talk("noise", (made + dice.choice((b"", b"\r\n\r\n")),), None, half=True)

    def foreign(self, dice: random.Random, number: int) -> Talk:
        """Other protocols, and heads that other servers read otherwise."""
        return Talk("foreign", (dice.choice(FOREIGN),), None, half=dice.random() < 0.9)

    def spoilt(self, dice: random.Random, number: int) -> Talk:
        """A request of which some bytes are others, twice there, or missing."""
        made = bytearray(whole_bytes(self.requests[number]))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(made) + 1)
            made[at : at + dice.randrange(3)] = dice.choice((
                dice.randbytes(1), b"\r\n", b"\n", b" ", b":", b"\x00", made[at : at + 9] * 2, b"",
            ))  # fmt: skip
        return Talk("spoilt", (bytes(made),), None, half=True)

    def slices(self, dice: random.Random, number: int) -> Talk:
        """A sound request in several pieces."""
        whole = get(dice.choice(SOUND), "Connection: close\r\n")
        cuts = sorted(dice.sample(range(1, len(whole)), 3))
        ends = zip([0, *cuts], [*cuts, len(whole)], strict=True)
        return Talk("slices", tuple(whole[a:b] for a, b in ends), 1)


def get(path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\n{HOST}{more}\r\n".encode()


def whole_bytes(request: Request) -> bytes:
    """A request as it goes over the wire, the last one of its connection."""
    closing = replace(request, headers=(*request.headers, ("Connection", "close")))
    return closing.head + closing.body


def said(port: int, talk: Talk) -> tuple[bytes, bool]:
    """What a server says to it, and whether it said all that it had to say."""
    got, size = [], 0
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in talk.pieces:
                line.sendall(piece)
            if talk.half:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has read enough: what it says of that may still be there
        try:
            while size < MOST:
                piece = line.recv(65536)
                if not piece:
                    return b"".join(got), True
                got.append(piece)
                size += len(piece)
        except OSError:
            return b"".join(got), False
    return b"".join(got), False


def statuses(got: bytes) -> list[int]:
    """Of the final answers that begin in what was said (no body of ours holds a status line)."""
    found = [int(status) for status in ANSWER.findall(got)]
    return [status for status in found if status >= 200]


def check_talk(talk: Talk, got: bytes, is_whole: bool) -> None:
    """What must hold for whatever is said on a connection."""
    if got:
        assert ANSWER.match(got), got[:200]
    found = statuses(got)
    assert set(found) <= STATUSES, found
    assert talk.answers is None or not is_whole or len(found) == talk.answers, (found, got[:300])
    assert b"Traceback" not in got
