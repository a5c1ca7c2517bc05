"""Experiments over HTTP and in a terminal: streams, tables, caching, and nothing left over."""

from __future__ import annotations

import csv
import io
import json
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from nnopt_viz.cli import main
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.experiments import STUDIES, result
from nnopt_viz.experiments.codec import decode_study, encode_study
from nnopt_viz.page.app import build_app
from nnopt_viz.query.keys import QueryError
from nnopt_viz.web import desk
from nnopt_viz.web.desk import PLACES
from tests.support.server import fetch, started, workers_of

if TYPE_CHECKING:
    from collections.abc import Callable

OFFERED = [f".{made.name}" for made in FORMATS.of("experiment", offered=True)]
SMALL = "study=width(widths=%221,2%22,steps=20,seeds=4)"
LONG = "study=width(widths=%221,32%22,steps=4000,seeds=256)"
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def client() -> Any:
    return build_app().server.test_client()


def test_a_stream_is_a_header_and_findings(client: Any) -> None:
    answer = client.get(f"/experiment.ndjson?{SMALL}")
    assert answer.mimetype == "application/x-ndjson"
    head, *rest = map(json.loads, filter(None, answer.data.splitlines()))
    assert head["query"] == "study=width(widths=%221,2%22,steps=20,seeds=4)"
    assert [line["done"] for line in rest] == sorted(line["done"] for line in rest)
    assert rest[-1]["done"] == 1
    assert {
        "key", "words", "value", "low", "high", "kind", "unit", "note", "shown", "spread",
    } == set(rest[-1]["numbers"][0])  # fmt: skip
    assert not any(line["claims"] for line in rest[:-1])
    assert {"text", "key", "low", "high", "holds"} == set(rest[-1]["claims"][0])


def test_who_holds_a_finished_one_is_told_so_before_anything_runs(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = {
        path: tag_of(client.get(f"{path}?{SMALL}"))
        for path in ("/experiment.ndjson", "/experiment.json", "/experiment.csv")
    }
    assert len(set(tags.values())) == 3
    monkeypatch.setattr(result, "findings", lambda _: pytest.fail("it ran"))
    for path, tag in tags.items():
        same = SMALL.replace("steps=20,seeds=4", "seeds=4,steps=20")  # written otherwise
        answer = client.get(f"{path}?{same}", headers={"If-None-Match": tag})
        assert answer.status_code == 304
        assert not answer.data


def tag_of(answer: Any) -> str:
    assert answer.data
    return str(answer.headers["ETag"])


def test_the_tables_are_the_finding(client: Any) -> None:
    finding = result.finished(decode_study(SMALL))
    answer = client.get(f"/experiment.csv?{SMALL}")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [float(row["loss"]) for row in rows] == finding.table["loss"]
    body = client.get(f"/experiment.json?{SMALL}").json
    assert body["table"] == finding.table
    assert [n["key"] for n in body["numbers"]] == [n.key for n in finding.numbers]
    assert body["numbers"][0]["low"] <= body["numbers"][0]["value"]
    assert [c["key"] for c in body["claims"]] == ["good:2", "good:1"]


def test_a_kept_finding_is_not_computed_again(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get(f"/experiment.ndjson?{SMALL}").data.splitlines()
    monkeypatch.setattr(
        "nnopt_viz.experiments.studies.width.descend", lambda *_: pytest.fail("it ran again")
    )
    again = client.get(f"/experiment.ndjson?{SMALL}").data.splitlines()
    assert again == [first[0], first[-1]]
    finding = result.known(decode_and_encode(SMALL))
    assert finding is not None
    for seed in range(20, 20 + result.KEPT):  # others push it out
        result._finished.keep(f"other {seed}", finding)
    assert len(result._finished) <= result.KEPT


def decode_and_encode(query: str) -> str:
    return encode_study(decode_study(query))


@pytest.mark.parametrize("path", ["/experiment.ndjson", "/experiment.json", "/experiment.csv"])
@pytest.mark.parametrize(
    "query", ["", "study=", "study=nothing", "study=width(", "study=width(seeds=1e99)",
              "study=width(seeds=256,steps=20000)", "run=adam", "%ff", "study=width&x=1"],
)  # fmt: skip
def test_bad_input_is_a_400_with_a_sentence(client: Any, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 400
    error = answer.json["error"]
    assert error["message"].endswith(".")
    assert error["allowed"]
    assert client.get(f"/experiment?{query}").status_code == 200  # the page repairs


def test_a_dear_one_without_a_place_is_told_to_wait(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PLACES", 0)
    for path in ("/experiment.ndjson", "/experiment.json"):
        answer = client.get(f"{path}?{LONG}")
        assert answer.status_code == 503
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.json["error"]["message"].startswith("The server is busy")


def test_an_answer_that_is_never_read_gives_its_place_back(client: Any) -> None:
    for _ in range(12):
        answer = client.get(f"/experiment.ndjson?{SMALL}", buffered=False)
        answer.close()
    for _ in range(12):
        assert client.head(f"/experiment.ndjson?{SMALL}").status_code in (200, 405)
    assert client.get(f"/experiment.ndjson?{SMALL}").status_code == 200


# --- nothing left over -----------------------------------------------------------------


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def used(workers: set[int]) -> tuple[int, float, float]:
    """Threads, processor seconds and resident megabytes of a server's workers."""
    threads, seconds, memory = 0, 0.0, 0.0
    for worker in workers:
        fields = content(Path(f"/proc/{worker}/stat")).rpartition(b")")[2].split()
        threads += int(fields[17])
        seconds += (int(fields[11]) + int(fields[12])) / 100
        memory += int(fields[21]) * 4096 / MEGABYTE
    return threads, seconds, memory


def begun(port: int, query: str) -> socket.socket:
    """A connection on which an experiment has sent its first finding."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    request = f"GET /experiment.ndjson?{query} HTTP/1.1\r\nHost: here\r\n\r\n"
    connection.sendall(request.encode())
    received = b""
    while received.count(b'"charts"') < 1:
        piece = connection.recv(65536)
        assert piece, received[:500]
        received += piece
    return connection


def idle(workers: set[int]) -> bool:
    """Does the server rest: no processor time for half a second?"""
    _, before, _ = used(workers)
    time.sleep(0.5)
    return used(workers)[1] - before < 0.1


def until(holds: Callable[[], bool], wrong: str) -> None:
    """Wait, half a minute at most."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, wrong


@pytest.mark.slow
def test_nothing_is_left_over_after_cancelled_and_finished_experiments() -> None:
    with started(threads=6) as (process, port):
        workers = workers_of(process)
        assert fetch(port, f"/experiment.ndjson?{SMALL}", timeout=120)[0] == 200
        _, _, memory = used(workers)
        for seed in range(8):
            begun(port, quote(f"study=width(widths=\"1,32\",steps=4000,seeds=256,seed={seed})",
                              safe="=(),")).close()  # fmt: skip
            until(lambda: idle(workers), "a cancelled experiment goes on")
        for seed in range(8):
            query = SMALL.replace("seeds=4", f"seeds=4,seed={seed}")
            assert fetch(port, f"/experiment.ndjson?{query}", timeout=120)[0] == 200
        until(lambda: idle(workers), "a finished experiment goes on")
        now, _, grown = used(workers)
        assert workers_of(process) == workers
        assert now <= 6 + PLACES + 2  # the server's own pool, filled once
        assert grown - memory < 60
        others = [begun(port, LONG), begun(port, LONG.replace("seeds", "seed=9,seeds"))]
        for other in others:  # all places are free again
            other.close()


# --- the command line ------------------------------------------------------------------


def test_the_command_line_writes_the_same_numbers(
    tmp_path: Path, client: Any, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    out = tmp_path / "results.csv"
    given = ["experiment", "width", 'widths="1,2"&steps=20,seeds=4', "--out", str(out)]
    assert main(given) == 0
    assert out.read_bytes() == client.get(f"/experiment.csv?{SMALL}").data
    assert main(["experiment", "width", 'widths="1,2",steps=20,seeds=4']) == 0
    assert capsysbinary.readouterr().out == out.read_bytes()
    out = tmp_path / "results.json"
    assert main([*given[:3], "--out", str(out)]) == 0
    assert json.loads(out.read_bytes())["study"] == "width"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "There is no experiment"),
        (["width", "seeds=1"], "from 2 to 256"),
        (["width", "seeds=256,steps=20000,widths=\"64\",data=digits(n=1797)"], "Allowed"),
        (["width", "seeds=("], "could not be read"),
        (["width", "", "--out", "x.nothing"], " or ".join([", ".join(OFFERED[:-1]), OFFERED[-1]])),
        (["width", SMALL.partition("(")[2][:-1].replace("%22", '"'), "--out", "/no/such/x.csv"],
         "can't write"),
    ],
)  # fmt: skip
def test_the_command_line_refuses_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", *arguments]) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_a_terminal_sees_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nnopt_viz import cli

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for done in (0.0, 0.5, 1.0):
        cli._bar(done)
    shown = capsys.readouterr().err
    assert "50%" in shown
    assert shown.endswith("100%\n")


def test_experiments_are_listed(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    listed = [entry["name"] for entry in client.get("/catalogue.json").json["experiments"]]
    assert listed == list(STUDIES)
    assert main(["list", "experiments"]) == 0
    shown = capsys.readouterr().out
    for name in STUDIES:
        assert f"  {name}" in shown


@pytest.mark.parametrize("name", STUDIES)
def test_the_key_is_of_what_is_to_be_changed(name: str) -> None:
    """Of what is too much, and named by the command that computes it, where one does."""
    for more in ("seeds=64", "steps=20000,seeds=4", "steps=20000,seeds=64"):
        try:
            decode_study(f"study={name}({more})")
        except QueryError as error:
            found = error
        else:
            continue
        knob, less = found.key.removeprefix("study."), found.allowed.partition(", or run")[0]
        if less != "less of it":
            assert f"{knob}={found.value}" in more
            assert f"{knob}=" in less
            assert f"{knob}={found.value}," not in f"{less},"
