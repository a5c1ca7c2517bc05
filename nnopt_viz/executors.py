"""The two executors: one Python loop a lane for few lanes, NumPy for many.

Both run the program that `formula.expand` made of the rule and the surface.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.evaluate import surface_of
from nnopt_viz.formula.compile import ScalarLoop, array_function, scalar_loop
from nnopt_viz.formula.expand import Program, expand
from nnopt_viz.formula.rule import Rule, parse_rule
from nnopt_viz.knobs import Call
from nnopt_viz.optimizers import OPTIMIZERS

Array = NDArray[np.float64]
Key = tuple[Call, str, tuple[tuple[str, float], ...], bool, bool]


def program_key(surface: Call, run: Call, noisy: bool, complete: bool = False) -> Key:
    """What decides the compiled code of a run: everything but lr, start and steps.

    A complete program also keeps the state on which no position depends.
    """
    own = tuple((k, v) for k, v in run.numbers().items() if k != "lr")
    return surface, run.name, own, noisy, complete


def rule_of(optimizer: str) -> Rule:
    """The parsed rule of a registered optimizer."""
    entry = OPTIMIZERS[optimizer]
    return parse_rule(entry.rule, tuple(knob.name for knob in entry.knobs if knob.name != "lr"))


@lru_cache(maxsize=512)
def program_of(key: Key) -> Program:
    """The rule on the surface, as plain arithmetic."""
    surface, optimizer, knobs, noisy, complete = key
    program = expand(rule_of(optimizer), surface_of(surface), dict(knobs), noisy)
    return program if complete else program.pruned()


@lru_cache(maxsize=512)
def loop_of(key: Key) -> ScalarLoop:
    return scalar_loop(program_of(key))


@lru_cache(maxsize=64)
def _lane_step(key: Key) -> Any:
    made = program_of(key)
    arrays = tuple(name for name in made.state if name not in made.numbers)
    arrays += made.noise
    numbers = tuple(name for name in made.state if name in made.numbers)
    return array_function(made.graph, list(made.update.values()), arrays, (*numbers, "t", "lr"))


@lru_cache(maxsize=512)
def _initial(key: Key) -> Any:
    made = program_of(key)
    return array_function(made.graph, list(made.initial.values()), ("x0", "x1"), ("lr",))


class Draws:
    """Standard normal draws, a stream a lane: independent of chunks, runs and lane count.

    Args:
        width: how many draws a step takes.
        stream: further seed words, so that different uses draw different numbers.
        first: the first lane's number.
    """

    def __init__(self, seed: int, lanes: int, width: int, *stream: int, first: int = 0) -> None:
        self.width = width
        numbers = range(first, first + (lanes if width else 0))
        self.streams = [np.random.default_rng([seed, lane, *stream]) for lane in numbers]

    def next(self, size: int) -> Array:
        """The draws of the next steps, shape (size, width, lanes)."""
        if not self.streams:
            return np.empty((size, 0, 1))
        return np.stack([s.standard_normal((size, self.width)) for s in self.streams], axis=-1)


class Run:
    """One optimizer's progress; `advance` writes positions of shape (2, size, lanes)."""

    def __init__(self, key: Key, points: Array, rates: Array, seed: int) -> None:
        self.program = program_of(key)
        self.rates = rates
        self.evaluates = "x_eval0" in self.program.update
        normals = sum(name.startswith("normal") for name in self.program.noise)
        self.normals = Draws(seed, points.shape[1], normals, 1)

    def drawn(self, noise: Array, size: int) -> Array:
        """Gradient noise and the rule's own draws, in the program's order."""
        own = self.normals.next(size)
        if own.shape[1] == 0:
            return noise
        return own if noise.shape[1] == 0 else np.concatenate([noise, own], axis=1)

    def advance(
        self,
        done: int,
        size: int,
        noise: Array,
        x: Array,
        x_eval: Array | None,
        alive: NDArray[np.bool_],
    ) -> None:
        """Take `size` steps after `done` steps."""
        raise NotImplementedError


class ScalarRun(Run):
    """One run with few lanes: a fused Python loop for each."""

    def __init__(self, key: Key, points: Array, rates: Array, seed: int) -> None:
        super().__init__(key, points, rates, seed)
        self.loop = loop_of(key)
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
        self,
        done: int,
        size: int,
        noise: Array,
        x: Array,
        x_eval: Array | None,
        alive: NDArray[np.bool_],
    ) -> None:
        draws = self.drawn(noise, size)
        for lane, state in enumerate(self.states):
            if not alive[lane]:
                continue
            drawn = draws[:, :, lane].tolist() if draws.shape[1] else None
            outs, self.states[lane] = self._lane(state, done, size, drawn)
            x[0, :, lane], x[1, :, lane] = map(_as_array, outs[:2])
            if x_eval is not None and self.evaluates:
                x_eval[0, :, lane], x_eval[1, :, lane] = map(_as_array, outs[2:])

    def _lane(
        self, state: tuple[float, ...], done: int, size: int, noise: list[list[float]] | None
    ) -> tuple[list[list[float]], tuple[float, ...]]:
        steps = self.rates[done : done + size]
        rates: Any = repeat(float(self.rates[0]), size) if self.is_constant else steps.tolist()
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


def _as_array(values: list[float]) -> Array:
    return np.frombuffer(struct.pack(f"{len(values)}d", *values))  # 4x faster than np.array


class LaneRun(Run):
    """One run with many lanes: NumPy over all of them at once."""

    def __init__(self, key: Key, points: Array, rates: Array, seed: int) -> None:
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
        self,
        done: int,
        size: int,
        noise: Array,
        x: Array,
        x_eval: Array | None,
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
                    *(state[name] for name in self.arrays),
                    *draws[i],
                    *(state[name] for name in self.numbers),
                    np.float64(done + i + 1),
                    self.rates[done + i],
                )
                state = dict(zip(self.program.update, results, strict=True))
                x[0, i], x[1, i] = state["x0"], state["x1"]
                if x_eval is not None and self.evaluates:
                    x_eval[0, i], x_eval[1, i] = state["x_eval0"], state["x_eval1"]
        self.state = state
