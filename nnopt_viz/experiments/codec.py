"""The codec of experiments: `study=initialization(depth=8,activation=tanh,seeds=4)`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.calls import run
from nnopt_viz.declare.nearest import nearest
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.study import INTERACTIVE_SECONDS, MOST_SECONDS, problem_of
from nnopt_viz.judge.training import network_problem
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.query.grammar import Named, Node, percent_encode, show
from nnopt_viz.query.keys import VERSION_EXAMPLE, QueryError, call_text, value_text
from nnopt_viz.query.reading import Reading, Vocabulary

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call, Knob
    from nnopt_viz.declare.registry import Registry

KEY = "study"
VOCABULARY = Vocabulary(
    {KEY: f"an experiment such as {next(iter(STUDIES))}(seeds=4)", "v": VERSION_EXAMPLE},
    {KEY: STUDIES},
)


class StudyReading(Reading):
    """Reads one query of an experiment."""

    def __init__(self, notes: list[str] | None, said: list[str] | None = None) -> None:
        super().__init__(VOCABULARY, notes, said)

    def study(self, query: str, most: float) -> Call:
        made: Call | None = None
        for key, text in self.parts(query):
            nodes = self.nodes(key, text)
            if nodes is not None and key == KEY:
                made = self.only_call(nodes, text, STUDIES, key)
            elif nodes is not None:
                self.version(nodes, text)
        if made is None:
            first = next(iter(STUDIES))
            error = QueryError(
                KEY, "", "An experiment is named by study.", "one of " + ", ".join(STUDIES), first
            )
            made = self.settle(error, STUDIES.call(first), f"{first} is used.")
        return self.fitting(made, most)

    def call(self, node: Named, registry: Registry[Any], key: str) -> Call | None:
        """As everywhere; the experiment is noted, for what stands in its parentheses."""
        if key == KEY:
            self.chosen = STUDIES[STUDIES.meant(node.name) or nearest(node.name, STUDIES)]
        return super().call(node, registry, key)

    def value(self, knob: Knob, node: Node, path: str, subject: str) -> Any:
        """As everywhere, but a value that the experiment sets itself is no silent nothing."""
        instead = dict(self.chosen.instead).get(path.removeprefix(f"{KEY}."))
        if instead is None:
            return super().value(knob, node, path, subject)
        message = (
            f"{subject} is set by the experiment {self.chosen.name} itself, the same for all that "
            "it compares; a value here would change nothing."
        )
        error = QueryError(path, show(node), message, instead)
        return self.settle(error, knob.default, "It was left out.")

    def fitting(self, call: Call, most: float) -> Call:
        found = problem_of(call, most)
        if found is None:
            return call
        name, sentence = found
        knob = next(one for one in STUDIES[call.name].knobs if one.name == name)
        is_costly = problem_of(call, math.inf) is None
        allowed = "less of it" if is_costly else _fitting(knob)
        if problem_of(call, MOST_SECONDS) is None:
            allowed += f", or {command(call)}"
        value = value_text(knob, call[name])
        error = QueryError(f"{KEY}.{name}", value, f"{sentence}.", allowed)
        return self.settle(error, STUDIES.call(call.name), f"{call.name} as it comes is used.")


def _fitting(knob: Knob) -> str:
    """What may stand in a knob whose value does not fit in with the others."""
    if knob.registry != "trainers":
        return knob.allowed()
    known = [name for name in TRAINERS if network_problem(run(name)) is None]
    return "one of " + ", ".join(known)


def decode_study(
    query: str, most: float = INTERACTIVE_SECONDS, said: list[str] | None = None
) -> Call:
    """Read an experiment's query strictly.

    Args:
        most: seconds that it may take, as estimated.
        said: takes sentences about what was read as something else.

    Raises:
        QueryError: names the key, the value, what is allowed and the nearest known name.
    """
    return StudyReading(None, said).study(query, most)


def repair_study(query: str) -> tuple[Call, list[str]]:
    """The valid experiment nearest to a query, and sentences saying what was changed."""
    notes: list[str] = []
    made = StudyReading(notes).study(query, INTERACTIVE_SECONDS)
    return made, notes[:12]


def encode_study(call: Call) -> str:
    """The canonical query text."""
    return f"{KEY}={percent_encode(call_text(call, STUDIES))}"


def command(call: Call) -> str:
    """What runs an experiment in a terminal."""
    inside = call_text(call, STUDIES).partition("(")[2].removesuffix(")")
    return f"`nnopt-viz experiment {call.name} '{inside}' --out results.csv`"
