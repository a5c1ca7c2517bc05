"""Gradient flow by an explicit method of order 5 with small errors, as a check on ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import diagonal
from nnopt_viz.judge.newton import eigenvalues

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call

# Dormand & Prince 1980, A family of embedded Runge-Kutta formulae, RK5(4)7M.
STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
ERROR = (71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
TOLERANCE = 1e-8  # of the diagonal, a step: a thousandth of ours


def explicit_ends(surface: Call, points: np.ndarray, budget: int = 300) -> np.ndarray:
    """Within 1e-5 of the diagonal of the minimum where flow ends, shape (2, n).

    NaN where it did not arrive within the budget of steps: there it says nothing.
    """
    across = diagonal(surface)
    x, ends = np.array(points, dtype=float), np.full(points.shape, np.nan)
    left = np.arange(x.shape[1])

    def slope(at: np.ndarray) -> np.ndarray:
        return -evaluate(surface, at[0], at[1], 1)[1]

    with np.errstate(all="ignore"):
        k = slope(x)
        h = 1e-4 * across / np.maximum(np.hypot(*k), 1e-300)
        for round_ in range(budget):
            if round_ % 4 == 0:
                low, high = eigenvalues(evaluate(surface, x[0], x[1], 2)[2])
                near = (low > 1e-7 * high) & (np.hypot(*k) <= 1e-6 * across * low)
                ends[:, left[near]] = x[:, near]
                go = ~near & np.isfinite(k).all(axis=0) & (np.hypot(*x) < 1e3 * across)
                left, x, k, h = left[go], x[:, go], k[:, go], h[go]
                if not left.size:
                    break
            ks = [k]
            for row in STAGES:
                new = x + h * sum(a * part for a, part in zip(row, ks, strict=True))
                ks.append(slope(new))
            error = np.hypot(*(h * sum(e * part for e, part in zip(ERROR, ks, strict=True))))
            error = np.maximum(error / (TOLERANCE * across), np.hypot(*(new - x)) / (0.02 * across))
            error = np.where(np.isfinite(error), error, 1e3)
            good = error <= 1
            x, k = np.where(good, new, x), np.where(good, ks[-1], k)
            h = h * np.clip(0.9 * np.maximum(error, 1e-9) ** -0.2, 0.2, 4.0)
    return ends
