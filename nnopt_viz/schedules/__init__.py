"""The learning-rate schedules, a family a file. A new one is one declaration in one file."""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.schedules.schedule import SCHEDULES, Schedule, factors

load_all(__name__)

__all__ = ["SCHEDULES", "Schedule", "factors"]
