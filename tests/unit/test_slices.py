"""Planes against independent computations, and slices against what they are slices of."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import pytest

from nnopt_viz.declare.streams import DIRECTIONS
from nnopt_viz.figures.lab_figures import lab_figures
from nnopt_viz.figures.plain import as_text
from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.result import Result, lab_columns, result
from nnopt_viz.lab.slices import heights, plane_of
from nnopt_viz.lab.training import train
from nnopt_viz.networks import PLANES, accuracy, hessian_vector, statistics, value
from nnopt_viz.networks.directions import Plane, filter_normalized
from nnopt_viz.networks.planes import PlaneError
from nnopt_viz.networks.sharpness import largest_curvature
from tests.support.network_cases import GRID, lab_of, numbers
from tests.support.paths import GOLDEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.lab.lab import Lab

    Array = NDArray[np.float64]

NETWORKS = GOLDEN / "networks"
RUNS = "&run=sgd(lr=0.1)&run=momentum(lr=0.05)&run=adam(lr=0.02)"
SCENE = "data=moons(n=60)&batch=16&epochs=8&seed=2&seeds=2" + RUNS


@lru_cache(maxsize=32)
def made(plane: str, batchnorm: bool, height: str = "train") -> Result:
    net = f"mlp(hidden=%226,4%22,activation=tanh,batchnorm={str(batchnorm).lower()})"
    of = ",".join(f"{end}={run}" for end, run in zip(PLANES[plane].ends, (1, 0, 2), strict=False))
    return result(decode_lab(f"{SCENE}&net={net}&plane={plane}({of},height={height})"))


def dense(lab: Lab, theta: Array) -> Array:
    """The whole Hessian, column by column."""
    size, data = len(theta), lab.samples
    many = np.repeat(theta[None], size, axis=0)
    return hessian_vector(lab.network, many, np.eye(size), data.x_train, data.y_train)


# --- planes ---------------------------------------------------------------------------


@pytest.mark.parametrize("plane", PLANES)
def test_a_plane_declares_the_runs_it_goes_through(plane: str) -> None:
    declared = PLANES[plane]
    assert set(declared.ends) < {knob.name for knob in declared.knobs}
    assert made(plane, False).lab.ends == (1, 0, 2)[: len(declared.ends)]
    left, right, low, high = made(plane, False).slice.bounds
    assert min(-left, right, -low, high) > declared.reach


@pytest.mark.parametrize("batchnorm", [False, True])
def test_filter_normalized_directions_and_their_slice_agree_with_torch(batchnorm: bool) -> None:
    lab = lab_of(batchnorm)
    centre = 0.9 * numbers(lab.network.size, 1)
    rng = DIRECTIONS.generator(lab.seed)
    first, second = (filter_normalized(lab.network, centre, rng) for _ in range(2))
    x, y = (g.ravel() for g in np.meshgrid(GRID, GRID))
    found = heights(lab, Plane(centre, first, second), x, y)
    with np.load(NETWORKS / "slices.npz") as file:
        assert np.abs(first - file[f"first_{int(batchnorm)}"]).max() <= 1e-14
        assert np.abs(second - file[f"second_{int(batchnorm)}"]).max() <= 1e-14
        assert np.abs(found - file[f"heights_{int(batchnorm)}"].ravel()).max() <= 1e-12


@pytest.mark.conformance
@pytest.mark.parametrize("batchnorm", [False, True])
def test_the_recorded_slices_are_torchs(batchnorm: bool) -> None:
    golden = pytest.importorskip("tools.golden_layers", reason="needs the extra `conformance`")
    with np.load(NETWORKS / "slices.npz") as file:
        for name, values in golden.sliced(batchnorm).items():
            np.testing.assert_allclose(file[name], values, rtol=1e-12, atol=1e-13)


def test_each_unit_gets_as_much_as_its_weights_are_long() -> None:
    shown = made("random", True)
    for direction in (shown.slice.plane.first, shown.slice.plane.second):
        ours = shown.lab.network.parts(direction[None])
        theirs = shown.lab.network.parts(shown.slice.plane.centre[None])
        for mine, own in zip(ours, theirs, strict=True):
            for unit in range(own["weight"].shape[2]):
                length = np.linalg.norm(own["weight"][0, :, unit])
                assert np.linalg.norm(mine["weight"][0, :, unit]) == pytest.approx(
                    length, rel=1e-13
                )
            assert all((mine[kind] == 0).all() for kind in mine if kind not in ("weight", "affine"))


@pytest.mark.parametrize("epochs", [4, 60])  # fewer rows than parameters, and more
def test_main_directions_are_those_of_the_singular_value_decomposition(epochs: int) -> None:
    lab = decode_lab(f"net=mlp(hidden=%226,4%22)&data=moons(n=40)&epochs={epochs}{RUNS}&plane=pca")
    *_, rows = train(lab)
    paths = rows.theta[:, :, 0]
    off = (paths - paths[0, -1]).reshape(-1, lab.network.size)
    _, sizes, directions = np.linalg.svd(off, full_matrices=False)
    plane = plane_of(lab, rows.theta)
    assert (plane.centre == paths[0, -1]).all()
    for mine, theirs in zip((plane.first, plane.second), directions, strict=False):
        assert abs(mine @ theirs) == pytest.approx(1, abs=1e-9)
        assert off[0] @ mine >= 0
    x, y, away = plane.coordinates(off + plane.centre)
    assert np.sum(x**2) == pytest.approx(sizes[0] ** 2, rel=1e-9)
    assert np.sum(y**2) == pytest.approx(sizes[1] ** 2, rel=1e-9)
    assert np.sum(away**2) == pytest.approx(np.sum(sizes[2:] ** 2), rel=1e-6)


@pytest.mark.parametrize("hidden", ["", "4", "6,4"])  # the last has more parameters than steps
@pytest.mark.parametrize("batchnorm", ["false", "true"])
def test_hessian_directions_are_those_of_the_whole_hessian(hidden: str, batchnorm: str) -> None:
    net = f"mlp(hidden=%22{hidden}%22,activation=tanh,batchnorm={batchnorm},l2=0.01)"
    lab = decode_lab(f"net={net}&data=moons(n=60)&epochs=6&plane=hessian")
    *_, rows = train(lab)
    theta = rows.theta[0, -1, 0]
    whole = dense(lab, theta)
    assert np.abs(whole - whole.T).max() < 1e-12
    values, vectors = np.linalg.eigh(whole)
    plane = plane_of(lab, rows.theta)
    for i, direction in enumerate((plane.first, plane.second)):
        assert direction @ whole @ direction == pytest.approx(values[-1 - i], rel=1e-8)
        assert abs(direction @ vectors[:, -1 - i]) == pytest.approx(1, abs=1e-6)
    rng = np.random.default_rng(1)
    found = largest_curvature(lab.network, theta[None], lab.samples, rng)
    assert found.values[0] == pytest.approx(values[-1], rel=0.01)


@pytest.mark.parametrize("batchnorm", [False, True])
def test_the_line_goes_through_start_and_end_and_three_through_the_ends(batchnorm: bool) -> None:
    line = made("line", batchnorm)
    ends = line.rows.theta[1, [0, -1], 0]
    x, y, away = line.slice.plane.coordinates(ends)
    assert np.abs(away).max() < 1e-12
    assert x == pytest.approx([np.linalg.norm(ends[0] - ends[1]), 0], abs=1e-12)
    assert np.abs(y).max() < 1e-12
    three = made("three", batchnorm)
    assert three.slice.away[:, -1, 0] == pytest.approx([0, 0, 0], abs=1e-12)


def test_planes_that_do_not_exist_say_so() -> None:
    for query, words in (
        ("plane=random&net=mlp(hidden=%22%22)&data=sine(n=20)&epochs=2", "Both directions are one"),
        ("plane=random&init=zeros&net=mlp&data=moons(n=20)&epochs=1", "All weights are zero"),
        ("plane=pca&net=mlp&data=moons(n=20)&epochs=1", "no second main direction"),
        ("plane=line&net=mlp&data=moons(n=20)&epochs=1", "straight line"),
        ("plane=line&init=zeros&net=mlp&data=moons(n=20)&batch=4&epochs=90", "straight line"),
        ("plane=line&net=mlp&data=moons(n=20)&run=sgd(lr=0)", "ends where it began"),
        ("plane=three&net=mlp&data=moons(n=20)&run=sgd&run=sgd&run=adam", "same place"),
    ):
        part = result(decode_lab(query)).slice
        assert words in part.missing
        assert np.isnan([part.x, part.y, part.away, part.height]).all()
        with pytest.raises(PlaneError, match=words):
            part.there()


# --- honesty --------------------------------------------------------------------------

SHOWN = list(product(PLANES, (False, True), ("train", "test", "accuracy")))


@pytest.mark.parametrize(("plane", "batchnorm", "height"), SHOWN)
def test_at_the_centre_the_slice_is_the_truth(plane: str, batchnorm: bool, height: str) -> None:
    shown = made(plane, batchnorm, height)
    lab, part = shown.lab, shown.slice
    centre = shown.rows.theta[1, -1, 0]
    assert (part.plane.centre == centre).all()
    assert (part.x[1, -1, 0], part.y[1, -1, 0], part.away[1, -1, 0]) == (0, 0, 0)
    network, data = lab.network, lab.samples
    fixed = statistics(network, centre[None], data.x_train) if batchnorm else None
    true = {
        "train": value(network, centre[None], data.x_train, data.y_train)[0],
        "test": value(network, centre[None], data.x_test, data.y_test, fixed)[0],
        "accuracy": 1 - accuracy(network, centre[None], data.x_train, data.y_train, fixed)[0],
    }[height]
    zero = np.zeros(1)
    for found in (
        part.height[1, -1, 0],
        shown.true[1, -1, 0],
        heights(lab, part.plane, zero, zero),
    ):
        assert found == pytest.approx(true, abs=1e-12)


@pytest.mark.parametrize(("plane", "batchnorm", "height"), SHOWN)
def test_distances_and_losses_are_the_real_ones(plane: str, batchnorm: bool, height: str) -> None:
    shown = made(plane, batchnorm, height)
    lab, part, theta = shown.lab, shown.slice, shown.rows.theta
    basis = np.stack([part.plane.first, part.plane.second], axis=1)
    off = (theta - part.plane.centre).reshape(-1, lab.network.size)
    at, *_ = np.linalg.lstsq(basis, off.T, rcond=None)
    away = np.linalg.norm(off - (basis @ at).T, axis=1)
    np.testing.assert_allclose(part.x.ravel(), at[0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(part.y.ravel(), at[1], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(part.away.ravel(), away, rtol=1e-9, atol=1e-11)
    loss = value(lab.network, theta.reshape(off.shape), lab.samples.x_train, lab.samples.y_train)
    np.testing.assert_allclose(shown.rows.loss.ravel(), loss, rtol=1e-12)
    if height == "train":
        below = value(
            lab.network, part.plane.centre + (basis @ at).T, lab.samples.x_train,
            lab.samples.y_train,
        )  # fmt: skip
        np.testing.assert_allclose(part.height.ravel(), below, rtol=1e-9, atol=1e-12)
    seen = (theta - theta[:, -1:])[:, :, 0]  # each run from its own end
    at, *_ = np.linalg.lstsq(basis, seen.reshape(-1, lab.network.size).T, rcond=None)
    along = (basis @ at).T.reshape(seen.shape)
    share = (along**2).sum(axis=(1, 2)) / (seen**2).sum(axis=(1, 2))
    np.testing.assert_allclose(part.share, share, atol=1e-12)
    assert (part.share >= -1e-12).all()


def packed(array: dict[str, str]) -> NDArray[np.float32]:
    """A grid as Plotly packs it: base64 of float32."""
    assert array["dtype"] == "f4"
    values = np.frombuffer(base64.b64decode(array["bdata"]), "<f4")
    shape = [int(n) for n in array.get("shape", str(values.size)).split(",")]
    return values.reshape(shape)


@pytest.mark.parametrize("batchnorm", [False, True])
def test_figures_show_the_same_sheet(batchnorm: bool) -> None:
    shown = made("pca", batchnorm)
    left, right, low, high = shown.slice.bounds
    assert left < 0 < right
    assert low < 0 < high
    figures = json.loads(as_text(lab_figures(shown, "light", 26)))
    for part in ("map", "scene"):  # what is sent passes Plotly's checks
        assert len(go.Figure(figures[part]).data) == len(figures[part]["data"])
    assert figures["facts"]["bounds"] == [left, right, low, high]
    sheet, meta = figures["scene"]["data"][0], figures["scene"]["layout"]["meta"]
    x, y, z = (packed(sheet[axis]) for axis in "xyz")
    assert (x[0], x[-1], y[0], y[-1]) == pytest.approx((left, right, low, high), rel=1e-6)
    for column in (0, len(x) // 2):  # drawn as log10(1 + (loss - best)/unit), cut off at the top
        loss = heights(
            shown.lab, shown.slice.plane, np.full(len(y), float(x[column])), y.astype(float)
        )
        above = np.log10(1 + np.maximum(loss - meta["best"], 0) / meta["unit"])
        np.testing.assert_allclose(
            z[:, column], np.minimum(above, meta["top"]), rtol=1e-4, atol=1e-5
        )
    assert figures["facts"]["best"] <= np.nanmin(shown.true[:, -1]) + 1e-12
    columns = lab_columns(shown)
    last = (columns["run"] == 1) & (columns["lane"] == 0) & (columns["step"] == shown.lab.steps)
    assert columns["slice_loss"][last] == pytest.approx(columns["loss"][last], abs=1e-12)
    assert columns["out_of_plane"][last] == 0
