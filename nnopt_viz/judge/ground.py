"""What the ground is like at a place: a minimum, one of many equal ones, or a way down.

Newton's method knows smooth ground only, and a Hessian says nothing where it is singular. So
places are judged by circles around them: on each the lowest point is found, however narrow the
ravine that it lies in. Lengths are in region units: both axes count by their own width, so that a
circle fits the region's shape; on a square region they are lengths.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.formula.graph import needed
from nnopt_viz.judge.evaluate import evaluate, surface_of
from nnopt_viz.judge.one_weight import has_one_weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

    Array = NDArray[np.float64]

Kind = Literal["point", "curve", "area", "down"]

NEAR = 0.02  # of the diagonal: the largest circle
CIRCLES = 12  # each a quarter of the one outside it: down to 5e-9 of the diagonal
DIRECTIONS = 32  # around a circle, before the lowest are refined
ROUNDS = 20  # of refining a direction, each four times as fine
SMOOTH_ROUNDS = 12  # where there are no kinks: the floor of a ravine is round
SAMPLES = 8  # in a round
FIRST = 16  # of a limit: the first step of a descent
LEVEL = 0.2  # of a circle at the same height: an area, not a curve
SHAKES = (2.0, 5.0, 11.0, 16.0)  # units in the last place by which a point is shaken
POLE = 9  # innermost circles that tell a pole from a minimum
ENDLESS = 0.95  # of the fall before: |x|**p falls by 4**-p of it, the logarithm by as much
EPS = float(np.finfo(float).eps)
ROUNDING = 4.0  # times what shaking shows
KINKS = frozenset({"abs", "sign", "minimum", "maximum", "where", "sqrt", "floor", "**"})
STEPS = frozenset({"sign", "where", "floor", "atan2"})  # by these the loss itself may jump
AT_ONCE = 1024  # points that are shaken together
ASIDE = 1024.0  # units in the last place: off the edge of a step, and still the same place
CLIFF = 1e3  # times what rounding shows aside of it: a step

_ANGLES = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS


@dataclass(frozen=True, slots=True)
class Circles:
    """What circles around points show, outermost first.

    Args:
        radius: in region units, shape (circles,).
        low: the lowest loss on each, shape (circles, n).
        place: where, shape (2, circles, n).
        unsure: by how much it may be lower still, between the finest samples.
        high: the highest loss among the directions.
        lower: the loss that a quarter of the directions lie under.
        level: the share of directions within rounding of the middle.
    """

    radius: Array
    low: Array
    place: Array
    unsure: Array
    high: Array
    lower: Array
    level: Array

    def inner(self, first: int) -> Circles:
        """Those from this one inward."""
        return Circles(
            self.radius[first:],
            self.low[first:],
            self.place[:, first:],
            self.unsure[first:],
            self.high[first:],
            self.lower[first:],
            self.level[first:],
        )


def diagonal(surface: Call) -> float:
    """Length of the diagonal of the surface's region."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    return float(np.hypot(xh - xl, yh - yl))


def units(surface: Call) -> Array:
    """How long a region unit is along x and along y, shape (2,); (1, 1) on a square region."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    return np.asarray(np.array([xh - xl, yh - yl]) * (2**0.5 / diagonal(surface)), np.float64)


def distance(surface: Call, a: Array, b: Array) -> Array:
    """Between points, in region units; shapes (2, …) that fit together."""
    unit = units(surface).reshape(2, *(1,) * (max(a.ndim, b.ndim) - 1))
    apart = (a - b) / unit
    return np.asarray(np.hypot(apart[0], apart[1]))


def beyond(surface: Call, x: Array) -> NDArray[np.bool_]:
    """Which points lie outside the surface's region; shape (2, n)."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    return np.asarray((x[0] < xl) | (x[0] > xh) | (x[1] < yl) | (x[1] > yh))


@lru_cache(maxsize=128)
def has_kinks(surface: Call) -> bool:
    """May the gradient jump somewhere? Whole powers have no kink; every other one may."""
    graph = surface_of(surface).graph
    for node in needed(graph, [surface_of(surface).value]):
        if graph.op[node] == "**":
            exponent = graph.value[graph.args[node][1]]
            if not (isinstance(exponent, float) and exponent >= 0 and exponent.is_integer()):
                return True
        elif graph.op[node] in KINKS:
            return True
    return False


@lru_cache(maxsize=128)
def has_steps(surface: Call) -> bool:
    """May the loss jump somewhere, as at the edge of a stair?"""
    graph = surface_of(surface).graph
    return any(graph.op[node] in STEPS for node in needed(graph, [surface_of(surface).value]))


def rounding(surface: Call, x: Array) -> Array:
    """How far apart losses may be by rounding alone, shape (n,), at points of shape (2, n).

    Measured: a place shaken by a few units in the last place (of its coordinates, or of the
    region's size where they are smaller) is the same place. On the edge of a step the loss
    jumps, and how high it jumps is no rounding: there it is what it is on both sides.
    """
    if x.shape[1] > AT_ONCE:
        some = np.array_split(x, -(-x.shape[1] // AT_ONCE), axis=1)
        return np.concatenate([rounding(surface, part) for part in some])
    xl, xh, yl, yh = surface_entry(surface).bounds
    size = np.maximum(np.abs(x), np.array([[xh - xl], [yh - yl]]) / 2)
    noise = _shaken(surface, x, size)
    if has_steps(surface):
        aside = np.array([[1, 1, -1, -1], [1, -1, 1, -1]]) * (ASIDE * EPS)
        beside = (x[:, :, None] + size[:, :, None] * aside[:, None]).reshape(2, -1)
        around = _shaken(surface, beside, np.repeat(size, 4, axis=1)).reshape(-1, 4)
        calm = np.sort(around, axis=1)[:, 1]  # two of the four may lie on the same edge
        noise = np.where(noise > CLIFF * calm, calm, noise)
    return noise


def _shaken(surface: Call, x: Array, size: Array) -> Array:
    """How far the loss is thrown about by a few units in the last place, shape (n,)."""
    signs = np.array([[0, 1, 1, 1, 0, -1, -1, -1], [1, 1, 0, -1, -1, -1, 0, 1]])
    offsets = np.concatenate([np.zeros((2, 1)), *(units * signs for units in SHAKES)], axis=1)
    loss = evaluate(surface, *(x[:, :, None] + EPS * size[:, :, None] * offsets[:, None]))
    with np.errstate(all="ignore"):
        spread = np.fmax.reduce(loss, axis=1) - np.fmin.reduce(loss, axis=1)
        return np.asarray(ROUNDING * (spread + np.spacing(np.abs(loss[:, 0]))))


def circles(surface: Call, x: Array, loss: Array, noise: Array, count: int = CIRCLES) -> Circles:
    """Look around points (2, n) of known loss and rounding (n,) on circles."""
    radius = NEAR * diagonal(surface) * 0.25 ** np.arange(count, dtype=np.float64)
    many, n = len(radius), x.shape[1]
    centre = np.repeat(x[:, None, :], many, axis=1).reshape(2, -1)
    reach = np.repeat(radius, n)
    rounds = ROUNDS if has_kinks(surface) else SMOOTH_ROUNDS
    low, place, unsure, heights = lowest_around(surface, centre, reach, rounds)
    around = heights.reshape(many, n, -1)
    limit = noise + ROUNDING * np.spacing(np.abs(loss))
    with np.errstate(all="ignore"):
        level = (np.abs(around - loss[:, None]) <= limit[:, None]).mean(axis=2)
    shape = (many, n)
    high = np.where(np.isfinite(around), around, -np.inf).max(axis=2)
    lower = np.sort(around, axis=2)[:, :, around.shape[2] // 4]  # not finite ones last
    return Circles(
        radius,
        low.reshape(shape),
        place.reshape(2, *shape),
        unsure.reshape(shape),
        high,
        lower,
        level,
    )


def lowest_around(
    surface: Call, centre: Array, radius: Array, rounds: int = ROUNDS
) -> tuple[Array, Array, Array, Array]:
    """The lowest point on circles of these radii, by refining the two lowest directions.

    Args:
        centre: shape (2, n).
        radius: region units, shape (n,).

    Returns:
        loss (n,), place (2, n), by how much it may be lower still (n,), and the losses in all
        directions (n, DIRECTIONS). Where the loss is not finite, it counts as infinite.
        On a surface of one weight there are two directions, left and right.
    """
    if has_one_weight(surface):
        return _lower_side(surface, centre, radius)
    unit = units(surface)[:, None, None] * radius[:, None]

    def places(angle: Array) -> Array:
        way = np.empty((2, len(radius), angle.size // len(radius)))
        np.cos(angle.reshape(way.shape[1:]), out=way[0])
        np.sin(angle.reshape(way.shape[1:]), out=way[1])
        return np.asarray(centre[:, :, None] + unit * way)

    def loss_at(angle: Array) -> Array:
        found = evaluate(surface, *places(angle))
        found[np.isnan(found)] = np.inf
        return np.asarray(found.reshape(angle.shape))

    rows = np.arange(len(radius))
    if not rows.size:
        return np.empty(0), np.empty((2, 0)), np.empty(0), np.empty((0, DIRECTIONS))
    around = loss_at(np.broadcast_to(_ANGLES, (len(radius), DIRECTIONS)))
    first = around.argmin(axis=1)
    is_low = (around <= np.roll(around, 1, axis=1)) & (around <= np.roll(around, -1, axis=1))
    others = np.where(is_low, around, np.inf)
    others[rows, first] = np.inf
    two = np.stack([first, others.argmin(axis=1)], axis=1)
    angle, best = _ANGLES[two], around[rows[:, None], two]
    half = 2 * np.pi / DIRECTIONS
    shares = (np.arange(SAMPLES) + 0.5) * 2 / SAMPLES - 1
    each = (rows[:, None], np.arange(2))
    loss = np.zeros((*best.shape, SAMPLES))
    for _ in range(rounds):
        tried = angle[:, :, None] + half * shares
        loss = loss_at(tried)
        k = loss.argmin(axis=2)
        least = loss[(*each, k)]
        angle = np.where(least < best, tried[(*each, k)], angle)
        best = np.minimum(least, best)
        half /= 4
    pick = best.argmin(axis=1)
    place = places(angle[rows, pick])[:, :, 0]
    with np.errstate(all="ignore"):
        unsure = np.sort(loss[rows, pick], axis=1)[:, 2] - best[rows, pick]
    unsure = np.nan_to_num(unsure, nan=0.0, posinf=0.0)
    return best[rows, pick], place, np.maximum(unsure, 0.0), around


def _lower_side(surface: Call, centre: Array, radius: Array) -> tuple[Array, Array, Array, Array]:
    """The same on a curve: so far to the left and to the right."""
    reach = units(surface)[0] * radius
    places = np.stack([centre, centre], axis=2)
    places[0] += reach[:, None] * np.array([-1.0, 1.0])
    around = evaluate(surface, *places)
    around[np.isnan(around)] = np.inf
    side = around.argmin(axis=1)
    rows = np.arange(len(radius))
    return around[rows, side], places[:, rows, side], np.zeros(len(radius)), around


def kinds(seen: Circles, loss: Array, noise: Array) -> NDArray[np.str_]:
    """What the middles of circles are: a minimum's kind, or `down` where a way leads down.

    Every path that leads away crosses every circle. So one that is higher all around makes its
    middle a minimum, unless something inside it is lower; and where none is, and nothing is
    lower, equal ground leads away: a curve of equal minima, or an area.
    """
    limit = noise + ROUNDING * np.spacing(np.abs(seen.low))
    lower = seen.low < loss - limit
    higher = seen.low - seen.unsure > loss + limit
    # smallest circle first: is the first one that decides higher all around?
    decided = (lower | higher)[::-1]
    first = decided.argmax(axis=0)
    is_point = higher[::-1][first, np.arange(loss.size)]
    is_down = lower[::-1][first, np.arange(loss.size)] & ~is_point
    is_area = seen.level[1] >= LEVEL
    made = np.where(is_area, "area", "curve")
    is_down |= _is_pole(seen.lower)
    return np.where(is_down, "down", np.where(is_point, "point", made))


def _is_pole(height: Array) -> NDArray[np.bool_]:
    """Does it go down without end? Near a minimum each circle inward falls by less than the last.

    Args:
        height: on each circle, outermost first, shape (circles, n).
    """
    with np.errstate(all="ignore"):
        falls = (height[:-1] - height[1:])[-POLE:]
        is_fall = falls > ROUNDING * np.spacing(np.abs(height[-POLE:]))
        goes_on = falls[1:] >= ENDLESS * falls[:-1]
    return np.asarray((is_fall & np.isfinite(falls)).all(axis=0) & goes_on.all(axis=0))


def descend(surface: Call, x: Array, limit: Array, steps: int = 120) -> Array:
    """Walk down from points (2, n), over kinks too, to where no circle shows lower ground.

    The circle grows where it leads on and halves where nothing on it is lower; a point ends
    when it has left a distance of `limit` (region units, shape (n,)) from where it began.
    """
    at = np.array(x, dtype=np.float64)
    loss = evaluate(surface, *at)
    across = diagonal(surface)
    radius = limit / FIRST
    active = np.arange(at.shape[1])
    for _ in range(steps):
        if not active.size:
            break
        low, place, _, _ = lowest_around(surface, at[:, active], radius[active], rounds=14)
        # by more than rounding, or it would wander along a floor that is level
        better = low < loss[active] - rounding(surface, at[:, active])
        won = active[better]
        at[:, won], loss[won] = place[:, better], low[better]
        radius[won] = np.minimum(2 * radius[won], limit[won] / 4)
        radius[active[~better]] /= 4
        on = (radius[active] > 1e-14 * across) & (
            distance(surface, at[:, active], x[:, active]) <= limit[active]
        )
        active = active[on]
    return at
