"""The catalogue in a real Chromium: how soon it is ready, search, evidence, and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from nnopt_viz.catalogue.evidence import sentences
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

# A bound for a busy machine of two cores; measured: 0.9 to 1.5 s while other tests ran.
READY_MS = 6000
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
new MutationObserver(() => {
  if (!window.readyAt && document.getElementById("catalogue-hits")?.textContent) {
    window.readyAt = performance.now();
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def hits(page: Page) -> Any:
    return page.locator("#catalogue-hits")


def search(page: Page) -> Any:
    return page.get_by_role("searchbox", name="Search the catalogue")


@pytest.fixture
def visit(fresh: Callable[..., Visit]) -> Visit:
    return fresh()


def catalogue(visit: Visit, query: str = "") -> Page:
    visit.page.goto(f"{visit.site}/catalogue{query}")
    expect(hits(visit.page)).not_to_be_empty()
    return visit.page


def shown(page: Page) -> list[str]:
    """Names of the entries that are not filtered out."""
    return page.locator(".entry:not([hidden]) .entry-name code").all_text_contents()


def test_it_is_ready_soon_and_nothing_jumps(visit: Visit, record_property: Any) -> None:
    visit.page.add_init_script(SHIFTS)
    page = catalogue(visit)
    page.evaluate("document.fonts.ready.then(() => null)")
    visit.rest()
    ready = page.evaluate("window.readyAt")
    record_property("ready_ms", ready)
    assert ready < READY_MS
    assert page.evaluate("window.shifts") < 0.02  # seldom, the maths font comes late: 0.01
    assert len(shown(page)) >= len(SURFACES) + len(OPTIMIZERS) + len(SCHEDULES)


def test_search_filters_as_one_types_and_stays_in_the_address(visit: Visit) -> None:
    page = catalogue(visit)
    everything = len(shown(page))
    page.keyboard.press("/")
    expect(search(page)).to_be_focused()
    page.keyboard.type("nadam")
    expect(hits(page)).to_have_text("1 entry for “nadam”")
    assert shown(page) == ["nadam"]
    until(lambda: visit.query == "q=nadam")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Race the optimizer NAdam")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    expect(hits(page)).to_have_text(f"{everything} entries")
    expect(search(page)).to_have_value("")
    until(lambda: visit.query == "")


def test_words_of_family_title_and_text_find_entries(visit: Visit) -> None:
    page = catalogue(visit, "?q=levy%2013")
    expect(search(page)).to_have_value("levy 13")
    assert "levy_13" in shown(page)
    search(page).fill("Second ORDER saddle")
    expect(hits(page)).to_contain_text("Second ORDER saddle")
    assert set(shown(page)) <= {n for n, o in OPTIMIZERS.items() if o.family == "second order"}
    search(page).fill("no such thing <b>")
    expect(hits(page)).to_have_text(
        "Nothing found for “no such thing <b>”. Try a shorter word, or part of a name."
    )
    assert shown(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    for words in ("no such thing <b>", "second order"):
        search(page).fill(words)
        expect(hits(page)).to_contain_text(words)
        assert visit.fits()
    search(page).fill("no such thing <b>")
    expect(hits(page)).to_contain_text("Nothing found")
    until(lambda: "such" in visit.query)
    page.reload()
    expect(hits(page)).to_contain_text("Nothing found for “no such thing <b>”")


def test_the_address_keeps_what_is_hidden_and_says_what_is_left_out(visit: Visit) -> None:
    page = catalogue(visit, "?hide=navigation&surface=booth")
    told = page.locator(".told")
    expect(told).to_have_text(
        "The catalogue's address has no 'surface', only q and what is seen (hide, present, …): it "
        "was left out."
    )
    until(lambda: visit.query == "hide=navigation")
    search(page).fill("booth")
    until(lambda: visit.query == "q=booth&hide=navigation")
    page.goto(f"{visit.site}/catalogue?hide=nothing")
    expect(told).to_contain_text("There is nothing called 'nothing' to hide")


def test_an_entry_is_found_by_its_other_names(visit: Visit) -> None:
    """What stands under “Also called” is found as it stands there."""
    page = catalogue(visit)
    rows = {
        name: registry.names(name).also
        for registry in (SURFACES, OPTIMIZERS, SCHEDULES)
        for name in registry
    }
    for name, also in rows.items():
        for word in also[:1]:
            search(page).fill(word)
            expect(hits(page)).to_contain_text(f"for “{word}”")
            assert name in shown(page), (name, word)


def test_an_entry_shows_its_rule_its_evidence_and_a_race(visit: Visit) -> None:
    page = catalogue(visit, "?q=adamw")
    entry = page.locator(".entry:not([hidden])", has=page.get_by_text("adamw", exact=True)).first
    expect(entry.locator(".rule-line math").first).to_be_visible()
    assert "β" in (entry.locator(".typeset-rule").text_content() or "")
    for sentence in sentences("optimizers", "adamw"):
        expect(entry.get_by_text(sentence)).to_be_visible()
    entry.locator("summary").click()
    expect(entry.locator("pre")).to_contain_text("m = m + (1 - beta1)*(g - m)")
    entry.get_by_role("link", name="Race the optimizer AdamW").click()
    visit.ready()
    assert "run=adamw(" in visit.query


def test_every_schedule_has_its_picture_in_the_menu(visit: Visit) -> None:
    page = visit.load("surface=booth&run=sgd(lr=0.01)&steps=20")
    page.locator(".run-more").click()
    page.locator(".around summary").click()
    page.locator(".knob-choice:has(.spark) input").first.click()
    options = page.locator("[role=option]:has(.spark)")
    expect(options).to_have_count(len(SCHEDULES))
    masks = options.locator(".spark").evaluate_all(
        "lines => lines.map((line) => getComputedStyle(line).maskImage)"
    )
    assert all(mask.startswith('url("data:image/svg+xml') for mask in masks)
    assert len(set(masks)) == len(masks)
    page.get_by_role("option", name="Cosine with warm restarts").click()
    until(lambda: "schedule=cosine_restarts" in visit.query)
    expect(page.locator(".knob-choice .spark").first).to_be_visible()
