"""One step as a paper would work it out: each line of the rule with its numbers in place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import orjson

from nnopt_viz.compose.runs import composed
from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.written import shown
from nnopt_viz.formula.roles import roles
from nnopt_viz.judge import room, work
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.simulation import learning_rates, morphs
from nnopt_viz.judge.trace import trace
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.formula.trace import Line
    from nnopt_viz.race.scenario import Scenario

PLACE = "^ *[0-9]{1,11} *, *[0-9]{1,11} *, *[0-9]{1,11} *$"  # what a place looks like
PLACES = "run,lane,step; run and lane from 0, step from 1"
_WHOLE = re.compile("-?[0-9]{1,11}")
STEP = 450  # bytes that are held of a step on the way
DIGITS = 4  # as far as a hand would carry them; one less with a power of ten


@dataclass(frozen=True, slots=True)
class Place:
    """Which step of which run: run and lane from 0, step from 1."""

    run: int
    lane: int
    step: int


class InspectedLine(TypedDict):
    """A line of the rule.

    Args:
        role: what it is for.
        shown: its right-hand side with numbers in place, for each coordinate; once for a scalar.
        value: what came of it, likewise.
    """

    text: str
    target: str
    role: str
    shown: list[str]
    value: NDArray[np.float64]


class Inspected(TypedDict):
    """One step of one run.

    Args:
        query: canonical.
        run, lane, step: which one.
        lr: the rate of this step.
        before, after: x, y.
        gradient: at `before`, without noise.
        plain: where a plain gradient step at this rate would have led.
        loss: before and after.
    """

    query: str
    run: int
    lane: int
    step: int
    lr: float
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    gradient: NDArray[np.float64]
    plain: NDArray[np.float64]
    loss: list[float]
    lines: list[InspectedLine]


def place_of(text: str, scenario: Scenario) -> Place:
    """Read `run,lane,step`.

    Raises:
        QueryError: for what is no such place in this scenario; the nearest one is named.
    """
    most = (len(scenario.runs) - 1, scenario.lanes - 1, scenario.steps)
    least = (0, 0, 1)
    allowed = (
        f"run,lane,step: run from 0 to {most[0]}, lane from 0 to {most[1]}, step from 1 to "
        f"{most[2]}, such as 0,0,1"
    )
    parts = [part.strip(" ") for part in text.split(",")]
    is_whole = len(parts) == 3 and all(_WHOLE.fullmatch(part) for part in parts)
    values = [int(part) for part in parts] if is_whole else [0, 0, 1]
    near = [min(max(v, a), b) for v, a, b in zip(values, least, most, strict=True)]
    if not is_whole or near != values or "-" in text:
        nearest = ",".join(map(str, near))
        raise QueryError("inspect", text, f"There is no step {text[:40]!r}.", allowed, nearest)
    return Place(*near)


def inspected_cost(scenario: Scenario, _text: str) -> Cost:
    """What a look at a step takes: at most all of the dearest run's, of one start."""
    units = max(work.tracing(scenario, run) for run in scenario.runs)
    return Cost(units, room.LEAST + STEP * scenario.steps)


def inspected_json(scenario: Scenario, place: Place) -> bytes:
    """Every line of one step: text, numbers in place, result; and what to draw on the map.

    Raises:
        QueryError: when the run had ended before that step.
    """
    lines = trace(scenario, place.run, place.lane, place.step)
    call = scenario.runs[place.run]
    rate = float(learning_rates(scenario, call)[place.step - 1])
    s = float(morphs(scenario)[place.step - 1])
    surface = scenario.surface.replace(s=s) if scenario.drifts else scenario.surface
    before = _before(lines)
    if before is None or not np.isfinite(before).all():
        raise QueryError(
            "inspect", f"{place.run},{place.lane},{place.step}",
            f"This run had ended before step {place.step}.", "a step at which it still runs",
        )  # fmt: skip
    after = next(line.value for line in reversed(lines) if line.target == "x")
    before, after = (np.array(np.broadcast_to(point, (2,))) for point in (before, after))
    _, slope = evaluate(surface, before[0], before[1], 1)
    rule = composed(call).parsed()
    body: Inspected = {
        "query": encode(scenario),
        "run": place.run,
        "lane": place.lane,
        "step": place.step,
        "lr": rate,
        "before": before,
        "after": after,
        "gradient": slope,
        "plain": before - rate * slope,
        "loss": [float(evaluate(surface, point[0], point[1])) for point in (before, after)],
        "lines": [
            _line(line, role) for line, role in zip(lines, roles(rule), strict=True)
        ],
    }  # fmt: skip
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def _before(lines: tuple[Line, ...]) -> NDArray[np.float64] | None:
    """x before the step: the first line that reads or sets it knows."""
    for line in lines:
        if "x" in line.reads:
            return line.reads["x"]
    return None


def _line(line: Line, role: str) -> InspectedLine:
    width = 2 if line.value.ndim else 1
    return {
        "text": line.text,
        "target": line.target,
        "role": role,
        "shown": [_with_numbers(line, i) for i in range(width)],
        "value": np.ascontiguousarray(np.atleast_1d(line.value)),
    }


def _with_numbers(line: Line, i: int) -> str:
    """The right-hand side with a number in place of each of its parts, for one coordinate."""
    written, at = "", line.text.index("=") + 1
    for first, last, value in line.pieces:
        between = _operators(line.text[at:first])
        number = shown(float(value[i] if value.ndim else value), DIGITS)
        is_bare = not (written + between).strip() and not line.text[last:].startswith("**")
        is_long = number[0] == "−" or " " in number
        written += between + (f"({number})" if is_long and not is_bare else number)
        at = last
    return (written + _operators(line.text[at:])).strip()


def _operators(text: str) -> str:
    text = text.replace("**2", "²").replace("**3", "³").replace("**", " ** ")
    return text.replace("*", "·").replace(" ·· ", "^").replace("-", "−")
