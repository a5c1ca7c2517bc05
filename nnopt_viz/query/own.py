"""Reading a formula of the visitor's own: `formula(f="…",a=1)`, `rule(text="…",beta=0.9)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnopt_viz.compose.calls import run, surface
from nnopt_viz.compose.own import (
    DEFAULT_BOUNDS,
    FORMULA,
    LARGEST,
    MAX_KNOBS,
    RULE,
    Own,
    bounds_of,
    surface_entry,
    words,
)
from nnopt_viz.compose.runs import SCHEDULE, composed, optimizer_entry
from nnopt_viz.declare.knobs import Call, Knob, Value
from nnopt_viz.declare.modifiers import modifier_knobs
from nnopt_viz.formula.notation import CALLABLE
from nnopt_viz.formula.tokens import FormulaError
from nnopt_viz.formula.words import CALLS
from nnopt_viz.query.grammar import Named, Node, Text, shorten, show
from nnopt_viz.query.keys import QueryError
from nnopt_viz.surfaces.surface import MORPH

ALLOWED = {
    FORMULA.name: "a formula in x, y, s, your knobs and numbers, with + - * / **, "
    "where(a < b, …, …) and " + ", ".join(sorted(CALLABLE)),
    RULE.name: "assignments to x and names of yours, separated by ;, in x, g, f, t, lr, your "
    "knobs and numbers, with + - * / **, where(a < b, …, …) and "
    + ", ".join(sorted({*CALLABLE, *CALLS})),
}


@dataclass(frozen=True, slots=True)
class OwnReading:
    """Reads one call.

    Args:
        settle: (error, value instead, what was done) -> value; raises when strict.
        value: (knob, node, path, subject) -> the knob's value.
        say: takes a sentence about what was read as something else.
    """

    settle: Callable[..., Any]
    value: Callable[..., Any]
    say: Callable[[str], None]

    def call(self, own: Own, node: Named, key: str) -> Call | None:
        """The call with every knob; None when its formula can't be used."""
        known = {knob.name: knob for knob in own.knobs}
        if own is RULE:
            written = dict(node.arguments).get(own.text)
            read = words(written.text) if isinstance(written, Text) else set()
            shared = (*modifier_knobs(), SCHEDULE)
            known |= {knob.name: knob for knob in shared if knob.name not in read}
        else:
            known[MORPH.name] = MORPH
        given: dict[str, Value] = {}
        declared = 0
        for word, argument in node.arguments:
            path = f"{key}.{word}"
            knob = known.get(word)
            if knob is None:
                declared += 1
                knob = self.declared(own, word, argument, path, declared)
            if knob is not None:
                given[word] = self.value(knob, argument, path, f"{word} of {own.name}")
        text = given.get(own.text)
        if not isinstance(text, str) or not text.strip():
            error = QueryError(
                f"{key}.{own.text}", "", f'{own.name} needs {own.text}="…".',
                f"for instance {own.example}",
            )  # fmt: skip
            self.settle(error, None, "It was left out.")
            return None
        if own is FORMULA:
            self.mend_bounds(given, key)
        made = self.checked(own, given, key)
        if made is not None:
            for word in sorted(given.keys() - known.keys() - words(str(made[own.text]))):
                self.say(f"{word} changes nothing: {own.text} of {own.name} does not read it.")
        return made

    def declared(self, own: Own, word: str, argument: Node, path: str, count: int) -> Knob | None:
        """The knob that a further keyword declares, or None."""
        if word in own.taken:
            why = f"{word} has a meaning of its own, so no knob can be called so."
        elif count > MAX_KNOBS:
            why = f"{own.name} has more than {MAX_KNOBS} knobs of its own."
        else:
            return Knob(word, 1.0, "your own knob", -LARGEST, LARGEST)
        error = QueryError(path, show(argument), why, f"at most {MAX_KNOBS} knobs, other names")
        self.settle(error, None, "It was left out.")
        return None

    def mend_bounds(self, given: dict[str, Value], key: str) -> None:
        """Put in the usual region where the one given is none."""
        text = str(given.get("bounds", DEFAULT_BOUNDS))
        try:
            bounds_of(text)
        except ValueError as fault:
            error = QueryError(
                f"{key}.bounds", text, f"{str(fault)[:1].upper()}{str(fault)[1:]}.",
                'four numbers such as "-2,2,-1,1"', DEFAULT_BOUNDS,
            )  # fmt: skip
            given["bounds"] = self.settle(error, DEFAULT_BOUNDS, f"{DEFAULT_BOUNDS} is used.")

    def checked(self, own: Own, given: dict[str, Value], key: str) -> Call | None:
        """The call, if its formula can be read and costs no more than it may."""
        try:
            if own is FORMULA:
                made = surface(own.name, **given)
                surface_entry(made)
            else:
                made = run(own.name, **given)
                optimizer_entry(made)
        except FormulaError as fault:
            text = str(given[own.text])
            error = QueryError(
                f"{key}.{own.text}", text, f"{fault}.", ALLOWED[own.name], fault.nearest,
                fault.position,
            )  # fmt: skip
            self.settle(error, None, "It was left out.")
            return None
        if made[own.text] != given[own.text]:
            self.say(f"{own.text} was read as {shorten(str(made[own.text]), 300)}.")
        return made if own is FORMULA else self.composed(made, key)

    def composed(self, made: Call, key: str) -> Call | None:
        """The run, if its rule fits into what is wrapped around it."""
        try:
            composed(made).parsed()
        except FormulaError as fault:  # its place is not one in the text that was given
            error = QueryError(
                f"{key}.{RULE.text}", str(made[RULE.text]),
                f"With all that is wrapped around it, the rule can't be read: {fault.message}.",
                "a shorter rule, fewer modifiers",
            )  # fmt: skip
            return self.settle(error, None, "It was left out.")  # type: ignore[no-any-return]
        return made
