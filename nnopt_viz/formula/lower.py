"""Formulas as they are computed: fewer operations, the same result to the last digit.

Small whole powers become products. Signs and powers of two move outwards and into the
constants they meet: scaling by them does not round, unless a number leaves the range of
float64. Both executors and every evaluation take formulas in this form.
"""

from __future__ import annotations

from math import frexp
from typing import TYPE_CHECKING

from nnopt_viz.formula.graph import Graph, Node, needed

if TYPE_CHECKING:
    from collections.abc import Mapping

FARTHEST = 16  # the exponent of a power of two that is moved: far from over- and underflow


def lowered(graph: Graph, outputs: list[Node]) -> tuple[Graph, list[Node]]:
    """The same formulas as they are computed, in a graph of their own."""
    target = Graph()
    made = Lowering(target).copy(graph, outputs, {})
    return target, made


class Lowering:
    """Writes ordinary nodes into a graph, in the form in which they are computed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def copy(self, source: Graph, outputs: list[Node], names: Mapping[str, Node]) -> list[Node]:
        """The outputs of another graph, with some names replaced by nodes of this one."""
        made: dict[Node, Node] = {}
        for node in needed(source, outputs):
            op, value = source.op[node], source.value[node]
            if op == "const" and isinstance(value, float):
                made[node] = self.graph.const(value)
            elif op == "name":
                made[node] = names.get(str(value)) or self.graph.name(str(value))
            else:
                made[node] = self.add(op, *(made[a] for a in source.args[node]))
        return [made[node] for node in outputs]

    def add(self, op: str, *args: Node) -> Node:
        """`op` applied to nodes of this graph."""
        match op:
            case "**":
                made = self._power(*args)
            case "*":
                made = self._product(*args)
            case "+" | "-" | "neg":
                made = self._signed(op, args)
            case _:
                made = None
        return made or self.graph.add(op, *args)

    def _power(self, base: Node, exponent: Node) -> Node | None:
        number = self.graph.number(exponent)
        if number not in (2.0, 3.0, 4.0):
            return None
        square = self.add("*", base, base)
        if number == 2.0:
            return square
        return self.add("*", square, base if number == 3.0 else square)

    def _product(self, a: Node, b: Node) -> Node | None:
        factor, other = self.graph.number(a), self.graph.number(b)
        if factor is None and other is not None:
            a, b, factor = b, a, other
        elif other is not None:
            return None
        if factor is not None:
            inner, rest = self._scaled(b)
            if rest == b or not (_is_exact(factor) or _is_exact(inner)):
                return None
            return self.add("*", self.graph.const(factor * inner), rest)
        for scaled, plain in ((a, b), (b, a)):
            inner, rest = self._scaled(scaled)
            if rest != scaled and _is_exact(inner):
                return self.add("*", self.graph.const(inner), self.add("*", rest, plain))
        return None

    def _signed(self, op: str, args: tuple[Node, ...]) -> Node | None:
        first, last = args[0], args[-1]
        if op == "neg":
            inner, rest = self._scaled(last)
            return None if rest == last else self.add("*", self.graph.const(-inner), rest)
        if self.graph.op[last] == "neg":
            return self.add("-" if op == "+" else "+", first, self.graph.args[last][0])
        if op == "+" and self.graph.op[first] == "neg":
            return self.add("-", last, self.graph.args[first][0])
        return None

    def _scaled(self, node: Node) -> tuple[float, Node]:
        """A node as a constant times another one: (1, itself) where there is no constant."""
        args = self.graph.args[node]
        if self.graph.op[node] == "neg":
            return -1.0, args[0]
        factor = self.graph.number(args[0]) if self.graph.op[node] == "*" else None
        return (1.0, node) if factor is None else (factor, args[1])


def _is_exact(factor: float) -> bool:
    """Whether it is a power of two, or one with a minus, so that a product by it is exact."""
    share, exponent = frexp(factor)
    return abs(share) == 0.5 and abs(exponent) <= FARTHEST
