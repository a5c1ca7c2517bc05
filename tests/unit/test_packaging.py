"""The wheel carries everything that is served, and the tree names no private place."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_SECONDS = 60  # an upper bound for a busy two-core machine; it takes about 3 s
# Host names of package registries, in pieces so that this file passes its own test.
REGISTRIES = [
    ".".join(name)
    for name in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"),
        ("yarnpkg", "com"), ("deb", "debian", "org"), ("archive", "ubuntu", "com"),
        ("download", "pytorch", "org"), ("anaconda", "org"), ("unpkg", "com"), ("jsdelivr", "net"),
        ("docker", "io"), ("ghcr", "io"),
    )
]  # fmt: skip
# The outside check stands in for a base image and has to say its full name.
FULL_IMAGE_NAME = "tests/support/container_check.sh"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a wheel, built from a copy so that the tree stays clean."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE.md"):
        shutil.copy(ROOT / name, source)
    for name in ("nnopt_viz", "assets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=source, check=True, capture_output=True,
    )  # fmt: skip
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment's bin: our wheel, and this environment's libraries.

    Only the libraries are shared (a .pth file behind the wheel's own folder), never this
    checkout: its editable install lies in a .pth file too, which a nested one does not read.
    """
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False, symlinks=True)
    site = next(home.glob("lib/python3*/site-packages"))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index",
         "--disable-pip-version-check", "--prefix", str(home), "--ignore-installed", str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    libraries = Path(pytest.__file__).parent.parent
    (site / "libraries.pth").write_text(f"{libraries}\n", "utf-8")
    return home / "bin"


def test_the_wheel_carries_the_assets(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assets = {
        f"nnopt_viz/{path.relative_to(ROOT)}" for path in (ROOT / "assets").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }  # fmt: skip
    assert assets
    assert assets <= names
    assert "nnopt_viz/py.typed" in names
    for kept in ("LICENSE", "NOTICE.md"):
        assert any(name.endswith(f"licenses/{kept}") for name in names)


@pytest.fixture(scope="module")
def served(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server started from the installed wheel, far from the checkout."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [str(installed / "nnopt-viz"), "serve"],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env={"NNOPT_VIZ_PORT": str(port), "NNOPT_VIZ_WORKERS": "1", "PATH": "/usr/bin:/bin"},
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_healthy(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(READY_SECONDS * 10):
        assert process.poll() is None, "the server stopped"
        try:
            fetch(address + "/healthz")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not become ready")


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=20) as response:
        assert response.status == 200
        return bytes(response.read())


def test_the_installed_wheel_is_what_runs(installed: Path) -> None:
    code = "import nnopt_viz; print(nnopt_viz.__file__)"
    run = subprocess.run(
        [str(installed / "python"), "-c", code],
        cwd="/", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.startswith(str(installed.parent))


def test_an_installed_wheel_serves_the_page(served: str) -> None:
    page = fetch(served + "/").decode()
    assert "<title>" in page
    assets = set(re.findall(r'(?:src|href)="(/assets[^"]+)"', page))
    assert any(".mjs" in asset for asset in assets)
    assert any(".css" in asset for asset in assets)
    for asset in assets:
        assert fetch(served + asset)
    assert fetch(served + "/assets/fonts/inter.woff2")[:4] == b"wOF2"


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.split(b"\0")
    private = re.compile(r"(?<![\w.])/work/|/root/(?!\.)")
    wrong = []
    for name in filter(None, (raw.decode() for raw in tracked)):
        path = ROOT / name
        if not path.is_file():
            continue  # deleted, not committed yet
        text = path.read_bytes().decode("utf-8", "ignore")
        hosts = [host for host in REGISTRIES if host in text and name != FULL_IMAGE_NAME]
        wrong += [f"{name}: {host}" for host in hosts]
        if name != "tests/unit/test_packaging.py" and private.search(text):
            wrong.append(f"{name}: a path of one machine")
    assert not wrong, "\n".join(wrong)
