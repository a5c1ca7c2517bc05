"""Lessons: every figure, claim and answer is measured in its race; every link is read strictly."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest

from nnopt_viz.lessons import in_order, nearest_lesson, nearest_step
from nnopt_viz.lessons.lesson import Point, Slider, paragraphs
from nnopt_viz.lessons.measured import Race
from nnopt_viz.lessons.text import parts, plain, slack, stated
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.race.codec import decode, encode

if TYPE_CHECKING:
    from nnopt_viz.lessons.lesson import Lesson, Step

STEPS = {
    f"{lesson.name}-{number}": step
    for lesson in in_order()
    for number, step in enumerate(lesson.steps, 1)
}
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
each_lesson = pytest.mark.parametrize("lesson", in_order(), ids=lambda lesson: lesson.name)
race = lru_cache(maxsize=None)(Race)  # steps share races


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


@each_step
def test_an_answer_on_a_slider_or_the_map_is_measured(step: Step) -> None:
    if isinstance(step.answer, Slider):
        (figure,) = parts(step.answer.answer)
        assert figure.measure
        assert step.answer.low <= stated(figure.text) <= step.answer.high
        middle = math.sqrt(step.answer.low * step.answer.high)  # where the slider stands at first
        off = max(middle / stated(figure.text), stated(figure.text) / middle)
        assert off > step.answer.close, "untouched, the slider is right"
    elif isinstance(step.answer, Point):
        assert all(part.measure for text in (step.answer.x, step.answer.y) for part in parts(text))


@each_step
def test_no_figure_stands_outside_the_measured_ones(step: Step) -> None:
    texts = [*step.texts(), *(link.text for link in step.links)]
    unmeasured = [
        (text, part.text)
        for text in texts
        for part in parts(text)
        if part.kind in ("words", "stressed")
        and re.search(r"\d", re.sub(r"\b1 − $", "", part.text))  # the 1 of a worked calculation
    ]
    assert not unmeasured


@each_step
def test_texts_hold_no_mark_by_mistake(step: Step) -> None:
    for text in [*step.texts(), *(link.text for link in step.links)]:
        assert plain(text).strip()
        words = "".join(p.text for p in parts(text) if p.kind in ("words", "figure", "stressed"))
        assert not set("{}`_<>$*|\\") & set(words), text


@each_lesson
def test_every_symbol_is_introduced_in_its_lesson(lesson: Lesson) -> None:
    """A name in code is one of a rule that the lesson shows, or the learning rate, named so."""
    texts = [text for step in lesson.steps for text in step.texts()]
    prose = " ".join(plain(text) for text in texts)
    rules = " ".join(OPTIMIZERS[name].rule for step in lesson.steps for name in step.rules)
    known = {"lr", *re.findall(r"[a-z_]\w*", rules)}
    used = {
        name
        for text in texts
        for part in parts(text)
        if part.kind == "code"
        for name in re.findall(r"[^\W\d]\w*", part.text)
    }
    assert used <= known
    assert "lr" not in used or "learning rate" in prose
    letters = {p.text for t in texts for p in parts(t) if p.kind == "stressed" and len(p.text) == 1}
    assert letters <= {"x", "y", "g", "s"}
    assert not re.findall(r"[α-ωΑ-Ω∇∂∑√≤≥]", prose)


@each_step
def test_links_are_read_strictly_and_are_canonical_enough_to_share(step: Step) -> None:
    for query in (step.query, *(link.query for link in step.links)):
        assert decode(encode(decode(query))) == decode(query)


def test_lessons_come_in_one_order_with_three_to_six_steps() -> None:
    assert [lesson.place for lesson in in_order()] == list(range(1, len(in_order()) + 1))
    for lesson in in_order():
        assert 3 <= len(lesson.steps) <= 6
        assert all(paragraphs(step.text) and paragraphs(step.reveal) for step in lesson.steps)


def test_a_wrong_number_is_found() -> None:
    step = STEPS["learning_rate-1"]
    claim = step.claims[0].sentence
    assert not wrong_figures(claim, step.query)
    assert wrong_figures(claim.replace("{196:", "{197:"), step.query)
    broken = replace(step, query=step.query.replace("lr=0.081", "lr=0.079"))
    assert wrong_figures(claim, broken.query)
    assert not broken.claims[0].check(race(broken.query))


def test_the_nearest_step_and_lesson_are_found() -> None:
    lesson = in_order()[0]
    last = len(lesson.steps)
    assert nearest_step(lesson, "2") == (2, None)
    for text, wanted in (("0", 1), ("-7", 1), ("99", last), ("9" * 400, last), ("x", 1), ("", 1)):
        number, sentence = nearest_step(lesson, text)
        assert number == wanted
        assert sentence
    assert nearest_step(lesson, "+2") == nearest_step(lesson, " " * 200 + "2 ") == (2, None)
    assert nearest_step(lesson, "2_0")[0] == nearest_step(lesson, "1.5")[0] == 1
    assert "999999999999" in str(nearest_step(lesson, "999999999999")[1])  # not a part of it


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("momentun", "momentum"), ("MOMENTUM", "momentum"), ("trap", "steep_walled_trap"),
        ("steep", "steep_walled_trap"), ("local-minima", "local_minima"), ("convexity", "convex"),
        ("Adaptive rates", "adaptive"), ("when_the_surface_changes", "shift"),
        ("convex/2", "convex"), ("7", None), ("x", None), ("zzzzqqq", None), ("sgd", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_word_means_a_lesson_that_is_near_or_none(word: str, meant: str | None) -> None:
    """It was the fewest slips away, however many: `trap` was “When the surface changes”."""
    found = nearest_lesson(word)
    assert (found and found.name) == meant


@each_lesson
def test_a_slip_of_the_keyboard_finds_the_lesson(lesson: Lesson) -> None:
    name, rng = lesson.name, random.Random(lesson.name)
    for _ in range(40):
        at = rng.randrange(len(name))
        slip = name[:at] + rng.choice(("", "q", name[at] * 2)) + name[at + 1 :]
        found = nearest_lesson(slip)
        assert found is lesson, slip


def test_a_measure_is_no_program() -> None:
    for measure in ("__import__('os')", "loss.__class__", "[1]", "loss(run=0)", "lambda: 1"):
        with pytest.raises((ValueError, AttributeError, TypeError)):
            race(STEPS["learning_rate-1"].query).value(measure)
