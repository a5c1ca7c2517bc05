"""What the page asks while the map is steered: a part of it finely, and what is true at a place.

Each route takes a race's query, of which the surface alone matters, and keys of its own: `x` and
`y` here say what is asked for, where in `view` of a link they only say what is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.deliver.ground import FORM, ground_cost, ground_json, places_of
from nnopt_viz.figures.region import Region, region_json
from nnopt_viz.figures.surface_json import surface_cost
from nnopt_viz.query.keys import call_text
from nnopt_viz.race.codec import decode
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.web.api import answered, asked, split_theme
from nnopt_viz.web.own_keys import LOOK, RANGE_FORM, levels_of, range_of, scale_of, split_own

if TYPE_CHECKING:
    from flask import Flask, Response


def register(server: Flask) -> None:
    """Add both routes to a Flask server."""
    server.add_url_rule("/region.json", "/region.json", _region, methods=["GET"])
    server.add_url_rule("/ground.json", "/ground.json", _ground, methods=["GET"])


def _region() -> Response:
    def answer(text: str, said: list[str]) -> Response:
        own, rest = split_own(text, {"x": RANGE_FORM, "y": RANGE_FORM}, LOOK)
        region = Region(*range_of("x", own["x"]), *range_of("y", own["y"]))
        scale, levels = scale_of(own.get("height")), levels_of(own.get("levels"))
        theme, rest = split_theme(rest)
        surface = decode(rest, said).surface
        key = f"{call_text(surface, SURFACES)} {theme} {region} {scale} {levels}"
        return answered(
            "/region.json", key, lambda: region_json(surface, theme, region, scale, levels),
            surface_cost(surface),
        )  # fmt: skip

    return asked(answer)


def _ground() -> Response:
    def answer(text: str, said: list[str]) -> Response:
        own, rest = split_own(text, {"x": FORM, "y": FORM})
        x, y = (places_of(key, own[key]) for key in ("x", "y"))
        surface = decode(rest, said).surface
        key = f"{call_text(surface, SURFACES)} {x} {y}"
        cost = ground_cost(surface, x, y)
        return answered("/ground.json", key, lambda: ground_json(surface, x, y), cost)

    return asked(answer)
