"""The few positions that an animated figure shows, and all that it says about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.declare.written import counted
from nnopt_viz.lab.lab import Lab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.figures.heights import Heights
    from nnopt_viz.figures.surface_json import MinimumFound
    from nnopt_viz.race.scenario import Scenario

# Plotly redraws everything in every frame, and every frame carries all it shows.
MOST_FRAMES = 60
MOST_MARKS = 512  # runs x lanes: each is a marker in every frame
MOST_TRAILS = 24  # runs x lanes whose paths are drawn too, as on the page
MOST_ROWS = 480  # positions of one path
MOST_POINTS = 2400  # of all paths together


class TooLargeError(ValueError):
    """More than an animated figure can hold; the message says what fits."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What an animated figure shows.

    Args:
        title: what the runs move on.
        heading: the title of a page of it.
        query: canonical query text.
        names: of the runs.
        verdicts: what became of each run, plain text.
        notes: what there is to say besides, plain sentences.
        curve: what the curves show.
        bounds: left, right, low, high of the map.
        has_one_scale: are a unit of x and one of y as long as each other?
        is_free: do the runs stand at their own height, above or below the sheet?
        steps: the step of every row kept, shape (rows,), evenly spaced but for the last.
        frames: the rows that have a frame, shape (frames,); the first and the last are in it.
        x: positions, shape (2, runs, rows, lanes); NaN after a lane's end.
        loss: shape (runs, rows, lanes).
        shown: at each position what the sheet shows there, shape of `loss`.
        answers: the iterates to be evaluated, shape of `x`, or None when no rule names any.
        grounds: the sheet at every frame; one and the same while it stands still.
        minima: x, y, loss and is_global of each that is marked.
    """

    title: str
    heading: str
    query: str
    names: list[str]
    verdicts: list[str]
    notes: list[str]
    curve: str
    bounds: tuple[float, float, float, float]
    has_one_scale: bool
    is_free: bool
    steps: NDArray[np.int_]
    frames: NDArray[np.intp]
    x: NDArray[np.float64]
    loss: NDArray[np.float64]
    shown: NDArray[np.float64]
    answers: NDArray[np.float64] | None
    grounds: list[Heights]
    minima: list[MinimumFound]

    @property
    def lanes(self) -> int:
        """How many paths each run has."""
        return int(self.x.shape[3])

    @property
    def marks(self) -> int:
        """How many markers move."""
        return len(self.names) * self.lanes

    @property
    def has_trails(self) -> bool:
        """Are there so few paths that each is drawn?"""
        return self.marks <= MOST_TRAILS

    @property
    def after(self) -> str:
        """When the verdicts were given, in words."""
        return f"After {counted(self.last_step, 'step')}"

    @property
    def last_step(self) -> int:
        """The step of the last row."""
        return int(self.steps[-1])

    @property
    def moves(self) -> bool:
        """Does the sheet move?"""
        return any(ground is not self.grounds[0] for ground in self.grounds)

    def ground_at(self, row: int) -> Heights:
        """The sheet as it is at a row."""
        return self.grounds[int(np.searchsorted(self.frames, row))]


def problem(what: Scenario | Lab) -> str | None:
    """Why something does not fit an animated figure, with its size; None when it does."""
    count = len(what.runs) * what.lanes
    if count <= MOST_MARKS:
        return None
    return (
        f"This run moves {count:,} markers ({counted(len(what.runs), 'run')} × "
        f"{counted(what.lanes, _lane(what))}, {what.positions:,} positions); "
        f"one animated page holds at most {MOST_MARKS}."
    )


def _lane(what: Scenario | Lab) -> str:
    return "seed" if isinstance(what, Lab) else "starting point"


def check(what: Scenario | Lab) -> None:
    """Raise TooLargeError when something moves too many markers."""
    why_not = problem(what)
    if why_not is not None:
        raise TooLargeError(f"{why_not} Take fewer runs or {_lane(what)}s.")


def strides(count: int, marks: int) -> tuple[int, int]:
    """How far apart what is kept lies, and what has a frame: the second a multiple of the first.

    Args:
        count: of steps, or of whatever is counted on.
        marks: how many markers move.
    """
    most = MOST_FRAMES
    if marks <= MOST_TRAILS:
        most = max(MOST_FRAMES, min(MOST_ROWS, MOST_POINTS // marks))
    row = -(-count // most)
    return row, row * -(-count // (row * MOST_FRAMES))
