"""What a simulation is told, whatever question it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call


class Setup(Protocol):
    """Which surface, by which runs, from where, for how long. A race's Scenario is one.

    Args:
        surface, runs, start, drift: calls, see `race.scenario.Scenario`.
        steps, noise, seed, tol: numbers, see there.
        drifts: does the surface move during the runs?
        lanes: how many starting points each run has.
        problem: the first limit that is exceeded, as (key, plain sentence), or None.
    """

    @property
    def surface(self) -> Call: ...
    @property
    def runs(self) -> tuple[Call, ...]: ...
    @property
    def start(self) -> Call: ...
    @property
    def steps(self) -> int: ...
    @property
    def noise(self) -> float: ...
    @property
    def seed(self) -> int: ...
    @property
    def tol(self) -> float | None: ...
    @property
    def drift(self) -> Call: ...
    @property
    def drifts(self) -> bool: ...
    @property
    def lanes(self) -> int: ...
    def problem(self) -> tuple[str, str] | None: ...
