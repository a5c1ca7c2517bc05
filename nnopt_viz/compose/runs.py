"""What a run is made of: an optimizer's rule, and the modifiers and schedule around it.

`composed` writes them as one rule: the text that is shown is the text that runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nnopt_viz.compose.own import RULE, own_optimizer, words
from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.modifiers import MODIFIERS, Modifier, modifier_knobs, noise_lines
from nnopt_viz.formula.rule import Rule, parse_rule
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, TRAINERS, Optimizer
from nnopt_viz.schedules import SCHEDULES

MAX_RUNS = 12  # of one question
SCHEDULE = Knob(
    "schedule",
    Call("constant"),
    "how the learning rate changes over the run",
    kind="call",
    registry="schedules",
    also=("lr_schedule", "lr_scheduler", "scheduler"),
)
SHARED = frozenset(knob.name for knob in (*modifier_knobs(), SCHEDULE))  # what every run has
_ASSIGNED = re.compile(r"(?:^|[;\n])[^\S\n]*([A-Za-z_][A-Za-z_0-9]*)\s*=(?!=)")


def optimizer_entry(call: Call) -> Optimizer:
    """The optimizer of a run: a declared one, or the visitor's own."""
    return own_optimizer(call, SHARED) if call.name == RULE.name else TRAINERS[call.name]


def run_knobs(optimizer: Optimizer) -> tuple[Knob, ...]:
    """All knobs of a run: the optimizer's own, then those every run has.

    A modifier whose knob the optimizer has by itself (weight_decay) is left out.
    """
    own = {knob.name for knob in optimizer.knobs}
    return (*optimizer.knobs, *(k for k in modifier_knobs() if k.name not in own), SCHEDULE)


@dataclass(frozen=True, slots=True)
class Composed:
    """A run as one rule.

    Args:
        text: assignments, a line each, without those of what is switched off.
        knobs: the numbers that the text reads besides lr: name and value.
        sets_rate: does it set `lr` itself?
        needs_matrices: does it read weights as matrices, which only networks have?
    """

    text: str
    knobs: tuple[tuple[str, float], ...]
    sets_rate: bool
    needs_matrices: bool

    def parsed(self) -> Rule:
        """The text as a rule. Raises FormulaError when it can't be read."""
        names = tuple(name for name, _ in self.knobs)
        return parse_rule(self.text, names, self.sets_rate, self.needs_matrices)


@lru_cache(maxsize=512)
def composed(call: Call) -> Composed:
    """The rule of a run with everything around it.

    From the inside out: the optimizer, decoupled decay, lookahead, the schedule if it
    watches the loss, coupled decay, clipping, accumulation, noise.
    """
    entry = optimizer_entry(call)
    own = {knob.name for knob in entry.knobs}
    numbers = {name: value for name, value in call.numbers().items() if name in own - {"lr"}}
    text = _lines(entry.rule)
    schedule = call.call("schedule")
    sets_rate = bool(SCHEDULES[schedule.name].before)
    scheduled, matrices = not sets_rate, call.name in NETWORK_OPTIMIZERS
    for modifier in reversed(tuple(MODIFIERS.values())):
        if not scheduled and modifier.family != "step":
            scheduled = True
            text, numbers = _with_schedule(text, schedule, numbers)
        if modifier.knobs[0].name not in own and modifier.is_on(call):
            text, numbers = _with_modifier(text, modifier, call, numbers, matrices)
    return Composed(text, tuple(numbers.items()), sets_rate, matrices)


def _with_schedule(
    text: str, schedule: Call, numbers: dict[str, float]
) -> tuple[str, dict[str, float]]:
    entry = SCHEDULES[schedule.name]
    values = schedule.numbers()
    before, after = (_renamed(part, values, "schedule_") for part in (entry.before, entry.after))
    made = {f"schedule_{name}": value for name, value in values.items()}
    (before, after), made = _aside((before, after), text, made)
    return _joined(before, text, after), made | numbers


def _with_modifier(
    text: str, modifier: Modifier, call: Call, numbers: dict[str, float], matrices: bool
) -> tuple[str, dict[str, float]]:
    chosen = call[modifier.knobs[0].name]
    if isinstance(chosen, Call):
        lines, made = noise_lines(chosen)
        (before,), made = _aside((lines,), text, made)
        return _joined(before, text, ""), made | numbers
    values = {knob.name: call.number(knob.name) for knob in modifier.knobs}
    parts = (modifier.before, modifier.after, modifier.each, modifier.step)
    (before, after, each, step), values = _aside(parts, text, values)
    if each:
        inside = parse_rule(text, tuple(numbers), sets_rate=True, matrices=matrices)
        text = _every_assignment(text, each, {"x", *inside.state})
    if step:
        text = re.sub(r"\bt\b", step, text)
    return _joined(before, text, after), values | numbers


def _every_assignment(text: str, form: str, names: set[str]) -> str:
    """Each line that assigns one of the names, written in another form."""
    lines = []
    for line in text.split("\n"):
        name, _, formula = (part.strip() for part in line.partition("="))
        lines.append(form.format(name=name, formula=formula) if name in names else line)
    return "\n".join(lines)


def _aside(
    outer: tuple[str, ...], inside: str, knobs: dict[str, float]
) -> tuple[tuple[str, ...], dict[str, float]]:
    """The texts and knobs of a wrapper; names of its own that the inner text uses step aside."""
    used = words(inside)
    used |= {word.removesuffix("_0") for word in used}
    own = ({*_ASSIGNED.findall("\n".join(outer))} - {"x", "g", "lr"}) | knobs.keys()
    for name in sorted(own & used):
        other = f"{name}_outer"
        while other in used:
            other += "_outer"
        word = rf"\b{name}(?=_0\b|\b)"  # the name, and where it starts
        outer = tuple(re.sub(word, other, part) for part in outer)
        knobs = {other if knob == name else knob: value for knob, value in knobs.items()}
    return outer, knobs


def _joined(*parts: str) -> str:
    """Texts one after the other, an assignment a line."""
    return "\n".join(part for part in map(_lines, parts) if part)


def _renamed(text: str, names: dict[str, float], prefix: str) -> str:
    for name in names:
        text = re.sub(rf"\b{name}\b", prefix + name, text)
    return text


def _lines(text: str) -> str:
    """One assignment a line, without indentation."""
    parts = (line.strip() for line in text.replace(";", "\n").split("\n"))
    return "\n".join(line for line in parts if line)
