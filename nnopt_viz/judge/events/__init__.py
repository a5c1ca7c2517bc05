"""What happened and why: events found in the numbers, each a sentence with its step and figures.

A new kind is one declaration in one file of this package.
"""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.judge.events.collect import Log
from nnopt_viz.judge.events.event import EVENTS, Event, Kind

load_all(__name__)

__all__ = ["EVENTS", "Event", "Kind", "Log"]
