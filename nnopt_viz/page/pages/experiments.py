"""The experiments: a list of them, and one with its settings; the browser streams the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.deliver.questions import EXPERIMENT
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.codec import KEY, encode_study, repair_study
from nnopt_viz.page import ids
from nnopt_viz.page.elements import Element, dcc, html
from nnopt_viz.page.in_view import unknown
from nnopt_viz.page.page import Address, Page, declare
from nnopt_viz.page.shell import shell
from nnopt_viz.page.stage import CONFIG, EMPTY
from nnopt_viz.query.keys import IN_KNOBS, value_text

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call, Knob
    from nnopt_viz.experiments import Study

LIST, ONE = "/experiments", "/experiment"
READ = (
    "Where nothing else is said, lines and thick bars are medians over repetitions. A band holds "
    "their 10th to 90th percentile; dots are single repetitions, and the thin line through a bar "
    "is the interval of its median, or with fewer than six repetitions their range. Surfaces and "
    "paths are the first repetition's."
)
HELP = {
    "One thing differs": (
        "Everything else is shared and said. What differs is repeated: each repetition draws its "
        "own data, start weights and batches, and what is compared shares them. A dot is a "
        "repetition."
    ),
    "The numbers": (
        "Each is a median over repetitions, or a share of them, with a 95 % interval: over "
        "repetitions that are independent it covers the true one at least 95 times of 100, "
        "whatever the spread looks like. A best rate is chosen on further repetitions; those that "
        "are shown have no part in the choice, and the interval is about this one rate: chosen on "
        "others it may be another. Below six repetitions a median has no interval, and the range "
        "is shown. Ratios and differences are taken within each repetition. ∞ is what diverged, or "
        "was divided by 0."
    ),
    "The sentences": (
        "✓ means that the whole interval, or range, lies where the sentence says, ✗ that it does "
        "not: then the sentence was not shown to hold at these settings. With six repetitions or "
        "more chance ticks a sentence that is not so at most once in 40 times, if repetitions are "
        "independent. Where the interval of a difference holds 0, or that of a ratio 1, no "
        "difference was shown."
    ),
    "Settings": (
        "Change one and the experiment is computed anew. It can be cancelled. The same settings "
        "give the same numbers."
    ),
}


def layout(address: Address) -> Element:
    """The list of experiments, or the one that the address names."""
    if f"{KEY}=" not in address.search:
        return _list()
    call, notes = repair_study(address.search)
    names = [knob.name for knob in STUDIES[call.name].knobs]
    return _one(call, notes + address.notes + unknown(address.viewing, names))


def _list() -> Element:
    rows = [
        html.Li(
            html.A(
                [
                    html.Span(
                        [
                            html.Span(f"{at}. {study.title}", className="learn-title"),
                            html.Span(study.doc, className="learn-doc"),
                        ],
                        className="learn-words",
                    ),
                    html.Span(f"about {_shown(study)}", className="learn-steps"),
                ],
                href=f"{ONE}?{encode_study(STUDIES.call(study.name))}",
            )
        )
        for at, study in enumerate(STUDIES.values(), 1)
    ]
    content = html.Div(
        [
            html.H1("Experiments"),
            html.P(
                "One thing differs, everything else is the same, and all of it is repeated with "
                "other data, start weights and batches. What is shown is measured while you watch, "
                "also where it contradicts the folklore.",
                className="lead",
            ),
            html.Ol(rows, className="learn-list study-list"),
        ],
        className="learn",
    )
    return shell(LIST, [content])


def _shown(study: Study) -> str:
    return f"{max(1, round(study.seconds(STUDIES.call(study.name)))):,} s"


def _one(call: Call, notes: list[str]) -> Element:
    study = STUDIES[call.name]
    held = orjson.dumps(
        {
            "name": study.name,
            "query": encode_study(call),
            "knobs": [_knob(knob, call) for knob in study.knobs],
            "seconds": study.seconds(call),
            "notes": notes,
            "formats": [made.name for made in FORMATS.of(EXPERIMENT.name, offered=True)],
        }
    ).decode()
    lesson = [html.P(text) for text in study.lesson]
    rail = html.Section(
        [
            html.A("All experiments", href=LIST, className="study-back"),
            html.Details(
                [
                    html.Summary("Settings"),
                    html.P([html.B("The same for all: "), study.same]),
                    html.P([html.B("What varies: "), study.draws]),
                    html.Div(id=ids.STUDY_FORM, className="study-form"),
                ],
                open=True,
                className="study-settings",
            ),
        ],
        className="rail study-rail",
        **{"aria-label": "Settings"},
    )
    main = html.Div(
        [
            html.H1(study.title, className="study-title"),
            html.P(study.doc, className="study-doc"),
            html.Div(id=ids.STUDY_STATE, className="study-state", role="status"),
            html.P(READ, className="study-read"),
            html.Div(id=ids.STUDY_CHARTS, className="study-charts"),
            html.Section(
                [html.H2("What to see"), *lesson, html.Div(id=ids.STUDY_CLAIMS)],
                className="study-lesson",
                **{"aria-label": "What to see"},
            ),
            html.Section(
                id=ids.STUDY_NUMBERS, className="study-numbers", **{"aria-label": "Measured"}
            ),
            html.P(["Source: ", study.source], className="study-source"),
            # Dash brings Plotly for a graph; the charts are then drawn with it.
            html.Div(dcc.Graph(figure=EMPTY, config=CONFIG), hidden=True),
        ],
        id=ids.STUDY,
        className="study-main",
        **{"data-study": held},
    )
    return shell(LIST, [main], rail)


def _knob(knob: Knob, call: Call) -> dict[str, Any]:
    """What the browser needs to offer one setting."""
    made: dict[str, Any] = {
        "name": knob.name, "kind": knob.kind, "doc": knob.doc, "allowed": knob.allowed(),
        "value": value_text(knob, call[knob.name]), "default": value_text(knob, knob.default),
    }  # fmt: skip
    if knob.kind == "choice":
        made["choices"] = list(knob.choices)
    if knob.kind == "call":
        made["choices"] = list(IN_KNOBS[knob.registry])
    return made


declare(Page(LIST, "Experiments", layout, HELP, also=(ONE,), place=30))
