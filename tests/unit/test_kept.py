"""What may be kept of an answer, and for how long."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from nnopt_viz.page import build_app
from nnopt_viz.page.pages import paths
from nnopt_viz.web import api
from nnopt_viz.web.assets import assets, assets_path
from nnopt_viz.web.kept import FOR_GOOD, REVALIDATED
from nnopt_viz.web.release import RELEASE, release

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

DATA = ("/run.json?steps=3", "/figures.json", "/catalogue.json", "/check.json?steps=3")
ENCODINGS = ("zstd", "br", "gzip", "deflate", "identity")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app: Any = build_app()
    return app.server.test_client()


def fetched(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=named, buffered=True)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("path", [*DATA, "/", "/learn", "/assets/main.mjs"])
def test_a_304_carries_the_tag_of_its_200(path: str, encoding: str, client: FlaskClient) -> None:
    first = fetched(client, path, Accept_Encoding=encoding)
    tag = first.headers["ETag"]
    again = fetched(client, path, Accept_Encoding=encoding, If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]


def test_a_tag_of_another_encoding_is_no_longer_held(client: FlaskClient) -> None:
    packed = fetched(client, "/check.json?steps=3", Accept_Encoding="gzip")
    tag = packed.headers["ETag"]
    other = fetched(client, "/check.json?steps=3", Accept_Encoding="br", If_None_Match=tag)
    assert (other.status_code, other.headers["Content-Encoding"]) == (200, "br")
    none = fetched(client, "/check.json?steps=3", Accept_Encoding="identity", If_None_Match=tag)
    assert (none.status_code, none.data) == (200, gzip.decompress(packed.data))


@pytest.mark.parametrize(
    "held", ['""', 'W/""', '"', "W/", ",", "a", '"\u00ff"', '"a" "b"', "", ":"]
)
@pytest.mark.parametrize("path", [*DATA, "/", "/assets/main.mjs", "/experiment.csv"])
def test_who_holds_nonsense_holds_nothing(path: str, held: str, client: FlaskClient) -> None:
    plain = client.head(path).status_code
    assert client.head(path, headers={"If-None-Match": held}).status_code == plain


def test_a_page_is_one_text_that_any_copy_of_the_server_writes(client: FlaskClient) -> None:
    app: Any = build_app()
    other = app.server.test_client().get("/?steps=5")
    assert {client.get(path).text for path in paths()} == {other.text}
    assert other.headers["Cache-Control"] == REVALIDATED
    assert client.get("/").headers["ETag"] == other.headers["ETag"]
    config = re.search(r'<script id="_dash-config"[^>]*>(.*?)</script>', other.text)
    assert config is not None
    assert "end_id" not in orjson.loads(config[1])


def test_a_page_names_files_that_never_change(client: FlaskClient) -> None:
    files = re.findall(r'(?:src|href)="(/[^"?]+\.[^"]+)"', client.get("/").text)
    assert {file.split("/")[1] for file in files} == {assets_path(), "_dash-component-suites"}
    for file in files:
        answer = client.get(file)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == FOR_GOOD, file


def test_modules_and_fonts_that_others_load_never_change_either(client: FlaskClient) -> None:
    for name, content in assets().items():
        answer = client.get(f"/{assets_path()}/{name}")
        assert answer.data == content
        assert answer.headers["Cache-Control"] == FOR_GOOD
        plain = client.get(f"/assets/{name}")
        assert plain.data == content
        assert plain.headers["Cache-Control"] == REVALIDATED
    for name in [name for name in assets() if name.endswith(".mjs")]:
        imported = re.findall(r'^\s*(?:import|export) .*?from "([^"]+)"', assets()[name].decode())
        assert all(path.startswith(("./", "../")) for path in imported), name


def test_a_page_of_another_release_is_sent_to_the_files_that_are_here(client: FlaskClient) -> None:
    sent = client.get("/assets-0123456789abcdef/player/player.mjs")
    assert (sent.status_code, sent.headers["Cache-Control"]) == (302, "no-store")
    assert sent.headers["Location"] == f"/{assets_path()}/player/player.mjs"
    assert client.get(sent.headers["Location"]).data == assets()["player/player.mjs"]


def test_a_component_under_another_release_s_name_is_not_kept_for_good(client: FlaskClient) -> None:
    named = re.search(
        r'src="(/_dash-component[^"]*core_components)\.(v\w+?)(m\d+)\.js', client.get("/").text
    )
    assert named is not None
    path, version, made = named.groups()
    lazy = f"{path.rpartition('/')[0]}/async-graph.{version}m1.js"  # the bundle's own date
    assert client.get(lazy).headers["Cache-Control"] == FOR_GOOD
    for other in (f"{path}.v0_0_1{made}.js", f"{path}.js", lazy.replace(version, "v9")):
        answer = client.get(other)
        assert answer.headers["Cache-Control"] == REVALIDATED
        held = {"If-None-Match": answer.headers["ETag"]}
        again = client.get(other, headers=held)
        assert (again.status_code, again.headers["ETag"]) == (304, held["If-None-Match"])


def test_stamps_are_kept_under_the_name_of_this_release_alone(client: FlaskClient) -> None:
    words = {
        query: client.head(f"/stamps-light.png?{query}").headers["Cache-Control"]
        for query in (release(), "0.0.1-000000000000", "")
    }
    assert list(words.values()) == [FOR_GOOD, REVALIDATED, REVALIDATED]
    assert release() in api.release()


@pytest.mark.parametrize("path", [*DATA, "/", "/healthz", "/nope"])
def test_every_answer_names_the_release(path: str, client: FlaskClient) -> None:
    assert client.get(path).headers[RELEASE] == release()


def test_a_proxy_answers_for_us_only_when_it_is_told_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "s-maxage" not in client.get("/run.json?steps=3").headers["Cache-Control"]
    monkeypatch.setenv("NNOPT_VIZ_SHARED_CACHE_SECONDS", "600")
    app: Any = build_app()
    shared = app.server.test_client()
    words = f"{REVALIDATED}, s-maxage=600"
    for path in (*DATA, "/"):
        first = shared.get(path)
        assert first.headers["Cache-Control"] == words
        held = {"If-None-Match": first.headers["ETag"]}
        assert shared.get(path, headers=held).headers["Cache-Control"] == words
    stream = shared.head("/run.bin?steps=3").headers["Cache-Control"]
    assert stream == f"{words}, no-transform"
    for path in ("/healthz", "/run.json?steps=0", "/nope"):
        assert shared.get(path).headers["Cache-Control"] == "no-store"
    assert shared.get(f"/{assets_path()}/main.mjs").headers["Cache-Control"] == FOR_GOOD
