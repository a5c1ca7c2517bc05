"""Records what one tree answers to everything that the net asks; `net.py` starts it twice.

    python tools/net_record.py TREE OUT

Writes OUT/record.json (an entry for each answer, in order) and OUT/bodies/SHA-256. Only the
package's fixed face is used, so that the same recording fits a tree before and after it is
put in other folders: `app.server`, `nnopt_viz.cli.main`, `from nnopt_viz import Scenario,
simulate, trajectory, show` and `nnopt_viz.events.events`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import struct
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import net_queries, net_requests  # noqa: E402
from tools.net_neutral import DROPPED, neutral, neutral_header, parts_of_tag  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.net_requests import Request


@dataclass
class Recorder:
    """What a tree has answered so far."""

    out: Path
    answers: list[dict[str, Any]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, status: object, headers: dict[str, str], body: bytes) -> None:
        """Keep an answer under its name; its body in a neutral form."""
        assert name not in self.names, f"asked twice: {name}"
        self.names.add(name)
        body = neutral(name, body)
        sha = hashlib.sha256(body).hexdigest()
        (self.out / "bodies" / sha).write_bytes(body)
        self.answers.append(
            {
                "name": name,
                "status": str(status),
                "headers": headers,
                "sha": sha,
                "length": len(body),
            }
        )

    def headers(self, name: str, given: Any) -> dict[str, str]:
        """The headers of an answer that are content, by name."""
        kept = {}
        for key, value in given.items():
            if key in DROPPED:
                continue
            value = self.tag(name, value) if key == "ETag" else neutral_header(key, value)
            kept[key] = f"{kept[key]} | {value}" if key in kept else value
        return kept

    def tag(self, name: str, value: str) -> str:
        """Who had this ETag first, instead of the tag."""
        weak, text, encoding = parts_of_tag(value)
        return f"{weak}tag of {self.tags.setdefault(text, name)}{encoding}"


def shortened(text: str) -> str:
    """A text for a name; long ones by their beginning, length and hash."""
    if len(text) <= 400:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[:200]}… ({len(text)} characters, {digest})"


def request_name(request: Request) -> str:
    """GET /run.json?surface=booth [Accept: text/html]"""
    name = f"{request.method} {request.path}"
    name += f"?{shortened(request.query)}" if request.query else ""
    name += "".join(f" [{key}: {value}]" for key, value in request.headers)
    name += f" {shortened(request.label or request.body)}" if request.body else ""
    return name if request.kind == "application/json" else f"{name} [{request.kind}]"


# --- over HTTP --------------------------------------------------------------------------


class Web:
    """Asks the Flask server through its test client."""

    def __init__(self, recorder: Recorder, server: Any) -> None:
        self.recorder, self.client = recorder, server.test_client()
        self.rules = {str(rule) for rule in server.url_map.iter_rules()}
        self.router = server.url_map.bind("localhost")
        self.asked: set[str] = set()
        self.held: dict[str, int] = {}

    def open(self, request: Request) -> Any:
        """The answer, its query handed on as it is."""
        return self.client.open(
            request.path,
            method=request.method,
            headers=list(request.headers),
            data=request.body.encode() if request.method == "POST" else None,
            content_type=request.kind if request.method == "POST" else None,
            environ_overrides={"QUERY_STRING": request.query},
        )

    def ask(self, request: Request) -> None:
        """Record an answer; for the first few of a route, also what who holds it is told."""
        name = request_name(request)
        answer = self.open(request)
        body = answer.data
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)  # the packed bytes are the compressor's own matter
        headers = self.recorder.headers(name, answer.headers)
        self.recorder.add(name, answer.status_code, headers, body)
        self.note(request)
        tag = answer.headers.get("ETag")
        count = self.held.get(request.path, 0)
        if tag and count < 4 and not request.headers and request.method == "GET":
            self.held[request.path] = count + 1
            given = tag if count % 2 else tag.removesuffix('"') + ':gzip"'
            held = self.client.open(
                request.path,
                headers=[("If-None-Match", given)],
                environ_overrides={"QUERY_STRING": request.query},
            )
            again = f"{name} [held]"
            headers = self.recorder.headers(again, held.headers)
            self.recorder.add(again, held.status_code, headers, held.data)

    def note(self, request: Request) -> None:
        """Remember which rule of the server this was."""
        from werkzeug.exceptions import HTTPException

        try:
            rule, _ = self.router.match(request.path, request.method, return_rule=True)
        except HTTPException:
            return
        self.asked.add(str(rule))

    def busy(self) -> None:
        """What is said when as many experiments run as may: streams that nobody reads yet."""
        query = net_requests.wire('study=width(widths="1",steps=11,seeds=3)')
        waiting = []
        for _ in range(300):
            answer = self.client.get(f"/experiment.ndjson?{query}", buffered=False)
            waiting.append(answer)
            if answer.status_code == 503:
                break
        for path in ("/experiment.ndjson", "/experiment.json", "/experiment.csv"):
            answer = self.client.get(f"{path}?{query}", buffered=False)
            waiting.append(answer)
            name = f"GET {path}?{query} [while others run]"
            headers = self.recorder.headers(name, answer.headers)
            self.recorder.add(name, answer.status_code, headers, answer.data)
        for answer in waiting:
            answer.close()

    def assets(self) -> None:
        """That each asset which the page names is there, and as what: one answer for all."""
        said = set()
        for path in re.findall(r'(?:href|src)="(/(?:assets|_dash-comp)[^"?]*)', self.open_page()):
            answer = self.client.get(path)
            kind = answer.headers.get("Content-Type", "")
            said.add(f"{Path(path).suffix} {answer.status_code} {kind} {len(answer.data) > 0}")
            self.note(net_requests.Request(path))
        self.recorder.add("assets of the page", 200, {}, "\n".join(sorted(said)).encode())

    def open_page(self) -> str:
        return str(self.client.get("/").text)


# --- in a terminal ----------------------------------------------------------------------


def command(recorder: Recorder, main: Callable[..., int], words: tuple[str, ...]) -> None:
    """Record a command line: exit code with all that it says, and the file that it writes."""
    name = f"nnopt-viz {shortened(' '.join(map(repr, words)))}"
    said, faults = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in "ab")
    code: object
    with redirect_stdout(said), redirect_stderr(faults):
        try:
            code = main(list(words))
        except SystemExit as end:
            code = end.code
    said.flush()
    faults.flush()
    spoken = said.buffer.getvalue(), faults.buffer.getvalue()  # type: ignore[attr-defined]
    recorder.add(
        name, f"exit {code}", {}, b"\n--- stderr\n".join(spoken) if spoken[1] else spoken[0]
    )
    written = sorted(Path().iterdir())
    for path in written:
        recorder.add(f"{name} -> {path.name}", "written", {}, path.read_bytes())
        path.unlink()


# --- in Python --------------------------------------------------------------------------


def call(recorder: Recorder, name: str, query: str) -> None:
    """Record what a function of the package gives, or how it refuses."""
    try:
        body, status = CALLED[name](query), "returned"
    except Exception as fault:  # noqa: BLE001  # whatever it is, it is the answer
        body, status = str(fault).encode(), f"raised {type(fault).__name__}"
    recorder.add(f"python {name} {shortened(query)}", status, {}, body)


def _to_query(query: str) -> bytes:
    from nnopt_viz import Scenario

    return str(Scenario.from_query(query).to_query()).encode()


def _events(query: str) -> bytes:
    from nnopt_viz.events import events

    return "\n".join(map(repr, events(query))).encode()


def _trajectory(query: str) -> bytes:
    from nnopt_viz import trajectory

    table = trajectory(query)
    types = ",".join(f"{name} {kind}" for name, kind in table.dtypes.items())
    return f"{types}\n{table.to_csv(index=False)}".encode()


def _show(query: str) -> bytes:
    from nnopt_viz import show

    return str(show(query).to_json()).encode()


def _simulate(query: str) -> bytes:
    """Every array of every chunk, bit by bit: a header and float64, as `net_compare` reads it."""
    import numpy as np

    from nnopt_viz import Scenario, simulate

    made = b""
    for chunk in simulate(Scenario.from_query(query)):
        values = {one.name: getattr(chunk, one.name) for one in fields(chunk)}
        arrays = {key: v for key, v in values.items() if isinstance(v, np.ndarray)}
        head = {
            key: [list(v.shape), v.dtype.str] if key in arrays else repr(v)
            for key, v in values.items()
        }
        text = json.dumps(head).encode()
        numbers = b"".join(v.astype("<f8").tobytes() for v in arrays.values())
        made += b"NET8" + struct.pack("<II", len(text), len(numbers)) + text + numbers
    return made


CALLED: dict[str, Callable[[str], bytes]] = {
    "to_query": _to_query,
    "events": _events,
    "trajectory": _trajectory,
    "show": _show,
    "simulate": _simulate,
}


# --- all of it --------------------------------------------------------------------------


def unasked(web: Web) -> list[str]:
    """Routes of the app, and names of its catalogue, that the net never asks."""
    lists = {name: value for name, value in vars(net_queries).items() if name.isupper()}
    words = {"point"} | set(re.findall(r"\w+", repr(lists)))  # a point is written start=x,y
    listed = web.client.get("/catalogue.json").json
    names = {
        f"{plural}: {entry['name']}"
        for plural, entries in listed.items()
        if isinstance(entries, list)
        for entry in entries
        if entry["name"] not in words
    }
    return sorted(f"route {rule}" for rule in web.rules - web.asked) + sorted(names)


def record(tree: Path, out: Path) -> None:
    """Ask everything. The working directory must be empty: command lines write there."""
    (out / "bodies").mkdir(parents=True)
    sys.path.remove(str(ROOT))
    sys.path.insert(0, str(tree))
    server = import_module("app").server
    main = import_module("nnopt_viz.cli").main

    recorder = Recorder(out)
    web = Web(recorder, server)
    for request in net_requests.requests():
        web.ask(request)
    web.busy()
    web.assets()
    for words in net_requests.commands():
        command(recorder, main, words)
    for name, query in net_requests.calls():
        call(recorder, name, query)
    strangers = [
        name
        for name, module in sys.modules.items()
        if name.split(".")[0] in ("app", "nnopt_viz")
        and not Path(str(module.__file__)).resolve().is_relative_to(tree)
    ]
    assert not strangers, f"not from {tree}: {strangers}"
    made = {"answers": recorder.answers, "routes": sorted(web.rules), "unasked": unasked(web)}
    (out / "record.json").write_text(json.dumps(made, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    record(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
