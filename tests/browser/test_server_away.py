"""The page while its server is away, busy or at fault: what it says, and how it finds back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.support.relay import relaying
from tests.support.server import Server
from tests.support.visit import Visit, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

SHORT = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=0,-2.5&steps=60"
BRIEF = "net=mlp&data=moons(n=40)&run=adam(lr=0.01)&epochs=2"
AWAY = "The server does not answer."
INCOMPLETE = re.compile(r"What is shown is incomplete: it goes up to step \d+ of 3000\.")
# Frame by frame: what the field of the start has shown, and how often rows went away.
WATCHED = """() => {
  window.starts = []; window.most = 0; window.lost = 0; window.isKept = true;
  const look = () => {
    const field = {"field": "number", "index": 0, "knob": "x", "part": "start"};
    const shown = document.getElementById(JSON.stringify(field))?.value;
    if (shown !== undefined && shown !== window.starts.at(-1)) window.starts.push(shown);
    const rows = window.nnopt.state().rowsReceived;
    if (rows < window.most) window.lost += 1;
    window.most = Math.max(window.most, rows);
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server(threads=8)
    yield made
    made.stop()


@pytest.fixture
def away(chromium: Browser, server: Server) -> Iterator[Visit]:
    """A page whose server can be taken away; Chromium reports every request that fails."""
    if not server.is_running:
        server.start()
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    visit = Visit(context, f"http://127.0.0.1:{server.port}")
    yield visit
    ours = [fault for fault in visit.faults if "Failed to load resource" not in fault]
    context.close()
    assert ours == []


def line(page: Page) -> Any:
    return page.locator(".server-line")


def rate(page: Page, run: int) -> Any:
    return page.locator(".run").nth(run).locator(".run-rate input")


def click_map(visit: Visit, x: float, y: float) -> None:
    at = visit.place(f"project2d({x}, {y})")
    visit.page.mouse.click(*at)


def test_a_lost_server_is_noticed_without_a_click_and_found_again_without_a_reload(
    away: Visit, server: Server
) -> None:
    page = away.load(SHORT)
    until(lambda: away.state()["complete"])
    page.evaluate(WATCHED)
    expect(line(page)).to_be_hidden()
    server.kill()
    expect(line(page)).to_contain_text(f"{AWAY} What is loaded plays on.")
    page.evaluate("nnopt.seek(7)")
    until(lambda: away.state()["step"] == 7)
    page.get_by_label("Play", exact=True).click()
    until(lambda: away.state()["step"] > 7)
    server.start()
    expect(line(page)).to_be_hidden()
    assert page.evaluate("window.isKept")


def test_a_server_that_hangs_is_noticed_too(away: Visit, server: Server) -> None:
    page = away.load(SHORT)
    server.freeze()
    try:
        expect(line(page)).to_contain_text(AWAY)
    finally:
        server.thaw()
    expect(line(page)).to_be_hidden()


def test_a_start_that_was_chosen_without_a_server_is_said_to_wait_and_runs_then(
    away: Visit, server: Server
) -> None:
    page = away.load(SHORT)
    until(lambda: away.state()["complete"])
    before = away.state()["query"]
    page.evaluate(WATCHED)
    server.kill()
    click_map(away, 2, 2)
    expect(line(page)).to_contain_text("Your last change waits.")
    expect(page.get_by_label("Start x")).to_have_value("2")
    assert away.state()["query"] == before
    assert "start=0,-2.5" in away.query
    server.start()
    until(lambda: "start=2,2" in (away.state()["query"] or ""))
    expect(line(page)).to_be_hidden()
    until(lambda: "start=2,2" in away.query)
    assert page.evaluate("window.starts") == ["0", "2"]  # and never back
    assert page.evaluate("window.isKept")


def test_of_several_changes_without_a_server_the_last_one_runs(away: Visit, server: Server) -> None:
    page = away.load(SHORT)
    until(lambda: away.state()["complete"])
    server.kill()
    page.locator("#link-text").fill("?surface=booth&run=adam(lr=0.1)&steps=20")
    page.locator("#link-text").press("Enter")
    expect(line(page)).to_contain_text("Your last change waits.")
    rate(page, 0).fill("0.003")
    rate(page, 0).press("Enter")
    server.start()
    until(lambda: "sgd(lr=0.003)" in away.query)
    expect(line(page)).to_be_hidden()
    away.rest()
    assert "booth" not in away.query
    assert "sgd(lr=0.003)" in away.state()["query"]
    expect(rate(page, 0)).to_have_value("0.003")


def test_controls_and_addresses_that_the_server_makes_come_when_it_is_back(
    away: Visit, server: Server
) -> None:
    page = away.load(SHORT)
    until(lambda: away.state()["complete"])
    rate(page, 1).fill("0.1")
    rate(page, 1).press("Enter")
    until(lambda: "adam(lr=0.1)" in away.query)
    server.kill()
    page.get_by_label("More about run 2, adam").click()
    expect(line(page)).to_contain_text("Your last change waits.")
    expect(page.locator(".more")).to_have_count(0)
    server.start()
    expect(page.locator(".more")).to_be_visible()
    server.kill()
    page.locator("#link-text").fill("?surface=booth&run=adam(lr=0.1)&steps=20")
    page.locator("#link-text").press("Enter")
    expect(line(page)).to_contain_text("Your last change waits.")
    server.start()
    expect(page.locator("#surface-button")).to_contain_text("Booth")
    until(lambda: "booth" in away.query and "booth" in away.state()["query"])


def test_a_stream_that_is_cut_shows_what_came_says_so_and_becomes_whole(
    chromium: Browser, server: Server
) -> None:
    if not server.is_running:
        server.start()
    with relaying(server.port, b"GET /run.bin") as relay:
        visit = Visit(chromium.new_context(), f"http://127.0.0.1:{relay.port}")
        page = visit.load(SHORT)
        until(lambda: visit.state()["complete"])
        relay.most = 40_000
        page.get_by_label("Steps", exact=True).fill("3000")
        page.get_by_label("Steps", exact=True).press("Enter")
        expect(line(page)).to_contain_text(INCOMPLETE)
        rows = visit.state()["rowsReceived"]
        assert 0 < rows < 3001
        page.evaluate(WATCHED)
        cuts = relay.cuts
        until(lambda: page.evaluate("1") and relay.cuts > cuts)  # and is cut again
        expect(line(page)).to_contain_text(INCOMPLETE)
        assert not visit.state()["complete"]
        relay.most = None
        until(lambda: visit.state()["complete"])
        assert visit.state()["rowsReceived"] == 3001
        expect(line(page)).to_be_hidden()
        assert page.evaluate("[window.lost, window.isKept]") == [0, True]  # what was shown stayed
        visit.context.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [(503, "The server is busy."), (500, "The server failed, with status 500")],
)
def test_a_busy_or_failing_server_is_asked_again(away: Visit, status: int, words: str) -> None:
    page = away.load(SHORT)
    until(lambda: away.state()["complete"])
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        refused.append(route)
        route.fulfill(status=status, headers={"Retry-After": "300"}, body="{}")

    page.route("**/run.bin?*", refuse)
    click_map(away, 2, 2)
    expect(line(page)).to_contain_text(words)
    expect(line(page)).to_contain_text("Your last change waits.")
    expect(line(page)).to_contain_text(re.compile(r"Trying again( in \d+ s)?\."))
    expect(page.locator("#notice")).to_be_empty()
    page.unroute("**/run.bin?*")
    assert refused
    if status == 503:  # else it does not wait for long
        page.get_by_role("button", name="Try now").click()
    until(lambda: "start=2,2" in (away.state()["query"] or ""))
    expect(line(page)).to_be_hidden()


def test_a_training_says_from_the_start_that_its_rows_will_come(away: Visit) -> None:
    page = away.page
    held: list[Route] = []
    page.route("**/run.bin?*", lambda route: held.append(route))
    page.goto(f"{away.site}/network?{BRIEF}")
    words = page.locator("#map-stage [role=status]")
    expect(words).to_contain_text("The training has been asked for. Its first rows will come soon.")
    expect(page.locator("#transport")).to_contain_text("no steps yet")
    until(lambda: page.evaluate("1") and held)
    held.pop().continue_()
    until(lambda: away.state()["complete"])
    expect(words).to_be_empty()
    expect(page.locator("#transport")).to_contain_text(re.compile(r"step \d+ of \d+"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_line_can_be_read_and_heard(chromium: Browser, server: Server, scheme: str) -> None:
    if not server.is_running:
        server.start()
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    visit = Visit(context, f"http://127.0.0.1:{server.port}", width=390, height=844, scheme=scheme)
    page = visit.load(SHORT)
    page.route(
        "**/run.bin?*", lambda route: route.fulfill(status=503, headers={"Retry-After": "300"})
    )
    click_map(visit, 2, 2)
    expect(page.get_by_role("status").filter(has_text="The server is busy.")).to_be_visible()
    assert visit.fits()
    box, bar = line(page).bounding_box(), page.locator("#transport").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= bar["y"]
    assert visit.serious(only_colours=True) == []
    context.close()
