"""What happened in a race: `from nnopt_viz.events import events`. It is found in judge/events."""

from nnopt_viz.judge.events import events

__all__ = ["events"]
