"""Data sets against scikit-learn's, kept by tools/golden_datasets.py, and against closed forms."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.networks import DATASETS, dataset
from nnopt_viz.networks.datasets import digit_pictures
from tests.support.paths import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.support.recording import Recorder

    Array = NDArray[np.float64]

pytestmark = pytest.mark.recorded

KEPT: dict[str, Any] = json.loads((GOLDEN / "datasets.json").read_text("utf-8"))
SEEDS = range(5)


def samples(name: str, seed: int, **knobs: Any) -> tuple[Array, Array]:
    """All samples, those to test with last."""
    data = dataset(DATASETS.call(name, **knobs), seed)
    x = np.concatenate([data.x_train, data.x_test])
    return x, np.concatenate([data.y_train, data.y_test])


def _moons(x: Array, y: Array) -> Array:
    """The upper half circle about (0, 0), and the lower one about (1, 1/2); radius 1."""
    upper = np.abs(np.hypot(x[:, 0], x[:, 1]) - 1) + np.maximum(0, -x[:, 1])
    lower = np.abs(np.hypot(x[:, 0] - 1, x[:, 1] - 0.5) - 1) + np.maximum(0, x[:, 1] - 0.5)
    return np.where(y == 0, upper, lower)


def _circles(x: Array, y: Array) -> Array:
    return np.abs(np.hypot(x[:, 0], x[:, 1]) - np.where(y == 1, 0.5, 1.0))


# name -> (where ours is moved to, how far a point is from its class's curve)
CURVES: dict[str, tuple[tuple[float, float], Callable[[Array, Array], Array]]] = {
    "moons": ((0.5, 0.25), _moons),
    "circles": ((0.0, 0.0), _circles),
}


@pytest.mark.parametrize("name", CURVES)
def test_points_lie_on_scikit_learns_curves(name: str, evidence: Recorder) -> None:
    """Its points lie on them, so do ours without noise, and they fill them."""
    moved, away = CURVES[name]
    assert away(np.array(KEPT[name]["x"]), np.array(KEPT[name]["y"])).max() < 1e-15
    found = []
    for seed in SEEDS:
        x, y = samples(name, seed, n=400, noise=0.0)
        found.append(float(away(x + moved, y).max()))
        for point, label in zip(KEPT[name]["x"], KEPT[name]["y"], strict=True):
            near = np.linalg.norm(x[y == label] + moved - point, axis=1).min()
            assert near < 0.25, point  # 200 points of each class on curves at most 2*pi long
    assert max(found) < 1e-15
    evidence.compared(
        "datasets", name, f"sklearn.datasets.make_{name}", "curves", found, steps=[0],
        release=KEPT["release"], what="Points without noise, as their distance from the two curves",
    )  # fmt: skip


def test_the_digits_are_scikit_learns(evidence: Recorder) -> None:
    """All of them, to the last pixel."""
    held = np.c_[digit_pictures()[0], digit_pictures()[1]].astype(np.uint8)
    assert (held[:, :64] == digit_pictures()[0]).all()
    assert hashlib.sha256(held.tobytes()).hexdigest() == KEPT["digits"]
    x, labels = samples("digits", 3, n=600)
    pictures = {tuple(row[:64]): row[64] for row in held}
    for row, label in zip(8 * (x + 1), labels, strict=True):
        assert pictures[tuple(row)] == label
    evidence.compared(
        "datasets", "digits", "sklearn.datasets.load_digits", "pictures", [0.0], steps=[0],
        release=KEPT["release"], what="All 1797 pictures and labels",
    )  # fmt: skip


def _xor(x: Array, y: Array, seed: int) -> None:
    assert (np.abs(x) == 1).all()
    assert ((x[:, 0] != x[:, 1]) == y).all()
    assert len({tuple(row) for row in x}) == 4


def _spirals(x: Array, y: Array, seed: int) -> None:
    """Radius 1.5 at the end of each arm, an angle of one turn to it; the other arm opposite."""
    radius = np.hypot(x[:, 0], x[:, 1])
    assert radius.max() <= 1.5
    wanted = 2 * np.pi * radius / 1.5 + np.pi * y
    turned = np.arctan2(x[:, 1], x[:, 0]) - wanted
    np.testing.assert_allclose(np.cos(turned), 1, atol=1e-13)


def _blobs(x: Array, y: Array, seed: int) -> None:
    np.testing.assert_array_equal(x, np.where(y[:, None] == 1, 1, -1) * [1.0, 0.5])


def _checkerboard(x: Array, y: Array, seed: int) -> None:
    """Three squares a side: a corner's colour is that of the middle."""
    row, column = (np.searchsorted([-0.5, 0.5], x[:, i], side="right") for i in (0, 1))
    assert ((row + column) % 2 == y).all()
    assert y[np.argmin(np.abs(x).max(axis=1))] == 0


def _sine(x: Array, y: Array, seed: int) -> None:
    np.testing.assert_allclose(y, np.sin(np.pi * x[:, 0]), atol=1e-14)  # 1.5 periods in 3


CLOSED = {"xor": _xor, "spirals": _spirals, "blobs": _blobs, "checkerboard": _checkerboard,
          "sine": _sine}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
def test_points_without_noise_are_those_of_the_closed_form(name: str, evidence: Recorder) -> None:
    for seed in SEEDS:
        CLOSED[name](*samples(name, seed, n=300, noise=0.0), seed)
    evidence.worked("datasets", name, "closed form")


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "digits"])
def test_noise_is_normal_of_the_spread_it_says(name: str) -> None:
    """4,000 numbers: their spread is good to 1.1 %, four times that is allowed."""
    clean, noisy, twice = (samples(name, 8, n=2000, noise=s) for s in (0.0, 0.2, 0.4))
    on = 1 if DATASETS[name].kind == "regression" else 0
    added = (noisy[on] - clean[on]) / 0.2
    np.testing.assert_allclose((twice[on] - clean[on]) / 0.4, added, atol=1e-12)
    assert abs(added.mean()) < 4 / np.sqrt(added.size)
    assert abs(added.std() - 1) < 4 / np.sqrt(2 * added.size)
    assert abs(np.mean(added**4) - 3) < 0.6  # normal: 3, uniform: 1.8


def test_every_data_set_is_examined() -> None:
    assert {*CURVES, *CLOSED, "digits"} == set(DATASETS)
