"""Weights as matrices in rules: against dense linear algebra, and where they may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import run
from nnopt_viz.compose.runs import composed
from nnopt_viz.formula.matrices import Matrices
from nnopt_viz.formula.rule import parse_rule
from nnopt_viz.formula.words import MATRIX_CALLS, WORDS
from nnopt_viz.lab.codec import decode_lab, encode_lab
from nnopt_viz.lab.result import outcomes, result
from nnopt_viz.networks import NETS, network_of
from nnopt_viz.networks.datasets import DATASETS, dataset
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, OPTIMIZERS, TRAINERS
from nnopt_viz.page.app import build_app
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, repair

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LANES = 3


@pytest.fixture(scope="module")
def client() -> Any:
    return build_app().server.test_client()


NETWORK = network_of(NETS.call("mlp", hidden="5,2"), dataset(DATASETS.call("moons"), 0))
GROUPS = NETWORK.groups
MATRICES = Matrices(GROUPS)
POINTS: Array = np.random.default_rng(1).standard_normal((LANES, NETWORK.size))


def matrix(values: Array, lane: int, i: int) -> Array:
    """Group i of one lane, a bias as one column."""
    group = GROUPS[i]
    made = values[lane, group.start : group.stop].reshape(group.shape)
    return made if made.ndim == 2 else made[:, None]


EACH = [(lane, i) for lane in range(LANES) for i in range(len(GROUPS))]


@pytest.mark.parametrize(("lane", "i"), EACH)
def test_singular_values_come_near_one_and_the_rest_stays(lane: int, i: int) -> None:
    left, _, right = np.linalg.svd(matrix(POINTS, lane, i), full_matrices=False)
    core = left.T @ matrix(MATRICES.orthogonal(POINTS), lane, i) @ right.T
    values = np.diag(core)
    assert np.abs(core - np.diag(values)).max() < 1e-12  # the same singular vectors
    assert ((values > 0.65) & (values < 1.25)).all()


@pytest.mark.parametrize(("lane", "i"), EACH)
def test_means_and_sizes_are_those_of_each_matrix(lane: int, i: int) -> None:
    own = matrix(POINTS, lane, i)
    expected = {
        "row_mean": own.mean(axis=1, keepdims=True),
        "column_mean": own.mean(axis=0, keepdims=True),
        "rms": np.sqrt(np.mean(own**2)),
    }
    for name, wanted in expected.items():
        found = matrix(getattr(MATRICES, name)(POINTS), lane, i)
        np.testing.assert_allclose(found, np.broadcast_to(wanted, own.shape), rtol=1e-13)
    whole = np.broadcast_to(MATRICES.aspect(), POINTS.shape)
    assert (matrix(whole, lane, i) == own.shape[1] / own.shape[0]).all()
    are_weights = np.broadcast_to(MATRICES.weights(), POINTS.shape)
    assert (matrix(are_weights, lane, i) == (GROUPS[i].kind == "weight")).all()


@pytest.mark.parametrize(("lane", "i"), EACH)
def test_a_preconditioned_gradient_is_that_of_dense_roots(lane: int, i: int) -> None:
    others = np.random.default_rng(2).standard_normal((6, LANES, NETWORK.size))
    rows = sum(MATRICES.gram_rows(g) for g in others)
    columns = sum(MATRICES.gram_columns(g) for g in others)
    found = matrix(MATRICES.between(rows, POINTS, columns, 1e-3), lane, i)
    own = matrix(POINTS, lane, i)
    left = sum(matrix(g, lane, i) @ matrix(g, lane, i).T for g in others)
    right = sum(matrix(g, lane, i).T @ matrix(g, lane, i) for g in others)
    if GROUPS[i].kind == "weight":
        # The inverse fourth root twice on each side is the inverse square root.
        left, right = (np.linalg.inv(m + 1e-3 * np.eye(len(m))) for m in (left, right))
        wanted = root(root(left)) @ own @ root(root(right))
    else:
        wanted = root(np.linalg.inv(left + 1e-3 * np.eye(len(left)))) @ own
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def root(m: Array) -> Array:
    """The symmetric square root, by Denman-Beavers."""
    y, z = m, np.eye(len(m))
    for _ in range(40):
        y, z = (y + np.linalg.inv(z)) / 2, (z + np.linalg.inv(y)) / 2
    return y


def test_what_is_not_finite_stays_so() -> None:
    broken = POINTS.copy()
    broken[1] = np.nan
    made = MATRICES.between(MATRICES.gram_rows(broken), broken, MATRICES.gram_columns(broken), 1e-6)
    assert np.isnan(made[1]).all()
    assert np.isfinite(made[[0, 2]]).all()


@pytest.mark.parametrize("name", NETWORK_OPTIMIZERS)
def test_it_trains_a_network(name: str) -> None:
    lab = decode_lab(f"data=moons(n=120)&run={name}&run=sgd(lr=1e-9)&batch=30&epochs=20")
    assert decode_lab(encode_lab(lab)) == lab
    own, still = outcomes(result(lab))
    assert own["state"] == "trained"
    assert own["loss"] < 0.75 * still["loss"]


@pytest.mark.parametrize("name", NETWORK_OPTIMIZERS)
def test_a_surface_has_no_matrices(name: str) -> None:
    with pytest.raises(QueryError, match="works on weight matrices; a surface has none") as caught:
        decode(f"surface=booth&run={name}")
    assert "/network" in caught.value.message
    mended, notes = repair(f"surface=booth&run={name}")
    assert caught.value.nearest is None  # none of a surface's methods is near to it
    assert mended.runs == (run("adam"),)
    assert notes[0].endswith("It was left out.")


@pytest.mark.parametrize("name", NETWORK_OPTIMIZERS)
@pytest.mark.parametrize("route", ["/run.json", "/run.csv", "/run.bin", "/figures.json"])
def test_every_route_refuses_it_on_a_surface(client: FlaskClient, name: str, route: str) -> None:
    assert client.get(f"{route}?run={name}").status_code == 400


def test_the_catalogue_lists_them_apart(client: FlaskClient) -> None:
    body: Any = client.get("/catalogue.json").json
    assert [entry["name"] for entry in body["network_optimizers"]] == list(NETWORK_OPTIMIZERS)
    assert not {entry["name"] for entry in body["optimizers"]} & set(NETWORK_OPTIMIZERS)
    assert set(TRAINERS) == {*OPTIMIZERS, *NETWORK_OPTIMIZERS}


def test_a_rule_of_ones_own_knows_no_matrices() -> None:
    for name in MATRIX_CALLS:
        text = f"x = x - lr*{name}({', '.join(['g'] * WORDS[name].arity)})"
        assert parse_rule(text, (), matrices=True).update
        with pytest.raises(QueryError):
            decode_lab(f"data=moons&run=rule(text=%22{text}%22)")


def test_what_wraps_a_run_wraps_these_too() -> None:
    plain, wrapped = run("muon"), run("muon", clip_norm=1.0)
    assert "norm" in composed(wrapped).text
    assert "norm" not in composed(plain).text.replace("normal", "")
