"""What is drawn of a race before the page and its libraries have come: a few kilobytes.

The map coarsely, its minima, and the paths: enough for a canvas to show what the page will.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.figures.heights import LEVELS, coarse_grid, is_unequal
from nnopt_viz.figures.palette import PALETTES
from nnopt_viz.figures.relief import look, spans
from nnopt_viz.figures.surface_json import facts
from nnopt_viz.judge.simulation import simulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.race.scenario import Scenario

POINTS = 6_000  # of all paths together
LANES = 24  # starting points whose paths are drawn
FULL = 65535  # the greatest height


def first_look(scenario: Scenario) -> dict[str, Any]:
    """Everything that `assets/first/first.mjs` draws.

    Args:
        scenario: cheap enough to be computed now.

    Returns:
        `bounds`, `isEqual`, `map` (x and y float32, z uint16 of the greatest height, rows of y;
        base64), `levels` (shares of the greatest height), `looks` (theme -> relief), `minima`,
        `steps`, `rows` (the step of each row of a path), `paths` (base64 of float32: x, then y, of
        shape (runs, lanes, rows); NaN where a run has ended).
    """
    grid = coarse_grid(scenario.surface)
    bounds = surface_entry(scenario.surface).bounds
    is_equal = not is_unequal(scenario.surface)
    per = spans(bounds, is_equal)
    share = np.clip(grid.z / grid.top, 0.0, 1.0)
    rows, x, y = _paths(scenario)
    return {
        "bounds": bounds,
        "isEqual": is_equal,
        "map": {
            "x": _text(grid.x.astype("<f4")), "y": _text(grid.y.astype("<f4")),
            "z": _text(np.round(FULL * share).astype("<u2")),
        },
        "levels": [(level + 1) / LEVELS for level in range(LEVELS)],
        "looks": {theme: look(colours, per) for theme, colours in PALETTES.items()},
        "minima": facts(scenario.surface)["minima"],
        "steps": scenario.steps,
        "rows": rows.tolist(),
        "shape": list(x.shape),
        "paths": [_text(x.astype("<f4")), _text(y.astype("<f4"))],
    }  # fmt: skip


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def _paths(scenario: Scenario) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Steps, and x and y of shape (runs, lanes, rows), evenly thinned."""
    chunks = list(simulate(scenario))
    places = np.concatenate([chunk.x[..., :LANES] for chunk in chunks], axis=2)
    _, runs, count, lanes = places.shape
    most = max(2, POINTS // (runs * lanes))
    rows = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
    x, y = np.swapaxes(places[:, :, rows], 2, 3)
    return rows, x, y
