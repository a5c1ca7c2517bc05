"""A call: its values by kind, and as JSON."""

from __future__ import annotations

import json

import pytest

from nnopt_viz.compose.calls import run, schedule, surface
from nnopt_viz.declare.knobs import Call
from nnopt_viz.optimizers import TRAINERS

CALLS = [
    *(run(name) for name in TRAINERS),
    run("adam", lr=0.02, schedule=schedule("cosine", warmup=50)),
    run("rule", text="v = b*v + g; x = x - lr*v", b=0.5),
    surface("formula", f="a*x**2 + y**2", a=2.0),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_call_as_json_and_back_is_the_same_call(call: Call) -> None:
    made = call.as_json()
    assert list(made["knobs"]) == [name for name, _ in call.knobs]
    assert Call.from_json(json.loads(json.dumps(made))) == call


def test_a_value_is_asked_for_by_its_kind() -> None:
    made = run("adam", lr=0.02, schedule=schedule("cosine"))
    assert made.number("lr") == 0.02
    assert made.call("schedule") == schedule("cosine")
    with pytest.raises(TypeError, match=r"adam\.lr is not a call"):
        made.call("lr")
    with pytest.raises(TypeError, match=r"adam\.schedule is not a number"):
        made.number("schedule")
    with pytest.raises(KeyError):
        made.call("momentum")
