"""The page in a real Chromium: controls, address, themes, phone, and what can be heard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from nnopt_viz.query.grammar import number_text
from nnopt_viz.race.codec import decode
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

SHORT = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=60"


def rate(page: Page, run: int) -> Any:
    return page.locator(".run").nth(run).locator(".run-rate input")


def thumb(page: Page, run: int) -> Any:
    return page.locator(".run").nth(run).locator("[role=slider]").first


def test_a_bare_address_shows_and_names_the_landing_scene(visit: Visit) -> None:
    page = visit.load()
    assert visit.query.startswith("surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=momentum")
    assert page.locator(".run").count() == 4
    until(lambda: visit.state()["step"] > 2)
    expect(page.locator("#outcome")).to_contain_text("Reached the global minimum")
    expect(page.locator(".formula math").first).to_be_visible()
    assert page.title()


def test_a_slider_moves_number_link_and_address_without_the_server(visit: Visit) -> None:
    page = visit.open(SHORT)
    visit.requests.clear()
    thumb(page, 0).focus()
    for _ in range(4):  # each from where the last one led
        at = thumb(page, 0).get_attribute("aria-valuenow")
        page.keyboard.press("ArrowRight")
        until(lambda at=at: thumb(page, 0).get_attribute("aria-valuenow") != at)
    expect(rate(page, 0)).to_have_value("0.0032")
    until(lambda: "sgd(lr=0.0032)" in visit.query)
    expect(page.locator("#link-text")).to_have_value(re.compile(r"sgd\(lr=0\.0032\)"))
    assert thumb(page, 0).get_attribute("aria-valuetext") == "0.0032"
    assert not [url for url in visit.requests if "_dash-update" in url]


def test_the_race_follows_while_a_slider_is_dragged(visit: Visit) -> None:
    page = visit.open(SHORT)
    box = thumb(page, 1).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y, steps=3)
    until(lambda: "adam(lr=0.2)" not in (visit.state()["query"] or ""))
    page.mouse.up()
    until(lambda: unquote(visit.state()["query"]) == visit.query)
    assert "adam(lr=0.2)" not in visit.query


def test_controls_made_late_do_not_undo_what_came_meanwhile(visit: Visit) -> None:
    visit.is_altered = True  # its requests are held
    page = visit.open(SHORT)
    slow: list[Any] = []

    def hold(route: Any) -> None:
        if "runs-list" in (route.request.post_data or ""):
            slow.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", hold)
    page.get_by_label("More about run 2, adam").click()
    until(lambda: page.evaluate("1") and slow)
    rate(page, 0).fill("0.003")
    until(lambda: "sgd(lr=0.003)" in visit.query)
    slow.pop().continue_()
    expect(page.locator(".more")).to_be_visible()
    expect(rate(page, 0)).to_have_value("0.003")
    visit.rest()  # an echo would have come
    assert "sgd(lr=0.003)" in visit.query


def test_a_click_right_after_typing_takes_what_was_typed(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.get_by_label("More about run 1, sgd").click()
    copy = page.get_by_role("button", name="Duplicate run 1, sgd")
    copy.wait_for()
    rate(page, 0).press("End")
    rate(page, 0).press_sequentially("5")  # 0.002 becomes 0.0025
    copy.click()
    until(lambda: visit.query.count("run=") == 3)
    assert visit.query.count("sgd(lr=0.0025)") == 2


def test_a_rate_beyond_the_slider_stays_exact(visit: Visit) -> None:
    page = visit.open(SHORT)
    rate(page, 0).fill("0.00001234")
    until(lambda: "sgd(lr=1.234e-5)" in visit.query)
    expect(rate(page, 0)).to_have_value("0.00001234")
    assert thumb(page, 0).get_attribute("aria-valuenow") == "-4"


def test_another_surface_then_back_and_forward_and_reload(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.click("#surface-button")
    page.fill("#surface-search", "valley rosen")
    page.keyboard.press("Enter")
    until(lambda: "himmelblau" not in visit.query)
    expect(page.locator("#surface-button")).to_contain_text("Rosenbrock")
    expect(page.locator("#surface-panel")).to_contain_text("b")
    chosen = visit.query
    rates = [number_text(run.number("lr")) for run in decode(chosen).runs]
    until(lambda: [rate(page, i).input_value() for i in range(2)] == rates)
    expect(page.get_by_label("Start x")).to_have_value("-1.5")

    page.go_back()
    expect(page.locator("#surface-button")).to_contain_text("Himmelblau")
    expect(rate(page, 1)).to_have_value("0.2")
    expect(page.get_by_label("Start y")).to_have_value("-3")
    until(lambda: "himmelblau" in (visit.state()["query"] or ""))

    page.go_forward()
    expect(page.locator("#surface-button")).to_contain_text("Rosenbrock")
    until(lambda: [rate(page, i).input_value() for i in range(2)] == rates)
    assert visit.query == chosen

    page.reload()
    visit.ready()
    assert visit.query == chosen
    assert [rate(page, i).input_value() for i in range(2)] == rates


def test_runs_are_added_changed_copied_and_removed(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.click("#add-run")
    page.fill("#add-run", "nad")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".run")).to_have_count(3)
    until(lambda: "run=nadam" in visit.query)

    page.get_by_label("More about run 2, adam").click()
    more = page.locator(".run").nth(1).locator(".more")
    field = more.get_by_label("beta1 of run 2, adam", exact=True)
    field.fill("0.5")
    until(lambda: "beta1=0.5" in visit.query)
    more.get_by_role("textbox", name="schedule").click()
    page.get_by_role("option", name="Cosine with warm-up").click()
    more.get_by_label("warmup of run 2, adam", exact=True).fill("5")
    until(lambda: "schedule=cosine(warmup=5)" in visit.query)
    expect(field).to_have_value("0.5")

    more.get_by_role("button", name="Duplicate").click()
    expect(page.locator(".run")).to_have_count(4)
    until(lambda: visit.query.count("warmup=5") == 2)

    page.get_by_label("More about run 1, sgd").click()
    page.get_by_role("button", name="Remove run 1, sgd").click()
    expect(page.locator(".run")).to_have_count(3)
    until(lambda: "run=sgd" not in visit.query)
    page.go_back()
    expect(page.locator(".run")).to_have_count(4)


def test_another_optimizer_comes_with_the_surfaces_good_rate(visit: Visit) -> None:
    page = visit.open(SHORT)
    name = page.get_by_role("textbox", name="Optimizer of run 1")
    name.click()
    name.fill("rmsp")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    until(lambda: "run=rmsprop(lr=0.05)" in visit.query)
    expect(rate(page, 0)).to_have_value("0.05")


def test_starts_of_other_kinds(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.get_by_role("textbox", name="Starts").click()
    page.get_by_role("option", name="Ring").click()
    page.get_by_label("Radius").fill("2")
    until(lambda: "start=ring(radius=2,y=-3)" in visit.query)
    until(lambda: visit.state()["lanes"] == 12)


def test_a_click_on_the_map_starts_there(visit: Visit) -> None:
    page = visit.open(SHORT)
    until(lambda: page.locator("#map .contourlayer path").count() > 4)
    page.mouse.click(*visit.place("project2d(2, 1)"))
    until(lambda: "start=" in visit.query)
    x, y = visit.query.split("start=")[1].split("&")[0].split(",")
    # half a pixel is 0.02 of this map's units
    assert (float(x), float(y)) == pytest.approx((2, 1), abs=0.05)
    expect(page.get_by_label("Start x")).to_have_value(x)


def test_a_press_asks_ahead_and_is_forgotten_when_it_pans(visit: Visit) -> None:
    page = visit.open("surface=himmelblau&run=sgd(lr=0.01)&start=-2,3")
    until(lambda: visit.state()["complete"])
    x, y = visit.place("project2d(2, 1)")
    visit.requests.clear()

    def asked() -> int:
        visit.state()  # Playwright tells of requests only while it is asked something
        return len([url for url in visit.requests if "/run.bin" in url])

    page.mouse.move(x, y)
    page.mouse.down()
    until(asked)
    assert "start=-2,3" in visit.query  # nothing is shown before the release
    page.mouse.up()
    until(lambda: visit.state()["query"] == visit.query and "start=-2,3" not in visit.query)
    until(lambda: visit.state()["complete"])
    assert asked() == 1
    picked = visit.query
    page.mouse.move(x, y - 80)  # beside the start, which a press would grab
    page.mouse.down()
    until(lambda: asked() == 2)
    page.mouse.move(x + 60, y - 80, steps=3)
    page.mouse.up()
    until(lambda: visit.place("project2d(2, 1)")[0] > x + 40)  # it has panned
    assert visit.query.split("&view=")[0] == picked == visit.state()["query"]  # the view has moved
    page.mouse.click(x, y - 80)
    until(lambda: visit.state()["query"] == visit.query.split("&view=")[0] != picked)


def test_everything_fits_at_either_side_of_every_breakpoint(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(SHORT)
    for width in (390, 600, 601, 800, 801, 820, 821, 1100, 1101):
        page.set_viewport_size({"width": width, "height": 800})
        visit.rest()
        assert visit.fits(), width


def test_a_link_edited_by_hand_is_repaired_and_told(visit: Visit) -> None:
    page = visit.open(SHORT)
    expect(page.locator("#link-text")).to_have_value(re.compile("himmelblau"))
    before = visit.query
    page.click("#link-text")  # from here on the page leaves the text alone
    page.fill("#link-text", "?surface=rosenbrok&run=adam(lr=0.05)\n&steps=40")
    page.locator("#link-text").press("Enter")
    expect(page.locator("#notice")).to_contain_text("rosenbrock")
    expect(page.locator(".run")).to_have_count(1)
    until(lambda: "run=adam(lr=0.05)" in visit.query and "steps=40" in visit.query)
    page.go_back()  # an entry of its own: what was there is not lost
    until(lambda: visit.query == before == unquote(visit.state()["query"]))
    page.go_forward()
    until(lambda: "steps=40" in visit.query and "steps=40" in visit.state()["query"])
    page.fill("#link-text", "?surface=rosenbrok&run=adam(lr=0.05)\n&steps=41")
    page.locator("#link-text").press("Enter")
    expect(page.locator("#notice")).to_contain_text("rosenbrock")
    page.get_by_label("Close this message").click()
    expect(page.locator("#notice")).to_be_empty()


def test_what_the_server_has_read_is_asked_for_in_its_own_words(visit: Visit) -> None:
    visit.load("seed=0&steps=60&run=sgd(lr=0.0020,momentum=0)&surface=himmelblau(tilt=.5)")
    canonical = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&steps=60"
    assert visit.query == canonical
    streams = [unquote(url) for url in visit.requests if "/run.bin?" in url]
    assert [url.partition("?")[2] for url in streams] == [canonical]


def test_the_theme_is_remembered_and_the_camera_stays(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(SHORT)
    plot = "document.querySelector('#scene .js-plotly-plot')"
    eye = f"{plot}?._fullLayout?.scene?._scene?.getCamera().eye.x"
    until(lambda: page.evaluate(eye))
    home = page.evaluate(eye)
    box = page.locator("#scene-stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 20, steps=6)
    page.mouse.up()
    until(lambda: page.evaluate(f"{plot}.layout.scene.camera.eye.x") != home)
    turned = page.evaluate(eye)
    assert abs(turned - home) > 0.2

    page.get_by_label("Light or dark").click()
    expect(page.locator("#page")).to_have_attribute("data-theme", "dark")
    dark = "document.querySelector('#map .js-plotly-plot').layout.xaxis.tickfont.color"
    until(lambda: page.evaluate(dark) == "#EEF1F4")
    thumb(page, 0).focus()
    page.keyboard.press("ArrowLeft")
    until(lambda: "sgd(lr=0.002)" not in visit.query)
    assert page.evaluate(eye) == pytest.approx(turned, abs=0.02)  # a pixel of turning

    page.reload()
    visit.ready()
    expect(page.locator("#page")).to_have_attribute("data-theme", "dark")


def test_present_and_escape(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.get_by_role("button", name="Present").click()
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator("#transport")).to_be_visible()
    page.get_by_label("Leave the presentation").click()
    expect(page.locator(".rail")).to_be_visible()


def test_the_clock_answers_keys_and_sliders_keep_theirs(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.evaluate("() => { nnopt.pause(); nnopt.seek(30); }")
    page.keyboard.press("End")
    until(lambda: visit.state()["step"] == 60)
    page.keyboard.press("ArrowLeft")
    until(lambda: visit.state()["step"] == 59)
    thumb(page, 0).focus()
    page.keyboard.press("Home")
    until(lambda: "sgd(lr=0.0001)" in visit.query)


def test_nothing_is_wider_than_the_screen(fresh: Callable[..., Visit]) -> None:
    visit = fresh(width=390, height=844)
    page = visit.load(SHORT)
    page.get_by_label("More about run 2, adam").click()
    expect(page.locator(".more")).to_be_visible()
    for view in ("3D", "Loss", "Map"):
        page.locator(".view-switch").get_by_text(view, exact=True).click()
        assert visit.fits()
    page.set_viewport_size({"width": 1024, "height": 844})
    visit.rest()
    assert visit.fits()
    page.set_viewport_size({"width": 390, "height": 844})
    visit.load(f"surface={'m' * 60}&steps=5")
    notice = page.locator("#notice")
    expect(notice).to_contain_text("mmmm")
    assert notice.evaluate("node => node.scrollWidth <= node.clientWidth")
    page.goto(f"{visit.site}/catalogue")
    expect(page.locator("h1")).to_have_text("Catalogue")
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert visit.fits()
