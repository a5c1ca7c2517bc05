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
    """The process of such a server, and its port; see `Server`."""
    server = Server(output, limit, **settings)
    process = server.start()
    try:
        yield process, server.port
    finally:
        assert server.stop() in (0, None)


class Server:
    """A server that goes and comes back, on one port.

    Args:
        output: where its standard output and error go.
        limit: a shell command before it, such as "ulimit -n 64".
        settings: by the second half of their names: workers=1, deadline=1.
    """

    def __init__(self, output: IO[bytes] | None = None, limit: str = "", **settings: object):
        self.port, self.output = free_port(), output
        chosen = {"workers": 1, "threads": 4} | settings | {"port": self.port}
        self._settings = {f"NNOPT_VIZ_{name.upper()}": str(v) for name, v in chosen.items()}
        python = shlex.quote(sys.executable)
        self._command = f"{limit or ':'}; exec {python} -m nnopt_viz.cli serve"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self) -> subprocess.Popen[bytes]:
        """Returns when it answers."""
        process = subprocess.Popen(
            ["bash", "-c", self._command], env=os.environ | self._settings, stdout=self.output,
            stderr=self.output and subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._process = process
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self.port):
            assert process.poll() is None, "the server stopped"
            assert time.monotonic() < deadline, "the server did not become ready"
            time.sleep(0.05)
        return process

    def stop(self) -> int | None:
        """Its exit code after SIGTERM; None when it was not running."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        return process.wait(timeout=READY_SECONDS)

    def kill(self) -> None:
        """All of it at once, in the middle of whatever it says."""
        process, self._process = self._process, None
        assert process is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def freeze(self) -> None:
        """It says nothing more, but keeps its connections."""
        self._tell(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        self._tell(signal.SIGCONT)

    def _tell(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)


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
