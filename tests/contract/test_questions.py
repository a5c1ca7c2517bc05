"""Questions: races, trainings and experiments have one shape."""

from __future__ import annotations

import math

import orjson
import pytest

from nnopt_viz.deliver.questions import QUESTIONS, Question, asked, kind_of, read
from nnopt_viz.query.keys import QueryError
from tests.contract.test_formats import ASKED

KINDS = {question.name: question for question in QUESTIONS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_read_written_and_read_again(kind: str) -> None:
    question = KINDS[kind]
    record = question.decode(ASKED[kind], False)
    text = question.encode(record)
    assert question.decode(text, True) == record
    assert question.encode(question.decode(text, False)) == text
    assert kind_of(record) is question
    assert asked(text, question.route) is question
    assert question.problem(record) is None
    with pytest.raises(QueryError):
        question.decode("no_such_key=1", False)


@pytest.mark.parametrize("kind", KINDS)
def test_its_spec_is_json_and_its_cost_a_number(kind: str) -> None:
    question = KINDS[kind]
    record = question.decode(ASKED[kind], False)
    spec = question.spec(record)
    assert orjson.loads(orjson.dumps(spec)) == spec
    cost = question.cost(record)
    assert 0 < cost.units < math.inf
    assert 0 <= cost.bytes < math.inf


def cost(question: Question, text: str) -> float:
    return question.cost(question.decode(text, True)).units


def test_more_costs_more() -> None:
    race, training, experiment = QUESTIONS
    assert cost(race, "surface=booth&steps=400") > cost(race, "surface=booth&steps=200")
    assert cost(race, "start=random(n=500)") > cost(race, "start=random(n=50)")
    assert cost(training, "net=mlp&epochs=20") > cost(training, "net=mlp&epochs=10")
    small, large = "study=width(seeds=8)", "study=width(seeds=16)"
    assert cost(experiment, large) > cost(experiment, small)


def test_what_is_neither_text_nor_record_is_refused() -> None:
    for what in (7, None, KINDS["experiment"].decode(ASKED["experiment"], False)):
        with pytest.raises(TypeError, match="Scenario, a Lab or query text"):
            read(what)
