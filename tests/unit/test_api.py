"""The HTTP routes: data that reads back exactly, true to their own description."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import orjson
import pandas as pd
import pytest
from flask import Flask
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from werkzeug.test import EnvironBuilder

from nnopt_viz.catalogue.listing import as_json, listing, menu
from nnopt_viz.deliver import stream, tables
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.deliver.frame import COLUMNS, trajectory
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.query.keys import REGISTRIES
from nnopt_viz.query.labels import labels
from nnopt_viz.race.codec import decode, encode
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.web import api, experiments, gallery, places, questions, responses
from nnopt_viz.web import schema as openapi
from nnopt_viz.web.release import release

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

QUERY = "surface=himmelblau&run=sgd(lr=5)&run=adam(lr=0.1)&start=random(n=6)&steps=90&noise=0.1"
RUN_PATHS = [f"/run.{made.name}" for made in FORMATS.of("race")]
QUERY_PATHS = [*RUN_PATHS, "/figures.json"]
DESCRIPTION = openapi.document()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    server = Flask("routes")
    api.register(server)
    questions.register(server)
    places.register(server)
    experiments.register(server)
    gallery.register(server)
    return server.test_client()


@pytest.fixture(scope="module")
def specification() -> OpenAPI:
    as_text = lambda data, **options: data.decode()  # noqa: E731
    readers = {made.media: as_text for made in FORMATS.values() if made.media[:5] == "text/"}
    readers[gallery.MEDIA] = as_text
    return OpenAPI.from_dict(DESCRIPTION, Config(extra_media_type_deserializers=readers))


def described(specification: OpenAPI, answer: TestResponse) -> None:
    """Fail unless the description foresees this answer."""
    asked = EnvironBuilder(path=answer.request.path).get_request()  # any query will do
    specification.validate_response(WerkzeugOpenAPIRequest(asked), WerkzeugOpenAPIResponse(answer))


def query_of(path: str) -> str:
    """A query from the description's own examples."""
    parts = []
    for parameter in DESCRIPTION["paths"][path]["get"].get("parameters", []):
        example = parameter["example"]
        values = example if isinstance(example, list) else [example]
        if parameter.get("explode") is False:
            values = [",".join(map(str, values))]
        values = [str(v).lower() if isinstance(v, bool) else v for v in values]
        parts += [f"{parameter['name']}={quote(str(value), safe='(),=')}" for value in values]
    return "&".join(parts)


def test_a_training_is_described(client: FlaskClient, specification: OpenAPI) -> None:
    query = query_of("/slice.json")
    for path in ("/run.json", "/run.csv", "/run.bin", "/slice.json"):
        keys = query if path == "/slice.json" else query.rpartition("&theme")[0]
        answer = client.get(f"{path}?{keys}")
        assert answer.status_code == 200, answer.data
        described(specification, answer)
    refused = client.get("/run.json?net=mlp(hidden=%220%22)")
    assert refused.status_code == 400
    described(specification, refused)


@pytest.mark.parametrize("path", list(DESCRIPTION["paths"]))
def test_every_route_answers_as_described(
    path: str, client: FlaskClient, specification: OpenAPI
) -> None:
    answer = client.get(f"{path}?{query_of(path)}")
    specification.validate_request(WerkzeugOpenAPIRequest(answer.request))
    assert answer.status_code == 200
    described(specification, answer)
    bare = client.head(f"{path}?{query_of(path)}")
    assert (bare.status_code, bare.data) == (200, b"")
    assert bare.headers["Content-Type"] == answer.headers["Content-Type"]
    assert client.post(path).status_code == 405


def test_every_route_is_described(client: FlaskClient) -> None:
    rules = {str(rule) for rule in client.application.url_map.iter_rules()}
    assert rules - set(DESCRIPTION["paths"]) == {"/static/<path:filename>"}


@pytest.mark.parametrize("path", QUERY_PATHS)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("run=adma", 400), ("steps=nan", 400), ("foo=1", 400), ("steps=1&steps=2", 400),
        ("run=adam(", 400), ("%zz", 400), ("surface=%ff", 400), ("surface=\xff", 400),
        ("start=random(n=4096)&steps=20000", 400), ("a" * 9000, 414),
        ("surface=" + "(" * 3000, 400),
    ],
)  # fmt: skip
def test_refusals_are_described(
    path: str, query: str, status: int, client: FlaskClient, specification: OpenAPI
) -> None:
    answer = client.get(path, environ_overrides={"QUERY_STRING": query})
    assert answer.status_code == status
    described(specification, answer)
    error = answer.json["error"]
    assert set(error) == {"key", "value", "message", "allowed", "nearest"}
    assert error["key"]
    assert error["allowed"]


def test_a_tag_is_where_it_is_said_to_be(client: FlaskClient) -> None:
    said = responses.TAGGED
    assert said in DESCRIPTION["info"]["description"]
    for path, methods in DESCRIPTION["paths"].items():
        answer = client.get(f"{path}?{query_of(path)}")
        tag = answer.headers.get("ETag", "")
        declared = methods["get"]["responses"]["200"].get("headers", {})
        assert tag.startswith('"') == ("ETag" in declared)
        assert bool(tag) != (path in said and path != "/check.json"), path
    for path in ("/check.json?zz=1", "/run.csv?zz=1"):
        assert "ETag" not in client.get(path).headers


def test_methods_are_understood_as_described(client: FlaskClient) -> None:
    known = DESCRIPTION["components"]["responses"]["OtherMethod"]["description"]
    for path in DESCRIPTION["paths"]:
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
            status = client.open(f"{path}?{query_of(path)}", method=method).status_code
            assert status == (200 if method in known else 405), (method, path)


@pytest.mark.parametrize("path", questions.QUESTIONS)
def test_a_key_that_is_missing_is_said_to_be(path: str, client: FlaskClient) -> None:
    beside = questions.QUESTIONS[path]
    missing = client.get(f"{path}?run=adam").json["error"]
    assert (missing["key"], missing["message"]) == (
        beside.key, f"The key {beside.key} is missing.",
    )  # fmt: skip
    assert beside.form in missing["allowed"]
    twice = client.get(f"{path}?{beside.key}=x&{beside.key}=y").json["error"]
    assert "twice" in twice["message"]


@pytest.mark.parametrize(
    "query",
    [
        "/run.html?start=random(n=4096)", "/run.html?net=mlp&seeds=64" + "&run=adam" * 12,
        "/run.html?start=random(n=600)&run=adam&run=sgd",
    ],
)  # fmt: skip
def test_one_is_said_in_the_singular(query: str, client: FlaskClient) -> None:
    answer = client.get(query)
    assert answer.status_code == 413
    text = " ".join(map(str, answer.json["error"].values()))
    assert not re.search(r"\b1 (runs|seeds|starting points|steps)\b", text)
    assert not re.search(r"\b([2-9]|\d[\d,]+) (run|seed|starting point|step)\b(?! point)", text)


def test_json_holds_the_run(client: FlaskClient) -> None:
    body = client.get(f"/run.json?{QUERY}").json
    scenario = decode(QUERY)
    assert body["query"] == encode(scenario)
    assert body["spec"] == orjson.loads(orjson.dumps(scenario.to_spec()))
    table = trajectory(scenario)
    assert list(body["rows"]) == list(table.columns)
    for name in table:
        assert body["rows"][name] == [
            None if isinstance(v, float) and not np.isfinite(v) else v for v in table[name]
        ]
    assert body["outcomes"][0]["verdict"] == "diverged"


def test_too_many_rows_for_json_names_the_csv_route(
    client: FlaskClient, specification: OpenAPI
) -> None:
    answer = client.get("/run.json?steps=20000&start=random(n=64)")
    assert answer.status_code == 413
    assert "/run.csv?start=random(n=64)&steps=20000" in answer.json["error"]["allowed"]
    described(specification, answer)


def test_csv_and_parquet_read_back_exactly(client: FlaskClient) -> None:
    table = trajectory(QUERY)
    assert len(table) < 2 * 6 * 91  # sgd diverges: rows end there
    csv = client.get(f"/run.csv?{QUERY}")
    assert csv.headers["Content-Disposition"] == 'attachment; filename="run.csv"'
    read = [pd.read_csv(io.BytesIO(csv.data))]
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    read.append(pd.read_parquet(io.BytesIO(client.get(f"/run.parquet?{QUERY}").data)))
    for back in read:
        assert list(back.columns) == list(table.columns)
        assert (back["optimizer"].astype(str) == table["optimizer"].astype(str)).all()
        for name in table.columns.drop("optimizer"):
            np.testing.assert_array_equal(back[name].to_numpy(), table[name].to_numpy())


def test_the_columns_are_trajectorys() -> None:
    assert tables.COLUMNS == COLUMNS


def test_csv_writes_infinity_and_nothing_for_nan() -> None:
    table = np.array([[1.0, 2.0, np.inf, np.nan, 1e-5], [0.1, -0.0, 1e22, 5e-324, -np.inf]])
    assert tables.number_lines(table) == [b"1.0,2.0,inf,,1e-05", b"0.1,-0.0,1e+22,5e-324,-inf"]
    assert tables.number_lines(table[:0]) == []


def test_parquet_without_its_extra_is_501(
    client: FlaskClient, specification: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    answer = client.get("/run.parquet")
    assert answer.status_code == 501
    assert "pip install" in answer.json["error"]["message"]
    described(specification, answer)


def read_stream(data: bytes) -> tuple[dict[str, Any], np.ndarray, dict[str, Any]]:
    """Header, frames (rows, runs, 1 + lanes*fields) and trailer of a binary stream."""
    assert data[:4] == b"NNV1"
    (size,) = struct.unpack_from("<I", data, 4)
    assert size % 4 == 0
    header = orjson.loads(data[8 : 8 + size])
    end = 8 + size + header["rows"] * header["frame_bytes"]
    frames = np.frombuffer(data[8 + size : end], "<f4")
    (size,) = struct.unpack_from("<I", data, end)
    assert len(data) == end + 4 + size
    frames = frames.reshape(header["rows"], len(header["runs"]), -1)
    return header, frames, orjson.loads(data[end + 4 :])


def test_the_stream_holds_the_run(client: FlaskClient) -> None:
    answer = client.get(f"/run.bin?{QUERY}")
    assert answer.headers["Cache-Control"].endswith("no-transform")
    assert answer.headers["X-Accel-Buffering"] == "no"
    header, frames, trailer = read_stream(answer.data)
    scenario = decode(QUERY)
    assert header["query"] == encode(scenario)
    assert (header["lanes"], header["lanes_total"]) == (6, 6)
    assert (header["steps"], header["rows"], header["stride"]) == (90, 91, 1)
    assert header["complete"]
    assert header["fields"] == ["x", "y", "loss", "grad_norm"]
    points = frames[:, :, 1:].reshape(91, 2, 6, 4)
    table = trajectory(scenario)
    rows = table.loc[:, ["step", "run", "lane"]].to_numpy().T
    values = table.loc[:, header["fields"]].to_numpy()
    np.testing.assert_array_equal(points[*rows], values.astype(np.float32))
    assert np.isnan(points).sum() == 4 * (91 * 2 * 6 - len(table))
    assert trailer["notes"] == []
    assert trailer["outcomes"] == client.get(f"/run.json?{QUERY}").json["outcomes"]


def test_the_stream_carries_the_iterate_that_counts(client: FlaskClient) -> None:
    header, frames, _ = read_stream(client.get("/run.bin?run=asgd&run=sgd&steps=5").data)
    assert header["fields"][4:] == ["x_eval", "y_eval"]
    assert frames.shape == (6, 2, 7)
    assert np.isnan(frames[:, 1, 5:]).all()


@pytest.mark.parametrize(
    ("query", "lanes", "stride", "rows"),
    [
        ("steps=20000" + "&run=sgd" * 12, 1, 1, 20_001),
        ("start=random(n=4096)&steps=100" + "&run=adam" * 12, 206, 1, 101),
        ("start=grid(n=64)&steps=1219", 1250, 7, 176),
        ("steps=1", 1, 1, 2),
    ],
)
def test_long_runs_are_thinned_lanes_first(query: str, lanes: int, stride: int, rows: int) -> None:
    scenario = decode(query)
    kept = stream.thinning(scenario)
    assert (len(kept.lanes), kept.stride, kept.rows) == (lanes, stride, rows)
    assert rows * lanes * len(scenario.runs) <= stream.MAX_POINTS
    assert (rows - 2) * stride < scenario.steps <= (rows - 1) * stride
    assert len(set(kept.lanes.tolist())) == lanes
    assert 0 <= kept.lanes.min() <= kept.lanes.max() < scenario.lanes


def test_a_thinned_stream_says_so_and_keeps_the_last_step(client: FlaskClient) -> None:
    query = "start=random(n=4000)&steps=403&run=sgd"
    header, frames, trailer = read_stream(client.get(f"/run.bin?{query}").data)
    assert not header["complete"]
    assert "1,250 of 4,000 starting points and one step in 3" in trailer["notes"][0]
    scenario = decode(query)
    table = trajectory(scenario)
    last = table[table["step"] == 403]["loss"].to_numpy()
    shown = frames[-1, 0, 1:].reshape(-1, 4)[:, 2]
    np.testing.assert_array_equal(shown, last[stream.thinning(scenario).lanes].astype(np.float32))
    assert sum(trailer["outcomes"][0]["counts"].values()) == 4000


def test_runs_are_told_apart() -> None:
    scenario = decode(
        "run=adam(lr=0.1)&run=adam(lr=0.2,schedule=cosine)&run=sgd&run=adam(lr=0.1)&run=sgd"
    )
    assert labels(scenario.runs) == [
        "adam lr=0.1 schedule=constant", "adam lr=0.2 schedule=cosine", "sgd",
        "adam lr=0.1 schedule=constant (2)", "sgd (2)",
    ]  # fmt: skip


@pytest.mark.parametrize("path", [*QUERY_PATHS, "/catalogue.json", "/openapi.json"])
def test_who_holds_an_answer_gets_304_before_anything_is_simulated(
    path: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.get(f"{path}?steps=3&run=adam()&seed=0")
    tag = answer.headers["ETag"]
    assert tag.startswith('"')  # strong
    assert "max-age=0" in answer.headers["Cache-Control"]

    def never(*args: object) -> None:
        raise AssertionError("simulated")

    monkeypatch.setattr(tables, "simulate", never)
    monkeypatch.setattr(stream, "simulate", never)
    for held in (tag, f"W/{tag}", f'"x", {tag}', "*", tag[:-1] + ':br"'):
        again = client.get(f"{path}?steps=3", headers={"If-None-Match": held})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == (held if held.endswith(':br"') else tag)
    monkeypatch.undo()
    if path in RUN_PATHS:
        other = client.head(f"{path}?steps=4", headers={"If-None-Match": tag})
        assert other.status_code == 200
        assert other.headers["ETag"] != tag


@pytest.mark.parametrize(
    ("query", "key", "nearest"),
    [
        ("theme=drak", "theme", "dark"), ("theme=", "theme", "dark"),
        ("theme=dark&theme=dark", "theme", "dark"), ("them=dark", "them", "theme"),
        ("surface=rosenbrok&theme=dark", "surface", "rosenbrock"),
    ],
)  # fmt: skip
def test_figures_of_a_theme_or_surface_that_is_not_there(
    query: str, key: str, nearest: str, client: FlaskClient, specification: OpenAPI
) -> None:
    answer = client.get(f"/figures.json?{query}")
    assert answer.status_code == 400
    described(specification, answer)
    assert answer.json["error"]["key"] == key
    if query != "theme=":
        assert answer.json["error"]["nearest"] == nearest


def test_figures_depend_on_surface_and_theme_alone(client: FlaskClient) -> None:
    def tag(query: str, **headers: str) -> tuple[int, str]:
        answer = client.get(f"/figures.json?{query}", headers=headers)
        return answer.status_code, answer.headers["ETag"]

    _, light = tag("surface=rosenbrock(b=100)")
    assert tag("theme=light&run=adam(lr=0.02)&steps=9")[1] == light
    assert tag("surface=rosenbrock&theme=dark")[1] != light
    assert tag("surface=rosenbrock(b=99)")[1] != light
    assert tag("surface=rosenbrock()", **{"If-None-Match": light}) == (304, light)
    body = client.get("/figures.json?surface=rosenbrock&theme=dark").json
    assert body["summary"] == "1 global minimum"
    assert body["facts"]["minima"] == [
        {"x": 1.0, "y": 1.0, "loss": 0.0, "is_global": True, "kind": "point"}
    ]


def test_the_catalogue_is_the_registries(client: FlaskClient) -> None:
    body = client.get("/catalogue.json").json
    assert [entry["name"] for entry in body["surfaces"]] == list(SURFACES)
    assert [entry["name"] for entry in body["optimizers"]] == list(OPTIMIZERS)
    for entry in (entry for plural in REGISTRIES for entry in body[plural]):
        for knob in entry["knobs"]:
            assert knob["doc"]
            assert knob["allowed"]
    for entry in body["surfaces"]:
        assert entry["formula"] == SURFACES[entry["name"]].formula.strip()
        assert client.get(f"/run.json?surface={entry['name']}&steps=1").status_code == 200
    for entry in body["optimizers"]:
        assert client.get(f"/run.json?run={entry['name']}&steps=1").status_code == 200
    assert body == orjson.loads(orjson.dumps(as_json()))


def test_menus_and_lists_hold_every_entry() -> None:
    for plural, registry in REGISTRIES.items():
        values = [item["value"] for group in menu(registry) for item in group["items"]]
        assert values == list(registry)
        for name in registry:
            assert f"  {name} " in listing([plural])


def test_health(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.json["status"] == "ok"
    assert answer.json["release"] == release() != answer.json["version"]
    assert answer.headers["Cache-Control"] == "no-store"


LARGEST = "steps=20000&start=random(n=20)&run=adam" + "&run=sgd" * 11  # 4.8 million positions
# The peak of this process alone: `ru_maxrss` begins with that of the one that started it.
MEASURE = """
import re, resource, sys
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.deliver.tables import csv_pieces
from nnopt_viz.race.codec import decode
rows = sum(piece.count(b"\\n") for piece in csv_pieces(decode(sys.argv[1])))
try:
    own = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
except OSError:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(rows, own // 1024)
"""


@pytest.mark.slow
def test_five_million_positions_are_told_in_little_memory() -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, LARGEST], capture_output=True, text=True, check=True
    )
    rows, megabytes = map(int, run.stdout.split())
    assert rows > 4_000_000
    assert megabytes < 400
