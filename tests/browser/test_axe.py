"""What a screen reader and weak eyes meet: axe, once a kind of page and theme, at rest.

Each page is loaded once and walked through the states in which it shows something new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from nnopt_viz.page.pages import PAGES
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

RACE = "surface=himmelblau(tilt=0.5)&run=momentum(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=160"
STUDY = "study=width(widths=%221,2%22,steps=20,seeds=4)"
TRAINING = "net=mlp&data=moons(n=160)&run=sgd(lr=0.1)&run=adam(lr=0.02)&epochs=10"


def serious_are_none(visit: Visit) -> None:
    assert visit.serious() == []
    assert visit.fits()


def heard_in_both_themes(visit: Visit) -> None:
    """All rules in the theme that is there; what a theme can change, in the other one too."""
    serious_are_none(visit)
    visit.change_theme()
    assert visit.serious(only_colours=True) == []


def narrow(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.rest()


def test_the_race_its_menus_and_its_events(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    page = visit.load(RACE)
    until(lambda: visit.state()["complete"])
    page.get_by_label("More about run 2, adam").click()
    expect(page.locator(".more")).to_be_visible()
    page.locator("#outcome input[value=happened]").click()
    page.locator(".nn-events button").first.click()
    heard_in_both_themes(visit)
    for _ in range(2):  # a menu closes when the theme is changed
        page.click("#surface-button")
        expect(page.locator("#surface-search")).to_be_visible()
        serious_are_none(visit)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Export").click()
        expect(page.get_by_role("menuitem", name="Recorded steps as CSV")).to_be_visible()
        serious_are_none(visit)
        page.keyboard.press("Escape")
        expect(page.get_by_role("menu")).to_have_count(0)
        visit.change_theme()
    narrow(visit)
    heard_in_both_themes(visit)


def test_a_closer_look_and_the_editor_on_a_phone(fresh: Callable[..., Visit]) -> None:
    visit = fresh(width=390, height=844)
    page = visit.load(RACE)
    page.evaluate("window.nnopt.pause(); window.nnopt.seek(5)")
    page.get_by_role("button", name="Look closer").click()
    until(lambda: page.locator("#looker tbody tr").count() > 2)
    heard_in_both_themes(visit)
    for _ in range(2):  # under a dialog the theme cannot be changed
        page.get_by_role("button", name="Edit a copy").first.click()
        expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Good")
        serious_are_none(visit)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        visit.change_theme()


def test_the_catalogue(fresh: Callable[..., Visit]) -> None:
    visit = fresh(scheme="dark", width=390, height=844)
    page = visit.page
    page.goto(f"{visit.site}/catalogue")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")  # as the system prefers
    expect(page.locator("#catalogue-hits")).not_to_be_empty()
    serious_are_none(visit)
    visit.change_theme()
    # 13,000 parts of formulas in the colour of the text around them: once is enough
    assert visit.serious(only_colours=True, leave_out="math") == []


@pytest.mark.parametrize("address", ["learning_rate?step=2", "local_minima", "adaptive?step=1"])
def test_a_lesson_before_and_after_the_answer(fresh: Callable[..., Visit], address: str) -> None:
    visit = fresh()
    page = visit.page
    page.goto(f"{visit.site}/learn/{address}")
    expect(page.locator("#page[data-ready]")).to_be_attached()
    heard_in_both_themes(visit)
    page.locator(".show-me:visible").click()
    expect(page.locator("#outcome")).to_be_visible()
    heard_in_both_themes(visit)


@pytest.mark.parametrize("path", [p for p in PAGES if p not in ("/", "/network", "/catalogue")])
def test_every_page_that_is_not_walked_above_or_below(
    fresh: Callable[..., Visit], path: str
) -> None:
    visit = fresh(width=821)  # the narrowest with all links in the header
    visit.page.goto(f"{visit.site}{path}")
    expect(visit.page.locator("h1")).not_to_be_empty()
    heard_in_both_themes(visit)


def test_an_experiment(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    visit.page.goto(f"{visit.site}/experiment?{STUDY}")
    expect(visit.page.locator("#study-state")).to_contain_text("Done")
    heard_in_both_themes(visit)
    narrow(visit)
    heard_in_both_themes(visit)


def test_the_network_lab(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    page: Page = visit.page
    page.goto(f"{visit.site}/network?{TRAINING}")
    until(lambda: page.evaluate("window.nnopt?.state().complete"))
    heard_in_both_themes(visit)
    narrow(visit)
    heard_in_both_themes(visit)
