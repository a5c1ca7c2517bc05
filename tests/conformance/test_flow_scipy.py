"""Wells against SciPy's solvers of differential equations, under `make conformance`."""

from __future__ import annotations

import numpy as np
import pytest

from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.events.flow import flow_ends
from nnopt_viz.judge.ground import diagonal
from nnopt_viz.surfaces import SURFACES

pytestmark = pytest.mark.conformance
CURVED = [name for name, entry in SURFACES.items() if not entry.convex]
POINTS, CALLS = 6, 20_000  # of the right side, a point: sliding along a crease takes for ever

SLOW = ("rosenbrock", "michalewicz")  # a long bent valley; ground that is level to 1e-20


class Enough(Exception):
    """It would take too long."""


@pytest.mark.parametrize("name", CURVED)
def test_gradient_flow_ends_where_scipy_s_stiff_solver_leads(name: str) -> None:
    integrate = pytest.importorskip("scipy.integrate")
    call, rng = surface(name), np.random.default_rng(17)
    across, (xl, xh, yl, yh) = diagonal(call), SURFACES[name].bounds
    points = np.stack([rng.uniform(xl, xh, POINTS), rng.uniform(yl, yh, POINTS)])
    calls = 0

    def downhill(_: float, x: np.ndarray) -> np.ndarray:
        nonlocal calls
        calls += 1
        if calls > CALLS:
            raise Enough
        return -evaluate(call, x[0], x[1], 1)[1]

    def arrived(_: float, x: np.ndarray) -> float:
        _, g, h = evaluate(call, x[0], x[1], 2)
        low, high = np.linalg.eigvalsh(h) if np.isfinite(h).all() else (-1.0, 1.0)
        return float(np.hypot(*g) / low - 1e-5 * across) if low > 1e-7 * high else 1.0

    def gone(_: float, x: np.ndarray) -> float:
        return float(1e3 * across - np.hypot(*x))

    arrived.terminal = gone.terminal = True  # type: ignore[attr-defined]
    ours, late = flow_ends(call, points), 0
    for i, start in enumerate(points.T):
        calls = 0
        time = 1e9 * across / max(np.hypot(*downhill(0, start)), 1e-12)
        try:
            with np.errstate(all="ignore"):
                made = integrate.solve_ivp(
                    downhill, (0, time), start, "LSODA", rtol=1e-9, atol=1e-11 * across,
                    events=[arrived, gone],
                )  # fmt: skip
        except Enough:
            continue
        end = made.y[:, -1]
        if made.t_events[0].size and np.isnan(ours[0, i]):
            late += 1  # no well is named where ours takes too many steps
        elif made.t_events[0].size:
            assert np.hypot(*(ours[:, i] - end)) <= 1e-3 * across, (start, ours[:, i], end)
        elif made.t_events[1].size:
            assert np.isnan(ours[0, i]), (start, ours[:, i])
    assert late <= (POINTS * 2 // 3 if name in SLOW else 0), late
