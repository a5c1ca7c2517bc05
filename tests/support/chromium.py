"""How Chromium is started on a machine without a graphics card: for tests, bench and pictures."""

from __future__ import annotations

import shutil

WEBGL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")  # drawn by the processor
# Without --disable-gpu the whole page is composed by software WebGL too, a frame a second.
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
)  # fmt: skip
FLAGS = (*QUIET, *WEBGL)


def chromium_path() -> str:
    """Where Debian's Chromium is.

    Raises:
        SystemExit: when there is none.
    """
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("Chromium is missing: make test installs it, or says what to install")
    return path
