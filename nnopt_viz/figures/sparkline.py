"""A course over a run the size of a word: a line, as a mask that the style sheet inks."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.declare.drifts import DRIFTS, shares
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.schedules import SCHEDULES, factors

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT, EDGE = 64, 24, 2  # units of the picture; the line is 1.5 wide
STEPS = 500  # of the run shown: the page's default
POINTS = 160  # enough for a pixel's width each


@lru_cache(maxsize=64)
def schedule_picture(name: str) -> str:
    """The schedule's factor at its default knobs, over a run of 500 steps.

    One that watches the loss is shown as it goes on the plainest run: down a bowl, where
    noise lets the loss stand in the end.
    """
    schedule = SCHEDULES.call(name)
    if not SCHEDULES[name].before:
        return sparkline(factors(schedule, STEPS))
    descent = run("sgd", lr=0.01, schedule=schedule)
    down = Scenario(surface("bowl"), (descent,), point(2, 2), STEPS, noise=1.0)
    rates = np.concatenate([chunk.lr[0, :, 0] for chunk in simulate(down)])
    return sparkline(rates / rates[0])


@lru_cache(maxsize=64)
def drift_picture(name: str) -> str:
    """How far the world has changed, at the drift's default knobs."""
    return sparkline(shares(DRIFTS.call(name), STEPS))


def sparkline(factor: NDArray[np.float64]) -> str:
    """A line from left to right, 0 at the foot and 1 at the head, as an SVG data URL.

    Args:
        factor: the factor on lr at each step, shape (steps,), from 0 to 1; what lies
            outside is drawn at the edge.
    """
    shown = np.clip(np.nan_to_num(np.atleast_1d(factor)), 0.0, 1.0)
    places = np.unique(np.linspace(0, len(shown) - 1, POINTS).round().astype(int))
    across = np.linspace(EDGE, WIDTH - EDGE, len(places)) if len(places) > 1 else [EDGE]
    up = HEIGHT - EDGE - shown[places] * (HEIGHT - 2 * EDGE)
    points = [f"{x:.1f} {y:.1f}" for x, y in zip(across, up, strict=True)]
    path = "M" + "L".join(points) + (f"H{WIDTH - EDGE}" if len(points) == 1 else "")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{path}" fill="none" stroke="#000" stroke-width="1.5" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
