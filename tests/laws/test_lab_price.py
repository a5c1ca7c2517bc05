"""What a training takes is counted, and one that is too long is changed as little as does."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nnopt_viz.compose.calls import run
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.codec import decode_study
from nnopt_viz.judge.training import network_problem, rule_work
from nnopt_viz.lab.codec import LabReading, decode_lab, encode_lab, repair_lab
from nnopt_viz.lab.lab import Lab
from nnopt_viz.lab.price import INTERACTIVE, price, step
from nnopt_viz.lab.repairs import LENGTHS, length, lowest, with_length
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.query.keys import QueryError
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

ABLE = [name for name in TRAINERS if network_problem(run(name)) is None]
NOISY = "noise=heavy_tailed"
CHANGE = re.compile(r"(seeds|epochs|n)=([\d,]+) instead of ([\d,]+)")
DEAREST = (
    f'net=mlp(hidden="{",".join(["64"] * 10)}",activation=gelu,batchnorm=true)'
    f"&data=digits(n=1797,test=0){'&run=shampoo' * 12}&batch=1&epochs=2000&seeds=64"
)
# Units are public: they decide what is accepted. (query, units)
HELD = (
    ("net=mlp", 378_963_692.6),
    ('net=mlp(hidden="32,32")&data=digits(n=1200)&run=adam&run=sgd&epochs=30', 9_606_614_448.8),
    ("data=sine(test=0.5)&run=muon&run=sam&seeds=9&plane=pca(height=test)", 497_594_925.2),
)


def training(rng: random.Random) -> Lab:
    """Any training; most are long."""
    hidden = ",".join(str(int(2 ** rng.uniform(0, 6))) for _ in range(rng.randint(0, 6)))
    net = NETS.call(
        "mlp", hidden=hidden, activation=rng.choice(list(ACTIVATIONS)), batchnorm=rng.random() < 0.3
    )
    name = rng.choice(list(DATASETS))
    most = 1797 if name == "digits" else 2000
    data = DATASETS.call(
        name, n=int(2 ** rng.uniform(3, math.log2(most))), test=rng.choice([0, 0.25, 0.8])
    )
    runs = tuple(run(rng.choice(ABLE)) for _ in range(rng.randint(1, 12)))
    return Lab(
        net, data, INITS.call("he_normal"), runs, PLANES.call("random"),
        batch=int(2 ** rng.uniform(0, 9)), epochs=int(2 ** rng.uniform(0, 10.9)),
        seed=rng.randint(0, 9), seeds=rng.choice([1, 1, 2, 5, 64]),
    )  # fmt: skip


def refused(lab: Lab, most: float) -> bool:
    return lab.problem(most) is not None


def least(lab: Lab, names: tuple[str, ...]) -> Lab:
    for name in names:
        lab = with_length(lab, name, lowest(lab, name))
    return lab


def evenly(asked: Lab) -> Iterator[Lab]:
    """The same with ever larger powers of its seeds and epochs."""
    for power in range(1, 65):
        seeds, epochs = (round(n ** (power / 64)) for n in (asked.seeds, asked.epochs))
        yield replace(asked, seeds=seeds, epochs=epochs)


def within(one: Lab, other: Lab) -> bool:
    return one.seeds <= other.seeds and one.epochs <= other.epochs


def check(asked: Lab, most: float) -> None:
    """The law of repairs for one training that is too long: for steps, then for units."""
    notes: list[str] = []
    repaired = LabReading(notes, most).lab(encode_lab(asked))
    assert repaired.problem(most) is None
    made = asked
    for note in notes:
        made = changed(made, math.inf if "steps; at most" in note else most, note)
    assert made == repaired


def changed(asked: Lab, most: float, note: str) -> Lab:
    """The training that a note tells of; it is the nearest one that fits."""
    query, named = encode_lab(asked), {}
    for name, new, old in CHANGE.findall(note):
        named[name] = int(new.replace(",", ""))
        assert int(old.replace(",", "")) == length(asked, name) > named[name]
    made = asked
    for name, new in named.items():
        made = with_length(made, name, new)
    assert not refused(made, most)
    # no value nearer to the asked one would do …
    for name, new in named.items():
        assert refused(with_length(made, name, new + 1), most)
    # … no change less, and samples only where the rest at its least is not enough
    both = least(asked, ("seeds", "epochs"))
    if "n" in named:
        assert refused(both, most)
        assert refused(with_length(both, "n", named["n"] + 1), most)
    elif most == math.inf:  # of too many steps only passes are the cause
        assert list(named) == ["epochs"]
    else:
        assert "epochs" not in named or refused(least(asked, ("seeds",)), most)
        if "epochs" in named:  # neither is given up for the other: no larger power of both would do
            assert refused(next(one for one in evenly(asked) if not within(one, made)), most)
    # the way out is named: for what the command line takes as it is, that
    with pytest.raises(QueryError) as caught:
        LabReading(None, most).lab(query)
    command = f"nnopt-viz run '{query}' --out run.csv"
    is_possible = not refused(asked, math.inf)
    assert (command in note) == (command in caught.value.allowed) == is_possible
    if is_possible:
        assert decode_lab(query, math.inf) == asked
        # which may itself be a repair: the sentence says no more than what the command holds
        given = " and ".join(f"{name}={length(asked, name):,}" for name in named)
        assert f"With {given} it runs on your own machine: {command}" in note
    return made


def test_what_is_too_long_is_changed_as_little_as_does() -> None:
    for seed in range(SCENARIOS):
        rng = random.Random(seed)
        most = 10 ** rng.uniform(8.5, math.log10(INTERACTIVE))
        asked = training(rng)
        while not refused(asked, most) or refused(least(asked, LENGTHS), most):
            asked = training(rng)
        try:
            check(asked, most)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {most} {encode_lab(asked)}") from fault


def test_neither_part_of_a_price_falls_when_a_training_grows() -> None:
    for seed in range(SCENARIOS):
        rng = random.Random(seed)
        lab = training(rng)
        for name, top in (("seeds", 64), ("epochs", 2000), ("n", 1797)):
            value = length(lab, name)
            more = with_length(
                lab, name, rng.choice([min(value + 1, top), rng.randint(min(value, top), top)])
            )
            if length(more, name) >= value:
                assert price(more) >= price(lab), (seed, name, encode_lab(lab))
                assert more.cost.bytes >= lab.cost.bytes, (seed, name, encode_lab(lab))


def test_a_price_does_not_fall_where_more_seeds_leave_room_for_fewer_rows() -> None:
    """Of large networks and many runs the recorded rows fill the memory."""
    for seed in range(SCENARIOS):
        rng = random.Random(10_000 + seed)
        hidden = ",".join(str(rng.choice([16, 32, 64])) for _ in range(rng.randint(4, 10)))
        lab = training(rng)
        lab = replace(lab, net=lab.net.replace(hidden=hidden), seeds=rng.randint(4, 64))
        more = replace(lab, seeds=rng.randint(lab.seeds, 64))
        assert price(more) >= price(lab), (seed, encode_lab(lab), more.seeds)


def test_the_dearest_training_at_its_least_fits() -> None:
    lab, (first, second) = repair_lab(DEAREST.replace('"', "%22"))
    assert lab.problem() is None
    assert "epochs=11 instead of 2,000 is used. A larger batch takes fewer steps." in first
    assert "n=" in second
    assert price(least(lab, LENGTHS)) < INTERACTIVE / 10


@pytest.mark.parametrize(("query", "units"), HELD)
def test_units_are_the_same_everywhere(query: str, units: float) -> None:
    reading = LabReading([], math.inf).lab(query.replace('"', "%22"))
    assert price(reading) == pytest.approx(units, rel=1e-9)


def test_the_case_that_was_told_wrongly() -> None:
    query = "net=mlp(hidden=%2232,32%22)&data=digits(n=1200)&run=adam&run=sgd&epochs=30"
    lab, notes = repair_lab(query)
    assert notes == []
    assert lab == decode_lab(query)


@pytest.mark.parametrize("name", ["shampoo", "muon"])
def test_what_is_done_with_matrices_is_priced_by_their_sides(name: str) -> None:
    """By their cubes, for each lane: a layer of 64 takes 64 times one of 16, where that decides."""
    more = {}
    for width in (16, 64):
        lab = decode_lab(f'net=mlp(hidden="{width},{width}")&data=digits(n=20)&seeds=8', math.inf)
        more[width] = rule_work(run(name), lab.network) - rule_work(run("sgd"), lab.network)
        plain, priced = (step(replace(lab, runs=(run(one),))) for one in ("sgd", name))
        assert priced - plain >= lab.seeds * more[width]
    assert more[64] > 4 * more[16]


def test_what_a_rule_draws_is_priced_in_a_training_and_in_an_experiment() -> None:
    """Three numbers for each weight and step: most of what such a training takes."""
    calm, noisy = (decode_study(f"study=initialization(run=sgd({noise}))") for noise in ("", NOISY))
    assert STUDIES[noisy.name].seconds(noisy) > 1.3 * STUDIES[calm.name].seconds(calm)
    quiet, drawn = (
        decode_lab(f"net=mlp(hidden=%2230,30%22)&data=moons(n=20)&run=sgd({noise})&seeds=8")
        for noise in ("", NOISY)
    )
    assert step(drawn) > step(quiet) + 8 * 3 * 8 * quiet.network.size
