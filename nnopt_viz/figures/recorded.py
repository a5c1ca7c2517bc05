"""A race or a training, run and recorded for an animated figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.written import percent, shown
from nnopt_viz.figures.heights import Heights, is_unequal, on_one_scale, sheet
from nnopt_viz.figures.lab_figures import slice_sheet
from nnopt_viz.figures.recording import Recording, check, strides
from nnopt_viz.figures.surface_json import facts
from nnopt_viz.judge.outcome import Watch
from nnopt_viz.judge.simulation import morphs, simulate
from nnopt_viz.lab.codec import encode_lab
from nnopt_viz.lab.lab import Lab
from nnopt_viz.lab.notes import notes
from nnopt_viz.lab.result import outcomes, result
from nnopt_viz.lab.slices import WORDS
from nnopt_viz.query.labels import labels
from nnopt_viz.race.codec import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.judge.outcome import Outcome
    from nnopt_viz.judge.simulation import Chunk
    from nnopt_viz.lab.result import End
    from nnopt_viz.race.scenario import Scenario

POINTS, POINTS_MOVING = 80, 40  # of the sheet a side; a moving one is in every frame
STATES = 20  # of a moving surface from s = 0 to 1, as on the page
HONESTY = (
    "The sheet is a slice through the space of all weights; each run stands at its true loss, so "
    "a gap to the sheet says how far off the slice is. In plane: how much of the path, by squared "
    "distance from its end, runs along the plane."
)


def record(what: Scenario | Lab) -> Recording:
    """Run a race or a training and keep what is shown.

    Raises:
        TooLargeError: when it moves too many markers.
        PlaneError: when a training's plane does not exist.
    """
    check(what)
    return _training(what) if isinstance(what, Lab) else _race(what)


def _race(scenario: Scenario) -> Recording:
    row, frame = strides(scenario.steps, len(scenario.runs) * scenario.lanes)
    watch = Watch(scenario)
    parts = [_kept(watch.see(chunk), row, scenario.steps) for chunk in simulate(scenario)]
    at, x, loss, answers = (list(column) for column in zip(*parts, strict=True))
    steps = np.concatenate(at)
    frames = np.flatnonzero((steps % frame == 0) | (steps == scenario.steps))
    losses = np.concatenate(loss, axis=1)
    surface, entry = scenario.surface, surface_entry(scenario.surface)
    many = f", median and quartiles of {scenario.lanes:,} starts" if scenario.lanes > 1 else ""
    return Recording(
        title=entry.title,
        heading=f"{entry.title}: an optimizer race",
        query=encode(scenario),
        names=labels(scenario.runs),
        verdicts=[_verdict(outcome) for outcome in watch.outcomes()],
        notes=[],
        curve=f"Loss at each step{many}",
        bounds=entry.bounds,
        has_one_scale=not is_unequal(surface),
        is_free=False,
        steps=steps,
        frames=frames,
        x=np.concatenate(x, axis=2),
        loss=losses,
        shown=losses,
        answers=None if answers[0] is None else np.concatenate(answers, axis=2),
        grounds=_grounds(scenario, steps[frames]),
        # where they are on a moving surface changes at every step
        minima=[] if scenario.drifts else facts(surface)["minima"],
    )


def _kept(chunk: Chunk, stride: int, last: int) -> tuple[NDArray[np.int_], ...]:
    """Steps, positions, losses and answers of a chunk's rows on the stride, and of the last."""
    steps = chunk.first + np.arange(chunk.x.shape[2])
    wanted = (steps % stride == 0) | (steps == last)
    answers = None if chunk.x_eval is None else chunk.x_eval[:, :, wanted]
    return steps[wanted], chunk.x[:, :, wanted], chunk.loss[:, wanted], answers  # type: ignore[return-value]


def _grounds(scenario: Scenario, steps: NDArray[np.int_]) -> list[Heights]:
    """The sheet at each of these steps."""
    if not scenario.drifts:
        return [sheet(scenario.surface, POINTS)] * len(steps)
    states = np.round(morphs(scenario)[np.maximum(steps, 1) - 1] * STATES) / STATES
    made = {s: sheet(scenario.surface.replace(s=float(s)), POINTS_MOVING) for s in set(states)}
    made = on_one_scale(made)
    return [made[s] for s in states]


def _verdict(outcome: Outcome) -> str:
    """What became of a run, in a few words with its loss."""
    if outcome.starts is not None:
        starts = outcome.starts
        low, middle, high = (
            shown(math.inf if v is None else v) for v in (starts.lower, starts.median, starts.upper)
        )
        return (
            f"{outcome.counts[outcome.verdict]:,} of {outcome.lanes:,} starts: {outcome.short}; "
            f"median loss {middle}, quartiles {low} and {high}"
        )
    when = "" if outcome.first_within is None else f"from step {outcome.first_within:,} on"
    parts = (outcome.text, when, _number("last loss", outcome.loss))
    return ", ".join(part for part in parts if part)


def _number(what: str, value: float | None) -> str:
    """A measured number to three digits; nothing for one that is not finite."""
    if value is None or not math.isfinite(value):
        return ""
    return f"{what} {shown(value)}"


def _training(lab: Lab) -> Recording:
    made = result(lab)
    rows, part = made.rows, made.slice
    row, frame = strides(len(rows.steps) - 1, len(lab.runs) * lab.lanes)
    last = len(rows.steps) - 1
    kept = np.unique([*range(0, last, row), last])
    x = np.stack([part.x, part.y])[:, :, kept]
    x[:, ~np.isfinite(rows.loss[:, kept])] = np.nan  # a place that has no loss is no place
    _, bounds = part.there()
    ground = slice_sheet(made, POINTS)
    frames = np.flatnonzero((kept % frame == 0) | (kept == last))
    what = WORDS[str(lab.plane["height"])]
    title = f"{lab.net.name} on {lab.data.name}: {what} on its {lab.plane.name} plane"
    many = f", median and quartiles of {lab.lanes:,} seeds" if lab.lanes > 1 else ""
    return Recording(
        title=title,
        heading=f"A network in training: {title}",
        query=encode_lab(lab),
        names=labels(lab.runs),
        verdicts=[_state(outcome) for outcome in outcomes(made)],
        notes=[HONESTY, *notes(made)],
        curve=f"Train loss at each step{many}",
        bounds=bounds,
        has_one_scale=True,
        is_free=True,
        steps=rows.steps[kept],
        frames=frames,
        x=x,
        loss=rows.loss[:, kept],
        shown=made.true[:, kept],
        answers=None,
        grounds=[ground] * len(frames),
        minima=[],
    )


def _state(outcome: End) -> str:
    """Where a run's first seed ended, in a few words."""
    if outcome["state"] == "diverged":
        step = outcome["step"]
        return "Diverged" if step is None else f"Diverged at step {step:,}"
    right = (
        ""
        if outcome["test_accuracy"] is None
        else f"test accuracy {percent(outcome['test_accuracy'])}"
    )
    parts = (
        _number("Loss", outcome["loss"]),
        right or _number("test loss", outcome["test_loss"]),
        _in_plane(outcome),
    )
    return ", ".join(part for part in parts if part)


def _in_plane(outcome: End) -> str:
    """The share of the path, beside that of a random walk."""
    share, walk = outcome["in_plane"], outcome["random_walk"]
    if share is None or walk is None:
        return ""
    side = "more than 95 in 100" if outcome["more_than_walk"] else "no more than"
    return f"{percent(share)} in plane ({side} random walks: {percent(walk['high'])})"
