"""The lessons, each a file. A new one is one declaration in one file."""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.lessons.lesson import LESSONS, in_order, nearest_lesson, nearest_step

load_all(__name__)

__all__ = ["LESSONS", "in_order", "nearest_lesson", "nearest_step"]
