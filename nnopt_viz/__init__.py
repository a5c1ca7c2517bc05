"""Pick a loss surface, optimizers and a start; watch, step by step, what happens and why.

Example:
    from nnopt_viz import Scenario, simulate, trajectory
    trajectory("surface=rosenbrock&run=adam(lr=0.02)&steps=600")

    from nnopt_viz import show
    show("surface=rosenbrock&run=adam(lr=0.02)&steps=600")  # in a notebook: animated
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnopt_viz.deliver.frame import trajectory
    from nnopt_viz.deliver.show import show
    from nnopt_viz.judge.rates import good_rate
    from nnopt_viz.judge.simulation import simulate
    from nnopt_viz.race.scenario import Scenario

__version__ = "0.1.0"
__all__ = ["Scenario", "__version__", "good_rate", "show", "simulate", "trajectory"]

# Loaded on first use: `import nnopt_viz` alone costs no more than NumPy, or even less.
_HOMES = {
    "Scenario": "nnopt_viz.race.scenario",
    "good_rate": "nnopt_viz.judge.rates",
    "show": "nnopt_viz.deliver.show",
    "simulate": "nnopt_viz.judge.simulation",
    "trajectory": "nnopt_viz.deliver.frame",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
