"""What the lines of a rule are like: a direction, a scale or a point.

A line is a direction when it turns round with the gradient (a momentum does), and a scale
when it does not (a mean of squares does not). Read off the formulas: odd and even functions,
with what is remembered worked out until it no longer changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nnopt_viz.formula.graph import COMPARISONS, needed
from nnopt_viz.formula.rule import kinds, state_kinds
from nnopt_viz.formula.words import EITHER, EVEN, FIRST, NEITHER, ODD, VECTOR, WORDS

if TYPE_CHECKING:
    from nnopt_viz.formula.graph import Node
    from nnopt_viz.formula.rule import Rule

Role = Literal["point", "direction", "scale", ""]
_ODD_FUNCTIONS = frozenset({"neg", "sign", "tanh", "sinh", "atan", "sin", "tan", "erf"})
_EVEN_ALWAYS = COMPARISONS | {"abs"}


def roles(rule: Rule) -> tuple[Role, ...]:
    """The role of each statement, in order; "" for a number and for what is neither."""
    outputs = [*rule.update.values(), *(s.node for s in rule.statements)]
    kind = kinds(rule.graph, outputs, state_kinds(rule.graph, rule.update, rule.initial))
    parity = dict.fromkeys(rule.state, EITHER)
    for _ in range(len(rule.state) + 2):
        found = _parities(rule, outputs, parity)
        later = {name: _both(parity[name], found[rule.update[name]]) for name in rule.state}
        if later == parity:
            break
        parity = later

    def role(target: str, node: Node) -> Role:
        if kind[node] != VECTOR:
            return ""
        if target in ("x", "x_eval"):
            return "point"
        return {ODD: "direction", EVEN: "scale"}.get(found[node], "")  # type: ignore[return-value]

    return tuple(role(statement.target, statement.node) for statement in rule.statements)


def _parities(rule: Rule, outputs: list[Node], names: dict[str, str]) -> dict[Node, str]:
    graph = rule.graph
    found: dict[Node, str] = {}
    for node in needed(graph, outputs):
        op, args = graph.op[node], [found[a] for a in graph.args[node]]
        if op == "const":
            found[node] = EITHER if graph.number(node) == 0 else EVEN
        elif op == "name":
            name = str(graph.value[node])
            found[node] = ODD if name in ("x", "g") else names.get(name, EVEN)
        elif op in WORDS and WORDS[op].parity:
            found[node] = args[0] if WORDS[op].parity == FIRST else WORDS[op].parity
        elif op in _EVEN_ALWAYS:
            found[node] = EVEN
        elif op in ("+", "-"):
            found[node] = _both(args[0], args[1])
        elif op in ("minimum", "maximum"):  # of a direction and a bound: still a direction
            found[node] = ODD if ODD in args else _both(args[0], args[1])
        elif op == "where":
            found[node] = _both(args[1], args[2])
        elif op in ("*", "/"):
            found[node] = _times(args[0], args[1])
        elif op in _ODD_FUNCTIONS:
            found[node] = args[0]
        elif op == "**":
            found[node] = _power(args[0], graph.number(graph.args[node][1]))
        else:
            found[node] = EVEN if all(a in (EVEN, EITHER) for a in args) else NEITHER
    return found


def _both(a: str, b: str) -> str:
    if EITHER in (a, b):
        return b if a == EITHER else a
    return a if a == b else NEITHER


def _times(a: str, b: str) -> str:
    if EITHER in (a, b) or NEITHER in (a, b):
        return NEITHER if NEITHER in (a, b) else EITHER
    return EVEN if a == b else ODD


def _power(base: str, exponent: float | None) -> str:
    if base in (EVEN, EITHER):
        return EVEN
    if base == ODD and exponent is not None and exponent == int(exponent):
        return EVEN if exponent % 2 == 0 else ODD
    return NEITHER
