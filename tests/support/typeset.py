"""Typeset formulas read back as a reader of mathematics would: what is drawn, no more.

A power on a power, on a fraction or on cases without parentheses can be read in two ways: it is an
error here, and so are cases that something stands beside.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FUNCTIONS: dict[str, Callable[..., float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "ln": math.log,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "max": max,
    "min": min,
    "arctan": math.atan,
}
WORD = {"π": " pi ", "e": " E "}
SIGN = {"−": "-", "·": "*", "\u2062": "*", "\u2061": "@", "≤": "<=", "≥": ">="}
TOKEN = re.compile(r"\s*(\d+\.?\d*|[A-Za-z_]\w*|[-+*/^(),@|⌊⌋?:;]|<=|>=|<|>)")


def read_back(markup: str, values: Mapping[str, float]) -> float:
    """The value of `f = …` as it is drawn. Raises ValueError where it can be read in two ways."""
    root = ET.fromstring(
        f"<span>{unescape(markup.replace('&lt;', '‹').replace('&gt;', '›'))}</span>"
    )
    drawn = "".join(
        _text(part, i == 1 and len(root) == 1) for i, part in enumerate(root.iter("math"))
    )
    text = drawn.partition("=")[2].replace("‹", "<").replace("›", ">")
    tokens, end = [], 0
    while end < len(text.rstrip()):
        found = TOKEN.match(text, end)
        if found is None:
            raise ValueError(f"{text[end : end + 20]!r} in {text}")
        tokens.append(found[1])
        end = found.end()
    reader = _Reader(tokens, values)
    value = reader.sum()
    if reader.rest():
        raise ValueError(f"{reader.rest()} is left of {text}")
    return value


def _inner(part: ET.Element) -> ET.Element:
    while part.tag == "mrow" and len(part) == 1:
        part = part[0]
    return part


def _is_fenced(part: ET.Element) -> bool:
    first = part[0]
    applied = len(part) > 2 and part[1].text == "\u2061"
    return (first.tag == "mo" and (first.text or "") in "(|⌊") or applied


def _text(part: ET.Element, is_alone: bool = False) -> str:
    """One line of text with every power, root and fraction in parentheses."""
    inside = list(part)
    if part.tag in ("math", "mrow", "mtd"):
        if len(inside) == 2 and inside[1].tag == "mtable":
            if not is_alone and part.tag == "mrow":
                raise ValueError("cases without parentheses")
            rows = [[_text(cell, True) for cell in row] for row in inside[1]]
            return f"?({rows[0][1]});({rows[0][0]});({rows[1][0]}):"
        beside = [None, *(one.text if one.tag == "mo" else "" for one in inside), None]
        alone = [
            is_alone if before is after is None else "" not in (before, after)
            and {before, after} <= {None, "(", ")", "|", "⌊", "⌋", ","}
            for before, after in zip(beside, beside[2:], strict=False)
        ]  # fmt: skip
        return "".join(map(_text, inside, alone))
    if part.tag == "mi":
        return WORD.get(part.text or "", f" {part.text} ")
    if part.tag == "mn":
        return str(part.text).replace("−", "-")
    if part.tag == "mo":
        return SIGN.get(str(part.text), str(part.text))
    if part.tag == "mspace":
        return " "
    if part.tag == "mtext":
        return "" if "if" in str(part.text) else str(part.text)
    if part.tag == "mfrac":
        return f"(({_text(inside[0], True)})/({_text(inside[1], True)}))"
    if part.tag == "msqrt":
        return f" sqrt@({''.join(_text(one, len(inside) == 1) for one in inside)})"
    if part.tag == "msub":
        return f" {_text(inside[0]).strip()}_{_text(inside[1]).strip()} "
    if part.tag == "msup":
        base = _inner(inside[0])
        if base.tag in ("msup", "mfrac") or (base.tag == "mrow" and not _is_fenced(base)):
            raise ValueError(f"a power of {_text(base)} without parentheses")
        return f"({_text(inside[0])})^({_text(inside[1], True)})"
    raise ValueError(part.tag)


class _Reader:
    """A small parser: sums of products of powers; what stands side by side is multiplied."""

    def __init__(self, tokens: list[str], values: Mapping[str, float]) -> None:
        self.tokens, self.at, self.bars = tokens, 0, 0
        self.values = {"pi": math.pi, "E": math.e, **values}

    def rest(self) -> list[str]:
        return self.tokens[self.at :]

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        found = self.next()
        if wanted and found != wanted:
            raise ValueError(f"{wanted} and not {found} in {' '.join(self.tokens)}")
        self.at += 1
        return found

    def sum(self) -> float:
        value = self.product()
        while self.next() in ("+", "-"):
            is_plus = self.take() == "+"
            right = self.product()
            value = value + right if is_plus else value - right
        return value

    def product(self) -> float:
        if self.next() == "-":
            self.take()
            return -self.product()
        value = self.power()
        while True:
            following = self.next()
            if following in ("*", "/"):
                is_times = self.take() == "*"
                right = self.power()
                value = value * right if is_times else value / right
            elif (following and (following[0].isalpha() or following in "(⌊?")) or (
                following == "|" and not self.bars
            ):
                value *= self.power()
            else:
                return value

    def power(self) -> float:
        if self.next() == "-":
            self.take()
            return -self.power()
        base = self.atom()
        if self.next() != "^":
            return base
        self.take()
        return float(base ** self.atom())

    def atom(self) -> float:
        token = self.take()
        if token == "(":
            outside, self.bars = self.bars, 0
            value = self.sum()
            self.bars = outside
            self.take(")")
            return value
        if token == "|":
            self.bars += 1
            value = self.sum()
            self.bars -= 1
            self.take("|")
            return abs(value)
        if token == "⌊":
            value = self.sum()
            self.take("⌋")
            return float(math.floor(value))
        if token == "?":
            return self.cases()
        if token[0].isdigit():
            return float(token)
        if self.next() == "@":
            self.take()
            self.take("(")
            outside, self.bars = self.bars, 0
            given = [self.sum()]
            while self.next() == ",":
                self.take()
                given.append(self.sum())
            self.bars = outside
            self.take(")")
            return float(FUNCTIONS[token](*given))
        return self.values[token]

    def cases(self) -> float:
        """`?(a < b);(then);(otherwise):`"""
        self.take("(")
        left, sign, right = self.sum(), self.take(), self.sum()
        self.take(")")
        branches = []
        for _ in range(2):
            self.take(";")
            branches.append(self.atom())
        self.take(":")
        holds = {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}
        return branches[0] if holds[sign] else branches[1]
