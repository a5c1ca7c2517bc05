"""What became of each run: one verdict from a closed list, with its thresholds.

reached the global minimum · settled in a local minimum · stopped at a saddle ·
stalled on flat ground · still moving · diverged (at which step) · left the region
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.calls import is_morphing
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.evaluate import evaluate, loss_range
from nnopt_viz.judge.lanes import Starts, with_starts
from nnopt_viz.judge.minima import declared_minima, diagonal, eigenvalues, find_minima, polish
from nnopt_viz.judge.simulation import morphs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.setup import Setup
    from nnopt_viz.judge.simulation import Chunk

# verdict -> (sentence, short form, icon), in the order in which lanes are counted
VERDICTS: dict[str, tuple[str, str, str]] = {
    "global_minimum": ("Reached the global minimum", "global minimum", "star"),
    "local_minimum": ("Settled in a local minimum", "local minimum", "ring"),
    "saddle": ("Stopped at a saddle", "saddle", "saddle"),
    "flat": ("Stalled on flat ground", "flat ground", "flat"),
    "moving": ("Still moving", "still moving", "moving"),
    "diverged": ("Diverged", "diverged", "diverged"),
    "left": ("Left the region", "left the region", "left"),
}
TOLERANCE = 1e-6  # of the loss range inside the bounds: "reached"
STILL = 1e-3  # of the region's diagonal: movement over the last tenth that counts as none
SLOPE = 1e-3  # of the loss range over the diagonal: a gradient that counts as none
BEND = 1e-2  # of the loss range over the diagonal squared: a curvature that counts as none
NEAR = 0.02  # of the diagonal: how far polishing may lead


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit that a verdict uses, in the surface's own units.

    Args:
        tol: loss gap that counts as reached.
        still: distance, over the last tenth of the steps, that counts as standing.
        slope: gradient norm that counts as none.
        bend: curvature (largest eigenvalue of the Hessian) that counts as none.
        near: distance from the end point within which a minimum or saddle is looked for.
    """

    tol: float
    still: float
    slope: float
    bend: float
    near: float

    def sentence(self) -> str:
        """All of them in words, as shown with the verdicts."""
        return (
            f"Reached or settled: loss within {self.tol:.3g} of the minimum, or circling it "
            f"within {self.near:.3g}. Minima and saddles are found by Newton's method from the "
            f"end point, at most {self.near:.3g} away. Stopped: gradient under {self.slope:.3g} "
            f"and moved less than {self.still:.3g} in the last tenth of the steps; on flat ground: "
            f"curvature under {self.bend:.3g} too. Left: ended outside the region shown. Diverged: "
            f"not finite, or outside 1000 times the region. On a surface of your own, global "
            f"means: the lowest minimum found inside the region shown."
        )


@lru_cache(maxsize=128)
def thresholds(surface: Call, tol: float | None) -> Thresholds:
    """The limits for a surface; `tol` None means 1e-6 of the loss range in the bounds."""
    low, high = loss_range(surface)
    size = min(high - low, 1e300) if high > low else 1.0
    across = diagonal(surface)
    return Thresholds(
        tol=TOLERANCE * size if tol is None else tol,
        still=STILL * across,
        slope=SLOPE * size / across,
        bend=BEND * size / across**2,
        near=NEAR * across,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run.

    Args:
        run, optimizer, lanes: which run, and how many starts it had.
        verdict: of its lane, or of most of its lanes (the better one in a tie).
        text, short, icon: the verdict in words and as a sign.
        x, y, loss: end of the lane shown: the best one of those with this verdict.
        gap: loss minus the global minimum's, None where none is known.
        first_within: the first step within tolerance of the global minimum; for a local
            one, the first step from which the loss stays within tolerance of it.
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
    """Reads chunks as they pass and keeps what the verdicts need: losses and ends."""

    def __init__(self, scenario: Setup) -> None:
        self.scenario = scenario
        self.losses: list[NDArray[np.float64]] = []
        self.tail: list[NDArray[np.float64]] = []
        self.last: NDArray[np.float64] | None = None
        self.ended: dict[tuple[int, int], int] = {}

    def see(self, chunk: Chunk) -> Chunk:
        """Take note of a chunk and hand it on."""
        self.losses.append(chunk.loss)
        for end in chunk.ended:
            self.ended[end.run, end.lane] = end.step
        tail_start = self.scenario.steps - max(1, self.scenario.steps // 10)
        skip = max(0, tail_start - chunk.first)
        if skip < chunk.x.shape[2]:
            self.tail.append(chunk.x[:, :, skip:])
        kept = (
            chunk.x
            if self.last is None
            else np.concatenate([self.last[:, :, None], chunk.x], axis=2)
        )
        self.last = _last_rows(kept)
        return chunk

    def outcomes(self) -> list[Outcome]:
        """One outcome a run, once all chunks have been seen."""
        assert self.last is not None
        losses = np.concatenate(self.losses, axis=1)
        found = _judge(
            self.scenario,
            losses,
            self.last,
            np.concatenate(self.tail, axis=2),
            self.ended,
        )
        return with_starts(found, losses[:, -1])


def outcomes(scenario: Setup, chunks: Iterable[Chunk]) -> list[Outcome]:
    """The outcome of every run of a scenario, from all its chunks."""
    watch = Watch(scenario)
    for chunk in chunks:
        watch.see(chunk)
    return watch.outcomes()


def _last_rows(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last row that is not blank, shape (2, runs, lanes)."""
    rows = np.maximum((~np.isnan(x[0])).sum(axis=1) - 1, 0)
    return np.take_along_axis(x, rows[None, :, None, :], axis=2)[:, :, 0]


@np.errstate(all="ignore")
def _judge(
    scenario: Setup,
    losses: NDArray[np.float64],
    last: NDArray[np.float64],
    tail: NDArray[np.float64],
    ended: dict[tuple[int, int], int],
) -> list[Outcome]:
    surface = surface_at_end(scenario)
    limits = thresholds(surface, scenario.tol)
    minima = declared_minima(surface)
    best = min((float(evaluate(surface, *m)) for m in minima), default=-math.inf)
    _, runs, lanes = last.shape
    points = last.reshape(2, -1)
    low, high = _box(tail)
    moved = np.hypot(*(high - low))
    middle = _middles(tail, points)
    # Noise and a constant rate keep a run circling: the middle of its last steps stands
    # for its noise-free end point.
    circling = moved > limits.still
    ends = np.where(circling & (moved <= limits.near), middle, points)
    wells = polish(surface, ends)
    rests = polish(surface, ends, downhill=False)
    value, slope, curvature = evaluate(surface, points[0], points[1], 2)
    is_flat = np.abs(eigenvalues(curvature)).max(axis=0) <= limits.bend
    slope_norm = np.hypot(slope[0], slope[1])
    inside_box = (wells.x >= low - limits.still) & (wells.x <= high + limits.still)
    circles = inside_box.all(axis=0) & (moved <= limits.near)
    well_near = _is_near(wells.x, ends, limits.near) & (wells.low > 1e-9 * np.abs(wells.high))
    rest_near = _is_near(rests.x, ends, limits.near) & (rests.slope < limits.slope)
    xl, xh, yl, yh = surface_entry(surface).bounds
    outside = (points[0] < xl) | (points[0] > xh) | (points[1] < yl) | (points[1] > yh)
    stopped = (slope_norm <= limits.slope) & (moved <= limits.still)

    def verdict(i: int) -> str:
        if divmod(i, lanes) in ended:
            return "diverged"
        if value[i] < best - limits.tol and outside[i]:
            return "left"  # some surfaces go lower beyond the region whose minima are declared
        if value[i] - best <= limits.tol:
            return "global_minimum"
        settled = value[i] - wells.loss[i] <= limits.tol or circles[i]
        if well_near[i] and settled:
            return "global_minimum" if wells.loss[i] - best <= limits.tol else "local_minimum"
        if stopped[i]:
            if rest_near[i] and rests.low[i] < 0 < rests.high[i]:
                return "saddle"
            if is_flat[i]:
                return "flat"
        return "left" if outside[i] else "moving"

    found = [verdict(i) for i in range(points.shape[1])]
    made = []
    for run in range(runs):
        here = range(run * lanes, (run + 1) * lanes)
        counts = Counter(found[i] for i in here)
        top = max(VERDICTS, key=lambda v: (counts[v], -list(VERDICTS).index(v)))
        shown = min((i for i in here if found[i] == top), key=lambda i: _order(value[i]))
        lane = shown - run * lanes
        where = (float(points[0, shown]), float(points[1, shown]))
        target = {
            "global_minimum": best if math.isfinite(best) else wells.loss[shown],
            "local_minimum": wells.loss[shown],
        }.get(top)
        place = {"global_minimum": wells, "local_minimum": wells, "saddle": rests}.get(top)
        end = ended.get((run, lane))
        text, short, icon = VERDICTS[top]
        made.append(
            Outcome(
                run=run,
                optimizer=scenario.runs[run].name,
                lanes=lanes,
                verdict=top,
                text=f"{text} at step {end}" if end is not None else text,
                short=short,
                icon=icon,
                x=where[0],
                y=where[1],
                loss=float(value[shown]),
                gap=float(value[shown]) - best if math.isfinite(best) else None,
                first_within=_first_within(
                    losses[run, :, lane], target, limits.tol, top == "global_minimum"
                ),
                ended=end,
                minimum=None
                if place is None
                else {
                    "x": float(place.x[0, shown]),
                    "y": float(place.x[1, shown]),
                    "loss": float(place.loss[shown]),
                },
                thresholds=limits.sentence(),
                counts={v: counts[v] for v in VERDICTS if counts[v]},
                shift=_after_shift(scenario.surface, *where),
            )
        )
    return made


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


def _is_near(a: NDArray[np.float64], b: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    return np.asarray(np.hypot(a[0] - b[0], a[1] - b[1]) <= limit)


def _order(value: float) -> float:
    return float(value) if math.isfinite(value) else math.inf


def _box(tail: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest x and y over the last steps, shape (2, n); infinite where ended."""
    low, high = tail.min(axis=2).reshape(2, -1), tail.max(axis=2).reshape(2, -1)
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


def _middles(tail: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean position over the last steps, shape (2, n); the end point where a lane ended."""
    mean = tail.mean(axis=2).reshape(2, -1)
    return np.where(np.isnan(mean), points, mean)


def _first_within(
    losses: NDArray[np.float64], target: float | None, tol: float, anywhere: bool
) -> int | None:
    """First step whose loss is within `tol` of the target (and stays, if not anywhere)."""
    if target is None:
        return None
    within = np.abs(losses - target) <= tol
    if not within.any():
        return None
    if anywhere:
        return int(np.argmax(within))
    outside = np.flatnonzero(~within)
    first = 0 if outside.size == 0 else int(outside[-1]) + 1
    return first if first < within.size else None
