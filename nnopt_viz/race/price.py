"""What a race takes, counted before it is begun, and the nearest one that is not too dear.

A count over the formulas, so it is the same on every machine; its unit is that of `judge.work`. It
never falls when a race gets more runs, steps or starting points.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from nnopt_viz.compose.own import OWN
from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.formula.graph import TooLargeError
from nnopt_viz.judge import room, work
from nnopt_viz.judge.executors import MAX_PROGRAM, program_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from nnopt_viz.race.scenario import Scenario

INTERACTIVE = 10_000_000_000  # units that one request may take: about ten seconds of a core
# Declared surfaces and optimizers stay far below it up to here; a test holds that.
SMALL_POSITIONS, SMALL_ENDS = 100_000, 2_000


def price(scenario: Scenario) -> float:
    """What a race takes in units: its steps, its verdicts and what happened on the way.

    Raises:
        TooLargeError: when a step has more than MAX_PROGRAM operations.
    """
    return work.stepping(scenario) + work.judging(scenario) + work.telling(scenario)


def cost(scenario: Scenario) -> Cost:
    """The same with the memory that it holds."""
    held = room.stepping(scenario) + room.judging(scenario) + room.telling(scenario)
    return Cost(price(scenario), held)


def problem(scenario: Scenario, most: float = INTERACTIVE) -> tuple[str, str] | None:
    """The first limit that is exceeded, as (key, plain sentence), or None.

    Args:
        most: units that it may take.
    """
    return scenario.problem() or too_large(scenario) or too_dear(scenario, most)


def too_large(scenario: Scenario) -> tuple[str, str] | None:
    """What says that a step of formulas of the visitor's own has too many operations, or None."""
    for run in scenario.runs:
        if scenario.surface.name in OWN or run.name in OWN:
            try:
                work.needed_of(program_key(scenario, run))
            except TooLargeError:
                return "run" if run.name in OWN else "surface", (
                    f"One step of {run.name} on {scenario.surface.name} takes more than "
                    f"{MAX_PROGRAM:,} operations"
                )
    return None


def too_dear(scenario: Scenario, most: float = INTERACTIVE) -> tuple[str, str] | None:
    """What says that a race takes too many units, with both numbers; or None."""
    if not _is_too_dear(scenario, most):
        return None
    key = "start" if _is_too_dear(replace(scenario, steps=1), most) else "steps"
    return key, (
        f"This race would take {_rounded(price(scenario))} operations; one request may take "
        f"{most:,.0f}"
    )


def fitting(scenario: Scenario, most: float = INTERACTIVE) -> Scenario | None:
    """The nearest race that is not too dear: with fewer steps; where no number of them will do,
    with fewer starting points; None where neither will."""

    def steps(of: Scenario) -> Scenario | None:
        return _most(scenario.steps, lambda count: replace(of, steps=count), most)

    if (less := steps(scenario)) or "n" not in {k.name for k in STARTS[scenario.start.name].knobs}:
        return less

    def with_starts(n: int) -> Scenario:
        return replace(scenario, start=scenario.start.replace(n=n))

    return _most(int(scenario.start.number("n")), with_starts, most) or steps(with_starts(1))


def _is_too_dear(scenario: Scenario, most: float) -> bool:
    is_own = any(call.name in OWN for call in (scenario.surface, *scenario.runs))
    ends = len(scenario.runs) * scenario.lanes
    is_small = scenario.positions <= SMALL_POSITIONS and ends <= SMALL_ENDS
    if most == math.inf or (is_small and not is_own and most >= INTERACTIVE):
        return False
    return price(scenario) > most


def _most(asked: int, made: Callable[[int], Scenario], most: float) -> Scenario | None:
    """With the largest number up to the asked one that fits; prices rise with it."""
    fits, too_much = 0, asked + 1
    while too_much - fits > 1:
        middle = (fits + too_much) // 2
        if _is_too_dear(made(middle), most):
            too_much = middle
        else:
            fits = middle
    return made(fits) if fits else None


def _rounded(units: float) -> str:
    """Upwards to three digits, so that it is not the limit itself."""
    digit = 10 ** (math.floor(math.log10(units)) - 2)
    return f"{math.ceil(units / digit) * digit:,.0f}"
