"""The forms of sentences on where a run comes to, and what no two events may say together."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from tests.support.told import (
    FORMULA,
    SHARP,
    N,
    P,
    Said,
    bends,
    evaluate_at,
    evaluate_losses,
    form,
    in_well,
    near,
    says,
    value,
)

if TYPE_CHECKING:
    from nnopt_viz.judge.events import Event
    from tests.support.told import Path

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
    count = {"once": 1, "twice": 2}.get(said[0]) or int(said[0].split()[0])
    assert count <= path.last - event.step
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
    assert bends(path, h)[0] > 0
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
    count = 2 if said[0] == "twice" else int(said[0].split()[0])
    height = path.loss - (event.figures["lowest"] - event.figures.get("above_low", 0.0))
    passed = 0  # times that it comes up through one of the levels, after ten rows under it
    for level in height.max() * 10.0 ** np.arange(-9, -2):
        under = np.lib.stride_tricks.sliding_window_view(height <= level, 10).all(axis=1)
        passed += int((under[:-1] & (height[10:] > level)).sum())
    assert count <= passed


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
    found = re.search(rf"shrunk from {N} to {N}", said[2])
    if found:
        assert path.has_one_weight
        for text, at in zip(found.groups(), (since, step), strict=True):
            says(text, path.divisors[0, at - 1])
    found = re.search(rf"curvature has grown from {N} to {N}", said[2])
    if found:
        h = np.moveaxis(path.derivatives[1], 2, 0)
        for text, at in zip(found.groups(), (since, step), strict=True):
            says(text, bends(path, h[at - 1])[1])
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
    rf"From step (\d+) to (\d+) it goes round in a cycle: every (\d+) steps it is back "
    rf"where it was, from {P} to {P} and back\. The loss (?:stays at {N}|goes from {N} to {N} "
    r"and back)\.",
)
def cycle(path: Path, event: Event, said: Said) -> None:
    first, last, period = (int(part) for part in said[:3])
    assert (max(first, 1), last) == (event.step, event.until)
    assert 2 <= period <= 8
    back = np.hypot(*(path.x[:, first + period : last + 1] - path.x[:, first : last + 1 - period]))
    width = float(np.hypot(*np.ptp(path.x[:, first : first + period], axis=1)))
    assert back.max() <= 2e-6 * width
    assert last - first >= 5 * period
    for less in range(1, period):  # no shorter one
        sooner = path.x[:, first + less : last + 1] - path.x[:, first : last + 1 - less]
        assert np.hypot(*sooner).max() > 2e-7 * width
    losses = path.loss[first : first + period]
    if said[7]:
        says(said[7], losses.max())
        assert np.ptp(losses) <= 1e-5 * abs(losses).max()
    else:
        says(said[8], losses.min())
        says(said[9], losses.max())
        assert value(said[8]) < value(said[9])


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
