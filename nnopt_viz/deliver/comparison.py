"""Two runs of a race compared: where they part, which term did it, what would have been.

compare=0,3      the first and the fourth run, from the first start
compare=0,3,5    from the sixth
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import orjson

from nnopt_viz.declare.cost import Cost
from nnopt_viz.deliver import compared_words as words
from nnopt_viz.deliver.compared_record import ComparedRun, Comparison, Kind
from nnopt_viz.judge import room, work
from nnopt_viz.judge.terms import Apart, apart, taken
from nnopt_viz.judge.trace import standing
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.labels import labels
from nnopt_viz.race.changed import MOST, changed
from nnopt_viz.race.codec import encode
from nnopt_viz.race.parting import (
    TRIES,
    Decided,
    Fate,
    decided,
    is_at_rest,
    is_decided,
    is_random,
    is_same_end,
    lanes_until,
    nudged,
    one_start,
    parting,
    ran,
)
from nnopt_viz.race.price import INTERACTIVE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.judge.terms import Taken
    from nnopt_viz.race.changed import Changed
    from nnopt_viz.race.parting import Parting, Ran
    from nnopt_viz.race.scenario import Scenario

PAIR = "^ *[0-9]{1,11} *, *[0-9]{1,11} *(, *[0-9]{1,11} *)?$"  # what a pair looks like
PAIRS = "two runs a,b, counted from 0, and, if it is not the first, the start: a,b,lane"
_WHOLE = re.compile("[0-9]{1,11}")
FATES: tuple[Fate, ...] = ("other", "elsewhere", "own")  # what makes a difference comes first
NUDGED = 8  # races with a nudged start
RESTART = 2e5  # units of a race that is begun once more, beside its steps


@dataclass(frozen=True, slots=True)
class Pair:
    """Which two runs, and from which start, all counted from 0."""

    first: int
    second: int
    lane: int

    @property
    def runs(self) -> tuple[int, int]:
        return self.first, self.second


@dataclass(frozen=True, slots=True)
class Compared:
    """All that is known of a pair; see `Comparison`."""

    labels: tuple[str, str]
    both: list[Ran]
    kind: Kind
    parting: Parting
    steps: tuple[Taken, Taken] | None
    cause: Apart | None
    decided: list[Decided]
    nudged: list[int | None]
    changed: list[Changed]
    left_out: str
    lane: int
    total: int


def pair_of(text: str, scenario: Scenario) -> Pair:
    """Read `a,b` or `a,b,lane`.

    Raises:
        QueryError: for what is no such pair in this scenario; the nearest one is named.
    """
    last, lanes = len(scenario.runs) - 1, scenario.lanes
    if not last:
        raise QueryError(
            "compare", text, "This race has one run.", "a race of two runs or more, 0,1 then"
        )
    allowed = f"two different runs from 0 to {last}, such as 0,1"
    if lanes > 1:
        allowed += f", and a start from 0 to {lanes - 1}, such as 0,1,2"
    parts = [part.strip(" ") for part in text.split(",")]
    is_whole = len(parts) in (2, 3) and all(_WHOLE.fullmatch(part) for part in parts)
    first, second, lane = ([int(p) for p in parts] + [0])[:3] if is_whole else (0, 1, 0)
    near = [min(first, last), min(second, last), min(lane, lanes - 1)]
    if near[0] == near[1]:
        near[1] = near[0] + 1 if near[0] < last else near[0] - 1
    if not is_whole or near != [first, second, lane]:
        said = "A run is compared with another one" if is_whole and first == second else (
            f"There are no such two runs as {text[:40]!r} here"
        )  # fmt: skip
        nearest = ",".join(map(str, near if near[2] else near[:2]))
        raise QueryError("compare", text, f"{said}.", allowed, nearest)
    return Pair(first, second, lane)


def comparison_cost(scenario: Scenario, text: str) -> Cost:
    """What a comparison takes; what would be too dear in it is left out."""
    pair = pair_of(text, scenario)
    one = one_start(scenario, pair.runs, pair.lane)
    units = sum(price for price, is_done in _plan(scenario, pair) if is_done)
    lanes = lanes_until(scenario, pair.lane)
    asked = replace(scenario, runs=one.runs)
    held = room.stepping(asked, lanes=lanes) + room.judging(one) + room.telling(one)
    return Cost(units, held)


def comparison_json(scenario: Scenario, pair: Pair) -> bytes:
    """Where two runs part, which term did it, and what would have been."""
    known = compared(scenario, pair)
    cause = known.cause
    body: Comparison = {
        "query": encode(scenario),
        "lane": pair.lane,
        "runs": [_run(known, pair, i) for i in (0, 1)],
        "kind": known.kind,
        "step": known.parting.step,
        "again": known.parting.again,
        "widest": known.parting.widest,
        "cause": None if cause is None else {
            "angle": cause.angle,
            "ratio": cause.ratio,
            "is_length": cause.is_length,
            "tried": cause.tried,
            "ways": [list(way) for way in cause.ways],
        },
        "decided": [
            {"taker": pair.runs[d.taker], "step": d.step, "next": d.next, "at": d.at.copy(),
             "further": None if d.further is None else d.further.copy(), "tried": d.tried}
            for d in known.decided
        ],
        "nudged": known.nudged,
        "changed": [
            {"run": pair.runs[c.of], "words": c.words, "call": c.call.as_json(),
             "verdict": c.outcome.verdict, "text": c.outcome.text, "x": c.outcome.x,
             "y": c.outcome.y, "loss": c.outcome.loss, "fate": c.fate}
            for c in sorted(known.changed, key=lambda c: FATES.index(c.fate))
        ],
        "said": [
            {"about": about, "text": text, "step": step}
            for about, text, step in words.sentences(known)
        ],
        "limits": words.LIMITS,
    }  # fmt: skip
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def compared(scenario: Scenario, pair: Pair) -> Compared:
    """All that is known of two runs of a race."""
    one = one_start(scenario, pair.runs, pair.lane)
    both = ran(scenario, pair.runs, pair.lane)
    parted = parting(one.surface, *both)
    steps = cause = None
    if parted.step is not None and parted.step > 0:
        at = [standing(scenario, run, pair.lane, parted.step) for run in pair.runs]
        steps = taken(at[0]), taken(at[1])
        cause = apart(*steps)
    kind = _kind(one, both, parted)
    _, changes, tries, = (is_done for _, is_done in _plan(scenario, pair))  # fmt: skip
    is_found = kind == "apart" and tries and not scenario.drifts
    found = [decided(one, both, taker, TRIES) for taker in (0, 1)] if is_found else []
    named = labels(scenario.runs)
    names = named[pair.first], named[pair.second]
    is_first = parted.step == 1
    return Compared(
        labels=names,
        both=both,
        kind=kind,
        parting=parted,
        steps=steps,
        cause=cause,
        decided=[one for one in found if one is not None],
        nudged=[
            nudged(one, run, both) if tries and is_at_rest(both[run]) else None for run in (0, 1)
        ],
        changed=changed(one, both, names, steps if is_first else None)
        if changes and any(run.outcome.verdict != "undefined" for run in both)
        else [],
        left_out=words.left_out(changes, tries, _is_alone(scenario, pair)),
        lane=pair.lane,
        total=scenario.steps,
    )


def _kind(one: Scenario, both: list[Ran], parted: Parting) -> Kind:
    if parted.is_same:
        return "same_path"
    if all(run.is_gone for run in both):
        return "gone"
    if is_same_end(one.surface, *both):
        return "same_end"
    return "apart" if all(map(is_decided, both)) else "unsettled"


def _is_alone(scenario: Scenario, pair: Pair) -> bool:
    """Is the start drawn with numbers of its own, which a race from there alone has not?"""
    return pair.lane > 0 and any(is_random(scenario, scenario.runs[run]) for run in pair.runs)


def _plan(scenario: Scenario, pair: Pair) -> list[tuple[float, bool]]:
    """Price, and is it done: of the two runs; of those changed; of those started elsewhere."""
    one = one_start(scenario, pair.runs, pair.lane)
    calls = one.runs
    asked = replace(scenario, runs=calls)
    base = work.stepping(asked, lanes=lanes_until(scenario, pair.lane)) + work.judging(one)
    base += sum(work.tracing(scenario, call) for call in calls)
    alone = [work.stepping(replace(one, runs=(call,))) for call in calls]
    end = work.JUDGING + work.polishing(one.surface)
    changes = MOST * sum(price + end for price in alone)
    halvings = math.ceil(math.log2(max(2.0, scenario.steps / TRIES))) + 1
    begun = sum(work.stepping(replace(one, runs=(call,), steps=1)) for call in calls)
    restarts = begun + (TRIES + 1 + halvings + NUDGED / 2) * (sum(alone) - begun + 2 * RESTART)
    is_alone = _is_alone(scenario, pair)
    fits = not is_alone and base + changes <= INTERACTIVE
    spent = base + changes * fits
    return [
        (base, True),
        (changes, fits),
        (restarts, not is_alone and spent + restarts <= INTERACTIVE),
    ]


def _run(known: Compared, pair: Pair, i: int) -> ComparedRun:
    outcome, step = known.both[i].outcome, known.steps and known.steps[i]
    return {
        "run": pair.runs[i],
        "label": known.labels[i],
        "verdict": outcome.verdict,
        "text": outcome.text,
        "x": outcome.x,
        "y": outcome.y,
        "loss": outcome.loss,
        "first_within": outcome.first_within,
        "before": np.array(step.before) if step else None,
        "after": np.array(step.before + step.move) if step else None,
        "gradient": np.array(step.gradient) if step else None,
        "scales": {name: np.array(v) for name, v in step.scales.items()} if step else {},
        "memory": {name: _two(v) for name, v in step.memory.items()} if step else {},
    }


def _two(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array(np.broadcast_to(value, (2,)))
