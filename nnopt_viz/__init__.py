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
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.query.keys import QueryError
    from nnopt_viz.race.result import events
    from nnopt_viz.race.scenario import Scenario

__version__ = "0.2.0.dev0"
__all__ = [
    "Lab", "QueryError", "Scenario", "__version__", "events", "good_rate", "show", "simulate",
    "trajectory",
]  # fmt: skip

# Loaded on first use: `import nnopt_viz` alone costs no more than NumPy, or even less.
_HOMES = {
    "Lab": "nnopt_viz.lab.lab",
    "QueryError": "nnopt_viz.query.keys",
    "Scenario": "nnopt_viz.race.scenario",
    "events": "nnopt_viz.events",
    "good_rate": "nnopt_viz.judge.rates",
    "show": "nnopt_viz.deliver.show",
    "simulate": "nnopt_viz.judge.simulation",
    "trajectory": "nnopt_viz.deliver.frame",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home = import_module(_HOMES[name])
    if home.__name__ == f"{__name__}.{name}":  # `events`: a module that can be called
        return home
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
