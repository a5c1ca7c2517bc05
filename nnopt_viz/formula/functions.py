"""Functions of a formula: ours, those under another name, and those that are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.formula.notation import CALLABLE, INSTEAD, READ, RENAMED, SEVERAL, WRITTEN
from nnopt_viz.formula.spelling import filled, is_factor
from nnopt_viz.formula.tokens import FormulaError, Token
from nnopt_viz.formula.unknown import unknown

if TYPE_CHECKING:
    from nnopt_viz.formula.graph import Node
    from nnopt_viz.formula.notation import Written
    from nnopt_viz.formula.parse import Parser


def is_raised(parser: Parser) -> bool:
    """sin²(x) or sin^2(x): is this behind the name of a function?"""
    if not parser.is_function(parser.tokens[parser.at - 1].text):
        return False
    if parser.token.kind == "power":
        return parser.ahead(1).text == "("
    is_power = parser.is_sign("**") and parser.ahead(1).kind == "number"
    return is_power and parser.ahead(2).text == "("


def raised(parser: Parser, token: Token) -> Node:
    """sin²(x), written as sin(x)**2."""
    begun, sign = parser.at - 1, parser.token
    parser.at += 1 if sign.kind == "power" else 2
    exponent = parser.tokens[parser.at - 1].text.removeprefix("**")
    if not exponent.isdigit() or int(exponent) < 1:
        raise parser.error(
            f"A power of {token.shown()} can be read in two ways: write {token.text}(…)**…",
            sign,
        )
    opened = parser.at
    made, text = _applied(parser, token)
    parser.once_raised()
    name = RENAMED.get(token.text, token.text)
    text = text or name + parser.spelling.of(opened, parser.at)
    text = text if is_factor(text) else f"({text})"
    parser.spelling.replace(begun, parser.at, f"{text}**{exponent}")
    return parser.node("**", made, parser.graph.const(float(exponent)), at=sign)


def called(parser: Parser, token: Token) -> Node:
    begun = parser.at - 1
    name = RENAMED.get(token.text, token.text)
    if name != token.text and token.text not in parser.calls:
        parser.spelling.replace(begun, parser.at, name)
    made, text = _applied(parser, token)
    if text is not None:
        before = parser.tokens[begun - 1].text if begun else "("
        is_whole = before in "(,=;\n" and (
            parser.token.kind == "end" or parser.token.text in "),;\n"
        )
        text = text if is_whole or is_factor(text) else f"({text})"
        parser.spelling.replace(begun, parser.at, text)
    return made


def _applied(parser: Parser, token: Token) -> tuple[Node, str | None]:
    """A function of what follows in parentheses, and its text where it is written out."""
    name = token.text if token.text in parser.calls else RENAMED.get(token.text, token.text)
    written = None if name in parser.calls or name in CALLABLE else WRITTEN.get(name)
    arity, build = parser.calls.get(name, (CALLABLE.get(name, -1), None))
    arity = written.arity if written else arity
    if arity < 0:
        raise _unknown_function(parser, token)
    parser.take("(")
    args: list[Node] = []
    ranges: list[tuple[int, int]] = []
    while not parser.is_sign(")"):
        if args:
            parser.take(",")
        begun = parser.at
        is_condition = name == "where" and not args
        args.append(parser.condition() if is_condition else parser.sum())
        ranges.append((begun, parser.at))
    parser.take(")")
    if name in SEVERAL and len(args) > 2:
        return _several(parser, name, args, ranges, token)
    if len(args) != arity:
        noun = "argument" if arity == 1 else "arguments"
        hint = ": write log(x)/log(b)" if (name, len(args)) == ("log", 2) else ""
        raise parser.error(f"{token.text} takes {arity} {noun}, not {len(args)}{hint}", token)
    if written:
        made = written_out(parser, written, args, token)
        return made, filled(written.text, parser.spelling, ranges)
    if build is not None:
        return build(*args), None
    if name == "clip":
        raised = parser.node("maximum", args[0], args[1], at=token)
        return parser.node("minimum", raised, args[2], at=token), None
    return parser.node(name, *args, at=token), None


def _several(
    parser: Parser, name: str, args: list[Node], ranges: list[tuple[int, int]], token: Token
) -> tuple[Node, str]:
    """min(a, b, c), written as minimum(minimum(a, b), c)."""
    made, text = args[0], parser.spelling.of(*ranges[0])
    for arg, span in zip(args[1:], ranges[1:], strict=True):
        made = parser.node(name, made, arg, at=token)
        text = f"{name}({text}, {parser.spelling.of(*span).strip()})"
    return made, text


def written_out(parser: Parser, written: Written, args: list[Node], token: Token) -> Node:
    """What a function that is written out means, of nodes that are there already."""
    named = dict(zip("ab", args, strict=False))
    inner = type(parser)(
        written.text, parser.graph, lambda one: named[one.text], names=frozenset("ab")
    )
    try:
        return inner.sum()
    except FormulaError as fault:  # its place is not one in this text
        raise parser.error(fault.message, token) from None


def _unknown_function(parser: Parser, token: Token) -> FormulaError:
    name = token.text
    if name in INSTEAD:
        return parser.error(f"{name} is not read here: {INSTEAD[name]}", token)
    for cut in range(1, len(name)):
        if name[:cut] in parser.names and parser.is_function(name[cut:]):
            message = f"Unknown function {name!r}: write {name[:cut]}*{name[cut:]}(…)"
            return FormulaError(message, parser.text, token.position, None)
    known = sorted({*CALLABLE, *parser.calls})
    return unknown("function", name, known, parser.text, token.position, more=READ)
