"""A scenario as the few positions that an animated figure shows, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.outcome import Watch
from nnopt_viz.simulation import simulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.outcome import Outcome
    from nnopt_viz.scenario import Scenario
    from nnopt_viz.simulation import Chunk

# Plotly redraws everything in every frame, and every frame carries all it shows.
MOST_FRAMES = 60
MOST_MARKS = 512  # runs x starting points: each is a marker in every frame
MOST_TRAILS = 24  # runs x starting points whose paths are drawn too, as on the page
MOST_ROWS = 480  # positions of one path
MOST_POINTS = 2400  # of all paths together


class TooLargeError(ValueError):
    """A scenario with more than an animated figure can hold; the message says what fits."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The positions that are shown.

    Args:
        scenario: what was run.
        steps: the step of every row kept, shape (rows,), evenly spaced but for the last.
        frames: the rows that have a frame, shape (frames,); the first and the last are in it.
        x: positions, shape (2, runs, rows, lanes); NaN after a lane's end.
        loss: shape (runs, rows, lanes).
        answers: the iterates to be evaluated, shape of `x`, or None when no rule names any.
        outcomes: one a run, over all steps.
    """

    scenario: Scenario
    steps: NDArray[np.int_]
    frames: NDArray[np.intp]
    x: NDArray[np.float64]
    loss: NDArray[np.float64]
    answers: NDArray[np.float64] | None
    outcomes: list[Outcome]

    @property
    def has_trails(self) -> bool:
        """Are there so few paths that each is drawn?"""
        return has_trails(self.scenario)


def marks(scenario: Scenario) -> int:
    """How many markers move: runs x starting points."""
    return len(scenario.runs) * scenario.lanes


def has_trails(scenario: Scenario) -> bool:
    """Are there so few paths that each is drawn?"""
    return marks(scenario) <= MOST_TRAILS


def problem(scenario: Scenario) -> str | None:
    """Why a scenario does not fit an animated figure, with its size; None when it does."""
    if marks(scenario) <= MOST_MARKS:
        return None
    return (
        f"This run moves {marks(scenario):,} markers ({len(scenario.runs)} runs × "
        f"{scenario.lanes:,} starting points, {scenario.positions:,} positions); "
        f"one animated page holds at most {MOST_MARKS}."
    )


def strides(scenario: Scenario) -> tuple[int, int]:
    """Steps between two rows kept, and between two frames: the second a multiple of the first."""
    steps = scenario.steps
    most = MOST_FRAMES
    if has_trails(scenario):
        most = max(MOST_FRAMES, min(MOST_ROWS, MOST_POINTS // marks(scenario)))
    row = -(-steps // most)
    return row, row * -(-steps // (row * MOST_FRAMES))


def record(scenario: Scenario) -> Recording:
    """Run a scenario and keep what is shown.

    Raises:
        TooLargeError: when it moves too many markers.
    """
    why_not = problem(scenario)
    if why_not is not None:
        raise TooLargeError(f"{why_not} Take fewer runs or starting points.")
    row, frame = strides(scenario)
    watch = Watch(scenario)
    parts = [_kept(watch.see(chunk), row, scenario.steps) for chunk in simulate(scenario)]
    steps, x, loss, answers = (list(column) for column in zip(*parts, strict=True))
    kept = np.concatenate(steps)
    return Recording(
        scenario=scenario,
        steps=kept,
        frames=np.flatnonzero((kept % frame == 0) | (kept == scenario.steps)),
        x=np.concatenate(x, axis=2),
        loss=np.concatenate(loss, axis=1),
        answers=None if answers[0] is None else np.concatenate(answers, axis=2),
        outcomes=watch.outcomes(),
    )


def _kept(chunk: Chunk, stride: int, last: int) -> tuple[NDArray[np.int_], ...]:
    """Steps, positions, losses and answers of a chunk's rows on the stride, and of the last."""
    steps = chunk.first + np.arange(chunk.x.shape[2])
    wanted = (steps % stride == 0) | (steps == last)
    answers = None if chunk.x_eval is None else chunk.x_eval[:, :, wanted]
    return steps[wanted], chunk.x[:, :, wanted], chunk.loss[:, wanted], answers  # type: ignore[return-value]
