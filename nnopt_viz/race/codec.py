"""The one codec: query text to scenario and back, for page, API, command line and Python.

    surface=rosenbrock(b=50)&run=adam(lr=0.02)&run=sgd&start=-1.5,2&steps=600&seed=3

`decode` is strict, `repair` takes the nearest valid value and says so, `encode` writes
the shortest text: defaults are left out, and they are frozen (`v=1` is implied), so that
a link means the same numbers for good.
"""

from __future__ import annotations

from nnopt_viz.compose.calls import good_rate, point, run, surface
from nnopt_viz.declare.drifts import DRIFTS
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.query.grammar import number_text, percent_encode
from nnopt_viz.query.keys import (
    DEFAULT_RUN,
    DEFAULT_SURFACE,
    DEFAULTS,
    SCALARS,
    QueryError,
    call_text,
    declared_start,
    start_text,
)
from nnopt_viz.query.reading import Reading
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES

__all__ = ["QueryError", "decode", "encode", "landing", "repair"]

MAX_NOTES = 12


def decode(query: str) -> Scenario:
    """Read a query text, raw as it stands in the URL (a leading `?` is allowed).

    Raises:
        QueryError: names the key, the value, what is allowed and the nearest known name.
    """
    return Reading(None).scenario(query)


def repair(query: str) -> tuple[Scenario, list[str]]:
    """The valid scenario nearest to a query, and plain sentences saying what was changed.

    Nothing at all (tracking keys do not count) opens the landing scene.
    """
    notes: list[str] = []
    reading = Reading(notes)
    made = reading.scenario(query)
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"{len(notes) - MAX_NOTES} more changes were made."]
    return (made if reading.found_any else landing()), notes


def encode(scenario: Scenario) -> str:
    """The canonical query text. Never empty, because a bare page opens the landing scene."""
    parts = []
    if scenario.surface != surface(DEFAULT_SURFACE):
        parts.append(("surface", call_text(scenario.surface, SURFACES)))
    if scenario.runs != (run(DEFAULT_RUN),):
        parts += [("run", call_text(call, OPTIMIZERS)) for call in scenario.runs]
    if scenario.start != declared_start(scenario.surface):
        parts.append(("start", start_text(scenario.start)))
    if scenario.drifts:
        parts.append(("drift", call_text(scenario.drift, DRIFTS)))
    for name in SCALARS:
        value = getattr(scenario, name)
        if value is not None and value != DEFAULTS[name]:
            parts.append((name, number_text(value)))
    if not parts:
        parts.append(("surface", DEFAULT_SURFACE))
    return "&".join(f"{key}={percent_encode(text)}" for key, text in parts)


def landing() -> Scenario:
    """The scene of a bare `/`: four optimizers that end in different minima."""
    names = ("sgd", "momentum", "rmsprop", "adam")
    return Scenario(
        surface=surface("himmelblau", tilt=0.5),
        runs=tuple(run(name, lr=good_rate("himmelblau", name)) for name in names),
        start=point(0.0, -3.0),
        steps=160,
    )
