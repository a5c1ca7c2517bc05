"""The proxy of deploy/nginx.conf, for real, on a free port of this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.paths import ROOT
from tests.support.server import READY_SECONDS, answers, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONF = ROOT / "deploy/nginx.conf"
LISTEN, APP, FILES = "listen 8080", "server nnopt-viz:8050 max_fails=0;", "/tmp/"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or "nginx"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy.

    Args:
        port: where it listens.
        pid: of its master.
        folder: where it keeps what it writes.
    """

    port: int
    pid: int
    folder: Path

    def release(self, name: str) -> None:
        """Another release runs behind it now."""
        write_release(self.folder, name)
        os.kill(self.pid, signal.SIGHUP)


def write_release(folder: Path, name: str) -> None:
    (folder / "release.map").write_text(f'default "{name}";\n', "utf-8")


def configured(folder: Path, port: int, apps: list[int]) -> list[str]:
    """The command that runs the proxy with its files in a folder, before apps on these ports."""
    text = CONF.read_text("utf-8")
    servers = " ".join(f"server 127.0.0.1:{one} max_fails=0;" for one in apps)
    for given, ours in (
        (LISTEN, f"listen 127.0.0.1:{port}"),
        (APP, servers),
        (FILES, f"{folder}/"),
        ("/dev/stdout", f"{folder}/access.log"),
    ):
        assert given in text, f"deploy/nginx.conf has no {given}"
        text = text.replace(given, ours)
    conf = folder / "nginx.conf"
    conf.write_text(text, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    return [NGINX, "-c", str(conf), "-g", f"daemon off; {user}"]


@contextmanager
def proxied(
    folder: Path, apps: list[int], release: str = "test", before: str = ""
) -> Iterator[Proxy]:
    """A proxy before these apps, which answer already; another one may stand before it."""
    port = free_port()
    write_release(folder, release)
    if before:
        (folder / "before.conf").write_text(f"set_real_ip_from {before};\n", "utf-8")
    with subprocess.Popen(configured(folder, port, apps)) as process:
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not answers(port):
                assert process.poll() is None, "nginx stopped"
                assert time.monotonic() < deadline, "nginx did not become ready"
                time.sleep(0.02)
            yield Proxy(port, process.pid, folder)
        finally:
            process.terminate()
            process.wait(timeout=20)
