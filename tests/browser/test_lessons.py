"""Lessons in a real Chromium: by keyboard, from bad addresses, stripped, and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from nnopt_viz.lessons import LESSONS
from nnopt_viz.lessons.lesson import Point, Slider
from nnopt_viz.lessons.text import plain
from tests.browser.test_page import SHORT
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from nnopt_viz.lessons.lesson import Lesson
    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

MOST_TABS = 60


@pytest.fixture
def visit(fresh: Callable[..., Visit]) -> Visit:
    return fresh()


def open_lesson(visit: Visit, address: str) -> Page:
    page = visit.page
    page.goto(f"{visit.site}/learn/{address}")
    expect(page.locator("#page[data-ready]")).to_be_attached()
    return page


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the wanted element has the focus."""
    for _ in range(MOST_TABS):
        if wanted.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


def walk(visit: Visit, lesson: Lesson) -> None:
    """A lesson from start to end: predict, watch, go on."""
    page = visit.page
    for number, step in enumerate(lesson.steps, 1):
        shown = page.locator(f'[data-step="{number}"]')
        expect(shown).to_be_visible()
        expect(page.locator(".step:visible")).to_have_count(1)
        expect(page.locator("#page[data-held]")).to_be_attached()
        until(lambda: visit.state()["complete"])
        assert visit.state()["step"] == 0
        if isinstance(step.answer, Slider):
            tab_to(page, shown.get_by_role("slider"))
            page.keyboard.press("ArrowRight")
            tab_to(page, shown.get_by_role("button", name="Reveal"))
        elif isinstance(step.answer, Point):
            tab_to(page, shown.get_by_label("x of your guess"))
            page.keyboard.type("1")
            page.keyboard.press("Tab")
            page.keyboard.type("0")
            tab_to(page, shown.get_by_role("button", name="Reveal"))
        else:
            tab_to(page, shown.locator("[data-choice]").nth(1))
        page.keyboard.press("Enter")
        expect(shown.locator(".reveal")).to_be_visible()
        expect(shown.locator(".reveal")).to_contain_text(plain(step.claims[0].sentence))
        until(lambda: visit.state()["step"] > 0)
        on = shown.locator(".moves a").last
        tab_to(page, on)
        if number < len(lesson.steps):
            page.keyboard.press("Enter")
            until(lambda n=number: f"step={n + 1}" in visit.query)


@pytest.mark.parametrize("name", ["local_minima", "learning_rate"])
def test_a_lesson_from_start_to_end_with_the_keyboard_alone(visit: Visit, name: str) -> None:
    lesson = LESSONS[name]
    open_lesson(visit, name)
    walk(visit, lesson)
    visit.page.keyboard.press("Enter")  # the next lesson
    expect(visit.page.locator("h1")).not_to_have_text(lesson.title)
    done = visit.page.locator(f'.lesson-list [data-progress="{name}"]')
    expect(done).to_have_attribute("data-done", "")
    visit.page.goto(f"{visit.site}/learn")
    entry = visit.page.locator(f'.learn-list [data-progress="{name}"]')
    expect(entry).to_contain_text("done")
    visit.page.get_by_role("button", name="Forget it").click()
    expect(entry).to_contain_text(f"{len(lesson.steps)} steps")


def test_nothing_of_the_race_is_seen_before_the_prediction(visit: Visit) -> None:
    page = open_lesson(visit, "learning_rate?step=1")
    until(lambda: visit.state()["complete"])
    for part in ("#outcome", "#transport", "#curves-stage"):
        expect(page.locator(part)).to_be_hidden()
    page.keyboard.press("End")
    page.keyboard.press("Space")
    page.evaluate("window.nnopt.play()")
    visit.frames(20)
    assert visit.state()["step"] == 0
    page.get_by_role("button", name="Just show me").first.click()
    expect(page.locator("#outcome")).to_be_visible()
    until(lambda: visit.state()["step"] > 0)
    expect(page.locator("#open-race")).to_have_attribute(
        "href", re.compile(r"^/\?surface=.*0\.081")
    )


def test_a_step_is_an_address_and_an_entry_of_the_history(visit: Visit) -> None:
    page = open_lesson(visit, "momentum?step=3")
    expect(page.get_by_role("heading", name="Too much of it")).to_be_visible()
    page.locator(".lesson-steps").get_by_label(re.compile("Step 4")).click()
    expect(page.get_by_role("heading", name="A higher limit")).to_be_visible()
    assert visit.query == "step=4"
    page.go_back()
    expect(page.get_by_role("heading", name="Too much of it")).to_be_visible()
    assert visit.query == "step=3"
    until(lambda: "bowl(curvature=1)" in (visit.state()["query"] or ""))
    page.locator('[data-step="3"] [data-choice="0"]').click()
    page.reload()
    expect(page.locator('[data-step="3"] .reveal')).to_be_visible()  # remembered
    kept = page.evaluate("JSON.parse(localStorage.getItem('nnopt-lessons'))")
    asked = kept["momentum"]["3"].pop("asked")  # a prediction of before this step was reworded
    page.evaluate("kept => localStorage.setItem('nnopt-lessons', JSON.stringify(kept))", kept)
    page.reload()
    expect(page.locator("#page[data-held]")).to_be_attached()
    kept["momentum"]["3"]["asked"] = asked
    page.evaluate("kept => localStorage.setItem('nnopt-lessons', JSON.stringify(kept))", kept)
    page.reload()
    expect(page.locator('[data-step="3"] .reveal')).to_be_visible()
    page.locator('[data-step="3"] .again').click()
    expect(page.locator('[data-step="3"] .reveal')).to_be_hidden()
    expect(page.locator("#page[data-held]")).to_be_attached()


def test_a_place_is_pointed_at_on_the_map(visit: Visit) -> None:
    page = open_lesson(visit, "local_minima")
    until(lambda: page.locator("#map .contourlayer path").count() > 4)
    until(lambda: visit.state()["complete"])
    page.mouse.click(*visit.place("project2d(-1, 0)"))
    expect(page.get_by_label("x of your guess")).to_have_value(re.compile(r"^-(1\.0|0\.9)"))
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator('[data-step="1"] .verdict')).to_contain_text("somewhere else")
    assert "start=" not in visit.query
    page.mouse.click(*visit.place("project2d(-1, 0)"))  # now it is a start like any other
    until(lambda: "start=-" in (visit.state()["query"] or ""))
    assert visit.query == ""


def test_what_was_measured_is_not_shown_beside_another_race(visit: Visit) -> None:
    """The plain run settles in the local minimum; from beside the other well it does not."""
    page = open_lesson(visit, "local_minima")
    until(lambda: visit.state()["complete"])
    step = page.locator('[data-step="1"]')
    step.get_by_role("button", name="Just show me").click()
    measured, moved = step.locator(".measured"), step.locator(".moved")
    expect(measured).to_contain_text("settles in the local minimum")
    expect(moved).to_be_hidden()
    page.mouse.click(*visit.place("project2d(-1.5, 1)"))
    expect(page.locator("#outcome")).to_contain_text("Reached the global minimum")
    expect(moved).to_be_visible()
    expect(measured).to_be_hidden()
    expect(step.locator(".verdict")).to_be_hidden()  # "It ends at (0.96, 0)"
    step.get_by_role("button", name="Put it back").click()
    expect(page.locator("#outcome")).to_contain_text("Settled in a local minimum")
    expect(measured).to_be_visible()
    expect(moved).to_be_hidden()
    page.mouse.click(*visit.place("project2d(-1.5, 1)"))
    expect(moved).to_be_visible()
    step.locator(".moves a").last.click()  # the next step has its own start
    expect(page.locator("#page[data-held]")).to_be_attached()
    expect(page.locator(".lesson[data-moved]")).to_have_count(0)


def test_an_unknown_step_is_told_and_an_unknown_lesson_is_404(visit: Visit) -> None:
    page = open_lesson(visit, "shift?step=17")
    expect(page.locator("#notice")).to_contain_text("There is no step 17")
    expect(page.locator('[data-step="3"]')).to_be_visible()
    answer = page.goto(f"{visit.site}/learn/momentun")
    assert answer is not None
    assert answer.status == 404
    visit.faults.clear()  # Chromium counts a 404 as one
    page.get_by_role("link", name="Momentum").click()
    expect(page.locator("h1")).to_have_text("Momentum")


def test_a_teacher_hides_parts_of_race_and_lesson(visit: Visit) -> None:
    page = visit.load(SHORT + "&hide=runs,outcome,link,nonsense")
    for part in (".section-runs", "#outcome", "#link-text"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator(".section-start")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("nonsense")
    page.get_by_label("Start y").fill("-2")
    until(lambda: "start=0,-2" in visit.query)
    assert visit.query.endswith("&hide=runs,outcome,link")

    page.goto(f"{visit.site}/?{SHORT}&hide=surface,runs,start,link,export,scene,curves,outcome")
    visit.ready()
    expect(page.locator(".rail")).to_be_hidden()
    box = page.locator("#map-stage").bounding_box()
    assert box
    assert box["width"] > 1300

    page = open_lesson(visit, "convex?hide=lessons,curves,navigation")
    for part in (".lesson-list", ".nav", ".curves"):
        expect(page.locator(part)).to_be_hidden()
    page.locator('[data-step="1"] .moves a').last.click()
    until(lambda: visit.query == "step=2&hide=lessons,curves,navigation")


def test_nothing_is_wider_than_the_screen(fresh: Callable[..., Visit]) -> None:
    visit = fresh(width=390, height=844)
    page = visit.page
    page.goto(f"{visit.site}/learn")
    expect(page.locator("h1")).to_be_visible()
    assert visit.fits()
    for address in ("convex", "adaptive?step=1"):
        open_lesson(visit, address)
        assert visit.fits()
        page.locator("[data-choice]:visible").first.click()
        expect(page.locator("#outcome")).to_be_visible()
        page.locator(".view-switch").get_by_text("3D", exact=True).click()
        expect(page.locator("#scene-stage")).to_be_visible()
        assert visit.fits()
        page.set_viewport_size({"width": 1024, "height": 844})
        visit.rest()
        assert visit.fits()
