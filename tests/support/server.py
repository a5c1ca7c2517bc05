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
    server = Server(threads, stall)
    server.start()
    try:
        yield server.port
    finally:
        assert server.stop() == 0


class Server:
    """A server that goes and comes back, on one port.

    Args:
        threads: of its one worker.
        stall: seconds that it waits for a client who does not read.
    """

    def __init__(self, threads: int = 4, stall: float = 10.0) -> None:
        self.port = free_port()
        self._code = SERVE.format(port=self.port, threads=threads, stall=stall)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Returns when it answers."""
        command = [sys.executable, "-c", self._code]
        process = subprocess.Popen(command, env=os.environ, start_new_session=True)
        self._process = process
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self.port):
            assert process.poll() is None, "the server stopped"
            assert time.monotonic() < deadline, "the server did not become ready"
            time.sleep(0.05)

    def stop(self) -> int | None:
        """Its exit code after SIGTERM; None when it was not running."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=20)

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
