"""Who asks, what a line of the log says, and the settings of both."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import orjson
import pytest

from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.pace import Gone
from nnopt_viz.page import build_app, ids
from nnopt_viz.web.addresses import address_of, networks
from nnopt_viz.web.desk import CHEAP_SECONDS, Desk, Visit
from nnopt_viz.web.settings import Settings
from nnopt_viz.web.visits import VISIT, received
from tests.support.hostile_requests import callbacks

TRUSTED = networks(("10.0.0.0/8", "127.0.0.1", "fd00::/8"))


@pytest.mark.parametrize(
    ("connected", "told", "address"),
    [
        ("8.8.8.8", "", "8.8.8.8"),
        ("8.8.8.8", "1.1.1.1", "8.8.8.8"),  # whoever is no proxy of ours says what it likes
        ("127.0.0.1", "1.1.1.1", "1.1.1.1"),
        ("127.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),  # left of it anybody may have written
        ("127.0.0.1", "6.6.6.6, 1.1.1.1, 10.1.2.3", "1.1.1.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::/64"),
        ("2001:db8:0:1:ffff::7", "", "2001:db8:0:1::/64"),  # a household has all that begins so
        ("::ffff:8.8.8.8", "1.1.1.1", "8.8.8.8"),  # as IPv6 spells an IPv4 address
        ("::ffff:10.1.2.3", "::ffff:1.1.1.1", "1.1.1.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "<script>, 10.0.0.1", "10.0.0.1"),
        ("127.0.0.1", " , ,", "127.0.0.1"),
        ("", "1.1.1.1", ""),
    ],
)
def test_only_our_proxies_say_who_asks(connected: str, told: str, address: str) -> None:
    asked = {"REMOTE_ADDR": connected, "HTTP_X_FORWARDED_FOR": told}
    assert address_of(asked, TRUSTED) == address


def test_law_a_client_can_be_nobody_else() -> None:
    """Whatever a client writes, the address that our proxy has seen is what counts."""
    rng = np.random.default_rng(0)
    parts = ["1.2.3.4", "10.0.0.9", "x", "", "::1", "999.1.1.1", "127.0.0.1"]
    for _ in range(200):
        written = ", ".join(rng.choice(parts, size=rng.integers(0, 4)))
        asked = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"{written}, 7.7.7.7"}
        assert address_of(asked, TRUSTED) == "7.7.7.7"
        assert address_of(asked | {"REMOTE_ADDR": "9.9.9.9"}, TRUSTED) == "9.9.9.9"


DEAR = "/run.json?steps=20000&start=random(n=9)&run=adam"


@pytest.fixture(scope="module")
def app() -> Any:
    return build_app()


@pytest.mark.parametrize("path", ["/run.csv", "/experiment.csv", "/experiment.json", "/slice.json"])
def test_the_price_of_an_answer_is_known_to_its_end(path: str, app: Any) -> None:
    """What is lent is counted by it, and the log says it."""
    query = (
        f"study=optimizers(steps=10,seeds={len(path)})"
        if "experiment" in path
        else "net=mlp&epochs=1"
    )
    visit, client = Visit(""), app.server.test_client()
    with client.get(f"{path}?{query}", environ_overrides={VISIT: visit}) as answer:
        assert answer.get_data()
    assert answer.status_code == 200
    assert min(visit.cost.units, visit.cost.bytes) > 0


def test_a_surface_of_ones_own_has_a_price_on_the_page_too(app: Any) -> None:
    query = "surface=formula(f=%22abs(x)*sin(9*y)%22)&steps=3"
    name = next(one for one in app.callback_map if ids.SURFACE_PANEL in one)
    (body,) = (
        one for one in callbacks(app.callback_map, [{"query": query}]) if one["output"] == name
    )
    client, visits = app.server.test_client(), (Visit(""), Visit(""))
    asked = client.post("/_dash-update-component", json=body, environ_overrides={VISIT: visits[0]})
    shown = client.get(f"/_page/?{query}", environ_overrides={VISIT: visits[1]})
    for answer in (asked, shown):
        assert answer.status_code == 200
        answer.close()
    assert min(visit.cost.units for visit in visits) > 0


@pytest.mark.parametrize("path", [DEAR, DEAR.replace(".json", ".bin"), "/nope", "/run.json?x=1"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_was_lent_is_given_back(method: str, path: str, app: Any) -> None:
    """Read to the end, left in the midst, or never begun."""
    desk = app.server.extensions["nnopt_viz.web.guard"]
    for is_read in (True, False):
        answer = app.server.test_client().open(path, method=method, buffered=False)
        if is_read:
            answer.get_data()
        answer.close()
        assert desk.places == desk.held == 0
        assert not desk.slow.computing
        assert not desk.quick.computing


def test_the_dear_is_known_as_such(app: Any) -> None:
    client = app.server.test_client()
    for path, is_dear in (("/run.json?run=adam", False), (DEAR, True)):
        visit = Visit("")
        assert client.get(path, environ_overrides={VISIT: visit}).status_code == 200
        assert visit.is_dear == is_dear


def test_the_pulse_waits_for_nobody(app: Any) -> None:
    """Every slot is taken, and it is answered: the event loop itself asks for it."""
    desk = app.server.extensions["nnopt_viz.web.guard"]
    others = [Visit("a") for _ in range(desk.quick.width)]
    for other in others:
        desk.begin(other)
    answer = app.server.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json["release"]
    for other in others:
        desk.leave(other)


def test_memory_is_lent_by_one_line_only() -> None:
    """What turns out dear takes its memory along: it needs none of the other line's."""
    desk = Desk(threads=1, slots=1, memory=100e6)
    cheap = Visit("a")
    desk.begin(cheap)
    desk.enter(cheap, Cost(0, 20e6))
    desk.look(cheap, CHEAP_SECONDS + 1)
    assert cheap.line is desk.slow
    assert (desk.quick.held, desk.slow.held) == (20e6, 0)
    desk.leave(cheap)
    assert desk.held == 0


def lines_of(
    caplog: pytest.LogCaptureFixture, pieces: list[bytes], length: int | None, reads: int
) -> tuple[dict[str, Any], Desk]:
    """The line in the log about a client who reads so many pieces and leaves, and the desk."""

    def app(_: Any, start: Any) -> list[bytes]:
        start("200 OK", [] if length is None else [("Content-Length", str(length))])
        return pieces

    desk, visit = Desk(threads=1, slots=1, memory=100e6), Visit("a")
    with caplog.at_level("INFO", "nnopt_viz.requests"):
        body = iter(received(app, desk, Settings())({VISIT: visit}, lambda *_: None))
        for _ in range(reads):
            next(body)
        visit.gone.set()
        with contextlib.suppress(Gone, StopIteration):
            next(body)
        body.close()  # type: ignore[attr-defined]
    (record,) = caplog.records
    return orjson.loads(record.getMessage()), desk


@pytest.mark.parametrize("pieces", [[b"ab"], [b"a", b"b"]])
def test_who_leaves_when_all_is_read_has_not_gone(
    pieces: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    line, desk = lines_of(caplog, pieces, 2, len(pieces))
    assert "gone" not in line
    assert line["bytes"] == 2
    assert desk.counts.left == 0


@pytest.mark.parametrize(("length", "reads"), [(2, 1), (2, 0), (None, 1)])
def test_who_leaves_before_has_gone(
    length: int | None, reads: int, caplog: pytest.LogCaptureFixture
) -> None:
    line, desk = lines_of(caplog, [b"a", b"b"], length, reads)
    assert line["gone"]
    assert desk.counts.left == 1
