"""Newton's method, made safe: from many points at once to the stationary point of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import EPS, diagonal
from nnopt_viz.judge.one_weight import has_one_weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

ITERATIONS = 60
ROUNDING = 4  # units in the last place of f by which a step may raise it
HALVINGS = 12  # of a step that raises f by more; a point that no such part of it lowers has ended
LEVEL = 1e-12  # of the larger curvature: none
NEAR = 0.2  # of the longest step: steps up to this may be followed by their correction


@dataclass(frozen=True, slots=True)
class Stationary:
    """Where polishing ended, one entry a point.

    Args:
        x: points, shape (2, n).
        loss: f there, shape (n,).
        slope: gradient norm there.
        low, high: the Hessian's smaller and larger eigenvalue there.
    """

    x: NDArray[np.float64]
    loss: NDArray[np.float64]
    slope: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def eigenvalues(hessian: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both eigenvalues of symmetric 2 x 2 matrices, shape (2, 2, …): (smaller, larger)."""
    with np.errstate(all="ignore"):
        mean = (hessian[0, 0] + hessian[1, 1]) / 2
        radius = np.hypot((hessian[0, 0] - hessian[1, 1]) / 2, hessian[0, 1])
        return mean - radius, mean + radius


def curvatures(
    surface: Call, hessian: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The smaller and the larger curvature of a surface; of one weight both are that along x."""
    return (hessian[0, 0],) * 2 if has_one_weight(surface) else eigenvalues(hessian)


def polish(
    surface: Call, x: NDArray[np.float64], downhill: bool = True, iterations: int = ITERATIONS
) -> Stationary:
    """Follow Newton's method from each point to a stationary point.

    Args:
        surface: a call from SURFACES.
        x: points, shape (2, n).
        downhill: use the absolute curvature and accept only steps that lower f, so that
            it ends in a minimum; otherwise plain Newton, which also ends at saddles.
        iterations: how many steps a point may take.

    Returns:
        The end points with f, gradient norm and curvature. Steps are at most 2 % of the
        region's diagonal, so that a point does not jump into another well.
    """
    reach = 0.02 * diagonal(surface)
    with np.errstate(all="ignore"):
        at = _state(surface, np.asarray(x, dtype=np.float64))
        active = np.arange(at.shape[1])  # the others have ended
        before = np.full((2, at.shape[1]), np.nan)
        for left in reversed(range(iterations)):
            step = _newton_step(at[:, active], reach, downhill)
            moves = np.hypot(step[0], step[1]) > 1e-15 * reach
            active, step = active[moves], step[:, moves]
            new = _state(surface, at[:2, active] + step)
            if downhill:
                held = _lower(surface, at[:, active], step, new, reach)
                active, new = active[~held], new[:, ~held]
            if not active.size:
                break
            # Rounding may lead to and fro for all the steps that are left: it is seen where to.
            stands = (new[:2] == at[:2, active]).all(axis=0)
            turns = (new[:2] == before[:, active]).all(axis=0)
            goes = ~turns if left % 2 else np.full(active.size, True)
            before[:, active] = at[:2, active]
            at[:, active[goes]] = new[:, goes]
            active = active[~(stands | turns)]
        low, high = eigenvalues(_hessian(at))
        return Stationary(at[:2], at[2], np.hypot(at[3], at[4]), low, high)


def _state(surface: Call, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """x, y, f, fx, fy, fxx, fxy, fyy at points, shape (8, n)."""
    value, g, h = evaluate(surface, x[0], x[1], 2)
    return np.stack([*x, value, *g, h[0, 0], h[0, 1], h[1, 1]])


def _hessian(at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.reshape(at[[5, 6, 6, 7]], (2, 2, -1))


def _lower(
    surface: Call,
    at: NDArray[np.float64],
    step: NDArray[np.float64],
    new: NDArray[np.float64],
    reach: float,
) -> NDArray[np.bool_]:
    """Mend, in place, the new states whose f is above that before the step.

    A short step along a bent valley leaves its floor: the step after it leads back (the second
    step of a watchdog, Chamberlain et al. 1982). Else the step is halved until it fits.

    Returns:
        Which points found none lower.
    """
    most = at[2] + ROUNDING * np.spacing(np.abs(at[2]))
    held: NDArray[np.bool_] = ~(new[2] <= most)
    failed = np.flatnonzero(held)
    if failed.size:  # all that they may try in one call: it costs as much as hundreds of points
        after = new[:2, failed] + _newton_step(new[:, failed], reach)
        after[:, np.hypot(*step[:, failed]) > NEAR * reach] = np.nan
        parts = 0.5 ** np.arange(1, HALVINGS) * step[:, failed, None]
        tried = np.concatenate([after[:, :, None], at[:2, failed, None] + parts], axis=2)
        fits = evaluate(surface, *tried) <= most[failed, None]
        found = np.flatnonzero(fits.any(axis=1))
        new[:, failed[found]] = _state(surface, tried[:, found, fits.argmax(axis=1)[found]])
        held[failed[found]] = False
    return held


def _newton_step(
    at: NDArray[np.float64], reach: float, downhill: bool = True
) -> NDArray[np.float64]:
    """-H^-1 g no longer than `reach`, with |H| in place of H when only downhill is wanted.

    Along what has no curvature, as a crease or a line of equal saddles, plain Newton has no step.
    """
    gx, gy, xx, xy, yy = at[3:]
    low, high = eigenvalues(_hessian(at))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    along, across = np.cos(angle), np.sin(angle)
    if not downhill:  # the cosine of a right angle is not quite 0: off a crease by that
        along, across = (np.where(np.abs(part) > EPS, part, 0.0) for part in (along, across))
    first = along * gx + across * gy  # component along the eigenvector of `high`
    second = -across * gx + along * gy
    if downhill:
        scale = np.maximum(np.abs(low), np.abs(high))
        high = np.maximum(np.abs(high), 1e-8 * scale)
        low = np.maximum(np.abs(low), 1e-8 * scale)
    else:
        least = LEVEL * np.maximum(np.abs(low), np.abs(high))
        high, low = (np.where(np.abs(bend) > least, bend, np.inf) for bend in (high, low))
    first, second = -first / high, -second / low
    step = np.stack([along * first - across * second, across * first + along * second])
    step[:, ~np.isfinite(step).all(axis=0)] = 0.0
    step *= np.minimum(1.0, reach / np.maximum(np.hypot(step[0], step[1]), 1e-300))
    return step
