"""The minima that lanes stand at or circle: found, and which of them are the lowest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import FORMULA, surface_entry
from nnopt_viz.judge.below import ground_below
from nnopt_viz.judge.evaluate import evaluate, loss_range
from nnopt_viz.judge.ground import (
    beyond,
    diagonal,
    distance,
    has_steps,
    lowest_around,
    rounding,
    units,
)
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.motion import STILL
from nnopt_viz.judge.thresholds import TOLERANCE, thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.motion import Motion
    from nnopt_viz.judge.thresholds import Thresholds

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LOW = 0.5  # of the rise of the ground within `near`: as high a loss may be beside a minimum


class Lows:
    """The minimum that each lane stands at or circles, as far as one was found."""

    def __init__(self, surface: Call, n: int) -> None:
        self.surface = surface
        self.place = np.full((2, n), np.nan)
        self.loss = np.full(n, np.nan)
        self.noise = np.zeros(n)
        self.kind = np.full(n, "", dtype=object)
        self.found = np.zeros(n, dtype=bool)
        self.is_global = np.zeros(n, dtype=bool)
        self.circling = np.zeros(n, dtype=bool)
        self.best = -math.inf

    def look(
        self, x_end: Array, lanes: NDArray[np.int_], limits: Thresholds, how: Motion, turns: bool
    ) -> None:
        """Find the minimum that lanes have reached: a known one, or what lies below."""
        if not lanes.size:
            return
        x = how.middle if turns else x_end
        reach = limits.near if turns or limits.gap else limits.still
        at, kind, known = self._known(x[:, lanes], reach)
        open_ = np.flatnonzero(~known)
        if open_.size:
            below = ground_below(self.surface, x[:, lanes[open_]], np.full(open_.size, reach))
            at[:, open_] = below.x
            kind[open_] = below.kind
        near = (distance(self.surface, at, x[:, lanes]) <= reach) & (kind != "down")
        if turns:
            room = (limits.still * units(self.surface))[:, None]
            low, high = how.low[:, lanes] - room, how.high[:, lanes] + room
            near &= ((at >= low) & (at <= high)).all(axis=0)
        near[near] = self._is_low(x_end[:, lanes[near]], at[:, near], limits.near)
        won = lanes[near]
        self.place[:, won], self.kind[won] = at[:, near], kind[near]
        self.found[won] = True
        self.circling[won] = turns

    def _is_low(self, x: Array, at: Array, near: float) -> Flags:
        """Is the loss low for the place? Beside a needle of a minimum it is not."""
        around = lowest_around(self.surface, at, np.full(at.shape[1], near), rounds=0)[3]
        low = evaluate(self.surface, *at)
        rise = np.where(np.isfinite(around), around, np.inf).max(axis=1) - low
        above = evaluate(self.surface, *x) - low
        is_low = above < LOW * rise
        if has_steps(self.surface):  # not where the ground falls off a step on the way there
            share = np.linspace(0.0, 1.0, 33)
            way = x[:, :, None] + share * (at - x)[:, :, None]
            jump = np.abs(np.diff(evaluate(self.surface, *way), axis=1)).max(axis=1)
            is_low &= jump <= above / 2 + rounding(self.surface, at)
        return np.asarray(is_low | (above <= 0))

    def _known(self, x: Array, reach: float) -> tuple[Array, NDArray[np.object_], Flags]:
        """The nearest of the known minima, and whether it is within reach."""
        known = find_minima(self.surface)
        kind = np.full(x.shape[1], "", dtype=object)
        at = np.array(x)
        if not known:
            return at, kind, np.zeros(x.shape[1], dtype=bool)
        places = np.array([(m.x, m.y) for m in known]).T
        nearest = np.empty(x.shape[1], dtype=int)
        for part in np.array_split(np.arange(x.shape[1]), 1 + x.shape[1] * len(known) // 10**5):
            apart = distance(self.surface, x[:, part, None], places[:, None, :])
            nearest[part] = apart.argmin(axis=1)
        at = places[:, nearest]
        kind[:] = [known[k].kind for k in nearest]
        return at, kind, distance(self.surface, x, at) <= reach

    def settle(self) -> None:
        """Which of the minima found are the lowest that is known, and how low that is."""
        found = np.flatnonzero(self.found)
        self.loss[found] = evaluate(self.surface, *self.place[:, found])
        lowest = [m for m in find_minima(self.surface) if m.is_global]
        self.best = min((m.loss for m in lowest), default=-math.inf)
        is_own = self.surface.name == FORMULA.name
        if lowest:
            known = np.array([[m.x, m.y] for m in lowest[:1]]).T
            noise = rounding(self.surface, self.place[:, found])
            limit = self.best + noise + rounding(self.surface, known)
            self.is_global[found] = self.loss[found] <= limit
            if not is_own:  # beyond the region only those that are declared are its minima
                _, _, is_declared = self._known(self.place, STILL * diagonal(self.surface))
                self.is_global &= is_declared | ~beyond(self.surface, self.place)
        elif is_own and found.size:
            self._lowest_of_these(found)
        if surface_entry(self.surface).convex:  # there every minimum is one of the lowest
            self.is_global |= self.found
        # level ground is a minimum only where nothing is known to lie lower
        level = self.found & (self.kind == "area") & ~self.is_global
        self.found &= ~level
        self.kind[level] = ""
        self.place[:, level], self.loss[level] = np.nan, np.nan

    def mend(self, x: Array, lanes: NDArray[np.int_], value: Array) -> None:
        """Where an end lies lower than the minimum found below it, as at a tip, it is the end."""
        slack = TOLERANCE * thresholds(self.surface, None).tol
        lower = lanes[value[lanes] < self.loss[lanes] - slack]
        self.place[:, lower], self.loss[lower] = x[:, lower], value[lower]

    def _lowest_of_these(self, found: NDArray[np.int_]) -> None:
        """Where the region has no lowest minimum: that of the runs, if no ground lies lower."""
        first = found[self.loss[found].argmin()]
        ground = min([loss_range(self.surface)[0], *(m.loss for m in find_minima(self.surface))])
        noise = rounding(self.surface, self.place[:, found])
        if self.loss[first] <= ground + noise.max():
            self.best = float(self.loss[first])
            beside = distance(self.surface, self.place[:, found], self.place[:, [first]])
            close = beside <= STILL * diagonal(self.surface)
            self.is_global[found] = close | (self.loss[found] <= self.best + 2 * noise)
