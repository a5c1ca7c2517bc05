"""One step line by line, against numbers worked out apart; and the loss along a line."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from nnopt_viz.compose.calls import run
from nnopt_viz.compose.runs import composed
from nnopt_viz.declare.written import shown
from nnopt_viz.deliver.frame import trajectory
from nnopt_viz.deliver.inspector import DIGITS, inspected_json, place_of
from nnopt_viz.deliver.profile import line_of, profile_json
from nnopt_viz.formula.roles import roles
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode
from nnopt_viz.wsgi import server

LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
QUERY = "surface=himmelblau(tilt=0.5)&run=adam(lr=0.2)&run=sgd(lr=0.002)&start=0,-3&steps=160"


def test_adam_line_by_line() -> None:
    """m, v and x by the paper's recursion in plain NumPy, 34 steps from the start."""
    scene = decode(QUERY)
    x, m, v = np.array([0.0, -3.0]), np.zeros(2), np.zeros(2)
    for t in range(1, 35):
        before = x
        _, g = evaluate(scene.surface, *x, 1)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        x = x - 0.2 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    found = json.loads(inspected_json(scene, place_of("0,0,34", scene)))
    values = {line["target"]: line["value"] for line in found["lines"]}
    for name, wanted in {"g": g, "m": m, "v": v, "x": x}.items():
        np.testing.assert_allclose(values[name], wanted, rtol=1e-10)
    np.testing.assert_allclose(found["before"], before, rtol=1e-12)
    np.testing.assert_allclose(found["plain"], before - 0.2 * g, rtol=1e-12)
    assert [line["role"] for line in found["lines"]] == ["direction", "direction", "scale", "point"]
    by_name = {line["target"]: line["shown"] for line in found["lines"]}
    assert by_name["v"][0] == "0.999·33.61 + 0.001·7.601·7.601"
    assert by_name["m"] == ["−3.62 + 0.1·11.22", "−15.45 + 0.1·(−9.268)"]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_numbers_in_place_give_the_result(name: str) -> None:
    """Every line of every rule, read back as arithmetic on the digits shown, four or three."""
    rate = good_rate("himmelblau", name)
    scene = decode(f"surface=himmelblau&run={name}(lr={rate})&start=0.5,-2&steps=12&seed=2")
    found = json.loads(inspected_json(scene, place_of("0,0,7", scene)))
    path = trajectory(scene).set_index("step")
    np.testing.assert_allclose(found["after"], path.loc[7, ["x", "y"]].to_list(), rtol=1e-9)
    assert len(found["lines"]) == len(roles(composed(run(name)).parsed()))
    for line in found["lines"]:
        assert len(line["shown"]) == len(line["value"])
        for text, value in zip(line["shown"], line["value"], strict=True):
            assert text
            if value is None or "∞" in text or "undefined" in text:
                continue
            text = re.sub(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f"e{m[1].translate(LOWERED)}", text)
            words = text.replace("−", "-").replace("·", "*").replace("²", "**2").replace("³", "**3")
            result = eval(words.replace("^", "**"), {"__builtins__": {}})
            parts = [
                abs(float(p))
                for p in words.replace("(", " ").replace(")", " ").split()
                if p.replace(".", "").replace("e-", "").replace("-", "").isdigit()
            ]
            size = max([abs(value), *parts], default=0.0)
            assert abs(result - value) <= 3e-3 * size + 1e-12, (name, line["text"], text, value)


def test_roles_tell_directions_from_scales() -> None:
    def of(name: str) -> dict[str, str]:
        rule = composed(run(name)).parsed()
        return {s.target: r for s, r in zip(rule.statements, roles(rule), strict=True)}

    assert of("momentum")["b"] == "direction"
    assert of("adagrad")["v"] == "scale"
    assert of("rprop")["step"] == "scale"
    assert of("lion")["x"] == "point"
    assert of("amsgrad")["m"] == "direction"


@pytest.mark.parametrize(
    "text", ["", "0", "0,0", "2,0,1", "0,1,1", "0,0,0", "0,0,161", "a,b,c", "-1,0,1", "0,0,1e9"]
)
def test_a_step_that_is_not_there_names_the_nearest(text: str) -> None:
    scene = decode(QUERY)
    with pytest.raises(QueryError) as caught:
        place_of(text, scene)
    assert place_of(caught.value.nearest or "", scene)
    answer = server.test_client().get(f"/trace.json?{QUERY}&inspect={text}")
    assert answer.status_code == 400


def test_a_step_after_the_end_of_a_run_is_refused() -> None:
    scene = decode("surface=rosenbrock&run=sgd(lr=1)&steps=50")
    with pytest.raises(QueryError, match="had ended"):
        inspected_json(scene, place_of("0,0,40", scene))


def test_numbers_are_short_and_have_a_real_minus() -> None:
    assert [shown(v, DIGITS) for v in (0.1 + 1e-17, -3.62049, 1e-8, 123456.0)] == [
        "0.1", "−3.62", "1 × 10⁻⁸", "1.23 × 10⁵"
    ]  # fmt: skip


def test_the_profile_of_the_double_well_is_the_textbook_curve() -> None:
    scene = decode("surface=tilted_double_well(tilt=0.3)&start=1.8,0")
    found = json.loads(profile_json(scene, line_of("x", scene)))
    assert (found["first"], found["last"]) == ([-2.0, 0.0], [2.0, 0.0])
    low, high = sorted(found["minima"], key=lambda m: m["loss"])
    assert (low["is_global"], high["is_global"]) == (True, False)
    assert low["is_surface"]
    assert high["is_surface"]
    for valley, known in zip((low, high), find_minima(scene.surface), strict=True):
        assert -2 + 4 * valley["at"] == pytest.approx(known.x, abs=4 / 400)
        assert valley["loss"] == pytest.approx(known.loss, abs=1e-3)


def test_lines_by_name_and_by_points() -> None:
    scene = decode(QUERY)
    assert line_of("y", scene).first == (0.0, -5.0)
    down = line_of("gradient", scene)
    _, slope = evaluate(scene.surface, 0.0, -3.0, 1)
    along = np.subtract(down.last, down.first)
    assert float(along @ slope) == pytest.approx(-np.hypot(*along) * np.hypot(*slope))
    end = trajectory(scene).query("run == 0 and step == 160")[["x", "y"]].to_numpy()[0]
    assert line_of("path", scene).last == pytest.approx(tuple(end))
    assert line_of("-1,2,3,0.5", scene).last == (3.0, 0.5)
    for bad in ("", "z", "1,2,3", "1,2,1,2", "nan,0,1,1", "1e9,0,1,1"):
        with pytest.raises(QueryError):
            line_of(bad, scene)
        assert server.test_client().get(f"/profile.json?{QUERY}&line={bad}").status_code == 400


def test_the_lowest_is_told_where_losses_are_farther_apart_than_any_number_is_large() -> None:
    scene = decode("surface=formula(f=%229.5e307*cos(3*x)%20%2B%205e306*x%22)&start=1,0&steps=3")
    found = json.loads(profile_json(scene, line_of("x", scene)))
    assert [valley["is_global"] for valley in found["minima"]] == [True, False]


def test_the_surface_with_no_finite_loss_has_a_profile_too() -> None:
    scene = decode("surface=formula(f=%22log(-1-x**2)%22)&steps=3")
    found = json.loads(profile_json(scene, line_of("x", scene)))
    assert found["minima"] == []
    assert set(found["loss"]) == {None}
