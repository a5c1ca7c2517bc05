"""The registries as other things need them: JSON, menus, a list in a terminal.

Everything here is made from the declarations, so a new entry appears by itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypedDict

from nnopt_viz import __version__
from nnopt_viz.catalogue.evidence import KINDS, sentences
from nnopt_viz.compose.own import OWN, Own
from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.knobs import Knob, value_as_json
from nnopt_viz.declare.modifiers import MODIFIERS
from nnopt_viz.experiments import STUDIES
from nnopt_viz.judge.outcome import VERDICTS
from nnopt_viz.networks import ACTIVATIONS, LOSSES
from nnopt_viz.query.keys import REGISTRIES, knobs_of, value_text
from nnopt_viz.race.keys import DEFAULTS, SCALARS
from nnopt_viz.race.scenario import MAX_LANES, MAX_POSITIONS, MAX_STEPS

if TYPE_CHECKING:
    from nnopt_viz.declare.registry import Registry

# Everything but experiments: what a query calls, and what is chosen by a knob.
EVERY: dict[str, Registry[Any]] = REGISTRIES | {
    "modifiers": MODIFIERS, "activations": ACTIVATIONS, "losses": LOSSES,
}  # fmt: skip
LIMITS = {"runs": MAX_RUNS, "steps": MAX_STEPS, "lanes": MAX_LANES, "positions": MAX_POSITIONS}
# Facts that an entry may have beside name, title, family, doc and knobs, in this order.
_FACTS = (
    "formula", "rule", "bounds", "start", "minima", "convex", "kinked", "rates", "rate",
    "rate_scale", "assumes", "before", "after", "source", "differs",
)  # fmt: skip


class Declared(TypedDict):
    """A knob.

    Args:
        allowed: in words.
    """

    name: str
    kind: str
    doc: str
    default: Any
    allowed: str


class Entry(TypedDict):
    """An entry of a registry; what else is known of it stands beside these.

    Args:
        also: what else it is called; each is read as its name.
    """

    name: str
    also: list[str]
    title: str
    family: str
    doc: str
    knobs: list[Declared]


def as_json() -> dict[str, Any]:
    """Every registry, the keys of a query, the limits and the verdicts, as plain values."""
    return {
        "version": __version__,
        **{plural: _entries(registry, plural) for plural, registry in EVERY.items()},
        "experiments": _entries(STUDIES),
        "own": [_own(entry) for entry in OWN.values()],
        "keys": [_knob(knob) | {"default": DEFAULTS[name]} for name, knob in SCALARS.items()],
        "limits": dict(LIMITS),
        "verdicts": {name: text for name, (text, _, _) in VERDICTS.items()},
    }


def menu(registry: Registry[Any]) -> list[dict[str, Any]]:
    """Groups of a select menu: [{"group": family, "items": [{"value", "label"}]}]."""
    return [
        {
            "group": family,
            "items": [{"value": entry.name, "label": entry.title} for entry in entries],
        }
        for family, entries in registry.by_family().items()
    ]


def listing(plurals: list[str]) -> str:
    """The entries of these registries for a terminal: name, knobs and what it is."""
    lines = []
    for plural in plurals:
        registry = {**REGISTRIES, "experiments": STUDIES}[plural]
        width = max(len(name) for name in registry)
        lines.append(f"{plural}:")
        for name, entry in registry.items():
            knobs = " ".join(_default_text(knob) for knob in knobs_of(registry, name))
            lines.append(f"  {name:{width}}  {entry.doc}")
            if knobs:
                lines.append(f"  {'':{width}}  {knobs}")
    return "\n".join(lines) + "\n"


def _own(entry: Own) -> dict[str, Any]:
    """How to bring a formula of one's own."""
    facts = ("name", "title", "family", "doc", "example")
    made = {f: getattr(entry, f) for f in facts} | {"also": []}
    return made | {"knobs": [_knob(k) for k in entry.knobs]}


def _entries(registry: Registry[Any], plural: str = "") -> list[dict[str, Any]]:
    return [
        {
            "name": entry.name,
            "also": list(registry.names(entry.name).also),
            "title": entry.title,
            "family": entry.family,
            "doc": entry.doc,
            **{fact: _plain(getattr(entry, fact)) for fact in _FACTS if hasattr(entry, fact)},
            **({"evidence": list(sentences(plural, entry.name))} if plural in KINDS else {}),
            "knobs": [_knob(knob) for knob in knobs_of(registry, entry.name)],
        }
        for entry in registry.values()
    ]


def _plain(value: Any) -> Any:
    """A fact as JSON values: rules without their indentation, records as objects."""
    if isinstance(value, str):
        return "\n".join(line.strip() for line in value.strip().splitlines())
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return dict(value) if hasattr(value, "items") else value


def _knob(knob: Knob) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": knob.name,
        "kind": knob.kind,
        "doc": knob.doc,
        "default": value_as_json(knob.default),
        "allowed": knob.allowed(),
    }
    if knob.kind in ("number", "integer"):
        made |= {
            "low": knob.low if math.isfinite(knob.low) else None,
            "high": knob.high if math.isfinite(knob.high) else None,
            "open_low": knob.open_low,
            "open_high": knob.open_high,
            "soft": list(knob.soft) if knob.soft else None,
            "log": knob.log,
        }
    if knob.kind == "choice":
        made["choices"] = list(knob.choices)
    if knob.kind == "call":
        made["registry"] = knob.registry
    return made


def _default_text(knob: Knob) -> str:
    return f"{knob.name}={value_text(knob, knob.default)}"
