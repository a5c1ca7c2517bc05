"""What a picture of the gallery is: a question, and one sentence that is measured in its answer.

The sentence is a template. Its figures come from a function of what was measured, so none is
typed: `{late}` is written as a person would, `{loss:2}` with two significant digits, `{share:%}`
in percent. Whether the sentence is true is a predicate over the same figures.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnopt_viz.declare.registry import Registry
from nnopt_viz.declare.written import percent, shown
from nnopt_viz.deliver.questions import EXPERIMENT, RACE, TRAINING, asked

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Knob
    from nnopt_viz.deliver.questions import Question

Figures = Mapping[str, float]

SUCCESS, FAILURE = "success", "failure"
TOPICS = {
    SUCCESS: "It works",
    FAILURE: "It fails",
    "rates": "Learning rate",
    "schedules": "Schedules",
    "momentum": "Momentum",
    "adaptive": "Adaptive rates",
    "curvature": "Curvature",
    "noise": "Noise",
    "minima": "Which minimum",
    "saddles": "Saddles and plateaus",
    "cliffs": "Cliffs",
    "decay": "Weight decay",
    "drift": "A changing world",
    "networks": "Networks",
    "initialization": "Initialization",
}
AT = {RACE.name: "/", TRAINING.name: "/network", EXPERIMENT.name: "/experiment"}
LONGEST = 80  # characters of a title


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture.

    Args:
        name: lower_snake; never renamed.
        title: what one sees, as a headline.
        topics: keys of TOPICS: either "success" or "failure", then what a teacher looks for.
        query: the race, training or experiment.
        sentence: a template of the figures, without a digit of its own.
        figures: of what was measured (`measure.measured`), the numbers of the sentence.
        holds: whether the sentence is true of these figures.
        source: author, year, title.
        shows: what the small picture is of: the "map"; of a race also its "loss", of a training
            also "sharpness"; of an experiment, the key of a chart.
        runs: what its runs are called in the key of the picture; empty: as they call themselves.
    """

    name: str
    title: str
    topics: tuple[str, ...]
    query: str
    sentence: str
    figures: Callable[[Any], dict[str, float]]
    holds: Callable[[Figures], bool]
    source: str
    shows: str = "map"
    runs: tuple[str, ...] = ()
    family: str = "picture"
    knobs: tuple[Knob, ...] = ()

    @property
    def doc(self) -> str:
        """The sentence as it is declared."""
        return self.sentence

    @property
    def question(self) -> Question:
        """Race, training or experiment: which one the query asks for."""
        return asked(self.query, route="")

    @property
    def link(self) -> str:
        """The address that opens it, in canonical text."""
        question = self.question
        return f"{AT[question.name]}?{question.encode(question.decode(self.query, False))}"

    def said(self, figures: Figures) -> str:
        """The sentence with its figures."""
        return string.Formatter().vformat(
            self.sentence, (), {key: Figure(value) for key, value in figures.items()}
        )


class Figure(float):
    """A number that writes itself for people."""

    def __format__(self, spec: str) -> str:
        value = float(self)
        if spec == "%":
            return percent(value)
        if value == int(value) and abs(value) < 1e6:
            return f"{int(value):,}".replace("-", "−")
        text = shown(value, int(spec or 3))
        return f"{value:,.0f}".replace("-", "−") if text.lstrip("−").isdigit() else text


GALLERY: Registry[Entry] = Registry("picture")
