"""A real server of our own for tests: the command line's, on a free port."""

from __future__ import annotations

import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_SECONDS = 60  # on a busy machine; it takes about 3 s


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(**settings: object) -> Iterator[int]:
    """The port of a server that answers; it ends with exit code 0 on SIGTERM.

    Args:
        settings: of the server, by the second half of their names: workers=1, deadline=1.
    """
    with started(**settings) as (_, port):
        yield port


@contextmanager
def started(
    output: IO[bytes] | None = None, limit: str = "", **settings: object
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The process of such a server, and its port.

    Args:
        output: where its standard output and error go.
        limit: a shell command before it, such as "ulimit -n 64".
    """
    port = free_port()
    chosen = {"workers": 1, "threads": 4} | settings | {"port": port}
    environment = os.environ | {f"NNOPT_VIZ_{k.upper()}": str(v) for k, v in chosen.items()}
    command = f"{limit or ':'}; exec {shlex.quote(sys.executable)} -m nnopt_viz.cli serve"
    with subprocess.Popen(
        ["bash", "-c", command], env=environment, stdout=output, stderr=output and subprocess.STDOUT
    ) as process:
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not answers(port):
                assert process.poll() is None, "the server stopped"
                assert time.monotonic() < deadline, "the server did not become ready"
                time.sleep(0.05)
            yield process, port
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=READY_SECONDS) == 0


def workers_of(process: subprocess.Popen[bytes]) -> set[int]:
    """The worker processes of a server."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return {int(word) for word in listed.split()}


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
