"""The one codec: query text to scenario and back, for page, API, command line and Python.

    surface=rosenbrock(b=50)&run=adam(lr=0.02)&run=sgd&start=-1.5,2&steps=600&seed=3

`decode` is strict, `repair` takes the nearest valid value and says so, `encode` writes
the shortest text: defaults are left out, and they are frozen (`v=1` is implied), so that
a link means the same numbers for good.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.compose.own import OWN
from nnopt_viz.declare.drifts import DRIFTS, STANDING, STILL
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.declare.written import counted
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.query.grammar import Node, number_text, percent_encode
from nnopt_viz.query.keys import QueryError, call_text
from nnopt_viz.query.reading import Reading, further
from nnopt_viz.race.keys import (
    DEFAULT_RUN,
    DEFAULT_SURFACE,
    DEFAULTS,
    SCALARS,
    VOCABULARY,
    declared_start,
    start_text,
)
from nnopt_viz.race.price import INTERACTIVE, fitting, too_dear, too_large
from nnopt_viz.race.scenario import MAX_POSITIONS, Scenario
from nnopt_viz.surfaces import SURFACES

__all__ = ["QueryError", "decode", "encode", "landing", "repair"]

MAX_NOTES = 12


def decode(query: str, said: list[str] | None = None, most: float = INTERACTIVE) -> Scenario:
    """Read a query text, raw as it stands in the URL (a leading `?` is allowed).

    Args:
        said: takes sentences about what was read as something else.
        most: units that it may take; `math.inf` for the command line and Python.

    Raises:
        QueryError: names the key, the value, what is allowed and the nearest known name.
    """
    return RaceReading(None, said, most).scenario(query)


def repair(query: str) -> tuple[Scenario, list[str]]:
    """The valid scenario nearest to a query, and plain sentences saying what was changed.

    Nothing at all (tracking keys do not count) opens the landing scene.
    """
    notes: list[str] = []
    reading = RaceReading(notes)
    made = reading.scenario(query)
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [further(len(notes) - MAX_NOTES)]
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


class RaceReading(Reading):
    """Reads one query of a race."""

    def __init__(
        self,
        notes: list[str] | None,
        said: list[str] | None = None,
        most: float = INTERACTIVE,
    ) -> None:
        super().__init__(VOCABULARY, notes, said)
        self.most = most

    of_drift = 0  # the notes from here on say how s moves: void where the surface has no s

    def scenario(self, query: str) -> Scenario:
        chosen = surface(DEFAULT_SURFACE)
        start: Call | None = None
        drifting: Call | None = None
        runs: list[Call] = []
        numbers: dict[str, Any] = {}
        are_runs_asked = False
        # drift comes last: a note that another key needs too is then not among its own
        for key, text in sorted(self.parts(query), key=lambda part: part[0] == "drift"):
            are_runs_asked = are_runs_asked or key == "run"
            self.of_drift = len(self.notes or [])
            nodes = self.nodes(key, text)
            if nodes is None:
                continue
            if key in SCALARS:
                numbers[key] = self.scalar(SCALARS[key], nodes, text)
            elif key == "start":
                start = self.start(nodes, text)
            elif key == "surface":
                chosen = self.only_call(nodes, text, SURFACES, key) or chosen
            elif key == "run":
                made = self.only_call(nodes, text, OPTIMIZERS, key)
                runs += [made] if made is not None else []
            elif key == "drift":
                drifting = self.only_call(nodes, text, DRIFTS, key)
            else:
                self.version(nodes, text)
        if are_runs_asked and not runs:  # a repair, or it would have been raised
            self.say(f"No run is left, so {DEFAULT_RUN} runs.")
        return self.within_limits(
            Scenario(
                surface=chosen,
                runs=tuple(runs) or (run(DEFAULT_RUN),),
                start=start or declared_start(chosen),
                drift=drifting or STANDING,
                **numbers,
            )
        )

    def start(self, nodes: list[Node], text: str) -> Call | None:
        if len(nodes) == 2:
            x, y = STARTS["point"].knobs
            values = {
                knob.name: self.value(knob, node, f"start.{knob.name}", f"{knob.name} of start")
                for knob, node in zip((x, y), nodes, strict=True)
            }
            return STARTS.call("point", **values)
        return self.only_call(nodes, text, STARTS, "start")

    def within_limits(self, made: Scenario) -> Scenario:
        problem = made.problem()
        if problem is not None and problem[0] == "drift":
            del (self.notes or [])[self.of_drift :]
            error = QueryError(
                "drift", made.drift.name, f"{problem[1]}.", "none, or a surface with s", STILL
            )
            made = self.settle(error, replace(made, drift=STANDING), "The surface stays still.")
            problem = made.problem()
        if problem is not None:
            made = self.shorter(made, *problem, MAX_POSITIONS // (len(made.runs) * made.lanes) - 1)
        large = too_large(made)
        dear = None if large else too_dear(made, self.most)
        if dear is not None and (less := fitting(made, self.most)):
            return self.cheaper(made, *dear, less)
        if (costly := large or dear) is None:
            return made
        key, message = costly
        allowed, done = "a shorter formula", "It was left out."
        if large is None:  # the command line takes it
            key = "surface" if made.surface.name in OWN else "run"
            allowed += f", or `{command(made)}`"
            done = "What is your own in it was left out. With that it runs on your own machine: "
            done += command(made)
        error = QueryError(key, own_text(made, key), f"{message}.", allowed)
        plain = replace(
            made,
            surface=surface(DEFAULT_SURFACE) if made.surface.name in OWN else made.surface,
            runs=tuple(r for r in made.runs if r.name not in OWN) or (run(DEFAULT_RUN),),
            drift=STANDING if made.surface.name in OWN else made.drift,
        )
        return self.settle(error, plain, done)

    def cheaper(self, made: Scenario, key: str, message: str, less: Scenario) -> Scenario:
        """What fits in one request; the whole runs from the command line."""
        changes = [("steps", less.steps, made.steps)] if less.steps != made.steps else []
        if less.start != made.start:
            changes.append(("n", int(less.start.number("n")), int(made.start.number("n"))))
        fits = " and ".join(f"{name}={new}" for name, new, _ in changes)
        done = " and ".join(f"{name}={new:,} instead of {old:,}" for name, new, old in changes)
        given = " and ".join(f"{name}={old:,}" for name, _, old in changes)
        verb = "is" if len(changes) == 1 else "are"
        value, nearest = str(made.steps), str(less.steps)
        if key == "start":
            value, nearest = start_text(made.start), start_text(less.start)
        error = QueryError(key, value, f"{message}.", f"{fits}, or `{command(made)}`", nearest)
        whole = f"With {given} it runs on your own machine: {command(made)}"
        return self.settle(error, less, f"{done} {verb} used. {whole}")

    def shorter(self, made: Scenario, key: str, message: str, fitting: int) -> Scenario:
        """The same with as many steps as fit."""
        error = QueryError(
            key,
            str(made.steps),
            f"{message}.",
            f"at most {counted(fitting, 'step')} with these runs and starting points",
            str(fitting),
        )
        done = f"{counted(fitting, 'step')} {'is' if fitting == 1 else 'are'} used."
        return self.settle(error, replace(made, steps=fitting), done)


def command(made: Scenario) -> str:
    """What runs a race in a terminal."""
    return f"nnopt-viz run '{encode(made)}' --out run.csv"


def own_text(made: Scenario, key: str) -> str:
    """What stands in a key that holds a formula or a rule of the visitor's own, if one does."""
    if key == "surface":
        return call_text(made.surface, SURFACES)
    return next((call_text(r, OPTIMIZERS) for r in made.runs if r.name in OWN), "")
