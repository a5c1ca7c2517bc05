"""Controlled experiments: one thing differs, everything else is shared, repeated over seeds."""

from nnopt_viz.declare.registry import load_all
from nnopt_viz.experiments.study import STUDIES, Chart, Estimate, Finding, IntervalClaim, Study

load_all(f"{__name__}.studies")

__all__ = ["STUDIES", "Chart", "Estimate", "Finding", "IntervalClaim", "Study"]
