"""Calls of what is declared, by name; whether a surface moves."""

from __future__ import annotations

from nnopt_viz.compose.own import FORMULA, RULE, Own, in_our_notation, reads_morph
from nnopt_viz.compose.runs import SHARED, optimizer_entry, run_knobs
from nnopt_viz.declare.drifts import DRIFTS
from nnopt_viz.declare.knobs import Call, Value
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.formula.expand import MORPH
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES


def surface(name: str, **knobs: Value) -> Call:
    """A surface by name: `surface("rosenbrock", b=50)`, `surface("formula", f="x**2 + y**2")`."""
    if name == FORMULA.name:
        s = knobs.pop(MORPH, None)
        own = _own_call(FORMULA, knobs)
        if s is None and reads_morph(str(own["f"])):
            s = 0.0
        return own if s is None else Call(name, (*own.knobs, (MORPH, s)))
    return SURFACES.call(name, **knobs)


def run(name: str, **knobs: Value) -> Call:
    """A run by optimizer name: `run("adam", lr=0.02)`, `run("rule", text="x = x - lr*g")`."""
    own = _own_call(RULE, knobs) if name == RULE.name else None
    entry = optimizer_entry(own) if own else TRAINERS[name]
    values = {knob.name: knobs.get(knob.name, knob.default) for knob in run_knobs(entry)}
    return Call(name, tuple((dict(own.knobs[:1]) | values if own else values).items()))


def drift(name: str, **knobs: Value) -> Call:
    """A drift by name: `drift("linear", end=0.5)`."""
    return DRIFTS.call(name, **knobs)


def is_morphing(surface: Call) -> bool:
    """Has the surface a morph s, so that it can drift?"""
    return any(name == MORPH for name, _ in surface.knobs)


def _own_call(own: Own, given: dict[str, Value]) -> Call:
    """A call of one's own: its fixed knobs, then those that are declared by being given."""
    fixed = {knob.name: given.get(knob.name, knob.default) for knob in own.knobs}
    made = Call(own.name, tuple((fixed | given).items()))
    return made.replace(**{own.text: in_our_notation(own, made, SHARED)})


def point(x: float, y: float) -> Call:
    """A start at one point."""
    return STARTS.call("point", x=x, y=y)


def schedule(name: str, **knobs: Value) -> Call:
    """A schedule by name: `schedule("cosine", warmup=50)`."""
    return SCHEDULES.call(name, **knobs)
