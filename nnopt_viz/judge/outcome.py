"""What became of each run: one verdict from a closed list, with its thresholds."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.calls import is_morphing
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import units
from nnopt_viz.judge.lanes import Starts, starts_of
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.motion import Tail, standing, window
from nnopt_viz.judge.one_weight import pinned
from nnopt_viz.judge.simulation import morphs, starts_outside
from nnopt_viz.judge.thresholds import Thresholds, thresholds
from nnopt_viz.judge.verdict import VERDICTS, judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.setup import Setup
    from nnopt_viz.judge.simulation import Chunk
    from nnopt_viz.judge.verdict import Verdicts

__all__ = ["VERDICTS", "Outcome", "Thresholds", "Watch", "outcomes", "thresholds"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run.

    Args:
        run, optimizer, lanes: which run, and how many starts it had.
        verdict: of its lane, or of most of its lanes (the better one in a tie).
        text, short, icon: the verdict in words and as a sign.
        x, y, loss: end of the lane shown: the best one of those with this verdict.
        gap: loss minus the lowest known in the region, a minimum's or that of an end; None
            where no global minimum is known. Below 0 only where the end lies outside.
        first_within: the step from which it stays as near its minimum as the verdict asks;
            where a loss gap was asked for, the first step within it of the global minimum.
        ended: the first step without a row, when the lane diverged.
        minimum: place and loss of the minimum or saddle recognised, or None.
        thresholds: every limit used, in a sentence.
        counts: verdict -> lanes.
        shift: for a surface with a morph s, what the end point is worth when the world
            changes: `before` (the loss at the surface's own s), `after` (at s = 1), `best`
            (the lowest minimum found at s = 1) and `regret` (after minus best); else None.
        starts: with more than one start, how all of them ended; else None.
    """

    run: int
    optimizer: str
    lanes: int
    verdict: str
    text: str
    short: str
    icon: str
    x: float
    y: float
    loss: float
    gap: float | None
    first_within: int | None
    ended: int | None
    minimum: dict[str, float] | None
    thresholds: str
    counts: dict[str, int]
    shift: dict[str, float | None] | None = None
    starts: Starts | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values; NaN and infinity become None."""
        made = {k: _finite(v) for k, v in asdict(self).items()}
        if self.shift is not None:
            made["shift"] = {k: _finite(v) for k, v in self.shift.items()}
        return made


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Watch:
    """Reads chunks as they pass and keeps what the verdicts need: the way and its end."""

    def __init__(self, scenario: Setup) -> None:
        self.scenario = scenario
        self.losses: list[NDArray[np.float64]] = []  # only where a loss gap was asked for
        self.way: list[NDArray[np.float32]] = []  # since the start, in region units
        self.tail: list[NDArray[np.float64]] = []
        self.start: NDArray[np.float64] | None = None
        self.peak = np.empty((0, 0))  # the farthest from the start so far, shape (runs, lanes)
        self.begun: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self.last: NDArray[np.float64] | None = None
        self.final = np.empty((0, 0))  # losses of the last row seen, shape (runs, lanes)
        self.ended: dict[tuple[int, int], int] = {}
        self.unit = units(scenario.surface)

    def see(self, chunk: Chunk) -> Chunk:
        """Take note of a chunk and hand it on."""
        x = pinned(self.scenario.surface, chunk.x)
        if self.start is None:
            self.start, self.last = x[:, :, 0].copy(), chunk.x[:, :, 0].copy()
            self.peak = np.zeros(self.start.shape[1:])
            self.begun = chunk.loss[:, 0].copy(), chunk.grad_norm[:, 0].copy()
        self.final = chunk.loss[:, -1].copy()
        if self.scenario.tol is not None:
            self.losses.append(chunk.loss)
        way = np.empty(x.shape, dtype=np.float32)
        for axis, unit in enumerate(self.unit):
            way[axis] = (x[axis] - self.start[axis][:, None]) / unit
        self.way.append(way)
        for run, peak in enumerate(self.peak):
            np.fmax(peak, np.fmax.reduce(np.hypot(*way[:, run]), axis=0), out=peak)
        for end in chunk.ended:
            self.ended[end.run, end.lane] = end.step
        skip = max(0, self.scenario.steps - window(self.scenario.steps) - chunk.first)
        if skip < x.shape[2]:
            self.tail.append(np.ascontiguousarray(x[:, :, skip:]))
        assert self.last is not None
        self.last = _last_rows(self.last, chunk.x)
        return chunk

    def outcomes(self) -> list[Outcome]:
        """One outcome a run, once all chunks have been seen."""
        assert self.start is not None
        assert self.begun is not None
        assert self.last is not None
        surface = surface_at_end(self.scenario)
        _, runs, lanes = self.last.shape
        ended = np.zeros((runs, lanes), dtype=bool)
        for where in self.ended:
            ended[where] = True
        found = judge(
            surface,
            thresholds(surface, self.scenario.tol),
            pinned(surface, self.last.reshape(2, -1)),
            Tail(self.tail),
            np.isfinite(self.begun).all(axis=0).ravel(),
            self.peak.ravel(),
            ended.ravel(),
            standing(self.scenario.steps),
        )
        return [self._outcome(found, run, lanes) for run in range(runs)]

    def _outcome(self, found: Verdicts, run: int, lanes: int) -> Outcome:
        """Of a run: its commonest verdict (the better one in a tie), by its best lane."""
        assert self.start is not None
        scenario = self.scenario
        here = range(run * lanes, (run + 1) * lanes)
        counts = Counter(found.name[i] for i in here)
        top = max(VERDICTS, key=lambda v: (counts[v], -BETTER.index(v)))
        shown = min(
            (i for i in here if found.name[i] == top), key=lambda i: _order(float(found.loss[i]))
        )
        lane = shown - run * lanes
        limits = thresholds(surface_at_end(scenario), scenario.tol)
        end = self.ended.get((run, lane))
        at = found.place[:, shown]
        has_place = top in ("global_minimum", "local_minimum", "saddle") and np.isfinite(at).all()
        if limits.gap:
            target = {"global_minimum": found.best, "local_minimum": found.bottom[shown]}.get(top)
            losses = np.concatenate([loss[run, :, lane] for loss in self.losses])
            within = _within_gap(losses, target, limits.tol, top == "global_minimum")
        elif has_place and top != "saddle":
            gone = (at - self.start[:, run, lane]) / self.unit
            way = np.concatenate([part[:, run, :, lane] for part in self.way], axis=1)
            apart = np.hypot(*(way - gone[:, None]))
            within = _stays(apart <= (limits.near if found.circles[shown] else 1.01 * limits.still))
        else:
            within = None
        text, short, icon = found.text[shown], found.short[shown], VERDICTS[top][2]
        if top == "undefined":
            text = self._not_begun(run, lane)
        elif top == "diverged" and end is not None:
            is_far = starts_outside(scenario, *self.start[:, run, lane].tolist())
            text = "Starts too far out" if is_far else f"{text} at step {end}"
        assert self.last is not None
        where = (float(self.last[0, run, lane]), float(self.last[1, run, lane]))
        return Outcome(
            run=run,
            optimizer=scenario.runs[run].name,
            lanes=lanes,
            verdict=top,
            text=text,
            short=short,
            icon=icon,
            x=where[0],
            y=where[1],
            loss=float(found.loss[shown]),
            gap=float(found.loss[shown]) - found.lowest if math.isfinite(found.lowest) else None,
            first_within=within,
            ended=end,
            minimum={"x": float(at[0]), "y": float(at[1]), "loss": float(found.bottom[shown])}
            if has_place
            else None,
            thresholds=limits.sentence(),
            counts={v: counts[v] for v in VERDICTS if counts[v]},
            shift=_after_shift(scenario.surface, *where),
            starts=starts_of(counts, self.final[run]),
        )

    def _not_begun(self, run: int, lane: int) -> str:
        """What it is that has no value where a run starts."""
        assert self.begun is not None
        loss, slope = (float(column[run, lane]) for column in self.begun)
        what, value = ("gradient", slope) if math.isfinite(loss) else ("loss", loss)
        return f"The {what} is {'undefined' if math.isnan(value) else 'infinite'} at the start"


# of two verdicts that are equally common, the one that comes first here is shown
BETTER = (
    "global_minimum", "local_minimum", "saddle", "crease", "flat", "cycle", "unmoved", "moving",
    "diverged", "left", "undefined",
)  # fmt: skip


def outcomes(scenario: Setup, chunks: Iterable[Chunk]) -> list[Outcome]:
    """The outcome of every run of a scenario, from all its chunks."""
    watch = Watch(scenario)
    for chunk in chunks:
        watch.see(chunk)
    return watch.outcomes()


def _last_rows(before: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last row that is not blank, shape (2, runs, lanes); where all are, that before them."""
    count = (~np.isnan(x[0])).sum(axis=1)
    rows = np.maximum(count - 1, 0)
    found = np.take_along_axis(x, rows[None, :, None, :], axis=2)[:, :, 0]
    return np.where(count > 0, found, before)


def surface_at_end(scenario: Setup) -> Call:
    """The surface as it is at the last step, when it has drifted."""
    if not scenario.drifts:
        return scenario.surface
    return scenario.surface.replace(s=float(morphs(scenario)[-1]))


def _after_shift(surface: Call, x: float, y: float) -> dict[str, float | None] | None:
    """What a place is worth before and after the world has changed."""
    if not is_morphing(surface):
        return None
    changed = surface.replace(s=1.0)
    before, after = (float(evaluate(s, x, y)) for s in (surface, changed))
    best = min((m.loss for m in find_minima(changed)), default=None)
    regret = None if best is None else after - best
    return {"before": before, "after": after, "best": best, "regret": regret}


def _order(value: float) -> float:
    return float(value) if math.isfinite(value) else math.inf


def _within_gap(
    losses: NDArray[np.float64], target: float | None, tol: float, anywhere: bool
) -> int | None:
    """First step whose loss is within `tol` of the target (and stays, if not anywhere)."""
    if target is None:
        return None
    within = np.abs(losses - target) <= tol
    if anywhere:
        return int(np.argmax(within)) if within.any() else None
    return _stays(within)


def _stays(within: NDArray[np.bool_]) -> int | None:
    """The first step from which it holds to the end."""
    outside = np.flatnonzero(~within)
    first = 0 if outside.size == 0 else int(outside[-1]) + 1
    return first if first < within.size else None
