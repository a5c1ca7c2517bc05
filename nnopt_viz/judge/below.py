"""What lies below a point: the minimum that Newton's method or a walk down ends in, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import (
    circles,
    descend,
    distance,
    has_kinks,
    has_steps,
    kinds,
    rounding,
)
from nnopt_viz.judge.newton import eigenvalues, polish

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.newton import Stationary

    Array = NDArray[np.float64]

AT_ONCE = 1024  # points whose ground is looked for together
SINGULAR = 1e-6  # of the larger curvature: Newton's steps along so small a one end too soon
BEFORE_EDGES = 2  # circles left out where the loss may jump: the others reach 0.00125 diagonals
DEFINITE = 1e-9  # of the larger curvature: a smaller one that is more than rounding


@dataclass(frozen=True, slots=True)
class Places:
    """Places that were looked at, one entry each.

    Args:
        x: shape (2, n).
        loss, noise: f there and its rounding, shape (n,).
        kind: what each is (`ground.kinds`): "point", "curve", "area" or "down"; "open" where it was
            not looked at.
    """

    x: Array
    loss: Array
    noise: Array
    kind: NDArray[np.str_]

    def only(self, wanted: NDArray[np.bool_] | NDArray[np.int_]) -> Places:
        """Some of them."""
        return Places(self.x[:, wanted], self.loss[wanted], self.noise[wanted], self.kind[wanted])


def joined(parts: list[Places]) -> Places:
    """All of several."""
    return Places(
        np.concatenate([part.x for part in parts], axis=1),
        np.concatenate([part.loss for part in parts]),
        np.concatenate([part.noise for part in parts]),
        np.concatenate([part.kind for part in parts]),
    )


@np.errstate(all="ignore")
def ground_below(surface: Call, x: Array, limit: Array, walks: int | None = None) -> Places:
    """The minimum below each point (2, n) as far as `limit` (region units, (n,)) away.

    Newton's method finds it on smooth ground. Where there are kinks, or the Hessian is singular,
    it is walked down to, and judged by circles; from the lowest points only where `walks` says how
    many, and what the others are is left open.
    """
    if x.shape[1] > AT_ONCE:
        count = -(-x.shape[1] // AT_ONCE)
        halves = zip(np.array_split(x, count, axis=1), np.array_split(limit, count), strict=True)
        each = None if walks is None else walks // count
        return joined([ground_below(surface, *part, each) for part in halves])
    ends = polish(surface, x)
    places = judged(surface, ends.x, ends)
    bend = np.abs(eigenvalues(evaluate(surface, x[0], x[1], 2)[2])).max(axis=0)  # where it began
    singular = np.abs(ends.low) <= SINGULAR * np.fmax(np.abs(ends.high), bend)
    doubtful = (singular | has_kinks(surface)) & (places.kind == "down") & np.isfinite(ends.loss)
    stuck = np.flatnonzero(doubtful)
    if not stuck.size:
        return places
    if walks is not None and stuck.size > walks:
        order = np.argsort(places.loss[stuck], kind="stable")
        places.kind[stuck[order[walks:]]] = "open"
        stuck = stuck[np.sort(order[:walks])]
    is_near = distance(surface, places.x, x) <= limit
    begin = np.where(is_near, places.x, np.asarray(x, dtype=np.float64))[:, stuck]
    again = judged(surface, descend(surface, begin, limit[stuck]))
    for old, new in (
        (places.x.T, again.x.T),
        (places.loss, again.loss),
        (places.noise, again.noise),
        (places.kind, again.kind),
    ):
        old[stuck] = new
    return places


def judged(surface: Call, x: Array, smooth: Stationary | None = None) -> Places:
    """What places are. A positive definite Hessian decides where the ground is smooth."""
    loss = evaluate(surface, *x)
    noise = rounding(surface, x)
    kind = np.full(loss.shape, "down", dtype=object)
    doubtful = np.isfinite(loss)
    if smooth is not None and not has_kinks(surface):
        sure = doubtful & (smooth.low > DEFINITE * np.abs(smooth.high))
        sure &= smooth.slope**2 <= 2 * smooth.low * noise  # what Newton's next step would gain
        kind[sure] = "point"
        doubtful &= ~sure
    for part in np.array_split(np.flatnonzero(doubtful), max(1, int(doubtful.sum()) // 256)):
        if part.size:
            seen = circles(surface, x[:, part], loss[part], noise[part])
            if has_steps(surface):  # what lies behind an edge some way off is another ground
                seen = seen.inner(BEFORE_EDGES)
            kind[part] = kinds(seen, loss[part], noise[part])
    return Places(x, loss, noise, kind.astype("U5"))
