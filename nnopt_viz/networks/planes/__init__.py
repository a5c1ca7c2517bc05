"""The planes on which a network's loss surface is shown, a file each. A new one is one file."""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.networks.planes.plane import (
    FAR,
    HEIGHTS,
    PLANES,
    PlaneError,
    PlaneKind,
    Sight,
    end_of,
)

load_all(__name__)

__all__ = [
    "FAR",
    "HEIGHTS",
    "PLANES",
    "PlaneError",
    "PlaneKind",
    "Sight",
    "end_of",
]
