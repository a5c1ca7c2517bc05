"""The pages below /learn and `hide=`: callbacks as functions, and what the guard answers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from nnopt_viz.lessons import in_order
from nnopt_viz.lessons.addresses import address, addresses, missing
from nnopt_viz.page import build_app, ids, opening
from nnopt_viz.page.help import help_text
from nnopt_viz.page.lesson_page import _asked
from nnopt_viz.page.page import PAGES
from nnopt_viz.query.viewing import GROUPS
from tests.support.layout import found, identities, texts
from tests.support.paths import ASSETS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

FIRST = in_order()[0]
FIRST_OF = {"/learn": address(FIRST.name)}  # where the list has no race to tell of


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return build_app().server.test_client()


def notes(tree: Any) -> list[str]:
    (store,) = found(tree, id=ids.NOTES)
    return list(store.data)


@pytest.mark.parametrize("lesson", in_order(), ids=lambda lesson: lesson.name)
def test_a_lesson_has_all_its_steps_and_each_id_once(lesson: Any) -> None:
    page = opening.page_for(address(lesson.name), "?step=2")
    named = [str(i) for i in identities(page)]
    assert sorted(set(named)) == sorted(named)
    shown = texts(page)
    assert lesson.title in shown
    assert all(step.title in shown for step in lesson.steps)
    assert [s.hidden for s in found(page, className="step")] == [
        number != 2 for number in range(1, len(lesson.steps) + 1)
    ]
    (body,) = found(page, id=ids.LESSON)
    known = json.loads(body.to_plotly_json()["props"]["data-lesson"])
    assert len(known["steps"]) == len(lesson.steps)
    (spec,) = found(page, id=ids.SPEC)
    assert spec.data == known["steps"][1]["spec"]
    assert notes(page) == []


def test_the_list_links_to_every_lesson() -> None:
    page = opening.page_for("/learn", "")
    for lesson in in_order():
        assert found(page, href=address(lesson.name))
        assert lesson.doc in texts(page)


@pytest.mark.parametrize("search", ["?step=99", "?step=0", "?step=two", "?step=%ff", "?step=-1"])
def test_an_unknown_step_is_the_nearest_one_and_told(search: str) -> None:
    page = opening.page_for(address(FIRST.name), search)
    assert len(notes(page)) == 1
    assert [s.hidden for s in found(page, className="step")].count(False) == 1


def test_what_a_lesson_does_not_know_is_told() -> None:
    page = opening.page_for(address(FIRST.name), "?step=1&run=adam&utm_source=x&hide=curves")
    assert len(notes(page)) == 1
    assert "run" in notes(page)[0]


@pytest.mark.parametrize("search", [None, 7, "?", "?hide", "?hide=%f", "?step", "&&&", "?=1"])
def test_no_address_makes_a_lesson_fail(search: Any) -> None:
    for path in addresses():
        opening.page_for(path, search)


def test_every_lesson_is_served_and_no_other(client: FlaskClient) -> None:
    for path in addresses():
        assert client.get(path).status_code == 200
    answer = client.get("/learn/momentun")
    assert answer.status_code == 404
    assert 'href="/learn/momentum"' in answer.text
    assert 'href="/"' in answer.text
    assert client.get("/learn/").status_code == 404
    assert 'href="/learn"' in client.get("/learn/").text
    assert "<script>" not in client.get("/learn/<script>").text
    assert missing("/learning") is None


@pytest.mark.parametrize("path", [path for path, page in PAGES.items() if page.plays])
def test_help_names_only_buttons_that_are_there(path: str) -> None:
    """A button's name stands in curly quotes. The lessons' help was the race's, with “Edit a copy”;
    it said that the address holds everything."""
    help_words = texts(help_text(PAGES[path]))
    page = texts(opening.page_for(FIRST_OF.get(path, path), ""))
    assert help_words in page
    shown = page.replace(help_words, "")
    assert [name for name in re.findall("“([^”]+)”", help_words) if name not in shown] == []
    assert "leave the presentation" in help_words


def test_a_lesson_does_not_say_that_its_address_holds_everything() -> None:
    assert "everything that decides" not in texts(help_text(PAGES["/learn"]))


def test_a_mark_of_a_question_changes_with_it() -> None:
    step = FIRST.steps[0]
    assert isinstance(step.answer, tuple)
    others = (
        replace(step, question="Which?"),
        replace(step, query=step.query + "&seed=1"),
        replace(step, answer=tuple(reversed(step.answer))),
    )
    assert len({_asked(one) for one in (step, *others)}) == 4
    assert _asked(step) == _asked(replace(step, reveal="Told otherwise."))


def test_groups_are_hidden_and_unknown_ones_told() -> None:
    page = opening.page_for("/", "?surface=booth&hide=runs,nothing")
    assert found(page, className="hiding", **{"data-hide": "runs"})
    assert any("nothing" in note for note in notes(page))


def test_every_group_is_hidden_by_the_style_sheet() -> None:
    style = (ASSETS / "css" / "hiding.css").read_text()
    assert all(f'[data-hide~="{group}"]' in style for group in GROUPS)


def test_links_of_a_lesson_take_hide_along() -> None:
    page = opening.page_for(address(FIRST.name), "?hide=curves,outcome")
    assert found(page, href=f"{address(in_order()[1].name)}?hide=curves,outcome")
