"""What the keys that a route has of its own look like, for the schema."""

from __future__ import annotations

from typing import Any

from nnopt_viz.deliver import ground
from nnopt_viz.figures.heights import SCALES
from nnopt_viz.query.viewing import LEVELS
from nnopt_viz.web.own_keys import HEIGHT_FORM, LEVELS_FORM, RANGE, RANGE_FORM


def look_keys() -> list[dict[str, Any]]:
    """How a map is drawn."""
    low, high = LEVELS
    levels = {"type": "integer", "minimum": low, "maximum": high}
    height = f"The scale of the heights, {HEIGHT_FORM}; left out, what suits the surface."
    return [
        _key("height", height, {"enum": list(SCALES)}, "log"),
        _key("levels", f"Into how many the heights are divided, {LEVELS_FORM}.", levels, 24),
    ]


def region_keys() -> list[dict[str, Any]]:
    """Which part of a map is drawn, and how."""
    schema = {"type": "string", "pattern": RANGE}
    doc = f"What is drawn along it: {RANGE_FORM}."
    return [*(_key(axis, doc, schema, "-0.5,0.5", True) for axis in "xy"), *look_keys()]


def ground_keys() -> list[dict[str, Any]]:
    """Places."""
    schema = {"type": "string", "pattern": ground.PLACES}
    doc = f"Places along it: {ground.FORM}."
    return [_key(axis, doc, schema, "-2,2,5", True) for axis in "xy"]


def _key(
    name: str, doc: str, schema: dict[str, Any], example: Any, needed: bool = False
) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": needed, "description": doc, "schema": schema,
        "example": example,
    }  # fmt: skip
