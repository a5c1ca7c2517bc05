"""The formats in which a question is taken away, a file each. A new one is one declaration."""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.deliver.formats.format import FORMATS, Format, TooLarge
from nnopt_viz.deliver.tables import MissingExtraError

load_all(__name__)

__all__ = ["FORMATS", "Format", "MissingExtraError", "TooLarge"]
