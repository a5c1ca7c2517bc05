"""What happened in a race: `from nnopt_viz import events`, `from nnopt_viz.events import events`.

Python binds this module in the package under the name that the function has there. So the module
can be called, and both imports mean the same, whichever comes first. The work is in race/result.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from nnopt_viz.race.result import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nnopt_viz.judge.events import Event
    from nnopt_viz.judge.simulation import Chunk
    from nnopt_viz.race.scenario import Scenario

__all__ = ["events"]


class _Callable(ModuleType):
    """A module that does what its function does."""

    def __call__(
        self, scenario: Scenario | str, chunks: Iterable[Chunk] | None = None
    ) -> list[Event]:
        return events(scenario, chunks)


_Callable.__call__.__doc__ = events.__doc__
sys.modules[__name__].__class__ = _Callable
