"""Momentum: steps that build up a velocity.

In the rules: b the velocity (torch's momentum buffer).
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Form, Names
from nnopt_viz.optimizers.optimizer import (
    MOMENTUM,
    OPTIMIZERS,
    Optimizer,
    learning_rate,
    weight_decay,
)

momentum = OPTIMIZERS.add(
    Optimizer(
        name="momentum",
        title="Momentum",
        family="momentum",
        rule="""
            g = g + weight_decay*x
            b = where(t == 1, g, momentum*b + (1 - dampening)*g)
            x = x - lr*b
        """,
        knobs=(
            learning_rate(1e-3),
            MOMENTUM,
            Knob("dampening", 0.0, "share of each new gradient left out", 0.0, 1.0),
            weight_decay(),
        ),
        rate="momentum",
        stable="2*(1 + momentum)/((1 - dampening)*lr) - weight_decay",
        doc="A heavy ball: gradients add up to a velocity that carries it along valleys "
        "and, sometimes, past a minimum.",
        source="Polyak 1964, Some methods of speeding up the convergence of iteration methods; "
        "torch.optim.SGD",
        differs="As in PyTorch the first velocity is the undamped gradient and lr stands outside "
        "the velocity (Polyak's ball has it inside; the same while lr is constant). PyTorch's "
        "momentum is 0 unless given, and at 0 it ignores dampening. optax has no dampening.",
    ),
    Names(
        (
            "heavy_ball",
            "polyak_momentum",
            "classical_momentum",
            "sgd_momentum",
            "momentum_sgd",
            "sgd_with_momentum",
            "sgdm",
        ),
        forms=(Form("nesterov", "nesterov"),),
    ),
)

nesterov = OPTIMIZERS.add(
    Optimizer(
        name="nesterov",
        title="Nesterov momentum",
        family="momentum",
        rule="""
            g = g + weight_decay*x
            b = momentum*b + g
            x = x - lr*(g + momentum*b)
        """,
        knobs=(learning_rate(1e-3), MOMENTUM, weight_decay()),
        rate="momentum",
        stable="2*(1 + momentum)/((1 + 2*momentum)*lr) - weight_decay",
        doc="Momentum that looks one step ahead, so that it brakes earlier.",
        source="Nesterov 1983, A method of solving a convex programming problem with "
        "convergence rate O(1/k^2); in this form Sutskever et al. 2013, On the importance of "
        "initialization and momentum in deep learning, eqs. 3 and 4; "
        "torch.optim.SGD with nesterov=True",
        differs="Like PyTorch and optax it shows the look-ahead point and keeps momentum "
        "constant; Nesterov's own grows towards 1. PyTorch's momentum is 0 unless given.",
    ),
    Names(
        (
            "nag",
            "nesterov_momentum",
            "nesterov_accelerated_gradient",
            "sgd_nesterov",
            "nesterov_sgd",
        ),
        fixed={"nesterov": True, "dampening": 0},
    ),
)
