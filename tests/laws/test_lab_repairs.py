"""What is not possible in a training is mended where it is, and nowhere else."""

from __future__ import annotations

import random
from dataclasses import replace

from nnopt_viz.compose.calls import run
from nnopt_viz.judge.training import network_problem
from nnopt_viz.lab.codec import encode_lab, repair_lab
from nnopt_viz.lab.lab import Lab, default_lab
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.query.keys import call_text
from tests.support.laws import SCENARIOS

ABLE = [name for name in TRAINERS if network_problem(run(name)) is None]
UNABLE = [name for name in TRAINERS if name not in ABLE]


def training(rng: random.Random) -> Lab:
    """A small training in which several things are wrong."""
    net = NETS.call(
        "mlp", hidden=rng.choice(["4", "4", "0", "a"]), loss=rng.choice(["auto", "cross_entropy"])
    )
    data = DATASETS.call(rng.choice(["moons", "sine"]), n=20, test=rng.choice([0, 0.5]))
    runs = tuple(run(rng.choice(rng.choice([ABLE, UNABLE]))) for _ in range(rng.randint(1, 12)))
    plane = PLANES.call(rng.choice(list(PLANES)), height=rng.choice(["train", "test", "accuracy"]))
    plane = plane.replace(**{name: rng.randint(0, 11) for name in PLANES[plane.name].ends})
    init = INITS.call(rng.choice(list(INITS)))
    return Lab(net, data, init, runs, plane, 7, 2, rng.randint(0, 99), rng.randint(1, 3))


def check(asked: Lab) -> None:
    mended, notes = repair_lab(encode_lab(asked))
    assert mended.problem() is None
    assert (notes == []) == (mended == asked)
    # what has no fault of its own is as it was
    parts = ("net", "runs", "plane")
    assert replace(mended, **{part: getattr(asked, part) for part in parts}) == asked
    said = " ".join(notes)
    for name in ("hidden", "loss"):
        if mended.net[name] != asked.net[name]:
            assert f"{name}={mended.net[name]}".replace("16,16", '"16,16"') in said
    # every run that can't train is named, and only those are gone
    gone = [call for call in asked.runs if call.name in UNABLE]
    assert mended.runs == (
        tuple(call for call in asked.runs if call.name in ABLE) or default_lab().runs
    )
    assert all(f"{call.name} can't train a network" in said for call in gone)
    if mended.runs == default_lab().runs != asked.runs:
        assert "adam(lr=0.01) is used instead." in said
    # the plane and the runs that it goes through are the same, unless it is said to be another
    other = call_text(mended.plane.replace(height=asked.plane["height"]), PLANES)
    if f"{other} is used." not in said:
        assert mended.plane.name == asked.plane.name
        before = [sum(call.name in UNABLE for call in asked.runs[:end]) for end in asked.ends]
        if len(gone) < len(asked.runs):
            kept = [end - by for end, by in zip(asked.ends, before, strict=True)]
            assert list(mended.ends) == kept
    if mended.plane["height"] != asked.plane["height"]:
        assert "height=train is used." in said


def test_what_is_mended_is_named_and_nothing_else_changes() -> None:
    for seed in range(SCENARIOS):
        asked = training(random.Random(seed))
        try:
            check(asked)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {encode_lab(asked)}") from fault
