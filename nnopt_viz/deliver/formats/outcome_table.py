"""TSV: what became of each run, a line each, with the figures of all its starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.written import exact
from nnopt_viz.deliver.formats.format import FORMATS, Format
from nnopt_viz.judge import room, work
from nnopt_viz.judge.outcome import Outcome, outcomes
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.query.labels import labels

if TYPE_CHECKING:
    from nnopt_viz.race.scenario import Scenario

COLUMNS = (
    "run", "optimizer", "label", "starts", "verdict", "reached", "share", "lower", "median",
    "upper", "settled_at", "x", "y", "loss", "gap",
)  # fmt: skip


def outcome_lines(scenario: Scenario) -> bytes:
    """A header and a line for every run; an empty field is a number that is not finite.

    `lower`, `median` and `upper` are the quartiles of the last loss over all starts, `reached` and
    `share` how many of them ended in the global minimum. `settled_at`, x, y, loss and gap are of
    one start, so that they stand only where a run has one.
    """
    found = outcomes(scenario, simulate(scenario))
    rows = [
        _row(one, label) for one, label in zip(found, labels(scenario.runs), strict=True)
    ]  # fmt: skip
    return "".join("\t".join(map(_text, row)) + "\n" for row in [COLUMNS, *rows]).encode()


def _cost(scenario: Scenario) -> Cost:
    return Cost(
        work.stepping(scenario) + work.judging(scenario),
        room.stepping(scenario) + room.judging(scenario),
    )


def _row(one: Outcome, label: str) -> tuple[Any, ...]:
    start: tuple[Any, ...] = (one.first_within, one.x, one.y, one.loss, one.gap)
    if one.starts is None:
        spread: tuple[Any, ...] = (int(one.verdict == "global_minimum"),) * 2 + (one.loss,) * 3
    else:
        starts = one.starts
        spread = (starts.reached, starts.share, starts.lower, starts.median, starts.upper)
        start = (None,) * 5
    return (one.run, one.optimizer, label, one.lanes, one.verdict, *spread, *start)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return exact(value) if abs(value) < float("inf") else ""
    return "" if value is None else str(value)


FORMATS.add(
    Format(
        name="tsv",
        family="table",
        media="text/tab-separated-values",
        writers={"race": outcome_lines},
        summaries={
            "run": "What became of each run, a line each: its verdict, how many of its starts "
            "reached the global minimum, and the quartiles of their last losses."
        },
        schemas={"run": {"type": "string"}},
        label="Outcome as TSV",
        costs={"race": _cost},
    )
)
