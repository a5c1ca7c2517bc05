"""The first screen as a stranger meets it: the sentence, the guide, the words, no ending told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser


def test_three_clicks_of_the_guide_and_it_stays_closed(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    page = visit.load()
    guide = page.locator("#guide")
    expect(guide).to_be_visible()
    expect(guide).to_contain_text("three different ends")
    guide.get_by_role("button", name="Show me why").click()
    until(lambda: visit.state()["step"] == 3)
    expect(guide).to_contain_text("57 times as steep")
    guide.get_by_role("button", name="Compare two of them").click()
    expect(page.locator(".cp-body")).to_contain_text("sgd")
    expect(page.locator(".cp-body")).to_contain_text("adam")
    guide.get_by_role("button", name="Change one thing").click()
    until(lambda: "start=0.1,-3" in visit.query)
    expect(guide.get_by_role("link")).to_have_attribute("href", re.compile("/learn/"))
    guide.get_by_role("button", name="Close the guide").click()
    expect(guide).to_be_hidden()
    page.goto(visit.site)
    visit.ready()
    expect(page.locator("#seen")).not_to_be_empty()
    expect(page.locator("#guide")).to_be_hidden()


def test_the_sentence_says_what_is_seen(visit: Visit) -> None:
    page = visit.open("surface=booth&run=adam(lr=0.1)&steps=20")
    expect(page.locator("#seen")).to_contain_text("One optimizer starts at the dot and tries")
    page = visit.open("surface=booth&run=adam(lr=0.1)&run=sgd(lr=0.01)&start=ring(n=4)&steps=20")
    expect(page.locator("#seen")).to_contain_text("Two optimizers start from many points at once")


def test_the_outcome_comes_with_the_end_or_when_it_is_asked_for(visit: Visit) -> None:
    page = visit.open("surface=booth&run=adam(lr=0.1)&steps=300")
    page.evaluate("window.nnopt.pause()")
    until(lambda: visit.state()["complete"])
    page.evaluate("window.nnopt.seek(1)")
    expect(page.locator("#outcome")).to_contain_text("racing")
    expect(page.locator(".nn-marks svg.is-to-come")).to_have_count(1)
    page.get_by_role("button", name="Tell it now").click()
    expect(page.locator("#outcome")).to_contain_text("minimum")
    page = visit.open("surface=booth&run=sgd(lr=0.1)&steps=300")
    page.evaluate("window.nnopt.end()")
    expect(page.locator("#outcome")).to_contain_text("minimum")


def test_words_are_explained_on_hover_on_tap_and_by_keyboard(fresh: Callable[..., Visit]) -> None:
    page = fresh().load()
    tip = page.locator(".word-tip")
    page.locator(".section-runs [data-word=lr]").first.hover()
    expect(tip).to_contain_text("How far a step goes")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    name = page.locator("#outcome b[data-word=rmsprop]")
    name.click()  # as a tap does
    expect(tip).to_contain_text("mean squared gradient")
    expect(tip.get_by_role("link")).to_have_attribute("href", "/catalogue?q=rmsprop")
    name.click()
    expect(tip).to_be_hidden()
    page.mouse.move(0, 0)
    page.locator(".run-name input").first.focus()
    page.locator(".run-name").first.hover()
    expect(tip).to_contain_text("Gradient descent")


def test_the_race_is_seen_before_plotly_comes(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    page, held = visit.page, []
    page.route("**/plotly.min.js", lambda route: held.append(route))
    page.goto(visit.site)
    first = page.locator("#map-stage canvas.first-map")
    expect(first).to_be_visible()  # the page has come, and has taken it over
    expect(page.locator("#first")).to_have_count(0)
    until(lambda: visit.state()["step"] > 5)  # and it follows the player's clock
    page.get_by_role("button", name="Pause").click()
    until(lambda: not visit.state()["playing"])
    page.evaluate("window.nnopt.seek(40)")
    until(lambda: page.evaluate("window.nnoptFirst.step") == 40)
    until(lambda: len(held) == 1)
    held[0].continue_()
    expect(first).to_have_count(0)
    until(lambda: visit.place("project2d(0, -3)"))
    assert visit.state()["step"] == 40
    visit.ready()
