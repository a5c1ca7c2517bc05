"""A training does not depend on where it is looked at: a plane that does not exist takes map and
3D view with it, and nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pytest
from flask import Flask

from nnopt_viz.deliver.lab_stream import FIELDS
from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.result import lab_columns, result
from nnopt_viz.networks import PLANES
from nnopt_viz.web import api
from tests.support.laws import SCENARIOS
from tests.support.segments import segments

if TYPE_CHECKING:
    from flask.testing import FlaskClient

OF_THE_PLANE = ("x", "y", "slice_loss", "out_of_plane")
NAMED = {  # query -> a part of the reason
    'plane=random&init=zeros&net=mlp(hidden="4")&data=moons(n=20)&epochs=1': "All weights are zero",
    'plane=random&net=mlp(hidden="")&data=sine(n=20)&epochs=2': "Both directions are one",
    'plane=pca&net=mlp(hidden="4")&data=moons(n=20)&run=adam(lr=0)': "no second main direction",
    'plane=pca&net=mlp(hidden="4")&data=moons(n=20)&epochs=1&batch=99': "no second main",
    'plane=line&net=mlp(hidden="4")&data=moons(n=20)&epochs=1': "straight line",
    'plane=line&net=mlp(hidden="4")&data=moons(n=20)&run=sgd(lr=0)': "ends where it began",
    'plane=three&net=mlp(hidden="4")&data=moons(n=20)&run=sgd&run=sgd&run=adam': "same place",
    'plane=three&net=mlp(hidden="4")&data=moons(n=20)&run=adam&run=sgd&run=sgd': "same place",
    'plane=line&net=mlp(hidden="4")&data=moons(n=20)&run=momentum(lr=1000,weight_decay=1000)': (
        "after its first step"
    ),
    'plane=pca&net=mlp(hidden="4")&data=moons(n=20)&run=momentum(lr=1000,weight_decay=1000)': (
        "Within 10,000 the path"
    ),
}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    server = Flask("laws")
    server.testing = True  # an exception is an exception, not a 500
    api.register(server)
    return server.test_client()


def get(client: FlaskClient, path: str, query: str) -> Any:
    text = quote(query, safe="=&(),.")
    return client.get(path, environ_overrides={"QUERY_STRING": text})


def scenario(rng: random.Random) -> str:
    """A small training; many of them have no plane."""
    hidden = rng.choice(["", "1", "3", "4,2"])
    net = f'mlp(hidden="{hidden}",batchnorm={rng.choice(["true", "false"])})'
    data = f"{rng.choice(['moons', 'sine', 'digits'])}(n={rng.randint(8, 24)})"
    init = rng.choice(["zeros", "he_normal", "normal(std=100)", "orthogonal"])
    names, rates = ("sgd", "adam", "lion", "momentum"), (0, 0, 0.01, 1, 1000)
    runs = [f"{rng.choice(names)}(lr={rng.choice(rates)})" for _ in range(rng.randint(1, 4))]
    plane = rng.choice([name for name in PLANES if name != "three" or len(runs) > 2])
    more = f"batch={rng.choice([1, 5, 99])}&epochs={rng.randint(1, 3)}&seed={rng.randint(0, 99)}"
    return "&".join(
        (
            f"net={net}&data={data}&init={init}",
            *(f"run={run}" for run in runs),
            f"plane={plane}",
            more,
        )
    )


def check(client: FlaskClient, query: str) -> str:
    """The law for one query; why it has no plane, or an empty text."""
    answer = get(client, "/run.bin", query)
    assert answer.status_code == 200
    header, frames, trailer = segments(answer.data)[-1]
    missing = header["plane"]["missing"]
    column = {name: frames[:, 1 + i] for i, name in enumerate(FIELDS)}
    assert np.isfinite(column["x"]).any() == (not missing)
    assert (trailer["figures"] is None) == (header["bounds"] is None) == bool(missing)
    assert (missing in trailer["notes"]) == bool(missing)
    assert trailer["layers"]["steps"]
    assert all((end["in_plane"] is None) >= bool(missing) for end in trailer["outcomes"])
    for path in ("/slice.json", "/run.html") if missing else ():  # what is of the plane alone
        refused = get(client, path, query)
        assert refused.status_code == 400, path
        assert refused.json["error"]["message"].rstrip(".") in missing
    lab = decode_lab(quote(query, safe="=&(),."))
    rows = lab_columns(result(lab))
    if missing:
        assert all(np.isnan(rows[name]).all() for name in OF_THE_PLANE)
    # the same training where it is shown on some other plane
    other = next(name for name in PLANES if name not in (lab.plane.name, "three"))
    elsewhere = lab_columns(result(replace(lab, plane=PLANES.call(other))))
    for name in rows.keys() - set(OF_THE_PLANE):
        assert np.array_equal(rows[name], elsewhere[name], equal_nan=name != "optimizer"), name
    return str(missing)


@pytest.mark.parametrize("query", NAMED)
def test_a_plane_that_does_not_exist_says_why(client: FlaskClient, query: str) -> None:
    assert NAMED[query] in check(client, query)
    csv, document = (get(client, path, query) for path in ("/run.csv", "/run.json"))
    assert csv.status_code == document.status_code == 200
    assert csv.data.count(b"\n") == len(document.json["rows"]["loss"]) + 1 > 1
    assert set(document.json["rows"]["x"]) == set(document.json["explained"]) == {None}


def test_training_does_not_depend_on_the_plane(client: FlaskClient) -> None:
    missing = 0
    for seed in range(SCENARIOS):
        query = scenario(random.Random(seed))
        try:
            missing += bool(check(client, query))
        except Exception as fault:
            raise AssertionError(f"seed {seed}: {query}") from fault
    assert SCENARIOS / 5 < missing < SCENARIOS


def test_planes_that_are_offered_exist(client: FlaskClient) -> None:
    for query in NAMED:
        refused = get(client, "/slice.json", query).json["error"]
        instead = refused["nearest"]
        if instead is not None:
            plane = query.partition("&")[0]
            assert (
                get(client, "/slice.json", query.replace(plane, f"plane={instead}")).status_code
                == 200
            )


def test_a_point_in_the_plane_is_at_no_distance_from_it() -> None:
    """Not at that of rounding: on a logarithmic scale nothing else was to be seen."""
    tried = 0
    for seed in range(SCENARIOS // 4):
        rng = random.Random(2_000 + seed)
        name = rng.choice(["line", "three"])
        runs = "&".join(f"run=sgd(lr={rate})" for rate in rng.sample([0.01, 0.03, 0.1, 0.3], 3))
        hidden = rng.choice(["3", "8", "16,16"])
        made = result(
            decode_lab(
                f'net=mlp(hidden="{hidden}")&data=moons(n=24)&{runs}&plane={name}&epochs=3'
                f"&seed={seed}&batch={rng.choice([5, 9])}"
            )
        )
        if made.slice.plane is None:
            continue
        tried += 1
        away = made.slice.away[:, :, 0]
        inside = away[0, [0, -1]] if name == "line" else away[:, -1]
        assert not inside.any(), f"seed {seed}, {name}: {inside}"
        assert (away > 0).any(), f"seed {seed}, {name}"
    assert tried > SCENARIOS / 8
