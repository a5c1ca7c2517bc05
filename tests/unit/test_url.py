"""The codec: every scenario has one text, every text one scenario or one clear fault."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, schedule, surface
from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.drifts import STANDING
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.modifiers import modifier_knobs
from nnopt_viz.declare.nearest import nearest
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.query.grammar import (
    GrammarError,
    Named,
    Number,
    Text,
    number_text,
    parse,
    percent_decode,
    percent_encode,
)
from nnopt_viz.query.keys import QueryError, knobs_of
from nnopt_viz.race.codec import decode, encode, landing, repair
from nnopt_viz.race.keys import EXAMPLES
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES
from tests.support.golden_links import FILE, LINKS, meaning

HELD = json.loads(FILE.read_text("utf-8"))


def fault(query: str) -> QueryError:
    """The error a query ends in; the repair of the same query must be valid."""
    with pytest.raises(QueryError) as caught:
        decode(query)
    mended, notes = repair(query)
    assert decode(encode(mended)) == mended
    assert notes == [] or all(note.endswith(".") for note in notes)
    return caught.value


def test_nothing_is_the_grammars_defaults() -> None:
    made = decode("")
    assert made == Scenario(surface("rosenbrock"), (run("adam"),), point(-1.5, 2.0))
    assert (made.steps, made.noise, made.seed, made.tol) == (500, 0, 0, None)
    assert decode("?v=1") == decode("&&") == made
    assert encode(made) == "surface=rosenbrock"


def test_the_example_of_the_design() -> None:
    text = (
        "surface=rosenbrock(b=50)&run=adam(lr=0.02)&run=momentum(lr=0.001,momentum=0.95)"
        "&start=-1.5,2.5&steps=600&noise=0.1&seed=3"
    )
    made = decode(text)
    assert made.surface == surface("rosenbrock", b=50.0)
    assert made.runs == (run("adam", lr=0.02), run("momentum", lr=0.001, momentum=0.95))
    assert made.start == point(-1.5, 2.5)
    assert (made.steps, made.noise, made.seed) == (600, 0.1, 3)
    canonical = text.replace("lr=0.001,momentum=0.95", "momentum=0.95")  # 0.001 is its default
    assert encode(made) == canonical
    assert Scenario.from_query(text) == made
    assert made.to_query() == canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("run=adam", "surface=rosenbrock"),
        ("run=adam()", "surface=rosenbrock"),
        ("surface=himmelblau%28tilt%3D0.5%29", "surface=himmelblau(tilt=0.5)"),
        ("run=adam(+lr=0.02,++eps=1e-8+)", "run=adam(lr=0.02)"),
        ("run=adam(lr=+2e+0)", "run=adam(lr=2)"),
        ("run=adam(lr=1e%2B2)", "run=adam(lr=100)"),
        ("run=adam(eps=.5,lr=0.00001)", "run=adam(lr=1e-5,eps=0.5)"),
        ("start=+1+,%20+2", "start=1,2"),
        ("start=point(x=1)", "start=1,0"),
        ("start=-0,-0", "start=0,0"),
        ("start=-1.5,2", "surface=rosenbrock"),
        ("steps=5e2&seed=007", "seed=7"),
        ("run=sgd&run=sgd", "run=sgd&run=sgd"),
        ("run=adam(schedule=cosine(warmup=50))", "run=adam(schedule=cosine(warmup=50))"),
        ("run=adam(schedule=constant())", "surface=rosenbrock"),
        ("run=rmsprop(centered=true)", "run=rmsprop(centered=true)"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    made = decode(text)
    assert encode(made) == canonical
    assert decode(canonical) == made
    assert repair(text) == (made, [])


def test_every_entry_runs_bare_and_every_knob_round_trips() -> None:
    for key, registry in (("surface", SURFACES), ("run", OPTIMIZERS), ("start", STARTS)):
        for name in registry:
            made = decode(f"{key}={name}")
            assert decode(encode(made)) == made
            for knob in knobs_of(registry, name):
                ends = [v for v in (knob.low, knob.high, *(knob.soft or ())) if knob.admits(v)]
                for value in ends if knob.kind in ("number", "integer") else ():
                    made = decode(f"{key}={name}({knob.name}={value!r})&steps=1")
                    assert decode(encode(made)) == made
    for name in SCHEDULES:
        made = Scenario(
            surface("himmelblau"), (run("sgd", schedule=schedule(name)),), point(0.0, 0.0)
        )
        assert decode(encode(made)) == made


def test_spec_round_trip() -> None:
    made = decode("run=adam(schedule=cosine(warmup=50))&start=ring(n=5)&tol=0.01")
    assert Scenario.from_spec(made.to_spec()) == made


@pytest.mark.parametrize(
    ("query", "key", "value", "nearest"),
    [
        ("surface=rosenbrok", "surface", "rosenbrok", "rosenbrock"),
        ("run=adma", "run", "adma", "adam"),
        ("run=adam(beta=0.5)", "run.beta", "0.5", "beta1"),
        ("run=adam(lr=-1)", "run.lr", "-1", "0"),
        ("run=adam(lr=1e999)", "run.lr", "1e999", "1000"),
        ("run=adam(lr=nan)", "run.lr", "nan", "0.001"),
        ("run=adam(lr=inf)", "run.lr", "inf", "0.001"),
        ('run=adam(lr="0.1")', "run.lr", '"0.1"', "0.001"),
        ("run=adam(schedule=cosin)", "run.schedule", "cosin", "cosine"),
        ("run=adam(schedule=3)", "run.schedule", "3", "constant"),
        ("run=adam(schedule=cosine(warmup=-1))", "run.schedule.warmup", "-1", "0"),
        ("run=rmsprop(centered=yes)", "run.centered", "yes", "false"),
        ("steps=0", "steps", "0", "1"),
        ("steps=20001", "steps", "20001", "20000"),
        ("steps=1.6", "steps", "1.6", "2"),
        ("step=5", "step", "5", "steps"),
        ("utm_source=x", "utm_source", "x", None),
        ("v=2", "v", "2", "1"),
        ("start=nan,1", "start.x", "nan", "0"),
        ("start=random(n=5000)", "start.n", "5000", "4096"),
        ("start=random(n=4096)&run=sgd&run=adam&steps=20000", "steps", "20000", "609"),
    ],
)
def test_a_fault_names_key_value_and_nearest(
    query: str, key: str, value: str, nearest: str | None
) -> None:
    error = fault(query)
    assert (error.key, error.value, error.nearest) == (key, value, nearest)
    assert error.allowed
    assert error.as_json()["message"] == str(error)


@pytest.mark.parametrize(
    "query",
    [
        "surface=",
        "surface",
        "run=adam(",
        "run=adam(lr=)",
        "run=adam(lr)",
        "run=adam(lr=1",
        "run=adam(lr=1,)",
        "run=adam(lr=1,lr=2)",
        "run=adam(0.1)",
        "run=adam)",
        "run=adam adam",
        "run=adam,sgd",
        "run=5",
        "start=5",
        "start=1,2,3",
        "start=1;2",
        "start=1 2",
        "start=,",
        "steps=1,2",
        "steps=many",
        "steps=1_000",
        "steps=0x10",
        "steps=1&steps=1",
        "seed=-1",
        "noise=-0.1",
        "tol=-1",
        "surface=%zz",
        "surface=%f",
        "surface=%ff",
        "%ff=1",
        "=",
        "=1",
        'surface="rosenbrock',
        "run=adam(lr=\u0661)",
        "run=\u0430dam",
        "run=adam(lr=0.1\x00)",
        "run=" + "adam(schedule=" * 50,
        "run=" + "(" * 5000,
        "start=" + "1," * 5000,
        "&".join(["run=sgd"] * (MAX_RUNS + 1)),
        "&".join(["a=1"] * 5000),
        "a" * 100_000,
        "steps=" + "9" * 5000,
        'run=rule(text="x+-+1")',
        "run=adam(lr=1-2)",
        "run=adam(lr=1+2)",
    ],
)
def test_faults_are_faults(query: str) -> None:
    error = fault(query)
    assert error.allowed
    assert len(error.message) < 500
    assert len(error.value) < 250


def test_plus_and_spaces() -> None:
    text = "x**4 - 3*x**2 + y**2;\n é&#'<>"
    assert percent_decode(percent_encode(text)) == text
    assert percent_encode('" +') == "%22%20%2B"
    assert parse(percent_decode('f(a="x++y",b=+1e+2,+c=d)')) == [
        Named("f", (("a", Text("x++y")), ("b", Number("+1e+2")), ("c", Named("d"))), is_bare=False)
    ]
    assert parse(percent_decode('f(a="x%20%2B%20y;z+-1")')) == [
        Named("f", (("a", Text("x + y;z+-1")),), is_bare=False)
    ]
    for form_encoded in ('f(a="x+-+y")', "f(a=%22x**4+%2B+y%22)", 'f(a="v+=+0.9*v")'):
        with pytest.raises(GrammarError, match="%20"):
            percent_decode(form_encoded)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.02, "0.02"),
        (2.0, "2"),
        (-3, "-3"),
        (1e-5, "1e-5"),
        (1e16, "1e16"),
        (1e22, "1e22"),
        (0.1 + 0.2, "0.30000000000000004"),
        (5e-324, "5e-324"),
        (123456789.5, "123456789.5"),
    ],
)
def test_numbers_are_short_and_exact(value: float, text: str) -> None:
    assert number_text(value) == text
    assert Number(text).value == value


def test_nearest_counts_slips() -> None:
    assert nearest("adma", list(OPTIMIZERS)) == "adam"
    assert nearest("Styblinski-Tang", list(SURFACES)) == "styblinski_tang"
    assert nearest("x" * 100_000, EXAMPLES) in EXAMPLES


def test_a_bare_page_opens_the_landing_scene() -> None:
    scene = landing()
    assert repair("") == repair("?utm_source=a&fbclid=b&gclid=c&&") == (scene, [])
    assert [call.name for call in scene.runs] == ["sgd", "momentum", "rmsprop", "adam"]
    assert decode(encode(scene)) == scene
    assert (scene.surface["tilt"], scene.steps) == (0.5, 160)
    assert repair("run=adam")[0] == decode("run=adam")


def test_repairs_are_told_in_plain_sentences() -> None:
    made, notes = repair("surface=rosenbrok&run=adma(lr=-1,foo=2)&run=sgd(&steps=1e9&x=1&utm_id=3")
    assert made == Scenario(
        surface("rosenbrock"), (run("adam", lr=0.0), run("sgd")), point(-1.5, 2.0), 20_000
    )
    assert notes == [
        "There is no key 'x'. It was left out.",
        "There is no surface 'rosenbrok'; the nearest is rosenbrock. rosenbrock is used instead.",
        "There is no optimizer 'adma'; the nearest is adam. adam is used instead.",
        "lr of adam is a number from 0 to 1000, not -1. 0 is used.",
        "adam has no 'foo'. It was left out.",
        (
            "run could not be read: expected a name of a value of sgd, as in name=1, not the end "
            "(character 5). sgd with its defaults is used."
        ),
        "steps is a whole number from 1 to 20000, not 1e9. 20000 is used.",
    ]
    _, notes = repair("&".join(f"key{i}=1" for i in range(60)))
    assert len(notes) == 13
    assert notes[-1] == "48 more changes were made."
    _, notes = repair("&".join(f"key{i}=1" for i in range(13)))
    assert notes[-1] == "1 more change was made."


@pytest.mark.parametrize("link", [pytest.param(link, id=link[:60]) for link in HELD])
def test_old_links_mean_the_same_numbers(link: str) -> None:
    held, now = dict(HELD[link]), meaning(link)
    places = next(key for key in held if key.startswith("at step"))
    was, now_is = np.array(held.pop(places)), np.array(now.pop(places))
    assert now["canonical"] == held["canonical"]
    assert_holds(now["spec"], held["spec"])
    # Rounding of exp, cos and pow differs between machines; 40 steps do not amplify it much.
    np.testing.assert_allclose(now_is, was, rtol=1e-9, atol=1e-12)


def assert_holds(now: Any, held: Any) -> None:
    """What was said then is still said; what is new says that it is off."""
    if not isinstance(held, dict):
        assert now == held if not isinstance(held, list) else len(now) == len(held)
        for one, other in zip(now, held, strict=True) if isinstance(held, list) else ():
            assert_holds(one, other)
        return
    assert set(held) <= set(now)
    for name, value in held.items():
        assert_holds(now[name], value)
    off = {knob.name: knob.default for knob in modifier_knobs()} | {"drift": STANDING}
    for name in set(now) - set(held):
        plain = now[name]["name"] if isinstance(now[name], dict) else now[name]
        assert plain == (off[name].name if isinstance(off[name], Call) else off[name])


def test_every_golden_link_is_held() -> None:
    assert set(LINKS) <= set(HELD)
