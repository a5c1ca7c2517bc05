"""A real server, a real Chromium, and a visit that notices everything that goes wrong."""

from __future__ import annotations

import time
from math import isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.chromium import FLAGS, chromium_path
from tests.support.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 180.0  # seconds, on a busy machine with software WebGL: it may be ten times slower
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(threads=8) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")  # Playwright runs once at a time: other files start their own
def launch() -> Iterator[Callable[..., Browser]]:
    """Starts Chromium with the usual flags or with others."""
    path = chromium_path()
    with sync_playwright() as playwright:
        yield lambda flags=FLAGS: playwright.chromium.launch(executable_path=path, args=list(flags))


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


class Visit:
    """One page, and everything that went wrong on it."""

    def __init__(self, browser: Browser, site: str, **options: Any) -> None:
        self.site = site
        self.context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def open(self, query: str = "") -> Page:
        path = "network" if query.startswith("net=") else ""
        self.page.goto(f"{self.site}/{path}{'?' + query if query else ''}")
        self.ready()
        return self.page

    def ready(self) -> None:
        expect(self.page.locator("#page[data-ready]")).to_be_attached()
        until(lambda: self.query)

    @property
    def query(self) -> str:
        return unquote(self.page.evaluate("location.search")).removeprefix("?")

    def state(self) -> dict[str, Any]:
        return dict(self.page.evaluate("window.nnopt.state()"))

    def place(self, asked: str) -> tuple[float, float]:
        """The CSS pixel the player answers, such as to "project2d(2, 1)", once it has drawn."""
        at: dict[str, float] = {}
        until(lambda: at.update(self.page.evaluate(f"nnopt.{asked}")) or isfinite(at["x"]))
        return at["x"], at["y"]

    def leave(self) -> None:
        foreign = {
            urlsplit(u).netloc for u in self.requests if not u.startswith(("data:", "blob:"))
        }
        self.context.close()
        assert foreign == {urlsplit(self.site).netloc}
        assert self.faults == []


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Visit]:
    made = Visit(chromium, site)
    yield made
    made.leave()


def until(is_so: Callable[[], object]) -> None:
    """Wait until something holds; the page's policy forbids Playwright's own waiting."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)
