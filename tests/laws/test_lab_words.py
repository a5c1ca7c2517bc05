"""Laws: what the lab says of runs that explode, of signals that are no numbers and of batches of
one sample is true of them, and names the run as the page does."""

from __future__ import annotations

import random

import numpy as np
import pytest

from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.notes import notes
from nnopt_viz.lab.result import layers, outcomes, result
from nnopt_viz.networks.planes.plane import FAR
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.labels import labels
from tests.support.laws import SCENARIOS

NAMES = ("sgd", "momentum", "adam", "lion")


def exploding(rng: random.Random) -> str:
    """A small training, often at rates that are far too large; several runs are of one name."""
    hidden, act = rng.choice(["", "2", "5", "3,3"]), rng.choice(["linear", "relu", "tanh"])
    loss = rng.choice(["squared_error", "auto"])
    normal = rng.choice(["true", "false"])
    net = f'mlp(hidden="{hidden}",activation={act},loss={loss},batchnorm={normal})'
    data = f"{rng.choice(['moons', 'sine', 'digits'])}(n={rng.randint(8, 30)})"
    rates = (0.01, 0.3, 2, 5, 30, 1000)
    runs = [f"{rng.choice(NAMES)}(lr={rng.choice(rates)})" for _ in range(rng.randint(1, 3))]
    more = (
        f"batch={rng.choice([3, 7, 99])}&epochs={rng.choice([1, 4])}&seeds={rng.choice([1, 1, 3])}"
    )
    plane = f"plane={rng.choice(['pca', 'line', 'random', 'hessian'])}"
    return "&".join([f"net={net}", f"data={data}", more, plane, *(f"run={one}" for one in runs)])


def test_what_is_said_of_runs_that_explode() -> None:
    far = diverged = 0
    for seed in range(SCENARIOS // 2):
        rng = random.Random(seed)
        query = exploding(rng)
        where = f"seed {seed}: {query}"
        made = result(decode_lab(query))
        lab, rows = made.lab, made.rows
        said, names, ends = notes(made), labels(lab.runs), outcomes(made)
        table = layers(made)
        for run, (name, end) in enumerate(zip(names, ends, strict=True)):
            path = rows.theta[run, :, 0]
            is_near = (np.abs(path) < FAR).all(axis=1)
            assert end["beyond"] == (None if is_near.all() else rows.steps[~is_near][0]), where
            far += not is_near.all()
            lost = [
                not np.isfinite(loss).all() or loss[-1] > 1e6 * max(loss[0], 1)
                for loss in rows.loss[run].T
            ]
            diverged += lost[0]
            assert (end["state"] == "diverged") == lost[0], where
            told = [
                note for note in said
                if note.startswith((f"{name}: ", f"{name} d")) and "diverged" in note
            ]  # fmt: skip
            assert len(told) == any(lost), f"{where}: {said}"
            assert lab.seeds == 1 or not told or f"{sum(lost)} of {lab.seeds}" in told[0], where
            for at, step in enumerate(table["steps"]):
                if not np.isfinite(path[rows.steps == step]).all():
                    assert table["dead"][run][at] == [None] * lab.network.layers, where
            share, walk, plane = end["in_plane"], end["random_walk"], made.slice.plane
            if plane is None or walk is None or share is None:
                continue
            off = path[is_near] - path[is_near][-1]
            basis, _ = np.linalg.qr(np.stack([plane.first, plane.second], axis=1))
            whole = np.sum(off**2)
            assert share == pytest.approx(np.sum((off @ basis) ** 2) / whole, abs=1e-6), where
            assert not (end["more_than_walk"] and walk["high"] > 1 - 1e-5), where
    assert far > SCENARIOS / 20
    assert diverged > SCENARIOS / 40


def test_the_case_where_every_plane_was_said_to_hold_all() -> None:
    """16.2 % of the path beside "any such plane holds all"; "sgd diverged" of two that are sgd."""
    made = result(
        decode_lab(
            'net=mlp(hidden="4",activation=linear,loss=squared_error)&data=moons&run=sgd(lr=2)'
            "&run=sgd(lr=0.1)&epochs=200&batch=5"
        )
    )
    (first, second), said = outcomes(made), notes(made)
    assert first["beyond"] == 5
    assert first["in_plane"] is None
    assert second["beyond"] is None
    assert "sgd lr=2 diverged: at step 10 its loss is not finite." in said
    assert any(note.startswith("sgd lr=2: at step 5 a parameter is beyond 10,000") for note in said)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("batch=1", "Every batch is one sample"),
        ("batch=32", "The last batch of every epoch is one sample"),  # of 225
        ("batch=40", ""),
    ],
)
def test_batch_normalization_of_one_sample(query: str, said: str) -> None:
    """Nothing but the shifts of what is normalized has moved where every batch is one sample."""
    lab = decode_lab(f"net=mlp(batchnorm=true)&data=moons&run=sgd(lr=0.1)&epochs=1&{query}")
    made = result(lab)
    told = [note for note in notes(made) if "one sample" in note]
    assert bool(told) == bool(said)
    assert all(note.startswith(said) for note in told)
    if query == "batch=1":
        moved = made.rows.theta[0, -1, 0] != made.rows.theta[0, 0, 0]
        kinds = {g.name for g in lab.network.groups if moved[g.start : g.stop].any()}
        assert kinds <= {"beta1", "beta2", "W3", "b3"}


def test_the_penalty_is_in_every_loss_and_it_is_said() -> None:
    query = 'data=moons(n=40)&run=sgd(lr=0.1)&epochs=1&net=mlp(hidden="4",l2={})'
    plain, made = (result(decode_lab(query.format(l2))) for l2 in (0, 0.5))
    weights = [g for g in made.lab.network.groups if g.kind == "weight"]
    start = made.rows.theta[0, 0, 0]
    penalty = sum(0.25 * np.sum(start[g.start : g.stop] ** 2) for g in weights)
    for with_it, without in (
        (made.rows.loss, plain.rows.loss),
        (made.rows.test_loss, plain.rows.test_loss),
    ):
        assert with_it[0, 0, 0] - without[0, 0, 0] == pytest.approx(penalty)
    assert any("includes the l2 penalty" in note for note in notes(made))
    assert not any("l2" in note for note in notes(plain))


def test_a_perceptron_is_no_network_with_hidden_layers() -> None:
    with pytest.raises(QueryError, match="no hidden layer"):
        decode_lab("net=perceptron&data=moons")
