"""Intervals of every experiment against torch: golden, and live under `make conformance`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.studies.probing import probe
from nnopt_viz.experiments.studies.started import Started
from nnopt_viz.experiments.studies.with_and_without import WithAndWithout
from nnopt_viz.experiments.study import whole
from tests.support.paths import GOLDEN
from tests.support.study_cases import CASES, SEEDS

NUMBERS = GOLDEN / "studies" / "experiments.npz"
EXACT = 1e-7  # relative: some tens of steps enlarge rounding


def mine(name: str, seed: int) -> list[float]:
    settings, key = CASES[name]
    made = whole(STUDIES.call(name, **settings, seed=seed)).number(key)
    assert made.kind == "interval"
    return [made.low, made.value, made.high]


def test_every_experiment_is_compared() -> None:
    assert list(CASES) == list(STUDIES)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", CASES)
def test_an_interval_is_what_torch_measures(name: str, seed: int) -> None:
    with np.load(NUMBERS) as golden:
        low, value, high = theirs = golden[f"{name} {seed}"]
    assert low < value < high
    np.testing.assert_allclose(mine(name, seed), theirs, rtol=EXACT)


def test_starts_are_what_torch_measures() -> None:
    init = Started(STUDIES.call("initialization", **CASES["initialization"][0], seed=SEEDS[0]))
    both = WithAndWithout(STUDIES.call("batchnorm", **CASES["batchnorm"][0], seed=SEEDS[0]))
    smooth = [
        probe(network, both.starts[side], both.data.x_train, both.data.y_train, 0.1)["smoothness"]
        for side, network in enumerate(both.networks)
    ]
    with np.load(NUMBERS) as golden:
        spread = init.early["spread"][:, :, :-1]
        np.testing.assert_allclose(spread, golden["spread"], rtol=EXACT)
        np.testing.assert_allclose(np.stack(smooth), golden["smoothness"], rtol=EXACT)


@pytest.mark.conformance
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", CASES)
def test_an_interval_is_what_torch_measures_now(name: str, seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other people's deprecations
        live: Any = pytest.importorskip("tools.golden_studies", reason="needs `conformance`")
        np.testing.assert_allclose(mine(name, seed), live.INTERVALS[name](seed), rtol=EXACT)
