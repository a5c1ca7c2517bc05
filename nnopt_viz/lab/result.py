"""A lab's result: the paths, the slice they are shown on, and what is measured beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.runs import composed
from nnopt_viz.compose.stable import stability_line, step_divisor
from nnopt_viz.declare.cache import Cache
from nnopt_viz.declare.pace import breathe
from nnopt_viz.declare.streams import POWER
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.parse import expression
from nnopt_viz.lab.codec import encode_lab
from nnopt_viz.lab.price import seconds, training
from nnopt_viz.lab.random_walk import STILL, Walk
from nnopt_viz.lab.slices import Slice, planes_there, slice_of
from nnopt_viz.lab.training import TrainingRows, train
from nnopt_viz.networks import layer_report
from nnopt_viz.networks.pieces import parts
from nnopt_viz.networks.planes.plane import near
from nnopt_viz.networks.sharpness import largest_curvature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.lab.lab import Lab

Array = NDArray[np.float64]

FLOATS = (
    "x", "y", "loss", "slice_loss", "test_loss", "accuracy", "out_of_plane", "grad_norm", "lr",
)  # fmt: skip
COLUMNS = ("run", "optimizer", "lane", "step", *FLOATS)

LAYER_ROWS = 121
ABSURD = 1e6  # times the first loss: a run that ends there has diverged, finite or not
ALIKE = STILL**2  # shares as close as this: the walks beside are not quite still
KEPT, KEPT_BYTES = 16, 40_000_000  # results of this process, with their paths
SLICES, SLICE_BYTES = 64, 8_000_000  # slices, of large results too


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a picture of a result's slice is made of: its sheet, and where its runs begin and end.

    Args:
        slice: the plane; of what is kept without its result, no paths on it.
        true: what the sheet shows, but at the run's real place, shape (runs, rows, seeds); of
            what is kept without its result, of the first row and the last.
    """

    lab: Lab
    slice: Slice
    true: Array
    is_whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class Result(Seen):
    """A lab with its paths and its slice, whole or provisional.

    Args:
        rows: the paths, and what is measured along them.
    """

    rows: TrainingRows


def results(lab: Lab, watched: bool = False) -> Iterator[Result]:
    """The result as it grows: provisional ones if watched, the whole one at last.

    While training goes on the plane is the paths' own, through where they are now.
    """
    query = encode_lab(lab)
    known = _finished.get(query)
    if known is not None:
        yield known
        return
    made: TrainingRows | None = None
    shown_at, gap = 0.0, 0.1
    whole_time = seconds(training(lab))
    for made in train(lab):
        done = whole_time * len(made.steps) / lab.rows
        if watched and len(made.steps) < lab.rows and done - shown_at > gap:
            yield _result(lab, made, is_whole=False)
            shown_at, gap = done, gap * 1.5
    assert made is not None
    whole = _result(lab, made, is_whole=True)
    _finished.keep(query, whole)
    _seen.keep(query, _without_paths(whole))
    yield whole


def result(lab: Lab) -> Result:
    """The whole result."""
    *_, last = results(lab)
    return last


def seen(lab: Lab) -> Seen:
    """The whole result's slice: also where its paths were too large to be kept."""
    query = encode_lab(lab)
    return _finished.get(query) or _seen.get(query) or result(lab)


def _result(lab: Lab, rows: TrainingRows, is_whole: bool) -> Result:
    made = slice_of(lab, rows.theta)
    if made.plane is None and is_whole:
        made = replace(made, others=tuple(planes_there(lab, rows.theta)))
    return Result(lab, made, _true(lab, rows), is_whole, rows)


def _without_paths(made: Result) -> Seen:
    none = np.empty(0)
    part = replace(made.slice, x=none, y=none, away=none, height=none)
    return Seen(made.lab, part, made.true[:, [0, -1]], made.is_whole)


def _true(lab: Lab, rows: TrainingRows) -> Array:
    """What the sheet shows, at the runs' real places."""
    kind = lab.plane["height"]
    if kind == "train":
        return rows.loss
    return rows.test_loss if kind == "test" else 1 - rows.accuracy


def _bytes(made: Result) -> float:
    rows = made.rows
    return rows.theta.nbytes + 10 * rows.loss.nbytes + 8 * sum(one.size for one in rows.divisor)


def _slice_bytes(made: Seen) -> float:
    return 3 * 8 * made.lab.network.size + made.true.nbytes


# The last few of this process: they are asked for again as tables, pictures.
_finished = Cache[str, Result](KEPT, KEPT_BYTES, _bytes)
_seen = Cache[str, Seen](SLICES, SLICE_BYTES, _slice_bytes)


class End(TypedDict):
    """What became of one run of a training, of its first seed.

    Args:
        step: the first recorded one at which its loss was no longer finite, or null.
        beyond: the first recorded step at which a parameter was not finite or 10,000 or more in
            size, or null: what is said of the path is said of the steps before.
        loss, test_loss, accuracy, test_accuracy: at the end; what does not exist is null.
        in_plane: how much of its path runs along the plane, from 0 to 1: of the squared distances
            of its points from its own end; null where it did not move, or is `beyond` at once.
        random_walk: the same of random walks of as many steps and parameters; null where there is
            no such plane.
        more_than_walk: is `in_plane` above their `high`?
    """

    state: Literal["trained", "diverged"]
    step: int | None
    beyond: int | None
    loss: float | None
    test_loss: float | None
    accuracy: float | None
    test_accuracy: float | None
    in_plane: float | None
    random_walk: Walk | None
    more_than_walk: bool


def outcomes(made: Result) -> list[End]:
    """What became of each run."""
    rows = made.rows
    found: list[End] = []
    for run in range(len(made.lab.runs)):
        ended = rows.ended(run, 0)
        share, walk = made.slice.share[run], made.slice.walks[run] if made.slice.walks else None
        far = np.flatnonzero(~near(rows.theta[run, :, 0]))
        found.append(
            {
                "state": "diverged" if has_diverged(rows, run, 0) else "trained",
                "step": ended,
                "beyond": int(rows.steps[far[0]]) if len(far) else None,
                "loss": _finite(rows.loss[run, -1, 0]),
                "test_loss": _finite(rows.test_loss[run, -1, 0]),
                "accuracy": _finite(rows.accuracy[run, -1, 0]),
                "test_accuracy": _finite(rows.test_accuracy[run, -1, 0]),
                "in_plane": _finite(share),
                "random_walk": walk,
                "more_than_walk": walk is not None and bool(share > walk["high"] + ALIKE),
            }
        )
    return found


def has_diverged(rows: TrainingRows, run: int, seed: int) -> bool:
    """Is its loss no longer finite, or absurdly high at the end?"""
    loss = rows.loss[run, :, seed]
    return rows.ended(run, seed) is not None or bool(loss[-1] > ABSURD * max(loss[0], 1.0))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def layers(made: Result) -> dict[str, Any]:
    """Activation spread, dead units, gradient norm and update ratio, layer by layer, of the
    first seed at up to LAYER_ROWS rows: lists by run, row and layer."""
    lab, rows = made.lab, made.rows
    at = np.unique(np.linspace(0, len(rows.steps) - 1, LAYER_ROWS).round().astype(int))
    network, data = lab.network, lab.samples
    made_of = ("spread", "dead", "slope_spread", "gradient_norm")
    found = np.empty((len(made_of), len(lab.runs), len(at), network.layers))
    for run in range(len(lab.runs)):
        for some in parts(len(at), network.size):
            theta = np.ascontiguousarray(rows.theta[run, at[some], 0])
            report = layer_report(network, theta, data.x_train, data.y_train)
            found[:, run, some] = [getattr(report, name) for name in made_of]
    tables = dict(zip(("spread", "dead", "slope", "gradient"), found, strict=True))
    tables["update"] = rows.update[:, at]
    return {"steps": rows.steps[at].tolist()} | {
        name: _rounded(values) for name, values in tables.items()
    }


def sharpness(made: Result) -> dict[str, Any]:
    """The largest eigenvalue of the training loss's Hessian along the paths, whether the search
    for it stopped before it settled, so that `value` is a lower bound, and the line up to which
    each run's method is stable on a parabola (None: none known).

    For a method that divides each parameter's step, in coordinates scaled by what it divided
    by (Cohen et al. 2022, Adaptive gradient methods at the edge of stability, section 2).
    """
    lab, rows = made.lab, made.rows
    at = lab.sharp_rows
    values = np.full((len(lab.runs), len(at)), np.nan)
    is_bound = np.zeros(values.shape, dtype=bool)
    for run, (call, divisor) in enumerate(zip(lab.runs, rows.divisor, strict=True)):
        theta = np.ascontiguousarray(rows.theta[run, at, 0])
        good = np.isfinite(theta).all(axis=1) & np.isfinite(divisor).all(axis=1)
        if not good.any():
            continue
        rng = POWER.generator(lab.seed)  # the same first vector for all runs
        own = divisor[good] if step_divisor(call) else None
        found = largest_curvature(lab.network, theta[good], lab.samples, rng, own)
        values[run, good] = found.values
        is_bound[run, good] = ~found.is_found & np.isfinite(found.values)
    rates = rows.lr[:, at, 0]
    return {
        "steps": rows.steps[at].tolist(),
        "value": _rounded(values),
        "bound": is_bound.tolist(),
        "line": [_line(call, rates[i], rows.steps[at]) for i, call in enumerate(lab.runs)],
        "scaled": [bool(step_divisor(call)) for call in lab.runs],
    }


def _line(call: Call, rates: Array, steps: NDArray[np.intp]) -> list[float | None] | None:
    """The stability line of a run; None for a method with none. A line that is None itself is
    infinitely high: at a rate of 0 nothing moves."""
    formula = stability_line(call)
    if not formula:
        return None
    knobs = dict(composed(call).knobs)
    graph, node = expression(formula, ("t", "lr", *knobs))
    make = array_function(graph, [node], ("t", "lr"), tuple(knobs))
    with np.errstate(all="ignore"):
        (made,) = make(rates.shape)(
            np.maximum(steps, 1).astype(float), np.ascontiguousarray(rates), *knobs.values()
        )
    return list(_rounded(np.broadcast_to(made, rates.shape)))


def _rounded(values: Array) -> list[Any]:
    """As nested lists with four digits; what is not finite becomes None."""
    if values.ndim > 1:
        return [_rounded(part) for part in values]
    return [float(f"{v:.4g}") if np.isfinite(v) else None for v in values.tolist()]


def lab_columns(made: Result) -> dict[str, NDArray[Any]]:
    """COLUMNS, in order of step, run and lane."""
    return _columns(made, slice(0, len(made.rows.steps)))


def column_pieces(made: Result) -> Iterator[dict[str, NDArray[Any]]]:
    """The same in pieces of whole steps, about a megabyte each."""
    positions = made.rows.loss[:, 0].size
    for some in parts(len(made.rows.steps), positions * len(COLUMNS)):
        breathe()
        yield _columns(made, some)


def _columns(made: Result, some: slice) -> dict[str, NDArray[Any]]:
    rows, part = made.rows, made.slice
    kept = np.isfinite(rows.loss[:, some]).swapaxes(0, 1)
    if some.start == 0:
        kept[0] = True  # the start is always a row
    row, run, lane = np.nonzero(kept)
    names = np.array([call.name for call in made.lab.runs], dtype=object)
    values = (
        part.x, part.y, rows.loss, part.height, rows.test_loss, rows.accuracy, part.away,
        rows.grad_norm, rows.lr,
    )  # fmt: skip
    found: dict[str, NDArray[Any]] = {
        "run": run, "optimizer": names[run], "lane": lane, "step": rows.steps[some][row],
    }  # fmt: skip
    return found | {
        name: np.ascontiguousarray(value[:, some].swapaxes(0, 1)[kept])
        for name, value in zip(FLOATS, values, strict=True)
    }
