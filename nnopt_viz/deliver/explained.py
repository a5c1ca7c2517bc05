"""What a query means, before it is raced: for the editor's live check and preview."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import orjson

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.compose.runs import composed
from nnopt_viz.figures.mathml import formula_markup, mathml
from nnopt_viz.figures.thumbnail import thumbnail
from nnopt_viz.judge.evaluate import surface_of
from nnopt_viz.judge.executors import program_key, program_of
from nnopt_viz.judge.minima import summary
from nnopt_viz.judge.outcome import VERDICTS, outcomes
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.codec import encode

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
        picture: a PNG as a data URL; height is opacity.
    """

    name: str
    formula: str
    mathml: str
    gradient: list[str]
    operations: int
    minima: str
    start: list[float]
    picture: str


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


class Explained(TypedDict):
    """What a query means.

    Args:
        query: canonical.
        steps: of the trial.
    """

    query: str
    surface: ExplainedSurface
    steps: int
    runs: list[ExplainedRun]


def explained_json(scenario: Scenario) -> bytes:
    """Canonical query, the surface typeset with its gradient, and a short trial of each run."""
    trial = replace(scenario, steps=min(scenario.steps, TRIAL_STEPS))
    chunks = list(simulate(trial))
    loss = np.concatenate([chunk.loss[:, :, 0] for chunk in chunks], axis=1)
    shown = np.unique(np.round(np.linspace(0, trial.steps, TRIAL_POINTS)).astype(np.intp))
    ends = outcomes(trial, chunks)
    runs: list[ExplainedRun] = [
        {
            "name": run.name,
            "rule": composed(run).text,
            "operations": len(program_of(program_key(scenario, run)).graph),
            "loss": loss[i, shown],
            "verdict": VERDICTS[ends[i].verdict][0],
        }
        for i, run in enumerate(scenario.runs)
    ]
    body: Explained = {
        "query": encode(scenario),
        "surface": _surface(scenario.surface),
        "steps": trial.steps,
        "runs": runs,
    }
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


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
        "picture": thumbnail(surface, PICTURE),
    }
