"""A surface as one JSON text: map, 3D view and what the page says about it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from plotly.io.json import to_json_plotly

from nnopt_viz.figures.contour import contour_figure
from nnopt_viz.figures.heights import best_and_top
from nnopt_viz.figures.scene import scene_figure
from nnopt_viz.minima import find_minima, summary
from nnopt_viz.own import surface_entry

if TYPE_CHECKING:
    from nnopt_viz.knobs import Call


@lru_cache(maxsize=32)
def surface_json(surface: Call, theme: str) -> str:
    """`{map, scene, facts, summary}`, compact, grids as base64 of float32.

    Args:
        surface: which one, with its knobs.
        theme: "light" or "dark".
    """
    made = {
        # to_dict() packs arrays; the encoder alone would write them out as lists.
        "map": contour_figure(surface, theme).to_dict(),
        "scene": scene_figure(surface, theme).to_dict(),
        "facts": facts(surface),
        "summary": summary(surface),
    }
    return str(to_json_plotly(made, engine="orjson"))


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
