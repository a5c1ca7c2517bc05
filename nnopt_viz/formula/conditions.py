"""Conditions: comparisons, with `and`, `or` and `not` between them, as one value.

A comparison alone stays what it is. More of them become a value that is not 0 where they hold,
which `where` takes as well: `a < b and c < d` is `where(a < b, where(c < d, 1, 0), 0)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.formula.graph import COMPARISONS

if TYPE_CHECKING:
    from nnopt_viz.formula.graph import Node
    from nnopt_viz.formula.parse import Parser

WORDS = frozenset({"and", "or", "not", "if", "else"})  # between conditions, never a factor


def condition(parser: Parser) -> Node:
    """What is true or false: comparisons, with and, or, not between them."""
    begun = parser.at
    left = _both(parser)
    while parser.token.text == "or":
        parser.at += 1
        middle = parser.at
        right = _both(parser)
        one, two = parser.spelling.of(begun, middle - 1), parser.spelling.of(middle, parser.at)
        left = _together(parser, left, 1.0, right, f"where({one}, 1, where({two}, 1, 0))", begun)
    return left


def _both(parser: Parser) -> Node:
    begun = parser.at
    left = _truth(parser)
    while parser.token.text == "and":
        parser.at += 1
        middle = parser.at
        right = _truth(parser)
        one, two = parser.spelling.of(begun, middle - 1), parser.spelling.of(middle, parser.at)
        left = _together(parser, left, None, right, f"where({one}, where({two}, 1, 0), 0)", begun)
    return left


def _together(
    parser: Parser, left: Node, sure: float | None, right: Node, text: str, begun: int
) -> Node:
    """Two conditions as one value that is not 0 where it holds; `sure` if the left one does."""
    at, const = parser.tokens[begun], parser.graph.const
    second = parser.node("where", right, const(1.0), const(0.0), at=at)
    then, otherwise = (second, const(0.0)) if sure is None else (const(sure), second)
    made = parser.node("where", left, then, otherwise, at=at)
    parser.spelling.replace(begun, parser.at, text)
    return parser.node("!=", made, const(0.0), at=at)


def _truth(parser: Parser) -> Node:
    """A comparison, or a value that is true when it is not 0."""
    begun, at, const = parser.at, parser.token, parser.graph.const
    if at.text == "not" and "not" not in parser.names:
        parser.at += 1
        parser.deeper()
        inside = _truth(parser)
        parser.depth -= 1
        made = parser.node("where", inside, const(0.0), const(1.0), at=at)
        text = f"where({parser.spelling.of(begun + 1, parser.at)}, 0, 1)"
        parser.spelling.replace(begun, parser.at, text)
        return parser.node("!=", made, const(0.0), at=at)
    if parser.is_sign("(") and parser.at in _conditions(parser):
        parser.deeper()
        parser.take("(")
        inside = condition(parser)
        parser.take(")")
        parser.depth -= 1
        parser.spelling.replace(begun, parser.at, parser.spelling.of(begun + 1, parser.at - 1))
        return inside
    left, last, so_far = parser.sum(), begun, ""
    if not (parser.token.kind == "sign" and parser.token.text in COMPARISONS):
        return parser.node("!=", left, const(0.0), at=parser.token)
    whole: Node | None = None
    while parser.token.kind == "sign" and parser.token.text in COMPARISONS:
        sign = parser.take(parser.token.text)
        middle = parser.at
        right = parser.sum()
        one = parser.node(sign.text, left, right, at=sign)
        if whole is None:
            whole, so_far = one, parser.spelling.of(begun, parser.at)
        else:  # a < b < c
            two = parser.spelling.of(last, parser.at)
            so_far = f"where({so_far}, where({two}, 1, 0), 0)"
            whole = _together(parser, whole, None, one, so_far, begun)
        left, last = right, middle
    assert whole is not None
    return whole


def _conditions(parser: Parser) -> set[int]:
    """The places of parentheses that hold a condition and are no function's."""
    if parser.conditions is not None:
        return parser.conditions
    tokens = parser.tokens
    found: set[int] = set()
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.text == "(" and token.kind == "sign":
            opened.append(at)
        elif token.text == ")" and opened:
            closed = opened.pop()
            before = tokens[max(closed - 1, 0)]
            is_call = before.kind == "name" and before.text not in WORDS
            if closed in found and opened and not is_call:
                found.add(opened[-1])
        elif opened and (token.text in COMPARISONS or token.text in ("and", "or", "not")):
            found.add(opened[-1])
    parser.conditions = found
    return found
