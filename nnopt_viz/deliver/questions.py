"""The kinds of question, in one shape: page, routes, command line and Python ask these records.

A text that has a key of a training is one; every other at the same route is a race.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.knobs import Call
from nnopt_viz.deliver.experiment_tables import lines
from nnopt_viz.deliver.lab_stream import lab_stream
from nnopt_viz.deliver.stream import run_stream
from nnopt_viz.experiments import STUDIES, study
from nnopt_viz.experiments import codec as experiment
from nnopt_viz.lab import codec as training
from nnopt_viz.lab.codec import encode_lab
from nnopt_viz.lab.lab import Lab
from nnopt_viz.lab.price import INTERACTIVE, cost
from nnopt_viz.lab.result import seen
from nnopt_viz.networks.planes import PlaneError
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.links import mended
from nnopt_viz.race import codec as race
from nnopt_viz.race import price as race_price
from nnopt_viz.race.keys import VOCABULARY
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from nnopt_viz.deliver.formats import Format


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of question.

    Args:
        name: what it is called: "race".
        record: the type of its frozen record.
        route: where its data are: "run" for /run.csv.
        keys: every key of its text.
        decode: text -> record; with True, up to what the command line may take; a third
            argument takes sentences about what was read as something else. Raises QueryError.
        encode: record -> canonical text.
        problem: record -> (key, plain sentence) of the first limit exceeded, or None.
        spec: record -> plain JSON values, every knob present.
        cost: record -> what the stream that its page reads takes, counted before it is begun.
        stream: record -> the pieces of the stream that its page reads.
        faults: what may only be found out while it is computed.
        refused: record, fault -> what to say of it.
    """

    name: str
    record: type
    route: str
    keys: frozenset[str]
    decode: Callable[..., Any]
    encode: Callable[[Any], str]
    problem: Callable[[Any], tuple[str, str] | None]
    spec: Callable[[Any], dict[str, Any]]
    cost: Callable[[Any], Cost]
    stream: Callable[..., Any]
    faults: tuple[type[Exception], ...] = ()
    refused: Callable[[Any, Exception], QueryError] | None = None


def plane_fault(lab: Lab, fault: Exception) -> QueryError:
    """The refusal of what is a picture of a plane that does not exist; the numbers of the
    training are there all the same."""
    others = seen(lab).slice.others
    instead = [*others, f"/run.csv?{encode_lab(lab)} for the numbers"]
    return QueryError(
        "plane", lab.plane.name, f"{fault}.", ", ".join(instead), others[0] if others else None
    )


RACE = Question(
    "race", Scenario, "run", VOCABULARY.keys,
    lambda text, large, said=None: race.decode(
        text, said, math.inf if large else race_price.INTERACTIVE
    ),
    race.encode, race_price.problem, Scenario.to_spec, race_price.cost, run_stream,
)  # fmt: skip
TRAINING = Question(
    "training", Lab, "run", training.VOCABULARY.keys,
    lambda text, large, said=None: training.decode_lab(
        text, math.inf if large else INTERACTIVE, said
    ),
    training.encode_lab, Lab.problem, Lab.to_spec,
    cost, lab_stream, (PlaneError,), plane_fault,
)  # fmt: skip
EXPERIMENT = Question(
    "experiment", Call, "experiment", experiment.VOCABULARY.keys,
    lambda text, large, said=None: experiment.decode_study(
        text, study.MOST_SECONDS if large else study.INTERACTIVE_SECONDS, said
    ),
    experiment.encode_study, study.problem_of, experiment.spec_of,
    lambda call: STUDIES[call.name].cost(call), lines,
)  # fmt: skip
QUESTIONS = (RACE, TRAINING, EXPERIMENT)


def asked(text: str, route: str = "run") -> Question:
    """The kind of question that a text asks, of those whose data are at a route; "" for any."""
    first, *others = (one for one in QUESTIONS if route in ("", one.route))
    given = {part.partition("=")[0] for part in mended(text.removeprefix("?"))[0].split("&")}
    return next((one for one in others if given & (one.keys - first.keys)), first)


def cost_as(made: Format, record: Any) -> Cost:
    """What a record takes in a format, all in all."""
    question = kind_of(record)
    return made.costs.get(question.name, question.cost)(record)


def kind_of(record: Any) -> Question:
    """The kind of a record.

    Raises:
        TypeError: for anything else.
    """
    for question in QUESTIONS:
        if isinstance(record, question.record):
            return question
    raise TypeError(f"Needed is a Scenario, a Lab or query text, not {type(record).__name__}")


def read(what: Any) -> Any:
    """A race or a training, or the one that a query text means; the command line's limits hold.

    Raises:
        QueryError: when the text is not a valid query.
        TypeError: for anything else.
    """
    if isinstance(what, str):
        return asked(what).decode(what, True)
    if kind_of(what).route != RACE.route:
        raise TypeError("Needed is a Scenario, a Lab or query text, not an experiment")
    return what
