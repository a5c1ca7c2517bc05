"""Texts of lessons taken apart: words, code, variables, and figures with their measure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_MARKS = re.compile(
    r"\{(?P<stated>[^{}:]+): (?P<measure>[^{}]+)\}|`(?P<code>[^`]+)`|_(?P<stressed>[^_`{}]+)_"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text.

    Args:
        kind: "words", "code", "stressed" (a variable or a term) or "figure".
        text: as shown.
        measure: of a figure, what it states, as an expression over the race.
    """

    kind: Literal["words", "code", "stressed", "figure"]
    text: str
    measure: str = ""


def parts(text: str) -> list[Part]:
    """The pieces of a text, in order."""
    found: list[Part] = []
    end = 0
    for mark in _MARKS.finditer(text):
        if mark.start() > end:
            found.append(Part("words", text[end : mark.start()]))
        end = mark.end()
        if mark["stated"]:
            found.append(Part("figure", mark["stated"], mark["measure"]))
        elif mark["code"]:
            found.append(Part("code", mark["code"]))
        else:
            found.append(Part("stressed", mark["stressed"]))
    if end < len(text):
        found.append(Part("words", text[end:]))
    return found


def plain(text: str) -> str:
    """The text as it is read, without marks."""
    return "".join(part.text for part in parts(text))


def stated(text: str) -> float:
    """The number that a figure states: `−1.025`, `1,000`, `about 300`."""
    return float(text.removeprefix("about ").replace("−", "-").replace(",", ""))


def slack(text: str) -> float:
    """How far the measured number may be from the stated one: half its last digit.

    A figure that says `about` may be a twentieth off.
    """
    if text.startswith("about "):
        return abs(stated(text)) / 20
    decimals = len(text.partition(".")[2])
    return 0.5 * 10.0**-decimals * (1 + 1e-9)
