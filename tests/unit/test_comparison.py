"""Two runs compared: the landing scene's numbers by hand, the kinds there are, bad addresses."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from nnopt_viz.deliver import comparison
from nnopt_viz.deliver.comparison import comparison_cost, comparison_json, pair_of
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode, landing
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.wsgi import server


def asked(scenario: Scenario, text: str) -> dict[str, Any]:
    return json.loads(comparison_json(scenario, pair_of(text, scenario)))  # type: ignore[no-any-return]


def told(found: dict[str, Any], about: str) -> str:
    return " ".join(one["text"] for one in found["said"] if one["about"] == about)


def test_why_adam_ends_elsewhere_than_sgd_on_the_landing_scene() -> None:
    """Its first step by hand: sgd moves by 0.002 times the gradient, Adam by 0.2 in each."""
    scene = landing()
    g = evaluate(scene.surface, 0.0, -3.0, 1)[1]
    np.testing.assert_allclose(g, [1, -57])
    found = asked(scene, "0,3")
    sgd, adam = found["runs"]
    assert (found["kind"], found["step"], found["again"]) == ("apart", 1, None)
    assert (sgd["label"], adam["label"]) == ("sgd", "adam")
    np.testing.assert_allclose(np.subtract(sgd["after"], sgd["before"]), -0.002 * g, rtol=1e-12)
    np.testing.assert_allclose(np.subtract(adam["after"], adam["before"]), [-0.2, 0.2], rtol=1e-6)
    np.testing.assert_allclose(adam["scales"]["v"], 0.001 * g * g)
    assert found["cause"]["ways"] == [["scale"]]
    turn = 45 - np.degrees(np.arctan(1 / 57))
    assert found["cause"]["angle"] == pytest.approx(turn)
    assert told(found, "moves") == (
        "Before that step both stand at (0, −3), where the gradient is (1, −57). sgd moves by "
        "(−0.002, 0.114), straight downhill: 57 times as far in y as in x. adam moves by "
        "(−0.2, 0.2), 44° off straight downhill: about as far in x as in y."
    )
    assert told(found, "why") == (
        "The two moves differ in direction by 44°. adam scales x and y by numbers of their own: "
        "v = (0.001, 3.25). That is what takes them apart: with one scale for x and y the two "
        "would move in the same direction."
    )
    assert "sgd: settled in a local minimum, at (3.57, −1.7)" in told(found, "ends")
    assert {(one["taker"], one["step"], one["next"]) for one in found["decided"]} == {
        (0, 0, "other"), (3, 0, "other")
    }  # fmt: skip


def test_momentum_is_what_takes_momentum_from_sgd() -> None:
    found = asked(landing(), "0,1")
    assert found["step"] == 3
    assert found["cause"]["is_length"]
    assert found["cause"]["ways"] == [["memory", "place"]]
    plain = [one for one in found["changed"] if one["words"] == "with momentum = 0"]
    assert [(one["run"], one["fate"]) for one in plain] == [(1, "other")]
    fates = [one["fate"] for one in found["changed"]]
    assert fates == sorted(fates, key=["other", "elsewhere", "own"].index)


@pytest.mark.parametrize(
    ("query", "kind", "words"),
    [
        ("surface=bowl&run=adam(lr=0.1)&run=adam(lr=0.1)", "same_path",
         "adam and adam (2) take the same path, step for step."),
        ("surface=bowl&run=adam(lr=0.1)&run=sgd(lr=0.1)", "same_end",
         "They end at the same place."),
        ("surface=rosenbrock&run=sgd(lr=1)&run=sgd(lr=2)&steps=50", "gone",
         "Neither ends anywhere. sgd lr=1: diverged at step 2. sgd lr=2: diverged at step 2."),
        ("surface=rosenbrock&run=sgd(lr=1)&run=adam(lr=0.1)&steps=50", "unsettled",
         "They do not end at the same place, but adam is not at rest after 50 steps."),
        ("surface=formula(f=%22sqrt(x)%22)&run=sgd&run=adam(lr=1)&start=-1,1", "same_path",
         "the loss is undefined at the start"),
        ("surface=himmelblau&run=adam(lr=0.1)&run=sgd(lr=0.01)&noise=3&steps=300", "", ""),
        ("surface=swapping_wells&drift=linear&run=adam(lr=0.1)&run=sgd(lr=0.01)", "", ""),
        ("surface=himmelblau&run=l_bfgs&run=trust_region_newton", "", ""),
        ("surface=himmelblau&run=simulated_annealing(lr=0.2)&run=sign_sgd(lr=0.1)", "", ""),
        ('surface=himmelblau&run=rule(text="m=0.9*m%2Bg;x=x-lr*m",lr=0.01)&run=sgd(lr=0.01)',
         "", ""),
    ],
)  # fmt: skip
def test_every_kind_is_said(query: str, kind: str, words: str) -> None:
    found = asked(decode(query), "0,1")
    assert kind in ("", found["kind"])
    assert words in told(found, "ends")


def test_with_sign_descent_the_formula_itself_does_it() -> None:
    found = asked(decode("surface=himmelblau&run=sgd(lr=0.01)&run=sign_sgd(lr=0.1)"), "0,1")
    assert found["cause"]["ways"] == []
    assert "nothing remembered sign_sgd would move 40.6° off straight downhill" in told(
        found, "why"
    )


def test_another_start_with_noise_is_not_started_afresh() -> None:
    """A race from one place has the noise of the first start."""
    query = "surface=himmelblau&start=random(n=3)&run=adam(lr=0.1)&run=sgd(lr=0.01)&steps=60"
    noisy, plain = (asked(decode(query + noise), "0,1,2") for noise in ("&noise=3", ""))
    assert noisy["changed"] == []
    assert "random numbers of its own" in told(noisy, "left_out")
    assert plain["changed"]
    assert told(plain, "left_out") == ""


def test_what_takes_too_long_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = landing()
    whole = comparison_cost(scene, "0,3").units
    monkeypatch.setattr(comparison, "INTERACTIVE", whole / 10)
    found = asked(scene, "0,3")
    assert "take too long" in told(found, "left_out")
    assert found["decided"] == found["changed"] == []
    assert comparison_cost(scene, "0,3").units < whole / 2


def test_the_dearest_race_stays_within_what_one_request_may_take() -> None:
    text = "+".join(f"sin({k}*x)*cos({k}*y)" for k in range(1, 55)).replace("+", "%2B")
    query = f'surface=formula(f="{text}")&run=adam(lr=0.01)&run=sgd(lr=0.001)&steps=20000'
    scene = decode(query, most=float("inf"))
    assert comparison_cost(scene, "0,1").units < comparison.INTERACTIVE


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("0,0", "0,1"), ("3,3", "3,2"), ("0,4", "0,3"), ("9,9", "3,2"), ("0", "0,1"), ("", "0,1"),
        ("0,1,1", "0,1"), ("0,1,2,3", "0,1"), ("-1,1", "0,1"), ("a,b", "0,1"), ("0,1.0", "0,1"),
        ("0,%C2%B2", "0,1"), ("0,99999999999", "0,3"), ("0;1", "0,1"),
    ],
)  # fmt: skip
def test_what_is_no_pair_is_refused_and_the_nearest_named(text: str, nearest: str) -> None:
    scene = landing()
    answer = server.test_client().get(f"/compare.json?{encode(scene)}&compare={text}")
    error = answer.get_json()["error"]
    assert (answer.status_code, error["key"], error["nearest"]) == (400, "compare", nearest)
    assert pair_of(nearest, scene)


def test_a_race_of_one_run_has_nothing_to_compare() -> None:
    with pytest.raises(QueryError, match="one run"):
        pair_of("0,1", decode("surface=bowl"))


def test_the_route_answers_once_and_knows_its_own_answer() -> None:
    client = server.test_client()
    path = f"/compare.json?{encode(landing())}&compare=0,3"
    first = client.get(path)
    assert first.status_code == 200
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/compare.json?surface=bowl").get_json()["error"]["key"] == "compare"
