"""What a lesson is: steps, each a race with a prediction before it and claims after it.

Texts are plain, with three marks: `code` between backticks, _x_ for a variable or a term, and
{stated: measure} for a figure: what is stated is shown, and the tests measure it in the
step's race (`measured.py`) and fail when it is not so. No figure may stand in a text
without being measured; small counts are written as words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnopt_viz.declare.nearest import close
from nnopt_viz.declare.registry import Registry
from nnopt_viz.query.grammar import shorten

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Knob
    from nnopt_viz.lessons.measured import Race

Check = Callable[["Race"], bool]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence about a race, and the check that it is so.

    Args:
        sentence: as shown; its figures are measured too.
        check: whether it holds in the step's race.
    """

    sentence: str
    check: Check


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to choose from.

    Args:
        text: the answer.
        because: why it is right or wrong.
        check: whether it is so, measured in the step's race.
        right: whether it is right: `check` must say the same.
    """

    text: str
    because: str
    check: Check
    right: bool = False


@dataclass(frozen=True, slots=True)
class Slider:
    """An answer on a slider.

    Args:
        answer: the number, with its measure: `{708: below(0, 0.01)}`.
        low, high: ends of the slider.
        unit: what is counted, in the plural: "steps".
        close: a guess within this factor of the answer counts as right.
    """

    answer: str
    low: float
    high: float
    unit: str
    close: float = 1.5


@dataclass(frozen=True, slots=True)
class Point:
    """A place to be shown on the map.

    Args:
        x, y: the place, each with its measure: `{0.96: x(0)}`.
        close: distance on the map within which a guess counts as right.
    """

    x: str
    y: str
    close: float


@dataclass(frozen=True, slots=True)
class Link:
    """Another race to look at afterwards.

    Args:
        text: what is seen there; figures in it are measured there.
        query: the race.
        check: whether what the text says is so there.
    """

    text: str
    query: str
    check: Check


@dataclass(frozen=True, slots=True)
class Step:
    """One race: read, predict, watch, understand.

    Args:
        title: of this step.
        query: the race, as in an address.
        text: paragraphs before the race, with a blank line between two.
        question: what is to be predicted.
        answer: how it is answered: choices, a number or a place.
        reveal: the same, after it.
        claims: what the race shows, measured.
        links: races to look at afterwards.
        rules: optimizers whose rule is shown.
        has_formula: whether the surface's formula is shown.
    """

    title: str
    query: str
    text: str
    question: str
    answer: tuple[Choice, ...] | Slider | Point
    reveal: str
    claims: tuple[Claim, ...]
    links: tuple[Link, ...] = ()
    rules: tuple[str, ...] = ()
    has_formula: bool = False

    def texts(self) -> tuple[str, ...]:
        """Every text that is about the step's own race."""
        choices = self.answer if isinstance(self.answer, tuple) else ()
        numbers: tuple[str, ...] = ()
        if isinstance(self.answer, Slider):
            numbers = (self.answer.answer,)
        elif isinstance(self.answer, Point):
            numbers = (self.answer.x, self.answer.y)
        return (
            self.title,
            *paragraphs(self.text),
            self.question,
            *(part for choice in choices for part in (choice.text, choice.because)),
            *numbers,
            *paragraphs(self.reveal),
            *(claim.sentence for claim in self.claims),
        )


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson.

    Args:
        name: registry name and address: /learn/NAME.
        place: decides the order: 1 comes first.
        title: as in the list.
        doc: the question it answers.
        steps: three to six.
    """

    name: str
    place: int
    title: str
    doc: str
    steps: tuple[Step, ...]
    family: str = "lesson"
    knobs: tuple[Knob, ...] = ()


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each on one line."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


SHORTEST = 4  # letters of a word that is looked for in names and titles

LESSONS: Registry[Lesson] = Registry("lesson")


def in_order() -> list[Lesson]:
    """All lessons, the first one first."""
    return sorted(LESSONS.values(), key=lambda lesson: lesson.place)


def nearest_step(lesson: Lesson, text: str) -> tuple[int, str | None]:
    """The step that an address means, from 1, and a sentence when there is no such step."""
    last = len(lesson.steps)
    word = text.strip()
    if not re.fullmatch(r"[+-]?\d+", word):
        return 1, f"A step is a whole number from 1 to {last}; this is the first one."
    wanted = int(word[:99])
    if 1 <= wanted <= last:
        return wanted, None
    found = min(max(wanted, 1), last)
    told = shorten(str(wanted), 20)
    return found, f"There is no step {told}: the lesson has {last}. This is step {found}."


def nearest_lesson(name: str) -> Lesson | None:
    """The lesson that a name may have meant: a slip away, or the word stands in its name or its
    title. None where no lesson is near."""
    word = re.sub(r"[^a-z0-9]+", "_", name[:60].lower()).strip("_")
    found = close(word, LESSONS)
    if found:
        return LESSONS[found]
    if len(word) < SHORTEST:
        return None
    for lesson in in_order():
        title = re.sub(r"[^a-z0-9]+", "_", lesson.title.lower())
        if any(word in known or known in word for known in (lesson.name, title)):
            return lesson
    return None
