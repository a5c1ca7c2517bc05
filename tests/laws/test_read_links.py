"""Links that were changed on their way are read as they were, and it is said."""

from __future__ import annotations

import json
import random
import re
from html import escape, unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from nnopt_viz.deliver.questions import QUESTIONS
from nnopt_viz.lab.codec import decode_lab, repair_lab
from nnopt_viz.page import build_app, callbacks
from nnopt_viz.query.links import mended, plain
from nnopt_viz.race.codec import decode, encode, repair
from nnopt_viz.web.responses import NOTES
from tests.contract.test_formats import ASKED
from tests.support.golden_links import LINKS
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

FORMULA = 'surface=formula(f="x**2 - 3*x*y %2B y**4",bounds="-2,2,-1,1")&run=sgd(lr=0.01)&steps=5'
CHANGES: dict[str, Callable[[str], str]] = {
    "&amp;": lambda text: text.replace("&", "&amp;"),
    "&amp; twice": lambda text: text.replace("&", "&amp;amp;"),
    "&amp; as a browser sends it": lambda text: text.replace("&", "&amp%3B"),
    "&#38;": lambda text: text.replace("&", "&#38;"),
    "HTML": lambda text: escape(text, quote=True),
    "curly quotes": lambda text: text.replace('"', "“", 1).replace('"', "”"),
    "single quotes": lambda text: text.replace('"', "'"),
    "a real minus": lambda text: text.replace("-", "−"),
    "a dash": lambda text: text.replace("-", "–"),
    "other spaces": lambda text: text.replace(" ", "\u00a0"),
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded, but for what browsers leave": lambda text: quote(text, safe="(),*/:;!~"),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent-encoded, with a tracker": lambda text: quote(text, safe="") + "&fbclid=x",
}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app: Any = build_app()
    made: FlaskClient = app.server.test_client()
    return made


@pytest.mark.parametrize("change", CHANGES)
def test_a_link_that_was_changed_is_read_and_it_is_said(change: str, client: FlaskClient) -> None:
    changed = CHANGES[change](FORMULA)
    assert changed != FORMULA
    made, notes = repair(changed)
    assert made == decode(FORMULA)
    assert notes
    assert all(note.endswith(".") for note in notes)
    answer = client.get("/run.csv", environ_overrides={"QUERY_STRING": in_latin(changed)})
    assert answer.status_code == (400 if "fbclid" in changed else 200), answer.text
    if answer.status_code == 200:
        assert json.loads(answer.headers[NOTES]) == notes
        assert answer.text == client.get(f"/run.csv?{FORMULA}").text
        checked = client.get("/check.json", environ_overrides={"QUERY_STRING": in_latin(changed)})
        assert (checked.json["query"], checked.json["notes"]) == (encode(made), notes)
    assert callbacks.repaired({"query": changed})[1] == notes


def in_latin(query: str) -> str:
    return query.encode().decode("latin-1")


def test_a_link_that_needs_nothing_is_left_alone(client: FlaskClient) -> None:
    """Every old link: the text is the very text, and nothing is said."""
    for link in LINKS:
        assert mended(link) == (link, []), link
    answer = client.get(f"/run.csv?{FORMULA}")
    assert NOTES not in answer.headers
    assert client.get(f"/check.json?{FORMULA}").json["notes"] == []


def test_changes_in_any_order_are_undone() -> None:
    """Changes of two kinds, one after the other, on races and trainings."""
    lab = 'net=mlp(hidden="8,8")&data=moons&run=sgd(lr=0.1)&epochs=2&seed=3'
    for seed in range(SCENARIOS):
        rng = random.Random(seed)
        names = rng.sample([name for name in CHANGES if "tracker" not in name], 2)
        text = rng.choice((FORMULA, lab))
        changed = text
        for name in names:
            changed = CHANGES[name](changed)
        if text is FORMULA:
            assert repair(changed)[0] == decode(text), (seed, names, changed)
        else:
            assert repair_lab(changed)[0] == decode_lab(text), (seed, names, changed)
        once = mended(changed)[0]
        assert mended(once) == (once, []), (seed, names)


def test_whatever_arrives_is_mended_at_once_and_once() -> None:
    pieces = [
        *"&;=%#'“”−\u00a0",
        "amp;",
        "%3D",
        "%253D",
        "%26",
        "%ff",
        "quot;",
        "&#38;",
        "run",
        "x",
    ]
    for seed in range(SCENARIOS):
        rng = random.Random(seed)
        text = "".join(rng.choice(pieces) for _ in range(rng.randrange(40)))
        made, said = mended(text)
        assert bool(said) or made == text or "&amp%3" in text.lower(), (seed, text)
        again, more = plain(made)
        assert plain(again)[0] == again, (seed, text)
        assert bool(more) == (again != made), (seed, text)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_check_answers_for_every_kind_of_question(question: Any, client: FlaskClient) -> None:
    text = ASKED[question.name]
    record = question.decode(text, False)
    answer = client.get(f"/check.json?{text}")
    assert answer.status_code == 200
    body = answer.json
    assert body["question"] == question.name
    assert body["query"] == question.encode(record)
    assert body["spec"] == question.spec(record)
    cost = question.cost(record)
    assert (body["cost"], body["bytes"]) == (cost.units, cost.bytes)
    assert body["notes"] == []
    held = client.get(f"/check.json?{text}", headers={"If-None-Match": answer.headers["ETag"]})
    assert held.status_code == 304
    key, _, value = text.partition("=")
    wrong = client.get(f"/check.json?{key}=no_such_thing_at_all")
    assert wrong.status_code == 200
    assert wrong.json["error"]["key"] == key
    assert "There is no" in wrong.json["error"]["message"], value


def test_check_says_what_a_training_is_made_of(client: FlaskClient) -> None:
    text = "net=mlp(hidden=(4,4))&data=make_moons(n=100)&run=SGD(momentum=0.9)&epochs=2"
    body = client.get(f"/check.json?{text}").json
    assert body["weights"] == 2 * 4 + 4 + 4 * 4 + 4 + 4 + 1
    assert (body["samples"], body["steps"]) == (75, 6)
    assert [run["name"] for run in body["runs"]] == ["momentum"]
    assert body["notes"] == [
        'hidden of mlp was read as "4,4".', "make_moons was read as moons.",
        "sgd with momentum was read as momentum.",
    ]  # fmt: skip
    body = client.get("/check.json?study=width(seeds=8,hidden=3)").json
    assert body["error"]["key"] == "study.hidden"


def test_an_address_that_was_encoded_with_its_question_mark_leads_to_what_was_meant(
    client: FlaskClient,
) -> None:
    for page, text in (("/", FORMULA), ("/network", ASKED["training"])):
        answer = client.get(page + quote("?" + text, safe=""), headers={"Accept": "text/html"})
        assert answer.status_code == 404
        found = re.search('href="([^"]*)"[^>]*>Open what was meant', answer.text)
        assert found is not None, answer.text
        path, _, query = unescape(found[1]).partition("?")
        assert path == page
        read = decode if page == "/" else decode_lab
        assert read(query) == read(text)


def test_no_number_becomes_0_in_silence() -> None:
    """What is too small to be held is read as 0, and that is said, strictly and in a repair."""
    rng = random.Random(seed := 61)
    for _ in range(SCENARIOS):
        digits = rng.choice(["1", "4.9", "0.3", "2500", ".7", "0", "0.000"])
        text = f"{digits}e-{rng.randint(280, 420)}"
        key = rng.choice(
            ["tol={}", "run=adam(lr={})", "noise={}", "start={},1", "run=adam(eps={})"]
        )
        case = (seed, key.format(text))
        scene, notes = repair(case[1])
        is_lost = float(text) == 0 and any(digit in "123456789" for digit in digits)
        said = [note for note in notes if "read as 0" in note and text in note]
        assert bool(said) == is_lost, (case, notes)
        assert decode(encode(scene)) == scene, case
