"""No silent lie: what may be given to an experiment changes what it finds, or it is refused."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from nnopt_viz.compose.calls import run, schedule
from nnopt_viz.declare.knobs import Call, Knob, Value
from nnopt_viz.experiments import STUDIES, Finding
from nnopt_viz.experiments.codec import KEY, decode_study, encode_study
from nnopt_viz.experiments.study import whole
from nnopt_viz.networks import DATASETS, INITS
from nnopt_viz.query.keys import IN_KNOBS, QueryError, knobs_of_call

if TYPE_CHECKING:
    from collections.abc import Iterator

# As little as shows it; everything that has to be switched on to count is on.
DATA = DATASETS.call("moons", n=30, test=0.4)
METHOD = run(
    "sgd", clip_value=0.1, clip_norm=0.15, weight_decay=0.01, lookahead=3,
    decoupled_decay=0.02, accumulate=2, schedule=schedule("cosine", warmup=2),
)  # fmt: skip
SMALL: dict[str, Value] = {
    "depth": 2, "width": 3, "hidden": "3,2", "widths": "1,2", "optimizers": "sgd,adam", "rates": 3,
    "steps": 10, "seeds": 2, "data": DATA, "run": METHOD, "init": INITS.call("normal", std=0.5),
    "tolerance": 0.7, "batch": 6, "lr": 2.0,
}  # fmt: skip


def small(name: str) -> Call:
    """An experiment as small as may be."""
    knobs = {knob.name for knob in STUDIES[name].knobs}
    return STUDIES.call(name, **{k: v for k, v in SMALL.items() if k in knobs})


@cache
def found(call: Call) -> str:
    """What an experiment finds, as text."""
    made: Finding = whole(call)
    return repr((made.table, made.numbers))


def others(knob: Knob, value: Value) -> Iterator[Value]:
    """Some values that a knob may have instead."""
    near: list[Any] = []
    if isinstance(value, Call):
        near = [knob.default, *(IN_KNOBS[knob.registry].call(n) for n in IN_KNOBS[knob.registry])]
    elif knob.kind == "text":
        first, *rest = str(value).split(",")
        near = [first if rest else f"{first},{first}"]
    elif knob.kind == "choice":
        near = list(knob.choices)
    elif knob.kind == "flag":
        near = [not value]
    elif isinstance(value, int | float):
        near = [value * 2, value / 2] if knob.kind == "number" and value else []
        near += [value + 1, value - 1] if knob.kind == "integer" else [0.3]
    yield from (other for other in near if other != value and knob.admits(other))


def inside(call: Call, knobs: tuple[Knob, ...]) -> Iterator[tuple[str, Knob, Call]]:
    """Every knob with its path, those of calls in knobs among them, and its call."""
    for knob in knobs:
        yield knob.name, knob, call
        value = call[knob.name]
        if isinstance(value, Call):
            for path, *rest in inside(value, knobs_of_call(IN_KNOBS[knob.registry], value)):
                yield f"{knob.name}.{path}", *rest


def with_value(call: Call, path: str, value: Value) -> Call:
    """The same call with another value deep inside."""
    name, _, rest = path.partition(".")
    inner = call[name]
    made = with_value(inner, rest, value) if rest and isinstance(inner, Call) else value
    return call.replace(**{name: made})


def says_nothing(base: Call, path: str, knob: Knob, value: Value) -> bool:
    """Is every other value taken, and changes nothing?"""
    for other in others(knob, value):
        changed = with_value(base, path, other)
        try:
            assert decode_study(encode_study(changed)) == changed
        except QueryError as fault:
            if fault.key == f"{KEY}.{path}":
                return False
            continue  # it does not fit the others here
        if found(changed) != found(base):
            return False
    return True


@pytest.mark.parametrize("name", STUDIES)
def test_every_knob_changes_what_is_found_or_is_refused(name: str) -> None:
    base = small(name)
    assert decode_study(encode_study(base)) == base
    silent = [
        path
        for path, knob, call in inside(base, STUDIES[name].knobs)
        if says_nothing(base, path, knob, call[knob.name])
    ]
    assert not silent


@pytest.mark.parametrize("name", STUDIES)
def test_what_an_experiment_sets_itself_is_a_knob_of_its_knob(name: str) -> None:
    base = small(name)
    paths = {path for path, *_ in inside(base, STUDIES[name].knobs)}
    for path, instead in STUDIES[name].instead:
        assert path in paths
        assert instead
