"""Hostile requests: routes, headers, methods, texts for any key, and callbacks of the page."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from nnopt_viz.page.pages import paths
from nnopt_viz.web import schema

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping

ROUTES = [
    *paths()[:3], *schema.document()["paths"], "/nope", "/nope.json", "/assets/main.mjs",
    "/assets-x/main.mjs", "/_favicon.ico", "/_dash-layout", "/_dash-dependencies", "/_reload-hash",
    "/_dash-update-component", "/_dash-component-suites/dash/dcc/dash_core_components.js",
    "/static/x",
]  # fmt: skip
# A small question where a route needs one, or answers at length.
OWN = {
    **{path: "steps=3" for path in schema.document()["paths"] if path.startswith("/run")},
    "/check.json": "steps=3", "/trace.json": "inspect=0,0,1&steps=3",
    "/profile.json": "line=x&steps=3", "/compare.json": "compare=0,1&run=sgd&run=adam&steps=3",
    "/slice.json": "net=mlp&epochs=1", "/gallery.svg": "picture=double_well",
    "/ground.json": "x=1&y=-2,2,5", "/region.json": "x=-1,1&y=0,1&levels=8",
    "/experiment.ndjson": "study=x", "/experiment.csv": "study=x", "/experiment.json": "study=x",
}  # fmt: skip
METHODS = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "CONNECT", "FOO"]
# What stands in a header; None: the header is left out.
HEADERS = {
    "If-None-Match": [
        '""', '"', "W/", 'W/""', "*", '"*"', ",", '"a', "\xff", '"\xff"', "a", 'W/"a:br"',
        '"a:b:c"',
        " ", '"a" "b"', "x" * 9000,
    ],
    "If-Match": ['""', "*", "x"],
    "If-Modified-Since": [
        "x", "", "Mon, 99 Foo 9999", "\xff", "Mon, 30 Nov 99999 05:52:58 GMT",
        "Mon, 30 Nov 0000 05:52:58 GMT",
    ],
    "If-Unmodified-Since": ["x", "Mon, 30 Nov 2020 05:52:58 GMT"],
    "Range": [
        "bytes=0-0", "bytes=", "bytes=-1", "bytes=9999999-", "bytes=5-2", "bytes=0-0,2-3", "x",
        "\xff", "bytes=a-b", "bytes=--1", "bytes=0-" + "9" * 99,
    ],
    "If-Range": ['""', "x", '"a"'],
    "Accept": [
        "", "*", "*/*;q=x", "\xff", ";;;", "text/html;q=nan", "application/json;q=1e999", "," * 500,
        "a/b/c", "application/json",
    ],
    "Accept-Encoding": [
        "", "*", "br;q=x", "gzip;q=nan", "\xff", ";", "*;q=0", "identity;q=0", "br;q=-1",
        "zstd;q=99",
    ],
    "Accept-Language": ["\xff", "*", ",;q="],
    "Host": ["", "a b", "[::1", "\xff", "a" * 300, "a:99999999", None],
    "Cookie": ["\xff", "=", "a=b=c;;;", 'a="\\', "x" * 5000],
    "Content-Type": [
        "\xff", "application/json; charset=x", "multipart/form-data",
        "multipart/form-data; boundary=\xff", "application/json;charset=utf-16",
    ],
    "Content-Length": ["x", "-1", "9" * 30, "1e3", "\xb2"],
    "Transfer-Encoding": ["chunked", "x"],
    "X-Forwarded-Host": ["\xff"],
    "Authorization": ["Basic x", "\xff"],
    "Referer": ["\xff"],
    "Origin": ["null", "\xff"],
    "Cache-Control": ["x", "max-age=x", "no-cache"],
}  # fmt: skip
TEXTS = [
    "", "%", "%ff", "%00", "\x00", "\xff", "%zz", "0,0,--1", "0,0,-", "--", "1,2,3,4", "nan",
    "-1e999",
    "nan,nan,nan,nan", "1,,2", "0,0,%C2%B2", "%D9%A1", "(", ")", "%22", "adam(", "((((((((((((",
    "=",
    "&", ";", "+", "'", "a" * 3000, "none", "x", "path", "1e400,0,0,1", "random(n=3)", "0", "1",
    "-1",
    "1.5", "width(widths=%22%22)", "formula(f=%22%22)", "formula(f=%221/0%22)",
    "formula(f=%22x%22,bounds=%22nan,inf,1,2%22)", "rule(text=%22%22)", "rule(text=%22x=x%22)",
    "mlp(hidden=%22%22)", "mlp(hidden=%22-1%22)", "pca(of=9)", "grid(n=0)", "%EF%BB%BF",
    "%ED%A0%80",
    "1_0", "0x1", "%2B1", "0,0,1,", "0,0,1%00", ",0,0,1", "%20", "9" * 40,
]  # fmt: skip
VALUES: list[Any] = [
    None, 1, -1, 1e308, "", [], {}, [[]], {"query": None}, {"query": 1}, {"query": "%"},
    {"query": "run=adam(", "opened": "x"}, {"query": "net=mlp", "lab": True, "opened": 99999},
    {"lab": 1, "query": [1]}, "\x00", "/", "/network", "/learn/x", "?%ff", "x" * 5000, True,
    {"query": "surface=formula(f=%221/0%22)"}, {"query": "%00", "lab": True},
    {"query": "run=rule(text=%22x=%22)"}, {"query": "net=mlp(hidden=%22%22)", "lab": True},
]  # fmt: skip
ODD: list[Any] = [
    [], {}, None, 1, "a", [[]], [{}], {"id": "a"}, [1], [None], "x.y", [""], ["."], ["a."],
    [{"id": {"a": [1]}, "property": "x"}], "..a.b...c.d..",
]  # fmt: skip


def callbacks(known: Mapping[str, Any], values: Iterable[Any] = VALUES) -> list[dict[str, Any]]:
    """What the page sends for each callback on the server, with every one of these values."""
    made = []
    for output, one in known.items():
        if "callback" not in one:
            continue
        several = isinstance(one["output"], list)
        outputs = [
            {"id": out.component_id, "property": out.component_property}
            for out in (one["output"] if several else [one["output"]])
        ]
        first = one["inputs"][0]
        made += [
            {
                "output": output,
                "outputs": outputs if several else outputs[0],
                "inputs": [dict(item) | {"value": value} for item in one["inputs"]],
                "state": [dict(item) | {"value": value} for item in one["state"]],
                "changedPropIds": [f"{first['id']}.{first['property']}"],
            }
            for value in values
        ]
    return made


def changed(dice: random.Random, body: dict[str, Any]) -> dict[str, Any]:
    """The same request with up to three parts taken away, doubled, turned round or made odd."""
    made = copy.deepcopy(body)
    parts = ("inputs", "state", "outputs", "output", "changedPropIds", "extra", "background")
    for part in dice.sample(parts, dice.randrange(1, 4)):
        value = made.get(part)
        kind = dice.random()
        if isinstance(value, list) and value and kind < 0.5:
            dice.choice(
                (
                    value.reverse,
                    value.pop,
                    value.clear,
                    lambda v=value: v.append(dice.choice([*v, *ODD])),
                )
            )()
        elif kind < 0.6:
            made.pop(part, None)
        elif kind < 0.9:
            made[part] = dice.choice(ODD)
    return made
