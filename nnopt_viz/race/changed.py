"""A run with one thing changed, and where it ends then: each of these races was run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.calls import run
from nnopt_viz.compose.runs import optimizer_entry, run_knobs
from nnopt_viz.declare.written import shown
from nnopt_viz.judge.terms import is_as_long
from nnopt_viz.race.parting import fate, ran

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.outcome import Outcome
    from nnopt_viz.judge.terms import Taken
    from nnopt_viz.race.parting import Fate, Ran
    from nnopt_viz.race.scenario import Scenario

MEMORY = ("momentum", "beta1")  # knobs that say how much of the past a run carries on
KEPT = 0.9  # of it, where it carried on nothing
MOST = 5  # changes of one run
DIGITS = 4  # of a rate that is worked out


@dataclass(frozen=True, slots=True)
class Changed:
    """A run with one thing changed.

    Args:
        of: which of the two, 0 or 1.
        words: what is changed, after the run's name: "at half the rate, 0.1".
        call: the run.
        outcome: its verdict.
        fate: where it ends: where it did before, where the other one did, or elsewhere.
    """

    of: int
    words: str
    call: Call
    outcome: Outcome
    fate: Fate


def changed(
    one: Scenario, both: list[Ran], names: tuple[str, str], steps: tuple[Taken, Taken] | None
) -> list[Changed]:
    """Both runs with one thing changed, the second run's first.

    Args:
        one: the two runs from one start.
        both: how they ran.
        names: what they are called.
        steps: their first steps, where these take them apart.
    """
    made = []
    for of in (1, 0):
        seen = {one.runs[of]}
        for words, call in _calls(one, of, names[1 - of], steps):
            if call in seen or not _is_allowed(call):
                continue
            seen.add(call)
            (alone,) = ran(replace(one, runs=(call,)), (0,))
            where = fate(one.surface, alone.end, both[of], both[1 - of])
            made.append(Changed(of, words, call, alone.outcome, where))
    return made


def _calls(
    one: Scenario, of: int, other: str, steps: tuple[Taken, Taken] | None
) -> Iterator[tuple[str, Call]]:
    call, rate = one.runs[of], one.runs[of].number("lr")
    theirs = one.runs[1 - of].number("lr")
    yield f"at half the rate, {shown(rate / 2, DIGITS)}", call.replace(lr=_digits(rate / 2))
    yield f"at twice the rate, {shown(2 * rate, DIGITS)}", call.replace(lr=_digits(2 * rate))
    yield f"at the rate of {other}, {shown(theirs, DIGITS)}", call.replace(lr=theirs)
    if steps is not None and (lr := _as_long(steps[of], steps[1 - of])) is not None:
        words = f"with a first step as long as that of {other}, at rate {shown(lr, DIGITS)}"
        yield words, call.replace(lr=lr)
    known = dict(call.knobs)
    knob = next((name for name in MEMORY if name in known), None)
    if knob is not None:
        value = 0.0 if known[knob] else KEPT
        yield f"with {knob} = {shown(value)}", call.replace(**{knob: value})
    elif call.name == "sgd":
        yield f"with momentum = {shown(KEPT)}", run("momentum", **(known | {"momentum": KEPT}))


def _as_long(mine: Taken, theirs: Taken) -> float | None:
    """The rate at which a step is as long as the other one's, if there is one."""
    length, wanted = (float(np.hypot(*step.move)) for step in (mine, theirs))
    if not 0 < length < np.inf or not 0 < wanted < np.inf:
        return None
    lr = float(f"{mine.rate * wanted / length:.{DIGITS}g}")
    with np.errstate(all="ignore"):
        lines = mine.at.lines({"lr": np.asarray(lr)})
    after = next(line.value for line in reversed(lines) if line.target == "x")
    made = float(np.hypot(*np.broadcast_to(after - mine.before, (2,))))
    return lr if is_as_long(made / wanted) else None


def _is_allowed(call: Call) -> bool:
    knobs = {knob.name: knob for knob in run_knobs(optimizer_entry(call))}
    return all(knobs[name].admits(value) for name, value in call.knobs if name in knobs)


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
