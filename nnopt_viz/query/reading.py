"""A query text read against the registries, strictly or with repairs.

It knows no kind of question: its keys come as a vocabulary. Without notes it raises at the first
fault; with them it takes the nearest valid value and appends a plain sentence for each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from nnopt_viz.declare.knobs import Call, Knob, Value
from nnopt_viz.declare.nearest import nearest
from nnopt_viz.query.grammar import (
    GrammarError,
    Named,
    Node,
    Number,
    Text,
    parse,
    percent_decode,
    shorten,
    show,
)
from nnopt_viz.query.keys import (
    IN_KNOBS,
    MAX_PARTS,
    MAX_QUERY,
    OWN_IN,
    PAGE_KEYS,
    REGISTRIES,
    TRACKING,
    VERSION,
    QueryError,
    knobs_of,
    value_text,
)
from nnopt_viz.query.own import OwnReading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nnopt_viz.declare.registry import Registry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The keys of one kind of question.

    Args:
        examples: key -> what may stand there, in words. These are all keys.
        calls: key -> where its calls come from.
        defaults: key of one number -> what it is when left out.
        repeats: key -> how often it may stand; others stand once.
        elsewhere: (key, name) -> why a name that is known does not fit here.
    """

    examples: Mapping[str, str]
    calls: Mapping[str, Registry[Any]]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    repeats: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Mapping[tuple[str, str], str] = field(default_factory=dict)


class Reading:
    """Reads one query. A fault goes to `settle`, which raises it or takes what is nearest.

    Args:
        vocabulary: the keys that may stand in it.
        notes: None to raise, or where sentences about repairs go.
    """

    def __init__(self, vocabulary: Vocabulary, notes: list[str] | None) -> None:
        self.vocabulary = vocabulary
        self.examples = vocabulary.examples
        self.notes = notes
        self.found_any = False

    def settle(self, error: QueryError, instead: T, done: str) -> T:
        """Raise the error when strict, else take `instead` and note it."""
        if self.notes is None:
            raise error
        note = f"{error.message} {done}"
        if note not in self.notes:
            self.notes.append(note)
        return instead

    def parts(self, query: str) -> list[tuple[str, str]]:
        """(key, percent-decoded value) of every part that is to be read, in order."""
        if len(query) > MAX_QUERY:
            error = QueryError(
                "query",
                query,
                f"The query has {len(query):,} characters.",
                f"at most {MAX_QUERY:,} characters",
            )
            query = self.settle(error, "", "It was left out.")
        raws = [raw for raw in query.removeprefix("?").split("&") if raw]
        if len(raws) > MAX_PARTS:
            error = QueryError(
                "query",
                f"{len(raws):,} parts",
                f"The query has {len(raws):,} parts.",
                f"at most {MAX_PARTS} parts between &",
            )
            raws = self.settle(error, raws[:MAX_PARTS], f"The first {MAX_PARTS} are used.")
        found: list[tuple[str, str]] = []
        for raw in raws:
            raw_key, _, raw_value = raw.partition("=")
            try:
                key = percent_decode(raw_key).replace("+", " ").strip()
                text = percent_decode(raw_value)
            except GrammarError as fault:
                error = QueryError(
                    raw_key,
                    raw_value,
                    f"{shorten(raw_key, 20)} could not be read: {fault}.",
                    self.examples.get(raw_key, "percent-encoded UTF-8"),
                )
                self.found_any = True
                self.settle(error, None, "It was left out.")
                continue
            if self.is_wanted(key, text, found):
                self.found_any = True
                found.append((key, text))
        return found

    def is_wanted(self, key: str, text: str, found: list[tuple[str, str]]) -> bool:
        """Is this a known key, not given too often?"""
        if key not in self.examples:
            if self.notes is not None and (TRACKING.fullmatch(key) or key in PAGE_KEYS):
                return False
            near = nearest(key, self.examples)
            error = QueryError(
                key,
                text,
                f"There is no key {shorten(key, 40)!r}; the nearest is {near}.",
                "one of " + ", ".join(self.examples),
                near,
            )
            self.found_any = True
            return self.settle(error, False, "It was left out.")
        already = sum(known == key for known, _ in found)
        most = self.vocabulary.repeats.get(key)
        if most is not None and already == most:
            error = QueryError(
                key, text, f"There are more than {most} {key}s.", f"1 to {most} {key}s"
            )
            return self.settle(error, False, f"The first {most} are used.")
        if most is None and already:
            error = QueryError(
                key,
                text,
                f"{key} is given more than once; only run may repeat.",
                f"{key} once",
            )
            return self.settle(error, False, "The first one is used.")
        return True

    def nodes(self, key: str, text: str) -> list[Node] | None:
        """The parsed value, or None when nothing of it can be used."""
        try:
            return parse(text)
        except GrammarError as fault:
            error = QueryError(key, text, f"{key} could not be read: {fault}.", self.examples[key])
            word = re.match(r"\s*([A-Za-z_][A-Za-z_0-9]*)", text)
            name = word[1] if word is not None else ""
            if name not in self.vocabulary.calls.get(key, ()):
                return self.settle(error, None, "It was left out.")
            rest: list[Node] = [Named(name)]
            return self.settle(error, rest, f"{name} with its defaults is used.")

    def scalar(self, knob: Knob, nodes: list[Node], text: str) -> Any:
        """The value of a key that takes one number."""
        if len(nodes) == 1 and isinstance(nodes[0], Number):
            return self.value(knob, nodes[0], knob.name, knob.name)
        error = QueryError(
            knob.name,
            text,
            f"{knob.name} is {knob.allowed()}, not {shorten(text, 40)}.",
            knob.allowed(),
        )
        return self.settle(error, self.vocabulary.defaults[knob.name], "It was left out.")

    def version(self, nodes: list[Node], text: str) -> None:
        if len(nodes) == 1 and isinstance(nodes[0], Number) and nodes[0].value == VERSION:
            return
        error = QueryError(
            "v",
            text,
            f"Version {shorten(text, 20)} of the grammar is not known here.",
            self.examples["v"],
            str(VERSION),
        )
        self.settle(error, None, f"It was read as version {VERSION}.")

    def only_call(
        self, nodes: list[Node], text: str, registry: Registry[Any], key: str
    ) -> Call | None:
        """The one call that stands here, or None when there is none."""
        node = nodes[0]
        if len(nodes) == 1 and isinstance(node, Named):
            return self.call(node, registry, key)
        error = QueryError(
            key,
            text,
            f"{key} is {self.examples[key]}, not {shorten(text, 40)}.",
            self.examples[key],
        )
        return self.settle(error, None, "It was left out.")

    def call(self, node: Named, registry: Registry[Any], key: str) -> Call | None:
        """A call with every knob, checked against the registry; None when it is of no use."""
        name = node.name
        own = next((o for p, o in OWN_IN.items() if REGISTRIES[p].kind == registry.kind), None)
        known = [*registry, *([own.name] if own else [])]
        if name not in known:
            near = nearest(name, known)
            message = f"There is no {registry.kind} {shorten(name, 40)!r}; the nearest is {near}."
            error = QueryError(
                key,
                name,
                self.vocabulary.elsewhere.get((key, name), message),
                "one of " + ", ".join(known),
                near,
            )
            name = self.settle(error, near, f"{near} is used instead.")
        if own and name == own.name:
            return OwnReading(self.settle, self.value).call(own, node, key)
        knobs = {knob.name: knob for knob in knobs_of(registry, name)}
        given: dict[str, Value] = {}
        for word, argument in node.arguments:
            path = f"{key}.{word}"
            if word not in knobs:
                self.settle(
                    _no_such_knob(path, name, word, argument, knobs), None, "It was left out."
                )
                continue
            made = self.value(knobs[word], argument, path, f"{word} of {name}")
            assert made is not None
            given[word] = made
        return Call(name, tuple((k, given.get(k, knob.default)) for k, knob in knobs.items()))

    def value(self, knob: Knob, node: Node, path: str, subject: str) -> Any:
        """The value of one knob; `subject` is what it is called in a message."""
        value: Value | None = None
        match knob.kind:
            case "call" if isinstance(node, Named):
                return self.call(node, IN_KNOBS[knob.registry], path)
            case "number" | "integer" if isinstance(node, Number):
                value = node.value + 0.0  # -0.0 becomes 0.0, so that equal links are equal
                if knob.kind == "integer" and value.is_integer():
                    value = int(value)
            case "flag" if isinstance(node, Named) and node.is_bare:
                value = {"true": True, "false": False}.get(node.name)
            case "choice" if isinstance(node, Named) and node.is_bare:
                value = node.name
            case "text" if isinstance(node, Text):
                value = node.text
        if value is not None and knob.admits(value):
            return value
        instead = _nearest_value(knob, value)
        near = value_text(knob, instead)
        error = QueryError(
            path,
            show(node),
            f"{subject} is {knob.allowed()}, not {shorten(show(node), 40)}.",
            knob.allowed(),
            near,
        )
        return self.settle(error, instead, f"{near} is used.")


def _no_such_knob(
    path: str, owner: str, word: str, argument: Node, knobs: Mapping[str, Knob]
) -> QueryError:
    if not knobs:
        return QueryError(
            path,
            show(argument),
            f"{owner} takes no values, so not {shorten(word, 40)!r} either.",
            f"nothing: write {owner}",
        )
    near = nearest(word, knobs)
    return QueryError(
        path,
        show(argument),
        f"{owner} has no {shorten(word, 40)!r}; the nearest is {near}.",
        "one of " + ", ".join(knobs),
        near,
    )


def _nearest_value(knob: Knob, value: Value | None) -> Value:
    """The allowed value closest to what was given; the default when nothing is close."""
    if knob.kind == "choice" and isinstance(value, str):
        return nearest(value, knob.choices)
    if isinstance(value, bool | str | Call) or value is None:
        return knob.default
    low, high = knob.soft or (knob.low, knob.high)
    value = min(max(value, knob.low), knob.high)
    if not knob.admits(value):  # an end that is not itself allowed, or a fraction
        value = round(value) if knob.kind == "integer" else low if value <= low else high
    return value if knob.admits(value) else knob.default
