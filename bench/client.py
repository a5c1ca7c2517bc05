"""A browser's way of asking, without the browser: few connections, kept open and used again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds until a visitor gives an answer up
PIECE = 64 * 1024
ENCODINGS = "gzip, deflate, br, zstd"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request.

    Args:
        status: 0 when the connection broke or nothing came in time.
        headers: by name in lower letters; what stands there twice is joined by a comma.
        body: compressed as it came; empty where it was not to be kept.
        size: of the body as it came, in bytes.
        begun: when it was asked, on the clock of time.perf_counter.
        first, last: seconds from then to the first byte and to the last; infinite for status 0.
        port: our own end of the connection.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    size: int
    begun: float
    first: float
    last: float
    port: int


@dataclass(slots=True)
class Browser:
    """One visitor's connections to a server.

    Args:
        port: the server's.
        source: the address that the visitor comes from, in 127.0.0.0/8.
        patience: seconds until an answer is given up.
    """

    port: int
    source: str = HOST
    patience: float = PATIENCE
    idle: list[Line] = field(default_factory=list)
    busy: set[Line] = field(default_factory=set)

    async def ask(
        self, path: str, body: bytes | None = None, *, keep: bool = False, **headers: str
    ) -> Answer:
        """GET, or POST when there is a body; `keep` the answer's body. Never raises OSError.

        As in a browser, a connection that the server had closed in the meantime is replaced
        without a word.
        """
        begun = time.perf_counter()
        text = _request(path, body, headers)
        line: Line | None = None
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    is_old = bool(self.idle)
                    line = self.idle.pop() if is_old else await Line.to(self.port, self.source)
                    self.busy.add(line)
                    try:
                        answer = await line.ask(text, begun, keep)
                    except StaleError:
                        if not is_old:
                            raise
                        self._drop(line)
                        continue
                    self.busy.discard(line)
                    if answer.headers.get("connection", "").lower() == "close":
                        line.close()
                    else:
                        self.idle.append(line)
                    return answer
        except (OSError, EOFError, ValueError):  # TimeoutError is an OSError
            return Answer(0, {}, b"", 0, begun, float("inf"), float("inf"), line.own if line else 0)
        finally:
            if line in self.busy:
                self._drop(line)

    def _drop(self, line: Line) -> None:
        self.busy.discard(line)
        line.close()

    def leave(self) -> None:
        """Close every connection."""
        for line in (*self.idle, *self.busy):
            line.close()
        self.idle.clear()


class StaleError(ConnectionError):
    """The connection ended before a byte of the answer came."""


@dataclass(slots=True, eq=False)
class Line:
    """One connection; it takes one request after the other."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    own: int

    @classmethod
    async def to(cls, port: int, source: str) -> Line:
        reader, writer = await asyncio.open_connection(HOST, port, local_addr=(source, 0))
        return cls(reader, writer, writer.get_extra_info("sockname")[1])

    def close(self) -> None:
        self.writer.close()

    async def ask(self, text: bytes, begun: float, keep: bool) -> Answer:
        """Send a request and take in its answer."""
        try:
            self.writer.write(text)
            opening = await self.reader.readline()
        except ConnectionError as fault:
            raise StaleError from fault
        if not opening:
            raise StaleError
        first = time.perf_counter() - begun
        status = int(opening.split()[1])
        headers: dict[str, str] = {}
        while line := (await self.reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            known = headers.get(name.lower())
            headers[name.lower()] = f"{known}, {value.strip()}" if known else value.strip()
        kept = bytearray()
        size = 0
        async for piece in self._body(status, headers):
            size += len(piece)
            if keep:
                kept += piece
        last = time.perf_counter() - begun
        return Answer(status, headers, bytes(kept), size, begun, first, last, self.own)

    async def _body(self, status: int, headers: dict[str, str]) -> AsyncIterator[bytes]:
        if status in (204, 304):
            return
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int((await self._line()).split(b";")[0], 16):
                async for piece in self._exactly(size):
                    yield piece
                await self._line()
            await self._line()
        elif "content-length" in headers:
            async for piece in self._exactly(int(headers["content-length"])):
                yield piece
        else:
            headers["connection"] = "close"
            while piece := await self.reader.read(PIECE):
                yield piece

    async def _line(self) -> bytes:
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError("the answer broke off")
        return line

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size:
            piece = await self.reader.read(min(PIECE, size))
            if not piece:
                raise EOFError("the answer broke off")
            size -= len(piece)
            yield piece


def _request(path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
    given = {"Host": HOST, "Accept-Encoding": ENCODINGS, "Accept": "*/*"}
    if body is not None:
        given |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    method = "GET" if body is None else "POST"
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + (body or b"")
