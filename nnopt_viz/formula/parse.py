"""Text to a checked graph. Only what is listed here can be written.

expression = comparison inside `where` | sum
sum        = product (("+" | "-") product)*
product    = unary (("*" | "/") unary)*
unary      = ("-" | "+") unary | power
power      = atom ("**" unary)?
atom       = number | name | name "(" arguments ")" | "(" sum ")"
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnopt_viz.formula.graph import COMPARISONS, FUNCTIONS, Graph, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_LENGTH = 4000
MAX_DEPTH = 40
MAX_NODES = 2000
MAX_LISTED = 40  # names in a message

_TOKEN = re.compile(
    r"[ \t\r]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/<>(),=;\n])|(?P<end>$)|(?P<bad>.))"
)
CALLABLE = {n: f.arity for n, f in FUNCTIONS.items() if n.isidentifier() and n != "neg"} | {
    "clip": 3
}
CONSTANTS = {"pi": math.pi}


class FormulaError(ValueError):
    """A formula that can't be read: what is wrong, and at which character.

    Args:
        message: a plain sentence that says what is allowed.
        text: the formula as given.
        position: index of the offending character, from 0.
        nearest: a known name that may have been meant.
    """

    def __init__(self, message: str, text: str, position: int, nearest: str | None = None) -> None:
        super().__init__(f"{message} (character {position + 1})")
        self.message = message
        self.text = text
        self.position = position
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Token:
    """A number, name, sign or the end, and where it stands in the text."""

    kind: str
    text: str
    position: int

    def shown(self) -> str:
        """What it is called in a message, however long it is."""
        return "the end" if self.kind == "end" else repr(shorten(self.text))


def tokens(text: str) -> list[Token]:
    """Cut the text into tokens. Raises FormulaError at a character with no meaning."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"A formula has at most {MAX_LENGTH} characters", text, MAX_LENGTH)
    found: list[Token] = []
    position = 0
    while position <= len(text):
        match = _TOKEN.match(text, position)
        assert match is not None
        assert match.lastgroup is not None
        kind, word = match.lastgroup, match[match.lastgroup]
        if kind == "bad":
            raise FormulaError(
                f"{word!r} has no meaning here: use names, numbers, + - * / ** and parentheses",
                text,
                match.start(kind),
            )
        found.append(Token(kind, word, match.start(kind)))
        if kind == "end":
            break
        position = match.end()
    return found


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula between the operators of its outermost sum: where, and its node."""

    first: int
    last: int
    node: Node


class Parser:
    """A recursive-descent reader over tokens that builds nodes as it goes.

    Args:
        text: the whole text, for messages.
        graph: where the nodes go.
        lookup: name token -> node; raises FormulaError for an unknown name.
        calls: further functions: name -> (arity, builder of a node).
    """

    def __init__(
        self,
        text: str,
        graph: Graph,
        lookup: Callable[[Token], Node],
        calls: dict[str, tuple[int, Callable[..., Node]]] | None = None,
    ) -> None:
        self.text = text
        self.graph = graph
        self.lookup = lookup
        self.calls = calls or {}
        self.tokens = tokens(text)
        self.at = 0
        self.depth = 0
        self.pieces: list[Piece] = []  # of the outermost sum, so far

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def error(self, message: str, token: Token | None = None) -> FormulaError:
        return FormulaError(message, self.text, (token or self.token).position)

    def take(self, sign: str) -> Token:
        """Step over this sign. Raises FormulaError when something else stands there."""
        token = self.token
        if token.kind != "sign" or token.text != sign:
            raise self.error(f"Expected {sign!r} here, found {token.shown()}")
        self.at += 1
        return token

    def is_sign(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def node(self, op: str, *args: Node, at: Token) -> Node:
        """Add a node, within the limits; a constant must be finite."""
        made = self.graph.add(op, *args)
        value = self.graph.number(made)
        if value is not None and not math.isfinite(value):
            raise self.error("This constant is not a finite number", at)
        if len(self.graph) > MAX_NODES:
            raise self.error(f"Too long: a formula has at most {MAX_NODES} operations", at)
        return made

    def sum(self) -> Node:
        """A sum of products."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"Nested too deeply: at most {MAX_DEPTH} levels")
        left = self.product()
        while self.is_sign("+", "-"):
            sign = self.take(self.token.text)
            left = self.node(sign.text, left, self.product(), at=sign)
        self.depth -= 1
        return left

    def product(self) -> Node:
        left = self.unary()
        while self.is_sign("*", "/"):
            sign = self.take(self.token.text)
            left = self.node(sign.text, left, self.unary(), at=sign)
        return left

    def unary(self) -> Node:
        signs: list[Token] = []
        while self.is_sign("-", "+"):
            signs.append(self.take(self.token.text))
        value = self.power()
        for sign in reversed(signs):
            if sign.text == "-":
                value = self.node("neg", value, at=sign)
        return value

    def power(self) -> Node:
        first = self.token
        base = self.atom()
        if not self.is_sign("**"):
            return self.piece(first, base)
        is_plain = [t.kind for t in self.tokens[self.at + 1 : self.at + 2]] == ["number"]
        if is_plain:  # x**2 shows x's value, and the 2 as it is
            self.piece(first, base)
        sign = self.take("**")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"Nested too deeply: at most {MAX_DEPTH} levels")
        exponent = self.unary()
        self.depth -= 1
        made = self.node("**", base, exponent, at=sign)
        return made if is_plain else self.piece(first, made)

    def piece(self, first: Token, node: Node) -> Node:
        """Note a part of the outermost sum, which begins at a token and ends here."""
        if self.depth == 1:
            last = self.tokens[self.at - 1]
            self.pieces.append(Piece(first.position, last.position + len(last.text), node))
        return node

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.at += 1
            value = float(token.text)
            if not math.isfinite(value):
                raise self.error("This number is too large", token)
            return self.graph.const(value)
        if token.kind == "name":
            self.at += 1
            return self.call(token) if self.is_sign("(") else self.variable(token)
        if self.is_sign("("):
            self.take("(")
            inside = self.sum()
            self.take(")")
            return inside
        raise self.error(f"Expected a number, a name or '(' here, found {token.shown()}")

    def variable(self, token: Token) -> Node:
        if token.text in CONSTANTS:
            return self.graph.const(CONSTANTS[token.text])
        if token.text in CALLABLE or token.text in self.calls:
            raise self.error(f"{token.text} is a function: write {token.text}(…)", token)
        return self.lookup(token)

    def call(self, token: Token) -> Node:
        name = token.text
        arity, build = self.calls.get(name, (CALLABLE.get(name, -1), None))
        if arity < 0:
            known = sorted({*CALLABLE, *self.calls})
            raise unknown("function", name, known, self.text, token.position)
        self.take("(")
        args: list[Node] = []
        while not self.is_sign(")"):
            if args:
                self.take(",")
            is_condition = name == "where" and not args
            args.append(self.condition() if is_condition else self.sum())
        self.take(")")
        if len(args) != arity:
            noun = "argument" if arity == 1 else "arguments"
            raise self.error(f"{name} takes {arity} {noun}, not {len(args)}", token)
        if build is not None:
            return build(*args)
        if name == "clip":
            raised = self.node("maximum", args[0], args[1], at=token)
            return self.node("minimum", raised, args[2], at=token)
        return self.node(name, *args, at=token)

    def condition(self) -> Node:
        """A comparison, or a value that is true when it is not 0."""
        left = self.sum()
        if self.token.kind == "sign" and self.token.text in COMPARISONS:
            sign = self.take(self.token.text)
            return self.node(sign.text, left, self.sum(), at=sign)
        return self.node("!=", left, self.graph.const(0.0), at=self.token)

    def finish(self) -> None:
        """Raises FormulaError unless everything was read."""
        if self.token.kind != "end":
            hint = (
                "comparisons stand only as the condition in where(…, …, …)"
                if self.token.text in COMPARISONS
                else "expected an operator or the end here"
            )
            raise self.error(f"{self.token.shown()}: {hint}")


def shorten(word: str) -> str:
    """A name that is fit for a message."""
    return word if len(word) <= 40 else word[:40] + "…"


def unknown(
    kind: str, name: str, known: Iterable[str], text: str, position: int, why: str = ""
) -> FormulaError:
    """The error about an unknown name, with the nearest known one; `why` ends the sentence."""
    pool = sorted(known)
    close = difflib.get_close_matches(name[:40], map(shorten, pool), n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    known_text = ", ".join(map(shorten, pool[:MAX_LISTED])) + (", …" if pool[MAX_LISTED:] else "")
    message = f"Unknown {kind} {shorten(name)!r}.{hint} Known: {known_text}{why}"
    return FormulaError(message, text, position, close[0] if close else None)


def expression(text: str, names: Iterable[str], condition: bool = False) -> tuple[Graph, Node]:
    """Parse one formula in the given variables.

    Args:
        text: at most 4000 characters, 40 levels, 2000 operations.
        names: the variables it may read.
        condition: allow a comparison at the top; the result is then 0 or 1.

    Returns:
        The graph and the node of the value.

    Raises:
        FormulaError: with the character at which the text can't be read.
    """
    graph = Graph()
    allowed = set(names)

    def lookup(token: Token) -> Node:
        if token.text not in allowed:
            raise unknown("name", token.text, allowed, text, token.position)
        return graph.name(token.text)

    parser = Parser(text, graph, lookup)
    parser.tokens = [t for t in parser.tokens if t.text != "\n"]  # one formula, any layout
    value = parser.condition() if condition else parser.sum()
    parser.finish()
    return graph, value
