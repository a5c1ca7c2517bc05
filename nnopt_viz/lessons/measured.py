"""A race, measured: what the figures and claims of lessons are checked against."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.formula.once import once
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.newton import eigenvalues
from nnopt_viz.judge.outcome import outcomes, surface_at_end
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.codec import decode
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.judge.outcome import Outcome

Value = float | str


class Race:
    """A query's race and what can be asked about it.

    Runs count from 0, in the order of the query. A step of -1 is the last one. With
    several starts (lanes) a measure is of lane 0 unless it says otherwise.
    """

    def __init__(self, query: str) -> None:
        self.query = query
        self.scenario: Scenario = decode(query)

    @once
    def _chunks(self) -> list[Any]:
        return list(simulate(self.scenario))

    @once
    def _x(self) -> NDArray[np.float64]:
        """Positions, shape (2, runs, rows, lanes)."""
        return np.concatenate([chunk.x for chunk in self._chunks], axis=2)

    @once
    def _loss(self) -> NDArray[np.float64]:
        return np.concatenate([chunk.loss for chunk in self._chunks], axis=1)

    @once
    def _lr(self) -> NDArray[np.float64]:
        return np.concatenate([chunk.lr for chunk in self._chunks], axis=1)

    @once
    def _outcomes(self) -> list[Outcome]:
        return outcomes(self.scenario, self._chunks)

    # What was asked for.

    def steps(self) -> float:
        """Steps of every run."""
        return self.scenario.steps

    def runs(self) -> float:
        """How many runs there are."""
        return len(self.scenario.runs)

    def starts(self) -> float:
        """How many starts each run has."""
        return self.scenario.lanes

    def gradient_noise(self) -> float:
        """The standard deviation of the noise that all runs share."""
        return self.scenario.noise

    def steepness(self, axis: str, x: float, y: float) -> float:
        """Size of one coordinate of the gradient at a place."""
        return abs(float(evaluate(self.scenario.surface, x, y, 1)[1]["xy".index(axis)]))

    def knob(self, run: int, name: str) -> float:
        """A number of a run: its lr, momentum or, after dots, that of a call in it."""
        call: Any = self.scenario.runs[run]
        *path, last = name.split(".")
        for word in path:
            call = call[word]
        return float(call[last])

    def of_surface(self, name: str) -> float:
        """A knob of the surface."""
        return self.scenario.surface.number(name)

    # What happened.

    def loss(self, run: int, step: int = -1) -> float:
        """Loss at a step."""
        return float(self._loss[run, step, 0])

    def x(self, run: int, step: int = -1) -> float:
        """First coordinate at a step."""
        return float(self._x[0, run, step, 0])

    def y(self, run: int, step: int = -1) -> float:
        """Second coordinate at a step."""
        return float(self._x[1, run, step, 0])

    def rate(self, run: int, step: int) -> float:
        """The scheduled learning rate that a step used."""
        return float(self._lr[run, step, 0])

    def moved(self, run: int, step: int) -> float:
        """How far a step went."""
        return float(np.hypot(*(self._x[:, run, step, 0] - self._x[:, run, step - 1, 0])))

    def highest(self, run: int) -> float:
        """The highest loss of a run."""
        return float(np.nanmax(self._loss[run, :, 0]))

    def last_loss(self, run: int, share: float = 0.1) -> float:
        """The mean loss over the last share of the steps."""
        tail = max(1, round(self.scenario.steps * share))
        return float(self._loss[run, -tail:, 0].mean())

    def below(self, run: int, loss: float) -> float:
        """The first step with a loss below this; infinite when there is none."""
        found = np.flatnonzero(self._loss[run, :, 0] < loss)
        return float(found[0]) if found.size else math.inf

    def turns(self, run: int, axis: str, until: int = -1) -> float:
        """How often a coordinate changes its sign."""
        line = self._x["xy".index(axis), run, :, 0][: None if until < 0 else until + 1]
        return float((np.diff(np.sign(line)) != 0).sum())

    def passes(self, run: int, degrees: float) -> float:
        """How often a run passes the origin, seen along a direction (degrees from the x axis)."""
        along = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        line = along[0] * self._x[0, run, :, 0] + along[1] * self._x[1, run, :, 0]
        return float((np.diff(np.sign(line)) != 0).sum())

    def verdict(self, run: int) -> str:
        """What became of a run: a key of `outcome.VERDICTS`."""
        return self._outcomes[run].verdict

    def first(self, run: int) -> float:
        """The step from which a run stays at its minimum, as the outcome table says ("settled
        at"); infinite when it does not."""
        found = self._outcomes[run].first_within
        return math.inf if found is None else found

    def ended(self, run: int) -> float:
        """The step at which a run diverged; infinite when it did not."""
        found = self._outcomes[run].ended
        return math.inf if found is None else found

    def count(self, run: int, verdict: str) -> float:
        """How many starts of a run ended so."""
        return self._outcomes[run].counts.get(verdict, 0)

    def away(self, run: int, x: float, y: float, radius: float) -> float:
        """How many starts of a run ended farther than this from a place."""
        return float((np.hypot(self._x[0, run, -1] - x, self._x[1, run, -1] - y) > radius).sum())

    def ends(self, run: int) -> list[tuple[float, float]]:
        """Where each start of a run ended, x and y."""
        return [(float(x), float(y)) for x, y in self._x[:, run, -1].T]

    def worst_end(self, run: int) -> float:
        """The highest loss at which a start of a run ended."""
        return float(self._loss[run, -1].max())

    def best_end(self, run: int) -> float:
        """The lowest loss at which a start of a run ended."""
        return float(self._loss[run, -1].min())

    def highest_start(self) -> float:
        """The highest loss of any start."""
        return float(self._loss[0, 0].max())

    def places(self, run: int) -> float:
        """In how many different places, to a hundredth, the starts of a run ended."""
        return len({tuple(place) for place in np.round(self._x[:, run, -1].T, 2) + 0.0})

    def after(self, run: int) -> float:
        """What a run's end is worth when the world has changed (s = 1)."""
        shift = self._outcomes[run].shift
        return math.nan if shift is None or shift["after"] is None else shift["after"]

    def regret(self, run: int) -> float:
        """The same, above the best there."""
        shift = self._outcomes[run].shift
        return math.nan if shift is None or shift["regret"] is None else shift["regret"]

    def beside(self, query: str) -> Race:
        """Another race, to compare this one with."""
        return Race(query)

    # What the surface is like.

    def minima(self) -> float:
        """How many minima there are inside the region."""
        return len(find_minima(surface_at_end(self.scenario)))

    def minimum_loss(self, rank: int) -> float:
        """Loss of a minimum, the global ones first."""
        return find_minima(surface_at_end(self.scenario))[rank].loss

    def height(self, x: float, y: float) -> float:
        """Loss at a place."""
        return float(evaluate(self.scenario.surface, x, y))

    def slope(self, x: float, y: float) -> float:
        """Size of the gradient at a place."""
        return float(np.hypot(*evaluate(self.scenario.surface, x, y, 1)[1]))

    def steepest(self, x: float, y: float) -> float:
        """The largest curvature at a place."""
        return float(eigenvalues(evaluate(self.scenario.surface, x, y, 2)[2])[1])

    def flattest(self, x: float, y: float) -> float:
        """The smallest curvature at a place."""
        return float(eigenvalues(evaluate(self.scenario.surface, x, y, 2)[2])[0])

    def value(self, measure: str) -> float:
        """The number that a measure names: `loss(0, 12)`, `2/steepest(0, 0)`."""
        return float(_value(ast.parse(measure, mode="eval").body, self))


_SIGNS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {"sqrt": math.sqrt, "abs": abs, "log": math.log}


def _value(node: ast.expr, race: Race) -> Any:
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, race)
        case ast.BinOp(left=left, op=sign, right=right):
            return _SIGNS[type(sign)](_value(left, race), _value(right, race))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            given = [_value(argument, race) for argument in arguments]
            known = _FUNCTIONS.get(name) or getattr(race, name)
            return known(*given)
    raise ValueError(f"a measure can't hold {ast.unparse(node)}")
