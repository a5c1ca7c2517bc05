"""Every published figure, computed again: what the source printed beside what comes out here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from nnopt_viz.catalogue.published import RECORDS, Figure, Record
from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.codec import decode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.race.scenario import Scenario

# What a figure may be, and how it is called; a formula in x and y is its own name.
QUANTITIES = {
    "x": "x",
    "y": "y",
    "f": "loss",
    "gx": "∂f/∂x",
    "gy": "∂f/∂y",
    "slope": "‖∇f‖",
}
LAW_DIGITS = 6  # of what a formula gives: more than any formula's run loses to rounding
DOUBLE_DIGITS = 16
_NUMBER = re.compile(r"([+-]?)\d+(?:\.(\d*))?(?:e([+-]\d+))?")


@dataclass(frozen=True, slots=True)
class Checked:
    """A figure, looked up.

    Args:
        figure: which.
        printed: the number of the source in its own digits; of a formula, its value.
        here: ours in the same notation; "undefined" where the run has ended before.
        value: ours in full.
        digits: how many leading digits both share, 0 to 16.
    """

    figure: Figure
    printed: str
    here: str
    value: float
    digits: int

    @property
    def holds(self) -> bool:
        """The same to the last printed digit."""
        return self.here == self.printed


class FigureDocument(TypedDict):
    """A published figure beside ours.

    Args:
        quantity: x, y, loss, a slope, or a formula in x and y.
        run: which run of the query, from 0.
        step: after how many steps.
        text: as the source prints it, a number or a formula.
        printed: its number; of a formula, the value.
        here: ours in the same notation, computed by this server.
        value: ours in full; null where the run has ended before.
        holds: is it the same to the last printed digit?
        digits: how many leading digits both share.
        why: where they differ, the reason.
    """

    quantity: str
    run: int
    step: int
    text: str
    printed: str
    here: str
    value: float
    holds: bool
    digits: int
    why: str


class RecordDocument(TypedDict):
    """A printout, and the race that answers for it.

    Args:
        source: author, year, title, and where in it.
        address: where it can be read.
        shows: what one learns from it.
        printout: its lines, as printed.
        query: the race, to paste behind /run.json?; empty where none can answer for it.
        note: what had to be chosen or put otherwise.
    """

    name: str
    title: str
    source: str
    address: str
    shows: str
    printout: list[str]
    query: str
    note: str
    figures: list[FigureDocument]


class Published(TypedDict):
    """All printouts.

    Args:
        figures: how many numbers are looked up.
        hold: how many of them agree to the last printed digit; every other one says why not.
    """

    figures: int
    hold: int
    records: list[RecordDocument]


def as_json() -> Published:
    """Every record with its figures, looked up now."""
    checked = [one for record in RECORDS for one in check(record)]
    return {
        "figures": len(checked),
        "hold": sum(one.holds for one in checked),
        "records": [_document(record) for record in RECORDS],
    }


@lru_cache(maxsize=2 * len(RECORDS))
def check(record: Record) -> tuple[Checked, ...]:
    """The figures of a record, from one run of its query."""
    if not record.query:
        return ()
    scenario = decode(record.query)
    chunks = list(simulate(scenario))
    x = np.concatenate([chunk.x[..., 0] for chunk in chunks], axis=2)
    loss = np.concatenate([chunk.loss[..., 0] for chunk in chunks], axis=1)
    return tuple(_checked(scenario, x, loss, figure) for figure in record.figures)


def query_of(record: Record) -> str:
    """The canonical text of a record's race; empty where it has none."""
    return decode(record.query).to_query() if record.query else ""


def source(record: Record) -> str:
    """Author, year, title and place, as one cites it."""
    return f"{byline(record)}, {record.work}, {record.where}"


def byline(record: Record) -> str:
    """Author and, where it is known, year."""
    return f"{record.who} {record.year}" if record.year else record.who


def in_notation(value: float, printed: str) -> str:
    """A number with as many digits, and written in the same way, as a printed one.

    Args:
        value: the number.
        printed: what it shall look like: "-0.943467", "6.962555e-05", "+1".
    """
    if not math.isfinite(value):
        return "undefined"
    match = _NUMBER.fullmatch(printed)
    assert match is not None, printed
    sign, fraction, exponent = match.groups()
    shown = format(value, f".{len(fraction or '')}{'e' if exponent else 'f'}")
    return f"+{shown}" if sign == "+" and not shown.startswith("-") else shown


def shared_digits(one: float, other: float) -> int:
    """How many leading significant digits two numbers have in common, 0 to 16."""
    if not (math.isfinite(one) and math.isfinite(other)):
        return 0
    for digits in range(DOUBLE_DIGITS, 0, -1):
        if f"{one:.{digits - 1}e}" == f"{other:.{digits - 1}e}":
            return digits
    return 0


def _checked(
    scenario: Scenario, x: NDArray[np.float64], loss: NDArray[np.float64], figure: Figure
) -> Checked:
    """Look one figure up.

    Args:
        x: positions, shape (2, runs, rows).
        loss: shape (runs, rows).
    """
    at = x[:, figure.run, figure.step]
    value = _value(scenario, at, float(loss[figure.run, figure.step]), figure.quantity)
    if not figure.law:
        printed = figure.text
        return Checked(
            figure, printed, in_notation(value, printed), value,
            shared_digits(value, float(printed)),
        )  # fmt: skip
    law = float(evaluate(surface("formula", f=figure.law), 0.0, 0.0))
    printed, here = (f"{number:.{LAW_DIGITS}g}" for number in (law, value))
    return Checked(figure, printed, here, value, shared_digits(value, law))


def _value(scenario: Scenario, at: NDArray[np.float64], loss: float, quantity: str) -> float:
    if quantity == "f":
        return loss
    if quantity in ("x", "y"):
        return float(at["xy".index(quantity)])
    if quantity in QUANTITIES:
        _, slope = evaluate(scenario.surface, at[0], at[1], 1)
        slopes = {"gx": slope[0], "gy": slope[1], "slope": np.hypot(*slope)}
        return float(slopes[quantity])
    return float(evaluate(surface("formula", f=quantity), *at))


def _document(record: Record) -> RecordDocument:
    return {
        "name": record.name,
        "title": record.title,
        "source": source(record),
        "address": record.address,
        "shows": record.shows,
        "printout": list(record.printout),
        "query": query_of(record),
        "note": record.note,
        "figures": [
            {
                "quantity": QUANTITIES.get(one.figure.quantity, one.figure.quantity),
                "run": one.figure.run,
                "step": one.figure.step,
                "text": one.figure.text,
                "printed": one.printed,
                "here": one.here,
                "value": one.value,
                "holds": one.holds,
                "digits": one.digits,
                "why": one.figure.why,
            }
            for one in check(record)
        ],
    }
