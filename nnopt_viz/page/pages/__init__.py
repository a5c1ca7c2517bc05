"""The pages, a file each. A new one is one declaration in one file."""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.page.page import PAGES, Address, Page, embedded, missing, page_at, paths

load_all(__name__)

__all__ = ["PAGES", "Address", "Page", "embedded", "missing", "page_at", "paths"]
