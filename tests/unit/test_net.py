"""The net: it notices what changed, and lets pass only what is listed."""

from __future__ import annotations

import hashlib
import json
import struct
from base64 import b64encode
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tools import net
from tools.net_compare import Intended, Rounding, compared, difference, load
from tools.net_neutral import neutral, neutral_header, parts_of_tag

if TYPE_CHECKING:
    from pathlib import Path

NAME = "GET /run.json?surface=booth"
JSON = b'{"loss":[1.0,2.5e-3,null],"text":"at step 117"}'
KIND = {"Content-Type": "application/json", "ETag": "tag of it"}


def record(folder: Path, body: bytes, status: str = "200", **headers: str) -> Path:
    """A record of one answer."""
    (folder / "bodies").mkdir(parents=True)
    sha = hashlib.sha256(body).hexdigest()
    (folder / "bodies" / sha).write_bytes(body)
    one = {"name": NAME, "status": status, "headers": KIND | headers, "sha": sha}
    made = {"answers": [one], "unasked": []}
    (folder / "record.json").write_text(json.dumps(made), "utf-8")
    return folder


def report(folder: Path, body: bytes, old: bytes = JSON, **headers: str) -> int:
    """The exit code for an answer that became another."""
    return net.report(record(folder / "a", old), record(folder / "b", body, **headers))


@pytest.fixture(autouse=True)
def nothing_intended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "INTENDED", ())


def test_equal_answers_are_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(tmp_path, JSON) == 0
    assert capsys.readouterr().out.startswith("net: 1 answers equal, 0 differ")


def test_a_changed_number_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(tmp_path, JSON.replace(b"2.5e-3", b"2.5001e-3")) == 1
    said = capsys.readouterr().out
    assert NAME in said
    assert "1 numbers differ, by at most 4e-05 relative" in said
    assert said.endswith("net: 0 answers equal, 1 differ, 0 roundings listed, 0 changes intended\n")


@pytest.mark.parametrize("headers", [{"ETag": "tag of another"}, {"Vary": "Accept"}])
def test_a_changed_header_is_found(headers: dict[str, str], tmp_path: Path) -> None:
    assert report(tmp_path, JSON, **headers) == 1


def test_a_changed_status_and_a_missing_answer_are_found(tmp_path: Path) -> None:
    old, _ = load(record(tmp_path / "a", JSON))
    new, _ = load(record(tmp_path / "b", JSON, "404"))
    assert [one.what for one in compared(old, new)[0]] == ["status"]
    assert [one.what for one in compared(old, {})[0]] == ["answer"]
    assert [one.what for one in compared({}, old)[0]] == ["answer"]


@pytest.mark.parametrize(
    ("number", "code"), [(b"2.5000000000000005e-3", 0), (b"2.50000000001e-3", 1), (b"null", 1)]
)
def test_a_listed_rounding_passes_and_a_larger_one_does_not(
    number: bytes, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = JSON.replace(b"2.5e-3", number)
    assert report(tmp_path / "unlisted", body) == 1
    monkeypatch.setattr(net, "ROUNDINGS", (Rounding(r"^GET /run\.json", "sums in another order"),))
    assert report(tmp_path / "listed", body) == code
    assert report(tmp_path / "header", body, ETag="another") == 1


def test_a_text_that_changes_with_a_number_is_no_rounding() -> None:
    assert difference(JSON, JSON.replace(b"step", b"row")).apart is None


def stream(values: list[float]) -> bytes:
    head = json.dumps({"rows": len(values) // 2, "frame_bytes": 8}).encode()
    parts = (b"NNV1", head, np.array(values, "<f4").tobytes(), b"{}  ")
    return (
        parts[0] + struct.pack("<I", len(head)) + head + parts[2] + struct.pack("<I", 4) + b"{}  "
    )


def test_the_numbers_of_the_binary_stream_are_compared() -> None:
    old, nan = [1.0, 2.0, 3.0, float("nan")], float("nan")
    after = float(np.nextafter(np.float32(2), np.float32(3)))
    one = difference(stream(old), stream([1.0, after, 3.0, nan])).apart
    assert one is not None
    assert one.count == 1
    assert one.is_rounding(0.0)
    far = difference(stream(old * 2), stream([1.0, 2.001, 3.0, nan, *old])).apart
    assert far is not None
    assert not far.is_rounding(1e-12)
    ended = difference(stream(old), stream([1.0, nan, 3.0, nan])).apart
    assert ended is not None
    assert not ended.is_rounding(1e-12)


def test_packed_arrays_are_compared_number_by_number() -> None:
    def packed(last: float) -> bytes:
        numbers = b64encode(np.array([0.0, 1.0, last]).tobytes()).decode()
        return json.dumps({"z": {"dtype": "f8", "bdata": numbers, "shape": "1, 3"}}).encode()

    apart = difference(packed(2.0), packed(2.0 + 2**-51)).apart
    assert apart is not None
    assert (apart.count, apart.single) == (1, 0.0)
    assert 0 < apart.largest < 1e-15


@pytest.mark.parametrize(
    ("after", "code"), [("at step 118", 0), ("at step 119", 1), ("sha256:00", 1)]
)
def test_an_intended_change_is_matched_exactly(
    after: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = JSON.replace(b"117", b"118")
    change = Intended(r"/run\.json", "at step 117", after, "the first step counts")
    monkeypatch.setattr(net, "INTENDED", (change,))
    assert report(tmp_path / "told", body) == code
    assert report(tmp_path / "more", body.replace(b"1.0", b"1.5")) == 1


def test_whole_bodies_can_be_named_by_their_hashes(tmp_path: Path) -> None:
    old, _ = load(record(tmp_path / "a", b"\x89PNG\xff"))
    new, _ = load(record(tmp_path / "b", b"\x89PNG\xfe"))
    hashes = (f"sha256:{next(iter(side.values())).sha[:12]}" for side in (old, new))
    change = Intended("", *hashes, "a finer picture")
    assert compared(old, new, (change,)) == ([], {change})
    assert len(compared(new, old, (change,))[0]) == 1


def test_what_changes_by_itself_is_put_in_a_neutral_form() -> None:
    link = b'<link rel="stylesheet" href="/assets/%s">\n'
    one, other = link % b"a.css?m=1.5" + link % b"b.css", link % b"c/d.css"
    assert neutral("GET /", one) == neutral("GET /", other)
    name = "POST /_dash-update-component content.children"
    assert neutral(name, b'{"b":[2,1],"a":1}') == neutral(name, b'{"a":1,"b":[2,1]}')
    assert neutral(name, b'{"a":[1,2]}') != neutral(name, b'{"a":[2,1]}')
    assert neutral("GET /run.json", JSON) == JSON
    assert neutral_header("Allow", "GET, HEAD") == neutral_header("Allow", "HEAD, GET")
    assert parts_of_tag('W/"abc:gzip"') == ("W/", "abc", ":gzip")


def test_what_the_net_never_asks_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for side in ("a", "b"):
        path = record(tmp_path / side, JSON) / "record.json"
        made = json.loads(path.read_text("utf-8")) | {"unasked": ["route /atlas.json"]}
        path.write_text(json.dumps(made), "utf-8")
    assert net.report(tmp_path / "a", tmp_path / "b") == 1
    assert "the net never asks: route /atlas.json" in capsys.readouterr().out
    monkeypatch.setattr(net, "NEW", {"route /atlas.json": "it has tests of its own"})
    assert net.report(tmp_path / "a", tmp_path / "b") == 0
