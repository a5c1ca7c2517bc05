"""A surface as one JSON text: map, 3D view and what the page says about it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.figures.contour import plain_map
from nnopt_viz.figures.heights import best_and_top
from nnopt_viz.figures.plain import as_text
from nnopt_viz.figures.scene import plain_scene
from nnopt_viz.judge.minima import find_minima, summary

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call


@lru_cache(maxsize=32)
def surface_json(surface: Call, theme: str) -> str:
    """`{map, scene, facts, summary}`, compact, grids as base64 of float32.

    Args:
        surface: which one, with its knobs.
        theme: "light" or "dark".
    """
    made = {
        "map": plain_map(surface, theme),
        "scene": plain_scene(surface, theme),
        "facts": facts(surface),
        "summary": summary(surface),
    }
    return as_text(made)


def facts(surface: Call) -> dict[str, Any]:
    """Minima, bounds, the lowest loss inside them (best) and the greatest height (top)."""
    best, top = best_and_top(surface)
    noise = 1e-12 * 10.0**top  # of the loss range: rounding, not worth a label
    minima = [
        {"x": m.x, "y": m.y, "loss": 0.0 if abs(m.loss) < noise else m.loss,
         "is_global": m.is_global}
        for m in find_minima(surface)
    ]  # fmt: skip
    bounds = list(surface_entry(surface).bounds)
    return {"minima": minima, "bounds": bounds, "best": best, "top": top}
