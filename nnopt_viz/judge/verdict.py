"""What became of lanes: the first of the verdicts that fits, for many at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import FORMULA, surface_entry
from nnopt_viz.declare.written import percent, shown
from nnopt_viz.judge.evaluate import evaluate, loss_range
from nnopt_viz.judge.ground import (
    NEAR,
    diagonal,
    distance,
    has_kinks,
    has_steps,
    lowest_around,
    rounding,
    units,
)
from nnopt_viz.judge.minima import find_minima, ground_below
from nnopt_viz.judge.motion import STILL, Motion, motion
from nnopt_viz.judge.stops import FLAT, at_saddles, on_creases, on_flat_ground, walks_away

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# verdict -> (sentence, short form, icon), in the order in which they are tried
VERDICTS: dict[str, tuple[str, str, str]] = {
    "undefined": ("The loss is undefined at the start", "undefined at the start", "undefined"),
    "diverged": ("Diverged", "diverged", "diverged"),
    "global_minimum": ("Reached the global minimum", "global minimum", "star"),
    "local_minimum": ("Settled in a local minimum", "local minimum", "ring"),
    "saddle": ("Stopped at a saddle", "saddle", "saddle"),
    "crease": ("Stuck on a crease", "crease", "crease"),
    "flat": ("Stalled on flat ground", "flat ground", "flat"),
    "unmoved": ("Has not moved", "does not move", "unmoved"),
    "cycle": ("Goes round in a cycle", "cycle", "cycle"),
    "left": ("Left the region", "left the region", "left"),
    "moving": ("Still moving", "still moving", "moving"),
}
MAXIMUM = ("Stopped at a maximum", "maximum")  # a saddle that no way leads up from
TOLERANCE = 1e-6  # of the loss range inside the bounds: what events take for none
SLOPE = 1e-3  # of the loss range over the diagonal: what events take for a slope of none
LOW = 0.5  # of the rise of the ground within `near`: as high a loss may be beside a minimum


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit that a verdict uses. Lengths are in region units: on a region that is not
    square, x and y count by their own widths.

    Args:
        tol: loss gap that counts as reached, if one was asked for (`gap`); otherwise what
            events take for no difference.
        still: distance that counts as none: from a minimum, and moved over the last steps.
        slope: gradient norm that events count as none.
        near: how far from it a run may circle a minimum.
        gap: was a loss gap asked for?
    """

    tol: float
    still: float
    slope: float
    near: float
    gap: bool

    def sentence(self) -> str:
        """All of them in words, as shown with the verdicts."""
        tol, still, near = shown(self.tol), shown(self.still), shown(self.near)
        reached = (
            f"Reached: a loss within {tol} of the lowest known minimum's, as asked; "
            f"settled: within {tol} of that of the minimum below it"
            if self.gap
            else f"Reached or settled: stopped within {still} of a minimum, at less "
            f"than half of what the ground rises within {near} of it"
        )
        return (
            f"The first of these that fits. Undefined: loss or gradient is not finite at the "
            f"start. Diverged: no longer finite, or outside 1000 times the region. "
            f"{reached}, or circling one within {near} without growing. Stopped: moved "
            f"less than {still} in the last tenth of the steps (8 at least), and not "
            f"walking straight on. A minimum: no way leads down from it; kinked ones count, and "
            f"those of a curve or an area of equal ones. Global: none lower is known in the region "
            f"shown. Saddle: stopped within {still} of a place without slope that "
            f"a way leads down from, and not on its way out; a maximum, if none leads up. "
            f"Crease: stopped where the gradient jumps, and a way leads down. Flat: stopped where "
            f"a walk of {near} changes the loss by less than {percent(FLAT)} of what is left to "
            f"lose. Does not move: its last steps (8 at least) differ by rounding alone. Cycle: "
            f"comes back every 2 to 8 steps. Left: ended outside the region shown."
        )


@lru_cache(maxsize=128)
def thresholds(surface: Call, tol: float | None) -> Thresholds:
    """The limits for a surface; `tol` is a loss gap, None for nearness to a minimum."""
    low, high = loss_range(surface)
    size = min(high - low, 1e300) if high > low else 1.0
    across = diagonal(surface)
    return Thresholds(
        tol=TOLERANCE * size if tol is None else tol,
        still=STILL * across,
        slope=SLOPE * size / across,
        near=NEAR * across,
        gap=tol is not None,
    )


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One entry a lane.

    Args:
        name: a key of VERDICTS.
        text: the same as a sentence, with what is special about it.
        short: the same in a word or two.
        x: end, shape (2, n).
        loss: there.
        place: the minimum or saddle recognised, shape (2, n); NaN for none.
        bottom: its loss.
        kind: "point", "curve" or "area" of a minimum; "" for none.
        best: the lowest known loss of a minimum; -inf where none is known.
        lowest: the same, or the loss of a lane's end in the region that is lower still.
        circles: does it circle its minimum?
    """

    name: list[str]
    text: list[str]
    short: list[str]
    x: Array
    loss: Array
    place: Array
    bottom: Array
    kind: NDArray[np.str_]
    best: float
    lowest: float
    circles: Flags


@np.errstate(all="ignore")
def judge(
    surface: Call,
    limits: Thresholds,
    x: Array,
    tail: Array,
    started: Flags,
    peak: Array,
    ended: Flags,
    recent: int,
) -> Verdicts:
    """The verdict on each lane.

    Args:
        surface: as it is at the end.
        limits: its thresholds.
        x: ends, shape (2, n).
        tail: the last rows (`motion.window`), shape (2, n, rows).
        started: were loss and gradient finite at the start?
        peak: the farthest that it was from its start, region units, (n,).
        ended: did it diverge?
        recent: how many of the last steps decide whether it stands (`motion.standing`).
    """
    n = x.shape[1]
    how = motion(tail, units(surface), limits.still, recent)
    value = evaluate(surface, *x)
    low = _Lows(surface, n)
    alive = started & ~ended & np.isfinite(value)
    stands, turns = how.stands & alive, how.circles & alive & (how.size <= limits.near)
    low.look(x, np.flatnonzero(alive & ~turns if limits.gap else stands), limits, how, False)
    low.look(x, np.flatnonzero(turns), limits, how, True)
    low.settle()
    reached = low.found & (low.circling | stands)
    best = low.best
    if limits.gap:
        reached = low.found & (low.circling | (value - low.loss <= limits.tol))
    low.mend(x, np.flatnonzero(reached & ~low.circling), value)
    is_best = reached & low.is_global
    if limits.gap:
        xl, xh, yl, yh = surface_entry(surface).bounds
        outside = (x[0] < xl) | (x[0] > xh) | (x[1] < yl) | (x[1] > yh)
        below = outside & (value < best - limits.tol)  # lower ground beyond the region
        is_best = alive & (value - best <= limits.tol) & ~below
    rest = np.flatnonzero(stands & ~reached & ~is_best)
    saddle, crease, flat, top = (np.zeros(n, dtype=bool) for _ in range(4))
    if rest.size:
        place, is_saddle, is_top = at_saddles(surface, x[:, rest], limits)
        leaves = is_saddle & walks_away(surface, place, tail[:, rest, -recent - 1 :])
        is_saddle &= ~leaves  # on its way out, however short its steps are yet
        saddle[rest], top[rest] = is_saddle, is_top
        low.place[:, rest[is_saddle]] = place[:, is_saddle]
        low.loss[rest[is_saddle]] = evaluate(surface, *place[:, is_saddle])
        # who goes to and fro crosses it within the box of its steps: two circles hold all of that
        round_all = np.where(how.straight[rest], 1, 4) * np.minimum(how.size[rest], limits.still)
        reach = np.maximum(round_all, limits.still / 64)
        crease[rest] = ~leaves & (has_kinks(surface) and on_creases(surface, x[:, rest], reach))
        flat[rest] = ~leaves & on_flat_ground(surface, x[:, rest], value[rest], limits, best)
    names = _first(
        {
            "undefined": ~started,
            "diverged": ended,
            "global_minimum": is_best,
            "local_minimum": reached,
            "saddle": saddle,
            "crease": crease,
            "flat": flat,
            "unmoved": how.rests >= recent,
            "cycle": (how.period > 0) & ~stands,
            "left": _outside(surface, x),
        }
    )
    went = peak > 0
    tops = top & (np.array(names) == "saddle")
    texts = _texts(names, low, how, went, limits)
    shorts = [VERDICTS[name][1] for name in names]
    for i in np.flatnonzero(tops):
        texts[i], shorts[i] = MAXIMUM
    inside = value[alive & ~_outside(surface, x)]
    lowest = min(best, float(inside.min(initial=math.inf)))
    return Verdicts(
        names, texts, shorts, x, value, low.place, low.loss, low.kind, best, lowest, low.circling
    )


def _outside(surface: Call, x: Array) -> Flags:
    xl, xh, yl, yh = surface_entry(surface).bounds
    return np.asarray((x[0] < xl) | (x[0] > xh) | (x[1] < yl) | (x[1] > yh))


def _first(conditions: dict[str, Flags]) -> list[str]:
    """The first that holds, for each lane; `moving` where none does."""
    names = np.full(next(iter(conditions.values())).shape, "moving", dtype=object)
    for name in reversed(conditions):
        names[conditions[name]] = name
    return [str(name) for name in names]


def _texts(names: list[str], low: _Lows, how: Motion, went: Flags, limits: Thresholds) -> list[str]:
    """The verdicts' sentences, with what is special about them."""
    several = sum(m.is_global for m in find_minima(low.surface)) > 1
    outside, is_own = _outside(low.surface, low.place), low.surface.name == FORMULA.name
    made = []
    for i, name in enumerate(names):
        text, period, rests = VERDICTS[name][0], int(how.period[i]), int(how.rests[i])
        if name == "global_minimum" and not (low.found[i] and low.is_global[i]):
            text = f"Within {shown(limits.tol)} of the lowest known loss"  # as asked
        elif name in ("global_minimum", "local_minimum"):
            text = _arrived(
                name, low.kind[i], several, is_own, bool(outside[i]), bool(low.circling[i])
            )
        elif name == "unmoved" and went[i] and rests > 1:
            text = f"Has not moved in its last {rests} steps"
        elif name == "cycle":
            text = f"Goes round in a cycle of {period} steps"
        made.append(text)
    return made


def _arrived(
    name: str, kind: str, several: bool, is_own: bool, is_outside: bool, is_circling: bool
) -> str:
    """That a run stands at a minimum or circles one, and what kind of minimum it is."""
    is_global, is_one = name == "global_minimum", kind not in _OF
    verb = (
        "Circles"
        if is_circling
        else "Reached"
        if is_global
        else "Settled in"
        if is_one
        else "Settled on"
    )
    is_unknown = is_own and is_outside
    # Of what lies beyond the region nobody has looked whether it is the lowest.
    word = "local " if not is_global else "" if is_unknown else "global "
    article = "the" if is_global and not several and not is_unknown else "a"
    noun = f"{article} {word}minimum" if is_one else f"{_OF[kind]} of {word}minima"
    return f"{verb} {noun}{' outside the region' if is_outside else ''}"


_OF = {"curve": "a curve", "area": "an area"}


class _Lows:
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
        for part in np.array_split(np.arange(x.shape[1]), 1 + x.shape[1] * len(known) // 10**6):
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
                self.is_global &= is_declared | ~_outside(self.surface, self.place)
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
