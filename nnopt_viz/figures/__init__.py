"""Plotly figures of a surface. Everything that moves is drawn by the player instead."""

from nnopt_viz.figures.contour import contour_figure
from nnopt_viz.figures.curves import curves_figure
from nnopt_viz.figures.scene import scene_figure
from nnopt_viz.figures.surface_json import surface_cost, surface_json

__all__ = ["contour_figure", "curves_figure", "scene_figure", "surface_cost", "surface_json"]
