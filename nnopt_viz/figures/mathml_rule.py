"""An optimizer's rule as a paper would set it: a line for each assignment."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from nnopt_viz.figures.mathml import (
    ATOM,
    PRODUCT,
    TooLongError,
    Writer,
    fenced,
    name_markup,
    summands,
    wrapped,
)
from nnopt_viz.formula.graph import Graph
from nnopt_viz.formula.parse import Parser
from nnopt_viz.formula.tokens import FormulaError
from nnopt_viz.formula.words import MATRIX_CALLS, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from nnopt_viz.formula.graph import Node

HESSIAN = "<mi>H</mi>"
GRADIENT = '<mo form="prefix">∇</mo><mi>f</mi>'
# Function of the rule language -> how many arguments it has.
ARITY = {name: word.arity for name, word in WORDS.items()} | {"clip": 3}
_NAME = re.compile(r"[A-Za-z_]\w*")
_FIRST = re.compile(r"^(\w+)_0 *=", re.MULTILINE)  # `d_0 = …` is about d
_PRODUCTS = frozenset({"newton", "hessian", "between", "gram_rows", "gram_columns"})
# Functions of weights as matrices that are set by their names.
NAMED = {
    "rms": "rms", "orthogonal": "orth", "row_mean": "mean,rows", "column_mean": "mean,columns",
}  # fmt: skip


@lru_cache(maxsize=256)
def rule_mathml(text: str) -> str:
    """`name ← formula`, a `<div>` for each line of a rule that can be read.

    Returns:
        Markup for an element's innerHTML; every text in it is escaped.
    """
    lines = [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]
    names = frozenset(_NAME.findall(_FIRST.sub(r"\1 =", "\n".join(lines))))
    return "".join(f'<div class="rule-line">{_line(line, names)}</div>' for line in lines)


def _line(line: str, names: frozenset[str]) -> str:
    target, _, formula = line.partition("=")
    name, graph = target.strip(), Graph()
    try:
        parser = Parser(formula.strip(), graph, lambda token: graph.name(token.text), _calls(graph))
        writer = RuleWriter(graph, names)
        terms = summands(writer, parser.sum())
    except (FormulaError, TooLongError):
        return f"<code>{escape(line)}</code>"
    if name.endswith("_0"):  # where a remembered value starts
        terms[-1] += "<mspace width='0.6em'/><mtext>before step 1</mtext>"
        name = name.removesuffix("_0")
    return wrapped(f"{name_markup(name, writer.spelled)}<mo>←</mo>", terms)


def _calls(graph: Graph) -> dict[str, tuple[int, Callable[..., Node]]]:
    def of(op: str) -> Callable[..., Node]:
        return lambda *args: graph.special(op, args)

    return {name: (arity, of(name)) for name, arity in ARITY.items()}


class RuleWriter(Writer):
    """Knows the functions that only rules have."""

    def _binds(self, op: str, markup: str) -> int:
        """A matrix before a vector is a product."""
        return PRODUCT if op in _PRODUCTS else super()._binds(op, markup)

    def _call(self, op: str, args: tuple[Node, ...]) -> str:
        inside = [self.piece(a)[0] for a in args]
        if op == "norm":
            return _between("‖", inside[0], "‖")
        if op == "dot" and args[0] == args[1]:
            return f"<msup>{_between('‖', inside[0], '‖')}<mn>2</mn></msup>"
        if op == "dot":
            return _between("⟨", "<mo>,</mo>".join(inside), "⟩")
        if op == "grad":
            return f"<mrow>{GRADIENT}{fenced(inside[0])}</mrow>"
        if op == "loss":
            return f"<mrow><mi>f</mi>{fenced(inside[0])}</mrow>"
        if op == "newton":
            damped = fenced(f"{HESSIAN}<mo>+</mo>{self.at_least(args[1], PRODUCT)}<mi>I</mi>")
            matrix = HESSIAN if self.graph.number(args[1]) == 0 else damped
            inverse = f"<msup>{matrix}<mrow><mo>−</mo><mn>1</mn></mrow></msup>"
            return f"<mrow>{inverse}{self.at_least(args[0], ATOM)}</mrow>"
        if op == "hessian":
            return f"<mrow>{HESSIAN}<mo>&#x2062;</mo>{self.at_least(args[0], ATOM)}</mrow>"
        if op == "curvature":
            return (
                f'<mrow><mi mathvariant="normal">diag</mi><mspace width="0.17em"/>{HESSIAN}</mrow>'
            )
        if op == "axis":
            return f'<msub><mi mathvariant="bold">e</mi>{inside[0]}</msub>'
        if op == "normal":
            return f"<mrow><mi>N</mi>{fenced('<mn>0</mn><mo>,</mo><mi>I</mi>')}</mrow>"
        if op in MATRIX_CALLS:
            return self._matrix_call(op, args, inside)
        return super()._call(op, args)

    def _matrix_call(self, op: str, args: tuple[Node, ...], inside: list[str]) -> str:
        if op == "weights":  # 1 at weights, 0 elsewhere
            return "<msub><mn>1</mn><mi>W</mi></msub>"
        if op == "aspect":
            return "<mfrac><mtext>outputs</mtext><mtext>inputs</mtext></mfrac>"
        if op in NAMED:
            name, _, below = NAMED[op].partition(",")
            said = f'<mi mathvariant="normal">{name}</mi>'
            said = f"<msub>{said}<mtext>{below}</mtext></msub>" if below else said
            return f"<mrow>{said}{fenced(inside[0])}</mrow>"
        if op == "between":
            left, right = (_root(inside[i], inside[3]) for i in (0, 2))
            return f"<mrow>{left}{self.at_least(args[1], ATOM)}{right}</mrow>"
        matrix = self.at_least(args[0], ATOM)
        turned = f'<msup>{matrix}<mi mathvariant="normal">T</mi></msup>'
        return (
            f"<mrow>{matrix}{turned}</mrow>"
            if op == "gram_rows"
            else (f"<mrow>{turned}{matrix}</mrow>")
        )


def _root(matrix: str, eps: str) -> str:
    damped = fenced(f"{matrix}<mo>+</mo>{eps}<mi>I</mi>")
    return f"<msup>{damped}<mrow><mo>−</mo><mfrac><mn>1</mn><mn>4</mn></mfrac></mrow></msup>"


def _between(left: str, inside: str, right: str) -> str:
    grows = "true" if "<mfrac" in inside or "<msqrt" in inside else "false"
    fence = f'<mo fence="true" stretchy="{grows}">'
    return f"<mrow>{fence}{left}</mo>{inside}{fence}{right}</mo></mrow>"
