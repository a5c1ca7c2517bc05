"""Viewing keys: read, mended and written; and without any effect on what is computed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnopt_viz.experiments.codec import decode_study
from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.page import build_app, ids, opening
from nnopt_viz.query.grammar import percent_encode
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.viewing import MOST_TITLE, VIEWING, read_viewing, write_viewing
from nnopt_viz.race.codec import decode, landing, repair
from tests.support.layout import found

if TYPE_CHECKING:
    from flask.testing import FlaskClient

EXAMPLES = "&".join(f"{key.name}={percent_encode(key.example)}" for key in VIEWING.values())
BAD = {
    "title": "x" * 81, "note": "x" * 281, "names": "a" * 41, "styles": "1,1",
    "view": "map(x=(2,1))", "at": "soon", "present": "yes", "knobs": "l r", "hide": "srface",
}  # fmt: skip


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return build_app().server.test_client()


def test_examples_are_read_and_written_back() -> None:
    made, notes = read_viewing("?surface=booth&" + EXAMPLES)
    assert notes == []
    assert list(made) == list(VIEWING)
    assert write_viewing(made) == EXAMPLES
    assert read_viewing(write_viewing(made)) == (made, [])


@pytest.mark.parametrize(("text", "value"), [
    ("title=a+b%2Bc", {"title": "a b+c"}),
    ("title=%20a%0A%20b", {"title": "a b"}),
    ("names=,second,surface:bowl", {"names": {"runs": ["", "second"], "surface": "bowl"}}),
    ("names=,,", {}),
    ("styles=3,1", {"styles": [3, 1]}),
    ("at=end", {"at": {"step": "end", "plays": False}}),
    ("at=0,play", {"at": {"step": 0, "plays": True}}),
    ("present=false", {}),
    ("view=map", {}),
    ("view=map(x=(-1,2),levels=24,arrows=true,eye=(0,1,2))",
     {"view": {"x": [-1.0, 2.0], "levels": 24, "arrows": True, "eye": [0.0, 1.0, 2.0]}}),
    ("knobs=lr,surface.tilt,lr", {"knobs": ["lr", "surface.tilt"]}),
    ("hide=runs,%20curves", {"hide": ["runs", "curves"]}),
])  # fmt: skip
def test_what_may_stand_there(text: str, value: dict[str, Any]) -> None:
    assert read_viewing(text) == (value, [])


@pytest.mark.parametrize(("text", "value", "words"), [
    ("title=" + "ab" * 41, {"title": "ab" * 40}, "82 characters; at most 80 are shown"),
    ("title=a%00b%E2%80%AEc", {"title": "abc"}, "without control characters"),
    ("title=%ff", {}, "could not be read"),
    ("title=a&title=b", {"title": "a"}, "title is given more than once"),
    ("names=" + ",".join("abcdefghijklmn"),
     {"names": {"runs": list("abcdefghijkl"), "surface": ""}}, "more than 12 names"),
    ("view=map(x=(1,2),y=(2,1),lvels=3)", {"view": {"x": [1.0, 2.0]}}, "levels"),
    ("view=map(levels=1e400)", {}, "levels of view is a whole number"),
    ("view=himmelblau", {}, "view is map(…)"),
    ("hide=srface,outcome", {"hide": ["outcome"]}, "surface"),
    ("hide=" + ",".join(["x"] * 500), {}, "nothing called"),
    ("hide=" + ",".join(["runs"] * 500), {"hide": ["runs"]}, "more than 20 words"),
])  # fmt: skip
def test_a_page_mends_and_says_so(text: str, value: dict[str, Any], words: str) -> None:
    made, notes = read_viewing(text)
    assert made == value
    assert words in notes[0]


@pytest.mark.parametrize("name", list(VIEWING))
def test_they_are_checked_where_data_are_asked_for(name: str, client: FlaskClient) -> None:
    answer = client.get(f"/run.csv?surface=booth&{name}={percent_encode(BAD[name])}")
    assert answer.status_code == 400
    assert json.loads(answer.data)["error"]["key"] == name
    twice = client.get(f"/run.csv?{name}={VIEWING[name].example}&{name}={VIEWING[name].example}")
    assert twice.status_code == 400


def test_they_change_no_number() -> None:
    query = "surface=booth&run=sgd(lr=0.01)"
    assert decode(f"{query}&{EXAMPLES}") == decode(query)
    assert decode_lab(f"net=mlp&{EXAMPLES}") == decode_lab("net=mlp")
    assert decode_study(f"study=width&{EXAMPLES}") == decode_study("study=width")
    assert repair("hide=runs&title=x") == (landing(), [])


def test_data_and_tag_know_nothing_of_them(client: FlaskClient) -> None:
    plain, titled = (client.get(f"/run.json?surface=booth{more}") for more in ("", f"&{EXAMPLES}"))
    assert plain.headers["ETag"] == titled.headers["ETag"]
    assert plain.data == titled.data


def test_an_unknown_key_is_pointed_to_the_nearest() -> None:
    with pytest.raises(QueryError) as fault:
        decode("titel=x")
    assert fault.value.nearest == "title"


@pytest.mark.parametrize("path", ["/", "/network"])
def test_a_page_gets_them(path: str) -> None:
    page = opening.page_for(path, f"?{EXAMPLES}")
    (store,) = found(page, id=ids.VIEWING)
    assert store.data == read_viewing(EXAMPLES)[0]


@given(st.sampled_from(list(VIEWING)), st.text(max_size=120))
def test_any_text_is_read_or_mended(name: str, text: str) -> None:
    made, notes = read_viewing(f"{name}={percent_encode(text.encode('utf-8', 'replace').decode())}")
    again, no_notes = read_viewing(write_viewing(made))
    assert (again, no_notes) == (made, [])
    assert all(note.endswith(".") for note in notes)
    assert len(str(made.get("title", ""))) <= MOST_TITLE
