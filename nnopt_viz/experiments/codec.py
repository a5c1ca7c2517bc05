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
    from collections.abc import Sequence

    from nnopt_viz.declare.knobs import Call, Knob
    from nnopt_viz.declare.registry import Registry

KEY = "study"
LESS = ("steps", "seeds", "rates")  # what is made less, in turn, where it would be too much
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
        """The same where its values fit together and it is not too much; else as little of it is
        changed as does."""
        while (found := problem_of(call, most)) is not None:
            name, sentence = found
            knob = next(one for one in STUDIES[call.name].knobs if one.name == name)
            is_costly = problem_of(call, math.inf) is None
            less, bound = (LESS, most) if is_costly else (LESS[1:], math.inf)
            made, allowed = None, _fitting(knob)
            if is_costly or name in LESS:
                made = shortened(call, bound, less)
                allowed = "less of it"
            if made:
                allowed += f", such as {_changed(call, made)}"
                knob = _different(call, made)[0]
            also = f"or run {command(call)}" if problem_of(call, MOST_SECONDS) is None else ""
            error = QueryError(
                f"{KEY}.{knob.name}", value_text(knob, call[knob.name]), f"{sentence}.",
                f"{allowed}, {also}" if also else allowed,
            )  # fmt: skip
            instead = made or mended(call, name) or STUDIES.call(call.name)
            used = f"Here with {_changed(call, instead)} instead"
            call = self.settle(error, instead, f"{used}, {also}." if also else f"{used}.")
        return call


def mended(call: Call, name: str) -> Call | None:
    """The same with one knob as it comes, or that and another one; None where the fault stays."""
    plain, fault = STUDIES.call(call.name), problem_of(call, math.inf)
    for other in (name, *(knob for knob, _ in call.knobs if call[knob] != plain[knob])):
        made = call.replace(**{name: plain[name], other: plain[other]})
        if problem_of(made, math.inf) != fault:
            return made
    return None


def shortened(call: Call, most: float, names: Sequence[str]) -> Call | None:
    """The same with as little less of one knob as makes it fit, or of several, in this order; None
    where their defaults are still too much."""

    def fits(one: Call) -> bool:
        return problem_of(one, most) is None

    known = {knob.name for knob in STUDIES[call.name].knobs}
    for name in [name for name in names if name in known]:
        high = int(call.number(name))
        low = min(high, int(STUDIES.call(call.name).number(name)))
        short = call.replace(**{name: low})
        if fits(short):
            while high - low > max(1, low // 50):
                middle = (low + high) // 2
                enough = fits(call.replace(**{name: middle}))
                low, high = (middle, high) if enough else (low, middle)
            return call.replace(**{name: low})
        call = short
    return None


def _changed(call: Call, instead: Call) -> str:
    """The settings that differ, as they are instead."""
    return ", ".join(
        f"{knob.name}={value_text(knob, instead[knob.name])}" for knob in _different(call, instead)
    )


def _different(call: Call, instead: Call) -> list[Knob]:
    return [one for one in STUDIES[call.name].knobs if call[one.name] != instead[one.name]]


def _fitting(knob: Knob) -> str:
    """What may stand in a knob whose value does not fit in with the others."""
    if knob.kind == "text":
        return f"{knob.doc}, such as {value_text(knob, knob.default)}"
    if knob.registry == "datasets":
        return f"another one, or other knobs of it, such as {value_text(knob, knob.default)}"
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


def spec_of(call: Call) -> dict[str, Any]:
    """Every value of an experiment as plain JSON, without those that it sets itself."""
    made = call.as_json()
    for path, _ in STUDIES[call.name].instead:
        knob, inner = path.split(".")
        del made["knobs"][knob]["knobs"][inner]
    return made


def command(call: Call) -> str:
    """What runs an experiment in a terminal."""
    inside = call_text(call, STUDIES).partition("(")[2].removesuffix(")")
    return f"`nnopt-viz experiment {call.name} '{inside}' --out results.csv`"
