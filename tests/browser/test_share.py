"""Share, Present and what a link says of both, in a real Chromium."""

from __future__ import annotations

import random
import re
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from nnopt_viz.page.callbacks import repaired
from nnopt_viz.page.in_view import knob_names
from nnopt_viz.page.page import PAGES
from nnopt_viz.page.pages import embedded
from nnopt_viz.query.grammar import percent_encode
from nnopt_viz.query.viewing import GROUPS, SHOWN, VIEWING, read_viewing, write_viewing
from tests.support.server import serving
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

SHORT = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=60"
MOVING = (
    "surface=swapping_wells&run=adam(schedule=cosine(warmup=3),noise=gaussian)&start=random(n=3)"
    "&run=rule(text=%22x=x-lr*g*a%22,a=1)&drift=jump(at=0.3)&steps=9"
)
TRAINING = "net=mlp&data=moons(n=80)&run=adam(lr=0.02)&epochs=5"
STUDY = "/experiment?study=width(widths=%221,2%22,steps=20,seeds=4)"
ONE_OF = {"/experiments": STUDY, "/learn": "/learn/momentum", "/catalogue": "/catalogue?q=booth"}

SIGNS = "aZ0 _-.~!$()*,/:;=?@'\"&+%#<>[]{}|\\^`é→😀"
WRITE = """async (all) => {
  const { text } = await import(document.querySelector("script[src*='main.mjs']").src
    .replace("main.mjs", "page/viewing.mjs"));
  return all.map((one) => text(one));
}"""


def some_viewing(draw: random.Random) -> str:
    """An address' viewing keys, each there or not, with any of the values it may have."""

    def words(most: int) -> str:
        return "".join(draw.choices(SIGNS, k=draw.randint(1, most)))

    def number() -> float:
        return round(draw.uniform(-9, 9) * 10.0 ** draw.randint(-9, 18), draw.randint(0, 12))

    x = sorted((number(), number()))
    parts = [
        f"x=({x[0]!r},{x[1]!r})", f"height={draw.choice(['log', 'linear'])}",
        f"levels={draw.randint(2, 60)}", f"arrows={draw.choice(['true', 'false'])}",
        "eye=(0.1,-1e-7,2.5)", f"shows={draw.choice(SHOWN)}",
    ]  # fmt: skip
    values = {
        "title": words(80), "note": words(200),
        "names": ",".join(words(9).replace(",", "") for _ in range(draw.randint(1, 5))),
        "styles": ",".join(map(str, draw.sample(range(1, 13), draw.randint(1, 12)))),
        "view": f"map({','.join(draw.sample(parts, draw.randint(1, 6)))})",
        "at": draw.choice(["0", "40", "end", "7,play", "end,play"]), "present": "true",
        "knobs": "lr,surface.tilt", "hide": ",".join(draw.sample(list(GROUPS), 3)),
    }  # fmt: skip
    chosen = draw.sample(list(values), draw.randint(1, len(values)))
    return "&".join(f"{name}={percent_encode(values[name])}" for name in chosen)


TYPED = """async (all) => {
  const { plain, within } = await import(document.querySelector("script[src*='main.mjs']").src
    .replace("main.mjs", "page/shared.mjs"));
  return all.map((one) => plain(within(one, 80)));
}"""


def dialog(page: Page) -> Locator:
    page.locator('[id*=\'"action":"share"\']:visible').first.click()
    found = page.get_by_role("dialog")
    expect(found).to_be_visible()
    return found


def link(page: Page) -> str:
    return page.get_by_label("The link", exact=True).text_content() or ""


def test_both_writers_write_the_same(visit: Visit) -> None:
    draw = random.Random(16)
    texts = [f"{key.name}={percent_encode(key.example)}" for key in VIEWING.values()]
    texts += ["&".join(texts), "view=map(arrows=false)", "names=,second", "at=0"]
    texts += [some_viewing(draw) for _ in range(300)]
    read: list[Any] = [read_viewing(text)[0] for text in texts]
    page = visit.load("surface=bowl&run=sgd(lr=0.1)&steps=3")
    assert page.evaluate(WRITE, read) == [write_viewing(one) for one in read]
    odd = [
        *SIGNS,
        "\t",
        "\n",
        "\x0b",
        "\x00",
        "\x85",
        "\u00a0",
        "\u2028",
        "\u202e",
        "\u2067",
        "\ufeff",
    ]
    typed = ["".join(draw.choices(odd, k=draw.randint(0, 120))) for _ in range(300)]
    for title in page.evaluate(TYPED, typed):  # what is typed into the dialog needs no mending
        assert read_viewing(f"title={percent_encode(title)}") == (
            {"title": title} if title else {}, []
        )  # fmt: skip


def test_the_dialogs_link_opens_with_what_was_ticked(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    page = visit.load(SHORT)
    page.evaluate("() => { nnopt.pause(); nnopt.seek(40); }")
    before = page.url
    shown = dialog(page)
    shown.get_by_label("Title").fill("  Two   fates <b>& more</b> " + "x" * 90)
    expect(shown.locator(".share-count").first).to_have_text("80 of 80")
    shown.get_by_label("Title").fill("Two fates <b>& more</b>")
    shown.get_by_label("Note").fill("Same start.\nSame steps.")
    shown.get_by_role("radio", name="step 40").check()
    shown.get_by_role("radio", name="paused").check()
    shown.get_by_label("Opens presenting").check()
    shown.get_by_label("Stays in view").select_option("lr")
    shown.get_by_label("the curves").check()
    shown.get_by_label("initialization").check()
    wanted = link(page)
    assert unquote(wanted).endswith(
        "&title=Two fates <b>& more</b>&note=Same start. Same steps.&at=40&present=true&knobs=lr"
        "&hide=curves,start"
    )
    assert page.url == before  # and nothing on the page has changed
    expect(page.locator("html.present")).to_have_count(0)
    shown.get_by_role("button", name="Cancel").click()
    expect(page.locator("#titled")).to_be_empty()

    page.goto(wanted)
    visit.ready()
    until(lambda: visit.state()["step"] == 40)
    assert not visit.state()["playing"]
    expect(page.locator("#titled h2")).to_have_text("Two fates <b>& more</b>")
    expect(page.locator("#titled p")).to_have_text("Same start. Same steps.")
    assert page.title() == "Two fates <b>& more</b> · nnopt_viz"
    expect(page.locator(".curves")).to_be_hidden()
    expect(page.locator(".in-view input[type=range]")).to_have_count(2)
    expect(page.locator("#presented")).to_contain_text("Himmelblau")
    expect(page.locator("#presented math").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".rail")).to_be_visible()
    until(lambda: "present" not in visit.query)
    assert "hide=curves,start" in visit.query


def test_done_gives_the_page_its_title_and_the_address_too(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(SHORT)
    shown = dialog(page)
    shown.get_by_label("Title").fill("Zwei Schicksale")
    shown.get_by_label("the outcome").check()
    shown.get_by_label("Title").press("Enter")
    expect(shown).to_have_count(0)
    expect(page.locator("#titled h2")).to_have_text("Zwei Schicksale")
    until(lambda: visit.query.endswith("&title=Zwei Schicksale"))
    expect(page.locator("#outcome")).to_be_visible()
    expect(page.locator("#link-text")).to_have_value(re.compile("title=Zwei%20Schicksale"))


@pytest.mark.parametrize("path", ["/", "/network", "/learn/momentum", "/catalogue", STUDY])
def test_the_dialog_offers_the_groups_that_the_page_has(
    fresh: Callable[..., Visit], path: str
) -> None:
    """What is offered is there, and its box takes it away; what is not offered is not there."""
    visit = fresh()
    page = visit.page
    page.goto(f"{visit.site}{path}")
    expect(page.locator("h1").first).to_be_attached()
    offered = (
        dialog(page).locator(".share-groups input").evaluate_all("all => all.map(o => o.value)")
    )
    assert set(offered) <= set(GROUPS)
    places = page.evaluate(
        """async () => ({ ...(await import(document.querySelector("script[src*='main.mjs']").src
          .replace("main.mjs", "page/share.mjs"))).PLACES })"""
    )
    assert set(places) == set(GROUPS)
    mark = "?" if "?" not in path else "&"
    page.goto(f"{visit.site}{path}{mark}hide={','.join(offered)}")
    expect(page.locator(".hiding")).to_be_attached()
    for name in offered:
        expect(page.locator(places[name]).first).to_be_hidden()


@pytest.mark.parametrize("path", list(PAGES))
def test_present_is_in_the_address_of_every_page(fresh: Callable[..., Visit], path: str) -> None:
    visit = fresh(width=1024, height=768)
    page = visit.page
    address = ONE_OF.get(path, path)
    mark = "&" if "?" in address else "?"
    page.goto(f"{visit.site}{address}{mark}present=true")
    expect(page.locator("h1").first).to_be_attached()
    expect(page.locator(".header")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('#page')).fontSize") == "17.914px"
    assert visit.fits()
    page.keyboard.press("Escape")
    expect(page.locator(".header")).to_be_visible()
    until(lambda: "present" not in visit.query)
    page.get_by_role("button", name="Present").click()
    expect(page.locator(".header")).to_be_hidden()
    until(lambda: "present=true" in visit.query)
    page.mouse.move(500, 300)
    page.get_by_label("Leave the presentation").click()
    expect(page.locator(".header")).to_be_visible()
    until(lambda: "present" not in visit.query)


def test_a_knob_in_view_moves_the_race(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    page = visit.load(SHORT + "&present=true&knobs=lr,surface.tilt,tlit")
    expect(page.locator("#notice")).to_contain_text("no knob called 'tlit'")
    expect(page.locator("#notice")).to_contain_text("the nearest is tilt")
    sliders = page.locator(".in-view input[type=range]")
    expect(sliders).to_have_count(3)
    sliders.nth(1).focus()
    page.keyboard.press("ArrowLeft")
    until(lambda: "adam(lr=0.18)" in visit.query)
    until(lambda: "adam(lr=0.18)" in unquote(visit.state()["query"]))
    assert sliders.nth(1).get_attribute("aria-valuetext") == "0.18"
    sliders.nth(2).focus()
    page.keyboard.press("ArrowRight")
    until(lambda: "tilt=0.5)" not in visit.query)
    expect(page.locator("#presented")).not_to_have_text(re.compile(r"tilt = 0\.5$"))
    assert visit.query.endswith("&present=true&knobs=lr,surface.tilt,tlit")
    page.keyboard.press("Escape")
    expect(page.locator(".in-view")).to_be_hidden()


@pytest.mark.parametrize("query", [
    SHORT, TRAINING, MOVING,
    "surface=formula(f=%22a*x*x+y*y%22,bounds=%22-1,1,-1,1%22,a=2)&run=sgd&steps=9",
])  # fmt: skip
def test_server_and_page_know_the_same_knobs(visit: Visit, query: str) -> None:
    visit.is_altered = True
    page = visit.load(query)
    known = page.evaluate(
        """async () => { const of = (name) => import(document.querySelector(
          "script[src*='main.mjs']").src.replace("main.mjs", `page/${name}.mjs`));
          return [...(await of("in_view")).movable((await of("asked")).asked()).keys()]; }"""
    )
    is_lab = query.startswith("net=")
    spec = repaired({"query": query, "lab": is_lab})[0]
    assert set(known) == set(knob_names(spec))


@pytest.mark.parametrize(("at", "step", "plays"), [
    ("40", 40, False), ("end", 60, False), ("0", 0, False), ("4000", 60, False),
])  # fmt: skip
def test_a_link_opens_at_its_step(visit: Visit, at: str, step: int, plays: bool) -> None:
    visit.is_altered = True
    page = visit.load(f"{SHORT}&at={at}")
    until(lambda: visit.state()["step"] == step and visit.state()["complete"])
    visit.frames(20)
    assert (visit.state()["step"], visit.state()["playing"]) == (step, False)
    notice = page.locator("#notice")
    if at == "4000":
        expect(notice).to_contain_text("asks for step 4000, but there are 60 steps: the last one")
    else:
        expect(notice).to_be_empty()


def test_a_link_plays_on_from_its_step(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    steps: list[int] = []
    long = SHORT.replace("steps=60", "steps=2000")
    visit.load(f"{long}&at=1500,play")
    until(lambda: steps.append(visit.state()["step"]) or visit.state()["step"] > 1510)
    assert min(step for step in steps if step) >= 1500
    calm = fresh(motion="reduce")
    calm.load(f"{long}&at=1500,play")
    until(lambda: calm.state()["step"] == 1500)
    calm.frames(10)
    assert calm.state()["step"] == 1500


def test_a_link_that_is_typed_goes_to_its_step(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(SHORT)
    until(lambda: visit.state()["complete"])
    field = page.locator("#link-text")
    field.fill(f"?{SHORT}&at=7")
    field.press("Enter")
    until(lambda: visit.state()["step"] == 7 and not visit.state()["playing"])
    until(lambda: visit.query.endswith("&at=7"))


@pytest.mark.parametrize("path", [f"/?{SHORT}&title=Share", f"/network?{TRAINING}", STUDY])
def test_nothing_serious_in_the_dialog_and_while_presenting(
    fresh: Callable[..., Visit], path: str
) -> None:
    for scheme in ("light", "dark"):
        visit = fresh(scheme=scheme)
        page = visit.page
        page.goto(f"{visit.site}{path}")
        expect(page.locator("h1").first).to_be_attached()
        visit.rest()
        dialog(page)
        assert visit.serious() == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("button", name="Present").click()
        assert visit.serious() == []
        page.set_viewport_size({"width": 390, "height": 844})
        visit.rest()
        assert visit.serious() == []
        assert visit.fits()


def test_the_dialog_fits_a_phone_and_the_keyboard_alone_will_do(
    fresh: Callable[..., Visit],
) -> None:
    visit = fresh(width=390, height=844)
    page = visit.load(SHORT + "&title=" + "w" * 80)
    assert visit.fits()
    page.get_by_label("Share").first.focus()
    page.keyboard.press("Enter")
    shown = page.get_by_role("dialog")
    expect(shown.get_by_label("Title")).to_be_focused()
    assert shown.evaluate("one => one.scrollWidth <= one.clientWidth")
    page.keyboard.press("Space")  # is typed: it does not start the race
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(page.get_by_label("Share").first).to_be_focused()


class Elsewhere(BaseHTTPRequestHandler):
    """A page of another origin, with what is to be embedded."""

    body = ""

    def do_GET(self) -> None:
        text = f"<!doctype html><title>Course</title>{self.body}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_snippet_shows_the_race_on_another_site(
    fresh: Callable[..., Visit], elsewhere: str
) -> None:
    visit = fresh()
    page = visit.load(SHORT + "&title=A%20%22quoted%22%20title")
    shown = dialog(page)
    expect(shown).to_contain_text("Any page may embed it.")
    Elsewhere.body = page.get_by_label("To embed the page").text_content() or ""
    assert 'title="A &quot;quoted&quot; title"' in Elsewhere.body
    other = visit.context.new_page()
    other.goto(elsewhere)
    inside = other.frame_locator("iframe")
    expect(inside.locator("#titled h2")).to_have_text('A "quoted" title')
    expect(inside.locator("#page[data-ready]")).to_be_attached()
    expect(inside.locator("#outcome")).to_contain_text("adam")
    assert unescape(Elsewhere.body).count(page.evaluate("location.origin")) == 1
    Elsewhere.body = f'<iframe src="{visit.site}/catalogue"></iframe>'
    refused: list[str] = []
    other.on("console", lambda message: refused.append(message.text))
    other.goto(elsewhere)
    until(lambda: any("frame-ancestors" in text for text in refused))
    other.close()


def test_the_setting_narrows_who_may_embed(fresh: Callable[..., Visit]) -> None:
    with serving(frame_ancestors="https://course.example.edu") as port:
        visit = fresh()
        page, visit.site = visit.page, f"http://127.0.0.1:{port}"
        page.goto(f"{visit.site}/?{SHORT}")
        expect(page.locator("#page[data-ready]")).to_be_attached()
        assert visit.query
        expect(dialog(page)).to_contain_text(
            "This server lets these embed it: https://course.example.edu"
        )


def test_pages_that_may_be_embedded_are_race_lab_and_lessons() -> None:
    assert {"/", "/network", "/learn", "/learn/momentum"} <= set(embedded())
    assert not {"/catalogue", "/experiment", "/experiments", "/numbers"} & set(embedded())
