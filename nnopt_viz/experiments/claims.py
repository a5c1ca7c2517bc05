"""What an experiment's sentences come to: which are about its settings, and which hold there."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from nnopt_viz.declare.knobs import Call
from nnopt_viz.experiments.study import STUDIES
from nnopt_viz.query.keys import IN_KNOBS

if TYPE_CHECKING:
    from typing import Any

    from nnopt_viz.declare.knobs import Knob
    from nnopt_viz.experiments.study import Estimate, Finding, IntervalClaim


ROUNDING = 1e-12  # a rate of 2.0000000000000004 is not above 2


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim beside what was measured for it.

    Args:
        number: the measurement.
        holds: whether its whole interval, or range, lies between the claim's bounds and on
            neither: "more than" is not "as much as".
    """

    claim: IntervalClaim
    number: Estimate
    holds: bool


def judged(call: Call, finding: Finding) -> list[Judged]:
    """Every claim that is about these settings and was measured there; none before the end."""
    if finding.done < 1:
        return []
    measured = {number.key: number for number in finding.numbers}
    return [
        Judged(claim, number, within(claim, number.low, number.high))
        for claim in STUDIES[call.name].claims
        if is_about(claim, call) and (number := measured.get(claim.key))
    ]


def is_about(claim: IntervalClaim, call: Call) -> bool:
    """Are these the settings that the sentence is about?"""
    return all(_plain(call, name) == value for name, value in claim.when)


def settings(claim: IntervalClaim, call: Call) -> Call:
    """The same call, with as little changed as makes the sentence be about it."""
    knobs = {knob.name: knob for knob in STUDIES[call.name].knobs}
    return call.replace(
        **{
            name: _meant(knobs[name], value)
            for name, value in claim.when
            if _plain(call, name) != value
        }
    )


def _meant(knob: Knob, value: Any) -> Any:
    """What a claim's setting is in full: as the experiment itself has it, if it does."""
    if knob.kind != "call":
        return value
    own = knob.default
    is_own = isinstance(own, Call) and own.name == value
    return own if is_own else IN_KNOBS[knob.registry].call(value)


def _plain(call: Call, name: str) -> object:
    value = call[name]
    return value.name if isinstance(value, Call) else value


def within(claim: IntervalClaim, low: float, high: float) -> bool:
    """Does an interval lie between a claim's bounds, and on neither?"""
    return _is_less(claim.low, low) and _is_less(high, claim.high)


def _is_less(low: float, high: float) -> bool:
    """By more than rounding; a bound that is infinite is none."""
    if low == -inf or high == inf:
        return True
    return high - low > ROUNDING * max(1.0, min(abs(low), abs(high)))
