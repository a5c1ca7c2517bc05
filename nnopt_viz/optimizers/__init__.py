"""The optimizers, a family a file. A new one is one declaration in one file."""

from nnopt_viz.optimizers.optimizer import OPTIMIZERS, Optimizer
from nnopt_viz.registry import load_all

load_all(__name__)

__all__ = ["OPTIMIZERS", "Optimizer"]
