"""Which term of two rules takes them apart: one step of each, again without some of its terms.

A term did it when without it the two moves point the same way, or are as long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.formula.roles import roles

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from nnopt_viz.formula.trace import Line
    from nnopt_viz.judge.trace import Standing

    Array = NDArray[np.float64]

SAME_WAY = 5.0  # degrees: two moves that differ by no more point the same way
AS_LONG = 1.05  # two lengths whose ratio is no more are the same
# What a step can be taken again without, in the order in which it is tried.
TERMS = {
    "rate": "the learning rate: both lengths are divided by it",
    "scale": "a scale of each coordinate's own, such as a mean of squares: x and y get their mean",
    "memory": "what is remembered of earlier directions, such as a momentum: it begins anew",
    "place": "the place: the second run takes its step from where the first one stands",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of one run.

    Args:
        at: the run before the step.
        before: x, y there.
        gradient: what the rule was given there, noise included.
        rate: the learning rate of the step.
        move: from before the step to after it.
        scales: its scales, by name, with their values in x and y; empty: it has none.
        memory: the directions that it remembers, by name, as they were before the step.
    """

    at: Standing
    before: Array
    gradient: Array
    rate: float
    move: Array
    scales: dict[str, Array]
    memory: dict[str, Array]

    def without(self, terms: Collection[str], place: Array) -> Array:
        """The move without some of TERMS.

        Args:
            terms: which.
            place: where the step is taken from, without "place".
        """
        at, changed = self.at, dict[str, "Array"]()
        kinds = zip(at.rule.statements, roles(at.rule), strict=True)
        scales = {s.node: _mean for s, kind in kinds if kind == "scale"} if "scale" in terms else {}
        if "memory" in terms:
            changed |= {name: at.begun[name] for name in self.memory}
        if "place" in terms:
            changed["x"] = place
        with np.errstate(all="ignore"):
            move = _move(changed.get("x", self.before), at.lines(changed, scales))
            return move / self.rate if "rate" in terms else move


@dataclass(frozen=True, slots=True)
class Apart:
    """How two moves differ, and without which terms they would not.

    Args:
        angle: between the two, degrees, 0 to 180; None where one does not move.
        ratio: length of the second over that of the first; None where one does not move.
        is_length: do they point the same way, so that only their lengths are compared?
        tried: TERMS -> the angle without one of them; where `is_length`, the ratio.
        ways: the fewest terms without which they do not differ, all such choices; empty where
            no choice does it, where they do not differ, and where one does not move.
    """

    angle: float | None
    ratio: float | None
    is_length: bool
    tried: dict[str, float | None]
    ways: tuple[tuple[str, ...], ...]

    @property
    def is_small(self) -> bool:
        """Do the moves not differ by more than SAME_WAY and AS_LONG?"""
        return self.is_length and self.ratio is not None and is_as_long(self.ratio)


def taken(at: Standing) -> Taken:
    """The step that a run takes."""
    lines, kinds = at.lines(), roles(at.rule)
    by_kind: dict[str, dict[str, Array]] = {"scale": {}, "direction": {}}
    for line, kind in zip(lines, kinds, strict=True):
        if kind in by_kind:
            by_kind[kind][line.target] = np.asarray(np.broadcast_to(line.value, (2,)))
    before = at.values["x"]
    with np.errstate(all="ignore"):
        return Taken(
            at=at,
            before=before,
            gradient=np.asarray(at.surface(before)[1] + at.noise),
            rate=float(at.values["lr"]),
            move=_move(before, lines),
            scales=by_kind["scale"],
            memory={n: at.values[n] for n in at.rule.state if n in by_kind["direction"]},
        )


def apart(first: Taken, second: Taken) -> Apart:
    """What sets one step of two runs apart."""
    angle, ratio = between(first.move, second.move), _ratio(first.move, second.move)
    if angle is None or ratio is None:
        return Apart(None, None, False, {}, ())
    is_length = angle <= SAME_WAY
    if is_length and is_as_long(ratio):
        return Apart(angle, ratio, True, {}, ())
    there_is = {
        "rate": is_length and first.rate > 0 and second.rate > 0,
        "scale": bool(first.scales or second.scales),
        "memory": bool(first.memory or second.memory),
        "place": bool((first.before != second.before).any()),
    }
    names = [name for name in TERMS if there_is[name]]
    tried: dict[tuple[str, ...], float | None] = {}
    ways: tuple[tuple[str, ...], ...] = ()
    for count in range(1, len(names) + 1):
        for chosen in combinations(names, count):
            pair = [one.without(chosen, first.before) for one in (first, second)]
            tried[chosen] = _ratio(*pair) if is_length else between(*pair)
        ways = tuple(w for w, left in tried.items() if _is_alike(left, is_length))
        if ways:
            break
    single = {name: tried[name,] for name in names}
    return Apart(angle, ratio, is_length, single, ways)


def between(a: Array, b: Array) -> float | None:
    """The angle between two vectors in degrees, 0 to 180; None where there is none."""
    with np.errstate(all="ignore"):
        one, other = (v / np.max(np.abs(v)) for v in (a, b))
        turn, along = one[0] * other[1] - one[1] * other[0], one[0] * other[0] + one[1] * other[1]
    known = math.isfinite(turn) and math.isfinite(along)
    return math.degrees(math.atan2(abs(turn), along)) if known else None


def is_as_long(ratio: float) -> bool:
    """Do two lengths of this ratio count as the same?"""
    return 1 / AS_LONG <= ratio <= AS_LONG


def _is_alike(left: float | None, is_length: bool) -> bool:
    return left is not None and (is_as_long(left) if is_length else left <= SAME_WAY)


def _ratio(a: Array, b: Array) -> float | None:
    one, other = (float(np.hypot(*v)) for v in (a, b))
    return other / one if 0 < one < math.inf and 0 < other < math.inf else None


def _move(before: Array, lines: tuple[Line, ...]) -> Array:
    after = next(line.value for line in reversed(lines) if line.target == "x")
    return np.asarray(np.broadcast_to(after, (2,)) - before, dtype=np.float64)


def _mean(value: Array) -> Array:
    """The mean of x and y in both."""
    return np.full(value.shape, np.mean(value))
