"""What an experiment is: a declaration, and what it has found so far."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal

from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.registry import Registry
from nnopt_viz.judge.training import network_problem
from nnopt_viz.judge.work import UNITS_A_SECOND

# Seconds that one request may take on one core, and that the command line may.
INTERACTIVE_SECONDS, MOST_SECONDS = 60.0, 7_200.0
MOST_BYTES = 300e6  # that one request may hold; on the command line memory is its owner's
CONFIDENCE = 0.95  # of every interval

ALL = "samples a step; all, where there are fewer"
SLOWEST = "slowest has to be less than fastest"
OWN_RATE = (("run.lr", "the experiment's own lr, outside the parentheses of run"),)

SEED = Knob(
    "seed", 0, "the first repetition's: decides its data, start weights and batches", 0, 10**15,
    "integer", soft=(0, 100),
)  # fmt: skip


def seeds(default: int) -> Knob:
    """How often everything is repeated."""
    return Knob(
        "seeds", default, "repetitions, each with data, start weights and batches of its own: "
        "seeds seed, seed + 1 …", 2, 256, "integer", soft=(6, 32),
    )  # fmt: skip


def data_knob(name: str, **values: Any) -> Knob:
    """The data set; its own knobs in parentheses."""
    from nnopt_viz.networks import DATASETS

    return Knob("data", DATASETS.call(name, **values), "the data", kind="call", registry="datasets")


def activation_knob(name: str) -> Knob:
    """What every hidden unit does, as in the lab."""
    from nnopt_viz.networks.activations import activation_knob as declared

    return declared(name)


def method(name: str, **values: Any) -> Knob:
    """The optimizer of an experiment that sets the learning rate itself: see `Study.instead`."""
    from nnopt_viz.compose.calls import run

    return Knob("run", run(name, **values), "the method", kind="call", registry="trainers")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Something measured.

    Args:
        key: its name, for claims and tables.
        words: what it is, in words.
        value: the estimate; infinite where what it is made of is not finite.
        low, high: its interval or range over repetitions, likewise.
        kind: what low and high are: an "interval" that covers at least CONFIDENCE of the time, or
            the "range" of all repetitions, where they are too few for one.
        unit: said after a number: "times", "steps"; "%" for shares, which are 0 to 1.
        note: what else there is to say of it, such as that it ends at the edge of a grid.
    """

    key: str
    words: str
    value: float
    low: float
    high: float
    kind: Literal["interval", "range"] = "interval"
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One picture of a finding, free of colours: the page draws it in its theme.

    Args:
        key: the same in every finding of a study.
        kind: "lines" (series with bands), "strip" (a value a seed, by group), or "surface"
            (heights on a plane, side by side on one scale).
        x, y: titles of the axes.
        log: "", "x", "y" or "xy": which axes are logarithmic.
        data: by kind. lines: series of {name, colour, x, y, low, high, dash}; strip: groups of
            {name, colour, values, value, low, high}; surface: panels of {title, x, y, z, paths}.
            Also `line`: {at, words}, a horizontal line, and `range`: ends of the y axis, within
            which everything is drawn (`frame.framed`); then `real` of a series or group are its
            values before that.
        note: a sentence below it.
    """

    key: str
    title: str
    kind: Literal["lines", "strip", "surface"]
    x: str
    y: str
    log: str = ""
    data: dict[str, Any]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an experiment has found so far.

    Args:
        done: share of the work, 0 to 1; 1 when it is whole.
        charts: in the order they are shown; later findings replace them by key.
        numbers: what is measured.
        table: column -> values, all of one length: a row for each thing measured in each
            repetition, which its seed names.
    """

    done: float
    charts: tuple[Chart, ...]
    numbers: tuple[Estimate, ...] = ()
    table: dict[str, list[Any]] = field(default_factory=dict)

    def number(self, key: str) -> Estimate:
        """Raises KeyError when it was not measured."""
        for one in self.numbers:
            if one.key == key:
                return one
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class IntervalClaim:
    """A sentence of the lesson, the measurement that it stands on, and what it is about.

    Args:
        text: a plain sentence that needs no other one beside it.
        key: the number it is about.
        low, high: between which the number's whole interval must lie, both excluded, as in "more
            than" and "less than"; infinite where there is no bound.
        when: settings without which the sentence is about something else: (knob, value); of a
            call, its name.
    """

    text: str
    key: str
    low: float = -inf
    high: float = inf
    when: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """An experiment in the registry.

    Args:
        name: as in the query.
        title: a question.
        family: what it varies.
        knobs: what may be set; `seeds` and `seed` among them.
        doc: what is varied and what is measured, in a sentence or two.
        source: author, year, title.
        same: what all that is compared shares, in a sentence.
        draws: what each repetition draws for itself, in a sentence.
        lesson: what to look at, paragraphs.
        claims: measured sentences.
        run: the call -> findings, the last one whole; None between them where they are long in
            coming, so that who has gone is noticed. It stops where it is closed.
        seconds: the call -> about how long it takes on one core.
        bytes: the call -> what it holds in memory, at most.
        problem: the call -> (knob, plain sentence) when its values don't fit together, or None.
        instead: knobs of its knobs that it sets itself, so that a value given there would change
            nothing and is refused: (path such as "run.lr", what may be given in its place).
    """

    name: str
    title: str
    family: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str
    same: str
    draws: str
    lesson: tuple[str, ...]
    claims: tuple[IntervalClaim, ...]
    run: Callable[[Call], Findings]
    seconds: Callable[[Call], float]
    bytes: Callable[[Call], float]
    problem: Callable[[Call], tuple[str, str] | None] = lambda _: None
    instead: tuple[tuple[str, str], ...] = ()

    def cost(self, call: Call) -> Cost:
        """What it takes."""
        return Cost(self.seconds(call) * UNITS_A_SECOND, self.bytes(call))


Findings = Generator[Finding | None, None, None]

STUDIES: Registry[Study] = Registry(
    "experiment",
    ("initialization", "batch normalization", "width", "shifting data", "optimizers"),
)


def problem_of(call: Call, most: float = INTERACTIVE_SECONDS) -> tuple[str, str] | None:
    """What is wrong with an experiment before anything is run: (knob, plain sentence), or None."""
    study = STUDIES[call.name]
    chosen = dict(call.knobs).get("run")
    if isinstance(chosen, Call):
        why = network_problem(chosen)
        if why is not None:
            return "run", why
    found = study.problem(call)
    if found is not None:
        return found
    took = study.seconds(call)
    if took > most:
        return "seeds", f"This would take about {took:,.0f} s; at most {most:,.0f} s fit here"
    held = study.bytes(call) if most <= INTERACTIVE_SECONDS else 0.0
    if held > MOST_BYTES:
        megabytes = f"{held / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:,.0f} MB fit here"
        return "seeds", f"This would hold about {megabytes}"
    return None


def whole(call: Call) -> Finding:
    """The last finding of an experiment."""
    *_, last = filter(None, STUDIES[call.name].run(call))
    return last
