"""What may stand in any query: the registries its calls come from, their texts, its errors.

Which keys a question has is said where the question is: race/keys.py, lab/codec.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

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
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES, Surface

if TYPE_CHECKING:
    from nnopt_viz.declare.registry import Registry

MAX_QUERY = 65_536  # characters; a web server stops earlier, at `guard.MAX_QUERY_BYTES`
MAX_PARTS = 64
VERSION = 1
VERSION_EXAMPLE = f"{VERSION}, the version of this grammar"
# What else a key is called, in every kind of question that has it.
KEYS_ALSO = {
    "optimizer": "run", "optimiser": "run", "optim": "run", "random_state": "seed",
}  # fmt: skip
RUN_EXAMPLE = "an optimizer such as adam(lr=0.02)"

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
OWN_IN = {"surfaces": FORMULA, "optimizers": RULE}  # what one may bring beside a registry's
TRACKING = re.compile(r"utm_.*|fbclid|gclid")


class Fault(TypedDict):
    """What is wrong with a query.

    Args:
        key: where: `steps`, `run.lr`, `run.schedule.warmup`; or what was asked for.
        value: what is refused, shortened.
        message: a plain sentence.
        allowed: what may stand there, in words.
        nearest: the nearest allowed name or value, or null.
        position: in a formula: the character at fault, from 0.
    """

    key: str
    value: str
    message: str
    allowed: str
    nearest: str | None
    position: NotRequired[int]


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

    def as_json(self) -> Fault:
        """The body of the API's 400; `position` only for a fault in a formula."""
        made: Fault = {
            "key": self.key,
            "value": self.value,
            "message": self.message,
            "allowed": self.allowed,
            "nearest": self.nearest,
        }
        if self.position is not None:
            made["position"] = self.position
        return made


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
    """`lr=0.02`: one knob of a run, of a race or a training, as it stands in a query."""
    knob = next(knob for knob in knobs_of_call(TRAINERS, call) if knob.name == name)
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
