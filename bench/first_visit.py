"""A first visit on a slow line: 1.5 Mbit/s, a processor four times slower than this one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bench.measure import Row, below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

WINDOW = {"width": 1440, "height": 900}
BYTES_A_SECOND = 1.5e6 / 8
LATENCY = 40  # ms
SLOWER = 4
WAIT = 120.0  # seconds until a visit is given up
LOOK = 0.02  # seconds between two looks
# What is waited for, in turn.
SEEN = "document.getElementById('first')?.offsetHeight > 0"
MOVING = "window.nnoptFirst?.ground.width > 0 && window.nnoptFirst.step > 1"
WHOLE = "window.nnopt?.hasMap() && !window.nnoptFirst"


def first_visit(browser: Browser, address: str) -> Iterator[Row]:
    """Until there is something to look at, until paths move on a map, until Plotly's map stands."""
    seen, moving, whole = zip(*(_visit(browser, address) for _ in range(3)), strict=True)
    what = "first visit at 1.5 Mbit/s, 4 x slower processor: "
    yield below(what + "something to look at", sorted(seen)[1], 2, "s", "must")
    yield below(what + "map and moving paths", sorted(moving)[1], 4, "s", "must")
    yield below(what + "the whole page with Plotly's map", sorted(whole)[1], 20, "s", "aim")


def _visit(browser: Browser, address: str) -> tuple[float, ...]:
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    conditions: dict[str, Any] = {
        "offline": False, "latency": LATENCY, "downloadThroughput": BYTES_A_SECOND,
        "uploadThroughput": BYTES_A_SECOND,
    }  # fmt: skip
    line.send("Network.emulateNetworkConditions", conditions)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    began = time.monotonic()
    page.goto(address, wait_until="commit")
    taken = tuple(_until(page, what, began) for what in (SEEN, MOVING, WHOLE))
    context.close()
    return taken


def _until(page: Page, what: str, began: float) -> float:
    while not page.evaluate(f"Boolean({what})"):
        if time.monotonic() - began > WAIT:
            raise TimeoutError(f"not within {WAIT:.0f} s: {what}")
        time.sleep(LOOK)
    return time.monotonic() - began
