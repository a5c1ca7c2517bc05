"""A surface as one JSON text: map, 3D view and what the page says about it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.cost import Cost
from nnopt_viz.figures.contour import plain_map
from nnopt_viz.figures.curve import plain_curve, plain_steps
from nnopt_viz.figures.heights import LEVELS, extent
from nnopt_viz.figures.plain import Figure, as_text
from nnopt_viz.figures.region import without_limits
from nnopt_viz.figures.scene import plain_scene
from nnopt_viz.figures.ticks import ROUNDING
from nnopt_viz.judge import room, work
from nnopt_viz.judge.count import summary
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.one_weight import has_one_weight

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.figures.heights import Scale

# Measured: points of all grids together, and units to make a picture of each.
LOOKED_AT, GRID = 100_000, 300


class MinimumFound(TypedDict):
    """A minimum inside the bounds: where, how low, and whether none lies lower.

    Args:
        kind: "point", or "curve": one of a curve of equal ones.
    """

    x: float
    y: float
    loss: float
    is_global: bool
    kind: str


class Facts(TypedDict):
    """What the page knows of the surface that it shows.

    Args:
        minima: those inside the bounds, the global ones first, of a curve some; none of those
            that fill an area; none are looked for on a slice.
        bounds: x low, x high, y low, y high.
        best: the lowest loss inside them, up to rounding.
        top: the greatest height of the map.
    """

    minima: list[MinimumFound]
    bounds: tuple[float, float, float, float]
    best: float
    top: float


class Slice(TypedDict):
    """A surface as the page shows it.

    Args:
        map, scene: figures of Plotly's; grids are base64 of float32. Of a surface of one weight
            its curve, and x over the step.
    """

    map: Figure
    scene: Figure
    facts: Facts


class Figures(Slice):
    """The same with a sentence.

    Args:
        map, scene: figures of Plotly's; grids are base64 of float32.
        summary: how many minima there are, in words.
    """

    summary: str


def surface_cost(surface: Call) -> Cost:
    """What the figures of a surface take."""
    units = work.searching(surface) + work.evaluating(surface, LOOKED_AT)
    return Cost(units + GRID * LOOKED_AT, room.GROUND)


@lru_cache(maxsize=32)
def surface_json(
    surface: Call, theme: str, scale: Scale | None = None, levels: int = LEVELS
) -> str:
    """`{map, scene, facts, summary}`, compact, grids as base64 of float32.

    Args:
        surface: which one, with its knobs.
        theme: "light" or "dark".
        scale: of the heights: "log" or "linear"; None for what the surface chooses.
        levels: into how many the map's heights are divided.
    """
    is_curve = has_one_weight(surface)
    made: Figures = {
        "map": plain_curve(surface, theme, scale)
        if is_curve
        else without_limits(plain_map(surface, theme, scale, levels)),
        "scene": plain_steps(surface, theme) if is_curve else plain_scene(surface, theme, scale),
        "facts": facts(surface, scale),
        "summary": summary(surface),
    }
    return as_text(made)


def facts(surface: Call, scale: Scale | None = None) -> Facts:
    """Minima, bounds, the lowest loss inside them (best) and the greatest height (top)."""
    best, top, _ = extent(surface, scale)
    _, tall, unit = extent(surface, "log")
    noise = ROUNDING * unit * 10.0**tall
    minima: list[MinimumFound] = [
        {"x": m.x, "y": m.y, "loss": 0.0 if abs(m.loss) < noise else m.loss,
         "is_global": m.is_global, "kind": m.kind}
        for m in find_minima(surface) if m.kind != "area"
    ]  # fmt: skip
    bounds = surface_entry(surface).bounds
    return {"minima": minima, "bounds": bounds, "best": best, "top": top}
