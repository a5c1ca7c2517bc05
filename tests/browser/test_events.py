"""What happened, in a real Chromium: the list, the jump, the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from nnopt_viz.events import events
from tests.support.visit import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

RACE = (
    "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=momentum(lr=0.002)&run=adam(lr=0.2)"
    "&start=0,-3&steps=160"
)


def shown(visit: Visit, query: str = RACE) -> Page:
    page = visit.open(query)
    page.locator("#outcome input[value=happened]").click()
    until(lambda: visit.state()["complete"])
    page.evaluate("window.nnopt.end()")  # what is still to come is not told
    return page


def test_a_click_on_an_event_pauses_and_goes_to_its_step(visit: Visit) -> None:
    page = shown(visit)
    wanted = events(RACE)
    buttons = page.locator(".nn-events button")
    expect(buttons).to_have_count(len(wanted))
    for i, event in enumerate(wanted):
        expect(buttons.nth(i)).to_contain_text(event.text)
        page.evaluate("window.nnopt.play()")
        buttons.nth(i).click()
        until(lambda step=event.step: visit.state()["step"] == step)
        assert not visit.state()["playing"]
        expect(buttons.nth(i)).to_have_attribute("aria-current", "step")
        assert page.locator(".nn-events [aria-current]").count() == 1


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit.open(RACE)
    until(lambda: visit.state()["complete"])
    page.evaluate("window.nnopt.end()")
    page.locator("#outcome input[value=outcome]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".nn-happened")).to_be_visible()
    page.keyboard.press("Tab")
    last = len(events(RACE)) - 1
    for _ in range(last):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(lambda: visit.state()["step"] == events(RACE)[last].step)
    until(lambda: not visit.state()["playing"])
    expect(page.locator(".nn-events button").nth(last)).to_have_attribute("aria-current", "step")


def test_a_race_without_events_says_so(visit: Visit) -> None:
    page = shown(visit, "surface=bowl&run=sgd(lr=0.1)&steps=60")
    expect(page.locator(".nn-happened")).to_contain_text("Nothing out of the ordinary")


def test_present_mode_shows_the_outcome_alone(visit: Visit) -> None:
    visit.is_altered = True
    page = shown(visit)
    page.get_by_role("button", name="Present").click()
    expect(page.locator(".nn-after-head")).to_be_hidden()
    expect(page.locator(".nn-happened")).to_be_hidden()
    expect(page.locator(".nn-outcome table").first).to_be_visible()
