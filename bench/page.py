"""The page in a real Chromium: bytes of a visit, click to moved pixels, frame times.

Software WebGL on few cores: main-thread milliseconds mean something, frame rates do not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.first_visit import first_visit
from bench.measure import Row, below
from bench.starting import server
from tests.support.chromium import FLAGS, chromium_path

WINDOW = {"width": 1440, "height": 900}
WAIT = 60.0  # seconds until a page that does not get ready is given up
WARM_UP = 5
FRAMES = 300  # as many as the player remembers
TURNING_FRAMES = 60  # software WebGL draws a turning scene a few times a second
CLICKS = [(0.15 + 0.1 * i, 0.25 + 0.13 * j) for i, j in product(range(8), range(5))]
EIGHT = "?surface=himmelblau(tilt=0.5)&steps=2000" + "".join(
    f"&run={name}(lr={lr})"
    for name, lr in (
        ("sgd", 0.002), ("momentum", 0.002), ("nesterov", 0.002), ("rmsprop", 0.01),
        ("adagrad", 0.3), ("adam", 0.05), ("adamax", 0.05), ("nadam", 0.05),
    )
)  # fmt: skip

# From the release of the button to the first frame, painted, with the runners elsewhere: at
# the start that was picked.
CLICK_TO_PIXELS = """
() => new Promise((done) => {
  let released = NaN, begun = false;
  const up = (event) => { released = event.timeStamp; };
  addEventListener("pointerup", up, { capture: true, once: true });
  const off = nnopt.on("header", () => { begun = true; });  // no other race is loaded now
  const look = () => {
    if (!begun || Number.isNaN(released)) return requestAnimationFrame(look);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { off(); done(performance.now() - released); };
    channel.port2.postMessage(0);
  };
  requestAnimationFrame(look);
})
"""
# From typing a knob's value to the map that shows it.
KNOB_TO_MAP = """
(value) => new Promise((done) => {
  const plot = document.querySelector("#map .js-plotly-plot"), before = plot.layout.meta.top;
  const field = document.querySelectorAll("#surface-panel .number input")[1];
  const began = performance.now();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  plot.once("plotly_afterplot", function look() {
    if (plot.layout.meta.top === before) return plot.once("plotly_afterplot", look);
    setTimeout(() => done(performance.now() - began), 0);
  });
})
"""


def rows() -> Iterator[Row]:
    with server() as address, chromium() as browser:
        yield from first_visit(browser, address)
        yield from visits(browser, address)
        yield from surfaces(browser, address)
        yield from clicks(browser, address)
        yield from looks(browser, address)
        yield from frames(browser, address)
        yield from films(browser, address)
        yield from catalogues(browser, address)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def visits(browser: Browser, address: str) -> Iterator[Row]:
    """Bytes over the wire until the first race has played."""
    context = browser.new_context(viewport=WINDOW)
    first, later = transferred(context, address), transferred(context, address)
    context.close()
    yield below("first visit, compressed, race included", first / 1e6, 3.0, "MB", "aim")
    yield below("later visit", later / 1e3, 100, "kB", "aim")


def surfaces(browser: Browser, address: str) -> Iterator[Row]:
    """Knob to new map: another b of Rosenbrock, never asked for before, and drawn whole."""
    page = browser.new_page(viewport=WINDOW)
    page.goto(address + "/?surface=rosenbrock(b=50)&run=adam(lr=0.02)")
    until_played(page)
    page.evaluate("nnopt.pause()")
    taken = [float(page.evaluate(KNOB_TO_MAP, str(60 + i))) for i in range(WARM_UP + 10)]
    page.close()
    what = "knob of the surface to new map, median"
    yield below(what, statistics.median(taken[WARM_UP:]), 300, "ms", "aim")


def transferred(context: BrowserContext, address: str) -> int:
    page = context.new_page()
    session = context.new_cdp_session(page)
    total = 0

    def finished(event: dict[str, Any]) -> None:
        nonlocal total
        total += int(event["encodedDataLength"])

    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    page.goto(address)
    until_played(page)
    page.close()
    return total


def clicks(browser: Browser, address: str) -> Iterator[Row]:
    """Clicks all over the map; the first ones warm server and browser up."""
    page = browser.new_page(viewport=WINDOW)
    page.goto(address)
    until_played(page)
    what = "click on the contour to first moved pixels"
    resting = click_times(page, before="nnopt.end()")
    yield below(f"{what}, median", statistics.median(resting), 60, "ms", "must")
    yield below(f"{what}, 95th percentile", percentile95(resting), 120, "ms", "must")
    playing = click_times(page, before="nnopt.play()")
    yield below(f"{what}, while a race plays, median", statistics.median(playing), 60, "ms", "aim")
    page.close()


# From a click on an element to the first frame in which something holds.
CLICK_TO_SEEN = """
([clicked, seen]) => new Promise((done) => {
  const found = () => document.querySelector(seen);
  const began = performance.now();
  document.querySelector(clicked).click();
  const look = () => {
    if (!found()) return requestAnimationFrame(look);
    setTimeout(() => done(performance.now() - began), 0);
  };
  look();
})
"""
# The same until a race with one run more has rows.
CLICK_TO_RUN = """
(clicked) => new Promise((done) => {
  const runs = nnopt.state().runs.length, began = performance.now();
  document.querySelector(clicked).click();
  const look = () => {
    const now = nnopt.state();
    if (now.runs.length === runs || !now.rowsReceived) return requestAnimationFrame(look);
    setTimeout(() => done(performance.now() - began), 0);
  };
  look();
})
"""
# From a click on an event to the painted frame of its step, marked in the list.
CLICK_TO_EVENT = """
(i) => new Promise((done) => {
  const button = document.querySelectorAll(".nn-events button")[i], began = performance.now();
  const { step } = nnopt.state();
  button.click();
  const look = () => {
    const there = nnopt.state().step !== step && button.getAttribute("aria-current");
    if (!there) return requestAnimationFrame(look);
    setTimeout(() => done(performance.now() - began), 0);
  };
  requestAnimationFrame(look);
})
"""
LOOKS = 20


def looks(browser: Browser, address: str) -> Iterator[Row]:
    """A closer look: opening the inspector, and what-if runs."""
    page = browser.new_page(viewport=WINDOW)
    page.goto(address)
    until_played(page)
    page.evaluate("nnopt.pause()")
    taken = []
    for i in range(WARM_UP + LOOKS):
        page.evaluate(f"nnopt.seek({20 + i})")
        page.wait_for_timeout(200)
        taken.append(float(page.evaluate(CLICK_TO_SEEN, [".lk-fold", ".in-table tbody tr"])))
        page.evaluate("document.querySelector('.lk-fold').click()")
        page.evaluate("document.querySelector('.in-table').replaceChildren()")
        page.wait_for_timeout(200)
    what = "opening the inspector, median"
    yield below(what, statistics.median(taken[WARM_UP:]), 100, "ms", "must")
    yield below("event jump, median", event_jump(page), 100, "ms", "must")
    page.close()
    page = browser.new_page(viewport=WINDOW)
    taken = []
    for _ in range(3):
        page.goto(address)
        until_played(page)
        for _ in range(4):
            page.evaluate("nnopt.end()")
            more = """document.querySelector('.run-more[aria-expanded="false"]').click()"""
            page.evaluate(more)
            page.wait_for_timeout(1500)
            taken.append(
                float(page.evaluate(CLICK_TO_RUN, "[aria-label^='What if'][aria-label$='rate']"))
            )
            page.wait_for_timeout(1500)
    page.close()
    yield below(
        "what-if run, click to its first rows, median",
        statistics.median(taken[2:]),
        100,
        "ms",
        "must",
    )


def event_jump(page: Page) -> float:
    """Median time of jumps to the events of the race shown, each from the start."""
    page.evaluate("document.querySelector('#outcome input[value=happened]').click()")
    page.locator(".nn-events button").first.wait_for()
    count = page.locator(".nn-events button").count()
    taken = []
    for i in range(WARM_UP + LOOKS):
        page.evaluate("nnopt.home()")
        page.wait_for_timeout(200)
        taken.append(float(page.evaluate(CLICK_TO_EVENT, i % count)))
    return statistics.median(taken[WARM_UP:])


FILM = """(kind) => {
  const began = performance.now(), height = kind === "gif" ? 540 : 720;
  const made = nnopt.exportFilm({kind, seconds: 10, height, save: false});
  return made.then(() => performance.now() - began);
}"""


def films(browser: Browser, address: str) -> Iterator[Row]:
    """A film of the landing scene, 160 steps in 10 s: from asking for it to the whole file."""
    page = browser.new_page(viewport=WINDOW)
    page.goto(address)
    until_played(page)
    page.evaluate("nnopt.end()")
    for kind in page.evaluate("nnopt.filmKinds()"):
        seconds = float(page.evaluate(FILM, kind)) / 1000
        yield below(f"film of 160 steps, {kind.upper()}", seconds, 10, "s", "must")
    page.close()


def catalogues(browser: Browser, address: str) -> Iterator[Row]:
    """From asking for the catalogue until its search answers, in a browser that knows the site."""
    context = browser.new_context(viewport=WINDOW)
    taken = []
    for _ in range(5):
        page = context.new_page()
        began = time.monotonic()
        page.goto(address + "/catalogue")
        page.locator("#catalogue-search").fill("adam")
        page.locator("text=entries for").first.wait_for()
        taken.append(time.monotonic() - began)
        page.close()
    context.close()
    yield below(
        "/catalogue until its search answers, median", statistics.median(taken[1:]), 2, "s", "aim"
    )


def click_times(page: Page, before: str) -> list[float]:
    """Milliseconds of every click but the first few, the race brought to a state before each."""
    box = page.locator("#map-stage").bounding_box()
    assert box
    taken = []
    for across, down in CLICKS:
        page.evaluate(before)
        page.wait_for_timeout(400)
        waiting = page.evaluate_handle(f"() => ({{ moved: ({CLICK_TO_PIXELS})() }})")
        page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
        taken.append(float(page.evaluate("(waiting) => waiting.moved", waiting)))
        page.wait_for_timeout(200)
    return taken[WARM_UP:]


def frames(browser: Browser, address: str) -> Iterator[Row]:
    """Main-thread time of animation frames, warm: in the second half of a long race."""
    page = browser.new_page(viewport=WINDOW)
    page.goto(address + "/" + EIGHT)
    until_played(page)
    what = "animation frame, both views, 8 runs × 2000 steps, 95th percentile"
    yield below(what, percentile95(frame_times(page)), 6, "ms", "must")
    box = page.locator("#scene-stage").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()

    def turn(i: int) -> None:
        page.mouse.move(middle[0] + i % 200, middle[1] + i % 50)

    turning = frame_times(page, TURNING_FRAMES, turn)
    page.mouse.up()
    page.close()
    yield below("the same while the camera turns", percentile95(turning), 6, "ms", "aim")


def frame_times(
    page: Page, count: int = FRAMES, meanwhile: Callable[[int], object] | None = None
) -> list[float]:
    """The main-thread ms of the next `count` frames, all with long paths behind the heads."""
    page.evaluate("""
        window.benchFrames = 0;
        window.benchOff = nnopt.on("step", () => { benchFrames += 1; });
        nnopt.speed(0.25)
    """)
    last = time.monotonic() + 3 * WAIT
    for i in range(1_000_000):
        if page.evaluate("benchFrames") >= count:
            break
        if time.monotonic() > last:
            raise SystemExit("the race does not move")
        if not page.evaluate("nnopt.state().playing"):
            page.evaluate("nnopt.seek(1000); nnopt.play()")
        if meanwhile:
            meanwhile(i)
        page.wait_for_timeout(30)
    page.evaluate("benchOff()")
    return list(page.evaluate("nnopt.state().frameMs"))[-count:]


def until_played(page: Page) -> None:
    """Wait until a race has arrived and moved."""
    last = time.monotonic() + WAIT
    ready = "() => Boolean(window.nnopt?.state().complete && nnopt.state().time > 0)"
    while not page.evaluate(ready):
        if time.monotonic() > last:
            raise SystemExit("the page did not get ready")
        page.wait_for_timeout(50)
    page.wait_for_timeout(1500)


def percentile95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
