"""What a picture's question comes to, and which figures of it were kept.

`measured.json` is written by `make claims`; the tests measure all of it again.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.deliver.questions import EXPERIMENT, RACE, TRAINING
from nnopt_viz.experiments.codec import decode_study
from nnopt_viz.experiments.result import finished
from nnopt_viz.formula.once import once
from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.result import result, sharpness
from nnopt_viz.lessons.measured import Race

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.experiments import Finding
    from nnopt_viz.gallery.entry import Entry, Figures
    from nnopt_viz.lab.result import Result

FILE = Path(__file__).with_name("measured.json")
DIGITS = 6  # of a figure that is kept
NOT_YET = "Not yet measured: run make claims."


class Course(Race):
    """A race, and how it comes out at other seeds."""

    def path(self, run: int, lane: int = 0) -> NDArray[np.float64]:
        """Places, shape (2, rows)."""
        return self._x[:, run, :, lane]

    def steps_of(self) -> NDArray[np.intp]:
        """The step of each row."""
        return np.arange(self._loss.shape[1])

    def losses(self, run: int) -> NDArray[np.float64]:
        """Losses of lane 0, shape (rows,)."""
        return self._loss[run, :, 0]

    def answers(self, run: int) -> NDArray[np.float64]:
        """Where a run that averages would be evaluated, of lane 0, shape (2, rows);
        no rows where it does not."""
        parts = [chunk.x_eval for chunk in self._chunks if chunk.x_eval is not None]
        if not parts:
            return np.empty((2, 0))
        found = np.concatenate(parts, axis=2)[:, run, :, 0]
        return found if np.isfinite(found[:, 0]).all() else np.empty((2, 0))

    def travelled(self, run: int) -> NDArray[np.float64]:
        """From start to end, of each lane, shape (2, lanes)."""
        return self._x[:, run, -1] - self._x[:, run, 0]

    def at_seeds(self, count: int) -> list[Course]:
        """The same race at seeds 0 … count - 1."""
        kept = [part for part in self.query.split("&") if not part.startswith("seed=")]
        return [Course("&".join([*kept, f"seed={seed}"])) for seed in range(count)]

    def width(self) -> float:
        """How wide the region of the surface is."""
        left, right, _, _ = surface_entry(self.scenario.surface).bounds
        return right - left


class Training:
    """A training in the lab and what can be asked of it; runs and seeds count from 0."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.lab = decode_lab(query)

    @once
    def result(self) -> Result:
        return result(self.lab)

    def knob(self, run: int, name: str) -> float:
        """A number of a run."""
        return self.lab.runs[run].number(name)

    def loss(self, run: int, row: int = -1, seed: int = 0) -> float:
        """Training loss at a recorded row."""
        return float(self.result.rows.loss[run, row, seed])

    def steps_of(self) -> NDArray[np.intp]:
        """The step of each recorded row."""
        return self.result.rows.steps

    def losses(self, run: int) -> NDArray[np.float64]:
        """Training losses of seed 0, shape (rows,)."""
        return self.result.rows.loss[run, :, 0]

    def test_losses(self, run: int) -> NDArray[np.float64]:
        """The same on the test data."""
        return self.result.rows.test_loss[run, :, 0]

    def accuracy(self, run: int, row: int = -1, seed: int = 0) -> float:
        """Share of right classes on the training data."""
        return float(self.result.rows.accuracy[run, row, seed])

    def test_accuracy(self, run: int, row: int = -1, seed: int = 0) -> float:
        """Share of right classes on the test data."""
        return float(self.result.rows.test_accuracy[run, row, seed])

    @once
    def curvature(self) -> dict[str, Any]:
        """`lab.result.sharpness`: steps, value and line of each run."""
        return sharpness(self.result)


class Experiment:
    """An experiment and the numbers that it found."""

    def __init__(self, query: str) -> None:
        self.call = decode_study(query)

    @once
    def finding(self) -> Finding:
        return finished(self.call)

    def knob(self, name: str) -> float:
        """A number of its settings."""
        return self.call.number(name)

    def number(self, key: str) -> float:
        """The estimate of this key."""
        return self.finding.number(key).value


def measured(entry: Entry) -> Any:
    """What its figures are a function of: a Course, a Training or an Experiment."""
    question = entry.question
    kinds = {RACE.name: Course, TRAINING.name: Training, EXPERIMENT.name: Experiment}
    return kinds[question.name](entry.query)


def figures_of(entry: Entry) -> dict[str, float]:
    """The figures of a picture, measured now, to DIGITS digits.

    Raises:
        ValueError: for one that is not finite: no sentence can say it.
    """
    made = {key: float(value) for key, value in entry.figures(measured(entry)).items()}
    bad = [key for key, value in made.items() if not math.isfinite(value)]
    if bad:
        raise ValueError(f"{entry.name}: not finite: {', '.join(bad)}")
    return {key: float(f"{value:.{DIGITS}g}") for key, value in made.items()}


@lru_cache(maxsize=1)
def kept() -> dict[str, dict[str, Any]]:
    """Name -> {query, figures}, as they were measured."""
    return dict(json.loads(FILE.read_text("utf-8"))) if FILE.is_file() else {}


def figures_kept(entry: Entry) -> Figures | None:
    """The figures that are kept of a picture; None where they were measured of something else."""
    held = kept().get(entry.name)
    return held["figures"] if held and held["query"] == entry.query else None


def sentence(entry: Entry) -> str:
    """The sentence as measured, or that it is not yet."""
    figures = figures_kept(entry)
    try:
        return NOT_YET if figures is None else entry.said(figures)
    except KeyError:
        return NOT_YET
