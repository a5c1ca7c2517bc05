"""Sentences of the guide, the reference, help and messages, against what they are about."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nnopt_viz.formula.notation import INSTEAD
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.outcome import outcomes
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, landing
from tools.reference_links import formulas, links

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
GUIDE = re.sub(r"\s+", " ", (ROOT / "docs" / "guide.md").read_text("utf-8"))


def own(formula: str) -> str:
    return f'surface=formula(f="{formula}",bounds="-2,2,-2,2")'.replace("+", "%2B")


def test_the_opening_scene_ends_where_the_guide_says() -> None:
    scene = landing()
    ends = {
        (round(one.minimum["x"], 6), round(one.minimum["y"], 6))
        for one in outcomes(scene, simulate(scene))
        if one.minimum is not None
    }
    said = {2: "two", 3: "three", 4: "four"}[len(ends)]
    assert f"in which {['', '', 'two', 'three', 'four'][len(scene.runs)]} runs end" in GUIDE
    assert f"end in {said} different minima" in GUIDE


@pytest.mark.parametrize(
    ("formula", "slope"),
    [
        ("abs(x)", 0.0),
        ("-abs(x)", 0.0),
        ("maximum(x, 2*x)", 0.0),
        ("minimum(x, 2*x)", 0.0),
        ("clip(x, 0, 1)", 0.0),
        ("sqrt(abs(x))", 0.0),
        ("abs(x) + 3*x", 3.0),
        ("where(x > 0, x, -x)", -1.0),
        ("sign(x)", 0.0),
        ("floor(x)", 0.0),
    ],
)
def test_the_derivative_at_a_kink(formula: str, slope: float) -> None:
    surface = decode(own(formula)).surface
    _, found = evaluate(surface, np.zeros(1), np.zeros(1), 1)
    assert found[0][0] == slope
    assert "its own derivative counts as 0" in formulas()
    assert "subgradient 0" not in formulas()


def test_what_tol_is_when_it_is_left_out() -> None:
    """No loss gap: a run that stands within a millionth of the range has not arrived by that."""
    query = "surface=matyas&run=sgd(lr=0.1)&start=0.02,0.02&steps=10"
    scene = decode(query)
    (plain,) = outcomes(scene, simulate(scene))
    asked = decode(f"{query}&tol=0.0001")
    (told,) = outcomes(asked, simulate(asked))
    assert told.verdict == "global_minimum" != plain.verdict
    row = next(line for line in links().splitlines() if line.startswith("| `tol`"))
    assert "of the loss range" not in row


REAL: dict[str, Callable[[float], float]] = {
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "sinc": lambda x: math.sin(x) / x,
    "heaviside": lambda x: float(x > 0),
    "step": lambda x: float(x > 0),
    "round": round,
    "int": int,
    "trunc": math.trunc,
}


@pytest.mark.parametrize("name", REAL)
def test_what_is_to_be_written_instead_is_the_same(name: str) -> None:
    """On both sides of 0, and away from halves, which round to even elsewhere."""
    said = INSTEAD[name].removeprefix("write ")
    surface = decode(own(said)).surface
    for x in np.random.default_rng(5).uniform(-3, 3, 60):
        found = float(evaluate(surface, x, 0.3))
        assert found == pytest.approx(REAL[name](float(x)), rel=1e-12, abs=1e-12), x


def test_other_names_are_of_the_same_thing() -> None:
    """A degenerate saddle has a singular Hessian; who averages the path does so in a short run."""
    surface = decode("surface=monkey_saddle").surface
    _, _, curvature = evaluate(surface, np.zeros(1), np.zeros(1), 2)
    assert not curvature.any()
    weak = decode("surface=weak_saddle").surface
    _, _, curvature = evaluate(weak, np.zeros(1), np.zeros(1), 2)
    assert np.linalg.det(curvature[:, :, 0]) != 0
    for query, write in (
        ("surface=degenerate_saddle", "monkey_saddle"),
        ("run=polyak_averaging", "asgd(t0=100)"),
        ("run=polyak_ruppert", "asgd(t0=100)"),
    ):
        with pytest.raises(QueryError, match=re.escape(write)):
            decode(query)
