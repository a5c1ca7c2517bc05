"""A visit to the real page in a real Chromium, which notices everything that goes wrong."""

from __future__ import annotations

import time
from math import isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from nnopt_viz.race.codec import decode, repair

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

PATIENCE = 180.0  # seconds, on a busy machine with software WebGL: it may be ten times slower
expect.set_options(timeout=PATIENCE * 1000)

SERIOUS = ("serious", "critical")
COLOURS = ("color-contrast", "link-in-text-block")  # what a theme can change
DESK = {"width": 1440, "height": 900}
# Two moments without work, a frame between them; a page that never rests has a second each.
IDLE = """() => new Promise((done) => {
  const idle = (next) => requestIdleCallback(next, {timeout: 1000});
  idle(() => requestAnimationFrame(() => idle(() => done())));
})"""
FRAMES = """(n) => new Promise((done) => {
  const next = () => (n-- > 0 ? requestAnimationFrame(next) : done());
  next();
})"""
# What the address says is shown anew, as by the browser's own "back": nothing is loaded again.
GO = """(query) => {
  history.pushState({}, "", `${location.pathname}?${query}`);
  dispatchEvent(new PopStateEvent("popstate"));
}"""
WIDEST = """() => Math.max(document.documentElement.scrollWidth,
  ...[...document.querySelectorAll(".header *, .transport *")].map(
    (one) => one.getBoundingClientRect().right))"""
ELSEWHERE = "surface=bowl&run=sgd(lr=0.1)&steps=3"


class Visit:
    """One page, and everything that went wrong on it.

    Args:
        context: where its files and what it stores are kept; stores are emptied first.
        site: "http://127.0.0.1:port".
        width, height: of the window, in CSS px.
        scheme: "light" or "dark", what the visitor's system prefers.
        motion: "no-preference" or "reduce".
    """

    def __init__(
        self, context: BrowserContext, site: str, *, width: int = DESK["width"],
        height: int = DESK["height"], scheme: Any = "light", motion: Any = "no-preference",
    ) -> None:  # fmt: skip
        self.site = site
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=scheme, reduced_motion=motion)
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.is_altered = False  # camera, theme or storage: the next test gets another page
        self._asked: set[Request] = set()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._ask)
        self.page.on("requestfinished", lambda request: self._asked.discard(request))
        self.page.on("requestfailed", lambda request: self._asked.discard(request))
        line = context.new_cdp_session(self.page)
        line.send("Storage.clearDataForOrigin", {"origin": site, "storageTypes": "local_storage"})
        line.detach()

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self.faults.append(f"{message.text} {where}".strip())

    def _ask(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith(("data:", "blob:")):
            self._asked.add(request)

    def load(self, query: str = "") -> Page:
        """Load the race's or the lab's page, as from a link."""
        path = "network" if query.startswith("net=") else ""
        self.page.goto(f"{self.site}/{path}{'?' + query if query else ''}")
        self.ready()
        return self.page

    def open(self, query: str) -> Page:
        """Show a race in the page that is there, when it is one of a race; else load it."""
        if query.startswith("net=") or self.page.url.split("?")[0] != f"{self.site}/":
            self.load(query)
        else:
            if decode(self.state()["query"]) == repair(query)[0]:
                self._go(ELSEWHERE)  # a race that is shown already would not begin anew
            self._go(query)
        self.rest()
        return self.page

    def _go(self, query: str) -> None:
        wanted = repair(query)[0]
        self.page.evaluate(GO, query)
        until(lambda: decode(self.state()["query"]) == wanted)
        self.rest()

    def ready(self) -> None:
        expect(self.page.locator("#page[data-ready]")).to_be_attached()
        until(lambda: self.query)

    def rest(self) -> None:
        """Wait until nothing is awaited from the server and the page has nothing to do."""

        def is_quiet() -> bool:
            self.page.evaluate(IDLE)
            return not self._asked

        until(is_quiet)

    def frames(self, count: int) -> None:
        """Let so many frames pass: what would happen by itself has then happened."""
        self.page.evaluate(FRAMES, count)

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

    def fits(self) -> bool:
        """Is nothing wider than the window, and no part of header and transport beyond it?"""
        size = self.page.viewport_size
        assert size is not None
        return bool(self.page.evaluate(WIDEST) <= size["width"])

    def serious(
        self, *, only_colours: bool = False, leave_out: str = "#none"
    ) -> list[tuple[str, str]]:
        """What axe finds on the page at rest that is serious: its rule, and where."""
        self.page.evaluate("window.nnopt?.pause?.()")
        self.rest()
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if only_colours:
            options["runOnly"] = {"type": "rule", "values": list(COLOURS)}
        leaving = {"exclude": [[leave_out]]}
        found = Axe().run(self.page, context=leaving, options=options).response
        return [
            (one["id"], node["html"][:160])
            for one in found["violations"]
            if one["impact"] in SERIOUS
            for node in one["nodes"][:3]
        ]

    def change_theme(self) -> None:
        """Light becomes dark, dark light."""
        root = self.page.locator("html")
        other = "dark" if root.get_attribute("data-theme") == "light" else "light"
        self.page.get_by_label("Light or dark").click()
        expect(root).to_have_attribute("data-theme", other)
        self.rest()

    def lay_down(self) -> None:
        """Nothing is open, has the focus or is pointed at: the next test finds it so."""
        self.page.keyboard.press("Escape")
        self.page.evaluate("document.activeElement?.blur()")
        self.page.mouse.move(0, 0)

    def check(self) -> None:
        """Nothing went wrong so far, and nobody else was asked."""
        asked = [url for url in self.requests if not url.startswith(("data:", "blob:"))]
        foreign = {urlsplit(url).netloc for url in asked} - {urlsplit(self.site).netloc}
        faults = list(self.faults)
        self.requests.clear()
        self.faults.clear()
        assert not foreign
        assert faults == [], faults

    def forgive(self, status: int) -> None:
        """A test meant answers with this status; the browser writes each into its console."""
        self.faults[:] = [fault for fault in self.faults if f"status of {status} " not in fault]

    def leave(self) -> None:
        self.page.close()
        self.check()


def until(is_so: Callable[[], object]) -> None:
    """Wait until something holds; the page's policy forbids Playwright's own waiting."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)
