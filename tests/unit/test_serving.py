"""A real server under clients who are silent, slow, greedy or gone: what comes before what.

Nothing here asserts how long something takes: that is measured by `make bench ARGS=load`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from typing import IO, TYPE_CHECKING

import orjson
import pytest

from nnopt_viz.web import responses
from nnopt_viz.web.worker import Protocol, Worker
from tests.support import loops
from tests.support.attackers import attacking, gone, silent, slow_body, slow_head, slow_reader
from tests.support.paths import ROOT
from tests.support.server import fetch, serving, started, workers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OWN_WORDS = responses.ELSEWHERE.rpartition("offered.")[2]  # what is said of gunicorn's own
LONG = 120.0  # seconds: who waited so long has failed
LARGEST = "/run.csv?steps=20000&start=random(n=20)&run=adam" + "&run=sgd" * 11
CALLBACKS = (
    b"POST /_dash-update-component HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
)
UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


def seen(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(int(LONG * 20)):
        if is_so():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it never was so")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """One thread, and at most a second of waiting for a client."""
    with serving(threads=1, deadline=1) as chosen:
        yield chosen


def raw(port: int, data: bytes) -> bytes:
    """Send bytes as they are; the answer as far as it came."""
    with socket.create_connection(("127.0.0.1", port), timeout=LONG) as connection:
        sender = threading.Thread(target=_send, args=(connection, data))
        sender.start()
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass  # it had enough of what we sent
        sender.join()
        return answer


def _send(connection: socket.socket, data: bytes) -> None:
    try:
        connection.sendall(data)
    except OSError:
        return  # refused before all was sent


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /run.json?run=" + b"a" * 10_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", b"431"),
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n", b"501"),
        (b"GET /run.json?steps=\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"400"),
        (b"POST /run.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"405"),
        (CALLBACKS + b"Content-Length: 9000000\r\n\r\n" + b" " * 9_000_000, b"413"),
        (CALLBACKS + b"Transfer-Encoding: chunked\r\n\r\n"
         + (b"100000\r\n" + b" " * 0x100000 + b"\r\n") * 4 + b"0\r\n\r\n", b"413"),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + UPGRADE, b"403"),
    ],
    ids=["a long query", "a long header", "garbage", "an unknown coding", "no UTF-8",
         "a wrong method", "a long body", "a long body in chunks", "a websocket"],
)  # fmt: skip
def test_broken_requests_are_refused(data: bytes, status: bytes, port: int) -> None:
    answer = raw(port, data)
    assert answer[9:12] == status
    if b"application/json" not in answer.partition(b"\r\n\r\n")[0].lower():
        assert re.search(rf"\(.*\b{status.decode()}\b.*\)", OWN_WORDS)
    assert fetch(port, "/healthz")[0] == 200


def test_late_heads_and_bodies_are_refused(port: int) -> None:
    with attacking(port, (silent(), 3), (slow_head(0.2), 3), (slow_body(0.2), 3)) as met:
        seen(lambda: all(one.end for one in met))
    assert {one.status for one in met} == {408}


def test_a_body_that_stops_is_refused(port: int) -> None:
    half = b"Connection: close\r\nContent-Length: 9\r\n\r\n{"
    assert raw(port, CALLBACKS + half)[9:12] == b"408"


def test_answers_do_not_wait_for_silent_and_slow_clients() -> None:
    """All are answered while all of the attackers are still there."""
    attack = [(silent(), 100), (slow_head(), 40), (slow_body(), 40), (slow_reader(LARGEST), 16)]
    with serving(threads=1, deadline=600) as port, attacking(port, *attack) as met:
        seen(lambda: sum(one.sent > 0 for one in met) == 96)
        for path in ("/healthz", "/", "/run.json", "/run.bin?run=adam"):
            assert fetch(port, path, timeout=LONG)[0] == 200
        assert sum(not one.end for one in met) == len(met)


def test_a_reader_who_takes_nothing_is_left(port: int) -> None:
    with attacking(port, (slow_reader(LARGEST, rate=64, every=0.05), 4)) as met:
        seen(lambda: all(one.end == "reset" for one in met))


def test_a_patient_reader_gets_everything(port: int) -> None:
    status, headers, body = fetch(port, "/run.csv?steps=20000&run=sgd&run=adam")
    assert status == 200
    assert headers["Transfer-Encoding"] == "chunked"
    assert body.count(b"\n") == 1 + 2 * 20_001


def test_the_stream_is_not_held_back(port: int) -> None:
    """Its first bytes are there before the rest is computed: it can be left there."""
    query = "steps=20000&start=random(n=20)" + "&run=adam" * 12
    with attacking(port, (gone(f"/run.bin?{query}", after=1000), 1)) as met:
        seen(lambda: met[0].end == "left")
    assert met[0].received < 100_000


@pytest.fixture
def log() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        yield file


def lines(log: IO[bytes]) -> list[dict[str, object]]:
    """What a server has written of its requests, and nothing else."""
    text = os.pread(log.fileno(), 10_000_000, 0).splitlines()
    assert not [line for line in text if b"Traceback" in line]
    return [orjson.loads(line) for line in text if line.startswith(b"{")]


# Each takes many seconds, far longer than the others that are asked here.
RACE = "surface=langermann&steps=20000&start=random(n=20)" + "&run=schedule_free_sgd" * 12
DEAR = [
    f"/run.html?{RACE}",
    f"/run.parquet?{RACE}",
    '/slice.json?net=mlp(hidden="64,64")&data=moons(n=400)&run=adam(lr=0.01)&epochs=900&batch=16',
    "/experiment.json?study=initialization(seeds=16)",
]


@pytest.mark.parametrize("path", DEAR, ids=lambda path: path.partition("?")[0])
def test_work_ends_when_its_client_has_gone(path: str, log: IO[bytes]) -> None:
    """It is written down as left, and its slot is free: the next dear one, just as long, begins
    and is left too; a cheap one is answered meanwhile."""
    with started(log, log="requests", threads=2, slots=1) as (_, port):
        for done in (1, 2):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                assert fetch(port, "/run.json?run=sgd")[0] == 200
            seen(lambda done=done: sum("gone" in one for one in lines(log)) == done)
        (route,) = {one["route"] for one in lines(log) if "gone" in one}
        assert route == path.partition("?")[0]


def test_the_cheap_is_answered_before_the_dear_ends(log: IO[bytes]) -> None:
    """Twelve dear requests on one slot, and every cheap one comes before the first of them."""
    with started(log, log="requests", threads=2, slots=1) as (_, port):
        crowd = [(gone(f"{DEAR[2]}&seed={i}", after=1), 1) for i in range(12)]
        with attacking(port, *crowd) as met:
            seen(lambda: all(one.sent for one in met))
            for i in range(20):
                assert fetch(port, f"/run.json?run=adam&seed={i}", timeout=LONG)[0] == 200
            assert not [one for one in met if one.end]
        seen(lambda: sum("gone" in one for one in lines(log)) == 12)


def test_a_long_text_that_is_no_number_stops_nobody() -> None:
    """Its pattern was tried in every way that there is: for a minute, and then the worker ended."""
    line = "1" * 3900 + "," + "1" * 3890 + "x"
    with started(workers=1) as (process, port):
        before = workers_of(process)
        assert fetch(port, f"/profile.json?surface=booth&line={line}")[0] == 400
        assert workers_of(process) == before


@pytest.mark.parametrize("door", ["app", "nnopt_viz.wsgi"])
def test_matrix_products_take_one_thread_behind_every_door(door: str) -> None:
    """Before NumPy is there: several, on a busy machine, took ten times as long as one."""
    says = f"""import os, sys
class Watch:
    def find_spec(self, name, *_):
        if name == "numpy":
            print(os.environ.get("OPENBLAS_NUM_THREADS")); os._exit(0)
sys.meta_path.insert(0, Watch())
import {door}"""
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", says], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == "1\n"


def test_the_log_has_no_query_unless_it_is_asked_for(log: IO[bytes]) -> None:
    with started(log, log="requests") as (_, port):
        fetch(port, "/run.json?steps=7&surface=nope")
        fetch(port, "/a-secret")
        fetch(port, "/run.csv?steps=7")
        seen(lambda: len(lines(log)) == 3)  # the pulse is no news
        said = lines(log)
        assert [(one["route"], one["status"]) for one in said] == [
            ("/run.json", 400), ("/<path:path>", 404), ("/run.csv", 200),
        ]  # fmt: skip
        assert said[2]["bytes"] > 100  # type: ignore[operator]
        assert said[2]["units"] > 0  # type: ignore[operator]
    text = os.pread(log.fileno(), 10_000_000, 0)
    assert b"steps" not in text
    assert b"secret" not in text


def test_a_new_connection_finds_room_where_descriptors_are_few(log: IO[bytes]) -> None:
    """With 64 of them, who has been idle longest makes room, each one for one; so they never run
    out (nothing is accepted for a second where they do), and the worker lives on."""
    with started(log, limit="ulimit -n 64", deadline=600) as (process, port):
        (worker,) = workers_of(process)
        with attacking(port, (silent(), 100)) as met:
            seen(lambda: sum(bool(one.end) for one in met) > 30)
            for _ in range(5):
                assert fetch(port, "/run.json?run=adam")[0] == 200
            assert workers_of(process) == {worker}
            assert any(not one.end for one in met)
    assert b"no more connections" not in os.pread(log.fileno(), 10_000_000, 0)


def test_the_end_comes_at_a_whole_frame() -> None:
    """SIGTERM in the midst of a stream: whole pieces, no last chunk, exit code 0."""
    query = "steps=20000&start=random(n=20)" + "&run=adam" * 12
    with started(workers=1) as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=LONG) as connection:
            connection.sendall(f"GET /run.csv?{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            answer = connection.recv(65536)
            process.send_signal(signal.SIGTERM)
            while piece := connection.recv(1 << 20):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert process.wait(LONG) == 0
    text = b"".join(chunks(body))
    assert text.endswith(b"\n")
    assert len(text.splitlines()[-1].split(b",")) == 9


def chunks(body: bytes) -> Iterator[bytes]:
    """The chunks of a body that has no last one; each is whole."""
    at = 0
    while at < len(body):
        start = body.index(b"\r\n", at) + 2
        end = start + int(body[at:start], 16)
        assert end > start, "it ends as if it were complete"
        assert body[end : end + 2] == b"\r\n"
        yield body[start:end]
        at = end + 2


def test_a_killed_worker_takes_only_its_own_answers_with_it() -> None:
    with started(workers=2, threads=2) as (process, port):
        before = workers_of(process)
        with attacking(port, *[(gone(f"{DEAR[2]}&seed={i}", after=1), 1) for i in range(8)]) as met:
            seen(lambda: all(one.sent for one in met))
            os.kill(min(before), signal.SIGKILL)
            assert fetch_until(port, "/run.json?run=adam") == 200
            seen(lambda: len(workers_of(process)) == 2 and workers_of(process) != before)
            assert fetch(port, "/healthz")[0] == 200
            seen(lambda: any(one.end for one in met))


def fetch_until(port: int, path: str) -> int:
    """The status of an answer; a connection that the dying worker had may be reset."""
    for _ in itertools.repeat(None, 100):
        try:
            return fetch(port, path)[0]
        except OSError:
            time.sleep(0.01)
    raise AssertionError("nobody answers")


def test_metrics_are_there_when_they_are_set() -> None:
    with started(workers=2, metrics="on") as (process, port):
        fetch(port, "/run.json?run=adam")
        seen(lambda: b'route="/run.json",status="200"' in fetch(port, "/metrics")[2])
        os.kill(min(workers_of(process)), signal.SIGKILL)
        seen(lambda: b"nnopt_viz_held_bytes 0.0" in fetch(port, "/metrics")[2])
    with serving() as port:
        assert fetch(port, "/metrics")[0] == 404


def test_a_connection_that_is_closed_already_can_be_cut() -> None:
    """Else what its answer holds would stay held: the cut comes before the answer is closed."""

    async def cut() -> None:
        ours, theirs = socket.socketpair()
        transport, _ = await asyncio.get_running_loop().create_connection(
            asyncio.Protocol, sock=ours
        )
        transport.abort()
        await asyncio.sleep(0)  # the loop closes the socket
        connection = Protocol.__new__(Protocol)
        connection.transport = transport
        connection.cut()
        theirs.close()

    loops.run(cut())


class Peer:
    """As much of a connection as `make_room` looks at."""

    def __init__(self, peer: str, is_idle: bool = False, is_proxy: bool = False) -> None:
        self.peer, self.is_idle, self.is_proxy, self.since = peer, is_idle, is_proxy, 0.0
        self.is_cut = False

    def cut(self) -> None:
        self.is_cut = True


@pytest.mark.parametrize(
    ("there", "newcomer", "leaves"),
    [
        ([Peer("a"), Peer("a"), Peer("b", is_idle=True)], Peer("c"), "b"),
        ([Peer("a"), Peer("a"), Peer("b")], Peer("c"), "a"),  # nobody is idle: who has most
        ([Peer("a"), Peer("a"), Peer("b")], Peer("a"), "newcomer"),
        ([Peer("a"), Peer("b"), Peer("c")], Peer("d"), "newcomer"),
        ([Peer("a"), Peer("a"), Peer("b")], Peer("b"), "newcomer"),  # then it has as many
        ([Peer("p", is_proxy=True)] * 3, Peer("b"), "newcomer"),  # behind it are many clients
    ],
)
def test_room_for_a_newcomer(there: list[Peer], newcomer: Peer, leaves: str) -> None:
    worker = Worker.__new__(Worker)
    worker.open, worker.most = {*there, newcomer}, len({*there})
    worker.make_room(newcomer)
    cut = {one for one in (*there, newcomer) if one.is_cut}
    assert len(cut) == 1
    (one,) = cut
    assert one not in worker.open
    assert leaves == ("newcomer" if one is newcomer else one.peer)
