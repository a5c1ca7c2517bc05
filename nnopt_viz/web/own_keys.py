"""Keys that a route has of its own, beside those of the question whose query it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nnopt_viz.declare.nearest import close
from nnopt_viz.figures.heights import LEVELS, SCALES
from nnopt_viz.figures.region import FARTHEST, THINNEST
from nnopt_viz.formula.tokens import NUMBER
from nnopt_viz.query.grammar import GrammarError, percent_decode, shorten
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.viewing import LEVELS as SOME
from nnopt_viz.query.viewing import VIEWING
from nnopt_viz.race.keys import EXAMPLES

if TYPE_CHECKING:
    from nnopt_viz.figures.heights import Scale

_NUMBER = f" *[+-]?{NUMBER} *"
RANGE = f"^{_NUMBER},{_NUMBER}$"  # what a range looks like
RANGE_FORM = "two numbers, the lower one first, such as -2,2"
LEVELS_FORM = f"a whole number from {SOME[0]} to {SOME[1]}"
HEIGHT_FORM = " or ".join(SCALES)
LOOK = {"height": HEIGHT_FORM, "levels": LEVELS_FORM}  # how a map is drawn


def range_of(key: str, text: str) -> tuple[float, float]:
    """Read a range.

    Raises:
        QueryError: for what is none, or none that can be drawn.
    """
    if re.fullmatch(RANGE, text):
        low, high = map(float, text.split(","))
        far = max(abs(low), abs(high))
        if far <= FARTHEST and high - low > THINNEST * far:
            return low, high
    message = f"{key} is no range that can be drawn: {shorten(text, 40)!r}."
    form = f"{RANGE_FORM}, within {FARTHEST:.0e} and {THINNEST:.0e} of that apart or more"
    raise QueryError(key, text, message, form, "-2,2")


def scale_of(text: str | None) -> Scale | None:
    """Read the scale of the heights; left out, the surface chooses.

    Raises:
        QueryError: for what is none.
    """
    if text is None:
        return None
    for scale in SCALES:
        if text == scale:
            return scale
    message = f"height is {HEIGHT_FORM}, not {shorten(text, 40)!r}."
    raise QueryError("height", text, message, HEIGHT_FORM, close(text, SCALES) or SCALES[0])


def levels_of(text: str | None) -> int:
    """Read how many contour levels there are; left out, as many as on the page.

    Raises:
        QueryError: for what is no such number.
    """
    if text is None:
        return LEVELS
    low, high = SOME
    if re.fullmatch("[0-9]{1,3}", text, re.ASCII) and low <= int(text) <= high:
        return int(text)
    raise QueryError("levels", text, f"levels is {LEVELS_FORM}.", LEVELS_FORM, str(LEVELS))


def split_own(
    query: str, needed: dict[str, str], more: dict[str, str] | None = None
) -> tuple[dict[str, str], str]:
    """The texts of a route's own keys, and the query without them.

    Args:
        needed: the keys that must stand there, and what may stand in each, in words.
        more: those that may be left out.

    Raises:
        QueryError: when a key is missing, stands there twice, or can't be decoded, and for a name
            that is nearly one of them.
    """
    forms = needed | (more or {})
    own: dict[str, str] = {}
    rest: list[str] = []
    for part in query.removeprefix("?").split("&"):
        key, _, raw = part.partition("=")
        if key not in forms:
            near = close(key, (*EXAMPLES, *VIEWING, *forms))
            if key and key not in EXAMPLES and key not in VIEWING and near in forms:
                raise QueryError(
                    key, raw, f"There is no key {key[:40]!r}; the nearest is {near}.",
                    f"{near}={forms[near]}", near,
                )  # fmt: skip
            rest.append(part)
            continue
        if key in own:
            raise QueryError(key, raw, f"The key {key} stands here twice or more.", "it once")
        try:
            own[key] = percent_decode(raw)
        except GrammarError as fault:
            message = f"{key} could not be read: {fault}."
            raise QueryError(key, raw, message, f"{forms[key]}, percent-encoded UTF-8") from None
    for key, form in needed.items():
        if key not in own:
            raise QueryError(key, "", f"The key {key} is missing.", f"{key}={form}")
    return own, "&".join(rest)
