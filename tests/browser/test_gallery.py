"""The gallery in a real Chromium: found by words and topics, by keyboard alone, and opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from nnopt_viz.deliver.questions import EXPERIMENT
from nnopt_viz.gallery import GALLERY
from nnopt_viz.gallery.measure import sentence
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

OPENED = ("adam_spike", "lbfgs_leaps_on_the_flower", "symmetry_kept", "width_helps")


def hits(page: Page) -> Any:
    return page.locator("#gallery-hits")


def search(page: Page) -> Any:
    return page.get_by_role("searchbox", name="Search the gallery")


def chip(page: Page, name: str) -> Any:
    return page.get_by_role("group", name="Topics").get_by_role("button", name=name)


def shown(page: Page) -> list[str]:
    """Names of the pictures that are not filtered out."""
    cards = page.locator(".picture:not([hidden])")
    return list(cards.evaluate_all("cards => cards.map((card) => card.dataset.name)"))


def gallery(visit: Visit, query: str = "") -> Page:
    visit.page.goto(f"{visit.site}/gallery{query}")
    expect(hits(visit.page)).not_to_be_empty()
    return visit.page


@pytest.fixture
def visit(fresh: Callable[..., Visit]) -> Visit:
    return fresh()


def test_it_is_found_by_words_and_topics_with_the_keyboard_alone(visit: Visit) -> None:
    page = gallery(visit)
    expect(hits(page)).to_have_text(f"{len(GALLERY)} pictures")
    assert shown(page) == list(GALLERY)
    page.keyboard.press("/")
    expect(search(page)).to_be_focused()
    page.keyboard.type("newton saddle")
    expect(hits(page)).to_have_text("1 picture for “newton saddle”")
    assert shown(page) == ["newton_at_the_saddle"]
    until(lambda: visit.query == "q=newton saddle")
    page.keyboard.press("Escape")
    expect(hits(page)).to_have_text(f"{len(GALLERY)} pictures")
    until(lambda: visit.query == "")
    for name in ("It fails", "Momentum"):
        chip(page, name).focus()
        page.keyboard.press("Space")
        expect(chip(page, name)).to_have_attribute("aria-pressed", "true")
    expect(hits(page)).to_contain_text("in It fails and Momentum")
    wanted = {n for n, one in GALLERY.items() if {"failure", "momentum"} <= set(one.topics)}
    assert set(shown(page)) == wanted
    until(lambda: visit.query == "topic=failure,momentum")
    chip(page, "It fails").focus()
    page.keyboard.press("Enter")
    until(lambda: visit.query == "topic=momentum")
    page.reload()
    expect(hits(page)).to_contain_text("in Momentum")
    expect(chip(page, "Momentum")).to_have_attribute("aria-pressed", "true")


def test_nothing_found_says_so_and_leads_back(visit: Visit) -> None:
    page = gallery(visit, "?q=no%20such%20%3Cb%3E&topic=cliffs&hide=navigation")
    expect(hits(page)).to_have_text("Nothing found for “no such <b>” in Cliffs.")
    expect(search(page)).to_have_value("no such <b>")
    assert shown(page) == []
    page.get_by_role("button", name="Show all").click()
    expect(hits(page)).to_have_text(f"{len(GALLERY)} pictures")
    expect(search(page)).to_have_value("")
    expect(search(page)).to_be_focused()
    until(lambda: visit.query == "hide=navigation")


def test_what_an_address_asks_for_in_vain_is_said(visit: Visit) -> None:
    page = gallery(visit, "?topic=momentom")
    expect(page.locator(".told")).to_contain_text("the nearest is momentum")
    assert shown(page) == list(GALLERY)


def test_pictures_come_as_they_are_scrolled_to_in_the_theme_that_is_seen(visit: Visit) -> None:
    page = gallery(visit, "?q=himmelblau%20fates")
    light, dark = page.locator(".picture:not([hidden]) img").all()
    until(lambda: light.evaluate("image => image.naturalWidth") == 320)
    assert dark.evaluate("image => image.naturalWidth") == 0
    page.get_by_role("button", name="Light or dark").click()
    until(lambda: dark.evaluate("image => image.naturalWidth") == 320)
    expect(light).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_it_fits(fresh: Callable[..., Visit], width: int) -> None:
    visit = fresh(width=width)
    gallery(visit)
    visit.rest()
    assert visit.fits()


@pytest.mark.parametrize("name", OPENED)
def test_a_card_opens_what_it_shows(visit: Visit, name: str) -> None:
    entry = GALLERY[name]
    page = gallery(visit, f"?q={name.replace('_', '%20')}")
    card = page.locator(f".picture[data-name={name}]")
    expect(card).to_contain_text(sentence(entry))
    link = card.get_by_role("link", name=entry.title)
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.startswith(f"{visit.site}{entry.link.partition('?')[0]}?"))
    if entry.question is EXPERIMENT:
        expect(page.locator("#study-state")).to_contain_text("Done")
        return
    until(lambda: page.evaluate("window.nnopt?.state().complete"))
    expect(page.locator("#notice")).to_be_empty()
    assert visit.query == unquote(entry.link.partition("?")[2])
