"""Questions: races, trainings and experiments have one shape."""

from __future__ import annotations

import math

import orjson
import pytest

from nnopt_viz.deliver.questions import QUESTIONS, Question, asked, kind_of, read
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race import codec as race
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


LONG_FORMULA = "%2B".join(f"sin({k}*x)*cos({k}*y)" for k in range(1, 40))
TOO_DEAR = (
    ("race", f"surface=formula(f=%22{LONG_FORMULA}%22)&start=random(n=4000)&steps=1000"),
    ("training", "net=mlp(hidden=%2264,64%22)&data=digits(n=1797)&epochs=200&seeds=64"),
    ("training", "net=mlp(hidden=%2264,64,64,64,64,64%22)&seeds=64" + "&run=adam" * 12),
    ("experiment", "study=initialization(steps=2000,seeds=64)"),
    ("experiment", "study=initialization(steps=20000,seeds=64)"),
)


@pytest.mark.parametrize(("kind", "text"), TOO_DEAR)
def test_what_is_too_dear_names_its_price_and_its_command(kind: str, text: str) -> None:
    """As docs/ops.md says."""
    question = KINDS[kind]
    with pytest.raises(QueryError, match=r"[\d,]+ (operations|s|MB)\b") as caught:
        question.decode(text, False)
    try:
        question.decode(text, True)
    except QueryError:
        assert "nnopt-viz" not in caught.value.allowed
    else:
        assert f"`nnopt-viz {question.route} " in caught.value.allowed


def test_a_formula_that_no_shorter_race_makes_cheap_names_the_command() -> None:
    text = "surface=formula(f=%22sin(x)*y%22)&run=adam&steps=20"
    with pytest.raises(QueryError) as caught:
        race.decode(text, most=10)
    assert caught.value.key == "surface"
    assert caught.value.value.startswith("formula(")
    command = f"nnopt-viz run '{race.encode(race.decode(text))}'"
    assert command in caught.value.allowed
    reading = race.RaceReading(notes := list[str](), most=10)
    assert reading.scenario(text).surface.name == "rosenbrock"
    assert "What is your own in it was left out." in notes[-1]  # not the race, which is run
    assert command in notes[-1]
    text = 'surface=covariate_shift&drift=linear&run=sgd&run=rule(text="x = x - lr*g")'
    kept = race.RaceReading([], most=10).scenario(text)
    assert (kept.surface.name, kept.drift.name) == ("covariate_shift", "linear")  # not one's own
    assert [call.name for call in kept.runs] == ["sgd"]
