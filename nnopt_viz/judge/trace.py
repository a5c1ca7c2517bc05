"""One step of one run, line by line: what the rule read and what it assigned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.runs import composed
from nnopt_viz.declare.streams import RACE_RULE_DRAWS
from nnopt_viz.formula.expand import parts
from nnopt_viz.formula.trace import Line, trace_step
from nnopt_viz.formula.words import LANE, VECTOR
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.executors import Draws, Rows, ScalarRun, program_key
from nnopt_viz.judge.one_weight import has_one_weight
from nnopt_viz.judge.simulation import learning_rates, morphs, starting_points

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nnopt_viz.formula.rule import Rule
    from nnopt_viz.formula.trace import Evaluate
    from nnopt_viz.judge.setup import Setup


@dataclass(frozen=True, slots=True)
class Standing:
    """A run before one of its steps, with all that the step reads.

    Args:
        rule: the run's rule, with everything around it.
        values: x (2,), every remembered name, t, lr and the knobs, before the step.
        begun: the remembered names as they were before step 1.
        surface: point (2,) -> (f, gradient (2,), Hessian (2, 2)), as it is at this step.
        noise: added to every gradient of the step, (2,).
        normals: what `normal()` draws, shape (draws, 2).
        has_one_weight: the surface reads x alone.
    """

    rule: Rule
    values: dict[str, NDArray[np.float64]]
    begun: dict[str, NDArray[np.float64]]
    surface: Evaluate
    noise: NDArray[np.float64]
    normals: NDArray[np.float64]
    has_one_weight: bool

    def lines(
        self,
        changed: Mapping[str, NDArray[np.float64]] | None = None,
        instead: Mapping[int, Callable[[NDArray[np.float64]], NDArray[np.float64]]] | None = None,
    ) -> tuple[Line, ...]:
        """The step, line by line; with other values before it, or changed on the way."""
        values = {**self.values, **(changed or {})}
        return trace_step(
            self.rule, values, self.surface, self.noise, self.normals, instead, self.has_one_weight
        )


def trace(scenario: Setup, run: int, lane: int, step: int) -> tuple[Line, ...]:
    """Every assignment of one step of one run.

    Args:
        scenario: what is raced.
        run, lane: which run and start, from 0.
        step: from 1; the position before it is row step - 1.

    Returns:
        The rule's lines in order, each with its new value and what it read.

    Raises:
        IndexError: when there is no such run, lane or step.
    """
    return standing(scenario, run, lane, step).lines()


def standing(scenario: Setup, run: int, lane: int, step: int) -> Standing:
    """A run before one of its steps; arguments and errors as `trace`."""
    points = starting_points(scenario)
    if not (0 <= run < len(scenario.runs) and 0 <= lane < points.shape[1]):
        raise IndexError(f"no run {run} with lane {lane}")
    if not 1 <= step <= scenario.steps:
        raise IndexError(f"step is from 1 to {scenario.steps}, not {step}")
    call = scenario.runs[run]
    rates, shifts = learning_rates(scenario, call), morphs(scenario)
    key = program_key(scenario, call, complete=True)
    racer = ScalarRun(key, points[:, lane : lane + 1], rates, shifts, scenario.seed)
    racer.normals = Draws(scenario.seed, 1, racer.normals.width, RACE_RULE_DRAWS, first=lane)
    noise_draws = Draws(scenario.seed, 1, 2 if scenario.noise else 0, first=lane)
    begun = dict(zip(racer.program.state, racer.states[0], strict=True))
    done = step - 1
    racer.advance(
        0,
        done,
        scenario.noise * noise_draws.next(done),
        Rows(np.empty((2, done, 1))),
        np.ones(1, dtype=bool),
    )
    state = dict(zip(racer.program.state, racer.states[0], strict=True))
    run_rule = composed(call)
    rule = run_rule.parsed()
    values = {name: _whole(state, name) for name in ("x", *rule.state)}
    values |= {name: np.asarray(number) for name, number in run_rule.knobs}
    values |= {"t": np.asarray(float(step)), "lr": np.asarray(rates[done])}
    noise = scenario.noise * noise_draws.next(1)[0, :, 0] if scenario.noise else np.zeros(2)
    normals = racer.normals.next(1)[0, :, 0].reshape(-1, 2)

    surface_now = scenario.surface
    if scenario.drifts:
        surface_now = surface_now.replace(s=float(shifts[done]))

    def surface(point: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        return tuple(evaluate(surface_now, point[0], point[1], 2))

    return Standing(
        rule, values, {name: _whole(begun, name) for name in rule.state},
        surface, noise, normals, has_one_weight(surface_now),  # type: ignore[arg-type]
    )  # fmt: skip


def _whole(state: dict[str, float], name: str) -> NDArray[np.float64]:
    lane, vector = parts(name, LANE), parts(name, VECTOR)
    if lane[0] in state and name != "x":
        return np.asarray(state[lane[0]])
    return np.array([state[part] for part in vector])
