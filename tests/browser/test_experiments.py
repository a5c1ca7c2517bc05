"""The experiments in a real Chromium: cancelled, run to the end, and had again at once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.codec import encode_study
from nnopt_viz.experiments.study import problem_of
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from nnopt_viz.declare.knobs import Call
    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

SHORT = {"steps": 100}  # shows every chart and number; the defaults are measured elsewhere
SMALL = "study=width(widths=%221,2%22,steps=20,seeds=4)"
# Bytes that came over the network for the last stream; a 304 has headers only.
RECEIVED = (
    "performance.getEntriesByType('resource').filter(e => e.name.includes('/experiment.ndjson'))"
    ".at(-1)?.transferSize"
)
# The whole finding: the last line of its stream.
WHOLE = """async (query) => {
  const answer = await fetch(`/experiment.ndjson?${query}`, {cache: "no-store"});
  return JSON.parse((await answer.text()).trim().split("\\n").at(-1));
}"""


def longest(name: str) -> Call:
    """Settings that take tens of seconds, so that there is something to cancel."""
    calls = (STUDIES.call(name, steps=steps) for steps in range(4000, 100, -100))
    return next(call for call in calls if problem_of(call) is None)


@pytest.fixture
def lab(fresh: Callable[..., Visit]) -> Visit:
    return fresh()


def opened(lab: Visit, query: str) -> Page:
    lab.page.goto(f"{lab.site}/experiment?{query}")
    expect(lab.page.locator("#study-state")).not_to_be_empty()
    return lab.page


def finished(page: Page) -> None:
    """All has been measured and drawn: what the server has kept may come before Plotly does."""
    expect(page.locator("#study-state")).to_contain_text("Done")
    expect(page.locator("#study-charts .js-plotly-plot").first).to_be_attached()


@pytest.mark.parametrize("name", STUDIES)
def test_it_is_cancelled_run_to_its_end_and_had_again_at_once(lab: Visit, name: str) -> None:
    page = opened(lab, quote(encode_study(longest(name)), safe="=(),&%"))
    expect(page.locator("#study-charts .js-plotly-plot").first).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#study-state")).to_contain_text("Cancelled")
    shown = page.locator("#study-charts").get_attribute("data-done")
    assert 0 < float(shown or 0) < 1

    page = opened(lab, quote(encode_study(STUDIES.call(name, **SHORT)), safe="=(),&%"))
    finished(page)
    wanted = page.evaluate(WHOLE, page.url.split("?")[1])  # kept by the server: at once
    charts = page.locator("#study-charts .study-chart")
    keys = [chart.get_attribute("data-key") for chart in charts.all()]
    assert sorted(map(str, keys)) == sorted(chart["key"] for chart in wanted["charts"])
    assert page.locator("#study-charts .js-plotly-plot").count() == len(keys)
    expect(page.locator("#study-numbers tbody tr")).to_have_count(len(wanted["numbers"]))
    first = page.evaluate(RECEIVED)
    page.reload()
    finished(page)
    assert page.evaluate(RECEIVED) < min(2000, first / 10)
    expect(page.locator("#study-numbers tbody tr")).to_have_count(len(wanted["numbers"]))


def test_a_setting_is_an_address_and_a_wrong_one_a_sentence(lab: Visit) -> None:
    page = opened(lab, SMALL)
    finished(page)
    page.get_by_role("textbox", name="seeds").fill("5")
    page.get_by_role("textbox", name="tolerance").fill("0.1")
    page.get_by_role("button", name="Run", exact=True).click()
    until(lambda: "seeds=5" in lab.query and "tolerance=0.1" in lab.query)
    finished(page)
    dots = page.evaluate(
        "document.querySelector('[data-key=losses] .js-plotly-plot').data[0].y.length"
    )
    assert dots == 5
    page.get_by_role("textbox", name="seeds").fill("1")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#study-state")).to_contain_text("from 2 to 256")
    lab.forgive(400)
    page.go_back()
    finished(page)
    until(lambda: "seeds=4" in lab.query)


def test_what_was_wrong_with_a_link_is_not_said_of_other_settings(lab: Visit) -> None:
    page = opened(lab, "study=width(widths=%221,2%22,steps=20,seeds=1)")
    finished(page)
    expect(page.locator("#study-state")).to_contain_text("2 is used")
    page.get_by_role("textbox", name="seeds").fill("7")
    page.get_by_role("button", name="Run", exact=True).click()
    until(lambda: "seeds=7" in lab.query)
    finished(page)
    expect(page.locator("#study-state")).not_to_contain_text("2 is used")


def test_what_lies_beyond_an_axis_is_said_as_it_was_measured(lab: Visit) -> None:
    """And a tolerance of 0 is no line on a logarithmic axis."""
    page = opened(
        lab, "study=width(widths=%221,32%22,run=sgd,lr=1000,steps=100,seeds=12,tolerance=0)"
    )
    finished(page)
    dots = page.evaluate(
        "(({y, customdata, hovertemplate}) => ({y, customdata, hovertemplate}))"
        "(document.querySelector('[data-key=losses] .js-plotly-plot').data[3])"
    )
    low = min(dots["y"])
    assert dots["hovertemplate"] == "32: %{customdata}<extra></extra>"
    assert dots["customdata"][dots["y"].index(low)] == "0"
    charts = page.evaluate(WHOLE, page.url.split("?")[1])["charts"]
    (losses,) = [chart for chart in charts if chart["key"] == "losses"]
    assert losses["data"]["groups"][1]["real"].count(0.0) == dots["customdata"].count("0")
    assert "line" not in losses["data"]


def test_a_sentence_holds_or_not_at_the_settings_at_hand_or_is_about_others(lab: Visit) -> None:
    page = opened(lab, "study=width(widths=%221,2%22,steps=400,seeds=12)")
    finished(page)
    sentences = page.locator("#study-claims li")
    expect(sentences).to_have_count(2)  # 32 units were not tried
    expect(sentences.first).to_contain_text("Two units solve xor")
    for sentence in sentences.all():
        holds = sentence.get_by_role("img", name="holds").count() == 1
        expect(sentence).to_contain_text("✓" if holds else "Not shown here.")
    opened(lab, "study=width(widths=%221,2%22,steps=20,seeds=4,data=moons)")
    finished(page)
    expect(page.locator("#study-claims")).to_contain_text("Other sentences are about data=xor")
    expect(sentences).to_have_count(0)
    expect(page.locator("#study-numbers")).to_contain_text("95 % interval, or range")
    expect(page.locator("#study-numbers td").nth(1)).to_contain_text("range")
    page.get_by_role("link", name="data=xor", exact=True).click()
    finished(page)
    expect(sentences).to_have_count(2)


@pytest.mark.parametrize("lines", [0, 1])
def test_a_stream_that_ends_before_anything_was_found_is_no_result(lab: Visit, lines: int) -> None:
    def cut(route: Route) -> None:
        came = route.fetch()  # what the server sends, of which so many lines arrive
        route.fulfill(response=came, body="".join(came.text().splitlines(True)[:lines]))

    lab.page.route("**/experiment.ndjson?*", cut)
    page = opened(lab, SMALL)
    expect(page.locator("#study-state")).to_contain_text("The connection was lost")
    page.unroute("**/experiment.ndjson?*")
    finished(page)  # it tries again by itself


def test_the_slider_moves_the_data(lab: Visit) -> None:
    page = opened(lab, "study=shift(hidden=%224%22,steps=20,seeds=2)")
    finished(page)
    slider = page.get_by_role("slider", name="shift")
    expect(slider).to_have_value("8")  # the last of nine amounts
    heights = (
        "document.querySelector('[data-key=surface] .js-plotly-plot').data[0].customdata[0][0]"
    )
    before = page.evaluate(heights)
    slider.fill("0")
    until(lambda: page.evaluate(heights) != before)
    expect(page.locator(".study-slide output")).to_have_text("0 %")


@pytest.mark.parametrize(
    ("path", "help_of_it"),
    [
        ("/experiments", "One thing differs"),
        (f"/experiment?{SMALL}", "One thing differs"),
        ("/catalogue", "Differs, evidence, source"),
        ("/learn", "Another start"),
        ("/gallery", "The sentence"),
        ("/network", "How honest the slice is"),
    ],
)
def test_theme_and_help_work_on_every_page(lab: Visit, path: str, help_of_it: str) -> None:
    page = lab.page
    page.goto(f"{lab.site}{path}")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Help").click()
    expect(page.get_by_role("dialog")).to_contain_text("How to read this page")
    expect(page.get_by_role("dialog")).to_contain_text(help_of_it)


def test_the_list_leads_to_each(lab: Visit) -> None:
    page = lab.page
    page.goto(f"{lab.site}/experiments")
    expect(page.locator(".study-list a")).to_have_count(len(STUDIES))
    page.get_by_role("link", name="Do wide networks get stuck?").click()
    expect(page.locator("h1")).to_have_text("Do wide networks get stuck?")
    expect(page.locator("#study-state")).not_to_be_empty()
    page.goto("about:blank")
