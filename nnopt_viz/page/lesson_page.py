"""A lesson: text and prediction on the left, its race on the right.

All steps are on the page, one of them shown; `assets/page/lesson.mjs` moves between them,
holds the race until the reader has predicted, and keeps the progress in the browser.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.written import shown
from nnopt_viz.figures.mathml import mathml
from nnopt_viz.lessons import in_order
from nnopt_viz.lessons.addresses import PATH, address
from nnopt_viz.lessons.lesson import Choice, Point, Slider, paragraphs
from nnopt_viz.lessons.text import parts, plain, stated
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.page import ids
from nnopt_viz.page.declared import page_spec
from nnopt_viz.page.elements import Element, html
from nnopt_viz.page.question_page import stores
from nnopt_viz.page.shell import shell
from nnopt_viz.page.stage import stage
from nnopt_viz.race.codec import decode, encode

if TYPE_CHECKING:
    from nnopt_viz.lessons.lesson import Lesson, Step

MOVED = (
    "You moved the start. What this step says, and what it measured, is about the race from its "
    "own start."
)


def lesson_page(lesson: Lesson, number: int, notes: list[str], kept: str) -> Element:
    """The page of a lesson.

    Args:
        lesson: which one.
        number: the step to be shown, from 1.
        notes: plain sentences about what was repaired in the address.
        kept: what links to other lessons take along: `?hide=…`, or nothing.
    """
    body = html.Div(
        [
            _lesson_list(lesson, kept),
            html.Div(
                [_head(lesson, kept), *(_step(lesson, i, number, kept) for i in _numbers(lesson))],
                className="lesson-text",
            ),
            html.Div(
                [
                    html.Div(id=ids.NOTICE, className="notice", role="status"),
                    stage(html.P("The race waits for your prediction.", className="held-note")),
                    html.Div(
                        html.A("Open in the race", id=ids.OPEN_RACE, href="/", className="plain"),
                        className="open-race",
                    ),
                ],
                className="lesson-race",
            ),
        ],
        id=ids.LESSON,
        className="lesson",
        **{"data-lesson": json.dumps(_known(lesson, number))},
    )
    spec = page_spec(decode(lesson.steps[number - 1].query))
    return html.Div([*stores(spec, notes, ()), shell(PATH, [body])])


def _numbers(lesson: Lesson) -> range:
    return range(1, len(lesson.steps) + 1)


def _known(lesson: Lesson, number: int) -> dict[str, Any]:
    """What the browser needs to know of a lesson: for each step its race and its answer."""
    return {
        "name": lesson.name,
        "step": number,
        "steps": [
            {
                "asked": _asked(step),
                "spec": page_spec(decode(step.query)),
                "answer": _answer(step.answer),
            }
            for step in lesson.steps
        ],
    }


def _asked(step: Step) -> str:
    """A mark of what a step asks: another race, question or choice makes another one."""
    choices = step.answer if isinstance(step.answer, tuple) else ()
    asked = (step.query, step.question, *(choice.text for choice in choices))
    return f"{zlib.crc32(repr(asked).encode()):08x}"


def _answer(answer: tuple[Choice, ...] | Slider | Point) -> dict[str, Any]:
    if isinstance(answer, Slider):
        value = stated(parts(answer.answer)[0].text)
        return {
            "kind": "number", "value": value, "low": answer.low, "high": answer.high,
            "unit": answer.unit, "close": answer.close,
        }  # fmt: skip
    if isinstance(answer, Point):
        x, y = (stated(parts(text)[0].text) for text in (answer.x, answer.y))
        return {"kind": "point", "x": x, "y": y, "close": answer.close}
    return {"kind": "choice", "right": [choice.right for choice in answer]}


def words(text: str) -> list[Element]:
    """A text with its marks set: code, variables, figures."""
    made = {
        "words": lambda shown: shown,
        "figure": lambda shown: shown,
        "code": html.Code,
        "stressed": _stressed,
    }
    return [made[part.kind](part.text) for part in parts(text)]


def _stressed(text: str) -> Element:
    """A variable as in a formula; a term as in a sentence."""
    return html.I(text, className="variable") if len(text) == 1 else html.Em(text)


def _lesson_list(shown: Lesson, kept: str) -> Element:
    links = [
        html.Li(
            html.A(
                lesson.title,
                href=address(lesson.name) + kept,
                **{"data-progress": lesson.name, "data-steps": len(lesson.steps)},
                **({"aria-current": "page"} if lesson is shown else {}),
            )
        )
        for lesson in in_order()
    ]
    return html.Nav(html.Ul(links), className="lesson-list", **{"aria-label": "Lessons"})


def _head(lesson: Lesson, kept: str) -> Element:
    at = in_order().index(lesson) + 1
    steps = [
        html.Li(
            html.A(
                str(number),
                href=f"{address(lesson.name)}?step={number}",
                **{"data-go": number, "aria-label": f"Step {number}: {step.title}"},
            )
        )
        for number, step in enumerate(lesson.steps, 1)
    ]
    return html.Header(
        [
            html.P(
                [
                    html.A(f"Lesson {at} of {len(in_order())}", href=PATH + kept),
                    html.Span(lesson.doc),
                ],
                className="lesson-place",
            ),
            html.H1(lesson.title),
            html.Nav(html.Ol(steps), className="lesson-steps", **{"aria-label": "Steps"}),
        ]
    )


def _step(lesson: Lesson, number: int, shown: int, kept: str) -> Element:
    step = lesson.steps[number - 1]
    return html.Section(
        [
            html.H2(step.title, className="step-title", tabIndex=-1),
            *(html.P(words(paragraph)) for paragraph in paragraphs(step.text)),
            *([_formula(step)] if step.has_formula else []),
            *(_rule(name) for name in step.rules),
            html.Div(
                [
                    html.P("Your prediction", className="caption"),
                    html.H3(words(step.question), id=f"question-{number}"),
                    _prediction(step, number),
                    html.P("", className="verdict", role="status"),
                    html.Button("Just show me", type="button", className="quiet show-me"),
                ],
                className="prediction",
            ),
            _reveal(step),
            _moves(lesson, number, kept),
        ],
        className="step",
        hidden=number != shown,
        **{"data-step": number, "aria-label": f"Step {number}: {step.title}"},
    )


def _formula(step: Step) -> Element:
    surface = decode(step.query).surface
    formula = surface_entry(surface).formula
    markup = mathml(formula, ("x", "y", *surface.numbers()))
    values = ", ".join(f"{name} = {shown(value, 6)}" for name, value in surface.numbers().items())
    return html.Figure(
        [
            html.Div(
                className="formula",
                role="math",
                **{"data-mathml": markup, "aria-label": f"f = {formula}"},
            ),
            html.Figcaption(f"with {values}") if values else None,
        ]
    )


def _rule(name: str) -> Element:
    """An optimizer's rule as it is run, without what is switched off."""
    entry = OPTIMIZERS[name]
    lines = [line.strip() for line in entry.rule.replace(";", "\n").splitlines()]
    shown = [line for line in lines if line and "weight_decay" not in line]
    return html.Figure(
        [
            html.Figcaption(f"{entry.title}: one step (weight decay is off, and left out here)"),
            html.Pre("\n".join(shown), className="rule"),
        ]
    )


def _prediction(step: Step, number: int) -> Element:
    if not isinstance(step.answer, tuple):
        return html.Div(className="guess")  # made in the browser
    cards = [
        html.Div(
            [
                html.Button(
                    [
                        html.Span(className="choice-mark", **{"aria-hidden": "true"}),
                        html.Span(words(choice.text), className="choice-text"),
                        html.Span("", className="choice-said"),
                    ],
                    type="button",
                    className="choice",
                    **{"data-choice": at},
                ),
                html.P(words(choice.because), className="because", hidden=True),
            ]
        )
        for at, choice in enumerate(step.answer)
    ]
    return html.Div(
        cards, className="choices", role="group", **{"aria-labelledby": f"question-{number}"}
    )


def _reveal(step: Step) -> Element:
    links = [
        html.Li(html.A(plain(link.text), href=f"/?{encode(decode(link.query))}"))
        for link in step.links
    ]
    measured = html.Div(
        [
            html.H4("Measured in this race"),
            html.Ul([html.Li(words(claim.sentence)) for claim in step.claims], className="claims"),
        ],
        className="measured",
    )
    return html.Div(
        [
            html.P(
                [
                    html.Span(MOVED),
                    html.Button("Put it back", type="button", className="quiet put-back"),
                ],
                className="moved",
                role="status",
            ),
            *(html.P(words(paragraph)) for paragraph in paragraphs(step.reveal)),
            measured,
            *([html.H4("Try it in the race"), html.Ul(links, className="tries")] if links else []),
        ],
        className="reveal",
        hidden=True,
    )


def _moves(lesson: Lesson, number: int, kept: str) -> Element:
    """Back and on; after the last step the next lesson, after the last lesson the list."""
    order = in_order()
    at = order.index(lesson)
    following = order[at + 1] if at + 1 < len(order) else None
    here = f"{address(lesson.name)}?step="
    back = (
        html.A("Back", href=f"{here}{number - 1}", className="plain", **{"data-go": number - 1})
        if number > 1
        else None
    )
    if number < len(lesson.steps):
        on = html.A(
            "Next step", href=f"{here}{number + 1}", className="filled", **{"data-go": number + 1}
        )
    elif following:
        on = html.A(
            f"Next lesson: {following.title}",
            href=address(following.name) + kept,
            className="filled",
        )
    else:
        on = html.A("All lessons", href=PATH + kept, className="filled")
    again = html.Button("Predict again", type="button", className="quiet again", hidden=True)
    return html.Div([back, on, again], className="moves")
