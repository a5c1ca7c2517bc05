"""The two executors: one Python loop a lane for few lanes, NumPy for many.

Both run the program that `formula.expand` made of the rule and the surface.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.runs import Composed, composed
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.pace import breathe
from nnopt_viz.declare.streams import RACE_RULE_DRAWS
from nnopt_viz.formula.compile import ScalarLoop, array_function, scalar_loop
from nnopt_viz.formula.expand import DRIFTING, RECORDED, Program, expand
from nnopt_viz.formula.native import native_loop
from nnopt_viz.formula.once import once
from nnopt_viz.judge.evaluate import surface_of

if TYPE_CHECKING:
    from nnopt_viz.judge.setup import Setup

Array = NDArray[np.float64]

SCALAR_LANES = 24  # below this many lanes one Python loop a lane beats NumPy's call overhead
SOME = 64  # lanes between two breaths, where each takes microseconds
EARNED = 20_000  # steps of a program by the Python loop that take as long as to compile it further
MAX_PROGRAM = 6_000  # operations of one step of an own rule, or on an own surface


@dataclass(frozen=True, slots=True)
class Key:
    """What decides the compiled code of a run: everything but lr, start and steps.

    Args:
        surface: the surface; drifts: its morph moves.
        rule: the run's rule with its modifiers.
        noisy: all runs share noise on their gradients.
        complete: keep the state on which no position depends.
    """

    surface: Call
    rule: Composed
    drifts: bool = False
    noisy: bool = False
    complete: bool = False


def program_key(scenario: Setup, run: Call, complete: bool = False) -> Key:
    """The key of one run of a scenario."""
    return Key(scenario.surface, composed(run), scenario.drifts, scenario.noise > 0, complete)


class Code:
    """A rule on a surface: plain arithmetic, and what was compiled of it so far."""

    def __init__(self, key: Key) -> None:
        surface = surface_of(key.surface, key.drifts)
        knobs = dict(key.rule.knobs)
        program = expand(key.rule.parsed(), surface, knobs, key.noisy, MAX_PROGRAM)
        self.program = program if key.complete else program.pruned()
        self.taken = 0  # steps so far, of all who asked

    @once
    def loop(self) -> ScalarLoop:
        return scalar_loop(self.program)

    @once
    def native(self) -> Any:
        """The same loop as machine code; None where there can be none."""
        return native_loop(self.program)

    @once
    def lane_step(self) -> Any:
        made = self.program
        arrays = tuple(name for name in made.state if name not in made.numbers)
        numbers = tuple(name for name in made.state if name in made.numbers)
        each_step = ("t", "lr", DRIFTING)
        outputs = list(made.update.values())
        return array_function(made.graph, outputs, arrays + made.noise, (*numbers, *each_step))

    @once
    def initial(self) -> Any:
        outputs = list(self.program.initial.values())
        return array_function(self.program.graph, outputs, ("x0", "x1"), ("lr",))


@lru_cache(maxsize=64)
def code_of(key: Key) -> Code:
    """The code of a rule on a surface.

    Raises:
        TooLargeError: when a step has more than MAX_PROGRAM operations.
    """
    return Code(key)


def program_of(key: Key) -> Program:
    """The rule on the surface, as plain arithmetic; raises as `code_of`."""
    return code_of(key).program


class Draws:
    """Standard normal draws, a stream a lane: independent of chunks, runs and lane count.

    Args:
        width: how many draws a step takes.
        stream: further seed words, so that different uses draw different numbers.
        first: the first lane's number.
    """

    def __init__(self, seed: int, lanes: int, width: int, *stream: int, first: int = 0) -> None:
        self.width, self.lanes = width, lanes
        numbers = range(first, first + (lanes if width else 0))
        self.streams = [_generator(seed, lane, *stream) for lane in numbers]

    def next(self, size: int) -> Array:
        """The draws of the next steps, shape (size, width, lanes)."""
        if not self.streams:
            return np.empty((size, 0, self.lanes))
        drawn = np.empty((size, self.width, len(self.streams)))
        for lane, stream in enumerate(self.streams):
            if lane % SOME == 0:
                breathe()
            drawn[:, :, lane] = stream.standard_normal((size, self.width))
        return drawn


def _generator(*words: int) -> np.random.Generator:
    breathe()
    return np.random.default_rng(words)


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a run writes its rows: shapes (2, rows, lanes), and (rows, lanes) for lr.

    Args:
        x: positions.
        x_eval: the iterate to be evaluated; None when no run of the scenario names one.
        lr: the learning rate; None when no rule of the scenario sets its own.
    """

    x: Array
    x_eval: Array | None = None
    lr: Array | None = None


class Run:
    """One optimizer's progress; `advance` writes its next rows.

    Args:
        key: its program.
        points: starts, shape (2, lanes).
        rates: learning rate of every step, shape (steps,).
        shifts: the surface's morph at every step, same shape; zeros when it has none.
        seed: of its own draws.
    """

    def __init__(self, key: Key, points: Array, rates: Array, shifts: Array, seed: int) -> None:
        self.code = code_of(key)
        self.program = self.code.program
        self.rates = rates
        self.shifts = shifts
        self.evaluates = "x_eval0" in self.program.update
        self.sets_rate = "lr_used" in self.program.update
        normals = sum(name.startswith("normal") for name in self.program.noise)
        self.normals = Draws(seed, points.shape[1], normals, RACE_RULE_DRAWS)

    def drawn(self, noise: Array, size: int) -> Array:
        """Gradient noise and the rule's own draws, in the program's order."""
        own = self.normals.next(size)
        if own.shape[1] == 0:
            return noise
        return own if noise.shape[1] == 0 else np.concatenate([noise, own], axis=1)

    def targets(self, rows: Rows) -> list[Array | None]:
        """Where each recorded value goes, in the program's order."""
        found: list[Array | None] = [rows.x[0], rows.x[1]]
        if self.evaluates:
            found += [None, None] if rows.x_eval is None else [rows.x_eval[0], rows.x_eval[1]]
        return [*found, rows.lr] if self.sets_rate else found

    def advance(
        self, done: int, size: int, noise: Array, rows: Rows, alive: NDArray[np.bool_]
    ) -> None:
        """Take `size` steps after `done` steps."""
        raise NotImplementedError


class ScalarRun(Run):
    """One run with few lanes: a fused Python loop for each."""

    def __init__(self, key: Key, points: Array, rates: Array, shifts: Array, seed: int) -> None:
        super().__init__(key, points, rates, shifts, seed)
        self.loop = self.code.loop
        self.is_constant = bool((rates == rates[0]).all())
        program = self.program
        self.states: list[tuple[float, ...]] = []
        with np.errstate(all="ignore"):
            for x0, x1 in points.T.tolist():
                start = self.code.initial(())(np.float64(x0), np.float64(x1), np.float64(rates[0]))
                values = dict(zip(program.initial, map(float, start), strict=True))
                values |= {"x0": x0, "x1": x1}
                self.states.append(tuple(values[name] for name in program.state))

    def advance(
        self, done: int, size: int, noise: Array, rows: Rows, alive: NDArray[np.bool_]
    ) -> None:
        draws = self.drawn(noise, size)
        targets = self.targets(rows)
        take = self._lane if self.code.taken < EARNED or not self.code.native else self._machine
        for lane, state in enumerate(self.states):
            if not alive[lane]:
                continue
            breathe()
            outs, self.states[lane] = take(state, done, size, draws[:, :, lane])
            for target, values in zip(targets, outs, strict=True):
                if target is not None:
                    target[:, lane] = values
            self.code.taken += size

    def _machine(
        self, state: tuple[float, ...], done: int, size: int, noise: Array
    ) -> tuple[Array, tuple[float, ...]]:
        steps = slice(done, done + size)
        made: tuple[Array, tuple[float, ...]] = self.code.native(
            state, float(done), self.rates[steps], self.shifts[steps], noise
        )
        return made

    def _lane(
        self, state: tuple[float, ...], done: int, size: int, noise: Array
    ) -> tuple[list[Array], tuple[float, ...]]:
        steps = slice(done, done + size)
        rates: Any = (
            repeat(float(self.rates[0]), size) if self.is_constant else self.rates[steps].tolist()
        )
        shifts = self.shifts[steps].tolist() if self.program.drifts else None
        draws = noise.tolist() if noise.shape[1] else None
        outs: list[list[float]] = [[] for _ in self.loop.recorded]
        try:
            state = self.loop.fast(state, float(done), rates, shifts, draws, outs)
        except (ZeroDivisionError, OverflowError, ValueError):
            # IEEE has an inf or nan here: the same arithmetic again, without exceptions.
            outs = [[] for _ in self.loop.recorded]
            rates = self.rates[steps].tolist()
            state = self.loop.exact(state, float(done), rates, shifts, draws, outs)
        return [_as_array(values) for values in outs], state


def _as_array(values: list[float]) -> Array:
    return np.frombuffer(struct.pack(f"{len(values)}d", *values))  # 4x faster than np.array


class LaneRun(Run):
    """One run with many lanes: NumPy over all of them at once."""

    def __init__(self, key: Key, points: Array, rates: Array, shifts: Array, seed: int) -> None:
        super().__init__(key, points, rates, shifts, seed)
        self.lanes = points.shape[1]
        program = self.program
        make = self.code.lane_step
        self.steps = (make((self.lanes,)), make((self.lanes,)))  # each writes what the other reads
        with np.errstate(all="ignore"):
            start = self.code.initial((self.lanes,))(points[0], points[1], np.float64(rates[0]))
        values = dict(zip(program.initial, start, strict=True)) | {"x0": points[0], "x1": points[1]}
        self.state = {name: values[name] for name in program.state}
        self.arrays = [name for name in program.state if name not in program.numbers]
        self.numbers = [name for name in program.state if name in program.numbers]

    def advance(
        self, done: int, size: int, noise: Array, rows: Rows, alive: NDArray[np.bool_]
    ) -> None:
        if not alive.any():
            rows.x.fill(np.nan)
            return
        state = self.state
        draws = self.drawn(noise, size)
        recorded = [name for name in RECORDED if name in state]
        written = [
            (name, target)
            for name, target in zip(recorded, self.targets(rows), strict=True)
            if target is not None
        ]
        with np.errstate(all="ignore"):
            for i in range(size):
                breathe()
                step = self.steps[(done + i) % 2]
                results = step(
                    *(state[name] for name in self.arrays),
                    *draws[i],
                    *(state[name] for name in self.numbers),
                    np.float64(done + i + 1),
                    self.rates[done + i],
                    self.shifts[done + i],
                )
                state = dict(zip(self.program.update, results, strict=True))
                for name, target in written:
                    target[i] = state[name]
        self.state = state
