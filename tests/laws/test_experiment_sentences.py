"""Sentences, labels and axes of experiments are true at any settings: laws over random ones."""

from __future__ import annotations

import re
from itertools import pairwise
from math import inf

import numpy as np
import pytest

from nnopt_viz.declare.knobs import Call
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.claims import judged, within
from nnopt_viz.experiments.codec import decode_study
from nnopt_viz.experiments.studies import chosen
from nnopt_viz.experiments.studies.estimates import paired, ratio
from nnopt_viz.experiments.studies.lanes import descend
from nnopt_viz.experiments.studies.moving import LEAST, SHIFTS, world
from nnopt_viz.experiments.studies.shifted import Shifted
from nnopt_viz.experiments.studies.started import COMPARED
from nnopt_viz.experiments.studies.with_and_without import WithAndWithout, steps_for
from nnopt_viz.experiments.study import Finding, IntervalClaim, whole
from nnopt_viz.networks import DATASETS
from tests.support.laws import SCENARIOS

GRID_OF_TWOS = "batchnorm(hidden=%228,8%22,steps=60,seeds=6,rates=11,slowest=0.01,fastest=10.24"
TWO_CLASSES = [name for name, entry in DATASETS.items() if entry.kind == "binary"]


def found(query: str) -> tuple[Call, Finding]:
    call = decode_study(f"study={query}")
    return call, whole(call)


def ticked(query: str) -> set[str]:
    """The keys of the sentences that hold."""
    return {one.claim.key for one in judged(*found(query)) if one.holds}


# --- a tick ------------------------------------------------------------------------------------


def test_a_tick_says_more_than_or_less_than_and_never_as_much_as() -> None:
    rng = np.random.default_rng(11)
    for at in range(SCENARIOS):
        low, high = sorted(rng.choice([0.0, 0.5, 1.0, 2.0, 10.0, 100.0], 2, replace=False))
        claim = IntervalClaim("", "", *[(low, high), (low, inf), (-inf, high)][rng.integers(3)])
        ends = sorted(rng.choice([*(low, high), -inf, inf, *rng.uniform(-1, 120, 4)], 2))
        about = rng.choice([0.0, 1e-15, -1e-15])  # rounding decides nothing
        mine = within(claim, *(end * (1 + about) + about for end in ends))
        true = (claim.low == -inf or claim.low < ends[0]) and (
            claim.high == inf or ends[1] < claim.high
        )
        assert mine == true, (at, claim, ends)


@pytest.mark.parametrize("name", STUDIES)
def test_a_sentence_promises_no_bound_that_is_left_out_and_needs_no_neighbour(name: str) -> None:
    for claim in STUDIES[name].claims:
        said = claim.text.lower()
        assert not re.search(r"\bat (least|most)\b|or (more|less)\b", said), claim
        assert not re.search(r"^(it|they|this|these)\b|\bafter it\b|\bone then\b", said), claim
        assert not re.search(r"^\w+'s is\b|^one unit hardly|the same way", said), claim


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("batchnorm(hidden=%228%22,init=zeros,steps=20,seeds=6,rates=3,activation=relu)",
         "samples:64"),
        ("batchnorm(hidden=%221%22,init=zeros,steps=17,seeds=6,rates=3,data=sine(n=60))",
         "turns:early"),
        (f"{GRID_OF_TWOS},seed=50175)", "wider"),
        ("shift(data=circles(n=64),steps=10,seeds=6,seed=3)", "representative:change"),
    ],
)  # fmt: skip
def test_what_is_equal_is_not_ticked(query: str, key: str) -> None:
    assert key not in ticked(query)


def test_less_representative_is_what_the_table_shows() -> None:
    rng = np.random.default_rng(12)
    for _ in range(max(6, SCENARIOS // 20)):
        query = (
            f"shift(data={rng.choice(TWO_CLASSES)}(n={rng.integers(40, 90)},test=0.4),"
            f"hidden=%223%22,steps=10,seeds={rng.integers(2, 9)},seed={rng.integers(10**6)})"
        )
        call, made = found(query)
        at, share = (np.array(made.table[k]) for k in ("shift", "representativeness"))
        changed = share[at == 1] - share[at == 0]
        holds = {one.claim.key: one.holds for one in judged(call, made)}
        if holds["representative:change"]:
            assert np.median(changed) < 0, query


def test_one_line_is_said_of_units_that_draw_one() -> None:
    """GELU goes down before it goes up: one such unit can divide the plane by two lines."""
    call, made = found("width(activation=gelu,widths=%221%22,steps=1500,seeds=12)")
    assert made.number("good:1").value > 0.2
    assert not [one for one in judged(call, made) if "one line" in one.claim.text]


# --- what is said of numbers -------------------------------------------------------------------


def test_a_rate_of_a_repetition_that_diverged_everywhere_is_none() -> None:
    rng = np.random.default_rng(13)
    for at in range(SCENARIOS):
        rates = np.geomspace(1e-3, 10, int(rng.integers(2, 7)))
        losses = 10 ** rng.uniform(-3, 3, (len(rates), int(rng.integers(2, 12))))
        losses[rng.uniform(size=losses.shape) < 0.3] = rng.choice([np.inf, np.nan])
        losses[:, rng.uniform(size=losses.shape[1]) < 0.3] = np.nan
        own = chosen.Own(rates, losses)
        alive = np.isfinite(losses)
        for i, rate in enumerate(own.rate):
            best = [r for r, v, a in zip(rates, losses[:, i], alive[:, i], strict=True)
                    if a and v == np.nanmin(losses[alive[:, i], i])]  # fmt: skip
            assert rate == (best[0] if best else inf), (at, losses)
        lost = int((~alive.any(axis=0)).sum())
        ends = int(np.isin(own.rate, rates[[0, -1]]).sum())
        note = chosen.best_rate("k", "w", rates, losses).note
        assert (f"at every rate in {lost} of" in note) == (lost > 0), (at, note)
        assert (f"edge of the grid in {ends} of" in note) == (ends > 0), (at, note)


def test_what_is_counted_as_something_is_said() -> None:
    rng = np.random.default_rng(14)
    for at in range(SCENARIOS):
        values = rng.choice([0.0, 1.0, 2.0, np.inf, np.nan], (2, int(rng.integers(2, 12))))
        first, second = np.where(np.isnan(values), np.inf, values)
        lost = int((np.isinf(first) & np.isinf(second)).sum())
        none = int(((first == 0) & (second == 0)).sum())
        for made in (ratio("k", "w", *values), paired("k", "w", *values)):
            said = [int(n) for n in re.findall(r"in (\d+) of", made.note)]
            zeros = [none] if made.unit == "times" else []
            assert said == [n for n in (lost, *zeros) if n], (at, values, made.note)
        grid = np.array([0.1, 1.0])
        usable = chosen.Usable(grid, values, np.ones(values.shape[1]), 1.5)
        count = int((~(np.minimum(first, second) < 1.5)).sum())
        for number in usable.numbers("x"):
            assert (f"usable in {count} of" in number.note) == (count > 0), (at, number)


def test_a_grid_says_how_fine_it_is() -> None:
    rng = np.random.default_rng(22)
    for at in range(SCENARIOS):
        rates = np.geomspace(*10 ** np.sort(rng.uniform(-9, 6, 2)), int(rng.integers(2, 34)))
        said = float(chosen.resolution(rates).split()[3])
        np.testing.assert_allclose(rates[1:] / rates[:-1], said, rtol=0.006, err_msg=str(at))


def test_a_network_that_diverged_has_no_units_to_speak_of() -> None:
    _, made = found("initialization(activation=linear,lr=1000,steps=60,seeds=6,depth=3,width=8)")
    number = made.number("copies:constant")
    assert "diverged, and counted as no copies, in 6 of 6" in number.note
    (dead,) = [chart for chart in made.charts if chart.key == "dead"]
    line = dead.data["series"][COMPARED.index("constant")]
    assert all(value is None for value in line["y"]), line


def test_a_tolerance_is_reached_by_what_is_as_low() -> None:
    _, made = found("width(run=sgd,lr=1000,tolerance=0,widths=%2232%22,seeds=12,steps=100)")
    zeros = np.array(made.table["loss"]) == 0
    number = made.number("good:32")
    assert 0 < zeros.mean() == number.value
    assert "at 0 or below" in number.words


# --- what differs is what is said to ------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["constant", "cosine", "polynomial"])
def test_a_batch_size_is_trained_with_its_own_course_of_the_rate(schedule: str) -> None:
    call = decode_study(
        f"study=batchnorm(hidden=%223%22,run=sgd(schedule={schedule}),steps=20,seeds=3,rates=3,"
        "slowest=0.1,fastest=3)"
    )
    made = WithAndWithout(call)
    list(made.choose())
    for size in (4, 64):
        list(made.at_size(0, size))
        for steps, shown in ((20, made.sized), (steps_for(20, size), made.equal)):
            lanes = made.lanes(0, np.array([made.shared]), size, steps)
            *_, (at, theta) = filter(None, descend(lanes, call.call("run"), steps))
            assert at == steps
            np.testing.assert_array_equal(shown[0, size], made.test_loss(0, theta))


def test_a_curve_stands_above_the_steps_it_was_measured_at() -> None:
    rng = np.random.default_rng(16)
    for _ in range(max(4, SCENARIOS // 40)):
        steps = int(rng.integers(10, 400))
        _, made = found(
            f"optimizers(optimizers=%22sgd%22,hidden=%222%22,data=moons(n=20),rates=2,seeds=2,"
            f"batch=4,steps={steps})"
        )
        (curves,) = [chart for chart in made.charts if chart.key == "curves"]
        every = max(1, steps // 50)
        assert curves.data["series"][0]["x"] == sorted({*range(0, steps, every), steps}), steps


def test_other_names_of_optimizers_are_the_same_optimizers() -> None:
    rest = "hidden=%222%22,data=moons(n=20),rates=2,seeds=2,steps=10"
    _, mine = found(f"optimizers(optimizers=%22sgd,momentum%22,{rest})")
    _, other = found(f"optimizers(optimizers=%22SGD, heavy_ball%22,{rest})")
    assert mine.table == other.table


def test_a_class_that_goes_never_grows() -> None:
    rng = np.random.default_rng(17)
    for at in range(max(6, SCENARIOS // 8)):
        name, seed = str(rng.choice(TWO_CLASSES)), int(rng.integers(10**6))
        if at % 3 == 0:
            name = "checkerboard"  # whose classes are not equally large
        more = {"cells": int(rng.integers(2, 7))} if name == "checkerboard" else {}
        call = DATASETS.call(name, **more)
        shares = []
        for fewer in (1e-9, 0.3, 0.6, 0.9):
            _, (_, y) = world(call, seed, (40, 4000), fewer)
            shares.append(y.mean())
            assert len(y) == 4000
        assert all(a >= b for a, b in pairwise(shares)), (at, call, shares)
        _, pool = DATASETS[name].draw(np.random.default_rng(seed), 40_000, call.numbers())
        assert shares[0] == pytest.approx(pool.mean(), abs=0.025), (at, call)


def test_the_smallest_sample_is_as_small_as_is_said() -> None:
    move, _, words = SHIFTS["smaller_sample"]
    assert f"one in 25, but {LEAST} at least" in words
    for n in (16, 150, 400, 2000):
        x, y = move(np.random.default_rng(0), np.zeros((n, 2)), np.zeros(n), 1.0)
        assert len(x) == len(y) == max(LEAST, round(n / 25))


def test_who_never_gets_there_is_counted() -> None:
    rng = np.random.default_rng(18)
    made = Shifted(decode_study("study=shift(hidden=%222%22,steps=10,seeds=4)"))
    for at in range(SCENARIOS):
        made.never.clear()
        on, scratch = (10 ** rng.uniform(-3, 1, (4, 11)) for _ in range(2))
        for curve in (on, scratch):
            curve[rng.uniform(size=4) < 0.3, 3:] = rng.choice([np.nan, np.inf])
        waited = made._waited(on, scratch)
        for i in range(4):
            low = min(np.nanmin(on[i]), np.nanmin(scratch[i]))
            for curve, steps in zip((on, scratch), waited, strict=True):
                there = np.flatnonzero(curve[i] <= max(0.05, 1.1 * low))
                assert steps[i] == (there[0] if there.size else 10), at
        counts = [sum(not (c[i] <= max(0.05, 1.1 * min(np.nanmin(on[i]), np.nanmin(scratch[i])))
                           ).any() for i in range(4)) for c in (on, scratch)]  # fmt: skip
        assert made.never == [tuple(counts)], at
