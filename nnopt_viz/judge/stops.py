"""Where runs stop that are at no minimum: saddles, creases, flat ground."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate, loss_range
from nnopt_viz.judge.ground import (
    circles,
    diagonal,
    distance,
    has_kinks,
    kinds,
    lowest_around,
    rounding,
    units,
)
from nnopt_viz.judge.motion import STEADY
from nnopt_viz.judge.newton import polish

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.thresholds import Thresholds

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FLAT = 0.02  # of the loss that is left to lose: all that a walk of `near` changes
LEVEL = 0.02  # of what is lost around a place: what its slope explains, if it is stationary
JUMP = 0.1  # of the gradient: by so much it jumps on a crease
AWAY = 1.1  # times as far from a saddle as before its last steps: on its way out
BROAD = 0.2  # of a circle at the same height: a level top, no tip
CLOSE, CLOSER = 2, 5  # circles around a place, the second 64 times smaller
STAYS = 0.6  # of a jump stays when looked at four times as closely; of a bend a quarter


def at_saddles(surface: Call, x: Array, limits: Thresholds) -> tuple[Array, Flags, Flags]:
    """The stationary places next to points that a way leads down from; does none lead up?"""
    rests = polish(surface, x, downhill=False)
    found, top = (np.zeros(x.shape[1], dtype=bool) for _ in range(2))
    close = distance(surface, rests.x, x) <= limits.still
    some = np.flatnonzero(close & np.isfinite(rests.loss) & np.isfinite(rests.slope))
    for part in np.array_split(some, max(1, some.size // 256)):
        if not part.size:
            continue
        loss, noise = rests.loss[part], rounding(surface, rests.x[:, part])
        seen = circles(surface, rests.x[:, part], loss, noise)
        down = kinds(seen, loss, noise) == "down"
        falls = loss - seen.low
        down &= (falls[seen.radius <= limits.still] > noise).any(axis=0)  # not only after a walk
        tip = ~(seen.high > loss + noise).any(axis=0) & (seen.level[CLOSE] < BROAD)
        if has_kinks(surface):  # along a crease it falls at once, beside a saddle ever more
            rate = falls / seen.radius[:, None]
            down &= tip | (rate[CLOSER] <= rate[CLOSE] / 2)
            # nor is it its slope that it falls by, before the crease that lies some way off
            by_slope = rests.slope[part] * seen.radius[:, None] > LEVEL * falls
            down &= ~(by_slope & (LEVEL * falls > noise)).any(axis=0)
        wide = seen.radius >= limits.still / 2
        falls = falls[wide]
        slope = rests.slope[part] * seen.radius[wide, None]  # what the slope alone would lose
        level = (slope <= LEVEL * falls).any(axis=0)
        found[part] = down & level
        top[part] = tip
    return rests.x, found, top


def walks_away(surface: Call, place: Array, rows: Array) -> Flags:
    """Do points get farther from a place than they were, to and fro or not, but for rounding?

    Who swings over it by inertia gets farther too, uphill on one side of it, and comes back.

    Args:
        place: shape (2, n).
        rows: the steps that they walked last, shape (2, n, rows).
    """
    away = distance(surface, place[:, :, None], rows)
    count = rows.shape[2]
    late = away[:, -max(1, count // 4) :].min(axis=1)
    early = away[:, : (count + 1) // 2].max(axis=1)
    size = np.maximum(distance(surface, place, np.zeros_like(place)), diagonal(surface))
    is_far = (away[:, -1] > AWAY * away[:, 0]) & (away[:, -1] > STEADY * size)
    before, now = rows[:, :, -2] - place, rows[:, :, -1] - place
    _, slope = evaluate(surface, rows[0, :, -1], rows[1, :, -1], 1)
    swings = ((slope * now).sum(axis=0) > 0) & ((before * now).sum(axis=0) > 0)
    return np.asarray(is_far & (late > early) & ~swings)


def on_creases(surface: Call, x: Array, reach: Array) -> Flags:
    """Does the gradient jump within reach of these points, however closely one looks?"""
    angle = 2 * np.pi * (np.arange(16) + 0.5) / 16
    unit = units(surface)
    radius = reach[:, None] * 0.25 ** np.arange(12)
    at = x[:, :, None, None] + (
        unit[:, None, None, None]
        * radius[:, :, None]
        * np.stack([np.cos(angle), np.sin(angle)])[:, None, None]
    )
    _, slope = evaluate(surface, at[0], at[1], 1)
    slope = slope * unit[:, None, None, None]
    jump = np.hypot(*(slope.max(axis=-1) - slope.min(axis=-1)))
    size = np.hypot(*slope).max(axis=-1)
    jumps = (jump > JUMP * size) & np.isfinite(jump)
    stays = jump[:, 1:] > STAYS * jump[:, :-1]
    return np.asarray((jumps[:, 1:] & stays).any(axis=1))


def on_flat_ground(surface: Call, x: Array, value: Array, limits: Thresholds, best: float) -> Flags:
    """Does a walk of `near` change next to nothing of what is left to lose?"""
    low, _, _, around = lowest_around(surface, x, np.full(x.shape[1], limits.near), rounds=4)
    ground = min(best if math.isfinite(best) else math.inf, loss_range(surface)[0])
    change = np.maximum(around.max(axis=1), value) - np.minimum(low, value)
    return np.asarray((change <= FLAT * (value - ground)) | (change == 0))
