"""What may stand in a query: its keys, the registries its calls come from, its errors.

The page's controls, the API schema and the help text read the same tables.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.calls import point
from nnopt_viz.compose.own import FORMULA, OWN, RULE, surface_entry
from nnopt_viz.compose.runs import optimizer_entry, run_knobs
from nnopt_viz.declare.drifts import DRIFTS
from nnopt_viz.declare.knobs import Call, Knob, Value
from nnopt_viz.declare.modifiers import NOISES
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.formula.expand import MORPH
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, OPTIMIZERS, TRAINERS, Optimizer
from nnopt_viz.query.grammar import number_text, shorten
from nnopt_viz.race.scenario import MAX_STEPS, Scenario
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES, Surface

if TYPE_CHECKING:
    from nnopt_viz.declare.registry import Registry

MAX_QUERY = 65_536  # characters; a web server stops earlier, at `guard.MAX_QUERY_BYTES`
MAX_PARTS = 64
VERSION = 1
DEFAULT_SURFACE, DEFAULT_RUN = "rosenbrock", "adam"

REGISTRIES: dict[str, Registry[Any]] = {
    "surfaces": SURFACES,
    "optimizers": OPTIMIZERS,
    "network_optimizers": NETWORK_OPTIMIZERS,
    "schedules": SCHEDULES,
    "starts": STARTS,
    "noises": NOISES,
    "drifts": DRIFTS,
    "networks": NETS,
    "datasets": DATASETS,
    "initializers": INITS,
    "planes": PLANES,
}
# Where the calls that stand in knobs come from.
IN_KNOBS: dict[str, Registry[Any]] = REGISTRIES | {"trainers": TRAINERS}
CALLS: dict[str, Registry[Any]] = {
    "surface": SURFACES,
    "run": OPTIMIZERS,
    "start": STARTS,
    "drift": DRIFTS,
}
OWN_IN = {"surfaces": FORMULA, "optimizers": RULE}  # what one may bring beside a registry's
SCALARS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob(
            "steps",
            500,
            "how many steps each run takes",
            1,
            MAX_STEPS,
            "integer",
            soft=(10, 2000),
            log=True,
        ),
        Knob(
            "noise",
            0.0,
            "standard deviation of the noise added to each coordinate of the gradient, absolute",
            0.0,
            1e6,
            soft=(0.0, 10.0),
        ),
        Knob("seed", 0, "decides noise and random starts", 0, 10**15, "integer", soft=(0, 100)),
        Knob(
            "tol",
            1e-6,
            "loss gap that counts as reached; when it is left out, 1e-6 of the "
            "loss range inside the bounds",
            0.0,
            1e300,
        ),
    )
}
EXAMPLES: dict[str, str] = {
    "surface": "a surface such as rosenbrock(b=50)",
    "run": "an optimizer such as adam(lr=0.02)",
    "start": "x,y such as -1.5,2, or random(n=64), grid(n=8) or ring(n=12,radius=1)",
    **{name: knob.allowed() for name, knob in SCALARS.items()},
    "drift": "how s moves during the runs: none, jump(at=0.5), linear or swing(cycles=2)",
    "v": f"{VERSION}, the version of this grammar",
}
TRACKING = re.compile(r"utm_.*|fbclid|gclid")
PAGE_KEYS = ("hide",)  # state of a page, no part of a scenario: only a page may carry them
DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Scenario) if f.name in SCALARS}


class QueryError(ValueError):
    """A query that can't be used: where, what, what is allowed, and what is close to it.

    Args:
        key: the key, with the knob after a dot: `steps`, `run.lr`, `run.schedule.warmup`.
        value: as given, shortened.
        message: a plain sentence.
        allowed: what may stand there, in words.
        nearest: the nearest allowed name or value, or None.
        position: in a formula, the index of the character at fault, from 0; else None.
    """

    def __init__(
        self,
        key: str,
        value: str,
        message: str,
        allowed: str,
        nearest: str | None = None,
        position: int | None = None,
    ) -> None:
        super().__init__(message)
        self.key = shorten(key)
        self.value = shorten(value, 200)
        self.message = message
        self.allowed = allowed
        self.nearest = nearest
        self.position = position

    def as_json(self) -> dict[str, str | int | None]:
        """The body of the API's 400; `position` only for a fault in a formula."""
        made: dict[str, str | int | None] = {
            "key": self.key,
            "value": self.value,
            "message": self.message,
            "allowed": self.allowed,
            "nearest": self.nearest,
        }
        return made if self.position is None else made | {"position": self.position}


def declared_start(chosen: Call) -> Call:
    """Where runs begin when the query says nothing: the surface's own start."""
    return point(*surface_entry(chosen).start)


def knobs_of(registry: Registry[Any], name: str) -> tuple[Knob, ...]:
    """Every knob that a call of this entry takes; a run has some more than its optimizer."""
    entry = registry[name]
    return run_knobs(entry) if registry.kind == OPTIMIZERS.kind else entry.knobs


def knobs_of_call(registry: Registry[Any], call: Call) -> tuple[Knob, ...]:
    """The same for a call, which may be the visitor's own."""
    if call.name not in OWN:
        return knobs_of(registry, call.name)
    if call.name == RULE.name:
        return (RULE.knobs[0], *run_knobs(optimizer_entry(call)))
    return (*FORMULA.knobs, *surface_entry(call).knobs)


def _own_entry(call: Call) -> Optimizer | Surface:
    return optimizer_entry(call) if call.name == RULE.name else surface_entry(call)


def start_text(call: Call) -> str:
    if call.name == "point":
        return f"{number_text(call.number('x'))},{number_text(call.number('y'))}"
    return call_text(call, STARTS)


def call_text(call: Call, registry: Registry[Any]) -> str:
    """`adam(lr=0.02)`: the name, and the knobs that differ from their defaults.

    A call of one's own also says the knobs that it declares by giving them.
    """
    declared = {knob.name for knob in _own_entry(call).knobs} if call.name in OWN else set()
    declared -= {MORPH} if call.name == FORMULA.name else {"lr"}  # there without being given
    changed = [
        f"{knob.name}={value_text(knob, call[knob.name])}"
        for knob in knobs_of_call(registry, call)
        if call[knob.name] != knob.default or knob.name in declared
    ]
    return f"{call.name}({','.join(changed)})" if changed else call.name


def knob_text(call: Call, name: str) -> str:
    """`lr=0.02`: one knob of a run as it stands in a query."""
    knob = next(knob for knob in knobs_of_call(OPTIMIZERS, call) if knob.name == name)
    return f"{name}={value_text(knob, call[name])}"


def value_text(knob: Knob, value: Value) -> str:
    if isinstance(value, Call):
        return call_text(value, IN_KNOBS[knob.registry])
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if knob.kind == "choice":
            return value
        if '"' in value:
            raise ValueError(f"{knob.name} can't hold a double quote: {shorten(value)}")
        return f'"{value}"'
    return number_text(value)
