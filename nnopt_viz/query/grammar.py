"""The text of one query value, read into a small tree. It knows no names.

    list  = value ("," value)*
    value = number | text | word | word "(" [word "=" value ("," word "=" value)*] ")"
          | "(" list ")" | "[" list "]"

`surface=rosenbrock(b=50)` has the value `rosenbrock(b=50)`; `start=-1.5,2` a list of two.
Several values of one knob stand in parentheses: `betas=(0.9,0.999)`. Of a word with dots, such
as `torch.optim.Adam`, the last part counts. Text stands in double quotes, without escapes.
Outside quotes a `+` that is not the sign of a number counts as a space, as form encoders write it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from nnopt_viz.declare.written import exact
from nnopt_viz.formula.tokens import NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

number_text = exact
MAX_DEPTH = 8
MAX_ARGUMENTS = 64

_TOKEN = re.compile(
    rf"""(?P<number>[+-]?{NUMBER})
    |(?:[A-Za-z_][A-Za-z_0-9]*\.)*(?P<word>[A-Za-z_][A-Za-z_0-9]*)
    |(?P<text>"[^"]*")
    |(?P<space>[ \t\r\n+]+)
    |(?P<sign>[(),=\[\]])""",
    re.VERBOSE,
)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_OPERATOR = re.compile(r"\*\*|[-+*/<>=]|[<>=!]=")
# Browsers and proxies leave these as they are, so a link keeps its text.
_SAFE = "!$()*,/:;=?@"


class GrammarError(ValueError):
    """A text that can't be read; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written; `value` may be infinite when it is too large."""

    text: str

    @property
    def value(self) -> float:
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string, without its quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A word, or a word with named arguments."""

    name: str
    arguments: tuple[tuple[str, Node], ...] = ()
    is_bare: bool = True


@dataclass(frozen=True, slots=True)
class Many:
    """Several values together."""

    values: tuple[Node, ...]


Node = Number | Text | Named | Many


def percent_decode(raw: str) -> str:
    """The raw text of a key or value, percent-decoded once.

    Raises:
        GrammarError: for a % without two hexadecimal digits, for bytes that are not
            UTF-8, and for a form encoder's `+` between the words of a quoted formula.
    """
    bad = _BAD_PERCENT.search(raw)
    if bad is not None:
        raise GrammarError(
            f"{raw[bad.start() : bad.start() + 3]!r} is no percent-encoded byte: "
            "write % itself as %25"
        )
    try:
        text = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeError:
        raise GrammarError("the percent-encoded bytes are not UTF-8 text") from None
    _refuse_form_encoding(raw)
    return text


def percent_encode(text: str) -> str:
    """The inverse of `percent_decode`: space is %20, plus %2B, a double quote %22."""
    return quote(text, safe=_SAFE)


def parse(text: str) -> list[Node]:
    """The values of a comma-separated list; almost always just one.

    Raises:
        GrammarError: says what was expected where.
    """
    return [*_Reader(text).list()]


def shorten(text: str, most: int = 80) -> str:
    """A piece of a hostile text that is fit for a message."""
    return text if len(text) <= most else text[:most] + "…"


def show(node: Node) -> str:
    """A value as one would type it, for messages."""
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Text):
        return f'"{node.text}"'
    if isinstance(node, Many):
        return f"({','.join(map(show, node.values))})"
    if node.is_bare:
        return node.name
    return f"{node.name}({','.join(f'{k}={show(v)}' for k, v in node.arguments)})"


def _refuse_form_encoding(raw: str) -> None:
    """`x+-+y` inside quotes is a form encoder's `x - y`; as a formula it means something else."""
    pieces = [unquote_to_bytes(piece).decode("utf-8", "replace") for piece in raw.split("+")]
    quotes = 0
    for before, piece in pairwise(pieces):
        quotes += before.count('"')
        if quotes % 2 and _OPERATOR.fullmatch(piece):
            raise GrammarError(
                f"'+{piece}+': inside double quotes + is plus, not a space; "
                "write a space as %20 and plus as %2B"
            )


class _Reader:
    """A recursive-descent reader with one token of look-ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.kind = self.word = ""
        self.start = 0
        self.advance()

    def advance(self) -> None:
        """Step to the next token that is not a space."""
        while True:
            self.start = self.at
            if self.at >= len(self.text):
                self.kind, self.word = "end", ""
                return
            match = _TOKEN.match(self.text, self.at)
            if match is None:
                self.refuse_character()
            assert match is not None
            assert match.lastgroup is not None
            self.kind, self.word, self.at = match.lastgroup, match[match.lastgroup], match.end()
            if self.kind != "space":
                return

    def refuse_character(self) -> None:
        character = self.text[self.at]
        if character == '"':
            raise GrammarError("a double quote is opened and not closed")
        raise GrammarError(
            f"{character!r} has no meaning here (character {self.at + 1}); text such as a "
            "formula stands in double quotes"
        )

    def expected(self, what: str) -> GrammarError:
        found = "the end" if self.kind == "end" else repr(shorten(self.word, 20))
        return GrammarError(f"expected {what}, not {found} (character {self.start + 1})")

    def take(self, sign: str) -> bool:
        """Step over this sign if it is next."""
        if self.kind == "sign" and self.word == sign:
            self.advance()
            return True
        return False

    def list(self) -> Sequence[Node]:
        values = self.series(0, "")
        if self.kind != "end":
            raise self.expected("the end")
        first = values[0]
        if len(values) == 1 and isinstance(first, Many):  # start=(1,2) is start=1,2
            return [*first.values]
        return values

    def series(self, depth: int, end: str) -> Sequence[Node]:
        """Values with commas, up to the end or a closing sign."""
        values = [self.value(depth)]
        while self.take(","):
            if end and self.take(end):  # (0.9,) as Python writes it
                return values
            if len(values) >= MAX_ARGUMENTS:
                raise GrammarError(f"a list has at most {MAX_ARGUMENTS} values")
            values.append(self.value(depth))
        if end and not self.take(end):
            raise self.expected(f"',' or {end!r}")
        return values

    def value(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise GrammarError(f"nested more than {MAX_DEPTH} deep")
        kind, word = self.kind, self.word
        for opened, closed in ("()", "[]"):
            if self.take(opened):
                return Many(tuple(self.series(depth + 1, closed)))
        if kind not in ("number", "text", "word"):
            raise self.expected("a value")
        self.advance()
        if kind == "number":
            return Number(word)
        if kind == "text":
            return Text(word[1:-1])
        return self.named(word, depth) if self.take("(") else Named(word)

    def named(self, name: str, depth: int) -> Named:
        """The arguments after the opening parenthesis."""
        arguments: dict[str, Node] = {}
        while not self.take(")"):
            if len(arguments) >= MAX_ARGUMENTS:
                raise GrammarError(f"{name} is given more than {MAX_ARGUMENTS} values")
            if arguments and not self.take(","):
                raise self.expected("',' or ')'")
            key = self.word
            if self.kind != "word":
                raise self.expected(f"a name of a value of {name}, as in name=1")
            self.advance()
            if not self.take("="):
                raise self.expected("'='")
            if key in arguments:
                raise GrammarError(f"{key} is given twice in {name}(…)")
            arguments[key] = self.value(depth + 1)
        return Named(name, tuple(arguments.items()), is_bare=False)
