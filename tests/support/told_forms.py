"""The forms of sentences on how a run moves, each with its truth computed from the path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.support.told import (
    FORMULA,
    SHARP,
    N,
    P,
    Said,
    evaluate_at,
    form,
    says,
    value,
)

if TYPE_CHECKING:
    from nnopt_viz.judge.events import Event
    from tests.support.told import Path

SIDES = {"above": 1, "exactly at": 0, "under": -1}


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
    rf"Step 1, with lr {N}, moves x by {N}(?: and y by {N}, where the slope along them is {N} "
    rf"and {N}|, where the slope along it is {N})\.",
)
def first_step(path: Path, event: Event, said: Said) -> None:
    says(said[0], path.lr[1])
    assert path.has_one_weight == (said[2] is None)
    texts = (said[1], said[5]) if path.has_one_weight else said[1:5]
    true = np.stack([path.moves[:, 1], path.gradient[:, 0]])
    true = true[:, 0] if path.has_one_weight else true.ravel()
    for text, number in zip(texts, true, strict=True):
        says(text, abs(number))


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
            says(said[1], path.sharpness[step - 1], 1e-13 * path.hessian_size(step))


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


@form("zigzag", r"At (\d+) others it is exactly at it\.")
def how_often_at(path: Path, event: Event, said: Said) -> None:
    if path.line is not None and path.knows_divisors:
        part = slice(event.step - 1, event.until)
        assert int(said[0]) == (np.abs(path.sharpness[part] / path.line[part] - 1) <= 1e-9).sum()


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


@form("overshoot", rf"It grows along the step: its mean, the start counting most, is {N}\.")
def grows(path: Path, event: Event, said: Said) -> None:
    t = event.until
    move, size = path.moves[:, t], path.moves[:, t]
    if "scaled" in event.text:
        if path.divisors is None or not path.knows_divisors:
            return
        size = move * path.divisors[:, t - 1]
    gained = path.loss[t] - path.loss[t - 1] - path.gradient[:, t - 1] @ move
    says(said[0], 2 * gained / (size @ move))
    assert value(said[0]) > event.figures["line"] * 0.99


@form(
    "plateau",
    rf"From step (\d+) to (\d+) it (?:crawls over|stands on) a plateau: the gradient is "
    rf"at most {N}; "
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
    assert ("stands on" in event.text) == (path.lengths[first : last + 1] == 0).all()
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
