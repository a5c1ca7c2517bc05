"""The loss surfaces, a family a file. A new one is one declaration in one file."""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

load_all(__name__)

__all__ = ["SURFACES", "Minimum", "Surface"]
