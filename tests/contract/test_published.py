"""Numbers you can look up: every printed figure is what our run gives, or it is said why not."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from nnopt_viz.catalogue.lookup import QUANTITIES, as_json, byline, check, query_of, source
from nnopt_viz.catalogue.published import CUT_OFF, RECORDS, Figure, Record
from nnopt_viz.page import build_app, opening
from nnopt_viz.page.pages.numbers import PATH
from nnopt_viz.race.codec import decode
from tests.support.layout import found

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call

ALL = {record.name: record for record in RECORDS}
ASKED = [name for name, record in ALL.items() if record.query]
FIGURES = [
    pytest.param(record, figure, place, id=f"{record.name}-{place}")
    for record in RECORDS
    for place, figure in enumerate(record.figures)
]
EXACT = 4  # digits from which on a figure notices that the rate was another one


@pytest.mark.parametrize(("record", "figure", "place"), FIGURES)
def test_a_figure_is_what_was_printed_or_it_is_said_why_not(
    record: Record, figure: Figure, place: int
) -> None:
    assert any(figure.text in line for line in record.printout)
    one = check(record)[place]
    assert one.figure is figure
    assert one.holds is not bool(figure.why), one
    if not figure.law:
        unit = 10.0 ** -len(figure.text.partition("e")[0].partition(".")[2])
        unit *= 10.0 ** int(figure.text.partition("e")[2] or 0)
        within = abs(one.value - float(figure.text)) <= unit / 2 * (1 + 1e-9)
        assert within is one.holds


def last_digit_changed(text: str) -> str:
    """The same number with another last digit."""
    *_, last = re.finditer(r"\d", text.partition("e")[0])
    changed = str((int(last[0]) + 1) % 10)
    return text[: last.start()] + changed + text[last.end() :]


def test_what_was_cut_off_is_ours_cut_off() -> None:
    cut = [one for record in RECORDS for one in check(record) if one.figure.why == CUT_OFF]
    assert cut
    for one in cut:
        unit = Decimal(1).scaleb(int(Decimal(one.printed).as_tuple().exponent))
        assert str(Decimal(one.value).quantize(unit, ROUND_DOWN)) == one.printed


@pytest.mark.parametrize("name", ASKED)
def test_another_digit_would_not_hold(name: str) -> None:
    record = ALL[name]
    others = tuple(
        replace(one, law=f"({one.law})*1.00001") if one.law
        else replace(one, text=last_digit_changed(one.text))
        for one in record.figures
        if not one.why
    )  # fmt: skip
    for one in check(replace(record, figures=others)):
        assert not one.holds, one


def digits(figure: Figure) -> int:
    return len(figure.text.partition("e")[0].strip("+-").replace(".", "").lstrip("0"))


@pytest.mark.parametrize("name", ASKED)
def test_another_rate_would_be_noticed(name: str) -> None:
    """At a rate that is one percent off, the last figure of each run has other digits."""
    record = ALL[name]
    scenario = decode(record.query)
    other = tuple(run.replace(lr=1.01 * run.number("lr")) for run in scenario.runs)
    query = replace(scenario, runs=other).to_query()
    finest = {
        one.run: one
        for one in record.figures
        if (one.law or digits(one) >= EXACT) and reads_its_rate(scenario.runs[one.run])
    }
    finest = {run: one for run, one in finest.items() if not is_at_rest(record, one)}
    for one in check(replace(record, query=query, figures=tuple(finest.values()))):
        assert not one.holds, one


def is_at_rest(record: Record, figure: Figure) -> bool:
    """Did the number look the same a step before? Then it is where the run ends, at any rate."""
    before = replace(figure, step=max(0, figure.step - 1))
    now, then = check(replace(record, figures=(figure, before)))
    return now.here == then.here


def reads_its_rate(run: Call) -> bool:
    """A rule of one's own may do without lr."""
    return run.name != "rule" or bool(re.search(r"\blr\b", str(run["text"])))


def test_names_are_names_and_works_stand_together() -> None:
    assert len(ALL) == len(RECORDS)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in ALL)
    works = [record.work for record in RECORDS]
    starts = [work for i, work in enumerate(works) if i == 0 or works[i - 1] != work]
    assert len(starts) == len(set(starts))
    for record in RECORDS:
        runs = len(decode(record.query).runs) if record.query else 0
        assert len(record.runs) in (0, runs)
        assert [one.run for one in record.figures] == sorted(one.run for one in record.figures)
        assert bool(record.query) is bool(record.figures)
        assert record.query or record.note, "what can't be asked says why"
        assert record.address.startswith("http")


def test_the_page_shows_all_of_it() -> None:
    (set_by_script,) = (
        getattr(part, "data-html")
        for part in found(opening.page_for(PATH, ""))
        if hasattr(part, "data-html")
    )
    page = ET.fromstring(f"<div>{set_by_script}</div>")  # well formed
    for record in RECORDS:
        (article,) = page.iterfind(f".//article[@id='{record.name}']")
        words = said_in(article)
        for said in (record.title, record.shows, record.note, "\n".join(record.printout)):
            assert said in words
        assert byline(record) in said_in(page)
        marks = list(article.iterfind(".//span[@class='claim-mark']"))
        reasons = {one.why for one in record.figures if one.why}
        assert len(marks) == len(record.figures) + len(reasons)
        for one in check(record):
            assert one.printed in words
            assert one.here in words
            assert one.figure.why in words
        links = [link.get("href") for link in article.iterfind(".//a[@class='race-it']")]
        assert links == ([f"/?{query_of(record)}"] if record.query else [])
        assert decode(query_of(record)) == decode(record.query) if record.query else True


def said_in(element: ET.Element) -> str:
    return "".join(element.itertext())


def test_links_lead_to_it() -> None:
    for path in ("/catalogue", "/learn"):
        assert found(opening.page_for(path, ""), href=PATH), path


def test_the_route_says_the_same() -> None:
    client = build_app().server.test_client()
    answer = client.get("/numbers.json")
    body: Any = answer.json
    assert body == as_json()
    assert [record["name"] for record in body["records"]] == list(ALL)
    figures = [one for record in body["records"] for one in record["figures"]]
    assert body["figures"] == len(figures) == sum(len(record.figures) for record in RECORDS)
    assert body["hold"] == sum(one["holds"] for one in figures)
    for record in body["records"]:
        assert record["source"] == source(ALL[record["name"]])
        for one in record["figures"]:
            assert one["holds"] or one["why"]
    again = client.get("/numbers.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_every_quantity_has_a_word_and_is_used() -> None:
    used = {one.quantity for record in RECORDS for one in record.figures}
    assert set(QUANTITIES) <= used


def test_a_run_that_has_ended_is_said_to_be_undefined() -> None:
    record = replace(ALL["mlverse_516"], figures=(Figure("x", 22, "1.0"), Figure("gx", 22, "1.0")))
    ended = replace(record, query=record.query.replace("steps=22", "steps=30"))
    late = replace(ended, figures=tuple(replace(one, step=30) for one in record.figures))
    for one in check(late):
        assert (one.here, one.holds, one.digits) == ("undefined", False, 0)
