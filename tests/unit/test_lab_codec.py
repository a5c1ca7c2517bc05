"""The network lab: its codec, and the race's rules on vectors."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.compose.runs import composed
from nnopt_viz.declare.knobs import Call
from nnopt_viz.deliver.questions import TRAINING, asked
from nnopt_viz.formula.vector import Field, VectorRule
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.judge.training import network_problem
from nnopt_viz.lab.codec import (
    LAB_CALLS,
    LAB_EXAMPLES,
    LAB_SCALARS,
    decode_lab,
    encode_lab,
    repair_lab,
)
from nnopt_viz.lab.lab import MAX_STEPS, default_lab, landing_lab
from nnopt_viz.networks import accuracy, network_of
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.query.keys import QueryError, call_text
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.schedules import factors
from tests.support.golden_lab_links import FILE, LINKS, meaning

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

HELD = json.loads(FILE.read_text("utf-8"))
TRAINERS = [name for name in OPTIMIZERS if network_problem(run(name)) is None]


def fault(query: str) -> QueryError:
    """The error a query ends in; the repair of the same query must be valid."""
    with pytest.raises(QueryError) as caught:
        decode_lab(query)
    mended, notes = repair_lab(query)
    assert notes
    assert mended.problem() is None
    assert decode_lab(encode_lab(mended)) == mended
    assert caught.value.allowed
    assert 0 < len(caught.value.message) < 1000
    return caught.value


# --- codec ----------------------------------------------------------------------------


def odd(key: str, name: str) -> Call:
    """A call with every knob off its default, where another value is easy to find."""
    registry = LAB_CALLS[key]
    call = run(name) if key == "run" else registry.call(name)
    for knob in registry[name].knobs:
        value: Any = knob.default
        if knob.kind == "choice":
            value = knob.choices[-2 if name == "mlp" else 1]
        elif knob.kind == "flag":
            value = not value
        elif knob.kind == "text":
            value = "3,2"
        elif knob.kind in ("number", "integer"):
            tries = (value * 1.5, value * 0.5, value + 1, value - 1)
            tries = tuple(int(v) for v in tries) if knob.kind == "integer" else tries
            value = next((v for v in tries if v != value and knob.admits(v)), value)
        call = call.replace(**{knob.name: value})
    return call


ENTRIES = [
    (key, name)
    for key, registry in LAB_CALLS.items()
    for name in registry
    if key != "run" or name in TRAINERS
]


@pytest.mark.parametrize(("key", "name"), ENTRIES)
def test_every_entry_survives_the_codec(key: str, name: str) -> None:
    more = "&run=sgd&run=adam&run=lion" if key == "plane" else ""
    usual = run(name) if key == "run" else LAB_CALLS[key].call(name)
    for call in (usual, odd(key, name)):
        if key == "plane":
            call = call.replace(of=1) if "of" in dict(call.knobs) else call.replace(a=0, b=2, c=1)
        text = f"{key}={call_text(call, LAB_CALLS[key])}{more}"
        lab = decode_lab(text)
        found = lab.runs[0] if key == "run" else getattr(lab, key)
        assert found == call
        again = encode_lab(lab)
        assert asked(again) is TRAINING
        assert decode_lab(again) == lab
        assert encode_lab(decode_lab(again)) == again
        assert repair_lab(text) == (lab, [])


@pytest.mark.parametrize("key", LAB_SCALARS)
def test_every_scalar_survives_the_codec(key: str) -> None:
    for value in (int(LAB_SCALARS[key].low), 3):
        lab = decode_lab(f"net=mlp&data=moons(n=20)&batch=9&{key}={value}".replace(
            "batch=9&batch", "batch"
        ))  # fmt: skip
        assert getattr(lab, key) == value
        assert decode_lab(encode_lab(lab)) == lab


def test_nothing_at_all_and_the_landing() -> None:
    assert decode_lab("") == default_lab()
    assert repair_lab("")[0] == repair_lab("utm_source=a")[0] == landing_lab()
    for lab in (default_lab(), landing_lab()):
        assert lab.problem() is None
        assert decode_lab(encode_lab(lab)) == lab
    assert set(LAB_EXAMPLES) == {*LAB_CALLS, *LAB_SCALARS, "v"}


def test_held_links_are_those_of_the_list() -> None:
    assert list(HELD) == LINKS


@pytest.mark.parametrize("link", HELD)
def test_a_link_means_the_same_for_good(link: str) -> None:
    now, held = meaning(link), HELD[link]
    assert (now["canonical"], now["spec"]) == (held["canonical"], held["spec"])
    for name, values in held["end"].items():  # another BLAS sums in another order
        np.testing.assert_allclose(now["end"][name], values, rtol=1e-7, atol=1e-9, err_msg=name)


HOSTILE = [
    ("net=mlp(hidden=\"99\")", "net"), ("net=mlp(hidden=\"0\")", "net"),
    ("net=mlp(hidden=\"-1\")", "net"), ("net=mlp(hidden=\"a\")", "net"),
    ("net=mlp(hidden=\"1,,2\")", "net"), ("net=mlp(hidden=\"1,1,1,1,1,1,1,1,1,1,1\")", "net"),
    ("net=mlp(hidden=\"9999999\")", "net"), ("net=mlp(hidden=\"1e1\")", "net"),
    ("net=mlp(hidden=\"" + "1," * 900 + "1\")", "net"), ("net=mlp(hidden=wide)", "net.hidden"),
    ("net=mlp(hidden=\"\u0661\")", "net"), ("net=cnn", "net"), ("net=mlp&net=mlp", "net"),
    ("net=mlp(activation=softmax)", "net.activation"), ("net=mlp(batchnorm=1)", "net.batchnorm"),
    ("net=mlp(l2=-1)", "net.l2"), ("net=mlp(l2=nan)", "net.l2"), ("net=mlp(depth=3)", "net.depth"),
    ("net=mlp(loss=cross_entropy)&data=sine", "net"), ("net=", "net"), ("net=mlp(", "net"),
    ("data=mnist", "data"), ("data=moons(n=7)", "data.n"), ("data=moons(n=1e9)", "data.n"),
    ("data=moons(n=20.5)", "data.n"), ("data=moons(noise=-1)", "data.noise"),
    ("data=moons(noise=inf)", "data.noise"), ("data=moons(test=1)", "data.test"),
    ("data=digits(n=1798)", "data.n"), ("data=checkerboard(cells=1)", "data.cells"),
    ("init=he", "init"), ("init=normal(std=-1)", "init.std"), ("init=__import__", "init"),
    ("net=mlp&run=newton", "run"), ("net=mlp&run=l_bfgs", "run"), ("net=mlp&run=sophia", "run"),
    ("net=mlp&run=sgd(lr=1e999)", "run.lr"), ("net=mlp" + "&run=sgd" * 13, "run"),
    ("batch=0", "batch"), ("batch=-1", "batch"), ("batch=2001", "batch"), ("batch=1.5", "batch"),
    ("epochs=0", "epochs"), ("epochs=2001", "epochs"), ("epochs=nan", "epochs"),
    ("epochs=2000&batch=1", "epochs"), ("epochs=1&epochs=2", "epochs"),
    ("seeds=0", "seeds"), ("seeds=65", "seeds"), ("net=mlp&seed=-1", "seed"),
    ("plane=umap", "plane"), ("plane=three", "plane"), ("plane=pca(of=1)", "plane"),
    ("plane=pca(of=-1)", "plane.of"), ("plane=pca(of=12)", "plane.of"),
    ("plane=three(a=0,b=0,c=1)&run=sgd&run=adam&run=lion", "plane"),
    ("plane=random(height=loss)", "plane.height"),
    ("plane=pca(height=accuracy)&data=sine", "plane"),
    ("plane=random(height=test)&data=moons(test=0)", "plane"),
    ("net=mlp&surface=bowl", "surface"), ("net=mlp&steps=5", "steps"),
    ("net=mlp&start=1,1", "start"), ("net=mlp&noise=1", "noise"),
    ("net=mlp&v=2", "v"), ("nets=mlp&epochs=1", "nets"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "key"), HOSTILE)
def test_hostile_queries_are_refused(query: str, key: str) -> None:
    assert fault(query.replace('"', "%22")).key.split("(")[0] == key


def test_too_costly_names_what_it_costs_and_the_command() -> None:
    query = "net=mlp(hidden=%2264,64%22)&data=digits(n=1797)&epochs=200&seeds=64"
    error = fault(query)
    assert (error.key, error.value) == ("seeds", "64")
    assert "s of a processor" in error.message
    assert "nnopt-viz run 'net=mlp(" in error.allowed
    command = error.allowed.split("'")[1]
    assert decode_lab(command, math.inf) == decode_lab(query, math.inf)
    # no command that would be refused as well
    assert "nnopt-viz" not in fault("net=mlp&epochs=2000&batch=1").allowed
    assert decode_lab("net=mlp&data=moons(n=16,test=0)&batch=2&epochs=2000").steps <= MAX_STEPS


WIDE = "net=mlp(hidden=%2264,64,64,64%22)"


@pytest.mark.parametrize(
    ("query", "key", "value"),
    [
        (f"{WIDE}&seeds=64&epochs=400&data=moons(n=2000)", "seeds", "64"),
        (f"{WIDE}&epochs=2000&data=digits(n=1797)&batch=256" + "&run=adam" * 4, "epochs", "2000"),
        ("net=mlp&epochs=2000&batch=1", "epochs", "2000"),  # too many steps
        (f"{WIDE}&epochs=1&batch=1&data=digits(n=1797)" + "&run=shampoo" * 12, "data", "digits"),
    ],
)  # fmt: skip
def test_the_key_is_of_what_is_to_be_changed(query: str, key: str, value: str) -> None:
    error = fault(query)
    assert (error.key, error.value.partition("(")[0]) == (key, value)
    assert error.allowed.startswith(f"{'n' if key == 'data' else key}=")


PIECES = [
    "&", "=", "(", ")", ",", "%22", '"', "mlp", 'mlp(hidden="', '")', "16,16", "16", "hidden=",
    "activation=tanh", "batchnorm=true", "l2=0.1", "loss=squared_error", "moons(n=20)", "sine",
    "digits", "xor(noise=0)", "he_normal", "orthogonal(gain=2)", "adam", "sgd(lr=0.1)", "newton",
    "lars", "pca", "pca(of=1)", "three(a=1)", "random(height=test)", "hessian", "line", "0", "1",
    "-1", "2000", "1e999", "nan", "true", "\u0661", "\x00", "%zz", "\ud800", "(" * 40, "9" * 30,
    "&run=sgd" * 13, "adam(schedule=cosine)", "utm_source=a", "?", "+", "64", "a" * 3000,
]  # fmt: skip
pieces = st.sampled_from(PIECES)
pairs = st.tuples(st.sampled_from([*LAB_EXAMPLES, "surface", "Net", ""]), pieces, pieces)
likely = st.lists(pairs, max_size=4).map(
    lambda parts: "&".join(f"{key}={first}{second}" for key, first, second in parts)
)
sensible = st.lists(st.sampled_from(ENTRIES), max_size=4, unique_by=lambda entry: entry[0]).map(
    lambda entries: "&".join(f"{key}={name}" for key, name in entries)
)
queries = likely | sensible | st.lists(pieces, max_size=8).map("".join)


def test_2000_generated_queries_are_read_or_refused() -> None:
    seen: Counter[str] = Counter()

    @settings(
        deadline=None, database=None, derandomize=True, max_examples=40,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(st.lists(queries, min_size=50, max_size=50))
    def check(batch: list[str]) -> None:
        for query in batch:
            mended, notes = repair_lab(query)
            assert mended.problem() is None
            assert decode_lab(encode_lab(mended)) == mended
            try:
                made = decode_lab(query)
            except QueryError as refusal:
                error = refusal
            else:
                seen["accepted"] += 1
                assert notes == []
                assert made == mended or mended == landing_lab()
                continue
            seen["refused"] += 1
            assert error.allowed
            assert 0 < len(str(error)) < 2500

    check()
    assert seen.total() >= 2000
    assert min(seen.values()) > 150, seen


# --- the race's rules on vectors ------------------------------------------------------

STEPS, START = 50, (0.0, -3.0)
DRAWN = [name for name in TRAINERS if "normal(" in OPTIMIZERS[name].rule]


def field_of(call: Call) -> Field:
    """A surface as what a rule on vectors can ask; points are (lanes, 2)."""
    return Field(
        lambda at: evaluate(call, *at.T, 1)[1].T,
        lambda at: evaluate(call, *at.T),
        lambda at, v: np.einsum("ijl,lj->li", evaluate(call, *at.T, 2)[2], v),
    )


def vector_path(call: Call, chosen: Call) -> Array:
    """Positions of a rule on vectors, shape (2, steps + 1)."""
    field, made = field_of(call), composed(chosen)
    rule = VectorRule(made.parsed(), dict(made.knobs))
    rates = chosen.number("lr") * factors(chosen.call("schedule"), STEPS)
    theta = np.array([START])
    rule.begin(theta, float(rates[0]))
    path = [theta[0]]
    for t, rate in enumerate(rates, 1):
        theta = rule.step(theta, field.gradient(theta), field.loss(theta), t, float(rate), field)
        path.append(theta[0])
    return np.array(path).T


@pytest.mark.parametrize("name", [name for name in TRAINERS if name not in DRAWN])
def test_a_rule_on_vectors_goes_where_the_race_goes(name: str) -> None:
    call = surface("himmelblau")
    chosen = run(name, lr=good_rate("himmelblau", name))
    scene = Scenario(call, (chosen,), point(*START), STEPS)
    theirs = np.concatenate([chunk.x[:, 0, :, 0] for chunk in simulate(scene)], axis=1)
    ours = vector_path(call, chosen)
    assert np.isfinite(theirs).all()
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)  # measured: 3e-11


def test_what_a_network_refuses_is_what_needs_the_whole_hessian() -> None:
    assert DRAWN == ["sgld", "simulated_annealing"]
    refused = {name for name in OPTIMIZERS if name not in TRAINERS}
    assert {"newton", "damped_newton", "adahessian", "bfgs"} <= refused
    for name in refused:
        assert "can't train a network" in str(network_problem(run(name)))


def test_outputs_that_are_not_finite_have_no_accuracy() -> None:
    lab = decode_lab("data=digits(n=60)&net=mlp(hidden=%224%22)")
    data, network = lab.samples, network_of(lab.net, lab.samples)
    theta = np.zeros((2, network.size))
    theta[1] = np.inf
    right = accuracy(network, theta, data.x_train, data.y_train)
    assert np.isfinite(right[0])
    assert np.isnan(right[1])
