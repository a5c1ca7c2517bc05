"""From chunks to events: what is kept as a run passes, and who looks at it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.events.event import EVENTS, Event
from nnopt_viz.judge.events.lane import Lane
from nnopt_viz.judge.events.saddles import saddles
from nnopt_viz.judge.events.stays import Stay, stays
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.one_weight import pinned
from nnopt_viz.judge.outcome import Watch
from nnopt_viz.judge.simulation import Chunk

if TYPE_CHECKING:
    from nnopt_viz.judge.outcome import Outcome
    from nnopt_viz.judge.setup import Setup

LANE = 0  # only the first start is told about: one story a run, and bounded work


class Log:
    """Reads chunks as they pass and keeps the first start of every run."""

    def __init__(self, scenario: Setup) -> None:
        self.scenario = scenario
        self.kept: list[Chunk] = []

    def see(self, chunk: Chunk) -> Chunk:
        """Take note of a chunk and hand it on."""
        one = slice(LANE, LANE + 1)
        self.kept.append(
            Chunk(
                chunk.first,
                chunk.x[..., one].copy(),
                chunk.loss[..., one].copy(),
                chunk.grad_norm[..., one].copy(),
                chunk.lr[..., one].copy(),
                tuple(end for end in chunk.ended if end.lane == LANE),
                s=chunk.s,
            )
        )
        return chunk

    def events(self, outcomes: list[Outcome] | None = None) -> list[Event]:
        """Every event of every run, in order of steps, once all chunks have been seen.

        Args:
            outcomes: the verdicts, if there is one start and they are known already.
        """
        with np.errstate(all="ignore"):
            found = [
                Event(lane.run, LANE, kind.name, kind.title, f.step, f.until, f.text, f.figures)
                for lane in self.lanes(outcomes)
                for kind in EVENTS.values()
                for f in kind.find(lane)
            ]
        return sorted(found, key=lambda event: (event.step, event.run))

    def _outcomes(self) -> list[Outcome]:
        watch = Watch(self.scenario)
        for chunk in self.kept:
            watch.see(chunk)
        return watch.outcomes()

    def lanes(self, outcomes: list[Outcome] | None = None) -> list[Lane]:
        """The first start of every run, as the detectors read it."""
        if outcomes is None or self.scenario.lanes > 1:
            outcomes = self._outcomes()
        lanes = [self._lane(run, outcome) for run, outcome in enumerate(outcomes)]
        wells: list[list[Stay]] = [[] for _ in lanes]
        if self._has_wells(outcomes):
            wells = stays(self.scenario.surface, [lane.x for lane in lanes], lanes[0].limits)
        return [
            replace(lane, stays=own_wells, saddles=own_saddles)
            for lane, own_wells, own_saddles in zip(lanes, wells, saddles(lanes), strict=True)
        ]

    def _has_wells(self, outcomes: list[Outcome]) -> bool:
        """May there be something to tell about wells: are there two, or a run in a local one?"""
        surface = self.scenario.surface
        if self.scenario.drifts or surface_entry(surface).convex:
            return False
        is_local = any(outcome.verdict == "local_minimum" for outcome in outcomes)
        return is_local or len(find_minima(surface)) > 1

    def _lane(self, run: int, outcome: Outcome) -> Lane:
        chunks = self.kept
        x = np.concatenate([c.x[:, run, :, 0] for c in chunks], axis=1)
        loss, grad_norm, lr = (
            np.concatenate([getattr(c, name)[run, :, 0] for c in chunks])
            for name in ("loss", "grad_norm", "lr")
        )
        moving = [c.s for c in chunks if c.s is not None]
        s = np.concatenate(moving) if moving else None
        end = next((end for c in chunks for end in c.ended if end.run == run), None)
        rows = loss.size if end is None else end.step
        return Lane(
            self.scenario,
            run,
            LANE,
            pinned(self.scenario.surface, x[:, :rows]),
            loss[:rows],
            grad_norm[:rows],
            lr[:rows],
            None if s is None else s[:rows],
            None if end is None else end.step,
            None if end is None else end.reason,
            outcome,
        )
