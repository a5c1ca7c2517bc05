"""What a query means, before anything is run: for the editor's live check, and for programs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import orjson

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.compose.runs import composed
from nnopt_viz.declare.cost import Cost
from nnopt_viz.deliver.questions import EXPERIMENT, TRAINING, Question
from nnopt_viz.experiments import STUDIES
from nnopt_viz.figures.mathml import formula_markup, mathml
from nnopt_viz.figures.thumbnail import FINER, thumbnails
from nnopt_viz.judge import room, work
from nnopt_viz.judge.count import summary
from nnopt_viz.judge.evaluate import surface_of
from nnopt_viz.judge.executors import program_key, program_of
from nnopt_viz.judge.outcome import Watch
from nnopt_viz.judge.simulation import simulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.race.scenario import Scenario

TRIAL_STEPS = 300
TRIAL_POINTS = 100
PICTURE = 96  # pixels a side


class ExplainedSurface(TypedDict):
    """A surface as it was understood.

    Args:
        mathml, gradient: typeset.
        operations: of one evaluation of value and gradient.
        minima: how many there are, in words.
        start: x, y.
        pictures: a PNG as a data URL for each theme.
    """

    name: str
    formula: str
    mathml: str
    gradient: list[str]
    operations: int
    minima: str
    start: list[float]
    pictures: dict[str, str]


class ExplainedRun(TypedDict):
    """A run's short trial.

    Args:
        rule: with the modifiers around it.
        operations: of one step.
        loss: at up to 100 steps from the start to the trial's end.
        verdict: on where the trial ended, in words.
    """

    name: str
    rule: str
    operations: int
    loss: NDArray[np.float64]
    verdict: str


class Meant(TypedDict):
    """What any query means.

    Args:
        question: its kind: race, training or experiment.
        query: canonical.
        notes: sentences about what was read as something else; empty for a canonical text.
        spec: the same as plain values, every knob present.
        cost: what it takes, in units of work: plain operations, whatever the machine.
        bytes: the memory that it holds at once, at most, about.
    """

    question: str
    query: str
    notes: list[str]
    spec: dict[str, Any]
    cost: float
    bytes: float


class Explained(Meant):
    """What a race means.

    Args:
        steps: of the trial.
    """

    surface: ExplainedSurface
    steps: int
    runs: list[ExplainedRun]


class TrainedBy(TypedDict):
    """A run of a training.

    Args:
        rule: with the modifiers around it.
    """

    name: str
    rule: str


class ExplainedTraining(Meant):
    """What a training means.

    Args:
        weights: how many parameters the network has.
        samples: to train on.
        steps: of each run.
    """

    weights: int
    samples: int
    steps: int
    runs: list[TrainedBy]


class ExplainedExperiment(Meant):
    """What an experiment means.

    Args:
        title: what it asks.
        same: what all that is compared shares.
    """

    title: str
    same: str


def explained_cost(question: Question, record: Any) -> Cost:
    """What it takes to say what a record means: of a race, its trial."""
    if question in (EXPERIMENT, TRAINING):
        return Cost(0, 0)
    trial = tried(record)
    picture = work.evaluating(record.surface, (FINER * PICTURE) ** 2)
    return Cost(
        work.stepping(trial) + work.judging(trial) + picture,
        room.stepping(trial) + room.judging(trial),
    )


def explained_json(question: Question, record: Any, notes: list[str]) -> bytes:
    """What a record means, as JSON; `notes`: what was read as something else on the way."""
    cost = question.cost(record)
    meant: Meant = {
        "question": question.name,
        "query": question.encode(record),
        "notes": notes,
        "spec": question.spec(record),
        "cost": cost.units,
        "bytes": cost.bytes,
    }
    if question is EXPERIMENT:
        entry = STUDIES[record.name]
        asks: ExplainedExperiment = {**meant, "title": entry.title, "same": entry.same}
        return orjson.dumps(asks)
    if question is TRAINING:
        runs: list[TrainedBy] = [
            {"name": run.name, "rule": composed(run).text} for run in record.runs
        ]
        trains: ExplainedTraining = {
            **meant, "weights": record.network.size, "samples": len(record.samples.x_train),
            "steps": record.steps, "runs": runs,
        }  # fmt: skip
        return orjson.dumps(trains)
    return orjson.dumps(_race(record, meant), option=orjson.OPT_SERIALIZE_NUMPY)


def tried(scenario: Scenario) -> Scenario:
    """The short trial of a race."""
    return replace(scenario, steps=min(scenario.steps, TRIAL_STEPS))


def _race(scenario: Scenario, meant: Meant) -> Explained:
    """The surface typeset with its gradient, and a short trial of each run."""
    trial = tried(scenario)
    watch = Watch(trial)
    loss = np.concatenate(
        [watch.see(chunk).loss[:, :, 0].copy() for chunk in simulate(trial)], axis=1
    )
    shown = np.unique(np.round(np.linspace(0, trial.steps, TRIAL_POINTS)).astype(np.intp))
    ends = watch.outcomes()
    runs: list[ExplainedRun] = [
        {
            "name": run.name,
            "rule": composed(run).text,
            "operations": len(program_of(program_key(scenario, run)).graph),
            "loss": loss[i, shown],
            "verdict": ends[i].text,
        }
        for i, run in enumerate(scenario.runs)
    ]
    return {**meant, "surface": _surface(scenario.surface), "steps": trial.steps, "runs": runs}


def _surface(surface: Call) -> ExplainedSurface:
    entry = surface_entry(surface)
    names = ("x", "y", *(name for name in surface.numbers()))
    made = surface_of(surface)
    return {
        "name": surface.name,
        "formula": entry.formula,
        "mathml": mathml(entry.formula, names),
        "gradient": [
            formula_markup(made.graph, node, f"∂f/∂{name}")
            for name, node in zip("xy", made.slopes, strict=True)
        ],
        "operations": len(made.graph),
        "minima": summary(surface),
        "start": list(entry.start),
        "pictures": dict(thumbnails(surface, PICTURE)),
    }
