"""The network lab in a real Chromium: it trains, moves in both views, stops and goes on."""

from __future__ import annotations

from math import dist
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from tests.support.relay import relaying
from tests.support.visit import Visit, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

LONG = "net=mlp(hidden=%2232,32%22)&data=spirals(n=1000)&run=adam(lr=0.01)&epochs=16&batch=16"


@pytest.fixture
def lab(fresh: Callable[..., Visit]) -> Visit:
    return fresh()


def opened(lab: Visit, query: str = "") -> Page:
    lab.page.goto(f"{lab.site}/network{'?' + query if query else ''}")
    until(lambda: lab.page.evaluate("window.nnopt?.state().rowsReceived > 0"))
    return lab.page


def trained(lab: Visit, query: str = "") -> Page:
    page = opened(lab, query)
    until(lambda: lab.state()["complete"])
    return page


def test_a_fresh_address_trains_and_moves_in_both_views(lab: Visit) -> None:
    page = trained(lab)
    until(lambda: "data=moons" in lab.query)
    page.evaluate("nnopt.seek(10)")
    for view in ("map", "scene"):
        early = lab.place(f"locate('{view}', 2, 0, 10)")
        late = lab.place(f"locate('{view}', 2, 0, 200)")
        assert dist(early, late) > 40, view
    details = page.locator("#lab-details")
    expect(details).to_contain_text("How honest is this slice?")
    expect(details).to_contain_text("random walks show of themselves (median 90")
    expect(page.locator("#outcome")).to_contain_text("loss")
    before = details.inner_text()
    page.evaluate("nnopt.seek(150)")
    until(lambda: details.inner_text() != before)


def test_another_plane_is_another_picture_and_an_entry_of_the_history(lab: Visit) -> None:
    page = trained(lab)
    bounds = "document.querySelector('#map .js-plotly-plot').layout.meta.bounds.join()"
    until(lambda: page.evaluate(bounds))
    before = page.evaluate(bounds)
    page.get_by_role("textbox", name="Through the end").click()
    page.get_by_role("option", name="Two random directions").click()
    until(lambda: "plane=random" in lab.query)
    until(lambda: page.evaluate(bounds) != before)
    page.go_back()
    until(lambda: "plane=random" not in lab.query)
    until(lambda: page.evaluate(bounds) == before)


def test_training_stops_and_goes_on(chromium: Browser, site: str) -> None:
    """Over a line that stands still until the page has heard the click."""
    with relaying(int(site.rpartition(":")[2]), b"GET /run.bin", stands_still=True) as relay:
        lab = Visit(chromium.new_context(), f"http://127.0.0.1:{relay.port}")
        page = trained(lab, "data=moons(n=40)&epochs=2")
        relay.most = 30_000
        page.locator("#link-text").fill(f"?{unquote(LONG)}")
        page.locator("#link-text").press("Enter")
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_role("button", name="Go on").wait_for()
        rows = lab.state()["rowsReceived"]
        relay.most = None
        lab.frames(60)
        assert lab.state()["rowsReceived"] == rows
        assert not lab.state()["complete"]
        page.evaluate("nnopt.home()")  # what has come stays
        page.get_by_role("button", name="Go on").click()
        until(lambda: lab.state()["complete"])
        assert lab.state()["rowsReceived"] > rows
        lab.check()
        lab.context.close()


def test_digits_train(lab: Visit) -> None:
    page = trained(lab, "data=digits&net=mlp(hidden=%2216%22,batchnorm=true)&epochs=5")
    expect(page.locator(".section-data")).to_contain_text("450 to train, 150 to test")
    expect(page.locator("#lab-details")).to_contain_text("statistics of the whole training set")


def test_without_a_plane_the_rest_stays(lab: Visit) -> None:
    """By the address, and by the menu; and the map comes back."""
    page = trained(lab, "data=moons(n=40)&init=zeros&run=sgd(lr=0.1)&epochs=3&plane=random")
    absent = page.locator("#map-stage .lab-absent")
    expect(absent).to_contain_text("All weights are zero")
    expect(page.locator("#scene-stage .lab-absent")).to_contain_text("no random plane")
    expect(page.locator("#outcome")).to_contain_text("loss 0.69")
    expect(page.locator(".lab-layers")).to_contain_text("dead units")
    expect(page.locator(".lab-caption")).to_contain_text("square: to test with")
    until(lambda: lab.place("locate('curves', 0, 0, 3)"))
    menu = page.get_by_role("textbox", name="Start weights")
    menu.click()
    page.get_by_role("option", name="He normal").click()
    expect(absent).to_have_count(0)
    until(lambda: lab.place("locate('map', 0, 0, 3)"))
    menu.click()
    page.get_by_role("option", name="All zeros").click()
    expect(absent).to_contain_text("All weights are zero")
    expect(menu).to_have_value("All zeros")
    expect(page.locator("#notice")).to_be_empty()


def test_what_is_not_possible_is_set_back_and_said(lab: Visit) -> None:
    """The controls show what runs: a height that the new data have not is another one."""
    page = trained(lab, "data=moons(n=40)&run=sgd&epochs=2&plane=random(height=accuracy)")
    page.get_by_role("textbox", name="Set").click()
    page.get_by_role("option", name="Sine wave").click()
    expect(page.locator("#notice")).to_contain_text("height=train is used.")
    until(lambda: "data=sine" in lab.query and "height" not in lab.query)
    expect(page.get_by_role("textbox", name="height")).to_have_value("train")
    # Chromium writes the refusal down
    lab.forgive(400)


def test_a_menu_shows_what_runs_though_an_older_value_comes_back(lab: Visit) -> None:
    """Of two values written soon after one another the first may come back from Dash last."""
    page = trained(lab, "data=moons(n=40)&run=sgd&epochs=2&plane=random(height=accuracy)")
    menu = page.get_by_role("textbox", name="height")
    menu.click()
    page.get_by_role("option", name="test").click()
    until(lambda: "height=test" in lab.query)
    page.go_back()
    expect(menu).to_have_value("accuracy")
    page.go_forward()
    expect(menu).to_have_value("test")
    page.evaluate(
        """() => window.dash_clientside.set_props(
          {part: "plane", index: 0, knob: "height", control: "choice"}, {value: "accuracy"})"""
    )
    lab.frames(5)
    expect(menu).to_have_value("test")
    assert "height=test" in lab.query


def test_the_boundary_follows_the_clock(lab: Visit) -> None:
    page = trained(lab, "data=moons(n=80)&run=adam(lr=0.05)&epochs=10")
    page.evaluate("nnopt.pause()")
    seen = {}
    for step in (0, 20):
        page.evaluate(f"nnopt.seek({step})")
        expect(page.locator(".lab-caption")).to_contain_text(f"at step {step};")
        seen[step] = page.evaluate("document.querySelector('#data-picture canvas').toDataURL()")
    assert seen[0] != seen[20]
    expect(page.locator("#map-key")).to_contain_text("x: first main direction")
    expect(page.locator("#map-key")).to_contain_text("log scale")


def test_what_cannot_be_shown_is_said(lab: Visit) -> None:
    page = lab.page
    page.goto(f"{lab.site}/network?net=mlp(hidden=%220%22)")
    expect(page.locator("#notice")).to_contain_text("A hidden layer has 1 to 64 units")
