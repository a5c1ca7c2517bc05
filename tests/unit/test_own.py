"""Formulas and rules of one's own: what they mean, what is refused, and what that costs."""

from __future__ import annotations

import time
from urllib.parse import quote

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.compose.own import FORMULA, OWN, RULE, bounds_of, own_surface, slider_knob
from nnopt_viz.compose.runs import composed
from nnopt_viz.deliver.frame import trajectory
from nnopt_viz.deliver.stream import run_stream
from nnopt_viz.formula.parse import FormulaError
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.executors import MAX_PROGRAM
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.outcome import outcomes
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.labels import labels
from nnopt_viz.race.codec import decode, encode, repair
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES


def as_query(text: str) -> str:
    return quote(text, safe="=&(),")


def fault(text: str) -> QueryError:
    """The error of a query, whose repair must be valid and say so."""
    with pytest.raises(QueryError) as caught:
        decode(as_query(text))
    mended, notes = repair(as_query(text))
    assert notes
    assert decode(encode(mended)) == mended
    return caught.value


@pytest.mark.parametrize("name", SURFACES)
def test_a_copy_of_every_surface_is_the_surface(name: str) -> None:
    entry = SURFACES[name]
    knobs = {knob.name: knob.default for knob in entry.knobs}
    bounds = ",".join(map(repr, entry.bounds))
    copy = surface("formula", f=entry.formula, bounds=bounds, **knobs)
    assert own_surface(copy).bounds == entry.bounds
    rng = np.random.default_rng(0)
    x = rng.uniform(*entry.bounds[:2], 50)
    y = rng.uniform(*entry.bounds[2:], 50)
    for ours, theirs in zip(
        evaluate(copy, x, y, 2), evaluate(SURFACES.call(name), x, y, 2), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    again = decode(encode(Scenario(copy, (run("sgd"),), point(*entry.start))))
    assert again.surface == copy


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_copy_of_every_optimizer_is_the_optimizer(name: str) -> None:
    entry = OPTIMIZERS[name]
    text = "; ".join(line.strip() for line in entry.rule.strip().splitlines() if line.strip())
    knobs = {
        knob.name: float(knob.default)  # a flag is 0 or 1 in a rule
        for knob in entry.knobs
        if isinstance(knob.default, bool | int | float)
    }
    pair = (run("rule", text=text, **knobs), run(name))
    scene = Scenario(surface("beale"), pair, point(1.0, 1.5), 40)
    again = decode(encode(scene))
    assert again == scene
    assert composed(again.runs[0]).text == composed(again.runs[1]).text
    x = np.concatenate([chunk.x for chunk in simulate(again)], axis=2)
    np.testing.assert_array_equal(x[:, 0], x[:, 1])


def test_the_examples_of_the_grammar_run() -> None:
    for text in (
        'surface=formula(f="x**4 - 3*x**2 + y**2 + x*y",bounds="-2,2,-2,2")',
        'run=rule(text="v = 0.9*v + g; x = x - lr*v",lr=0.01)',
        f"surface={FORMULA.example}&run={RULE.example}",
    ):
        scene = decode(as_query(text))
        assert set(trajectory(scene)["run"]) == set(range(len(scene.runs)))
        assert decode(encode(scene)) == scene


def test_a_formula_begins_at_the_stated_point() -> None:
    scene = decode(as_query('surface=formula(f="x**2 + y**2",bounds="-3,2,0,10")'))
    assert (scene.start["x"], scene.start["y"]) == (-2.0, 8.0)


def test_knobs_are_declared_by_giving_them() -> None:
    scene = decode(
        as_query('surface=formula(f="a*x**2 + y**2",a=3)&run=rule(text="x = x - k*g",k=0.1)')
    )
    assert scene.surface["a"] == 3
    assert scene.runs[0].number("k") == 0.1
    assert scene.runs[0].number("lr") == 0.01
    assert scene.runs[0].number("clip_norm") == 0.0
    clipped = decode(as_query('run=rule(text="x = x - lr*g",clip_norm=1)'))
    assert composed(clipped.runs[0]).text.startswith("g = g*minimum")


def test_s_is_a_knob_of_whatever_reads_it() -> None:
    scene = decode(as_query('surface=formula(f="(x - s)**2 + y**2")'))
    assert scene.surface["s"] == 0.0
    moved = decode(as_query('surface=formula(f="(x - s)**2 + y**2",s=0.5)'))
    assert float(evaluate(moved.surface, 0.5, 0.0)) == 0.0
    error = fault('surface=formula(f="x**2 + y**2",s=0.5)')
    assert "s is given" in error.message
    assert fault('surface=formula(f="(x - s)**2",s=2)').key == "surface.s"


def test_the_lowest_minimum_found_counts_as_global() -> None:
    scene = decode(as_query('surface=formula(f="x**4 - 3*x**2 + y**2 + 0.5*x")&run=sgd(lr=0.05)'))
    found = find_minima(scene.surface)
    assert [m.is_global for m in found] == [True, False]
    assert found[0].x < 0 < found[1].x
    (outcome,) = outcomes(scene, simulate(scene))
    assert outcome.verdict == "global_minimum"
    assert "own" in outcome.thresholds
    endless = decode(as_query('surface=formula(f="x**3 + y**2")'))
    assert not any(m.is_global for m in find_minima(endless.surface))


@pytest.mark.parametrize(
    ("text", "key", "position", "says"),
    [
        ('surface=formula(f="x**2 + z")', "surface.f", 7, "Unknown name 'z'"),
        ('surface=formula(f="x**2 +")', "surface.f", 6, "Expected a number"),
        ('surface=formula(f="sine(x)")', "surface.f", 0, "Did you mean sin?"),
        ('surface=formula(f="x < y")', "surface.f", 2, "where"),
        ('surface=formula(f="9**9**9**9")', "surface.f", 4, "finite"),
        ('surface=formula(f="x",bounds="1,2")', "surface.bounds", None, "four numbers"),
        ('surface=formula(f="x",bounds="1,0,0,1")', "surface.bounds", None, "second above"),
        ('surface=formula(f="x",bounds="-1,nan,0,1")', "surface.bounds", None, "four numbers"),
        ('surface=formula(f="x",y=2)', "surface.y", None, "meaning of its own"),
        ('surface=formula(f="x",a="text")', "surface.a", None, "a number"),
        ('surface=formula(f="x",a=1e99)', "surface.a", None, "1e6"),
        ("surface=formula", "surface.f", None, "needs f"),
        ("surface=formula(bounds=\"0,1,0,1\")", "surface.f", None, "needs f"),
        ("surface=formulla(a=1)", "surface", None, "nearest is formula"),
        ('run=rule(text="y = x")', "run.text", 5, "must assign x"),
        ('run=rule(text="x = x - lr*q")', "run.text", 11, "Unknown name 'q'"),
        ('run=rule(text="lr = 1; x = x - lr*g")', "run.text", 0, "not assigned"),
        ('run=rule(text="sin = 1; x = x - lr*g")', "run.text", 0, "not assigned"),
        ('run=rule(text="x = x - lr*g",g=1)', "run.g", None, "meaning of its own"),
        ("run=rule(lr=1)", "run.text", None, "needs text"),
    ],
)  # fmt: skip
def test_faults_name_the_key_and_the_character(
    text: str, key: str, position: int | None, says: str
) -> None:
    error = fault(text)
    assert (error.key, error.position) == (key, position)
    assert says in error.message
    assert error.allowed


def test_names_of_python_and_of_our_own_code_are_only_names() -> None:
    names = (
        "lambda",
        "state",
        "outs",
        "v12",
        "r0",
        "None",
        "class",
        "t_",
        "rates",
        "zip",
        "x0",
        "m0",
        "noise0",
        "morph",
        "lr_used",
        "s_m",
        "σ0",
    )
    for name in names[:-1]:
        text = f"{name} = 0.9*{name} + g; x = x - lr*{name}"
        plain = trajectory(as_query(f'run=rule(text="{text}",lr=0.0001)&steps=20'))
        m = trajectory(as_query('run=rule(text="m = 0.9*m + g; x = x - lr*m",lr=0.0001)&steps=20'))
        assert plain.equals(m), name
        many = trajectory(as_query(f'run=rule(text="{text}",lr=0.0001)&steps=5&start=grid(n=5)'))
        assert np.isfinite(many["loss"]).all()
    assert fault(f'run=rule(text="{names[-1]} = g; x = x - lr*g")').position == 0


def test_what_would_cost_too_much_is_refused_before_it_starts() -> None:
    begun = time.process_time()
    heavy = "+".join(f"sin({k}*x)*cos({k}*y)" for k in range(1, 60))
    assert "operations" in fault(f'surface=formula(f="{heavy}")').message
    wide = "+".join(f"sin({k}*x)*cos({k}*y)" for k in range(1, 40))
    error = fault(f'surface=formula(f="{wide}")&start=random(n=4000)&steps=1000&run=adam')
    assert "nnopt-viz run" in error.allowed
    assert error.key == "steps"
    assert error.nearest is not None
    assert int(error.nearest) < 1000
    nested = "x - lr*g"
    for _ in range(12):
        nested = f"x - lr*grad({nested})"
    error = fault(f'surface=formula(f="{wide}")&run=rule(text="x = {nested}")')
    assert f"{MAX_PROGRAM:,}" in error.message
    # Processor time, so that a busy machine does not matter; six readings of long texts.
    assert time.process_time() - begun < 6.0


def test_own_calls_are_hashable_values_that_python_can_build() -> None:
    scene = Scenario(surface("formula", f="x**2 + y**2"), (run("rule", text="x = x - lr*g"),),
                     point(1.0, 1.0))  # fmt: skip
    assert Scenario.from_spec(scene.to_spec()) == scene
    assert hash(decode(encode(scene))) == hash(scene)
    with pytest.raises(FormulaError):
        own_surface(surface("formula", f="import os"))


@pytest.mark.parametrize("value", [0.9, 1.0, 2.0, -1.0, 0.0, 100.0, 1e-8, 1e6])
def test_declared_knobs_slide_over_a_range_with_their_value_inside(value: float) -> None:
    knob = slider_knob("a", value)
    assert knob.admits(value)
    assert knob.soft is not None
    assert knob.soft[0] <= value <= knob.soft[1]
    assert knob.soft[0] < knob.soft[1]


def test_two_rules_of_ones_own_have_labels_of_their_own() -> None:
    first, second = 'rule(text="x = x - lr*g*a",a=1)', 'rule(text="x = x - lr*g*b",b=2)'
    scene = decode(as_query(f"run={first}&run={second}&run={second}&steps=3"))
    assert labels(scene.runs) == ["rule a=1", "rule b=2", "rule b=2 (2)"]
    assert b"".join(run_stream(scene))


def test_bounds() -> None:
    assert bounds_of("-2,2,-1,1e1") == (-2, 2, -1, 10)
    for text in ("", "1", "0,1,0,1,0", "0,1,1,0", "a,b,c,d", "0,inf,0,1", "0,1e7,0,1", "0,1_0,0,1"):
        with pytest.raises(ValueError, match="bounds are"):
            bounds_of(text)
    assert set(OWN) == {"formula", "rule"}


@pytest.mark.parametrize("text", ["sqrt(x)", "log(x - 1.9)", "log(x*y)", "1/(x - y)", "x**0.5 + y"])
def test_a_start_of_our_own_choosing_lies_where_the_formula_is_defined(text: str) -> None:
    call = surface("formula", f=text)
    value, slope = evaluate(call, *own_surface(call).start, 1)
    assert np.isfinite([float(value), *slope]).all()
