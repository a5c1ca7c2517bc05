"""What happened in a race: `from nnopt_viz.events import events`."""

from nnopt_viz.race.result import events

__all__ = ["events"]
