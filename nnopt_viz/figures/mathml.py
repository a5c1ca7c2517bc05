"""A parsed formula as presentation MathML, as a paper would set it.

Chromium breaks no line inside one `<math>`, so a long formula becomes several: one a
summand, and the page lets them wrap like words.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from nnopt_viz.formula.graph import Graph, Node, needed
from nnopt_viz.formula.parse import expression
from nnopt_viz.formula.tokens import FormulaError

if TYPE_CHECKING:
    from collections.abc import Iterable

# How tightly an operation binds: an argument that binds less stands in parentheses.
CASES, SUM, PRODUCT, POWER, ATOM = range(5)
LARGE = 1e7  # from here on a round number is written with a power of ten
LONG = 34  # letters of a term that fill a line of the rail
_TAG = re.compile("<[^>]*>|&[^;]*;")
# What the literature writes for a knob that code spells out; `lambd` keeps its name beside λ.
SYMBOLS = {"lr": "η", "eps": "ε", "weight_decay": "λ"}
# Characters; shared subexpressions are written out and may explode: in one piece, in all
# pieces that are shown, and in all that is written on the way.
MAX_LENGTH, MAX_SHOWN, MAX_WRITTEN = 20_000, 40_000, 400_000
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ",
    "phi": "φ", "omega": "ω",
}  # fmt: skip
NAMED = {"minimum": "min", "maximum": "max", "log": "ln", "atan": "arctan", "atan2": "arctan2"}
EULER = '<mi mathvariant="normal">e</mi>'
COMPARISONS = {"<": "&lt;", "<=": "≤", ">": "&gt;", ">=": "≥", "==": "=", "!=": "≠"}

Piece = tuple[str, int]  # markup, and how tightly it binds


class TooLongError(ValueError):
    """A formula that would fill more than anyone reads."""


@lru_cache(maxsize=64)
def mathml(formula: str, names: tuple[str, ...], left: str = "f") -> str:
    """`left = formula` as a sequence of `<math>` elements, one a summand.

    Args:
        formula: text in the formula language; what can't be read is shown as it is.
        names: the variables and knobs it may read.
        left: what stands before the equals sign.

    Returns:
        Markup for an element's innerHTML; every text in it is escaped.
    """
    try:
        made = formula_markup(*expression(formula, names), left)
    except FormulaError:
        made = ""
    return made or f"<code>{escape(formula)}</code>"


def formula_markup(graph: Graph, node: Node, left: str) -> str:
    """The same for a formula that is a node already; empty when it is too long to read."""
    try:
        return wrapped(f"{name_markup(left)}<mo>=</mo>", summands(Writer(graph), node))
    except TooLongError:
        return ""


def wrapped(before: str, terms: list[str]) -> str:
    """Terms as `<math>` elements between which a line may break; `before` stays with the first."""
    if sum(map(len, terms)) > MAX_SHOWN:
        raise TooLongError("too long to typeset")
    made = [_math(term) for term in terms]
    made[0] = _math(before) + made[0]
    return " ".join(f"<span>{term}</span>" for term in made)


def _math(markup: str) -> str:
    return f"<math>{markup}</math>"


def summands(writer: Writer, node: Node) -> list[str]:
    """The terms of a sum, each with its sign in front, in the order written.

    A long term that is itself a sum in parentheses, times or divided by something short,
    becomes several pieces, so that a narrow place can hold it.
    """
    graph = writer.graph
    if graph.op[node] == "where":  # alone on its line it needs no parentheses
        return [writer.piece(node)[0]]
    terms: list[str] = []
    while graph.op[node] in ("+", "-"):
        left, right = graph.args[node]
        binds = SUM if graph.op[node] == "+" else PRODUCT
        sign = "+" if graph.op[node] == "+" else "−"
        pieces = _pieces(writer, right, binds)
        terms += reversed([f'<mo form="infix">{sign}</mo>{pieces[0]}', *pieces[1:]])
        node = left
    terms += reversed(_pieces(writer, node, SUM))
    return terms[::-1]


def _pieces(writer: Writer, node: Node, binds: int) -> list[str]:
    """One term, cut inside its parentheses when it is long."""
    graph = writer.graph
    whole = writer.at_least(node, binds)
    if len(_TAG.sub("", whole)) <= LONG or graph.op[node] not in ("*", "/"):
        return [whole]
    left, right = graph.args[node]
    inside, before = right, writer.at_least(left, PRODUCT)
    if graph.op[node] == "/":
        if graph.number(right) is None:
            return [whole]
        inside, before = left, _fraction("<mn>1</mn>", writer.piece(right)[0])
    if graph.op[inside] not in ("+", "-"):
        return [whole]
    pieces = summands(writer, inside)
    pieces[0] = f'{before}<mo stretchy="false">(</mo>{pieces[0]}'
    pieces[-1] += '<mo stretchy="false">)</mo>'
    return pieces


class Writer:
    """Writes nodes of one graph; gives up when the text grows beyond all use.

    Args:
        names: that stand beside it, in other lines: two names are never drawn as one symbol.
    """

    def __init__(self, graph: Graph, names: Iterable[str] = ()) -> None:
        self.graph = graph
        read = (str(v) for op, v in zip(graph.op, graph.value, strict=True) if op == "name")
        self.spelled = alike((*names, *read))
        self.memo: dict[Node, Piece] = {}
        self.written = 0

    def at_least(self, node: Node, binds: int) -> str:
        """The node's markup, in parentheses when it binds less than that."""
        markup, own = self.piece(node)
        return markup if own >= binds else fenced(markup)

    def piece(self, node: Node) -> Piece:
        """Arguments first, in a loop: a long product is nested as deep as it is long."""
        if node not in self.memo:
            for inner in needed(self.graph, [node]):
                if inner not in self.memo:
                    self.memo[inner] = made = self._piece(inner)
                    self.written += len(made[0])
                    if len(made[0]) > MAX_LENGTH or self.written > MAX_WRITTEN:
                        raise TooLongError("too long to typeset")
        return self.memo[node]

    def _piece(self, node: Node) -> Piece:
        op, args = self.graph.op[node], self.graph.args[node]
        if op == "const":
            return _number(self.graph.number(node) or 0.0)
        if op == "name":
            return name_markup(str(self.graph.value[node]), self.spelled), ATOM
        if op == "+":
            return f"{self.at_least(args[0], SUM)}<mo>+</mo>{self.at_least(args[1], PRODUCT)}", SUM
        if op == "-":
            return f"{self.at_least(args[0], SUM)}<mo>−</mo>{self.at_least(args[1], PRODUCT)}", SUM
        if op == "neg":
            return f'<mo form="prefix">−</mo>{self.at_least(args[0], PRODUCT)}', SUM
        if op == "*":
            return self._product(*args), SUM if self._is_negative(args[0]) else PRODUCT
        if op == "/":
            return _fraction(self.piece(args[0])[0], self.piece(args[1])[0]), PRODUCT
        if op == "**":
            return self._power(*args)
        markup = self._call(op, args)
        return markup, self._binds(op, markup)

    def _binds(self, op: str, markup: str) -> int:
        """How tightly a function binds: e with an exponent is a power, cases end open."""
        if op == "where":
            return CASES
        return POWER if markup.startswith("<msup>") else ATOM

    def _product(self, left: Node, right: Node) -> str:
        """Juxtaposed with a thin space, as in print; a dot between two numbers."""
        last = self.graph.op[right]
        if left == right:
            return self._square(right)
        if self.graph.op[left] == "*" and self.graph.args[left][1] == right:  # a*g*g
            left = self.graph.args[left][0]
            before = self.at_least(left, SUM if self._is_negative(left) else PRODUCT)
            return f"{before}<mo>&#x2062;</mo>{self._square(right)}"
        before = self.at_least(left, SUM if self._is_negative(left) else PRODUCT)
        if last == "*":  # a*(b*c) is not (a*b)*c to the last bit
            return f"{before}<mo>·</mo>{fenced(self.piece(right)[0])}"
        if last == "const" or (
            last == "**" and self.graph.op[self.graph.args[right][0]] == "const"
        ):
            return f"{before}<mo>·</mo>{self.at_least(right, PRODUCT)}"
        gap = '<mspace width="0.17em"/>' if self._is_word(left, right) else ""
        return f"{before}<mo>&#x2062;</mo>{gap}{self.at_least(right, PRODUCT)}"

    def _square(self, node: Node) -> str:
        return f"<msup><mrow>{self.at_least(node, ATOM)}</mrow><mn>2</mn></msup>"

    def _is_negative(self, node: Node) -> bool:
        """Does it begin with a minus that needs no parentheses in front of a product?"""
        while self.graph.op[node] == "*":
            node = self.graph.args[node][0]
        value = self.graph.number(node)
        return self.graph.op[node] == "neg" or (value is not None and value < 0)

    def _is_word(self, *nodes: Node) -> bool:
        return any(
            self.graph.op[n] not in ("const", "name", "**", "*")
            or (self.graph.op[n] == "name" and len(_cut(str(self.graph.value[n]))[0]) > 1)
            for n in nodes
        )

    def _power(self, base: Node, exponent: Node) -> Piece:
        if self.graph.number(exponent) == 0.5:
            return f"<msqrt>{self.piece(base)[0]}</msqrt>", ATOM
        power = self.piece(exponent)[0]
        return f"<msup><mrow>{self.at_least(base, ATOM)}</mrow><mrow>{power}</mrow></msup>", POWER

    def _call(self, op: str, args: tuple[Node, ...]) -> str:
        inside = [self.piece(a)[0] for a in args]
        if op == "sqrt":
            return f"<msqrt>{inside[0]}</msqrt>"
        if op == "abs":
            return f'<mrow><mo fence="true">|</mo>{inside[0]}<mo fence="true">|</mo></mrow>'
        if op == "floor":
            return f'<mrow><mo fence="true">⌊</mo>{inside[0]}<mo fence="true">⌋</mo></mrow>'
        if op == "exp" and len(inside[0]) < 160:
            return f"<msup>{EULER}<mrow>{inside[0]}</mrow></msup>"
        if op == "where":
            return _cases(inside)
        if op in COMPARISONS:
            in_words = self._in_words(op, args)
            if in_words:
                return in_words
            return f"<mrow>{inside[0]}<mo>{COMPARISONS[op]}</mo>{inside[1]}</mrow>"
        listed = "<mo>,</mo>".join(inside)
        return f"<mrow><mi>{NAMED.get(op, op)}</mi><mo>&#x2061;</mo>{fenced(listed)}</mrow>"

    def _in_words(self, op: str, args: tuple[Node, ...]) -> str:
        """A condition of several comparisons as it is said: x > 0 and y > 0; else empty."""
        found = self._parts_of(op, args)
        if found is None:
            return ""
        word, parts = found
        markup = [
            fenced(self.piece(part)[0])
            if self._parts_of(self.graph.op[part], self.graph.args[part])
            else self.piece(part)[0]
            for part in parts
        ]
        if word == "not":
            return f"<mrow><mtext>not&#xA0;</mtext>{markup[0]}</mrow>"
        return f"<mrow>{markup[0]}<mtext>&#xA0;{word}&#xA0;</mtext>{markup[1]}</mrow>"

    def _parts_of(self, op: str, args: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]] | None:
        """The word and the conditions of one that `formula.conditions` has put together."""
        if op != "!=" or self.graph.op[args[0]] != "where" or self.graph.number(args[1]) != 0:
            return None
        first, then, otherwise = self.graph.args[args[0]]
        yes, no = self.graph.number(then), self.graph.number(otherwise)
        if (yes, no) == (0.0, 1.0):
            return "not", (first,)
        for one, value, word in ((then, no, "and"), (otherwise, yes, "or")):
            if value != (0.0 if word == "and" else 1.0) or self.graph.op[one] != "where":
                continue
            second, *ends = self.graph.args[one]
            if [self.graph.number(end) for end in ends] == [1.0, 0.0]:
                return word, (first, second)
        return None


def fenced(markup: str) -> str:
    return f'<mrow><mo fence="true">(</mo>{markup}<mo fence="true">)</mo></mrow>'


def _fraction(above: str, below: str) -> str:
    return f"<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>"


def _cases(inside: list[str]) -> str:
    condition, then, otherwise = inside
    rows = ((then, f"<mtext>if&#xA0;</mtext>{condition}"), (otherwise, "<mtext>otherwise</mtext>"))
    cells = "".join(f"<mtr><mtd>{value}</mtd><mtd>{why}</mtd></mtr>" for value, why in rows)
    return f'<mrow><mo fence="true">{{</mo><mtable columnalign="left left">{cells}</mtable></mrow>'


def _plain(name: str) -> str:
    return SYMBOLS.get(name) or GREEK.get(name, name)


def _cut(name: str) -> tuple[str, str]:
    """A name as symbol and index: beta1 is β and 1, g_last g and last; a word stays whole."""
    if name in SYMBOLS:
        return SYMBOLS[name], ""
    found = re.fullmatch(r"([A-Za-z]+?)(\d+)|([A-Za-z]+)_(\w+)", name)
    head, index = (found[1] or found[3], found[2] or found[4]) if found else (name, "")
    symbol = _plain(head)
    return (symbol, index) if len(symbol) == 1 else (name, "")


def symbol(name: str) -> str:
    """A name as it is typeset, as plain text: β₁ for beta1."""
    head, index = _cut(name)
    return head + (index.translate(_LOWERED) if index.isdigit() else index and f" {index}")


_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def alike(names: Iterable[str]) -> frozenset[str]:
    """The names that would be drawn as another one is: beta1 and beta_1, eps and epsilon."""
    drawn: dict[tuple[str, str], set[str]] = {}
    for name in names:
        drawn.setdefault(_cut(name), set()).add(name)
    return frozenset(name for same in drawn.values() if len(same) > 1 for name in same)


def name_markup(name: str, spelled: frozenset[str] = frozenset()) -> str:
    """One letter is italic, a word upright; `x_0` and `beta1` have an index, `m_hat` a hat.

    Args:
        spelled: names that are written as they are.
    """
    head, index = (name, "") if name in spelled else _cut(name)
    style = "" if len(head) == 1 else ' mathvariant="normal"'
    markup = f"<mi{style}>{escape(head)}</mi>"
    if not index:
        return markup
    if index == "hat":
        return f'<mover accent="true">{markup}<mo stretchy="false">^</mo></mover>'
    return f'<msub>{markup}<mi mathvariant="normal">{escape(index)}</mi></msub>'


def _number(value: float) -> Piece:
    """Folded constants are shown as e, a multiple of π or a fraction where they are one."""
    if value < 0:
        markup, _ = _number(-value)
        return f'<mo form="prefix">−</mo>{markup}', SUM
    if value == math.e:
        return EULER, ATOM
    if not math.isfinite(value):  # a derivative's constants may be
        return "<mi>∞</mi>" if value > 0 else "<mtext>undefined</mtext>", ATOM
    multiple = value / math.pi
    if 0 < value < 1e3 and abs(multiple - round(multiple)) < 1e-12 and round(multiple):
        factor = round(multiple)
        return ("" if factor == 1 else f"<mn>{factor}</mn>") + "<mi>π</mi>", PRODUCT
    part = Fraction(value).limit_denominator(99)
    is_short = len(f"{value:.10g}") <= 6
    if not is_short and part.denominator > 1 and abs(float(part) - value) < 1e-14 * max(1.0, value):
        return _fraction(f"<mn>{part.numerator}</mn>", f"<mn>{part.denominator}</mn>"), PRODUCT
    text = f"{value:.10g}"
    if value >= LARGE and float(f"{value:.5e}") == value:
        text = f"{value:.5e}"
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return f"<mn>{mantissa}</mn>", ATOM
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    power = f"<msup><mn>10</mn><mn>{int(exponent)}</mn></msup>".replace(">-", ">−")
    return (f"<mn>{mantissa}</mn><mo>·</mo>{power}", PRODUCT) if mantissa != "1" else (power, POWER)
