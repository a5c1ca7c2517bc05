"""A real server of our own for tests: the command line's, on a free port."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_SECONDS = 60  # on a busy machine; it takes about 3 s

# Waiting for a client is bounded by 10 s; tests ask whether it is, not for how long.
SERVE = """
import sys
from nnopt_viz.web import pacing
pacing.STALL_SECONDS = {stall}
from nnopt_viz.cli import main
sys.exit(main(["serve", "--port", "{port}", "--workers", "1", "--threads", "{threads}"]))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(threads: int = 4, stall: float = 10.0) -> Iterator[int]:
    """The port of a server that answers; it ends with exit code 0 on SIGTERM."""
    port = free_port()
    code = SERVE.format(port=port, threads=threads, stall=stall)
    with subprocess.Popen([sys.executable, "-c", code], env=os.environ) as process:
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not answers(port):
                assert process.poll() is None, "the server stopped"
                assert time.monotonic() < deadline, "the server did not become ready"
                time.sleep(0.05)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0


def answers(port: int) -> bool:
    try:
        return fetch(port, "/healthz")[0] == 200
    except OSError:
        return False


def fetch(
    port: int,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    timeout: float = 30,
    **headers: str,
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """(status, headers, body) of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
