"""The stability line and the divisor that an optimizer declares, on the rule itself."""

from __future__ import annotations

import numpy as np
import pytest

from nnopt_viz import Scenario, trajectory
from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.events import events
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.events import Log
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.judge.trace import trace
from nnopt_viz.optimizers import OPTIMIZERS

LINES = [
    name for name, entry in OPTIMIZERS.items() if entry.stable and not entry.divisor
]  # a divisor adapts until the run sits on the line, so that no lr is unstable by itself


@pytest.mark.parametrize("name", LINES)
def test_a_declared_line_parts_growing_from_shrinking(name: str) -> None:
    """On a parabola of curvature 2 the lr whose line is 2 parts them."""
    knobs = {knob.name: knob.default for knob in OPTIMIZERS[name].knobs} | {"lr": 1.0}
    critical = eval(OPTIMIZERS[name].stable, {"t": 1.0}, knobs) / 2
    for share, shrinks in ((0.98, True), (1.02, False)):
        scenario = Scenario(
            surface("bowl", curvature=2.0), (run(name, lr=share * critical),), point(1, 1), 400
        )
        loss = trajectory(scenario)["loss"].to_numpy()
        assert (loss[-1] < loss[0]) == shrinks


DIVIDED = [name for name, entry in OPTIMIZERS.items() if entry.divisor]


@pytest.mark.parametrize("name", DIVIDED)
def test_a_declared_divisor_is_the_one_the_rule_divides_by(name: str) -> None:
    """The sharpness said is the Hessian's over the divisors read from the trace."""
    ravine = surface("ill_conditioned_bowl", condition=30.0, rotation=20.0)
    scenario = Scenario(ravine, (run(name, lr=0.1),), point(-2.4, 0.6), 60)
    log, step = Log(scenario), 30
    for chunk in simulate(scenario):
        log.see(chunk)
    known = log.lanes()[0].stability
    assert known is not None
    values: dict[str, object] = {}
    for line in trace(scenario, 0, 0, step):
        values[line.target] = line.value
    knobs = {k: v for k, v in scenario.runs[0].knobs if isinstance(v, int | float)}
    names = {"sqrt": np.sqrt, "where": np.where, "clip": np.clip, "t": float(step)}
    names |= {"lr": 0.1, **knobs, **values}
    divisor = np.asarray(eval(OPTIMIZERS[name].divisor, {}, names), dtype=float)
    x = trajectory(scenario)[["x", "y"]].to_numpy()[step - 1]
    _, _, hessian = evaluate(ravine, x[0], x[1], 2)
    scaled = hessian / np.sqrt(np.outer(divisor, divisor))
    assert known.sharpness[step - 1] == pytest.approx(np.linalg.eigvalsh(scaled)[1])


def test_clipping_makes_no_claim_about_stability() -> None:
    query = "surface=booth&run=sgd(lr=0.11,clip_norm=1000)&steps=60"
    assert all("line" not in event.figures for event in events(query))
    assert any("line" in event.figures for event in events(query.replace(",clip_norm=1000", "")))
