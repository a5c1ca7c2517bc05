"""The lessons, in order, and how far one has come."""

from __future__ import annotations

from nnopt_viz.declare.written import counted
from nnopt_viz.lessons import in_order
from nnopt_viz.lessons.addresses import PATH, address
from nnopt_viz.page.elements import Element, html
from nnopt_viz.page.shell import shell
from nnopt_viz.page.surface_panel import picture
from nnopt_viz.race.codec import decode


def learn_page(kept: str = "") -> Element:
    """The list of lessons.

    Args:
        kept: what the links take along: `?hide=…`, or nothing.
    """
    rows = [
        html.Li(
            html.A(
                [
                    picture(decode(lesson.steps[0].query).surface),
                    html.Span(
                        [
                            html.Span(f"{at}. {lesson.title}", className="learn-title"),
                            html.Span(lesson.doc, className="learn-doc"),
                        ],
                        className="learn-words",
                    ),
                    html.Span(counted(len(lesson.steps), "step"), className="learn-steps"),
                ],
                href=address(lesson.name) + kept,
                **{"data-progress": lesson.name, "data-steps": len(lesson.steps)},
            )
        )
        for at, lesson in enumerate(in_order(), 1)
    ]
    content = html.Div(
        [
            html.H1("Learn"),
            html.P(
                "Each step is a race. Predict what will happen, let it run, and see why. The "
                "figures in these texts are measured in the races that they speak of, by the "
                "tests.",
                className="lead",
            ),
            html.Ol(rows, className="learn-list"),
            html.P(
                [
                    "Your progress stays in this browser. ",
                    html.Button("Forget it", type="button", className="quiet forget"),
                ],
                className="learn-foot",
            ),
            html.P(
                [
                    "Examples of textbooks and papers, computed again: ",
                    html.A("numbers you can look up", href="/numbers"),
                    ".",
                ],
                className="learn-foot",
            ),
        ],
        className="learn",
    )
    return shell(PATH, [content])
