"""A query text read against the registries, strictly or with repairs.

It knows no kind of question: its keys come as a vocabulary. Without notes it raises at the first
fault; with them it takes the nearest valid value and appends a plain sentence for each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from nnopt_viz.declare.knobs import Call, Knob, Value
from nnopt_viz.declare.names import Spellings, plain
from nnopt_viz.declare.nearest import close
from nnopt_viz.declare.written import counted
from nnopt_viz.query.grammar import (
    GrammarError,
    Many,
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
    REGISTRIES,
    TRACKING,
    VERSION,
    QueryError,
    knobs_of,
    value_text,
)
from nnopt_viz.query.links import mended
from nnopt_viz.query.links import plain as plain_text
from nnopt_viz.query.names import spoken
from nnopt_viz.query.own import OwnReading
from nnopt_viz.query.viewing import VIEWING, ViewingError, decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nnopt_viz.declare.registry import Registry

T = TypeVar("T")
# Keys that belong to a run, whatever the question.
RUN_WORDS = frozenset({"lr", "learning_rate", "momentum", "betas", "weight_decay", "schedule"})
IN_RUNS = "it belongs to a run, as in run=adam(lr=0.1)"
WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9.]*")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The keys of one kind of question.

    Args:
        examples: key -> what may stand there, in words. These are all keys.
        calls: key -> where its calls come from.
        defaults: key of one number -> what it is when left out.
        repeats: key -> how often it may stand; others stand once.
        elsewhere: (key, name) -> why a name that is known does not fit here.
        also: what else a key is called -> the key.
    """

    examples: Mapping[str, str]
    calls: Mapping[str, Registry[Any]]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    repeats: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Mapping[tuple[str, str], str] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[str]:
        """Every key, however it is called."""
        return frozenset({*self.examples, *self.also})


class Reading:
    """Reads one query. A fault goes to `settle`, which raises it or takes what is nearest.

    Args:
        vocabulary: the keys that may stand in it.
        notes: None to raise, or where sentences about repairs go.
        said: where sentences go about what was read as something else; in notes they are too.
    """

    def __init__(
        self, vocabulary: Vocabulary, notes: list[str] | None, said: list[str] | None = None
    ) -> None:
        self.vocabulary = vocabulary
        self.examples = vocabulary.examples
        self.notes = notes
        self.said: list[str] = [] if said is None else said
        self.found_any = False

    def settle(self, error: QueryError, instead: T, done: str) -> T:
        """Raise the error when strict, else take `instead` and note it."""
        if self.notes is None:
            raise error
        note = f"{error.message} {done}"
        if note not in self.notes:
            self.notes.append(note)
        return instead

    def say(self, sentence: str) -> None:
        """Note what was read as something else: no fault, and no secret either."""
        if sentence not in self.said:
            self.said.append(sentence)
            if self.notes is not None:
                self.notes.append(sentence)

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
        query, changed = mended(query)
        for sentence in changed:
            self.say(sentence)
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
        seen: set[str] = set()
        for raw in raws:
            raw_key, _, raw_value = raw.partition("=")
            if raw_key in VIEWING and raw_key not in self.examples:
                self.check_viewing(raw_key, raw_value, seen)
                continue
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
            meant = self.vocabulary.also.get(key)
            if meant is not None:
                self.say(f"{key} was read as {meant}.")
                key = meant
            if self.is_wanted(key, text, found):
                self.found_any = True
                text, changed = plain_text(text)
                for sentence in changed:
                    self.say(sentence)
                found.append((key, text))
        return found

    def check_viewing(self, key: str, raw: str, seen: set[str]) -> None:
        """Refuse a viewing key that can't be used; a page reads and mends them by itself."""
        if self.notes is not None:
            return
        form = VIEWING[key].form
        if key in seen:
            raise QueryError(key, raw, f"{key} is given more than once.", f"{key} once")
        seen.add(key)
        try:
            VIEWING[key].read(decoded(raw))
        except ViewingError as fault:
            raise QueryError(key, raw, fault.message, form, fault.nearest) from None

    def is_wanted(self, key: str, text: str, found: list[tuple[str, str]]) -> bool:
        """Is this a known key, not given too often?"""
        if key not in self.examples:
            if self.notes is not None and TRACKING.fullmatch(key):
                return False
            near = close(key, (*self.examples, *VIEWING))
            hint = f"; the nearest is {near}" if near else ""
            hint = f": {IN_RUNS}" if key in RUN_WORDS and "run" in self.examples else hint
            error = QueryError(
                key,
                text,
                f"There is no key {shorten(key, 40)!r}{hint}.",
                "one of " + ", ".join((*self.examples, *VIEWING)),
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
        own = next((o for p, o in OWN_IN.items() if REGISTRIES[p].kind == registry.kind), None)
        if own and node.name == own.name:
            return OwnReading(self.settle, self.value, self.say).call(own, node, key)
        name = self.name(node.name, registry, own.name if own else None, key)
        if own and name == own.name:
            return OwnReading(self.settle, self.value, self.say).call(own, node, key)
        if name is None:
            return None
        read = spoken(registry, name, node.arguments)
        knobs = {knob.name: knob for knob in knobs_of(registry, read.name)}
        for sentence in read.said:
            self.say(sentence)
        given: dict[str, Value] = {}
        for word, argument in read.given.items():
            made = self.value(knobs[word], argument, f"{key}.{word}", f"{word} of {read.name}")
            assert made is not None
            given[word] = made
        for fault in read.faults:
            allowed = "one of " + ", ".join(knobs) if knobs else f"nothing: write {name}"
            error = QueryError(
                f"{key}.{fault.word}", show(fault.node), fault.message, allowed, fault.near
            )
            self.settle(error, None, "It was left out.")
        return Call(read.name, tuple((k, given.get(k, knob.default)) for k, knob in knobs.items()))

    def name(self, word: str, registry: Registry[Any], own: str | None, key: str) -> str | None:
        """The entry that a word means; in a repair the nearest one, or None."""
        meant = registry.meant(word)
        if meant is not None:
            if plain(meant) != plain(word):
                self.say(f"{shorten(word, 40)} was read as {meant}.")
            return meant
        known = [*registry, *([own] if own else [])]
        akin = registry.akin(word)
        near = akin[0] if akin else registry.close(word) or close(word, known)
        message = f"There is no {registry.kind} {shorten(word, 40)!r}"
        message += f": {akin[1]}." if akin else f"; the nearest is {near}." if near else "."
        for (where, name), why in self.vocabulary.elsewhere.items():
            if where == key and plain(name) == plain(word):
                message, near = why, None
        error = QueryError(key, word, message, "one of " + ", ".join(known), near)
        done = f"{near} is used instead." if near else "It was left out."
        return self.settle(error, near, done)

    def choice(self, knob: Knob, word: str, subject: str) -> str:
        """The choice that a word means, however it is spelled; the word itself if none."""
        spellings = Spellings("choice")
        for choice in knob.choices:
            spellings.add(choice, tuple(w for w, meant in knob.spelled if meant == choice))
        meant = spellings.meant(word)
        if meant is None:
            return word
        if plain(meant) != plain(word):
            self.say(f"{shorten(word, 40)} as {subject} was read as {meant}.")
        return meant

    def listed(self, node: Number | Many, subject: str) -> str | None:
        """Numbers without quotes as the text of a knob: hidden=(16,16)."""
        values = node.values if isinstance(node, Many) else (node,)
        if not all(isinstance(value, Number) for value in values):
            return None
        text = ",".join(map(show, values))
        self.say(f'{subject} was read as "{text}".')
        return text

    def say_small(self, node: Number, subject: str) -> None:
        """Note a number that is nearer to 0 than any but 0 that can be held."""
        if node.value == 0 and re.search("[1-9]", node.text.lower().partition("e")[0]):
            self.say(f"{subject}: {shorten(node.text, 40)} is too small a number, read as 0.")

    def value(self, knob: Knob, node: Node, path: str, subject: str) -> Any:
        """The value of one knob; `subject` is what it is called in a message."""
        value: Value | None = None
        if isinstance(node, Text) and knob.kind in ("call", "choice") and WORD.fullmatch(node.text):
            node = Named(node.text)  # schedule="cosine", as Python would have it
        match knob.kind:
            case "call" if isinstance(node, Named):
                return self.call(node, IN_KNOBS[knob.registry], path) or knob.default
            case "number" | "integer" if isinstance(node, Number):
                value = node.value + 0.0  # -0.0 becomes 0.0, so that equal links are equal
                self.say_small(node, subject)
                if knob.kind == "integer" and value.is_integer():
                    value = int(value)
            case "flag" if isinstance(node, Named) and node.is_bare:
                value = {"true": True, "false": False}.get(node.name.lower())
            case "choice" if isinstance(node, Named) and node.is_bare:
                value = self.choice(knob, node.name, subject)
            case "text" if isinstance(node, Text):
                value = node.text
            case "text" if isinstance(node, Number | Many):
                value = self.listed(node, subject)
        if value is not None and knob.admits(value):
            return value
        instead = _nearest_value(knob, value)
        near = value_text(knob, instead)
        is_near = knob.kind != "choice" or (isinstance(value, str) and close(value, (near,)))
        error = QueryError(
            path,
            show(node),
            f"{subject} is {knob.allowed()}, not {shorten(show(node), 40)}.",
            knob.allowed(),
            near if is_near else None,
        )
        return self.settle(error, instead, f"{near} is used.")


def _nearest_value(knob: Knob, value: Value | None) -> Value:
    """The allowed value closest to what was given; the default when nothing is close."""
    if knob.kind == "choice" and isinstance(value, str):
        return close(value, knob.choices) or knob.default
    if isinstance(value, bool | str | Call) or value is None:
        return knob.default
    low, high = knob.soft or (knob.low, knob.high)
    value = min(max(value, knob.low), knob.high)
    if not knob.admits(value):  # an end that is not itself allowed, or a fraction
        value = round(value) if knob.kind == "integer" else low if value <= low else high
    return value if knob.admits(value) else knob.default


def further(count: int) -> str:
    """What is said of so many changes that are not named."""
    return f"{counted(count, 'more change')} {'was' if count == 1 else 'were'} made."
