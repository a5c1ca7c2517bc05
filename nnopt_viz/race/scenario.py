"""A scenario: everything that decides the result, as one frozen value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from nnopt_viz.compose.calls import is_morphing
from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.drifts import STANDING
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.starts import STARTS

MAX_STEPS = 20_000
MAX_LANES = 4_096
MAX_POSITIONS = 5_000_000
DEFAULT_STEPS = 500


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is raced, where, from where, for how long, and with which seed.

    Args:
        surface: one of the surfaces (SURFACES), with its knobs.
        runs: 1 to 12 optimizers (OPTIMIZERS), each with `lr` and `schedule`.
        start: one of the starts (STARTS); its points are the lanes, shared by all runs.
        steps: 1 to 20,000.
        noise: standard deviation added to each gradient coordinate, absolute.
        seed: decides noise and random starts.
        tol: loss gap that counts as reached; None for nearness to a minimum.
        drift: one of the drifts (DRIFTS): how the surface's morph s moves during the runs.

    The limits are stated by `problem`; `from_query` raises them as errors.
    """

    surface: Call
    runs: tuple[Call, ...]
    start: Call
    steps: int = DEFAULT_STEPS
    noise: float = 0.0
    seed: int = 0
    tol: float | None = None
    drift: Call = STANDING

    @property
    def drifts(self) -> bool:
        """Does the surface move during the runs?"""
        return self.drift != STANDING

    @property
    def lanes(self) -> int:
        """How many starting points each run has."""
        return STARTS[self.start.name].lanes(self.start)

    @property
    def positions(self) -> int:
        """How many positions the whole result holds, starts included."""
        return (self.steps + 1) * len(self.runs) * self.lanes

    def problem(self) -> tuple[str, str] | None:
        """The first limit that is exceeded, as (key, plain sentence), or None."""
        if not 1 <= len(self.runs) <= MAX_RUNS:
            return "run", f"There can be 1 to {MAX_RUNS} runs, not {len(self.runs)}"
        if not 1 <= self.steps <= MAX_STEPS:
            return "steps", f"steps is a whole number from 1 to {MAX_STEPS:,}, not {self.steps}"
        if not 1 <= self.lanes <= MAX_LANES:
            return "start", f"There can be 1 to {MAX_LANES:,} starting points, not {self.lanes:,}"
        if self.drifts and not is_morphing(self.surface):
            return "drift", f"drift moves s, and the surface {self.surface.name} has no s"
        if self.positions > MAX_POSITIONS:
            return "steps", (
                f"(steps + 1) x runs x starting points is {self.positions:,}; "
                f"at most {MAX_POSITIONS:,} positions fit"
            )
        return None

    @classmethod
    def from_query(cls, query: str) -> Scenario:
        """Read a query text such as `surface=booth&run=adam(lr=0.1)`, however much it takes."""
        from nnopt_viz.race.codec import decode

        return decode(query, most=math.inf)

    def to_query(self) -> str:
        """The canonical query text; defaults are left out."""
        from nnopt_viz.race.codec import encode

        return encode(self)

    def to_spec(self) -> dict[str, Any]:
        """The scenario as plain JSON values, every knob present."""
        return {
            "surface": self.surface.as_json(),
            "runs": [run.as_json() for run in self.runs],
            "start": self.start.as_json(),
            "steps": self.steps,
            "noise": self.noise,
            "seed": self.seed,
            "tol": self.tol,
            "drift": self.drift.as_json(),
        }

    @classmethod
    def from_spec(cls, spec: dict[str, Any]) -> Scenario:
        """The inverse of `to_spec`; values are taken as they are."""
        return cls(
            surface=Call.from_json(spec["surface"]),
            runs=tuple(Call.from_json(run) for run in spec["runs"]),
            start=Call.from_json(spec["start"]),
            steps=int(spec["steps"]),
            noise=float(spec["noise"]),
            seed=int(spec["seed"]),
            tol=spec["tol"],
            drift=Call.from_json(spec["drift"]),
        )
