"""What is seen before the page is there: its bare outline, and the race drawn from a few kilobytes.

Dash and Plotly are two megabytes; on a slow line they take ten seconds. Until then
`assets/first/first.mjs` shows the race of the address, which comes from here.
"""

from __future__ import annotations

import orjson
from flask import Flask, Response, request

from nnopt_viz.declare.cost import Cost
from nnopt_viz.figures.first_look import first_look
from nnopt_viz.figures.surface_json import surface_cost
from nnopt_viz.judge.one_weight import has_one_weight
from nnopt_viz.race import price
from nnopt_viz.race.codec import encode, repair
from nnopt_viz.web.api import answered
from nnopt_viz.web.desk import FREE

ROUTE = "/_first"
MOST = 500_000_000  # units: about half a second; what takes longer is waited for as ever
OUTLINE = """<div id="first" class="first" hidden aria-hidden="true">
      <div class="first-head"><span class="logo"></span> nnopt_viz</div>
      <div class="first-rail"></div>
      <p class="first-words">The map shows the loss at every x and y, as a hiking map shows height.
        Optimizers try to get down to the lowest place.</p>
      <canvas id="first-map" class="first-map"></canvas>
    </div>"""


def register(server: Flask) -> None:
    """Add the route to a Flask server."""
    server.add_url_rule(ROUTE, ROUTE, _first, methods=["GET"])


def _first() -> Response:
    """Of any address: what can't be read is repaired, as the page does, which also says so."""
    scenario, _ = repair(request.query_string.decode("utf-8", "replace"))
    taken, ground = price.cost(scenario), surface_cost(scenario.surface)
    cost = Cost(taken.units + ground.units, max(taken.bytes, ground.bytes))
    if cost.units > MOST or has_one_weight(scenario.surface):  # a curve comes with the page
        return answered(ROUTE, encode(scenario), lambda: b"{}", FREE)
    return answered(ROUTE, encode(scenario), lambda: orjson.dumps(first_look(scenario)), cost)
