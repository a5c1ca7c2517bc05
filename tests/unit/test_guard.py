"""Bad input and bad weather: a 4xx that says what is allowed, soon, and never a 5xx."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from nnopt_viz.cli import main
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.page import build_app
from nnopt_viz.page.opening import PREFIX
from nnopt_viz.page.pages import paths
from nnopt_viz.web import guard, schema
from nnopt_viz.web.settings import frame_ancestors

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

DESCRIPTION = schema.document()
SOON = 2.0  # seconds: what a refusal may take


@pytest.fixture(scope="module")
def app() -> Any:
    made = build_app()
    guard.install(made, ())  # a second time does nothing
    return made


@pytest.fixture(scope="module")
def client(app: Any) -> FlaskClient:
    return app.server.test_client()


@pytest.mark.parametrize("path", paths())
def test_pages_answer_with_every_header(path: str, client: FlaskClient) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts is not None
    assert "unsafe" not in scripts[1]
    assert scripts[1].split()[0] == "'self'"
    assert "'unsafe-eval'" not in policy
    for part in ("object-src 'none'", "base-uri 'none'"):
        assert part in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"]
    assert client.head(path).status_code == 200


def test_every_inline_script_is_allowed_by_its_hash(client: FlaskClient) -> None:
    import base64
    import hashlib

    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
    run = [text for kind, text in scripts if "application/json" not in kind and text.strip()]
    assert run
    for text in run:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_nothing_on_the_page_comes_from_another_host(client: FlaskClient) -> None:
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', client.get("/").text) == []


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip", "identity"])
def test_who_holds_a_file_is_told_so(encoding: str, client: FlaskClient) -> None:
    files = re.findall(r'(?:src|href)="(/assets[^"]+)"', client.get("/").text)
    assert files
    for path in [*files, "/", "/network", "/catalogue.json", "/run.json", "/_dash-layout"]:
        answer = client.get(path, headers={"Accept-Encoding": encoding}, buffered=True)
        held = {"Accept-Encoding": encoding, "If-None-Match": answer.headers["ETag"]}
        again = client.get(path, headers=held, buffered=True)
        assert again.status_code == 304
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again.headers[name] == answer.headers[name]


@pytest.mark.parametrize("path", ["/healthz", "/nope", "/run.json?steps=0", "/assets/nope.css"])
def test_refusals_and_data_carry_the_headers_too(path: str, client: FlaskClient) -> None:
    assert "Content-Security-Policy" in client.get(path).headers


@pytest.mark.parametrize(
    ("ancestors", "older"),
    [
        ("self", "SAMEORIGIN"), ("'none'", "DENY"), ("none", "DENY"),
        ("*", None), ("https://course.example.edu 'self'", None),
        ("https://*.example.edu:8443", None),
    ],
)  # fmt: skip
def test_frame_ancestors_are_a_setting(ancestors: str, older: str | None) -> None:
    chosen = frame_ancestors(ancestors)
    made = guard.security_headers([], chosen)
    assert made["Content-Security-Policy"].endswith(f"frame-ancestors {chosen}")
    assert made.get("X-Frame-Options") == older


EMBEDDED = ("/", "/network", "/learn", "/learn/momentum")
OTHERS = (
    "/catalogue", "/experiments", "/experiment", "/numbers", "/run.html?steps=3", "/nope",
    "/_page/",
)  # fmt: skip


@pytest.mark.parametrize("path", [*EMBEDDED, *OTHERS])
def test_race_lab_and_lessons_may_be_embedded_anywhere_and_nothing_else(
    path: str, client: FlaskClient
) -> None:
    answer = client.get(path)
    is_free = path in EMBEDDED
    assert ("frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]) is not is_free
    assert answer.headers.get("X-Frame-Options") == (None if is_free else "SAMEORIGIN")
    assert "Set-Cookie" not in answer.headers


def test_a_setting_says_who_may_embed_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNOPT_VIZ_FRAME_ANCESTORS", "https://course.example.edu")
    narrowed = build_app().server.test_client()
    for path in (*EMBEDDED, *OTHERS):
        policy = narrowed.get(path).headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors https://course.example.edu")


@pytest.mark.parametrize(
    "path",
    [
        "/nope", "/nope.json", "/run.htm", "/catalogue/", "/..%2f..%2fetc/passwd",
        "/assets/nope.css", "/assets/%00", "/assets/../app.py", "/static/x", "/assets/main.mjs/",
        "/assets/./main.mjs", "/assets/css/../main.mjs", "/assets/css/%2e%2e/main.mjs",
        "/assets//main.mjs", "/assets-x/nope.mjs", "/assets-x/main.mjs/", "/run.json/",
        "/healthz/", "/network/", "/assets", "/assets/", "/assets/css",
        "/_dash-component-suites/dash/nope.js", "/_dash-component-suites/nope/x.js",
        "/_dash-component-suites/dash/%00", "/_dash-component-suites/os/path.py", "/%ff",
        "/_dash-nope", "/" + "x/" * 3000,
    ],
)  # fmt: skip
def test_unknown_paths_are_404(path: str, client: FlaskClient) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    if answer.mimetype == "text/html":
        assert 'href="/"' in answer.text
    else:
        assert answer.json["error"]["key"] == "request"
    assert client.head(path).status_code == 404


def test_a_path_is_not_echoed_as_markup(client: FlaskClient) -> None:
    assert "<script>" not in client.get("/<script>alert(1)</script>").text


def test_programs_get_json(client: FlaskClient) -> None:
    answer = client.get("/nope", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/json"


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize("path", ["/", "/run.json", "/healthz", "/catalogue.json", "/nope"])
def test_other_methods_are_405(method: str, path: str, client: FlaskClient) -> None:
    answer = getattr(client, method)(path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/run.bin", "/healthz", "/nope"])
def test_long_queries_are_414(path: str, client: FlaskClient) -> None:
    answer = client.get(path + "?run=" + "a" * 8000)
    assert answer.status_code == 414
    assert "8,000" in answer.json["error"]["allowed"]


LONG = {  # kind of question -> a query of more than 8,000 bytes, and the command's arguments
    "race": (f"run=adam(lr=0.1,{' ' * 9000}beta1=0.8)&steps=3", "run"),
    "training": (
        f"net=mlp(hidden=%221%22,{' ' * 9000}l2=0)&epochs=9&data=moons(n=16)&plane=random",
        "run",
    ),
    "experiment": (f"study=optimizers(seeds=2,{' ' * 9000}steps=10)", "experiment"),
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("path", [*DESCRIPTION["paths"], "/", "/network", "/experiment", "/nope"])
def test_a_long_query_names_a_command_where_one_takes_it(
    path: str, kind: str, client: FlaskClient, tmp_path: Path
) -> None:
    query, command = LONG[kind]
    answer = client.get(path, environ_overrides={"QUERY_STRING": query.replace(" ", "%20")})
    assert answer.status_code == 414
    allowed = answer.json["error"]["allowed"]
    ending = path.rpartition(".")[2]
    files = [one.name for one in FORMATS.of(kind, offered=True)]
    if path != f"/{command}.{ending}" or ending not in files:
        assert "nnopt-viz" not in allowed
        return
    assert f"`nnopt-viz {command}`" in allowed
    given = [query]
    if kind == "experiment":
        name, inside = query.removeprefix("study=").removesuffix(")").split("(")
        given = [name, inside]
    assert main([command, *given, "--out", str(tmp_path / f"made.{ending}")]) == 0


@pytest.mark.parametrize("method", ["get", "head", "options", "post", "delete"])
@pytest.mark.parametrize("path", ["/", "/run.csv", "/healthz", "/nope", guard.CALLBACKS])
def test_a_large_body_is_refused_wherever_it_goes(
    method: str, path: str, client: FlaskClient
) -> None:
    answer = getattr(client, method)(path, data=b" " * (guard.MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def callback(**parts: object) -> bytes:
    """A request for controls of the page, with some parts changed."""
    body: dict[str, object] = {
        "output": "lab-panel.children",
        "outputs": {"id": "lab-panel", "property": "children"},
        "inputs": [{"id": "lab-shape", "property": "data", "value": {"query": "net=mlp"}}],
        "changedPropIds": ["lab-shape.data"],
    }
    return orjson.dumps(body | parts)


def post(client: FlaskClient, body: bytes, kind: str = "application/json") -> Any:
    return client.post("/_dash-update-component", data=body, content_type=kind)


def test_a_callback_of_the_page_works(client: FlaskClient) -> None:
    assert post(client, callback()).status_code == 200


NESTED = b'{"output":' + b"[" * 5000 + b"]" * 5000 + b"}"
ID = {"id": "lab-shape", "property": "data"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"{}", b"[]", b"null", b"1", b'"a"', b"\xff", b"{" * 200, NESTED,
        b"[" * 200 + b"]" * 200, callback(output=1), callback(output="x"), callback(output=None),
        callback(output=".."), callback(inputs=1), callback(inputs=[1]), callback(inputs=[]),
        callback(inputs=[{"id": "a"}]), callback(inputs=[{"id": 1}]),
        callback(inputs=[[1]]), callback(inputs=[ID, ID, ID]), callback(state={}),
        callback(state=[None]), callback(outputs=1), callback(outputs=[1]), callback(outputs={}),
        callback(outputs=[{"id": "x", "property": "y"}]), callback(changedPropIds=1),
        callback(changedPropIds=[[1]]),
    ],
)  # fmt: skip
def test_malformed_callbacks_are_refused(body: bytes, client: FlaskClient) -> None:
    answer = post(client, body)
    assert 400 <= answer.status_code < 500
    assert answer.json["error"]["allowed"]


@pytest.mark.parametrize("inputs", [[[]], [{"id": {"a": [1]}, "property": "x"}]])
def test_odd_callbacks_do_no_harm(inputs: object, client: FlaskClient) -> None:
    assert post(client, callback(inputs=inputs)).status_code < 500


@pytest.mark.parametrize("value", [None, 1, [], {}, "\x00", "%ff&%zz", "net=" + "a=1&" * 20_000])
def test_any_query_of_a_callback_is_read(value: object, client: FlaskClient) -> None:
    inputs = [ID | {"value": {"query": value}}]
    assert post(client, callback(inputs=inputs)).status_code == 200


@pytest.mark.parametrize(
    "query", ["", "x", "\x00", "%ff&%zz", "a=1&" * 1900, "+%2B;=&&=", "step=2"]
)
@pytest.mark.parametrize("path", paths())
def test_any_address_opens_a_page(path: str, query: str, client: FlaskClient) -> None:
    answer = client.get(f"{PREFIX}{path}", query_string=query)
    assert answer.status_code == 200
    assert answer.json["props"]
    again = client.get(f"{PREFIX}{path}", query_string=query, headers=held(answer))
    assert again.status_code == 304


def test_there_is_no_layout_where_there_is_no_page(client: FlaskClient) -> None:
    assert client.get(f"{PREFIX}/nowhere").status_code == 404


def held(answer: Any) -> dict[str, str]:
    return {"If-None-Match": answer.headers["ETag"]}


def test_bodies_are_bounded_and_typed(client: FlaskClient) -> None:
    assert post(client, b" " * (guard.MAX_BODY_BYTES + 1)).status_code == 413
    assert post(client, callback(), "text/plain").status_code == 415


def test_a_fault_of_ours_is_logged_and_not_shown(
    app: Any, client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("inside")

    monkeypatch.setitem(app.server.view_functions, "/healthz", broken)
    answer = client.get("/healthz", headers={"Accept": "application/json"})
    assert answer.status_code == 500
    assert "inside" not in answer.text
    assert "inside" in caplog.text
