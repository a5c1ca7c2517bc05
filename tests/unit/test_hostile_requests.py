"""Hostile keys, headers, methods and callbacks: a refusal in our words, no 5xx, no traceback."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from nnopt_viz.page import build_app
from tests.support.hostile_requests import (
    METHODS,
    OWN,
    ROUTES,
    VALUES,
    callbacks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.datastructures import Headers

    Ask = Callable[..., tuple[int, Headers, bytes]]


# Whose ends are beyond all size.
FLAT = "steps=5&surface=formula(f=%22tanh(s)%2B5e-324*y%22,a=-1e6)&run=sgd&drift=swing"
STEEP = (
    "study=batchnorm(activation=relu,data=sine(n=15,test=0.4552),init=lecun_normal,rates=3,"
    "slowest=4.7,fastest=8.3,steps=18)"
)


@pytest.fixture(scope="module")
def app() -> Any:
    return build_app()


@pytest.fixture
def ask(app: Any, caplog: pytest.LogCaptureFixture) -> Ask:
    """(path, query, method, body, further environment) -> status, headers, first bytes.

    Fails on a status of 500 and more, 501 and 503 aside, and on anything in the log.
    """
    caplog.set_level(logging.WARNING)

    def asked(
        path: str, query: str = "", method: str = "GET", body: bytes = b"", **more: Any
    ) -> tuple[int, Headers, bytes]:
        environ = EnvironBuilder(path="/", method="GET", data=body or None).get_environ()
        environ |= {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method} | more
        environ = {name: value for name, value in environ.items() if value is not None}
        pieces, status, headers = run_wsgi_app(app.server.wsgi_app, environ)
        first = next(iter(pieces), b"")
        pieces.close()  # type: ignore[attr-defined]
        code = int(status[:3])
        asked_for = (method, path, query[:200], more)
        assert code < 500 or code in (501, 503), asked_for
        assert not caplog.records, (asked_for, caplog.text)
        return code, headers, first

    return asked


@pytest.mark.parametrize(
    ("path", "query", "key"),
    [
        ("/trace.json", "inspect=%", "inspect"), ("/trace.json", "inspect=%ff", "inspect"),
        ("/trace.json", "inspect=0,0,--1", "inspect"), ("/trace.json", "inspect=0,0,-", "inspect"),
        ("/trace.json", "inspect=0,0,%C2%B2", "inspect"), ("/trace.json", "inspect=-0,0,1",
        "inspect"),
        ("/trace.json", "inspect=0,0,%D9%A1", "inspect"), ("/profile.json", "line=%", "line"),
        ("/profile.json", "line=%ED%A0%80", "line"), ("/profile.json", "line=0,0,1_0,2", "line"),
        ("/compare.json", "compare=%&run=sgd&run=adam", "compare"),
        ("/compare.json", "compare=0,%D9%A1&run=sgd&run=adam", "compare"),
        ("/compare.json", "compare=0,1&compare=1,0&run=sgd&run=adam", "compare"),
        ("/compare.json", "run=sgd&run=adam", "compare"),
        ("/compare.json", "compare=0,1", "compare"),
        ("/profile.json", "line=nan,0,1,2", "line"), ("/profile.json", "line=inf,0,1,2", "line"),
    ],
)  # fmt: skip
def test_a_key_of_one_route_is_refused_by_its_name(
    path: str, query: str, key: str, ask: Ask
) -> None:
    code, _, body = ask(path, query)
    error = orjson.loads(body)["error"]
    assert (code, error["key"]) == (400, key)
    assert error["allowed"]


@pytest.mark.parametrize("path", ROUTES)
def test_no_method_breaks_a_route(path: str, ask: Ask) -> None:
    for method in METHODS:
        code, headers, _ = ask(path, OWN.get(path, ""), method, b"x")
        assert code in (404, 405, 415) or method in ("HEAD", "OPTIONS")
        assert code != 405 or "GET" in headers["Allow"] or path.startswith("/_dash-update")


@pytest.mark.parametrize(
    "host", ["", " ", "a b", "a:b", "[::1", "\xff", "a,b", "a/b", "<x>", "a@b", None]
)
def test_a_request_that_names_no_host_is_refused(host: str | None, ask: Ask) -> None:
    for path in ("/", "/run.json", "/healthz", "/assets/main.mjs", "/nope"):
        code, _, body = ask(path, HTTP_HOST=host)
        assert (code, orjson.loads(body)["error"]["key"]) == (400, "host")


@pytest.mark.parametrize(
    "host", ["a", "a.b:80", "my_app:8050", "[::1]:8050", "127.0.0.1", "xn--a.example", "a:"]
)
def test_hosts_of_every_kind_are_answered(host: str, ask: Ask) -> None:
    assert ask("/healthz", HTTP_HOST=host)[0] == 200


def test_an_old_client_needs_no_host(ask: Ask) -> None:
    assert ask("/healthz", HTTP_HOST=None, SERVER_PROTOCOL="HTTP/1.0")[0] == 200


@pytest.mark.parametrize(
    "path", ["", "run.json", "//", "///", "//run.json", "//assets/main.mjs", "//example.org"]
)
def test_a_path_begins_with_one_slash(path: str, ask: Ask) -> None:
    assert ask(path)[0] == 404


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/figures.json", "surface=easom(width=5e-324)", {}),  # 0/0 at its declared minimum
        ("/run.json", "surface=easom(width=5e-324)&steps=3", {}),
        ("/profile.json", "line=x&steps=3&surface=formula(f=%221e308*sin(9*x)%22)", {}),
        ("/experiment.csv", STEEP, {}),
        ("/run.html", "steps=3&run=rule(text=%22x_eval=1e308;x=x-lr*g%22)", {}),
        ("/run.html", "steps=9&run=rule(text=%22x_eval=g*1e308*t;x=x-lr*g%22)", {}),  # inf - inf
        ("/run.html", FLAT, {}),  # a unit of the height of 5e-324, and losses far from it
        *(
            ("/catalogue", "", {"HTTP_ACCEPT_ENCODING": encoding, "HTTP_IF_MATCH": tag})
            for encoding in ("br", "identity")
            for tag in ("*", '"x"')
        ),
    ],
)
def test_what_the_fuzz_has_found_is_answered(
    path: str, query: str, headers: dict[str, str], ask: Ask
) -> None:
    assert ask(path, query, **headers)[0] == 200


def post(ask: Ask, body: object, query: str = "") -> tuple[int, Any]:
    code, _, answer = ask(
        "/_dash-update-component", query, "POST", orjson.dumps(body),
        CONTENT_TYPE="application/json",
    )  # fmt: skip
    return code, orjson.loads(answer)


def test_every_callback_of_the_page_is_answered(app: Any, ask: Ask) -> None:
    asked = callbacks(app.callback_map)
    assert len(asked) > 5
    assert {post(ask, body)[0] for body in asked} == {200}


@pytest.mark.parametrize("part", ["inputs", "state", "outputs"])
def test_a_part_of_a_callback_stands_there_as_it_is_declared(part: str, app: Any, ask: Ask) -> None:
    for body in callbacks(app.callback_map, VALUES[:1]):
        given = body[part] if isinstance(body[part], list) else [body[part]]
        wrong = [[[]], [given], [*given, *given], [*given, {"id": "x", "property": "y"}], [None]]
        wrong += [given[:-1]] if given else []
        wrong += [given[::-1]] if len(given) > 1 else []
        for other in filter(lambda one: one != given, wrong):
            code, answer = post(ask, body | {part: other})
            assert code == 400, (body["output"], other)
            assert answer["error"]["key"] == "body"
            assert f"{part} of {body['output']}"[:20] in answer["error"]["message"]


def test_a_callback_that_runs_in_the_browser_is_none_of_the_server(app: Any, ask: Ask) -> None:
    there = [name for name, one in app.callback_map.items() if "callback" not in one]
    assert there
    for output in there:
        code, answer = post(ask, {"output": output, "outputs": {}, "inputs": []})
        assert code == 400
        assert "in the browser" in answer["error"]["message"]
