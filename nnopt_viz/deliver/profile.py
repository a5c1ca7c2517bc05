"""The loss along a straight line: the textbook curve, with its minima and where runs stand.

line=x  ·  line=y             through the start, across the region
line=gradient                 through the start, down the steepest way and back up
line=path                     from the start to the first run's end
line=-1,2,3,0.5               between two points
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import orjson

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.cost import Cost
from nnopt_viz.formula.tokens import NUMBER
from nnopt_viz.judge import room, work
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.executors import SCALAR_LANES
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.outcome import surface_at_end
from nnopt_viz.judge.simulation import simulate, starting_points
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.race.scenario import Scenario

    Point = tuple[float, float]

POINTS = 401
NAMED = ("x", "y", "gradient", "path")
LINES = f"{', '.join(NAMED)}, or two points x,y,x,y"
BESIDE = 0.005  # of the line, two of its places: so near is a minimum of the surface on it
FAR = 1e6
_NUMBER = f" *[+-]?{NUMBER} *"
LINE = f"^({'|'.join(NAMED)}|{','.join([_NUMBER] * 4)})$"  # what a line looks like


@dataclass(frozen=True, slots=True)
class Line:
    """From one point to another; `name` says how it was chosen."""

    name: str
    first: Point
    last: Point


class Valley(TypedDict):
    """A minimum of the curve.

    Args:
        at: where, 0 to 1 along the line.
        is_global: is none of the curve's other minima lower?
        is_surface: is it also one of the surface's?
    """

    at: float
    loss: float
    is_global: bool
    is_surface: bool


class Profile(TypedDict):
    """The loss along a line.

    Args:
        query: canonical.
        name: how the line was chosen.
        first, last: x, y of its ends.
        at: places, 0 to 1 along the line.
        loss: there.
        minima: of the curve, without its ends.
    """

    query: str
    name: str
    first: list[float]
    last: list[float]
    at: NDArray[np.float64]
    loss: NDArray[np.float64]
    minima: list[Valley]


def line_of(text: str, scenario: Scenario) -> Line:
    """Read a line; see the module.

    Raises:
        QueryError: for what is no line: what is allowed is named.
    """
    if text in NAMED:
        return Line(text, *_named(text, scenario))
    allowed = f"{LINES} such as -1,2,3,0.5"
    numbers = list(map(float, text.split(","))) if re.fullmatch(LINE, text) else []
    is_short = len(numbers) != 4 or not all(abs(n) <= FAR for n in numbers)
    if is_short or numbers[:2] == numbers[2:]:
        raise QueryError("line", text, f"There is no line {text[:40]!r}.", allowed, "x")
    return Line("points", (numbers[0], numbers[1]), (numbers[2], numbers[3]))


def profile_cost(scenario: Scenario, text: str) -> Cost:
    """What the profile along a line takes; only `path` runs anything."""
    looked = Cost(
        work.searching(scenario.surface) + work.evaluating(scenario.surface, POINTS), room.GROUND
    )
    if text != "path":
        return looked
    lanes = lanes_along(scenario)
    return looked + Cost(work.stepping(scenario, 1, lanes), room.stepping(scenario, 1, lanes))


def profile_json(scenario: Scenario, line: Line) -> bytes:
    """Loss at POINTS places of the line, and the curve's minima."""
    surface = surface_at_end(scenario)
    at = np.linspace(0.0, 1.0, POINTS)
    first, last = np.array(line.first), np.array(line.last)
    points = first[:, None] + at * (last - first)[:, None]
    loss = evaluate(surface, points[0], points[1])
    body: Profile = {
        "query": encode(scenario),
        "name": line.name,
        "first": list(line.first),
        "last": list(line.last),
        "at": at,
        "loss": loss,
        "minima": _valleys(scenario, line, at, loss),
    }
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def _named(name: str, scenario: Scenario) -> tuple[Point, Point]:
    left, right, low, high = surface_entry(scenario.surface).bounds
    x, y = map(float, starting_points(scenario)[:, 0])
    if name == "x":
        return (left, y), (right, y)
    if name == "y":
        return (x, low), (x, high)
    if name == "path":
        end = _end(scenario)
        return ((x, y), end) if end != (x, y) else ((left, y), (right, y))
    _, slope = evaluate(scenario.surface, x, y, 1)
    length = float(np.hypot(*slope))
    if not 0 < length < np.inf:
        return (left, y), (right, y)
    direction = -slope / length
    reach = np.hypot(right - left, high - low)
    return _inside((x, y), direction, -0.2 * reach, 0.8 * reach)


def _inside(
    point: Point, direction: NDArray[np.float64], back: float, on: float
) -> tuple[Point, Point]:
    dx, dy = map(float, direction)
    x, y = point
    return (x + back * dx, y + back * dy), (x + on * dx, y + on * dy)


def _end(scenario: Scenario) -> Point:
    """Where the first run's first start ends."""
    last = np.array([np.nan, np.nan])
    for chunk in simulate(scenario, runs=1, lanes=lanes_along(scenario)):
        path = chunk.x[:, 0, :, 0]
        known = path[:, ~np.isnan(path[0])]
        last = known[:, -1] if known.size else last
    return float(last[0]), float(last[1])


def lanes_along(scenario: Scenario) -> int:
    """How many starts are run for the path of the first: as NumPy does many, alone where one is."""
    return 1 if scenario.lanes < SCALAR_LANES else SCALAR_LANES


def _valleys(
    scenario: Scenario, line: Line, at: NDArray[np.float64], loss: NDArray[np.float64]
) -> list[Valley]:
    """Local minima of the curve, lowest first marked global; both ends left out."""
    finite = np.where(np.isfinite(loss), loss, np.inf)
    inner = np.flatnonzero((finite[1:-1] < finite[:-2]) & (finite[1:-1] <= finite[2:])) + 1
    if not inner.size:
        return []
    best = float(finite[inner].min())
    # Two losses may be farther apart than any number is large.
    near = max(1e-9 * float(finite[np.isfinite(finite)].max()) - 1e-9 * best, 1e-21)
    first, last = np.array(line.first), np.array(line.last)
    length = float(np.hypot(*(last - first)))
    known = find_minima(surface_at_end(scenario))
    return [
        {
            "at": float(at[i]),
            "loss": float(finite[i]),
            "is_global": float(finite[i]) - best <= near,
            "is_surface": any(
                np.hypot(*(first + at[i] * (last - first) - (m.x, m.y))) <= BESIDE * length
                for m in known
            ),
        }
        for i in inner
    ]
