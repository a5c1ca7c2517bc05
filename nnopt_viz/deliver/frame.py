"""Trajectories as tidy tables: one row for every run, lane and step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nnopt_viz.deliver.questions import read
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.lab.lab import Lab
from nnopt_viz.lab.result import lab_columns, result
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from nnopt_viz.judge.simulation import Chunk

COLUMNS = ("run", "optimizer", "lane", "step", "x", "y", "loss", "grad_norm", "lr")


def chunk_frame(scenario: Scenario, chunk: Chunk) -> pd.DataFrame:
    """The rows of one chunk, ordered by step, run, lane; rows after an end are left out.

    Columns: run (from 0), optimizer (its registry name), lane (from 0), step (0 is the
    start), x, y, loss, grad_norm, lr. The last five are float64.
    """
    _, runs, rows, lanes = chunk.x.shape
    step, run, lane = np.indices((rows, runs, lanes)).reshape(3, -1)
    position = np.swapaxes(chunk.x, 1, 2).reshape(2, -1)
    kept = ~np.isnan(position[0]) | (step + chunk.first == 0)
    names = [call.name for call in scenario.runs]
    categories = list(dict.fromkeys(names))
    codes = np.array([categories.index(name) for name in names], dtype=np.int8)
    frame = pd.DataFrame(
        {
            "run": run,
            "optimizer": pd.Categorical.from_codes(codes[run], categories=pd.Index(categories)),
            "lane": lane,
            "step": step + chunk.first,
            "x": position[0],
            "y": position[1],
            "loss": np.swapaxes(chunk.loss, 0, 1).ravel(),
            "grad_norm": np.swapaxes(chunk.grad_norm, 0, 1).ravel(),
            "lr": np.swapaxes(chunk.lr, 0, 1).ravel(),
        },
        copy=False,
    )
    return frame if kept.all() else frame[kept].reset_index(drop=True)


def trajectory(scenario: Scenario | Lab | str) -> pd.DataFrame:
    """Every position of every run as one tidy table.

    Args:
        scenario: a Scenario, a Lab, or the query text of one.

    Returns:
        Columns run, optimizer, lane, step, x, y, loss, grad_norm, lr; row 0 is the
        start; ordered by step, then run, then lane. Of a training in the network lab (a query
        with `net`, `data` …) run, optimizer, lane (0 for the first seed), step, x, y, loss,
        slice_loss, test_loss, accuracy, out_of_plane, grad_norm, lr.

    Raises:
        QueryError: when the text is not a valid query.
        ValueError: when a limit is exceeded.

    Example:
        >>> trajectory("run=adam(lr=0.02)&steps=3").loc[:, ["step", "loss"]]  # doctest: +SKIP
    """
    what = read(scenario)
    if isinstance(what, Lab):
        return pd.DataFrame(lab_columns(result(what)))
    frames = [chunk_frame(what, chunk) for chunk in simulate(what)]
    return pd.concat(frames, ignore_index=True)
