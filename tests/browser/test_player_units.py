"""The player's unit tests (tests/js), run in the same Chromium as the browser tests.

Each module is imported by a page that is served under the strict policy of the real one, so
`eval` and inline scripts would fail here too.
"""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MODULES = sorted(path.name for path in (ROOT / "tests" / "js").glob("*.test.mjs"))
ASSETS = ROOT / "assets"
PARTS = [
    part for room in ("player", "lab", "study") for part in sorted((ASSETS / room).rglob("*.mjs"))
]
BLANK = b"<!doctype html><html lang=en><link rel=icon href=data:,><title>units</title><body>"
MOST_LINES = 250


class Files(SimpleHTTPRequestHandler):
    """The repository's files, and a blank page, under a strict policy."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def do_GET(self) -> None:
        if self.path != "/blank":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(BLANK)))
        self.end_headers()
        self.wfile.write(BLANK)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src data:")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Silent: a failing test prints enough."""


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(ROOT)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def page(chromium: Browser, files: str) -> Iterator[Page]:
    made = chromium.new_page()
    yield made
    made.close()


@pytest.mark.parametrize("name", MODULES)
def test_module(name: str, page: Page, files: str) -> None:
    page.goto(f"{files}/blank")
    result = page.evaluate(
        """async (name) => {
            await import(`/tests/js/${name}`);
            return (await import("/tests/js/harness.mjs")).run();
        }""",
        name,
    )
    assert not result["failed"], "\n".join(result["failed"])
    assert result["ran"] > 0


def test_every_module_loads_and_is_small(page: Page, files: str) -> None:
    page.goto(f"{files}/blank")
    for path in PARTS:
        page.evaluate("(name) => import(`/assets/${name}`)", str(path.relative_to(ASSETS)))
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= MOST_LINES, path.name
        assert text.startswith("/**"), f"{path.name} says nothing about itself"
        assert "innerHTML" not in text, path.name
