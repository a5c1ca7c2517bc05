"""A formula cut into tokens: numbers, names, signs, and where each stands.

What students and papers write for a sign of ours (`^`, `·`, `−`, `≤`) is that sign here; the
token keeps what was written, so that messages and positions are those of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LENGTH = 4000

SPACES = "\u00a0\u2002-\u200a\u202f\u205f"  # what a word processor or a page puts between words
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# A sign elsewhere -> ours. All are one character but those in _TOKEN.
SIGNS = {
    "^": "**", "·": "*", "×": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/",
    "−": "-", "–": "-", "≤": "<=", "≥": ">=", "≠": "!=", "←": "=", ":=": "=",
}  # fmt: skip
NAMES = {"π": "pi", "&&": "and", "∧": "and", "∨": "or", "¬": "not"}
UPDATES = ("+=", "-=", "*=", "/=")  # in rules: x -= lr*g

# A number as it may be written, without its sign. It can be read in one way only: of a long one
# that is none in the end, all ways would be tried.
NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TOKEN = re.compile(
    rf"[ \t\r{SPACES}]*(?:(?P<number>{NUMBER})"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*|&&|[π∧∨¬])"
    r"|(?P<power>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<sign>\*\*|[<>=!:+\-*/]=|[-+*/<>(),=;\n^%|√·×⋅∙∗÷∕⁄−–≤≥≠←])|(?P<end>$)|(?P<bad>.))"
)
# What to write for a character that has no meaning here.
INSTEAD = {
    "₁": "the coordinates are x and y",
    "₂": "the coordinates are x and y",
    "!": "a factorial is no function of a real number",
    "∞": "there is no infinity; write a large number",
    "°": "angles are in radians; write pi/180*…",
    "½": "write 1/2",
    "θ": "the parameters are x and y on a surface, x in a rule",
    "∇": "the gradient is g in a rule",
    "‖": "write norm(…) in a rule, sqrt(x**2 + y**2) on a surface",
    "[": "write round parentheses",
    "{": "write round parentheses",
    "&": "write and",
    "~": "write not",
    "?": "write where(condition, then, otherwise)",
}


class FormulaError(ValueError):
    """A formula that can't be read: what is wrong, and at which character.

    Args:
        message: a plain sentence that says what is allowed.
        text: the formula as given.
        position: index of the offending character, from 0.
        nearest: a known name that may have been meant.
    """

    def __init__(self, message: str, text: str, position: int, nearest: str | None = None) -> None:
        super().__init__(f"{message} (character {position + 1})")
        self.message = message
        self.text = text
        self.position = position
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Token:
    """A number, name, sign, raised power or the end.

    Args:
        text: in our notation.
        position: where it begins, from 0.
        written: as it stands in the formula.
    """

    kind: str
    text: str
    position: int
    written: str

    @property
    def end(self) -> int:
        """Where it ends: the index after its last character."""
        return self.position + len(self.written)

    def shown(self) -> str:
        """What it is called in a message, however long it is."""
        return "the end" if self.kind == "end" else repr(shorten(self.written))


def tokens(text: str) -> list[Token]:
    """Cut the text into tokens. Raises FormulaError at a character with no meaning."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"A formula has at most {MAX_LENGTH} characters", text, MAX_LENGTH)
    found: list[Token] = []
    position = 0
    while position <= len(text):
        match = _TOKEN.match(text, position)
        assert match is not None
        assert match.lastgroup is not None
        kind, word = match.lastgroup, match[match.lastgroup]
        if kind == "bad":
            hint = INSTEAD.get(word, "use names, numbers, + - * / ** and parentheses")
            raise FormulaError(f"{word!r} has no meaning here: {hint}", text, match.start(kind))
        found.append(Token(kind, _ours(kind, word), match.start(kind), word))
        if kind == "end":
            break
        position = match.end()
    return found


def _ours(kind: str, word: str) -> str:
    """A token's text in our notation."""
    if kind == "power":
        return "**" + word.translate(SUPERSCRIPTS)
    if kind == "sign":
        return SIGNS.get(word, word)
    return NAMES.get(word, word) if kind == "name" else word


def shorten(word: str) -> str:
    """A name that is fit for a message."""
    return word if len(word) <= 40 else word[:40] + "…"
