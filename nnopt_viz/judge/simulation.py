"""A scenario becomes numbers: positions, loss and gradient norm, chunk by chunk.

Few lanes run in one fused Python loop a lane, many lanes as NumPy arrays, shaped
(rows, lanes) with lanes last. Which one follows from the number of lanes alone, so a
scenario always takes the same path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.calls import is_morphing
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.drifts import shares
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.pace import breathe
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.formula.expand import MORPH
from nnopt_viz.judge.evaluate import BLOCK, evaluate, loss_range
from nnopt_viz.judge.executors import (
    SCALAR_LANES,
    Draws,
    LaneRun,
    Rows,
    Run,
    ScalarRun,
    program_key,
)
from nnopt_viz.schedules import factors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.judge.setup import Setup

__all__ = ["Chunk", "Ended", "evaluate", "loss_range", "simulate", "starting_points"]

Array = NDArray[np.float64]

FIRST_CHUNK = 48  # steps: soon on the screen
FIRST_POSITIONS = 20_000
CHUNK_POSITIONS = 200_000  # about 8 MB a chunk with everything
AT_ONCE = 8 * BLOCK  # of them are looked at together
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
        lr: learning rate, shape (runs, rows, lanes): row t carries step t's, row 0 step
            1's. Lanes differ only where a schedule watches the loss.
        ended: the lanes that ended in this block.
        x_eval: the iterate to be evaluated, shape of `x`, NaN for runs whose rule names
            none; None when no rule does.
        s: the surface's morph, shape (rows,), row 0 as step 1; None when it stands still.
    """

    first: int
    x: Array
    loss: Array
    grad_norm: Array
    lr: Array
    ended: tuple[Ended, ...]
    x_eval: Array | None = None
    s: Array | None = None


def starting_points(scenario: Setup) -> Array:
    """The lanes' starting points, shape (2, lanes)."""
    entry = STARTS[scenario.start.name]
    bounds = surface_entry(scenario.surface).bounds
    return entry.points(scenario.start, bounds, scenario.seed)


def simulate(scenario: Setup, runs: int | None = None, lanes: int | None = None) -> Iterator[Chunk]:
    """Run all optimizers of a scenario; chunks come as soon as they are ready.

    A lane whose position or loss stops being finite, or that leaves 1000 times the
    surface's box, ends there; the other lanes go on. Loss and gradient norm are exact
    and without noise.

    Args:
        scenario: within the limits (`scenario.problem()` is None).
        runs, lanes: only the first so many of each; to the bit what all together do.

    Yields:
        Chunks in order of steps, each with all runs: a small one first.

    Raises:
        ValueError: when a limit is exceeded.
    """
    problem = scenario.problem()
    if problem is not None:
        raise ValueError(problem[1])
    points = starting_points(scenario)
    runner: type[Run] = ScalarRun if points.shape[1] < SCALAR_LANES else LaneRun
    points = points[:, :lanes].copy()
    lanes = points.shape[1]
    asked = scenario.runs[:runs]
    rates = [learning_rates(scenario, run) for run in asked]
    shifts = morphs(scenario)
    draws = Draws(scenario.seed, lanes, 2 if scenario.noise else 0)
    racers = [
        runner(program_key(scenario, run), points, rate, shifts, scenario.seed)
        for run, rate in zip(asked, rates, strict=True)
    ]
    alive = np.ones((len(racers), lanes), dtype=bool)
    done = 0
    while done < scenario.steps:
        size = _chunk_size(done, scenario.steps, len(racers) * lanes)
        first = 0 if done == 0 else done + 1
        rows = size + (done == 0)
        x = np.empty((2, len(racers), rows, lanes))
        x_eval = np.full_like(x, np.nan) if any(r.evaluates for r in racers) else None
        new = slice(rows - size, rows)
        lr = _rate_rows(racers, rates, done, rows, size, lanes)
        own_lr = lr if lr.flags.writeable else None
        if done == 0:
            x[:, :, 0] = points[:, None]
            if x_eval is not None:
                x_eval[:, [r.evaluates for r in racers], 0] = points[:, None]
        noise = scenario.noise * draws.next(size)
        for i, racer in enumerate(racers):
            extra = None if x_eval is None else x_eval[:, i, new]
            rate = None if own_lr is None else own_lr[i, new]
            racer.advance(done, size, noise, Rows(x[:, i, new], extra, rate), alive[i])
        s = _with_start(shifts, done, size) if scenario.drifts else None
        yield _finish(scenario, Chunk(first, x, x[0], x[0], lr, (), x_eval, s), alive)
        done += size


def learning_rates(scenario: Setup, run: Call) -> Array:
    """The scheduled learning rate of steps 1 … steps, shape (steps,)."""
    schedule = run.call("schedule")
    return run.number("lr") * factors(schedule, scenario.steps)


def morphs(scenario: Setup) -> Array:
    """The surface's morph s at steps 1 … steps, shape (steps,); zeros when it has none."""
    if not is_morphing(scenario.surface):
        return np.zeros(scenario.steps)
    own = scenario.surface.number(MORPH)
    return own + (1.0 - own) * shares(scenario.drift, scenario.steps)


def _with_start(values: Array, done: int, size: int) -> Array:
    """A value for every row of a chunk; row 0, the start, carries step 1's."""
    part = values[done : done + size]
    return np.concatenate([part[:1], part]) if done == 0 else part


def _rate_rows(
    racers: list[Run], rates: list[Array], done: int, rows: int, size: int, lanes: int
) -> Array:
    """The scheduled rates, shape (runs, rows, lanes); read-only unless a rule sets its own."""
    known = np.empty((len(racers), rows))
    for i, rate in enumerate(rates):
        known[i] = _with_start(rate, done, size)
    spread = np.broadcast_to(known[:, :, None], (*known.shape, lanes))
    return spread.copy() if any(racer.sets_rate for racer in racers) else spread


def _chunk_size(done: int, steps: int, width: int) -> int:
    left = steps - done
    if done == 0:
        first = min(FIRST_CHUNK, max(1, FIRST_POSITIONS // width))
        return left if left < 2 * first else first
    return min(left, max(1, CHUNK_POSITIONS // width), 2048)


def _finish(scenario: Setup, made: Chunk, alive: NDArray[np.bool_]) -> Chunk:
    """Put in loss and gradient norm, and blank the rows after a lane's end."""
    first, x, x_eval, s = made.first, made.x, made.x_eval, made.s
    loss, grad_norm = np.empty(x.shape[1:]), np.empty(x.shape[1:])
    inside = np.empty(x.shape[1:], dtype=bool)
    moving = None if s is None else np.broadcast_to(s[:, None], loss.shape).ravel()
    flat, box = x.reshape(2, -1), far_box(scenario)
    for begin in range(0, loss.size, AT_ONCE):
        here = slice(begin, begin + AT_ONCE)
        _look(
            scenario.surface, box, flat[:, here], None if moving is None else moving[here],
            (loss.ravel()[here], grad_norm.ravel()[here], inside.ravel()[here]),
        )  # fmt: skip
    ended: list[Ended] = []
    if not (alive.all() and inside.all()):
        good = inside & alive[:, None, :]
        if first == 0:
            good[:, 0] = True  # the start always has a row
        good = np.logical_and.accumulate(good, axis=1)
        for run, lane in np.argwhere(alive & ~good[:, -1]):
            breathe()
            row = int(good[run, :, lane].sum())
            at = x[:, run, row, lane]
            finite = bool(np.isfinite(at).all() and np.isfinite(loss[run, row, lane]))
            ended.append(
                Ended(int(run), int(lane), first + row, "left" if finite else "not_finite")
            )
        alive &= good[:, -1]
        for array in (x[0], x[1], loss, grad_norm):
            array[~good] = np.nan
        if x_eval is not None:
            x_eval[:, ~good] = np.nan
    return replace(made, loss=loss, grad_norm=grad_norm, ended=tuple(ended))


def _look(
    surface: Call,
    box: tuple[float, float, float, float],
    x: Array,
    s: Array | None,
    found: tuple[Array, Array, NDArray[np.bool_]],
) -> None:
    """Loss, gradient norm, and is it still there, of positions of shape (2, n)."""
    loss, grad_norm, inside = found
    xl, xh, yl, yh = box
    with np.errstate(all="ignore"):
        loss[:], (gx, gy) = evaluate(surface, x[0], x[1], 1, s)
        np.sqrt(gx * gx + gy * gy, out=grad_norm)
        if np.isinf(grad_norm).any():  # its square may be too large where it is not
            grad_norm[:] = np.where(np.isinf(grad_norm), np.hypot(gx, gy), grad_norm)
        inside[:] = (x[0] >= xl) & (x[0] <= xh) & (x[1] >= yl) & (x[1] <= yh) & (loss - loss == 0)


def far_box(scenario: Setup) -> tuple[float, float, float, float]:
    """1000 times the region, about its middle: lowest x, highest x, lowest y, highest y."""
    xl, xh, yl, yh = surface_entry(scenario.surface).bounds
    cx, cy, rx, ry = (xl + xh) / 2, (yl + yh) / 2, FAR * (xh - xl) / 2, FAR * (yh - yl) / 2
    return cx - rx, cx + rx, cy - ry, cy + ry


def starts_outside(scenario: Setup, x: float, y: float) -> bool:
    """Is a start so far away that a race ends there?"""
    xl, xh, yl, yh = far_box(scenario)
    return not (xl <= x <= xh and yl <= y <= yh)
