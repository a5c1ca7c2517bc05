"""Formulas as hash-consed graphs: equal subexpressions are one node.

A node is an integer index into its `Graph`; arguments always come before the
nodes that use them, so every pass is one loop over the indices, without recursion.
The order of operations is kept exactly as written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Node = int


@dataclass(frozen=True, slots=True)
class Function:
    """One operation: how many arguments, its NumPy form and its plain-Python form.

    `scalar` is a format string; its words are looked up in `math` for the fast
    loop and in NumPy for the one that obeys IEEE without exceptions.
    """

    arity: int
    array: Callable[..., Any]
    scalar: str


def erf(a: Any, out: Any = None) -> Any:
    """The error function, 2/sqrt(pi) times the integral of exp(-u**2) from 0 to a.

    NumPy has none: element by element by the standard library's, so that one point and many
    give the same digits.

    Args:
        a: dimensionless, any shape.
        out: where it goes, as in NumPy's own functions.
    """
    given = np.asarray(a)
    made = np.asarray(_ERF(given), dtype=given.dtype if given.dtype.kind == "f" else np.float64)
    if out is None:
        return made
    out[...] = made
    return out


_ERF = np.frompyfunc(math.erf, 1, 1)

FUNCTIONS: dict[str, Function] = {
    "+": Function(2, np.add, "({} + {})"),
    "-": Function(2, np.subtract, "({} - {})"),
    "*": Function(2, np.multiply, "({} * {})"),
    "/": Function(2, np.divide, "({} / {})"),
    "**": Function(2, np.power, "pow({}, {})"),
    "neg": Function(1, np.negative, "(-{})"),
    "<": Function(2, np.less, "({} < {})"),
    "<=": Function(2, np.less_equal, "({} <= {})"),
    ">": Function(2, np.greater, "({} > {})"),
    ">=": Function(2, np.greater_equal, "({} >= {})"),
    "==": Function(2, np.equal, "({} == {})"),
    "!=": Function(2, np.not_equal, "({} != {})"),
    "where": Function(3, np.where, "({1} if {0} else {2})"),
    "minimum": Function(2, np.minimum, "minimum({}, {})"),
    "maximum": Function(2, np.maximum, "maximum({}, {})"),
    "sqrt": Function(1, np.sqrt, "sqrt({})"),
    "abs": Function(1, np.abs, "abs({})"),
    "sign": Function(1, np.sign, "sign({})"),
    "exp": Function(1, np.exp, "exp({})"),
    "log": Function(1, np.log, "log({})"),
    "sin": Function(1, np.sin, "sin({})"),
    "cos": Function(1, np.cos, "cos({})"),
    "tan": Function(1, np.tan, "tan({})"),
    "sinh": Function(1, np.sinh, "sinh({})"),
    "cosh": Function(1, np.cosh, "cosh({})"),
    "tanh": Function(1, np.tanh, "tanh({})"),
    "atan": Function(1, np.arctan, "atan({})"),
    "atan2": Function(2, np.arctan2, "atan2({}, {})"),
    "erf": Function(1, erf, "erf({})"),
    "floor": Function(1, np.floor, "floor({})"),
}
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
ASKED = 4  # operations that may be asked for, in units of the nodes there may be


class TooLargeError(ValueError):
    """A graph that outgrew its limit: what was asked for would cost too much."""


class Graph:
    """A growing set of nodes. `const` nodes carry a float, `name` nodes a string.

    Args:
        most: how many nodes there may be before TooLargeError; 0 for any number. What
            folds away leaves no node and costs time all the same, so a few times as many
            may be asked for.
    """

    def __init__(self, most: int = 0) -> None:
        self.most = most
        self.asked = 0
        self.op: list[str] = []
        self.args: list[tuple[Node, ...]] = []
        self.value: list[float | str | int | None] = []
        self._seen: dict[tuple[object, ...], Node] = {}
        self.const(math.nan)  # reserves node 0, so that a node is always truthy

    def __len__(self) -> int:
        return len(self.op)

    def _intern(self, op: str, args: tuple[Node, ...], value: float | str | None) -> Node:
        key = (op, args, value if value != 0 else repr(value))  # 0.0 and -0.0 differ
        node = self._seen.get(key)
        if node is None:
            if self.most and len(self.op) >= self.most:
                raise TooLargeError(f"more than {self.most:,} operations")
            node = self._seen[key] = len(self.op)
            self.op.append(op)
            self.args.append(args)
            self.value.append(value)
        return node

    def const(self, value: float) -> Node:
        """A number."""
        return self._intern("const", (), float(value))

    def name(self, name: str) -> Node:
        """A variable."""
        return self._intern("name", (), name)

    def special(self, op: str, args: tuple[Node, ...], serial: int = 0) -> Node:
        """An operation of the rule language only: grad, loss, newton, normal, norm, …"""
        return self._intern(op, args, serial)

    def number(self, node: Node) -> float | None:
        """The value of a constant node, None for any other."""
        value = self.value[node]
        return value if isinstance(value, float) else None  # no other node carries one

    def add(self, op: str, *args: Node) -> Node:
        """`op` applied to nodes: folded when constant, without identity operations.

        Only neutral elements go (x + 0, x * 1, x * 0, x ** 1, a `where` whose
        condition is known); nothing is reordered, so rounding stays as written.
        """
        self.asked += 1
        if self.most and self.asked > ASKED * self.most:
            raise TooLargeError(f"more than {ASKED * self.most:,} operations asked for")
        values = [self.number(a) for a in args]
        if None not in values:
            with np.errstate(all="ignore"):
                return self.const(float(FUNCTIONS[op].array(*map(np.float64, values))))
        return self._identity(op, args, values) or self._intern(op, args, None)

    def _identity(self, op: str, args: tuple[Node, ...], values: list[float | None]) -> Node | None:
        first = values[0]
        last = values[-1]
        match op:
            case "+" if first == 0:
                return args[1]
            case "+" | "-" if last == 0:
                return args[0]
            case "-" if first == 0:
                return self.add("neg", args[1])
            case "*" if first == 0 or last == 0:
                return self.const(0.0)
            case "*" if first == 1:
                return args[1]
            case "*" if first == -1:
                return self.add("neg", args[1])
            case "*" | "/" if last == -1:
                return self.add("neg", args[0])
            case "*" | "/" | "**" if last == 1:
                return args[0]
            case "/" if first == 0:
                return self.const(0.0)
            case "**" if last == 0:
                return self.const(1.0)
            case "neg" if self.op[args[0]] == "neg":
                return self.args[args[0]][0]
            case "where" if first is not None:
                return args[1] if first != 0 else args[2]
            case "where" if args[1] == args[2]:
                return args[1]
        return None


def copy_into(
    target: Graph, source: Graph, outputs: list[Node], names: Mapping[str, Node]
) -> list[Node]:
    """Rebuild `outputs` in another graph with some names replaced by its nodes.

    Constants are folded again, so putting numbers in for knobs specialises a formula.
    Special operations are not copied; `expand` rewrites those.
    """
    made: dict[Node, Node] = {}
    for node in needed(source, outputs):
        op, value = source.op[node], source.value[node]
        if op == "const":
            made[node] = target.const(float(value))  # type: ignore[arg-type]
        elif op == "name":
            name = str(value)
            made[node] = names[name] if name in names else target.name(name)
        else:
            made[node] = target.add(op, *(made[a] for a in source.args[node]))
    return [made[node] for node in outputs]


def needed(graph: Graph, outputs: list[Node]) -> list[Node]:
    """The nodes on which the outputs depend, in order, outputs included."""
    if not outputs:
        return []
    wanted = [False] * (max(outputs) + 1)
    for node in outputs:
        wanted[node] = True
    for node in range(len(wanted) - 1, -1, -1):
        if wanted[node]:
            for argument in graph.args[node]:
                wanted[argument] = True
    return [node for node, is_wanted in enumerate(wanted) if is_wanted]


def names_of(graph: Graph, outputs: list[Node]) -> set[str]:
    """The variables on which the outputs depend."""
    return {str(graph.value[n]) for n in needed(graph, outputs) if graph.op[n] == "name"}
