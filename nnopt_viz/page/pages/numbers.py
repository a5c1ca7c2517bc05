"""Numbers you can look up: what others printed, beside what comes out here."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from nnopt_viz.catalogue.lookup import QUANTITIES, Checked, byline, check, query_of
from nnopt_viz.catalogue.published import RECORDS, Record
from nnopt_viz.declare.written import shown
from nnopt_viz.page.elements import Element, html
from nnopt_viz.page.markup import markup
from nnopt_viz.page.page import Address, Page, declare
from nnopt_viz.page.shell import shell
from nnopt_viz.query.labels import labels
from nnopt_viz.race.codec import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

PATH, TITLE = "/numbers", "Numbers you can look up"
FEW = 3  # a number printed with fewer digits is shown in full beside it
HELP = {
    "What is compared": (
        "What a book, a paper or a thread printed stands beside what this server computed for the "
        "same question, in the same number of digits. Where the source prints a formula, its value "
        "is compared."
    ),
    "✓ and ✗": (
        "✓ means the same number to the last printed digit. Where it is not, ✗, the digits from "
        "the first difference on are underlined, and below the table stands why."
    ),
    "Look for yourself": (
        "“Open this run” opens the race behind a table. What is compared is a row of its data, "
        "which Export has as CSV."
    ),
}


def layout(address: Address) -> Element:
    """The page, and above it what was left out of the address."""
    notes = [html.P(note, className="lookup-note") for note in address.notes]
    return shell(PATH, [html.Div([*notes, *_content()], className="lookup")])


@lru_cache(maxsize=1)
def _content() -> list[Element]:
    works: dict[str, list[Record]] = {}
    for record in RECORDS:
        works.setdefault(record.work, []).append(record)
    checked = [one for record in RECORDS for one in check(record)]
    hold = sum(one.holds for one in checked)
    return [
        html.H1(TITLE),
        html.P(
            "What books, papers and threads printed, computed again by this server. "
            f"{hold} of {len(checked)} numbers are the same to the last printed digit; of the "
            "others it is said why not.",
            className="lead",
        ),
        html.Nav(
            [
                html.A([work, html.Span(f" {len(records)}")], href=f"#{records[0].name}")
                for work, records in works.items()
            ],
            className="jumps",
            **{"aria-label": "Sources"},
        ),
        # one text: of so many elements Dash would make a page in 20 seconds
        html.Div(
            **{"data-html": markup([_work(work, records) for work, records in works.items()])}
        ),
        html.P(
            [
                "The same as JSON: ",
                html.A("/numbers.json", href="/numbers.json"),
                ". How other numbers are checked is said with each entry of the ",
                html.A("catalogue", href="/catalogue"),
                ".",
            ],
            className="lookup-foot",
        ),
    ]


def _work(work: str, records: list[Record]) -> Element:
    by = records[0]
    return html.Section([
        html.H2(work),
        html.P(byline(by), className="lookup-who"),
        *map(_record, records),
    ])  # fmt: skip


def _record(record: Record) -> Element:
    query = query_of(record)
    link = html.A(
        "Open this run",
        href=f"/?{query}",
        className="race-it",
        **{"aria-label": f"Open this run: {record.title}"},
    )
    head = html.Div(
        [html.H3(html.A(record.title, href=f"#{record.name}")), link if query else None],
        className="lookup-head",
    )
    checked = check(record)
    reasons = dict.fromkeys(one.figure.why for one in checked if one.figure.why)
    return html.Article(
        [
            head,
            html.P(
                html.A(record.where[:1].upper() + record.where[1:], href=record.address),
                className="lookup-where",
            ),
            html.P(record.shows),
            html.Pre("\n".join(record.printout)),
            _table(record, checked) if query else None,
            *[html.P([_mark(False), " ", reason]) for reason in reasons],
            html.P(record.note, className="lookup-note") if record.note else None,
            _question(record.query) if query else None,
        ],
        id=record.name,
    )


def _table(record: Record, checked: tuple[Checked, ...]) -> Element:
    """What was printed and what comes out, a row a number, under the name of its run."""
    names = record.runs or tuple(labels(decode(record.query).runs))
    rows: list[Element] = []
    for run, figures in groupby(checked, lambda one: one.figure.run):
        if len(names) > 1:
            rows.append(html.Tr(html.Th(names[run], colSpan=5, scope="rowgroup")))
        rows += _rows(figures)
    heads = ("step", "what", "printed", "here", "")
    return html.Table(
        [html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])), html.Tbody(rows)]
    )


def _rows(figures: Iterable[Checked]) -> list[Element]:
    return [
        html.Tr([
            html.Td(f"{one.figure.step:,}"),
            html.Td(QUANTITIES.get(one.figure.quantity, one.figure.quantity)),
            html.Td([_printed(one), _aside(one.figure.text) if one.figure.law else None]),
            html.Td([*_here(one), _in_full(one)]),
            html.Td(_mark(one.holds)),
        ])
        for one in figures
    ]  # fmt: skip


def _question(query: str) -> Element:
    """The question as text, a key a line."""
    lines = query.replace("&", "\n&")
    return html.Details([html.Summary("The question"), html.Pre(lines)])


def _printed(one: Checked) -> Element:
    return html.Span(one.printed, className="mono")


def _here(one: Checked) -> list[Element]:
    """Our digits, underlined from the first on that differs."""
    pairs = enumerate(zip(one.here, one.printed, strict=False))
    first = next((i for i, (ours, theirs) in pairs if ours != theirs), len(one.here))
    digits, e, power = one.here[first:].partition("e")
    return [html.Span([one.here[:first], digits and html.U(digits), e + power], className="mono")]


def _in_full(one: Checked) -> Element | None:
    """Our number with more digits, where few are printed and it has more."""
    digits = one.printed.strip("+-").replace(".", "").lstrip("0")
    full = shown(one.value, 6)
    return _aside(full) if len(digits) < FEW and full != one.here.lstrip("+") else None


def _aside(text: str) -> Element:
    return html.Span(text, className="lookup-aside")


def _mark(holds: bool) -> Element:
    said = "the same digits" if holds else "other digits"
    return html.Span(
        "✓" if holds else "✗", className="claim-mark", role="img", **{"aria-label": said}
    )


declare(Page(PATH, TITLE, layout, HELP))
