"""Law: the directions in which points extend most are those of the singular value decomposition,
however many points and dimensions there are, however close or far apart their extents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.slices import plane_of
from nnopt_viz.networks.planes import PlaneError
from nnopt_viz.networks.planes.cloud import EXACT, Cloud
from nnopt_viz.networks.planes.plane import ALIKE, FAR, near
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

MANY = SCENARIOS // 50


def cloud_of(points: Array) -> Cloud:
    return Cloud(points[None], np.zeros(points.shape[1]), np.ones((1, len(points)), dtype=bool))


def with_extents(rng: np.random.Generator, rows: int, size: int, extents: Array) -> Array:
    """Points with these singular values, in directions drawn at random."""
    left, _ = np.linalg.qr(rng.standard_normal((rows, len(extents))))
    right, _ = np.linalg.qr(rng.standard_normal((size, len(extents))))
    return np.asarray((left * extents) @ right.T)


def extents(rng: np.random.Generator, count: int, kind: str) -> Array:
    falling = 1.0 / np.arange(1, count + 1)
    if kind == "one":
        falling[1:] = 0
    elif kind == "two":
        falling[2:] = 0
    elif kind == "close":
        falling[2] = falling[1] * (1 - 10 ** -rng.uniform(1, 4))
    elif kind == "steep":
        falling = 10.0 ** -np.arange(count)
    elif kind == "flat":
        falling = np.linspace(1, 0.3, count)
    return falling * 10 ** rng.uniform(-6, 3)


@pytest.mark.parametrize("kind", ["walk", "one", "two", "close", "steep", "flat"])
def test_the_search_finds_what_the_decomposition_finds(kind: str) -> None:
    for seed in range(MANY):
        rng = np.random.default_rng([1, seed])
        rows, size = (int(n) for n in rng.integers(EXACT + 1, 3 * EXACT, 2))
        if kind == "walk":
            points = rng.standard_normal((rows, size)).cumsum(axis=0)
        else:
            points = with_extents(rng, rows, size, extents(rng, int(rng.integers(3, 60)), kind))
        cloud = cloud_of(points)
        values, found = cloud.widest(2, np.random.default_rng(seed))
        _, sizes, directions = np.linalg.svd(points, full_matrices=False)
        true = sizes[:2] ** 2
        # of rank one there is no second, or one of rounding: then no plane is laid
        assert len(values) == 2 or kind == "one", seed
        for i, value in enumerate(values):
            assert abs(value - true[i]) <= 1e-12 * true[0], (seed, i)
        second_is = [len(v) > 1 and v[1] > ALIKE * v[0] for v in (values, true)]
        assert second_is[0] == second_is[1], seed
        for i in range(2 if second_is[0] else 1):
            gap = min(abs(sizes[j] ** 2 - true[i]) for j in (i - 1, i + 1) if j >= 0) / true[0]
            along = abs(found[i] @ directions[i]) / np.linalg.norm(found[i])
            assert 1 - along <= (1e-12 / gap) ** 2 + 1e-13, (seed, i, gap)


def test_few_points_and_many_are_seen_alike() -> None:
    """The same points, decomposed and sought."""
    for seed in range(MANY):
        rng = np.random.default_rng([2, seed])
        points = rng.standard_normal((int(rng.integers(3, EXACT)), 2 * EXACT)).cumsum(axis=0)
        cloud = cloud_of(points)
        exact = cloud.widest(2, np.random.default_rng(0))
        sought = cloud._sought(2, np.random.default_rng(0))
        np.testing.assert_allclose(sought[0], exact[0], rtol=1e-11)
        for one, other in zip(sought[1], exact[1], strict=True):
            along = abs(one @ other) / np.linalg.norm(one) / np.linalg.norm(other)
            assert along == pytest.approx(1, abs=1e-12), seed


def test_what_explodes_is_left_out_and_a_part_beside_can_be_taken_away() -> None:
    rng = np.random.default_rng(3)
    points = rng.standard_normal((3 * EXACT, 2 * EXACT)).cumsum(axis=0)
    points[7], points[9, 3], points[11, 5] = 2 * FAR, np.nan, np.inf
    first = np.zeros(2 * EXACT)
    first[0] = 1.0
    there = near(points[None], np.zeros(2 * EXACT))
    assert np.flatnonzero(~there[0]).tolist() == [7, 9, 11]
    with np.errstate(all="ignore"):
        cloud = Cloud(points[None], np.zeros(2 * EXACT), there, beside=first)
        values, found = cloud.widest(1, np.random.default_rng(0))
    kept = np.delete(points, [7, 9, 11], axis=0)
    kept[:, 0] = 0
    _, sizes, directions = np.linalg.svd(kept, full_matrices=False)
    assert values[0] == pytest.approx(sizes[0] ** 2, rel=1e-12)
    assert abs(found[0] @ directions[0]) == pytest.approx(1, abs=1e-12)
    farthest = kept[np.abs(kept @ found[0]).argmax()]
    np.testing.assert_allclose(cloud.farthest(found[0]), farthest, atol=1e-12)


def test_a_long_straight_path_has_no_second_direction() -> None:
    """Longer and wider than what is decomposed, and the same by chance of rounding alone."""
    lab = decode_lab("net=mlp(hidden=%2216,16%22)&data=moons(n=20)&run=sgd&run=sgd")
    size, rows = lab.network.size, 400
    start, way = np.random.default_rng(4).standard_normal((2, size))
    path = start + np.multiply.outer(np.linspace(1, 0, rows), way)
    paths = np.stack([path, path])[:, :, None]
    with pytest.raises(PlaneError, match="no second main direction"):
        plane_of(lab, paths)
    bent = paths.copy()
    bent[1, :, 0, 3] += np.sin(np.linspace(0, 3, rows))
    assert np.isfinite(plane_of(lab, bent).second).all()
