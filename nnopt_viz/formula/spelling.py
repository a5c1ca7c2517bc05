"""A formula as it is read, written in our notation: the text with what differs replaced."""

from __future__ import annotations

import re

from nnopt_viz.formula.tokens import MAX_LENGTH, SPACES, FormulaError, Token

_SPACE = re.compile(f"[{SPACES}]")
_ALONE = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|[0-9.]+")
_CALLED = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\(")


class Spelling:
    """Pieces of a text that are replaced, as a parser goes through it from left to right.

    Args:
        text: the formula as given.
        tokens: of it, those that the parser reads.
    """

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.replaced: list[tuple[int, int, str]] = []  # token from, to (not included), instead

    def replace(self, first: int, after: int, instead: str) -> None:
        """Put a text in the place of tokens; what was replaced inside them is in it already.

        Raises:
            FormulaError: when a formula so long could not be read.
        """
        if len(instead) > MAX_LENGTH:
            message = f"Written out, this has more than {MAX_LENGTH} characters"
            raise FormulaError(message, self.text, self.tokens[first].position)
        while self.replaced and self.replaced[-1][0] >= first and self.replaced[-1][1] > first:
            self.replaced.pop()
        self.replaced.append((first, after, instead))

    def insert(self, before: int, instead: str) -> None:
        """Put a text before a token."""
        self.replaced.append((before, before, instead))

    def of(self, first: int, after: int) -> str:
        """The tokens from `first` to `after` (not included) in our notation."""
        pieces: list[str] = []
        end = self.tokens[first].position
        at = first
        for begin, stop, instead in (*self._inside(first, after), (after, after, "")):
            for token in self.tokens[at:begin]:
                pieces += [_SPACE.sub(" ", self.text[end : token.position]), token.text]
                end = token.end
            if begin == after and not instead:
                break
            if stop > begin:
                pieces += [_SPACE.sub(" ", self.text[end : self.tokens[begin].position]), instead]
                end = self.tokens[stop - 1].end
            else:  # in the place of the space, if there is one
                pieces.append(instead)
                end = self.tokens[begin].position
            at = stop
        return "".join(pieces)

    def _inside(self, first: int, after: int) -> list[tuple[int, int, str]]:
        """What is replaced between two tokens, from left to right."""
        found = []
        for one in reversed(self.replaced):
            if one[0] < first or (one[0] == first and one[1] == first):
                break
            if one[1] <= after and one[0] < after:
                found.append(one)
        return found[::-1]

    def factor(self, first: int, after: int) -> str:
        """The same, in parentheses where it needs them to be raised or multiplied."""
        made = self.of(first, after)
        return made if is_factor(made) else f"({made})"

    def whole(self) -> str:
        """The whole text in our notation; the very text where nothing differs.

        Raises:
            FormulaError: when it is longer than a formula may be.
        """
        if not self.replaced and all(token.text == token.written for token in self.tokens):
            return self.text if not _SPACE.search(self.text) else _SPACE.sub(" ", self.text)
        last = len(self.tokens) - 1
        start = self.tokens[0].position if self.tokens else 0
        made = self.text[:start] + self.of(0, last) + self.text[self.tokens[last - 1].end :]
        if len(made) > MAX_LENGTH:
            message = f"Written out, this has more than {MAX_LENGTH} characters"
            raise FormulaError(message, self.text, 0)
        return made


def bare(text: str) -> str:
    """A text without the parentheses that stand around all of it."""
    inside = text.strip()
    return (
        inside[1:-1] if inside.startswith("(") and _closes_at(inside) == len(inside) - 1 else text
    )


def is_factor(text: str) -> bool:
    """Is this a name, a number or one call, so that it needs no parentheses?"""
    if _ALONE.fullmatch(text):
        return True
    return bool(_CALLED.match(text)) and _closes_at(text) == len(text) - 1


def is_product(text: str) -> bool:
    """Has it no plus or minus outside parentheses?"""
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and letter in "+-":
            return False
    return True


def _closes_at(text: str) -> int:
    """Where the first parenthesis closes; -1 where it does not."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and letter == ")":
            return at
    return -1


def filled(template: str, spelling: Spelling, ranges: list[tuple[int, int]]) -> str:
    """A function that is written out, in a and b, with its arguments put in."""

    def argument(found: re.Match[str]) -> str:
        letter = found["alone"] or found["one"]
        first, after = ranges["ab".index(letter)]
        if found["alone"]:
            return f"({spelling.of(first, after)})"
        return spelling.factor(first, after)

    return re.sub(r"\((?P<alone>[ab])\)|\b(?P<one>[ab])\b", argument, template)
