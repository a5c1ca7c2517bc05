"""Law: below the stability line that is shown of a run its own rule shrinks on a parabola, above it
it grows; and no line is shown of a rule that something around it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from nnopt_viz.compose.calls import run
from nnopt_viz.compose.runs import composed, optimizer_entry, run_knobs
from nnopt_viz.compose.stable import HARMLESS, stability_line, step_divisor
from nnopt_viz.declare.modifiers import MODIFIERS
from nnopt_viz.formula.matrices import Matrices
from nnopt_viz.formula.vector import Field, VectorRule
from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.result import result, sharpness
from nnopt_viz.networks.network import Group
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.query.keys import call_text
from tests.support.laws import SCENARIOS
from tests.support.random_labs import _call

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call

NEAR = 0.05  # of the line, to either side
STEPS = 1500
QUERY = "net=mlp(hidden=%221%22)&data=moons(n=8)&epochs=1&batch=99&run="
GROUP = Group("W1", 1, "weight", 0, 1, (1, 1))


def grows(call: Call, rate: float, curvature: float) -> bool:
    """Does the run's own rule, at a constant rate, leave the minimum of a parabola?"""
    made = composed(call)
    rule = VectorRule(
        made.parsed(), dict(made.knobs), Matrices((GROUP,)), False, [np.random.default_rng(0)]
    )
    x = np.ones((1, 1))
    field = Field(
        lambda p: curvature * p, lambda p: curvature * (p * p).sum(-1) / 2,
        lambda _, v: curvature * v,
    )  # fmt: skip
    rule.begin(x, rate)
    for t in range(1, STEPS + 1):
        x = rule.step(x, field.gradient(x), field.loss(x), t, rate, field)
        if not abs(x.item()) < 1e6:
            return True
    return bool(abs(x.item()) > 1)


def random_run(rng: np.random.Generator) -> Call:
    """One with a line of its own, or with anything around it but noise and a schedule."""
    names = [name for name, entry in TRAINERS.items() if entry.stable and not entry.divisor]
    name = str(rng.choice(names))
    call = _call(rng, name, run_knobs(TRAINERS[name]), 0.85 if rng.random() < 0.5 else 1.0)
    plain = {name: run("sgd")[name] for name in ("noise", "schedule")}
    return call.replace(lr=float(f"{10 ** rng.uniform(-3, 0):.3g}"), **plain)


def test_below_the_line_it_shrinks_and_above_it_grows() -> None:
    shown = 0
    for seed in range(SCENARIOS):
        call = random_run(np.random.default_rng([71, seed]))
        text = call_text(call, TRAINERS)
        formula = stability_line(call)
        if not formula or dict(call.knobs).get("momentum", 0.0) > 0.95:
            continue
        lab = decode_lab(QUERY + text.replace("+", "%2B"))
        (line,) = set(sharpness(result(lab))["line"][0])
        if line is None or line <= 0:
            continue
        rate = call.number("lr")
        assert not grows(call, rate, (1 - NEAR) * line), f"seed {seed}: {text}"
        assert grows(call, rate, (1 + NEAR) * line), f"seed {seed}: {text}"
        shown += 1
    assert shown > SCENARIOS / 5


@pytest.mark.parametrize("name", [name for name, entry in TRAINERS.items() if entry.stable])
def test_what_is_around_a_rule_takes_its_line(name: str) -> None:
    usual = run(name)
    own = {knob.name for knob in optimizer_entry(usual).knobs}
    assert stability_line(usual.replace(**{k: 0.0 for k in ("weight_decay",) if k in own}))
    for modifier in MODIFIERS.values():
        switch = modifier.knobs[0]
        if switch.name in own or modifier.name in HARMLESS:
            continue
        changed = usual.replace(**{switch.name: 2 if switch.kind == "integer" else 0.5})
        assert stability_line(changed) == "", modifier.name
        assert bool(step_divisor(changed)) == (
            bool(TRAINERS[name].divisor) and modifier.name != "accumulate"
        )
