"""Every optimizer against torch's recorded steps, and itself. Runs over the registry."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.compose.runs import run_knobs
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.formula.rule import parse_rule
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import SCALAR_LANES, simulate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.optimizers.optimizer import ASSUMPTIONS, OWN_RATE, RATE_FAMILIES
from nnopt_viz.race.scenario import Scenario
from tests.support.paths import GOLDEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

ROUNDING = 2e-15  # a few units in the last place of coordinates up to 4


def positions(scenario: Scenario) -> Array:
    """Shape (2, steps + 1, lanes) of the first run."""
    return np.concatenate([chunk.x[:, 0] for chunk in simulate(scenario)], axis=1)


def has_golden(name: str) -> bool:
    """A file is made for every optimizer whose source names its torch.optim class."""
    return "torch.optim." in OPTIMIZERS[name].source


def test_every_golden_file_is_of_such_an_optimizer() -> None:
    made = {path.stem for path in GOLDEN.glob("*.npz")}
    assert made == {name for name in OPTIMIZERS if has_golden(name)}


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if has_golden(name)])
def test_golden_trajectories(name: str) -> None:
    """At defaults and two odd settings, on three surfaces, 1000 steps of torch in float64."""
    with np.load(GOLDEN / f"{name}.npz") as file:
        about = json.loads(str(file["about"]))
        arrays = dict(file)
    assert len(about["cases"]) == 9
    for i, case in enumerate(about["cases"]):
        ours = positions(
            Scenario(
                surface(case["surface"], **case["surface_knobs"]),
                (run(name, **case["knobs"]),),
                point(*case["start"]),
                case["last"],
            )
        )[:, :, 0]
        theirs = arrays[f"path_{i}"]
        steps = arrays["steps"][: theirs.shape[1]]
        apart = np.abs(ours[:, steps] - theirs).max(axis=0)
        # torch fuses multiplications and additions, so the last place differs, and the
        # dynamics enlarge it. `spread` is by how much: torch against itself, shaken by one
        # unit in the last place at every step; the files end where that exceeds 1e-9.
        # Measured: at most 0.6 of it.
        allowed = ROUNDING + 3 * arrays[f"spread_{i}"]
        worst = int(np.argmax(apart - allowed))
        assert (apart <= allowed).all(), (
            f"{case['surface']} {case['knobs']}: {apart[worst]:.1e} apart at step "
            f"{steps[worst]}, allowed {allowed[worst]:.1e}"
        )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rule_reads_every_knob(name: str) -> None:
    entry = OPTIMIZERS[name]
    knobs = tuple(knob.name for knob in entry.knobs)
    assert knobs[0] == "lr"
    parse_rule(entry.rule, tuple(k for k in knobs if k != "lr"))
    for knob in knobs:
        assert re.search(rf"\b{knob}\b", entry.rule), f"{knob} does nothing"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_facts_are_complete(name: str) -> None:
    entry = OPTIMIZERS[name]
    assert entry.doc.endswith(".")
    assert entry.title
    assert entry.source
    assert entry.rate in (*RATE_FAMILIES, OWN_RATE)
    assert entry.rate_scale > 0
    assert entry.rate_scale == 1 or entry.rate != OWN_RATE
    assert set(entry.assumes) <= set(ASSUMPTIONS)
    for knob in run_knobs(entry):
        assert knob.admits(knob.default)
        assert knob.doc


def draw(name: str, seed: int) -> dict[str, Any]:
    """Random allowed knob values, near the default where the range is wide."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, Any] = {}
    for knob in OPTIMIZERS[name].knobs:
        if knob.kind == "flag":
            drawn[knob.name] = bool(rng.integers(2))
        elif knob.name != "lr":
            near = float(knob.default) * float(rng.uniform(0.5, 1.05))  # type: ignore[arg-type]
            drawn[knob.name] = near if knob.admits(near) else knob.default
    return drawn


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_both_executors_agree(name: str, seed: int | None) -> None:
    """The same eight starts, alone and among 64: few lanes run as loops, many as arrays."""
    knobs = {} if seed is None else draw(name, seed)
    chosen = run(name, **knobs, lr=good_rate("himmelblau", name))
    few, many = (
        positions(Scenario(surface("himmelblau"), (chosen,), STARTS.call("random", n=n), 60))
        for n in (8, 64)
    )
    assert few.shape[2] < SCALAR_LANES <= many.shape[2]
    # The same operations in the same order: only pow, whose last place differs between
    # the C library and NumPy, and what 60 steps make of it.
    np.testing.assert_allclose(few, many[:, :, :8], rtol=0, atol=1e-9)
