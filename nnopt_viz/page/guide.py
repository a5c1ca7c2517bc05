"""The guide beside the landing scene: three steps, each one click, and the lesson that fits.

Its numbers are measured on the scene when it is first asked for, and what it says of the runs'
ends is tested; on any other scene there is none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.calls import point
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.lessons import LESSONS
from nnopt_viz.lessons.addresses import address
from nnopt_viz.page import ids
from nnopt_viz.page.elements import Element, dmc, html
from nnopt_viz.race.codec import landing

if TYPE_CHECKING:
    from nnopt_viz.race.scenario import Scenario

ASKS = "Same start, four rules, three different ends. Why?"
LESSON = "adaptive"
BESIDE = 0.1  # how far the last step moves the start to the right
FIRST, SECOND = "sgd", "adam"  # the runs that it compares


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One click.

    Args:
        text: what is to be seen after it.
        button: what leads to it.
        does: what the page does: {"seek": step}, {"compare": [run, run]} or {"start": [x, y]}.
    """

    text: str
    button: str
    does: dict[str, Any]


def moved(scenario: Scenario) -> Scenario:
    """The scene of the last step."""
    start = scenario.start
    return replace(scenario, start=point(start.number("x") + BESIDE, start.number("y")))


@lru_cache(maxsize=1)
def steps() -> tuple[GuideStep, ...]:
    """The guide of the landing scene."""
    scene = landing()
    x, y = scene.start.number("x"), scene.start.number("y")
    _, slope = evaluate(scene.surface, x, y, order=1)
    across, up = (abs(float(part)) for part in slope)
    runs = [call.name for call in scene.runs]
    there = moved(scene).start
    return (
        GuideStep(
            f"At the start the slope is {up / across:.0f} times as steep in y as in x. {FIRST} "
            f"follows it, almost straight up. {SECOND} divides each by its own size: as far to the "
            "left as up.",
            "Show me why", {"seek": 3},
        ),
        GuideStep(
            f"Below, {FIRST} and {SECOND} side by side: where they part, which part of the rule "
            "does it, and what one change would have made of it.",
            "Compare two of them", {"compare": [runs.index(FIRST), runs.index(SECOND)]},
        ),
        GuideStep(
            f"The start is now {BESIDE:g} to the right, at x = {there.number('x'):g}: there the "
            f"slope in x points the other way. rmsprop and {SECOND} follow it, and end where "
            f"{FIRST} ends.",
            "Change one thing", {"start": [there.number("x"), there.number("y")]},
        ),
    )  # fmt: skip


def guide() -> Element:
    """The guide, out of sight until the browser knows that it was not closed before."""
    made = steps()
    lesson = LESSONS[LESSON]
    texts = [html.P(ASKS, **{"data-at": "0"})] + [
        html.P(one.text, hidden=True, **{"data-at": str(at)}) for at, one in enumerate(made, 1)
    ]
    buttons = [
        dmc.Button(
            one.button, id=ids.action("guide", at), className="filled guide-next",
            **{"data-at": str(at - 1)},
        )
        for at, one in enumerate(made, 1)
    ]  # fmt: skip
    last = html.A(
        f"The lesson: {lesson.title}", href=address(LESSON), className="guide-lesson plain",
        hidden=True, **{"data-at": str(len(made))},
    )  # fmt: skip
    close = dmc.ActionIcon(
        html.Span(className="icon icon-close", **{"aria-hidden": "true"}),
        id=ids.action("guide", "close"), **{"aria-label": "Close the guide for good"},
    )  # fmt: skip
    return html.Section(
        [
            html.Span("", className="guide-count"),
            html.Div(texts, className="guide-text", role="status"),
            *buttons, last, close,
        ],
        id=ids.GUIDE, className="guide", hidden=True,
        **{"aria-label": "A short guide", "data-does": json.dumps([one.does for one in made])},
    )  # fmt: skip
