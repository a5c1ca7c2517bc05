"""What to say of a name that a formula can't read, and which one may have been meant."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING

from nnopt_viz.formula.notation import MEANT, READ
from nnopt_viz.formula.tokens import FormulaError, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

CONSTANTS = {"pi": math.pi}
MAX_LISTED = 40  # names in a message


def unknown(
    kind: str,
    name: str,
    known: Iterable[str],
    text: str,
    position: int,
    why: str = "",
    more: Iterable[str] = (),
) -> FormulaError:
    """The error about an unknown name, with the nearest known one.

    Args:
        why: ends the sentence.
        more: names that are known too, and not listed.
    """
    pool = sorted(known)
    if kind == "name" and name in READ:
        return FormulaError(f"{name} is a function: write {name}(…)", text, position)
    near = _meant(name, pool) if kind == "name" else None
    if near is None:
        close = difflib.get_close_matches(name[:40], map(shorten, sorted({*pool, *more})), n=1)
        near = close[0] if close else None
    hint = f" Did you mean {near}?" if near else ""
    known_text = ", ".join(map(shorten, pool[:MAX_LISTED])) + (", …" if pool[MAX_LISTED:] else "")
    message = f"Unknown {kind} {shorten(name)!r}.{hint} Known: {known_text}{why}"
    return FormulaError(message, text, position, near)


def _meant(name: str, known: list[str]) -> str | None:
    """What a name means that is well known elsewhere, or x*y for xy where both are names."""
    meant = MEANT.get(name)
    if meant is not None and (not meant.isidentifier() or meant in (*known, *CONSTANTS)):
        return meant
    for cut in range(1, min(len(name), 40)):
        if name[:cut] in known and name[cut:] in known:
            return f"{name[:cut]}*{name[cut:]}"
    return None
