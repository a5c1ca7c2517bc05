"""The loss and its gradient at places of a surface, exact to rounding.

x=1.5&y=2                 at one place
x=-2,2,41&y=1,3,21        at every crossing of 41 places along x and 21 along y
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import orjson

from nnopt_viz.declare.cost import Cost
from nnopt_viz.formula.tokens import NUMBER
from nnopt_viz.judge import room, work
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.query.grammar import shorten
from nnopt_viz.query.keys import QueryError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

MOST = 100  # places along an axis
FARTHEST = 1e15
WRITTEN = 200  # units to write a number down
_NUMBER = f" *[+-]?{NUMBER} *"
PLACES = f"^{_NUMBER}(,{_NUMBER}, *[1-9][0-9]{{0,2}} *)?$"  # what places along an axis look like
FORM = f"a number, or from,to,count with a count of at most {MOST}, such as -2,2,41"


@dataclass(frozen=True, slots=True)
class Places:
    """Places along an axis, evenly from the first to the last."""

    first: float
    last: float
    count: int = 1


class Ground(TypedDict):
    """Loss and gradient at places.

    Args:
        x: places along x.
        y: places along y.
        loss: a row for each y, an entry for each x.
        gradient: the derivative by x, then that by y, each like loss.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    loss: list[NDArray[np.float64]]
    gradient: list[list[NDArray[np.float64]]]


def places_of(key: str, text: str) -> Places:
    """Read places along an axis; see the module.

    Raises:
        QueryError: for what is none: what is allowed is named.
    """
    numbers = [float(n) for n in text.split(",")] if re.fullmatch(PLACES, text) else []
    first, last, count = (numbers * 3 if len(numbers) == 1 else numbers) or (math.inf, 0.0, 0.0)
    made = Places(first, last, 1 if len(numbers) == 1 else int(count))
    is_good = made.count <= MOST and all(abs(n) <= FARTHEST for n in (first, last))
    if not is_good or (made.count > 1) != (first != last):
        raise QueryError(key, text, f"There are no places {shorten(text, 40)!r}.", FORM, "0")
    return made


def ground_cost(surface: Call, x: Places, y: Places) -> Cost:
    """What the loss and gradient at places take."""
    points = x.count * y.count
    return Cost(work.sloping(surface, points) + 3 * WRITTEN * points, room.GROUND)


def ground_json(surface: Call, x: Places, y: Places) -> bytes:
    """Loss and gradient at the crossings of the places; what is not finite is null."""
    across = np.linspace(x.first, x.last, x.count)
    up = np.linspace(y.first, y.last, y.count)
    loss, slope = evaluate(surface, *np.meshgrid(across, up), 1)
    shape = (y.count, x.count)
    body: Ground = {
        "x": across,
        "y": up,
        "loss": np.broadcast_to(loss, shape).tolist(),
        "gradient": [np.broadcast_to(part, shape).tolist() for part in slope],
    }
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
