"""A scenario becomes numbers: positions, loss and gradient norm, chunk by chunk.

Few lanes run in one fused Python loop a lane, many lanes as NumPy arrays, shaped
(rows, lanes) with lanes last. Which one follows from the number of lanes alone, so a
scenario always takes the same path.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.formula.compile import ScalarLoop, array_function, scalar_loop
from nnopt_viz.formula.expand import (
    COORDINATES,
    Program,
    SurfaceGraph,
    expand,
    lowered,
    surface_graph,
)
from nnopt_viz.formula.parse import expression
from nnopt_viz.formula.rule import parse_rule
from nnopt_viz.knobs import Call
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.scenario import Scenario
from nnopt_viz.schedules import factors
from nnopt_viz.starts import STARTS
from nnopt_viz.surfaces import SURFACES

Array = NDArray[np.float64]

SCALAR_LANES = 24  # below this many lanes one Python loop a lane beats NumPy's call overhead
FIRST_CHUNK = 48  # steps: soon on the screen
CHUNK_POSITIONS = 200_000  # about 8 MB a chunk with everything
FAR = 1000.0  # a lane ends outside this many times the surface's box


@dataclass(frozen=True, slots=True)
class Ended:
    """A lane that went no further: `step` is the first step that has no row."""

    run: int
    lane: int
    step: int
    reason: Literal["not_finite", "left"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A block of consecutive steps of all runs.

    Args:
        first: step of the first row; the first chunk's row 0 is the start.
        x: positions, shape (2, runs, rows, lanes), dimensionless; NaN after an end.
        loss: f at x, without noise, shape (runs, rows, lanes).
        grad_norm: Euclidean norm of the exact gradient at x, same shape.
        lr: learning rate, shape (runs, rows): row t carries step t's, row 0 step 1's.
        ended: the lanes that ended in this block.
        x_eval: the iterate to be evaluated, shape of `x`, NaN for runs whose rule names
            none; None when no rule does.
    """

    first: int
    x: Array
    loss: Array
    grad_norm: Array
    lr: Array
    ended: tuple[Ended, ...]
    x_eval: Array | None = None


@lru_cache(maxsize=256)
def surface_of(call: Call) -> SurfaceGraph:
    """The surface's formula with its knobs put in, and its derivatives."""
    entry = SURFACES[call.name]
    knobs = call.numbers()
    graph, value = expression(entry.formula, (*COORDINATES, *knobs))
    return surface_graph(graph, value, knobs)


@lru_cache(maxsize=256)
def _evaluator(call: Call, order: int) -> Any:
    made = surface_of(call)
    outputs = [made.value]
    if order > 0:
        outputs += made.slopes
    if order > 1:
        (a, b), (_, c) = made.curvature
        outputs += [a, b, c]
    graph, nodes = lowered(made.graph, outputs)
    return array_function(graph, nodes, COORDINATES)


def evaluate(surface: Call, x: Any, y: Any, order: int = 0) -> Any:
    """Loss, gradient and Hessian of a surface at points, exact to rounding.

    Args:
        surface: a call from SURFACES.
        x, y: coordinates, arrays of one shape (or numbers).
        order: 0 for f; 1 for (f, g); 2 for (f, g, H).

    Returns:
        f has the shape of x, g (2, *shape), H (2, 2, *shape). Where f is not defined
        the result is NaN, where it overflows infinite; nothing is raised.
    """
    x, y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    with np.errstate(all="ignore"):
        results = _evaluator(surface, order)(x.shape)(x, y)
    parts = [np.broadcast_to(np.asarray(r, dtype=np.float64), x.shape) for r in results]
    value = parts[0] + 0.0
    if order == 0:
        return value
    slope = np.stack(parts[1:3])
    if order == 1:
        return value, slope
    a, b, c = parts[3:]
    return value, slope, np.stack([np.stack([a, b]), np.stack([b, c])])


@lru_cache(maxsize=512)
def _program(surface: Call, optimizer: str, knobs: tuple[tuple[str, float], ...],
             noisy: bool) -> Program:
    names = tuple(knob.name for knob in OPTIMIZERS[optimizer].knobs if knob.name != "lr")
    rule = parse_rule(OPTIMIZERS[optimizer].rule, names)
    return expand(rule, surface_of(surface), dict(knobs), noisy)


@lru_cache(maxsize=512)
def _loop(program: tuple[Any, ...]) -> ScalarLoop:
    return scalar_loop(_program(*program))


@lru_cache(maxsize=64)
def _lane_step(program: tuple[Any, ...]) -> Any:
    made = _program(*program)
    arrays = tuple(name for name in made.state if name not in made.numbers)
    arrays += made.noise
    numbers = tuple(name for name in made.state if name in made.numbers)
    return array_function(made.graph, list(made.update.values()), arrays, (*numbers, "t", "lr"))


@lru_cache(maxsize=512)
def _initial(program: tuple[Any, ...]) -> Any:
    made = _program(*program)
    return array_function(made.graph, list(made.initial.values()), ("x0", "x1"), ("lr",))


def _key(scenario: Scenario, run: Call) -> tuple[Any, ...]:
    own = tuple((k, v) for k, v in run.numbers().items() if k != "lr")
    return scenario.surface, run.name, own, scenario.noise > 0


def starting_points(scenario: Scenario) -> Array:
    """The lanes' starting points, shape (2, lanes)."""
    entry = STARTS[scenario.start.name]
    bounds = SURFACES[scenario.surface.name].bounds
    return entry.points(scenario.start, bounds, np.random.default_rng(scenario.seed))


def simulate(scenario: Scenario) -> Iterator[Chunk]:
    """Run all optimizers of a scenario; chunks come as soon as they are ready.

    A lane whose position or loss stops being finite, or that leaves 1000 times the
    surface's box, ends there; the other lanes go on. Loss and gradient norm are exact
    and without noise.

    Args:
        scenario: within the limits (`scenario.problem()` is None).

    Yields:
        Chunks in order of steps, each with all runs: a small one first.

    Raises:
        ValueError: when a limit is exceeded.
    """
    problem = scenario.problem()
    if problem is not None:
        raise ValueError(problem[1])
    points = starting_points(scenario)
    lanes = points.shape[1]
    rates = [run.number("lr") * _factors(run, scenario.steps) for run in scenario.runs]
    draws = _Draws(scenario.seed, lanes, 2 if scenario.noise else 0)
    runner: type[_Run] = _ScalarRun if lanes < SCALAR_LANES else _LaneRun
    racers = [
        runner(_key(scenario, run), points, rate, scenario.seed)
        for run, rate in zip(scenario.runs, rates, strict=True)
    ]
    alive = np.ones((len(racers), lanes), dtype=bool)
    done = 0
    while done < scenario.steps:
        size = _chunk_size(done, scenario)
        first = 0 if done == 0 else done + 1
        rows = size + (done == 0)
        x = np.empty((2, len(racers), rows, lanes))
        x_eval = np.full_like(x, np.nan) if any(r.evaluates for r in racers) else None
        lr = np.empty((len(racers), rows))
        if done == 0:
            x[:, :, 0] = points[:, None]
            lr[:, 0] = [rate[0] for rate in rates]
            if x_eval is not None:
                x_eval[:, [r.evaluates for r in racers], 0] = points[:, None]
        noise = scenario.noise * draws.next(size)
        for i, racer in enumerate(racers):
            steps = slice(rows - size, rows)
            lr[i, steps] = rates[i][done : done + size]
            extra = None if x_eval is None else x_eval[:, i, steps]
            racer.advance(done, size, noise, x[:, i, steps], extra, alive[i])
        yield _finish(scenario, first, x, x_eval, lr, alive)
        done += size


def _factors(run: Call, steps: int) -> Array:
    schedule = run["schedule"]
    assert isinstance(schedule, Call)
    return factors(schedule, steps)


def _chunk_size(done: int, scenario: Scenario) -> int:
    left = scenario.steps - done
    if done == 0:
        return left if left < 2 * FIRST_CHUNK else FIRST_CHUNK
    room = max(1, CHUNK_POSITIONS // (len(scenario.runs) * scenario.lanes))
    return min(left, room, 2048)


def _finish(
    scenario: Scenario, first: int, x: Array, x_eval: Array | None, lr: Array,
    alive: NDArray[np.bool_],
) -> Chunk:
    """Add loss and gradient norm, and blank the rows after a lane's end."""
    with np.errstate(all="ignore"):
        shape = x.shape[1:]
        loss, gx, gy = _evaluator(scenario.surface, 1)(shape)(x[0], x[1])
        loss = np.array(np.broadcast_to(loss, shape))
        norm = np.sqrt(gx * gx + gy * gy)
        grad_norm = np.array(np.broadcast_to(norm, shape))
        xl, xh, yl, yh = _far_box(scenario)
        inside = (x[0] >= xl) & (x[0] <= xh) & (x[1] >= yl) & (x[1] <= yh) & (loss - loss == 0)
    ended: list[Ended] = []
    if not (alive.all() and inside.all()):
        good = inside & alive[:, None, :]
        if first == 0:
            good[:, 0] = True  # the start always has a row
        good = np.logical_and.accumulate(good, axis=1)
        for run, lane in np.argwhere(alive & ~good[:, -1]):
            row = int(good[run, :, lane].sum())
            at = x[:, run, row, lane]
            finite = bool(np.isfinite(at).all() and np.isfinite(loss[run, row, lane]))
            ended.append(Ended(int(run), int(lane), first + row, "left" if finite else "not_finite"))
        alive &= good[:, -1]
        for array in (x[0], x[1], loss, grad_norm):
            array[~good] = np.nan
        if x_eval is not None:
            x_eval[:, ~good] = np.nan
    return Chunk(first, x, loss, grad_norm, lr, tuple(ended), x_eval)


def _far_box(scenario: Scenario) -> tuple[float, float, float, float]:
    xl, xh, yl, yh = SURFACES[scenario.surface.name].bounds
    cx, cy, rx, ry = (xl + xh) / 2, (yl + yh) / 2, FAR * (xh - xl) / 2, FAR * (yh - yl) / 2
    return cx - rx, cx + rx, cy - ry, cy + ry


class _Draws:
    """Standard normal draws, a stream a lane: independent of chunks, runs and lane count.

    Args:
        width: how many draws a step takes.
        stream: further seed words, so that different uses draw different numbers.
    """

    def __init__(self, seed: int, lanes: int, width: int, *stream: int) -> None:
        self.width = width
        self.streams = [
            np.random.default_rng([seed, lane, *stream]) for lane in range(lanes if width else 0)
        ]

    def next(self, size: int) -> Array:
        """The draws of the next steps, shape (size, width, lanes)."""
        if not self.streams:
            return np.empty((size, 0, 1))
        return np.stack([s.standard_normal((size, self.width)) for s in self.streams], axis=-1)


class _Run:
    """One optimizer's progress; `advance` writes positions of shape (2, size, lanes)."""

    def __init__(self, key: tuple[Any, ...], points: Array, rates: Array, seed: int) -> None:
        self.program = _program(*key)
        self.rates = rates
        self.evaluates = "x_eval0" in self.program.update
        normals = sum(name.startswith("normal") for name in self.program.noise)
        self.normals = _Draws(seed, points.shape[1], normals, 1)

    def drawn(self, noise: Array, size: int) -> Array:
        """Gradient noise and the rule's own draws, in the program's order."""
        own = self.normals.next(size)
        if own.shape[1] == 0:
            return noise
        return own if noise.shape[1] == 0 else np.concatenate([noise, own], axis=1)

    def advance(
        self, done: int, size: int, noise: Array, x: Array, x_eval: Array | None,
        alive: NDArray[np.bool_],
    ) -> None:
        """Take `size` steps after `done` steps."""
        raise NotImplementedError


class _ScalarRun(_Run):
    """One run with few lanes: a fused Python loop for each."""

    def __init__(self, key: tuple[Any, ...], points: Array, rates: Array, seed: int) -> None:
        super().__init__(key, points, rates, seed)
        self.loop = _loop(key)
        self.is_constant = bool((rates == rates[0]).all())
        program = self.program
        self.states: list[tuple[float, ...]] = []
        with np.errstate(all="ignore"):
            for x0, x1 in points.T.tolist():
                start = _initial(key)(())(np.float64(x0), np.float64(x1), np.float64(rates[0]))
                values = dict(zip(program.initial, map(float, start), strict=True))
                values |= {"x0": x0, "x1": x1}
                self.states.append(tuple(values[name] for name in program.state))

    def advance(
        self, done: int, size: int, noise: Array, x: Array, x_eval: Array | None,
        alive: NDArray[np.bool_],
    ) -> None:
        draws = self.drawn(noise, size)
        for lane, state in enumerate(self.states):
            if not alive[lane]:
                continue
            drawn = draws[:, :, lane].tolist() if draws.shape[1] else None
            outs, self.states[lane] = self._lane(state, done, size, drawn)
            x[0, :, lane] = outs[0]
            x[1, :, lane] = outs[1]
            if x_eval is not None and self.evaluates:
                x_eval[0, :, lane] = outs[2]
                x_eval[1, :, lane] = outs[3]

    def _lane(
        self, state: tuple[float, ...], done: int, size: int, noise: list[list[float]] | None
    ) -> tuple[list[list[float]], tuple[float, ...]]:
        steps = self.rates[done : done + size]
        rates: Any = repeat(float(steps[0]), size) if self.is_constant else steps.tolist()
        outs: list[list[float]] = [[] for _ in self.loop.recorded]
        try:
            return outs, self.loop.fast(state, float(done), rates, noise, outs)
        except (ZeroDivisionError, OverflowError, ValueError):
            # IEEE has an inf or nan here: the same arithmetic again, in NumPy scalars.
            outs = [[] for _ in self.loop.recorded]
            exact = tuple(np.float64(value) for value in state)
            with np.errstate(all="ignore"):
                rest = self.loop.exact(exact, np.float64(done), steps, noise, outs)
            return outs, tuple(float(value) for value in rest)


class _LaneRun(_Run):
    """One run with many lanes: NumPy over all of them at once."""

    def __init__(self, key: tuple[Any, ...], points: Array, rates: Array, seed: int) -> None:
        super().__init__(key, points, rates, seed)
        self.lanes = points.shape[1]
        program = self.program
        make = _lane_step(key)
        self.steps = (make((self.lanes,)), make((self.lanes,)))  # each writes what the other reads
        with np.errstate(all="ignore"):
            start = _initial(key)((self.lanes,))(points[0], points[1], np.float64(rates[0]))
        values = dict(zip(program.initial, start, strict=True)) | {"x0": points[0], "x1": points[1]}
        self.state = {name: values[name] for name in program.state}
        self.arrays = [name for name in program.state if name not in program.numbers]
        self.numbers = [name for name in program.state if name in program.numbers]

    def advance(
        self, done: int, size: int, noise: Array, x: Array, x_eval: Array | None,
        alive: NDArray[np.bool_],
    ) -> None:
        if not alive.any():
            x.fill(np.nan)
            return
        state = self.state
        draws = self.drawn(noise, size)
        with np.errstate(all="ignore"):
            for i in range(size):
                step = self.steps[(done + i) % 2]
                results = step(
                    *(state[name] for name in self.arrays), *draws[i],
                    *(state[name] for name in self.numbers),
                    np.float64(done + i + 1), self.rates[done + i],
                )
                state = dict(zip(self.program.update, results, strict=True))
                x[0, i], x[1, i] = state["x0"], state["x1"]
                if x_eval is not None and self.evaluates:
                    x_eval[0, i], x_eval[1, i] = state["x_eval0"], state["x_eval1"]
        self.state = state


def loss_range(surface: Call, points: int = 101) -> tuple[float, float]:
    """Lowest and highest finite loss on a grid inside the bounds."""
    xl, xh, yl, yh = SURFACES[surface.name].bounds
    loss = evaluate(surface, *np.meshgrid(np.linspace(xl, xh, points), np.linspace(yl, yh, points)))
    finite = loss[np.isfinite(loss)]
    return (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
