"""Exact derivatives of formulas, as formulas: gradient and Hessian.

Forward differentiation over hash-consed nodes: the result shares every common
subexpression, and its size grows linearly with that of the formula.
At a kink of abs, minimum, maximum or sqrt their own derivative counts as 0: a subgradient where
the kink is symmetric, and not elsewhere (maximum(x, 2*x) has none below 1).
"""

from __future__ import annotations

import math

from nnopt_viz.formula.graph import COMPARISONS, Graph, Node, needed


def derive(graph: Graph, outputs: list[Node], name: str) -> list[Node]:
    """The derivative of each output with respect to one variable, as new nodes."""
    zero = graph.const(0.0)
    slope: dict[Node, Node] = {}
    for node in needed(graph, outputs):
        slope[node] = zero
        if graph.op[node] == "name":
            if graph.value[node] == name:
                slope[node] = graph.const(1.0)
            continue
        args = graph.args[node]
        if any(slope[a] != zero for a in args):
            slope[node] = _chain(graph, node, [slope[a] for a in args])
    return [slope[node] for node in outputs]


def gradient(graph: Graph, value: Node, names: tuple[str, ...]) -> list[Node]:
    """(df/dx, df/dy, …)."""
    return [derive(graph, [value], name)[0] for name in names]


def hessian(graph: Graph, slopes: list[Node], names: tuple[str, ...]) -> list[list[Node]]:
    """Second derivatives [[fxx, fxy], [fxy, fyy]] from the gradient's nodes."""
    rows = [derive(graph, slopes, name) for name in names]
    return [[rows[min(i, j)][max(i, j)] for j in range(len(names))] for i in range(len(names))]


def _chain(graph: Graph, node: Node, slopes: list[Node]) -> Node:
    """The chain rule for one node, given its arguments' slopes."""
    add, const = graph.add, graph.const
    op, args = graph.op[node], graph.args[node]
    a, da = args[0], slopes[0]
    b, db = args[-1], slopes[-1]
    zero = const(0.0)
    if op in COMPARISONS or op in ("sign", "floor"):
        return zero
    match op:
        case "+" | "-":
            return add(op, da, db)
        case "neg":
            return add("neg", da)
        case "*":
            if a == b:
                return add("*", const(2.0), add("*", a, da))
            return add("+", add("*", da, b), add("*", a, db))
        case "/":
            return add("/", add("-", da, add("*", node, db)), b)
        case "**":
            return _power(graph, node, slopes)
        case "where":
            return add("where", a, slopes[1], db)
        case "minimum" | "maximum":
            first, second = ("<", ">") if op == "minimum" else (">", "<")
            otherwise = add("where", add(second, a, b), db, zero)
            return add("where", add(first, a, b), da, otherwise)
        case "abs":
            return add("*", add("sign", a), da)
        case "sqrt":
            slope = add("/", da, add("*", const(2.0), node))
            return add("where", add("==", node, zero), zero, slope)
        case "exp":
            return add("*", node, da)
        case "log":
            return add("/", da, a)
        case "sin":
            return add("*", add("cos", a), da)
        case "cos":
            return add("neg", add("*", add("sin", a), da))
        case "tan":
            return add("*", add("+", const(1.0), add("*", node, node)), da)
        case "sinh":
            return add("*", add("cosh", a), da)
        case "cosh":
            return add("*", add("sinh", a), da)
        case "tanh":
            return add("*", add("-", const(1.0), add("*", node, node)), da)
        case "atan2":
            across = add("-", add("*", b, da), add("*", a, db))
            return add("/", across, add("+", add("*", a, a), add("*", b, b)))
        case "erf":
            bell = add("exp", add("neg", add("*", a, a)))
            return add("*", add("*", const(2.0 / math.sqrt(math.pi)), bell), da)
        case "atan":
            return add("/", da, add("+", const(1.0), add("*", a, a)))
    raise AssertionError(f"no derivative of {op}")


def _power(graph: Graph, node: Node, slopes: list[Node]) -> Node:
    """d(a**b): b*a**(b-1)*da where b is constant, else by the logarithm."""
    add, const = graph.add, graph.const
    a, b = graph.args[node]
    da, db = slopes
    zero = const(0.0)
    exponent = graph.number(b)
    if exponent is not None:
        slope = add("*", add("*", b, add("**", a, const(exponent - 1.0))), da)
        return slope if exponent >= 1 else add("where", add("==", a, zero), zero, slope)
    by_exponent = add("*", add("*", node, add("log", a)), db)
    by_base = add("*", add("*", b, add("**", a, add("-", b, const(1.0)))), da)
    if db == zero:
        return by_base
    return add("+", by_base, by_exponent)
