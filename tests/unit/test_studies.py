"""Every experiment: its lesson's claims, its findings as they grow, its intervals."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import run
from nnopt_viz.declare.knobs import Call
from nnopt_viz.deliver.experiment_tables import lines, said
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.codec import decode_study, encode_study
from nnopt_viz.experiments.studies import tuned
from nnopt_viz.experiments.studies.batchnorm import WithAndWithout
from nnopt_viz.experiments.studies.estimates import median, paired, ratio
from nnopt_viz.experiments.studies.lanes import SPEED, Lanes, batches, descend
from nnopt_viz.experiments.studies.moving import SHIFTS, representativeness
from nnopt_viz.experiments.studies.probing import PROBES, probe
from nnopt_viz.experiments.studies.shifted import Shifted
from nnopt_viz.experiments.study import INTERACTIVE_SECONDS, MOST_SECONDS, problem_of, whole
from nnopt_viz.networks import dataset, value_and_gradient
from nnopt_viz.networks.activations import ACTIVATIONS

if TYPE_CHECKING:
    from nnopt_viz.experiments.studies.estimates import Array
    from nnopt_viz.networks import Network

# What is quick; an experiment that is not named here is tried as it comes, with three seeds.
SMALL: dict[str, dict[str, Any]] = {
    "initialization": {"depth": 3, "width": 5, "steps": 20, "seeds": 3},
    "batchnorm": {"hidden": "5,4", "rates": 4, "steps": 20, "seeds": 3},
    "width": {"widths": "1,3", "steps": 20, "seeds": 4},
    "shift": {"hidden": "5", "steps": 20, "seeds": 3},
    "optimizers": {"optimizers": "sgd,adam", "rates": 3, "steps": 20, "seeds": 3},
}


def small(name: str, **more: Any) -> Call:
    own = SMALL.get(name, {knob.name: 3 for knob in STUDIES[name].knobs if knob.name == "seeds"})
    return STUDIES.call(name, **own | more)


@pytest.mark.parametrize("name", STUDIES)
def test_a_finding_grows_to_a_whole_and_is_the_same_again(name: str) -> None:
    call = small(name)
    findings = [finding for finding in STUDIES[name].run(call) if finding is not None]
    done = [finding.done for finding in findings]
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert len(done) >= 4
    keys = [chart.key for chart in findings[-1].charts]
    assert len(set(keys)) == len(keys) >= 3
    for finding in findings:
        assert [c.key for c in finding.charts] == keys[: len(finding.charts)] or {
            c.key for c in finding.charts
        } <= set(keys)
    assert len({len(column) for column in findings[-1].table.values()}) == 1
    assert findings[-1].table
    again = whole(call)
    assert repr(again.numbers) == repr(findings[-1].numbers)
    assert again.table == findings[-1].table


@pytest.mark.parametrize("name", STUDIES)
def test_every_line_is_json_and_every_number_has_an_interval(name: str) -> None:
    head, *rest = map(json.loads, filter(bytes.strip, lines(small(name, seed=1))))
    assert head["query"] == encode_study(small(name, seed=1))
    for line in rest:
        for number in line["numbers"]:
            low, value, high = number["low"], number["value"], number["high"]
            if None not in (low, value, high):
                assert low <= value <= high, number
        for chart in line["charts"]:
            assert chart["kind"] in ("lines", "strip", "surface")
            for one in chart["data"].get("series", ()):
                assert len(one["x"]) == len(one["y"])


@pytest.mark.parametrize("name", STUDIES)
def test_another_seed_is_another_experiment(name: str) -> None:
    assert whole(small(name)).table != whole(small(name, seed=7)).table


@pytest.mark.parametrize("name", STUDIES)
def test_as_it_comes_it_fits_an_interactive_run(name: str) -> None:
    study = STUDIES[name]
    assert problem_of(STUDIES.call(name)) is None
    assert study.seconds(STUDIES.call(name)) < INTERACTIVE_SECONDS / 2
    assert len(study.lesson) >= 2
    assert study.claims
    knobs = {knob.name for knob in study.knobs}
    assert {"seeds", "seed"} <= knobs
    for claim in study.claims:
        assert dict(claim.when).keys() <= knobs


def test_what_an_experiment_draws_is_in_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few small steps, and two sheets of 41 x 41 places: most of what it takes are these."""
    passes = []
    loss = tuned.value

    def counted(network: Network, theta: Array, x: Array, y: Array) -> Array:
        weights = sum(a * b for a, b in pairwise(network.sizes))
        passes.append(len(theta) * len(x) * weights)
        return loss(network, theta, x, y)

    monkeypatch.setattr(tuned, "value", counted)
    study = STUDIES["optimizers"]
    call = STUDIES.call("optimizers", optimizers="sgd", rates=2, batch=1, steps=10, seeds=2)
    for _ in study.run(call):
        pass
    assert study.seconds(call) * SPEED > sum(passes) > 0


# --- what is shared is shared ----------------------------------------------------------


def test_lanes_of_one_seed_see_the_same_batches_and_go_as_alone() -> None:
    call = small("batchnorm")
    made = WithAndWithout(call)
    rates = np.array([0.1, 0.3])
    lanes = made.lanes(0, rates, 8)
    *_, (_, together) = filter(None, descend(lanes, call.call("run"), 100))
    for lane in range(len(together)):
        repeat = lane % made.repeats
        one = Lanes(
            network=lanes.network, theta=lanes.theta[lane : lane + 1],
            x=lanes.x[repeat : repeat + 1], y=lanes.y[repeat : repeat + 1],
            seed=lanes.seed[lane : lane + 1], rates=lanes.rates[lane : lane + 1], batch=8,
            steps=lanes.steps,
        )  # fmt: skip
        *_, (_, alone) = filter(None, descend(one, call.call("run"), 100))
        np.testing.assert_allclose(together[lane], alone[0], rtol=1e-10, atol=1e-13)
    np.testing.assert_array_equal(lanes.theta[: made.repeats], lanes.theta[made.repeats :])


def test_both_sides_of_batch_normalization_start_from_the_same_linear_maps() -> None:
    made = WithAndWithout(small("batchnorm"))
    for plain, normal in zip(
        made.networks[0].parts(made.starts[0]), made.networks[1].parts(made.starts[1]), strict=True
    ):
        np.testing.assert_array_equal(plain["weight"], normal["weight"])


def test_a_pass_of_whole_batches_takes_every_sample_at_most_once() -> None:
    orders = batches(10, 3, [4, 5])
    first = np.concatenate([np.asarray(next(orders)) for _ in range(3)], axis=1)
    assert first.shape == (2, 9)
    for row in first:
        assert len(set(row.tolist())) == 9
    assert next(batches(10, 10, [1])) is None


# --- what is measured ------------------------------------------------------------------


def test_the_probe_is_what_its_formula_says() -> None:
    made = WithAndWithout(small("batchnorm"))
    network, theta = made.networks[1], made.starts[1]
    every_x, every_y, rate = made.data.x_train, made.data.y_train, 0.2
    got = probe(network, theta, every_x, every_y, rate)
    for lane in range(len(theta)):
        one, x, y = theta[lane : lane + 1], every_x[lane], every_y[lane]
        _, slope = value_and_gradient(network, one, x, y)
        there = [value_and_gradient(network, one - f * rate * slope, x, y) for f in PROBES]
        seen = [loss[0] for loss, _ in there]
        turns = [np.linalg.norm(g - slope) for _, g in there]
        away = [f * rate * np.linalg.norm(slope) for f in PROBES]
        assert got["loss"][lane] == pytest.approx(max(seen) - min(seen), rel=1e-9)
        assert got["gradient"][lane] == pytest.approx(max(turns), rel=1e-9)
        ratios = [t / a for t, a in zip(turns, away, strict=True)]
        assert got["smoothness"][lane] == pytest.approx(max(ratios), rel=1e-9)


@pytest.mark.parametrize("name", SHIFTS)
def test_without_a_shift_nothing_has_moved_and_nobody_has_seen_the_unseen(name: str) -> None:
    made = Shifted(small("shift", shift=name))
    own, there, unseen = made.samples(0)
    np.testing.assert_array_equal(own[0], made.data.x_train)
    still = Shifted(small("shift", shift="translation")).samples(0)
    for points, others in zip((there, unseen), still[1:], strict=True):
        if name != "class_balance":
            np.testing.assert_array_equal(points[0], others[0])
            np.testing.assert_array_equal(points[1], others[1])
    for x, y, z in zip(own[0], there[0], unseen[0], strict=True):
        every = np.concatenate([x, y, z])
        assert len(np.unique(every, axis=0)) == len(every)
    changed = [a.shape != b.shape or (a != b).any() for a, b in zip(
        (*own, *there, *unseen), (*(p for points in made.samples(8) for p in points),), strict=True
    )]  # fmt: skip
    assert any(changed)


def test_a_class_is_gone_as_far_as_the_shift_says() -> None:
    made = Shifted(small("shift", shift="class_balance"))
    for at, left in ((0, 1.0), (4, 0.55), (8, 0.1)):
        _, there, unseen = made.samples(at)
        for _, y in (there, unseen):
            ratio = (y > 0.5).sum(axis=1) / (y < 0.5).sum(axis=1)
            if at:  # as drawn at 0
                np.testing.assert_allclose(ratio, left, rtol=0.06)


def test_representativeness_is_one_for_equals_and_small_for_strangers() -> None:
    data = dataset(small("shift").call("data"), 0)
    points = data.x_train, data.y_train
    assert representativeness(points, points, 0) == pytest.approx(1.0, abs=1e-12)
    far = data.x_train + 100, data.y_train
    assert representativeness(points, far, 0) < 0.2


def test_what_is_not_finite_is_worst_and_no_stand_in_for_it_is_ever_seen() -> None:
    made = median("m", "m", [1.0, np.nan, np.inf, 2.0])
    assert (made.low, made.value, made.high) == (1.0, np.inf, np.inf)
    half = median("m", "m", [1.0] * 4 + [np.nan] * 4)
    assert half.value == np.inf  # not a number between
    assert paired("p", "p", [np.nan, 1.0, np.inf], [np.inf, np.inf, 1.0]).value == 0.0
    assert ratio("r", "r", [np.nan, 4.0, 2.0], [np.inf, 2.0, 1.0]).value == 2.0
    assert (said(-np.inf, ""), said(np.inf, "times")) == ("−∞", "∞")


def test_a_difference_of_pairs_is_within_each_repetition() -> None:
    made = paired("p", "p", np.arange(9) + 5.0, np.arange(9) + 3.0)
    assert (made.low, made.value, made.high) == (2.0, 2.0, 2.0)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(0.491, "", "0.491"), (-43.5, "steps", "−43.5"), (0.25, "%", "25"),
     (123456.0, "", "1.2 × 10⁵"), (0.000012, "", "1.2 × 10⁻⁵"), (0.0, "", "0"),
     (3.1, "times", "3.1"), (-99_960.0, "steps", "−1 × 10⁵"), (1e-3, "", "0.001")],
)  # fmt: skip
def test_numbers_are_said_as_everywhere_else(value: float, unit: str, words: str) -> None:
    assert said(value, unit) == words


# --- bad input -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "is named by study"),
        ("study=widht", "nearest is width"),
        ("study=width(widths=%22%22)", "has to be whole numbers"),
        ("study=width(widths=%224,2%22)", "each larger than the one before"),
        ("study=width(widths=%221,99%22)", "from 1 to 64"),
        ("study=width(seeds=1)", "from 2 to 256"),
        ("study=width(data=sine(n=9999))", "n of sine"),
        ("study=shift(data=sine)", "two classes"),
        ("study=shift(data=moons(test=0))", "to test with"),
        ("study=shift(hidden=%22x%22)", "whole numbers"),
        ("study=batchnorm(hidden=%22%22)", "nothing to normalize"),
        ("study=batchnorm(slowest=1,fastest=0.1)", "slowest has to be less than fastest"),
        ("study=optimizers(optimizers=%22adam,newton%22)", "can't train a network"),
        ("study=optimizers(optimizers=%22adma%22)", "different names"),
        ("study=optimizers(optimizers=%22adam,adam%22)", "different names"),
        ("study=shift(run=newton)", "can't train a network"),
        ("study=width(run=adam(lr=9))", "set by the experiment width itself"),
        ("study=width(run=adam(lr=0.001))", "would change nothing"),
        ("study=widht(run=adam(lr=9))", "the nearest is width"),
        ("study=batchnorm(run=rule(text=%22x = x - lr*g%22,lr=0.5))", "lr of rule is set by"),
        ("study=initialization(seeds=20,steps=20000)", "would take about"),
        ("study=width&study=width", "more than once"),
        ("steps=4", "no key 'steps'"),
    ],
)
def test_a_query_that_cannot_be_used_is_refused_in_a_sentence(query: str, said: str) -> None:
    from nnopt_viz.experiments.codec import repair_study
    from nnopt_viz.query.keys import QueryError

    with pytest.raises(QueryError) as caught:
        decode_study(query)
    assert said in caught.value.message
    mended, notes = repair_study(query)
    assert notes
    assert problem_of(mended) is None


def test_what_costs_too_much_names_the_command_line() -> None:
    from nnopt_viz.query.keys import QueryError

    with pytest.raises(QueryError) as caught:
        decode_study("study=width(seeds=256,steps=20000)")
    assert "nnopt-viz experiment width 'steps=20000,seeds=256'" in caught.value.allowed


@pytest.mark.parametrize("name", STUDIES)
def test_a_query_says_its_experiment_again(name: str) -> None:
    call = small(name, seed=5)
    assert decode_study(encode_study(call)) == call
    assert encode_study(STUDIES.call(name)) == f"study={name}"


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", STUDIES)
def test_no_setting_that_is_let_through_fails(name: str) -> None:
    """Drawn settings, wild rates among them: every line is JSON, however much diverges."""
    rng = np.random.default_rng([8, *name.encode()])
    tried = 0
    while tried < 12:
        data = rng.choice(["xor(n=40)", "sine(n=40)", "digits(n=40)", "blobs(n=60,test=0.5)"])
        given = {
            "activation": str(rng.choice(list(ACTIVATIONS))),
            "data": decode_study(f"study=width(data={data})")["data"],
            "lr": float(10.0 ** rng.uniform(-12, 3)), "slowest": float(10.0 ** rng.uniform(-9, 0)),
            "fastest": float(10.0 ** rng.uniform(0, 3)), "batch": int(rng.integers(2, 60)),
            "run": run(str(rng.choice(["sgd", "adam", "muon", "lars", "rprop"]))),
            "tolerance": float(10.0 ** rng.uniform(-5, 2)), "seed": int(rng.integers(1000)),
            "shift": str(rng.choice(list(SHIFTS))),
        }  # fmt: skip
        knobs = {knob.name for knob in STUDIES[name].knobs}
        call = small(name, **{k: v for k, v in given.items() if k in knobs})
        if problem_of(call) is not None:
            continue
        tried += 1
        assert decode_study(encode_study(call)) == call
        *_, last = map(json.loads, filter(bytes.strip, lines(call)))
        assert last["done"] == 1


@pytest.mark.parametrize("name", ["shift", "batchnorm", "initialization", "width"])
def test_a_method_of_matrices_is_dearer(name: str) -> None:
    study = STUDIES[name]
    calls = [decode_study(f"study={name}(run={run})", MOST_SECONDS) for run in ("sgd", "shampoo")]
    plain, matrices = (study.seconds(call) for call in calls)
    assert matrices > 1.2 * plain
