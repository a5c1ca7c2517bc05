"""An optimizer's rule as a paper would set it: a line for each assignment."""

from __future__ import annotations

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
from nnopt_viz.formula.parse import FormulaError, Parser

if TYPE_CHECKING:
    from collections.abc import Callable

    from nnopt_viz.formula.graph import Node

HESSIAN = "<mi>H</mi>"
GRADIENT = '<mo form="prefix">∇</mo><mi>f</mi>'
# Function of the rule language -> how many arguments it has.
ARITY = {
    "norm": 1, "dot": 2, "grad": 1, "loss": 1, "newton": 2, "hessian": 1, "curvature": 0,
    "normal": 0, "axis": 1, "clip": 3,
}  # fmt: skip


@lru_cache(maxsize=256)
def rule_mathml(text: str) -> str:
    """`name ← formula`, a `<div>` for each line of a rule that can be read.

    Returns:
        Markup for an element's innerHTML; every text in it is escaped.
    """
    lines = [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]
    return "".join(f'<div class="rule-line">{_line(line)}</div>' for line in lines)


def _line(line: str) -> str:
    target, _, formula = line.partition("=")
    name, graph = target.strip(), Graph()
    try:
        parser = Parser(formula.strip(), graph, lambda token: graph.name(token.text), _calls(graph))
        terms = summands(RuleWriter(graph), parser.sum())
    except (FormulaError, TooLongError):
        return f"<code>{escape(line)}</code>"
    if name.endswith("_0"):  # where a remembered value starts
        terms[-1] += "<mspace width='0.6em'/><mtext>before step 1</mtext>"
        name = name.removesuffix("_0")
    return wrapped(f"{name_markup(name)}<mo>←</mo>", terms)


def _calls(graph: Graph) -> dict[str, tuple[int, Callable[..., Node]]]:
    def of(op: str) -> Callable[..., Node]:
        return lambda *args: graph.special(op, args)

    return {name: (arity, of(name)) for name, arity in ARITY.items()}


class RuleWriter(Writer):
    """Knows the functions that only rules have."""

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
        return super()._call(op, args)


def _between(left: str, inside: str, right: str) -> str:
    grows = "true" if "<mfrac" in inside or "<msqrt" in inside else "false"
    fence = f'<mo fence="true" stretchy="{grows}">'
    return f"<mrow>{fence}{left}</mo>{inside}{fence}{right}</mo></mrow>"
