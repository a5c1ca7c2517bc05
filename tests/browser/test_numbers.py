"""Numbers you can look up, in a real Chromium: each is shown, and its link opens its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from nnopt_viz.catalogue.lookup import check
from nnopt_viz.catalogue.published import RECORDS
from nnopt_viz.race.codec import decode
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser


def test_what_is_shown_is_what_was_looked_up_and_opens_as_a_run(
    fresh: Callable[..., Visit],
) -> None:
    visit = fresh(width=390, height=844)
    page = visit.page
    page.goto(f"{visit.site}/catalogue")
    page.get_by_role("link", name="numbers you can look up").click()
    expect(page.locator(".lookup article")).to_have_count(len(RECORDS))
    assert visit.fits()
    for record in RECORDS:
        article = page.locator(f"#{record.name}")
        assert article.locator("td .claim-mark").all_text_contents() == [
            "✓" if one.holds else "✗" for one in check(record)
        ]
        assert article.locator("td:nth-child(3) .mono").all_text_contents() == [
            one.printed for one in check(record)
        ]
        assert article.locator("td:nth-child(4) .mono").all_text_contents() == [
            one.here for one in check(record)
        ]
        assert article.evaluate("e => e.scrollWidth <= e.clientWidth")
    page.locator(".jumps a", has_text="Why momentum").click()
    expect(page.locator("#goh_kappa_10")).to_be_in_viewport()
    page.locator("#goh_kappa_10 summary").click()
    expect(page.locator("#goh_kappa_10 details pre")).to_contain_text("&run=momentum(lr=0.23")
    page.locator("#goh_kappa_10 .race-it").click()
    visit.ready()
    until(lambda: visit.state()["complete"])
    record = next(one for one in RECORDS if one.name == "goh_kappa_10")
    assert decode(visit.state()["query"]) == decode(record.query)
    page.goto(f"{visit.site}/numbers#{RECORDS[-1].name}")
    expect(page.locator(f"#{RECORDS[-1].name}")).to_be_in_viewport()
    assert visit.faults == []
