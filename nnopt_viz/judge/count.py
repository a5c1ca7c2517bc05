"""How many minima a surface has, in words, as far as they were looked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nnopt_viz.compose.own import FORMULA, surface_entry
from nnopt_viz.judge.evaluate import loss_range
from nnopt_viz.judge.minima import find_minima, minima_found
from nnopt_viz.judge.one_weight import has_one_weight

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.minima import FoundMinimum


def summary(surface: Call) -> str:
    """How many minima there are: `1 global, 3 local minima`; or why there are none.

    Of a surface of one's own nobody knows all: there the count is of those `found`.
    """
    low, high = loss_range(surface)
    if math.isnan(low):
        return "no finite loss in this region"
    minima = find_minima(surface)
    if low == high and all(m.loss == low for m in minima):
        return "level everywhere in this region"
    xl, xh, yl, yh = surface_entry(surface).bounds
    beyond = [m for m in minima if not (xl <= m.x <= xh and yl <= m.y <= yh)]
    minima = tuple(m for m in minima if m not in beyond)
    area = "over a stretch" if has_one_weight(surface) else "over an area"
    found = " found" if surface.name == FORMULA.name else ""
    is_short = minima_found(surface).is_short and all(m.kind == "point" for m in minima)
    short = "at least " if is_short else ""
    best, rest = ([m for m in minima if m.is_global is known] for known in (True, False))
    if not minima:
        return (
            f"{_counted(beyond, 'global', '', area) or f'no minimum{found}'} {_WHERE[bool(beyond)]}"
        )
    if not best or not rest or any(m.kind != "point" for m in minima):
        parts = [_counted(best, "global", found, area), _counted(rest, "local", found, area)]
        said = ", ".join(part for part in parts if part)
    else:
        noun = "local minimum" if len(rest) == 1 else "local minima"
        said = f"{len(best)} global, {short}{len(rest)} {noun}{found}"
    return said if rest else f"{short}{said}"


_WHERE = {False: "in this region", True: "outside this region"}


def _counted(minima: list[FoundMinimum], word: str, found: str, area: str) -> str:
    """`2 global minima`; `global minima along a curve`: of these there is no number."""
    points = sum(m.kind == "point" for m in minima)
    kinds = {m.kind for m in minima} - {"point"}
    alone = f"{points} {word} {'minimum' if points == 1 else 'minima'}{found}" if points else ""
    if not kinds:
        return alone
    where = area if "area" in kinds else "along a curve"
    return f"{alone} and more {where}" if alone else f"{word} minima{found} {where}"
