"""Text to a checked graph. Only what is listed here can be written.

expression = condition inside `where` | sum
sum        = product (("+" | "-") product)*
product    = unary (("*" | "/" | "%" | nothing) unary)*
unary      = ("-" | "+") unary | power
power      = atom (superscript | "**" unary)?
atom       = number | name | name "(" arguments ")" | "(" sum ")" | "|" sum "|" | "√" atom
condition  = either ("or" either)*
either     = truth ("and" truth)*
truth      = "not" truth | "(" condition ")" | sum (comparison sum)*

Nothing stands between the factors of a product only where that can be read in one way: `2x`,
`2(x + 1)`, `(x + 1)(y - 1)`, `x(y + 1)`; not in `1/2x` or `x^2y`. What is read is also written in
our notation (`spelling`), which has none of these liberties and is read as the same graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnopt_viz.formula.conditions import WORDS, condition
from nnopt_viz.formula.functions import called, is_raised, raised, written_out
from nnopt_viz.formula.graph import COMPARISONS, Graph, Node
from nnopt_viz.formula.notation import CALLABLE, LATER, READ, REMAINDER
from nnopt_viz.formula.spelling import Spelling, bare, filled
from nnopt_viz.formula.tokens import FormulaError, Token, tokens
from nnopt_viz.formula.unknown import CONSTANTS, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nnopt_viz.formula.notation import CALLABLE, LATER, READ, REMAINDER

MAX_DEPTH = 40
MAX_NODES = 2000


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
        names: variables that are known beforehand, which a parenthesis may follow.
        alone: this is one formula: its names are all that there are, so that e is Euler's
            number where none is called so, and it may stand on several lines.
    """

    def __init__(
        self,
        text: str,
        graph: Graph,
        lookup: Callable[[Token], Node],
        calls: dict[str, tuple[int, Callable[..., Node]]] | None = None,
        names: frozenset[str] = frozenset(),
        alone: bool = False,
    ) -> None:
        self.text = text
        self.graph = graph
        self.lookup = lookup
        self.calls = calls or {}
        self.names = names
        self.has_euler = alone and "e" not in names
        self.tokens = [token for token in tokens(text) if not alone or token.text != "\n"]
        self.spelling = Spelling(text, self.tokens)
        self.at = 0
        self.depth = 0
        self.raised = -1  # the token after an exponent without parentheses
        self.pieces: list[Piece] = []  # of the outermost sum, so far
        self.conditions: set[int] | None = None  # of `conditions`, once it has looked

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, by: int) -> Token:
        return self.tokens[min(self.at + by, len(self.tokens) - 1)]

    def error(self, message: str, token: Token | None = None) -> FormulaError:
        return FormulaError(message, self.text, (token or self.token).position)

    def take(self, sign: str) -> Token:
        """Step over this sign. Raises FormulaError when something else stands there."""
        token = self.token
        if token.kind != "sign" or token.text != sign:
            raise self.error(f"Expected {sign!r} here, found {token.shown()}{self.hint()}")
        self.at += 1
        return token

    def hint(self) -> str:
        """What was probably meant where something else was expected."""
        token, before = self.token, self.tokens[max(self.at - 1, 0)]
        if token.text in WORDS or token.text in COMPARISONS:
            return ": comparisons, and, or, not stand only as the condition in where(…, …, …)"
        begins = token.kind in ("number", "name") or token.text in ("(", "|")
        if begins and (before.kind in ("number", "name", "power") or before.text == ")"):
            return f": write * between {before.shown()} and {token.shown()}"
        if token.text == "," and before.kind == "number" and self.ahead(1).kind == "number":
            return f": write {before.text}.{self.ahead(1).text} with a point"
        if token.text == "=":
            return ": write the right-hand side alone, and == to compare"
        return ""

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

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"Nested too deeply: at most {MAX_DEPTH} levels")

    def sum(self) -> Node:
        """A sum of products."""
        self.deeper()
        left = self.product()
        while self.is_sign("+", "-"):
            sign = self.take(self.token.text)
            left = self.node(sign.text, left, self.product(), at=sign)
        self.depth -= 1
        return left

    def product(self) -> Node:
        first = self.at
        left = self.unary()
        divided = False
        while True:
            if self.is_sign("%"):
                left = self.remainder(first, left)
                divided = True
            elif self.is_sign("*", "/"):
                sign = self.take(self.token.text)
                divided = sign.text == "/"
                left = self.node(sign.text, left, self.unary(), at=sign)
            elif self.is_factor():
                if divided or self.raised == self.at:
                    before = self.tokens[self.at - 1].shown()
                    where = "after a division" if divided else "in an exponent"
                    raise self.error(
                        f"{before} and {self.token.shown()} with nothing between them {where} can "
                        "be read in two ways: write * and parentheses"
                    )
                at = self.token
                self.spelling.insert(self.at, "*")
                left = self.node("*", left, self.unary(), at=at)
            else:
                return left

    def is_factor(self) -> bool:
        """Does a factor begin here, with nothing before it and no other way to read it?"""
        token, before = self.token, self.tokens[self.at - 1]
        opens = token.text in ("(", "√") and token.kind == "sign"
        if not opens and (token.kind != "name" or token.text in WORDS):
            return False
        if before.kind in ("number", "power") or before.text == ")" or before.written == "π":
            return True
        return opens and before.kind == "name" and self.is_variable(before.text)

    def is_variable(self, name: str) -> bool:
        """A name that is known to be a number, and no function."""
        is_function = name in CALLABLE or name in self.calls or name in READ
        return not is_function and (name in self.names or name in CONSTANTS)

    def remainder(self, first: int, left: Node) -> Node:
        """left % right, written out."""
        sign, after = self.take("%"), self.at - 1
        right = self.unary()
        ranges = [(first, after), (after + 1, self.at)]
        made = written_out(self, REMAINDER, [left, right], sign)
        self.spelling.replace(first, self.at, f"({filled(REMAINDER.text, self.spelling, ranges)})")
        return made

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
        first, begun = self.token, self.at
        base = self.atom()
        sign = self.token
        if sign.kind == "power":  # shown as x**2 is: x's value, and the 2 as it is
            self.piece(first, base)
            self.at += 1
            self.once_raised()
            made = self.node("**", base, self.graph.const(float(sign.text[2:])), at=sign)
            return self.euler(first, begun, made)
        if not self.is_sign("**"):
            return self.piece(first, self.euler(first, begun, base))
        is_plain = self.ahead(1).kind == "number"
        if is_plain:  # x**2 shows x's value, and the 2 as it is
            self.piece(first, base)
        self.take("**")
        self.deeper()
        exponent = self.unary()
        self.depth -= 1
        if self.tokens[self.at - 1].text != ")":
            self.raised = self.at
        if self.is_euler(first):
            made = self.node("exp", exponent, at=first)
        else:
            made = self.node("**", base, exponent, at=sign)
        made = self.euler(first, begun, made)
        return made if is_plain else self.piece(first, made)

    def once_raised(self) -> None:
        """Raises FormulaError where a power is raised again."""
        if self.is_sign("**") or self.token.kind == "power":
            raise self.error("A power of a power can be read in two ways: write parentheses")

    def is_euler(self, token: Token) -> bool:
        """Is this e, where no name is called so?"""
        return token.text == "e" and self.has_euler

    def euler(self, first: Token, begun: int, made: Node) -> Node:
        """Write e**x as exp(x), and e as exp(1)."""
        if not self.is_euler(first) or self.tokens[begun] is not first:
            return made
        if self.at == begun + 1:
            self.spelling.replace(begun, self.at, "exp(1)")
        elif self.tokens[begun + 1].kind == "power":
            power = self.tokens[begun + 1].text.removeprefix("**")
            made = self.node("exp", self.graph.const(float(power)), at=first)
            self.spelling.replace(begun, self.at, f"exp({power})")
        else:
            inside = bare(self.spelling.of(begun + 2, self.at))
            self.spelling.replace(begun, self.at, f"exp({inside})")
        return made

    def piece(self, first: Token, node: Node) -> Node:
        """Note a part of the outermost sum, which begins at a token and ends here."""
        if self.depth == 1:
            self.pieces.append(Piece(first.position, self.tokens[self.at - 1].end, node))
        return node

    def atom(self) -> Node:
        token, begun = self.token, self.at
        if token.kind == "number":
            self.at += 1
            value = float(token.text)
            if not math.isfinite(value):
                raise self.error("This number is too large", token)
            return self.graph.const(value)
        if token.kind == "name":
            self.at += 1
            if is_raised(self):
                return raised(self, token)
            if self.is_sign("(") and not self.is_variable(token.text):
                return called(self, token)
            return self.variable(token)
        if self.is_sign("("):
            self.take("(")
            inside = self.sum()
            self.take(")")
            return inside
        if self.is_sign("|"):
            return self.size(begun)
        if self.is_sign("√"):
            return self.root(begun)
        raise self.error(f"Expected a number, a name or '(' here, found {token.shown()}")

    def size(self, begun: int) -> Node:
        """|x|, written as abs(x)."""
        sign = self.take("|")
        inside = self.sum()
        doubled = self.spelling.replaced[-1:] and self.spelling.replaced[-1][:2]
        if doubled == (begun + 1, self.at) and self.tokens[begun + 1].text == "|":
            raise self.error(
                "Two bars can be read in two ways: write norm(…) for a length, abs(…) for a size",
                sign,
            )
        self.take("|")
        text = self.spelling.of(begun + 1, self.at - 1)
        self.spelling.replace(begun, self.at, f"abs({text})")
        return self.node("abs", inside, at=sign)

    def root(self, begun: int) -> Node:
        """√x and √(x + 1), written as sqrt(…)."""
        sign = self.take("√")
        is_open = self.is_sign("(")
        self.deeper()
        inside = self.atom()
        self.depth -= 1
        follows = self.is_sign("**") or self.token.kind == "power" or self.is_factor()
        if follows and not is_open:
            raise self.error("How far √ reaches can be read in two ways: write √(…)", sign)
        text = self.spelling.of(begun + 1, self.at)
        self.spelling.replace(begun, self.at, f"sqrt{text}" if is_open else f"sqrt({text})")
        return self.node("sqrt", inside, at=sign)

    def variable(self, token: Token) -> Node:
        name = token.text
        if name in self.names:
            return self.lookup(token)
        if name in CONSTANTS:
            return self.graph.const(CONSTANTS[name])
        if self.is_euler(token):
            return self.node("exp", self.graph.const(1.0), at=token)
        if self.is_function(name) and (self.is_sign("**") or self.token.kind == "power"):
            raise self.error(
                f"A power of {name} can be read in two ways: write {name}(…)**…, or asin and the "
                "like for an inverse",
                token,
            )
        if (name in CALLABLE and name not in LATER) or name in self.calls:
            raise self.error(f"{name} is a function: write {name}(…)", token)
        return self.lookup(token)

    def is_function(self, name: str) -> bool:
        return name in CALLABLE or name in self.calls or name in READ

    def condition(self) -> Node:
        """What is true or false: comparisons, with and, or, not between them."""
        return condition(self)

    def finish(self) -> None:
        """Raises FormulaError unless everything was read."""
        if self.token.kind != "end":
            is_truth = self.token.text in COMPARISONS or self.token.text in WORDS
            expected = "" if is_truth else ": expected an operator or the end here"
            raise self.error(f"{self.token.shown()}{expected}{self.hint()}")


def expression(text: str, names: Iterable[str], truth: bool = False) -> tuple[Graph, Node]:
    """Parse one formula in the given variables.

    Args:
        text: at most 4000 characters, 40 levels, 2000 operations.
        names: the variables it may read.
        truth: allow a comparison at the top; the result is then 0 or 1.

    Returns:
        The graph and the node of the value.

    Raises:
        FormulaError: with the character at which the text can't be read.
    """
    graph, value, _ = read(text, names, truth)
    return graph, value


def read(text: str, names: Iterable[str], truth: bool = False) -> tuple[Graph, Node, str]:
    """The same, and the formula in our notation: the very text where it is in ours already."""
    graph = Graph()
    allowed = frozenset(names)

    def lookup(token: Token) -> Node:
        if token.text not in allowed:
            raise unknown("name", token.text, allowed, text, token.position)
        return graph.name(token.text)

    parser = Parser(text, graph, lookup, names=allowed, alone=True)
    value = parser.condition() if truth else parser.sum()
    parser.finish()
    return graph, value, parser.spelling.whole()
