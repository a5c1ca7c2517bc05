"""One start of one run, as the detectors read it: its numbers and the surface under them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.runs import composed
from nnopt_viz.formula.once import once
from nnopt_viz.judge.evaluate import evaluate, evaluator
from nnopt_viz.judge.events.stability import Judged, judged
from nnopt_viz.judge.events.words import number, place
from nnopt_viz.judge.ground import diagonal
from nnopt_viz.judge.minima import declared_minima
from nnopt_viz.judge.newton import curvatures
from nnopt_viz.judge.one_weight import has_one_weight
from nnopt_viz.judge.thresholds import Thresholds, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.events.saddles import Saddle
    from nnopt_viz.judge.events.stays import Stay
    from nnopt_viz.judge.outcome import Outcome
    from nnopt_viz.judge.setup import Setup

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lane:
    """What happened to one start of one run, up to its last finite row.

    Args:
        scenario, run, lane: what was raced, and which part of it.
        x: positions, shape (2, rows); row 0 is the start.
        loss, grad_norm: without noise, shape (rows,).
        lr: learning rate; entry t is step t's, shape (rows,).
        s: the surface's morph at each row, shape (rows,), or None when it stands still.
        ended: the first step without a row, or None.
        reason: why it has none: "left", "not_finite", or None.
        outcome: the verdict on this lane.
        stays: the wells it was in; none where there is one minimum or the surface moves.
        saddles: those that it came near.
    """

    scenario: Setup
    run: int
    lane: int
    x: Array
    loss: Array
    grad_norm: Array
    lr: Array
    s: Array | None
    ended: int | None
    reason: str | None
    outcome: Outcome
    stays: list[Stay] = field(default_factory=list)
    saddles: list[Saddle] = field(default_factory=list)

    @property
    def call(self) -> Call:
        return self.scenario.runs[self.run]

    @property
    def last(self) -> int:
        """The last step that has a row."""
        return int(self.loss.size) - 1

    @property
    def is_noisy(self) -> bool:
        """Does chance have a part in its steps?"""
        return self.scenario.noise > 0 or "normal()" in composed(self.call).text

    @once
    def remembers(self) -> bool:
        """Does a step depend on earlier ones, by more than where they led?"""
        return bool(composed(self.call).parsed().state)

    @once
    def limits(self) -> Thresholds:
        """The thresholds that the verdicts use too."""
        return thresholds(self.scenario.surface, self.scenario.tol)

    @once
    def across(self) -> float:
        """The diagonal of the region, unit of x."""
        return float(diagonal(self.scenario.surface))

    @once
    def best(self) -> float:
        """The global minimum's loss; -inf where none is known."""
        surface = self.scenario.surface
        known = [float(evaluate(surface, *m)) for m in declared_minima(surface)]
        return min(known, default=-np.inf)

    @once
    def moves(self) -> Array:
        """What each step added to x, shape (2, rows); entry 0, before any step, is 0."""
        return np.diff(self.x, axis=1, prepend=self.x[:, :1])

    @once
    def lengths(self) -> Array:
        """How far each step went, shape (rows,)."""
        return np.asarray(np.hypot(self.moves[0], self.moves[1]))

    @once
    def gradient(self) -> Array:
        """Exact and without noise, shape (2, rows)."""
        return np.stack(self._derivatives[1:3])

    @once
    def hessian(self) -> Array:
        """Exact, shape (2, 2, rows)."""
        a, b, c = self._derivatives[3:]
        return np.stack([np.stack([a, b]), np.stack([b, c])])

    @once
    def _derivatives(self) -> list[Array]:
        surface, shape = self.scenario.surface, self.loss.shape
        moving = () if self.s is None else (self.s,)
        rows = np.ascontiguousarray(self.x)
        made = evaluator(surface, 2, self.s is not None)(shape)(rows[0], rows[1], *moving)
        return [np.array(np.broadcast_to(part, shape), dtype=np.float64) for part in made]

    @once
    def stability(self) -> Judged | None:
        """Sharpness against the method's stability line, at every step; None without a line."""
        return judged(self)

    @once
    def curvature(self) -> tuple[Array, Array]:
        """The smaller and the larger curvature at each row."""
        return curvatures(self.scenario.surface, self.hessian)

    @once
    def steepest(self) -> Array:
        """Unit vector along which the surface curves up most, shape (2, rows); either sign."""
        h = self.hessian
        angle = 0.5 * np.arctan2(2 * h[0, 1], h[0, 0] - h[1, 1])
        return np.stack([np.cos(angle), np.sin(angle)])

    def place(self, point: Iterable[float]) -> str:
        """A point in words; what is 0, as exactly as minima are found, is 0."""
        plain = [0.0 if abs(v) < 1e-6 * self.across else v for v in point]
        return f"x = {number(plain[0])}" if has_one_weight(self.scenario.surface) else place(plain)

    def slope_along(self) -> Array:
        """Gradient where each step begins times the step: above 0 it sets out uphill."""
        before = np.roll(self.gradient, 1, axis=1)
        return np.asarray((before * self.moves).sum(axis=0))

    def moves_under(self, first: int, last: int) -> bool:
        """Does the surface move between these rows?"""
        return self.s is not None and bool((self.s[first : last + 1] != self.s[first]).any())

    def surface_at(self, row: int) -> Call:
        """The surface as it was at a row."""
        if self.s is None:
            return self.scenario.surface
        return self.scenario.surface.replace(s=float(self.s[row]))


def edges(flags: NDArray[np.bool_], gap: int = 1) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last index of each group of true entries at most `gap` apart, as two arrays."""
    found = np.flatnonzero(flags)
    if not found.size:
        return found, found
    cuts = np.flatnonzero(np.diff(found) > gap)
    return found[np.append(0, cuts + 1)], found[np.append(cuts, found.size - 1)]


def spans(flags: NDArray[np.bool_], gap: int = 1) -> list[tuple[int, int]]:
    """The same as pairs."""
    return list(zip(*(part.tolist() for part in edges(flags, gap)), strict=True))
