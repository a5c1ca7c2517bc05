"""The forms of sentences that events use, each with its truth computed from the path."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tests.support.told import N, P, form, says, value

if TYPE_CHECKING:
    from nnopt_viz.judge.events import Event
    from tests.support.told import Path

SHARP = r"the sharpness \(largest curvature(?:, in coordinates scaled by the method's divisors)?\)"
FORMULA = r"\((.*?)\)"
SIDES = {"above": 1, "exactly at": 0, "under": -1}
Said = tuple[str, ...]


def near(
    a: np.ndarray | tuple[float, ...], b: np.ndarray | tuple[float, ...], limit: float
) -> bool:
    return bool(np.hypot(a[0] - b[0], a[1] - b[1]) <= limit)


def in_well(path: Path, row: int, place: tuple[float, float]) -> None:
    """Flow from a row ends there, if the check arrives at all; a place is said to three digits."""
    end = path.well(row)
    if end:
        digits = 0.0051 * max(abs(place[0]), abs(place[1]))
        assert near(end, place, 2e-3 * path.across + digits), (row, end, place)


@form(
    "bias_correction",
    rf"From step (\d+) to (\d+) bias correction is at work: a mean that starts at 0 has "
    rf"seen few gradients, and dividing by 1 − (\S+)\^t makes up for it\. That divisor "
    rf"grows from {N} at step 1 to {N} at step (\d+)\.",
)
def corrected(path: Path, event: Event, said: Said) -> None:
    beta = path.call.numbers()[said[2]]
    assert (int(said[0]), int(said[1]), int(said[5])) == (1, event.until, event.until)
    says(said[3], 1 - beta)
    says(said[4], 1 - beta**event.until)
    assert 1 - beta ** (event.until - 1) < 0.99


@form("bias_correction", r"For (\S+) it takes (\d+) steps\.")
def corrected_too(path: Path, event: Event, said: Said) -> None:
    beta, until = path.call.numbers()[said[0]], int(said[1])
    assert 1 - beta**until >= 0.99 > 1 - beta ** (until - 1)


@form(
    "bias_correction",
    rf"Step 1, with lr {N}, moves x by {N} and y by {N}, where the slope along them is {N} "
    rf"and {N}\.",
)
def first_step(path: Path, event: Event, said: Said) -> None:
    says(said[0], path.lr[1])
    for text, true in zip(said[1:], (*path.moves[:, 1], *path.gradient[:, 0]), strict=True):
        says(text, abs(true))


@form(
    "zigzag overshoot divergence jumped caught cycle",
    rf"Before step (\d+) {SHARP} is {N}, (above|under|exactly at) its stability line of "
    rf"{N} {FORMULA}\.(?= |$)",
)
def judged(path: Path, event: Event, said: Said) -> None:
    step = int(said[0])
    assert 1 <= step <= event.until <= path.last + (event.kind == "divergence")
    assert event.figures["judged_step"] == step
    assert (value(said[1]) > value(said[3])) - (value(said[1]) < value(said[3])) == SIDES[said[2]]
    if path.line is not None:
        says(said[3], path.line[step - 1])
        if path.knows_divisors:
            says(said[1], path.sharpness[step - 1])


@form(
    "zigzag",
    rf"From step (\d+) to (\d+) it zig-zags across the ravine: (\d+) of (\d+) steps turn "
    rf"back\. Their way across it is {N} long, and takes it only {N} from where it was\.",
)
def zigzag(path: Path, event: Event, said: Said) -> None:
    assert (int(said[0]), int(said[1])) == (event.step, event.until)
    assert int(said[3]) == event.until - event.step + 1 >= int(said[2]) >= 5
    low, high = np.linalg.eigvalsh(np.moveaxis(path.derivatives[1], 2, 0)).T
    sides = [
        abs(path.moves[:, t] @ np.linalg.eigh(path.derivatives[1][:, :, t - 1])[1][:, 1])
        for t in range(event.step, event.until + 1)
        if high[t - 1] > 0 and high[t - 1] >= 5 * abs(low[t - 1])
    ]
    away = float(np.hypot(*(path.x[:, event.until] - path.x[:, event.step - 1])))
    says(said[4], float(np.sum(sides)))
    says(said[5], away, 1e-12 * path.across)
    assert np.sum(sides) >= 2 * away * (1 - 1e-9)


@form("zigzag", r"It is under it at every one of these steps\.")
def nearest(path: Path, event: Event, said: Said) -> None:
    if path.line is not None and path.knows_divisors:
        part = slice(event.step - 1, event.until)
        share = path.sharpness[part] / path.line[part]
        assert share.max() <= 1 + 1e-6
        at = int(event.figures["judged_step"]) - event.step
        assert share[at] >= share.max() - 1e-6 * abs(share.max())


@form(
    "zigzag",
    r"It is above it at (?:(every) one of these steps|(\d+) of these (\d+) steps(?:, and "
    r"has been since step (\d+))?)\.",
)
def how_often(path: Path, event: Event, said: Said) -> None:
    if path.line is None or not path.knows_divisors:
        return
    above = path.sharpness > path.line * (1 + 1e-9)
    part = above[event.step - 1 : event.until]
    if said[0]:
        assert part.all()
        return
    assert (part.sum(), part.size) == (int(said[1]), int(said[2]))
    if said[3]:
        since = int(said[3])
        assert above[since - 1 : int(event.figures["judged_step"])].all()
        assert since == 1 or not above[since - 2]


@form("overshoot rise zigzag", r"Noise has a part in (?:it|the turns)\.")
def noise(path: Path, event: Event, said: Said) -> None:
    assert path.is_noisy


def climbs(path: Path, start: int, last: int, low: str, high: str) -> None:
    says(low, path.loss[start])
    says(high, path.loss[last])
    assert value(high) > value(low)
    assert (np.diff(path.loss[start : last + 1]) > 0).all()


@form(
    "overshoot",
    rf"At step (\d+) its loss has come down to {N}, and it does not stop there: earlier "
    rf"steps carry it on, up to {N} at step (\d+)\.",
)
def carried(path: Path, event: Event, said: Said) -> None:
    start, last = int(said[0]), int(said[3])
    assert (max(1, start), last) == (event.step, event.until)
    climbs(path, start, last, said[1], said[2])
    assert path.loss[:start].max() > path.loss[start]
    goes_on(path, start, last)


def goes_on(path: Path, start: int, last: int) -> None:
    """A step goes uphill, on in the direction of the one before it."""
    if path.scenario.drifts:
        return
    ways = (path.gradient[:, start:last] * path.moves[:, start + 1 : last + 1]).sum(axis=0)
    first = start + 1 + int(np.argmax(ways > 0))
    assert (ways > 0).any()
    assert path.moves[:, first] @ path.moves[:, first - 1] > 0


@form(
    "overshoot",
    rf"Step (\d+) is too long: it sets out downhill from loss {N}, and earlier steps carry "
    rf"it on, up to {N} at step (\d+)\.",
)
def carried_from_the_top(path: Path, event: Event, said: Said) -> None:
    start, last = int(said[0]) - 1, int(said[3])
    climbs(path, start, last, said[1], said[2])
    goes_on(path, start, last)


@form(
    "overshoot",
    rf"Steps? (\d+)(?: to (\d+))? (?:is|are) too long: (?:it|each) sets out downhill(?:, "
    rf"and together they lead)? from loss {N} (?:and lands at|to) {N}\.",
)
def too_long(path: Path, event: Event, said: Said) -> None:
    start, last = int(said[0]) - 1, int(said[1] or said[0])
    climbs(path, start, last, said[2], said[3])
    if not path.scenario.drifts:
        ways = (path.gradient[:, start:last] * path.moves[:, start + 1 : last + 1]).sum(axis=0)
        assert (ways <= 1e-9 * np.abs(ways).max()).all()


@form(
    "overshoot",
    r"The loss rises like this (twice|\d+ times) in all; this is the highest climb\.",
)
def count_of_climbs(path: Path, event: Event, said: Said) -> None:
    rising = np.diff(path.loss) > 0
    assert int(event.figures["count"]) <= (np.diff(rising.astype(int), prepend=0) > 0).sum()


@form("overshoot", rf"It grows along the step: weighted over it, the curvature is {N}\.")
def grows(path: Path, event: Event, said: Said) -> None:
    t = event.until
    move, size = path.moves[:, t], path.moves[:, t]
    if path.divisors is not None:
        if not path.knows_divisors:
            return
        size = move * path.divisors[:, t - 1]
    gained = path.loss[t] - path.loss[t - 1] - path.gradient[:, t - 1] @ move
    says(said[0], 2 * gained / (size @ move))
    assert value(said[0]) > event.figures["line"] * 0.99


@form(
    "plateau",
    rf"From step (\d+) to (\d+) it crawls over a plateau: the gradient is at most {N}; "
    rf"(\d+) steps move it {N} and (?:(lower|raise) the loss by {N}, to|leave the loss at) "
    rf"{N}\. \(Level at this height: gradient under {N}, curvature under {N}\.\)",
)
def plateau(path: Path, event: Event, said: Said) -> None:
    first, last = int(said[0]), int(said[1])
    assert (first, last) == (event.step, event.until)
    assert int(said[3]) == last - first + 1
    says(said[2], path.grad_norm[first - 1 : last].max())
    says(said[4], np.hypot(*(path.x[:, last] - path.x[:, first - 1])), 1e-12 * path.across)
    fall = path.loss[first - 1] - path.loss[last]
    assert {"lower": 1, "raise": -1, None: 0}[said[5]] == np.sign(fall)
    if said[5]:
        says(said[6], abs(fall))
    says(said[7], path.loss[last])
    assert (path.lengths[first : last + 1] <= 1.001e-3 * path.across).all()
    if not path.scenario.drifts:
        h = np.moveaxis(path.derivatives[1], 2, 0)[last - 1]
        # The threshold is said at the last row's height; a row before it may lie a little higher.
        assert np.abs(np.linalg.eigvalsh(h)).max() <= value(said[9]) * 1.1


@form(
    "saddle",
    rf"From step (\d+) to (\d+) it dwells at the saddle at {P}(?: \(as the surface is at "
    rf"step (\d+)\))?: the gradient falls to {N} there, and (\d+) steps? lead no further "
    rf"than {N} from it\. The way out is along the direction {P}, where the curvature is "
    rf"{N}\. (It is still there at the end|Step (\d+) takes it away)\.",
)
def saddle(path: Path, event: Event, said: Said) -> None:
    first, last = int(said[0]), int(said[1])
    point = np.array([event.figures["x"], event.figures["y"]])
    assert (max(first, 1), last) == (event.step, event.until)
    says(said[5], path.grad_norm[first : last + 1].min())
    assert int(said[6]) == last - first
    away = np.hypot(*(path.x[:, first : last + 1] - point[:, None]))
    assert away.max() <= value(said[7]) * 1.006
    for text, true in zip(said[2:4], point, strict=True):
        says(text, true, 1e-8 * path.across)
    if not path.scenario.drifts:
        _, g, h = evaluate_at(path, point)
        low, high = np.linalg.eigvalsh(h)
        assert low < -1e-10 * high < 0
        assert np.hypot(*g) <= 2e-6 * path.across * min(-low, high)
        says(said[10], low, 1e-3 * high)
        way = np.array([value(said[8]), value(said[9])])
        assert way @ h @ way <= low + 0.01 * (high - low)
    if said[12]:
        assert int(said[12]) == last + 1
        if last < path.last:
            assert np.hypot(*(path.x[:, last + 1] - point)) > value(said[7]) * 0.994
    else:
        assert last == path.last == path.scenario.steps


def evaluate_losses(path: Path, x: np.ndarray) -> np.ndarray:
    from nnopt_viz.judge.evaluate import evaluate

    return np.asarray(evaluate(path.scenario.surface, x[0], x[1]))


def evaluate_at(path: Path, point: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from nnopt_viz.judge.evaluate import evaluate

    return evaluate(path.scenario.surface, point[0], point[1], 2)


@form(
    "decayed",
    rf"From step (\d+) on its step size is worn away: for each unit of gradient it moves "
    rf"{N} in the last (\d+) steps? \(median\), but up to {N} in the first 10\. (Its "
    rf"schedule has cut lr from {N} to {N}|lr is {N}: it is the rule itself that has "
    rf"shortened its steps)\. The slope is still {N}, yet those last steps keep within "
    rf"{N}\.",
)
def decayed(path: Path, event: Event, said: Said) -> None:
    with np.errstate(all="ignore"):
        size, tail = path.lengths[1:] / path.grad_norm[:-1], int(said[2])
    size[path.grad_norm[:-1] == 0] = np.nan
    says(said[1], float(np.median(size[-tail:])))
    most = float(np.nanmax(size[:10]))
    says(said[3], most)
    assert np.nanmax(size[event.step - 1 :]) <= 0.05 * most * (1 + 1e-9)
    if said[5]:
        says(said[5], path.lr[1:11].max())
        says(said[6], path.lr[-1])
    else:
        says(said[7], path.lr[-1])
        assert path.lr[-1] > 0.1 * path.lr[1:11].max()
    says(said[8], path.grad_norm[-1])
    says(said[9], float(np.hypot(*np.ptp(path.x[:, -tail - 1 :], axis=1))))


CAUSE = (
    r"(by overshoot: the step sets out downhill and is so long that it ends in another well|"
    r"carried by inertia: the step goes uphill, on with what earlier steps gathered|"
    r"thrown by noise: from the same state at step (\d+), but without noise from there on, it is "
    r"still in the first at step (\d+)|"
    r"by a step that sets out uphill(?: \(noise has a part in it\))?)"
)


@form(
    "jumped",
    rf"At step (\d+) it jumps out of the well of the minimum at {P}, loss {N}, into that "
    rf"of {P}, {CAUSE}\. In the first its loss was lowest, {N}, at step (\d+); on the "
    rf"way from there it goes up to {N}\.",
)
def jumped(path: Path, event: Event, said: Said) -> None:
    step, low = int(said[0]), int(said[10])
    assert step == event.step == event.until
    left, entered = ((value(said[i]), value(said[i + 1])) for i in (1, 4))
    in_well(path, step - 1, left)
    in_well(path, step, entered)
    in_well(path, low, left)
    says(said[9], path.loss[low])
    parts = path.x[:, step - 1, None] + np.linspace(0, 1, 33) * path.moves[:, step, None]
    heights = [path.loss_at(x, y) for x, y in parts.T]
    says(said[11], max(path.loss[low:step].max(), np.nanmax(heights)))
    assert value(said[11]) > value(said[9])
    way = path.gradient[:, step - 1] @ path.moves[:, step]
    if "overshoot" in said[6]:
        assert way <= 0
    elif "inertia" in said[6]:
        assert way > 0
        assert path.moves[:, step] @ path.moves[:, step - 1] > 0
    elif "noise" in said[6]:
        assert path.is_noisy
    else:
        assert way > 0


@form("jumped", r"It jumps from well to well (once|twice|\d+ times) more after this\.")
def more_jumps(path: Path, event: Event, said: Said) -> None:
    assert event.step < path.last


@form(
    "caught",
    rf"(?:From step (\d+) on it is caught in|It starts in) the well of the local minimum "
    rf"at {P}, loss {N}(, and never leaves it)?(?:; the global minimum is {N} lower)?\.",
)
def caught(path: Path, event: Event, said: Said) -> None:
    first = int(said[0] or 0)
    assert (max(first, 1), path.last) == (event.step, event.until)
    place = (event.figures["x"], event.figures["y"])
    says(said[3], path.loss_at(*place))
    h = evaluate_at(path, np.array(place))[2]
    assert np.linalg.eigvalsh(h)[0] > 0
    for row, end in path.wells.items():
        if row >= first and not any(math.isnan(v) for v in end):
            assert near(end, place, 2e-3 * path.across), (row, end, place)
    before = path.well(first - 1) if first else None
    if before:
        assert not near(before, place, 5e-4 * path.across), (first, before, place)


@form("caught", r"A small push away from there dies out\.")
def dies_out(path: Path, event: Event, said: Said) -> None:
    assert path.call.name in ("sgd", "momentum", "nesterov")
    assert event.figures["sharpness"] < event.figures["line"]


@form(
    "divergence",
    rf"It diverges: its loss is lowest, {N}, at step (\d+)(?:, and has grown to {N} by "
    rf"step (\d+), which is {N} long)?; (?:step (\d+) leads farther away than 1000 times "
    rf"the region|after step (\d+) its position or its loss is no finite number)\.",
)
def diverges(path: Path, event: Event, said: Said) -> None:
    low = int(said[1])
    assert (low + 1, path.ended) == (event.step, event.until)
    assert int(said[5] or said[6]) == path.ended
    says(said[0], path.loss.min())
    assert path.loss[low] == path.loss.min()
    if said[2]:
        says(said[2], path.loss[-1])
        assert int(said[3]) == path.last > low
        says(said[4], path.lengths[-1])
        assert value(said[2]) > value(said[0])


@form(
    "divergence",
    rf"From step (\d+) on it is outside the region, and its loss falls there, to "
    rf"{N} at step (\d+); (?:step (\d+) leads farther away than 1000 times the "
    rf"region|after step (\d+) its position or its loss is no finite number)\.",
)
def falls_outside(path: Path, event: Event, said: Said) -> None:
    from nnopt_viz.compose.own import surface_entry

    xl, xh, yl, yh = surface_entry(path.scenario.surface).bounds
    x, y = path.x[:, event.step :]
    assert ((x < xl) | (x > xh) | (y < yl) | (y > yh)).all()
    says(said[1], path.loss[-1])
    assert path.loss[-1] == path.loss.min() < path.loss[event.step - 1]
    assert (int(said[0]), int(said[2])) == (event.step, path.last)
    assert int(said[3] or said[4]) == path.ended


@form("divergence", r"Its loss is not defined where it starts; (?:step|after step) (\d+) .*?\.")
def undefined(path: Path, event: Event, said: Said) -> None:
    assert not math.isfinite(path.loss[0])
    assert (path.last, int(said[0])) == (0, path.ended)


@form(
    "rise",
    rf"Its loss, (?:down to )?{N} at (?:step (\d+)|the start), rises again, to {N} at step "
    rf"(\d+)\.",
)
def rises(path: Path, event: Event, said: Said) -> None:
    low, top = int(said[1] or 0), int(said[3])
    assert (low + 1, top) == (event.step, event.until)
    says(said[0], path.loss[low])
    says(said[2], path.loss[top])
    assert path.loss[low] < path.loss[top]
    if low:
        assert path.loss[:low].max() > path.loss[low]
    if not path.scenario.drifts:  # it was at a minimum: no place near it is much lower
        angle = np.linspace(0, 2 * np.pi, 64)
        ring = np.stack([np.cos(angle), np.sin(angle)])
        near = (
            path.x[:, low, None, None]
            + ring[:, None] * np.geomspace(1e-4, 5e-3, 8)[:, None] * path.across
        )
        lower = path.loss[low] - np.nanmin(evaluate_losses(path, near))
        assert lower <= 1e-2 * (path.loss[top] - path.loss[low]), (lower, low, top)


@form("rise", rf"Above the bottom there, {N}, that is {N} and {N}\.")
def above_bottom(path: Path, event: Event, said: Said) -> None:
    bottom = event.figures["highest"] - event.figures["above_top"]
    says(said[0], bottom)
    says(said[1], event.figures["above_low"])
    says(said[2], event.figures["above_top"])
    assert event.figures["above_low"] <= 1e-3 * event.figures["above_top"]


@form("rise", r"It rises like this (twice|\d+ times) in all; this is the highest\.")
def more_rises(path: Path, event: Event, said: Said) -> None:
    assert path.loss.size >= 20


@form(
    "rise",
    rf"(?:Before|From) step (\d+) (?:on )?{SHARP} (passes|is above) its stability line: "
    rf"{N} over {N} {FORMULA}\.(?= |$)",
)
def passes(path: Path, event: Event, said: Said) -> None:
    step = int(said[0])
    assert step == event.figures["cause"] <= event.until
    assert value(said[2]) > value(said[3])
    if path.line is None or not path.knows_divisors:
        return
    says(said[2], path.sharpness[step - 1])
    says(said[3], path.line[step - 1])
    above = path.sharpness > path.line
    assert (step == 1) == (said[1] == "is above")
    assert step == 1 or not above[step - 2]
    assert above[step - 1 : int(event.figures.get("peak", step))].all()


@form("rise", rf"Since step (\d+), where it was {N} of it, (.*?)\.(?= (?:It|Noise)|$)")
def changed(path: Path, event: Event, said: Said) -> None:
    import re

    since, step = int(said[0]), int(event.figures["cause"])
    assert since < step
    if path.line is None or not path.knows_divisors:
        return
    says(said[1], path.sharpness[since - 1] / path.line[since - 1])
    for part in said[2].split(" and "):
        numbers = [value(n) for n in re.findall(N, part)]
        assert len(numbers) >= 2
    found = re.search(rf"shrunk from {P} for x and y to {P}", said[2])
    if found:
        assert path.divisors is not None
        for i, text in enumerate(found.groups()):
            says(text, path.divisors[i % 2, (since if i < 2 else step) - 1])
    found = re.search(rf"curvature has grown from {N} to {N}", said[2])
    if found:
        h = np.moveaxis(path.derivatives[1], 2, 0)
        for text, at in zip(found.groups(), (since, step), strict=True):
            says(text, np.linalg.eigvalsh(h[at - 1])[1])
    found = re.search(rf"line has sunk from {N} to {N}", said[2])
    if found:
        for text, at in zip(found.groups(), (since, step), strict=True):
            says(text, path.line[at - 1])


@form("rise", rf"It is furthest above it before step (\d+): {N} over {N}\.")
def furthest(path: Path, event: Event, said: Said) -> None:
    step = int(said[0])
    assert event.figures["cause"] < step <= event.until
    if path.line is None or not path.knows_divisors:
        return
    says(said[1], path.sharpness[step - 1])
    says(said[2], path.line[step - 1])
    share = (path.sharpness / path.line)[event.step - 1 : event.until]
    assert share[step - event.step] >= share.max() * (1 - 1e-6)


@form(
    "rise",
    rf"For each unit of gradient it moves {N} on the way up \(median\); in its first 10 "
    rf"steps it moved {N}\.",
)
def farther(path: Path, event: Event, said: Said) -> None:
    with np.errstate(all="ignore"):
        size = path.lengths[1:] / path.grad_norm[:-1]
    says(said[0], float(np.median(size[event.step - 1 : event.until])))
    says(said[1], float(np.median(size[:10])))
    assert value(said[0]) >= 1.9 * value(said[1])


@form(
    "cycle",
    rf"From step (\d+) to (\d+) it goes round in a cycle: every (\d+) steps it is back at "
    rf"the same (?:point, from {P} to {P} and back|\d+ points, from {P}, where the loss is "
    rf"least, as far as {P}, where it is most)\. The loss (?:stays at {N}|goes from {N} to "
    rf"{N} and back)\.",
)
def cycle(path: Path, event: Event, said: Said) -> None:
    first, last, period = (int(part) for part in said[:3])
    assert (max(first, 1), last) == (event.step, event.until)
    assert 2 <= period <= 8
    back = np.hypot(*(path.x[:, first + period : last + 1] - path.x[:, first : last + 1 - period]))
    width = float(np.hypot(*np.ptp(path.x[:, first : first + period], axis=1)))
    assert back.max() <= 2e-6 * width
    assert last - first >= 5 * period
    for less in range(1, period):
        assert np.hypot(*(path.x[:, first + less] - path.x[:, first])) > 2e-6 * width
    losses = path.loss[first : first + period]
    if said[11]:
        says(said[11], losses.max())
        assert np.ptp(losses) <= 1e-5 * abs(losses).max()
    else:
        says(said[12], losses.min())
        says(said[13], losses.max())


@form("cycle", r"There a swing neither grows nor dies out\.")
def edge(path: Path, event: Event, said: Said) -> None:
    assert event.figures["sharpness"] == event.figures["line"] or math.isclose(
        event.figures["sharpness"], event.figures["line"], rel_tol=1e-9
    )


def check_together(path: Path, events: list[Event]) -> None:
    """No two events of one run contradict each other."""
    kinds = {event.kind for event in events}
    assert not {"caught", "divergence"} <= kinds
    assert not {"caught", "decayed"} <= kinds
    judged_at: dict[int, tuple[float, float]] = {}
    for event in events:
        if "judged_step" in event.figures:
            pair = (event.figures["sharpness"], event.figures["line"])
            assert judged_at.setdefault(int(event.figures["judged_step"]), pair) == pair
    for caught_ in (e for e in events if e.kind == "caught"):
        assert all(e.step <= caught_.step for e in events if e.kind == "jumped")
        assert not any("still there" in e.text for e in events if e.kind == "saddle")
    for still in (e for e in events if e.kind == "plateau"):
        for moving in (e for e in events if e.kind in ("zigzag", "cycle")):
            assert still.until < moving.step or moving.until <= still.step, (still, moving)
