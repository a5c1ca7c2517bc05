"""Small networks in NumPy: data, initializers, value, gradient and Hessian-vector product."""

from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.curvature import hessian_vector
from nnopt_viz.networks.datasets import DATASETS, Data, dataset
from nnopt_viz.networks.inits import INITS, start_weights
from nnopt_viz.networks.losses import LOSSES
from nnopt_viz.networks.network import NETS, Group, Network, network_of
from nnopt_viz.networks.passes import (
    Passes,
    Statistics,
    Taken,
    accuracy,
    outputs,
    says,
    statistics,
    value,
    value_and_gradient,
)
from nnopt_viz.networks.planes import HEIGHTS, PLANES
from nnopt_viz.networks.reports import Running, layer_report

__all__ = [
    "ACTIVATIONS",
    "DATASETS",
    "HEIGHTS",
    "INITS",
    "LOSSES",
    "NETS",
    "PLANES",
    "Data",
    "Group",
    "Network",
    "Passes",
    "Running",
    "Statistics",
    "Taken",
    "accuracy",
    "dataset",
    "hessian_vector",
    "layer_report",
    "network_of",
    "outputs",
    "says",
    "start_weights",
    "statistics",
    "value",
    "value_and_gradient",
]
