"""The limits that verdicts use on a surface, and the sentence that tells them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.declare.written import percent, shown
from nnopt_viz.judge.evaluate import loss_range
from nnopt_viz.judge.ground import NEAR, diagonal
from nnopt_viz.judge.motion import STILL
from nnopt_viz.judge.stops import FLAT

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call

TOLERANCE = 1e-6  # of the loss range inside the bounds: what events take for none
SLOPE = 1e-3  # of the loss range over the diagonal: what events take for a slope of none


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit that a verdict uses. Lengths are in region units: on a region that is not
    square, x and y count by their own widths.

    Args:
        tol: loss gap that counts as reached, if one was asked for (`gap`); otherwise what
            events take for no difference.
        still: distance that counts as none: from a minimum, and moved over the last steps.
        slope: gradient norm that events count as none.
        near: how far from it a run may circle a minimum.
        gap: was a loss gap asked for?
    """

    tol: float
    still: float
    slope: float
    near: float
    gap: bool

    def sentence(self) -> str:
        """All of them in words, as shown with the verdicts."""
        tol, still, near = shown(self.tol), shown(self.still), shown(self.near)
        reached = (
            f"Reached: a loss within {tol} of the lowest known minimum's, as asked; "
            f"settled: within {tol} of that of the minimum below it"
            if self.gap
            else f"Reached or settled: stopped within {still} of a minimum, at less "
            f"than half of what the ground rises within {near} of it"
        )
        return (
            f"The first of these that fits. Undefined: loss or gradient is not finite at the "
            f"start. Diverged: no longer finite, or outside 1000 times the region. "
            f"{reached}, or circling one within {near} without growing. Stopped: moved "
            f"less than {still} in the last tenth of the steps (8 at least), and not "
            f"walking straight on. A minimum: no way leads down from it; kinked ones count, and "
            f"those of a curve or an area of equal ones. Global: none lower is known in the region "
            f"shown. Saddle: stopped within {still} of a place without slope that "
            f"a way leads down from; a maximum, if none leads up. Crease: stopped where the "
            f"gradient jumps, and a way leads down. Flat: stopped where a walk of {near} changes "
            f"the loss by less than {percent(FLAT)} of what is left to lose. None of these three "
            f"on the way out, a tenth farther from a saddle than before the last steps. Does not "
            f"move: its last steps (8 at least) differ by rounding alone. Cycle: comes back every "
            f"2 to 8 steps. Left: ended outside the region shown."
        )


@lru_cache(maxsize=128)
def thresholds(surface: Call, tol: float | None) -> Thresholds:
    """The limits for a surface; `tol` is a loss gap, None for nearness to a minimum."""
    low, high = loss_range(surface)
    size = min(high - low, 1e300) if high > low else 1.0
    across = diagonal(surface)
    return Thresholds(
        tol=TOLERANCE * size if tol is None else tol,
        still=STILL * across,
        slope=SLOPE * size / across,
        near=NEAR * across,
        gap=tol is not None,
    )
