"""A real server under random requests and bytes: it answers as the app does in one process."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from tests.support.fuzz_bytes import STATUSES, Talk, Talks, check_talk, said, statuses, whole_bytes
from tests.support.server import answers, started, workers_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.support.fuzz_checks import Answer
    from tests.support.fuzz_requests import Request, Requests

# What any server reads alike. Others are refused by the server itself, each in its own words.
TARGET = re.compile(r"/[!$&-;=?-Z_a-z~%]*", re.ASCII)
VALUE = re.compile(r"[!-~]([ -~]{0,300}[!-~])?")
AMISS = re.compile(rb"Traceback|Error\b|Warning|Exception|died|killed", re.IGNORECASE)


class Tried:
    """One server, and what it was asked so far."""

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, log: IO[bytes], requests: Requests
    ) -> None:
        self.process, self.port, self.log = process, port, log
        self.talks, self.seen = Talks(requests), Counter[tuple[str, str]]()
        self.workers = workers_of(process)

    def request(self, request: Request, in_process: Answer) -> None:
        """The same request as was asked in one process, over the wire."""
        got, is_whole = said(self.port, Talk("request", (whole_bytes(request),)))
        found = statuses(got[:20])
        self.seen["a request", str(*found[:1]) or "none"] += 1
        assert set(found) <= STATUSES, found
        if is_sound(request) and is_whole and not in_process.left:
            assert found[:1] == [in_process.status], (found, in_process.status)
        self.check()

    def talk(self, number: int) -> None:
        """The conversation of this number."""
        talk = self.talks[number]
        got, is_whole = said(self.port, talk)
        check_talk(talk, got, is_whole)
        self.seen[talk.kind, str(*statuses(got)[:1]) or "none"] += 1
        self.check()

    def check(self) -> None:
        """Nothing is said in the log."""
        said_there = self.log.read()
        assert not AMISS.search(said_there), said_there[:3000].decode(errors="replace")

    def end(self) -> None:
        """It still answers, with the same processes."""
        assert answers(self.port)
        assert workers_of(self.process) == self.workers
        self.check()


@contextmanager
def tried(requests: Requests, workers: int = 1) -> Iterator[Tried]:
    """A server to be tried; it is well at the end, and ends well."""
    with tempfile.NamedTemporaryFile() as output, open(output.name, "rb") as log:  # noqa: PTH123
        with started(output.file, workers=workers, deadline=1) as (process, port):
            made = Tried(process, port, log, requests)
            yield made
            made.end()
        made.check()


def is_sound(request: Request) -> bool:
    """Does every server read it alike?"""
    names = [name.lower() for name, _ in request.headers]
    lengths = [value for name, value in request.headers if name == "Content-Length"]
    return (
        TARGET.fullmatch(f"{request.path}?{request.query}") is not None
        and request.method.isalpha()
        and request.method != "CONNECT"
        and len(request.path) + len(request.query) < 8000
        and all(VALUE.fullmatch(value) for _, value in request.headers)
        and len(set(names)) == len(names)
        and not {"transfer-encoding", "te", "upgrade", "expect"} & set(names)
        and lengths in ([], [str(len(request.body))])
    )
