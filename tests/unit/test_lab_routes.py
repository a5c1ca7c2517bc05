"""The HTTP routes for a training: each format, 304, and every refusal as a clear 400."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import orjson
import pandas as pd
import pytest
from flask import Flask

from nnopt_viz import cli
from nnopt_viz.deliver.lab_stream import FIELDS
from nnopt_viz.deliver.stream import MAGIC
from nnopt_viz.lab.codec import decode_lab, encode_lab
from nnopt_viz.lab.result import COLUMNS, lab_columns, result
from nnopt_viz.networks import PLANES
from nnopt_viz.web import api, questions

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

QUERY = 'net=mlp(hidden="6,4")&data=moons(n=40)&run=sgd(lr=0.1)&run=adam&epochs=4&seeds=2'
PATHS = ("/run.json", "/run.csv", "/run.parquet", "/run.html", "/run.bin", "/slice.json")
DIVERGING = "net=mlp&data=sine(n=60)&run=sgd(lr=1000)&run=adam&epochs=20&plane=random(of=1)"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    server = Flask("lab")
    server.testing = True  # an exception is an exception, not a 500
    api.register(server)
    questions.register(server)
    return server.test_client()


def get(client: FlaskClient, path: str, query: str, **headers: str) -> TestResponse:
    text = quote(query, safe="=&(),.")
    return client.get(path, environ_overrides={"QUERY_STRING": text}, headers=headers)


def header_of(data: bytes) -> dict[str, Any]:
    """The header of a stream's first segment."""
    assert data.startswith(MAGIC)
    (size,) = struct.unpack_from("<I", data, len(MAGIC))
    begin = len(MAGIC) + 4
    return orjson.loads(data[begin : begin + size])


@pytest.mark.parametrize("path", PATHS)
def test_every_route_answers_and_knows_what_one_holds(client: FlaskClient, path: str) -> None:
    answer = get(client, path, QUERY)
    assert answer.status_code == 200
    assert answer.data
    again = get(client, path, QUERY + "&batch=32", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304  # batch=32 is what it is anyway
    assert not again.data
    other = get(client, path, QUERY + "&seed=1", **{"If-None-Match": answer.headers["ETag"]})
    assert other.status_code == 200
    assert other.headers["ETag"] != answer.headers["ETag"]


def test_tables_hold_the_same_numbers(client: FlaskClient) -> None:
    lab = decode_lab(quote(QUERY, safe="=&(),."))
    wanted = lab_columns(result(lab))
    csv = pd.read_csv(io.BytesIO(get(client, "/run.csv", QUERY).data))
    parquet = pd.read_parquet(io.BytesIO(get(client, "/run.parquet", QUERY).data))
    body = get(client, "/run.json", QUERY).json
    assert body["query"] == encode_lab(lab)
    assert list(csv) == list(parquet) == list(COLUMNS) == list(body["rows"])
    assert len(csv) == lab.rows * 2 * 2
    for name, column in wanted.items():
        for table in (csv[name], parquet[name], body["rows"][name]):
            assert np.array_equal(np.asarray(table), column), name
    assert [one["state"] for one in body["outcomes"]] == ["trained", "trained"]
    assert len(body["explained"]) == 2
    assert body["random_walk"] == body["outcomes"][0]["random_walk"]
    assert 0.88 < body["random_walk"]["median"] < body["random_walk"]["high"] < 1


def test_the_stream_begins_with_a_header_of_a_training(client: FlaskClient) -> None:
    data = get(client, "/run.bin", QUERY + "&theme=dark").data
    header = header_of(data)
    assert header["kind"] == "network"
    assert header["provisional"] is False
    assert header["fields"] == list(FIELDS)
    assert (header["rows"], header["lanes"]) == (header["rows_total"], 2)
    assert header["frame_bytes"] == 4 * 2 * (1 + len(FIELDS) * 2)


def test_the_slice_is_fine(client: FlaskClient) -> None:
    body = get(client, "/slice.json", QUERY).json
    assert {"map", "scene", "facts"} <= set(body)
    ends = result(decode_lab(quote(QUERY, safe="=&(),."))).true[:, -1]
    assert body["facts"]["best"] <= ends.min()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("net=mlp&plane=umap", "plane"),
        ("net=mlp&plane=three", "plane"),
        ('net=mlp(hidden="99")', "net"),
        ("net=mlp&run=newton", "run"),
        ("net=mlp&epochs=0", "epochs"),
        ("data=moons(test=0)&plane=random(height=test)", "plane"),
    ],
)
def test_what_does_not_exist_is_a_400(client: FlaskClient, path: str, query: str, key: str) -> None:
    answer = get(client, path, query)
    assert answer.status_code == 400
    error = answer.json["error"]
    assert error["key"] == key
    assert error["message"].endswith(".")
    assert error["allowed"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
def test_too_costly_names_the_command(client: FlaskClient, path: str) -> None:
    answer = get(client, path, 'net=mlp(hidden="64,64")&data=digits(n=1797)&epochs=200&seeds=64')
    assert answer.status_code == 400
    assert "s of a processor" in answer.json["error"]["message"]
    assert "`nnopt-viz run 'net=mlp(" in answer.json["error"]["allowed"]


def test_an_exploding_rate_is_a_state(client: FlaskClient) -> None:
    body = get(client, "/run.json", DIVERGING).json
    assert [one["state"] for one in body["outcomes"]] == ["diverged", "trained"]
    assert body["outcomes"][0]["step"] > 0
    assert body["outcomes"][0]["loss"] is None
    assert any("diverged" in note for note in body["notes"])
    rows = pd.DataFrame(body["rows"])
    assert np.isfinite(rows["loss"].to_numpy(float)).all()
    assert (rows[rows["run"] == 0]["step"] < body["outcomes"][0]["step"]).all()
    for path in PATHS:
        assert get(client, path, DIVERGING).status_code == 200


@pytest.mark.parametrize("plane", PLANES)
def test_every_plane_answers_when_all_runs_explode(client: FlaskClient, plane: str) -> None:
    query = f"net=mlp&data=sine(n=60){'&run=sgd(lr=1000)' * 3}&epochs=5&plane={plane}"
    for path in PATHS:
        answer = get(client, path, query)
        assert answer.status_code in (200, 400), path
        assert answer.status_code == 200 or answer.json["error"]["key"] == "plane"


def test_too_many_seeds_for_an_animated_page_are_told(client: FlaskClient) -> None:
    query = 'net=mlp(hidden="4")&data=xor(n=20)&epochs=1&seeds=64' + "&run=adam" * 9
    answer = get(client, "/run.html", query)
    assert answer.status_code == 413
    error = answer.json["error"]
    assert "576 markers (9 runs × 64 seeds" in error["message"]
    assert "/run.csv?" in error["allowed"]


def test_the_command_line_gives_the_same(
    client: FlaskClient, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert cli.main(["run", quote(QUERY, safe="=&(),.")]) == 0
    assert capsysbinary.readouterr().out == get(client, "/run.csv", QUERY).data
