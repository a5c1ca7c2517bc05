"""The optimizers, a family a file. A new one is one declaration in one file."""

from nnopt_viz.declare.registry import Registry, load_all
from nnopt_viz.optimizers.optimizer import ARGUMENTS, NETWORK_OPTIMIZERS, OPTIMIZERS, Optimizer

load_all(__name__)

# What trains a network: those of a race, and those that need matrices.
TRAINERS: Registry[Optimizer] = Registry(
    OPTIMIZERS.kind, tuple(NETWORK_OPTIMIZERS.by_family()), ARGUMENTS
)
for registry in (NETWORK_OPTIMIZERS, OPTIMIZERS):
    for entry in registry.values():
        TRAINERS.add(entry, registry.names(entry.name))
    registry.wider.append(TRAINERS)

__all__ = ["NETWORK_OPTIMIZERS", "OPTIMIZERS", "TRAINERS", "Optimizer"]
