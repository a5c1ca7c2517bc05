"""What comes of a race, asked by its record or its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.judge.events import Event, Log
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nnopt_viz.judge.simulation import Chunk


def events(scenario: Scenario | str, chunks: Iterable[Chunk] | None = None) -> list[Event]:
    """What happened to every run of a scenario, in plain sentences.

    Args:
        scenario: a Scenario, or the query text of one.
        chunks: of its simulation, where they are at hand.

    Returns:
        Events in order of steps; of each run's first start.
    """
    if isinstance(scenario, str):
        scenario = Scenario.from_query(scenario)
    log = Log(scenario)
    for chunk in simulate(scenario) if chunks is None else chunks:
        log.see(chunk)
    return log.events()
