"""The gallery: famous pictures, each with one measured sentence. A new one edits one file."""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.gallery.entry import GALLERY, TOPICS, Entry

load_all(__name__)

__all__ = ["GALLERY", "TOPICS", "Entry"]
