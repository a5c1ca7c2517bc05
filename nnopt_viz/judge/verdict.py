"""What became of lanes: the first of the verdicts that fits, for many at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import FORMULA, surface_entry
from nnopt_viz.declare.pace import breathe
from nnopt_viz.declare.written import shown
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import beyond, has_kinks, units
from nnopt_viz.judge.lows import Lows
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.motion import motions
from nnopt_viz.judge.one_weight import has_one_weight
from nnopt_viz.judge.stops import at_saddles, on_creases, on_flat_ground, walks_away

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.motion import Motion, Tail
    from nnopt_viz.judge.thresholds import Thresholds

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
AT_ONCE = 1024  # lanes whose ground is looked at together
MAXIMUM = ("Stopped at a maximum", "maximum")  # a saddle that no way leads up from


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
    tail: Tail,
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
        tail: the last rows (`motion.window`).
        started: were loss and gradient finite at the start?
        peak: the farthest that it was from its start, region units, (n,).
        ended: did it diverge?
        recent: how many of the last steps decide whether it stands (`motion.standing`).
    """
    n = x.shape[1]
    how = motions(tail, units(surface), limits.still, recent)
    value = evaluate(surface, *x)
    low = Lows(surface, n)
    alive = started & ~ended & np.isfinite(value)
    stands, turns = how.stands & alive, how.circles & alive & (how.size <= limits.near)
    for part in parts(np.flatnonzero(alive & ~turns if limits.gap else stands)):
        low.look(x, part, limits, how, False)
    for part in parts(np.flatnonzero(turns)):
        low.look(x, part, limits, how, True)
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
    saddle, crease, flat, top = (np.zeros(n, dtype=bool) for _ in range(4))
    for rest in parts(np.flatnonzero(stands & ~reached & ~is_best)):
        place, is_saddle, is_top = at_saddles(surface, x[:, rest], limits)
        leaves = is_saddle & walks_away(surface, place, tail.of(rest)[:, :, -recent - 1 :])
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
            "left": beyond(surface, x),
        }
    )
    went = peak > 0
    tops = top & (np.array(names) == "saddle")
    texts = _texts(names, low, how, went, limits)
    shorts = [VERDICTS[name][1] for name in names]
    for i in np.flatnonzero(tops):
        texts[i], shorts[i] = MAXIMUM
    inside = value[alive & ~beyond(surface, x)]
    lowest = min(best, float(inside.min(initial=math.inf)))
    return Verdicts(
        names, texts, shorts, x, value, low.place, low.loss, low.kind, best, lowest, low.circling
    )


def parts(lanes: NDArray[np.int_]) -> list[NDArray[np.int_]]:
    """Lanes in groups that are looked at together; none for none."""
    return np.array_split(lanes, -(-lanes.size // AT_ONCE)) if lanes.size else []


def _first(conditions: dict[str, Flags]) -> list[str]:
    """The first that holds, for each lane; `moving` where none does."""
    names = np.full(next(iter(conditions.values())).shape, "moving", dtype=object)
    for name in reversed(conditions):
        names[conditions[name]] = name
    return [str(name) for name in names]


def _texts(names: list[str], low: Lows, how: Motion, went: Flags, limits: Thresholds) -> list[str]:
    """The verdicts' sentences, with what is special about them."""
    several = sum(m.is_global for m in find_minima(low.surface)) > 1
    outside, is_own = beyond(low.surface, low.place), low.surface.name == FORMULA.name
    area = "stretch" if has_one_weight(low.surface) else "area"
    made = []
    for i, name in enumerate(names):
        if i % AT_ONCE == 0:
            breathe()
        kind = area if low.kind[i] == "area" else low.kind[i]
        text, period, rests = VERDICTS[name][0], int(how.period[i]), int(how.rests[i])
        if name == "global_minimum" and not (low.found[i] and low.is_global[i]):
            text = f"Within {shown(limits.tol)} of the lowest known loss"  # as asked
        elif name in ("global_minimum", "local_minimum"):
            text = _arrived(name, kind, several, is_own, bool(outside[i]), bool(low.circling[i]))
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


_OF = {"curve": "a curve", "area": "an area", "stretch": "a stretch"}
