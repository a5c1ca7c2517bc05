"""The page: Dash layout and callbacks. Everything that moves is in `assets/`."""

from nnopt_viz.page.app import build_app

__all__ = ["build_app"]
