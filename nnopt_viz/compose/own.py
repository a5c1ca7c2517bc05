"""Formulas of the visitor's own: `surface=formula(f="…")` and `run=rule(text="…")`.

They become the same records as what is declared in the catalogue, and go the same way from
there on. Every keyword beside those listed here declares a knob.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.written import briefly
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.expand import (
    COORDINATES,
    DRIFTING,
    MORPH,
    SurfaceGraph,
    surface_graph,
)
from nnopt_viz.formula.graph import TooLargeError
from nnopt_viz.formula.lower import lowered
from nnopt_viz.formula.notation import CALLABLE, LATER
from nnopt_viz.formula.parse import expression, read
from nnopt_viz.formula.rule import INPUTS, parse_rule
from nnopt_viz.formula.tokens import NUMBER, FormulaError
from nnopt_viz.formula.unknown import CONSTANTS
from nnopt_viz.formula.words import CALLS
from nnopt_viz.optimizers import Optimizer
from nnopt_viz.optimizers.optimizer import learning_rate
from nnopt_viz.surfaces import SURFACES, Surface
from nnopt_viz.surfaces.surface import MORPH as MORPH_KNOB

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

MAX_OPERATIONS = 400  # of a formula as it is written, of a rule likewise
MAX_DERIVED = 6_000  # of a formula with its gradient and Hessian
MAX_KNOBS = 12
LARGEST = 1e6  # a knob, a bound
SMALLEST = 1e-12  # reach of a slider
THINNEST = 1e-4  # width of a region over its distance from 0: what float32 pictures can show
DEFAULT_BOUNDS = "-2,2,-2,2"
START_AT = (0.2, 0.8)  # where runs begin: this share of the way across the region, and up
START_GRID = 40  # places a side, where that one has no loss


# A number, so that 2e3x is not taken for a name e3x, or a name.
_WORD = re.compile(rf"{NUMBER}|(?P<name>[A-Za-z_][A-Za-z_0-9]*)")


@dataclass(frozen=True, slots=True)
class Own:
    """A way to bring a formula of one's own.

    Args:
        name: what stands in the query.
        text: the knob that holds the formula.
        knobs: the knobs that every such call has; others are declared by giving them.
        taken: names that no further knob may have.
        example: a call that works.
    """

    name: str
    title: str
    family: str
    text: str
    knobs: tuple[Knob, ...]
    taken: frozenset[str]
    doc: str
    example: str


FORMULA = Own(
    "formula",
    "Your own surface",
    "your own",
    "f",
    (
        Knob("f", "", "the loss as a formula in x, y, s and your knobs", kind="text"),
        Knob(
            "bounds",
            DEFAULT_BOUNDS,
            "the region shown: lowest x, highest x, lowest y, highest y",
            kind="text",
        ),
    ),
    frozenset({*COORDINATES, "e", *CALLABLE, *CONSTANTS} - LATER),
    "A loss surface of your own: every further keyword is a knob, and s is what the world does "
    "to it. Runs begin a fifth of the way across the region and four fifths up, or at the nearest "
    "place where the loss is defined.",
    'formula(f="x**4 - 3*x**2 + y**2 + a*x*y",bounds="-2,2,-2,2",a=1)',
)
RULE = Own(
    "rule",
    "Your own optimizer",
    "your own",
    "text",
    (
        Knob("text", "", "the update as assignments, separated by ;", kind="text"),
        learning_rate(0.01),
    ),
    frozenset({*INPUTS, *CALLABLE, *CONSTANTS, *CALLS, "x_eval", "lr_used"} - LATER),
    "An update rule of your own: every further keyword is a knob.",
    'rule(text="v = beta*v + g; x = x - lr*v",lr=0.01,beta=0.9)',
)
OWN: dict[str, Own] = {FORMULA.name: FORMULA, RULE.name: RULE}


def bounds_of(text: str) -> tuple[float, float, float, float]:
    """Four numbers from `-2,2,-1,1`. Raises ValueError with a plain sentence."""
    allowed = "four numbers: lowest x, highest x, lowest y, highest y, as in -2,2,-1,1"
    parts = text.split(",")
    try:
        values = [float(part) for part in parts] if text.isascii() and "_" not in text else []
    except ValueError:
        values = []
    if len(values) != 4 or not all(abs(value) <= LARGEST for value in values):
        raise ValueError(f"bounds are {allowed}; each at most {briefly(LARGEST)} in size")
    left, right, low, high = values
    for first, second in ((left, right), (low, high)):
        least = max(1e-6, THINNEST * max(abs(first), abs(second)))
        if not second - first >= least:
            enough = briefly(float(f"{least:.6g}"))
            raise ValueError(
                f"bounds are {allowed}; the second above the first by at least {enough}"
            )
    return left, right, low, high


def slider_knob(name: str, value: float) -> Knob:
    """A declared knob, with a range worth sliding over around the value it was given."""
    size = 10.0 ** math.ceil(math.log10(max(abs(value), SMALLEST))) if value else 1.0
    high = size if abs(value) < size else 2 * size
    low = 0.0 if value > 0 else -high
    doc = "your own knob, dimensionless"
    return Knob(name, value, doc, -LARGEST, LARGEST, soft=(low, high))


def further(own: Own, call: Call) -> tuple[tuple[str, float], ...]:
    """The knobs that this call declares, with their values."""
    fixed = {knob.name for knob in own.knobs}
    return tuple(
        (name, float(value))
        for name, value in call.knobs
        if name not in fixed and isinstance(value, int | float)
    )


def surface_entry(call: Call) -> Surface:
    """The surface of a call: a declared one, or the visitor's own."""
    return own_surface(call) if call.name == FORMULA.name else SURFACES[call.name]


@lru_cache(maxsize=64)
def own_surface(call: Call) -> Surface:
    """The surface that a call of `formula` describes.

    Raises:
        FormulaError: where the formula can't be read, or costs too much.
        ValueError: for bounds that are none.
    """
    text, bounds = str(call["f"]), bounds_of(str(call["bounds"]))
    knobs = dict(further(FORMULA, call))
    graph, value = expression(text, (*COORDINATES, MORPH, *knobs))
    _refuse_size(len(graph), text)
    if MORPH in knobs and not reads_morph(text):
        raise FormulaError("s is given, but the formula does not read it", text, 0)
    try:
        made = surface_graph(graph, value, knobs, drifts=True, most=MAX_DERIVED)
    except TooLargeError:
        raise FormulaError(
            f"Too costly: with its derivatives it has more than {MAX_DERIVED:,} operations", text, 0
        ) from None
    return Surface(
        name=FORMULA.name,
        title=FORMULA.title,
        family=FORMULA.family,
        formula=text,
        bounds=bounds,
        start=_start(made, knobs.get(MORPH, 0.0), bounds),
        minima=(),
        convex=False,
        doc="A surface of your own.",
        source="written by hand",
        knobs=tuple(
            MORPH_KNOB if name == MORPH else slider_knob(name, v) for name, v in knobs.items()
        ),
        kinked=True,
    )


def _start(
    made: SurfaceGraph, s: float, bounds: tuple[float, float, float, float]
) -> tuple[float, float]:
    """Where runs begin: the first of a few places at which the loss and its gradient are defined.

    START_AT, then a grid of places, those near it first; START_AT where none is defined.
    """
    left, right, low, high = bounds
    graph, nodes = lowered(made.graph, [made.value, *made.slopes])
    make = array_function(graph, nodes, (*COORDINATES, DRIFTING))

    def defined(shares: Array) -> list[tuple[float, float]]:
        places = [(_short(left, right, across), _short(low, high, up)) for across, up in shares]
        shape = (len(places),)
        with np.errstate(all="ignore"):
            found = make(shape)(*np.array(places).T.copy(), np.full(shape, s))
        good = np.all([np.broadcast_to(np.isfinite(row), shape) for row in found], axis=0)
        return [place for place, is_good in zip(places, good, strict=True) if is_good]

    first = np.array([START_AT, START_AT])
    parts = (np.arange(START_GRID) + 0.5) / START_GRID
    others = np.array([(across, up) for across in parts for up in parts])
    others = others[np.argsort(np.hypot(*(others - START_AT).T), kind="stable")]
    found = defined(first) or defined(others)
    return found[0] if found else (_short(left, right, START_AT[0]), _short(low, high, START_AT[1]))


def words(text: str) -> set[str]:
    """The names that a text uses."""
    return {found["name"] for found in _WORD.finditer(text)} - {None}


@lru_cache(maxsize=64)
def own_optimizer(call: Call, shared: frozenset[str]) -> Optimizer:
    """The optimizer that a call of `rule` describes.

    Args:
        call: with every knob.
        shared: names of the knobs that every run has. They are not declared here, unless
            the rule reads one itself, as Adam's does weight_decay.

    Raises:
        FormulaError: where the rule can't be read.
    """
    text = str(call["text"])
    knobs = rule_knobs(call, shared)
    rule = parse_rule(text, tuple(knobs))
    _refuse_size(len(rule.graph), text)
    return Optimizer(
        name=RULE.name,
        title=RULE.title,
        family=RULE.family,
        rule=text,
        knobs=(RULE.knobs[1], *(slider_knob(name, value) for name, value in knobs.items())),
        rate="gradient",
        doc="An update rule of your own.",
        source="written by hand",
    )


def rule_knobs(call: Call, shared: frozenset[str]) -> dict[str, float]:
    """The knobs that a call of `rule` declares; one that every run has, if the rule reads it."""
    others = shared - words(str(call["text"]))
    return {name: value for name, value in further(RULE, call) if name not in others}


def in_our_notation(own: Own, call: Call, shared: frozenset[str]) -> str:
    """The formula of a call, as it is read; the text that was given where it can't be."""
    text = str(call[own.text])
    try:
        if own is FORMULA:
            names = (*COORDINATES, MORPH, *dict(further(FORMULA, call)))
            return read(text, names)[2]
        return parse_rule(text, tuple(rule_knobs(call, shared))).ours
    except FormulaError:
        return text  # said where the call is checked


def reads_morph(text: str) -> bool:
    """Does a surface's formula name the morph s, even where it has no effect?"""
    return MORPH in words(text)


def _refuse_size(operations: int, text: str) -> None:
    if operations > MAX_OPERATIONS:
        raise FormulaError(
            f"Too long: {operations:,} operations; at most {MAX_OPERATIONS}", text, 0
        )


def _short(low: float, high: float, share: float) -> float:
    """A point between two ends with few digits."""
    unit = 10.0 ** (math.floor(math.log10(high - low)) - 2)
    return float(f"{round((low + share * (high - low)) / unit) * unit:.12g}")
