"""The picture of the data shows what each network says at each of its steps."""

from __future__ import annotations

import random
from base64 import b64decode
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.pictures import AT_ONCE, FULL, MOMENTS, NOTHING, POINTS, ground, picture
from nnopt_viz.lab.result import Result, result
from tests.support.laws import SCENARIOS

Array = NDArray[np.float64]


def query(rng: random.Random) -> str:
    hidden = rng.choice(["", "1", "3", "4,2"])
    net = f"mlp(hidden=%22{hidden}%22,activation=tanh)"
    name, test = rng.choice(["moons", "xor", "circles", "sine"]), rng.choice([0, 0.3])
    data = f"{name}(n={rng.randint(8, 40)},test={test})"
    names, rates = ("sgd", "adam", "lion"), (0.01, 0.3, 1000)
    runs = [f"run={rng.choice(names)}(lr={rng.choice(rates)})" for _ in range(rng.randint(1, 3))]
    more = f"epochs={rng.randint(1, 6)}&batch={rng.choice([9, 99])}"
    return "&".join((f"net={net}&data={data}", *runs, more))


def output(made: Result, theta: Array, x: Array) -> Array:
    """The network by hand: logits or numbers, shape (n,)."""
    sizes, at = made.lab.network.sizes, 0
    for layer, (a, b) in enumerate(pairwise(sizes), 1):
        weights, bias = theta[at : at + a * b].reshape(a, b), theta[at + a * b : at + a * b + b]
        at += a * b + b
        x = x @ weights + bias
        x = np.tanh(x) if layer < len(sizes) - 1 else x
    return x[:, 0]


def check(made: Result) -> None:
    shown, steps = picture(made), made.rows.steps.tolist()
    assert shown is not None
    assert shown["steps"][0] == 0
    assert shown["steps"][-1] == steps[-1]
    assert sorted(set(shown["steps"])) == shown["steps"]
    assert len(shown["steps"]) == min(len(steps), MOMENTS, AT_ONCE // len(made.lab.runs))
    data = made.lab.samples
    *_, points = ground(np.concatenate([data.x_train, data.x_test]))
    for run, said in enumerate(shown["said"]):
        for step, one in zip(shown["steps"], said, strict=True):
            true = output(made, made.rows.theta[run, steps.index(step), 0], points)
            if shown["inputs"] == 1:  # four digits
                np.testing.assert_allclose(np.array(one, float), true, rtol=6e-4, atol=1e-9)
                continue
            byte = np.frombuffer(b64decode(one), np.int8).astype(float)
            assert not (byte == NOTHING).any()
            assert (np.sign(byte) == np.sign(true))[np.abs(true) > 1e-9].all()
            probability = (1 + byte * np.abs(byte) / FULL**2) / 2
            right = 1 / (1 + np.exp(-np.clip(true, -500, 500)))
            assert np.abs(probability - right).max() < 1 / FULL  # half a byte, at most


def test_the_boundary_is_that_of_its_step() -> None:
    for seed in range(SCENARIOS):
        text = query(random.Random(seed))
        try:
            check(result(decode_lab(text)))
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {text}") from fault


def test_the_start_is_not_the_end() -> None:
    """The case: what the trained network says was shown at every step."""
    made = result(decode_lab("net=mlp&data=moons&run=adam(lr=0.02)&epochs=20"))
    shown, data = picture(made), made.lab.samples
    assert shown is not None
    assert shown["said"][0][0] != shown["said"][0][-1]
    assert sum(shown["test"]) == len(data.x_test)


def test_of_many_samples_those_that_are_drawn_are_of_both_kinds() -> None:
    for share in (0.0, 0.1, 0.5, 0.9):
        made = result(
            decode_lab(f"net=mlp(hidden=%22%22)&data=xor(n=2000,test={share})&epochs=1&batch=500")
        )
        shown = picture(made)
        assert shown is not None
        assert len(shown["test"]) == POINTS
        assert abs(sum(shown["test"]) / POINTS - share) < 0.01
