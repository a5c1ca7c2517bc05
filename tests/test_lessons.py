"""Lessons: every figure, claim and answer is measured in its race; every link is read strictly."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest

from nnopt_viz.lessons import in_order
from nnopt_viz.lessons.measured import Race
from nnopt_viz.lessons.text import parts, slack, stated

if TYPE_CHECKING:
    from nnopt_viz.lessons.lesson import Step

STEPS = {
    f"{lesson.name}-{number}": step
    for lesson in in_order()
    for number, step in enumerate(lesson.steps, 1)
}
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
race = lru_cache(maxsize=None)(Race)  # steps share races
DIGITS = re.compile(r"\d")
# A worked calculation such as 1 − 0.081 · 25 is written out; what it comes to is a figure.
CALCULATION = re.compile(r"[\d.]+(?: [−+·/] (?:[\d.]+|$))+|[\d.]+ [−+·/] ")


def wrong_figures(text: str, query: str) -> list[str]:
    """What the figures of a text state, and what is measured, where these differ."""
    measured = [
        (part, race(query).value(part.measure)) for part in parts(text) if part.kind == "figure"
    ]
    return [
        f"{part.text} is {value!r} ({part.measure})"
        for part, value in measured
        if not abs(value - stated(part.text)) <= slack(part.text)
    ]


@each_step
def test_every_figure_is_what_is_measured(step: Step) -> None:
    wrong = [fault for text in step.texts() for fault in wrong_figures(text, step.query)]
    wrong += [fault for link in step.links for fault in wrong_figures(link.text, link.query)]
    assert not wrong


@each_step
def test_every_claim_holds(step: Step) -> None:
    failed = [claim.sentence for claim in step.claims if not claim.check(race(step.query))]
    failed += [link.text for link in step.links if not link.check(race(link.query))]
    assert step.claims
    assert not failed


@each_step
def test_choices_are_right_or_wrong_as_they_say(step: Step) -> None:
    if not isinstance(step.answer, tuple):
        return
    assert any(choice.right for choice in step.answer)
    wrong = [c.text for c in step.answer if c.check(race(step.query)) is not c.right]
    assert not wrong
