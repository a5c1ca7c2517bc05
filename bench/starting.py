"""How long until something is there: importing the package, and a server that answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from bench.measure import ROOT, Row, fresh, medians, within


def rows() -> Iterator[Row]:
    numpy, ours, face = medians(
        15,
        lambda: fresh("import numpy"),
        lambda: fresh("import nnopt_viz"),
        lambda: fresh("from nnopt_viz import Scenario, simulate"),
    )
    yield within("import nnopt_viz", ours, numpy, "import numpy", 1.3, "aim")
    what = "from nnopt_viz import Scenario, simulate"
    yield within(what, face, numpy, "import numpy", 1.3, "aim")
    libraries, ready = medians(7, importing, server_ready)
    peer = "python -c 'import dash, plotly.graph_objects'"
    yield within("nnopt-viz serve, until it answers", ready, libraries, peer, 1.3, "aim")


def importing() -> float:
    """Seconds from starting Python until dash and plotly are imported."""
    start = time.perf_counter()
    code = "import dash, plotly.graph_objects"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    return time.perf_counter() - start


def server_ready() -> float:
    """Seconds from starting `nnopt-viz serve` until /healthz answers."""
    start = time.perf_counter()
    with server(workers=1):
        return time.perf_counter() - start


@contextmanager
def server(workers: int = 2) -> Iterator[str]:
    """The address of a server of our own, ready; stopped afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"NNOPT_VIZ_PORT": str(port), "NNOPT_VIZ_WORKERS": str(workers)}
    command = [sys.executable, "-m", "nnopt_viz", "serve"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, **quiet) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            while not _answers(address):
                if process.poll() is not None:
                    raise SystemExit("the server stopped before it was ready")
                time.sleep(0.005)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address + "/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False
