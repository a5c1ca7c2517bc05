"""The numbers of two experiments against torch: golden, and live under `make conformance`."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.studies.batchnorm import WithAndWithout
from nnopt_viz.experiments.studies.initialization import COMPARED, Measured, prepared
from nnopt_viz.experiments.studies.lanes import descend
from nnopt_viz.experiments.studies.probing import probe
from nnopt_viz.experiments.study import whole
from tests.support.paths import GOLDEN

NUMBERS = GOLDEN / "studies" / "experiments.npz"
INITIALIZATION = {"depth": 8, "width": 10, "steps": 40, "seeds": 2, "seed": 3}
BATCHNORM = {"hidden": "8,8,8", "rates": 3, "steps": 30, "seeds": 2, "seed": 3}
EXPLODED = 5.0  # a final loss beyond it is that of a run in which every rounding has grown
ALWAYS = ("spread", "smoothness")  # measured at the start
EXACT = 1e-9  # of the larger of 1 and the value: forty steps enlarge rounding


@lru_cache(maxsize=1)
def initialization() -> dict[str, Any]:
    call = STUDIES.call("initialization", **INITIALIZATION)
    network, data, start, _ = prepared(call)
    measured = Measured(call, network, data, (len(COMPARED), 2))
    measured.start(start)
    finding = whole(call)
    table = finding.table
    last = max(table["step"])
    ends = [v for v, t in zip(table["loss"], table["step"], strict=True) if t == last]
    return {
        "spread": measured.early["spread"][:, :, :-1],
        "final": np.array(ends).reshape(len(COMPARED), 2),
    }


@lru_cache(maxsize=1)
def batchnorm() -> dict[str, Any]:
    call = STUDIES.call("batchnorm", **BATCHNORM)
    table = whole(call).table
    swept = [v for v, part in zip(table["loss"], table["part"], strict=True) if part == "sweep"]
    made = WithAndWithout(call)
    data = made.data
    smooth = [
        probe(network, made.starts[side], data.x_train, data.y_train, 0.1)["smoothness"]
        for side, network in enumerate(made.networks)
    ]
    return {"swept": np.array(swept).reshape(2, len(made.rates), 2), "smoothness": np.stack(smooth)}


def same(mine: dict[str, Any], theirs: Any) -> None:
    for name, value in mine.items():
        other = theirs[name]
        good = np.isfinite(other) & ((np.abs(other) < EXPLODED) | (name in ALWAYS))
        assert good.mean() > 0.6, name
        scale = np.maximum(1, np.abs(other[good]))
        assert (np.abs(value[good] - other[good]) <= EXACT * scale).all(), name
        assert (~(np.abs(value[~good]) < EXPLODED)).all(), name


def test_initialization_is_what_torch_measures() -> None:
    with np.load(NUMBERS) as golden:
        same(initialization(), golden)


def test_batch_normalization_is_what_torch_measures() -> None:
    with np.load(NUMBERS) as golden:
        same(batchnorm(), golden)


@pytest.mark.conformance
def test_both_are_what_torch_measures_now() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other people's deprecations
        live: Any = pytest.importorskip("tools.golden_studies", reason="needs `conformance`")
        assert (live.INITIALIZATION, live.BATCHNORM) == (INITIALIZATION, BATCHNORM)
        same(initialization(), live.initialization())
        same(batchnorm(), live.batchnorm())


def test_the_settings_train() -> None:
    """Else an agreement would say little: the losses have moved from their start."""
    made = WithAndWithout(STUDIES.call("batchnorm", **BATCHNORM))
    lanes = made.lanes(1, made.rates[1:2], made.batch)
    *_, (_, theta) = filter(None, descend(lanes, made.call.call("run"), 100))
    assert (made.train_loss(1, theta) < 0.9 * made.train_loss(1, made.starts[1])).all()
