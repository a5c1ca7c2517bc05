"""Random requests: every route of the app with its own keys, any headers, methods and bodies.

Each is made from a seed and a number, so that any of them can be repeated alone.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from nnopt_viz.experiments import codec as experiment
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.gallery import GALLERY
from nnopt_viz.lab import codec as lab
from nnopt_viz.page.pages import paths
from nnopt_viz.race import keys as race
from nnopt_viz.web import schema
from nnopt_viz.web.assets import assets, assets_path
from nnopt_viz.web.guard import CALLBACKS, MAX_BODY_BYTES
from tests.support.fuzz_queries import COMPARED, LINES, PIECES, PLACES, Queries, in_bytes
from tests.support.hostile_requests import HEADERS, METHODS, ROUTES, VALUES, callbacks, changed

if TYPE_CHECKING:
    from werkzeug.routing import Rule

DATA = [path for path, one in schema.document()["paths"].items() if "parameters" in one["get"]]
PLAIN = [path for path, one in schema.document()["paths"].items() if "parameters" not in one["get"]]
OWN = {
    "/trace.json": ("inspect", PLACES), "/profile.json": ("line", LINES),
    "/compare.json": ("compare", COMPARED),
}  # fmt: skip
ALONG = ("-2,2", "-2,2,5", "1.5", "0,0", "1e300,2", "-1e9,1e9", "nan,1", "", "1,2,1000", "2,1,3")
STEERED = {"/figures.json": ("height", "levels"), "/region.json": ("x", "y", "height", "levels"),
           "/ground.json": ("x", "y")}  # fmt: skip
STEERS = {"x": ALONG, "y": ALONG, "height": ("log", "linear", "lin"),
          "levels": ("8", "32", "0", "61", "-1", "1.5")}  # fmt: skip
THEMED = ("/figures.json", "/region.json", "/slice.json", "/run.bin", "/run.html")
ENCODINGS = ("gzip", "br", "zstd", "deflate", "gzip, deflate, br, zstd", "br;q=0.5, gzip", "*")
AFTER = (
    "",
    "",
    "",
    "/",
    "//",
    "/..",
    "%00",
    "\x00",
    "%2e%2e/",
    ";x",
    ".",
    "?",
    "\u00e9",
    "\\",
    " ",
)
WORDS = ("x", "..", "a" * 400, "main.mjs", "dash_core_components.js", "dash", "dcc", "\u00e9", "%",
         "async-graph.js", "package.json", "x.v1_2m3.js", "v1", "-", "0")  # fmt: skip
ODD_JSON = (
    b"", b"{", b"null", b"[]", b"{}", b"1e999", b"NaN", b'"\xff"', b"\xef\xbb\xbf{}", b"[" * 5000,
    b'{"output":' * 200, b'{"output": "a", "output": "b"}', b"\x00", b'{"output": "\\ud800"}',
    b'{"output": 1' + b"0" * 400 + b"}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """One request; text is latin-1, a character a byte, as it goes over the wire.

    Args:
        path: as it is sent, encoded or not.
        query: without its question mark.
        headers: names as they are sent.
    """

    path: str
    query: str = ""
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def head(self) -> bytes:
        """The bytes before the body, for HTTP/1.1."""
        target = self.path + (f"?{self.query}" if self.query else "")
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in self.headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Requests:
    """All requests of a seed, by their number.

    Args:
        app: the Dash app: its routes and callbacks are asked.
        seed: another one makes others.
    """

    def __init__(self, app: Any, seed: int) -> None:
        self.seed = seed
        self._known = app.callback_map
        self._rules: list[Rule] = [
            rule for rule in app.server.url_map.iter_rules() if rule.arguments or "_" in str(rule)
        ]
        self._files = sorted(set(re.findall(r'"(/_dash-component-suites/[^"]+)"', app.write())))

    def __getitem__(self, number: int) -> Request:
        """The request of this number, always the same."""
        dice = random.Random(f"{self.seed} {number}")
        return _Maker(dice, self._known, self._rules, self._files).made()


class _Maker:
    """One request, from its own dice."""

    def __init__(
        self, dice: random.Random, known: Any, rules: list[Rule], files: list[str]
    ) -> None:
        self.dice, self.known, self.rules, self.files = dice, known, rules, files
        self.queries = Queries(dice)

    def made(self) -> Request:
        kind = self.dice.random()
        if kind < 0.12:
            return self.callback()
        if kind < 0.75:
            path = self.dice.choice(DATA)
            query = self.fitting(path) if self.dice.random() < 0.6 else self.queries.text()
        elif kind < 0.82:
            path, query = self.dice.choice((*paths(), *PLAIN)), self.queries.text()
        else:
            path, query = self.path(), self.dice.choice(("", "", "x", self.queries.likely()))
        method, body = "GET", b""
        if self.dice.random() < 0.06:
            method = self.dice.choice((*METHODS, "HEAD", "HEAD", "GET "))
            body = self.dice.choice((b"", b"x", b"a=b", self.dice.randbytes(50)))
        return Request(in_bytes(path), in_bytes(query), method, self.headers(body), body)

    def fitting(self, path: str) -> str:
        """A query of the kind that a route is for, with the route's own key."""
        if path == "/gallery.svg":
            return f"picture={self.dice.choice((*GALLERY, 'pink'))}"
        if path.startswith("/experiment"):
            vocabulary = experiment.VOCABULARY
        elif path == "/slice.json" or (path[:5] in ("/run.", "/chec") and self.dice.random() < 0.5):
            vocabulary = lab.VOCABULARY
        else:
            vocabulary = race.VOCABULARY
        text = self.queries.question(vocabulary)
        if vocabulary is race.VOCABULARY and self.dice.random() < 0.3:
            text = self.queries.own() if self.dice.random() < 0.7 else self.queries.limits()
        if path in OWN:
            key, values = OWN[path]
            text = f"{key}={self.dice.choice(values)}&{text}"
        for key in STEERED.get(path, ()):
            if self.dice.random() < 0.8:
                right = ALONG[1:2] if path == "/ground.json" else STEERS[key][:1]
                values = STEERS[key] if self.dice.random() < 0.4 else right
                text = f"{key}={self.dice.choice(values)}&{text}"
        if path in THEMED and self.dice.random() < 0.3:
            text += f"&theme={self.dice.choice((*THEMES, *THEMES, 'pink'))}"
        return text

    def path(self) -> str:
        """Whatever else there is: files, Dash's routes, pages, and nothing at all."""
        dice, kind = self.dice, self.dice.random()
        if kind < 0.2 and self.files:
            made = dice.choice(self.files)
        elif kind < 0.4:
            folder = dice.choice((f"/{assets_path()}", "/assets", "/assets-0", "/Assets"))
            made = f"{folder}/{dice.choice((*assets(), 'x.mjs', '../app.py'))}"
        elif kind < 0.7:
            made = re.sub(r"<[^>]*>", lambda _: dice.choice(WORDS), str(dice.choice(self.rules)))
        else:
            made = dice.choice((*ROUTES, "", "*", "run.json", f"/{dice.choice(PIECES)}"))
        if dice.random() < 0.2:
            made += dice.choice(AFTER)
        return made.upper() if dice.random() < 0.02 else made

    def callback(self) -> Request:
        """What the page sends, what it would send of a made-up query, and what nobody sends."""
        dice = self.dice
        message = {"query": self.queries.text(), "opened": dice.choice(("x", 1, None))}
        if dice.random() < 0.4:
            message["lab"] = dice.choice((True, 1, None))
        values = [message, f"?{message['query']}", dice.choice((*paths(), "/x")), *VALUES]
        body = dice.choice(callbacks(self.known, [dice.choice(values[: dice.choice((1, 3, 99))])]))
        if dice.random() < 0.4:
            body = changed(dice, body)
        text = orjson.dumps(_storable(body), option=orjson.OPT_NON_STR_KEYS)
        if dice.random() < 0.15:
            at = dice.randrange(len(text))
            text = dice.choice((text[:at], text[:at] + dice.randbytes(2) + text[at:], *ODD_JSON))
        if dice.random() < 0.005:
            text = b" " * (MAX_BODY_BYTES + dice.choice((-1, 0, 1)) - len(text)) + text
        kind = "application/json" if dice.random() < 0.96 else dice.choice(HEADERS["Content-Type"])
        query = dice.choice(("", "", "", "", "job=1&endId=x", "cacheKey=x&job=y", "endId=%ff"))
        method = "POST" if dice.random() < 0.97 else dice.choice(METHODS)
        given = ("Content-Type", kind), *self.headers(text)
        return Request(CALLBACKS, query, method, given, text)

    def headers(self, body: bytes) -> tuple[tuple[str, str], ...]:
        """A host and, often, some others: usual, odd, long, empty, or with control bytes."""
        dice = self.dice
        made = [("Host", "a.example"), *([("Content-Length", str(len(body)))] if body else [])]
        if dice.random() < 0.3:
            made.append(("Accept-Encoding", dice.choice(ENCODINGS)))
        if dice.random() < 0.15:
            name = dice.choice(list(HEADERS))
            value = dice.choice(HEADERS[name])
            made = [one for one in made if one[0] != name]
            made += [(name, value)] if value is not None else []
        if dice.random() < 0.04:
            text = dice.choice(
                (dice.choice(PIECES), "a" * 9000, "\x01\x7f\x80", "", " \t", "a\x0bb")
            )
            made.append((dice.choice(("X-Forwarded-For", "X-Odd", "Cookie", "TE")), in_bytes(text)))
        return tuple(made)


def _storable(value: Any) -> Any:
    """The same without half characters, which no browser sends and JSON can't hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _storable(inner) for key, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list) else value
