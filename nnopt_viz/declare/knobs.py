"""Declared parameters: what a surface, optimizer, schedule or start can be told.

A `Knob` is declared once, beside the thing it belongs to. The URL grammar, the
controls on the page, the API schema and the help text are all read from it.
A `Call` is a name with the values of all its knobs: `adam(lr=0.02)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nnopt_viz.declare.written import briefly

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What the entries of a registry are called in messages, where it is not its own name.
CALLED = {"datasets": "data sets", "trainers": "optimizers", "network_optimizers": "optimizers"}


@dataclass(frozen=True, slots=True)
class Call:
    """A named thing with the value of every knob, in the order they are declared."""

    name: str
    knobs: tuple[tuple[str, Value], ...] = ()

    def __getitem__(self, knob: str) -> Value:
        """The value of one knob. Raises KeyError when there is no such knob."""
        for name, value in self.knobs:
            if name == knob:
                return value
        raise KeyError(knob)

    def number(self, knob: str) -> float:
        """The value of a numeric (or flag) knob as a float."""
        value = self[knob]
        if isinstance(value, str | Call):
            raise TypeError(f"{self.name}.{knob} is not a number")
        return float(value)

    def call(self, knob: str) -> Call:
        """The value of a knob that is a declared thing itself, such as a schedule."""
        value = self[knob]
        if not isinstance(value, Call):
            raise TypeError(f"{self.name}.{knob} is not a call")
        return value

    def numbers(self) -> dict[str, float]:
        """Every numeric knob (flags as 0.0 or 1.0), by name."""
        return {k: float(v) for k, v in self.knobs if isinstance(v, int | float)}

    def replace(self, **values: Value) -> Call:
        """The same call with some knobs changed."""
        return Call(self.name, tuple((k, values.get(k, v)) for k, v in self.knobs))

    def as_json(self) -> dict[str, Any]:
        """`{name, knobs}`, every knob present, as plain JSON values."""
        return {"name": self.name, "knobs": {k: value_as_json(v) for k, v in self.knobs}}

    @classmethod
    def from_json(cls, made: Mapping[str, Any]) -> Call:
        """The inverse of `as_json`; values are taken as they are."""
        knobs = made["knobs"].items()
        return cls(
            str(made["name"]),
            tuple((k, cls.from_json(v) if isinstance(v, dict) else v) for k, v in knobs),
        )


Value = float | int | bool | str | Call


@dataclass(frozen=True, slots=True)
class Knob:
    """One parameter: its name, default, allowed range and what it means.

    Args:
        name: as in the URL and the formula.
        default: used when it is not given.
        doc: one sentence, units or "dimensionless" where it is not plain.
        low, high: allowed range, both ends included.
        kind: "number" (float), "integer", "flag" (bool), "choice" (one of
            `choices`), "text" (a quoted string) or "call" (a declared thing from
            the registry named by `registry`).
        choices: the allowed words of a choice.
        soft: the range a slider shows, inside low..high.
        log: the slider is logarithmic.
        registry: for kind "call": "schedules".
        open_low, open_high: that end itself is not allowed.
        forms: of each choice, what a menu adds to the word; "" for nothing; () for none at all.
        also: what else it is called, here and elsewhere; each is read as its name.
            `betas[0]` is the first number of what is given as `betas=(0.9,0.999)`.
        spelled: other words for a choice -> the choice.
    """

    name: str
    default: Value
    doc: str
    low: float = -math.inf
    high: float = math.inf
    kind: Literal["number", "integer", "flag", "choice", "text", "call"] = "number"
    choices: tuple[str, ...] = ()
    soft: tuple[float, float] | None = None
    log: bool = False
    registry: str = ""
    open_low: bool = False
    open_high: bool = False
    forms: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    spelled: tuple[tuple[str, str], ...] = ()

    def allowed(self) -> str:
        """What may be given, in words: `a number from 0 to 1`."""
        if self.kind == "flag":
            return "true or false"
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "text":
            return 'text in double quotes: "…"'
        if self.kind == "call":
            kinds = CALLED.get(self.registry, self.registry)
            such = f", such as {self.default.name}" if isinstance(self.default, Call) else ""
            return f"one of the {kinds}{such}"
        noun = "a whole number" if self.kind == "integer" else "a number"
        low, high = briefly(self.low), briefly(self.high)
        if math.isinf(self.low) and math.isinf(self.high):
            return noun
        if math.isinf(self.high):
            return f"{noun} above {low}" if self.open_low else f"{noun} of at least {low}"
        if math.isinf(self.low):
            return f"{noun} below {high}" if self.open_high else f"{noun} of at most {high}"
        ends = [e for e, is_open in ((low, self.open_low), (high, self.open_high)) if is_open]
        but = f" (but not {' or '.join(ends)})" if ends else ""
        return f"{noun} from {low} to {high}{but}"

    def admits(self, value: Value) -> bool:
        """Is this value of the right kind and inside the range?"""
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "choice":
            return isinstance(value, str) and value in self.choices
        if self.kind == "text":
            return isinstance(value, str)
        if self.kind == "call":
            return isinstance(value, Call)
        if isinstance(value, bool | str | Call) or not math.isfinite(value):
            return False
        if self.kind == "integer" and value != int(value):
            return False
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below


def call(name: str, knobs: Iterable[Knob], given: Mapping[str, Value] | None = None) -> Call:
    """A call with defaults filled in. Values are taken as they are: `url` checks them."""
    given = given or {}
    return Call(name, tuple((k.name, given.get(k.name, k.default)) for k in knobs))


def value_as_json(value: Value) -> Any:
    """The value of a knob as a plain JSON value."""
    return value.as_json() if isinstance(value, Call) else value
