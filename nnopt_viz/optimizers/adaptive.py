"""Adaptive learning rates: a step size of its own for every coordinate."""

from nnopt_viz.knobs import Knob
from nnopt_viz.optimizers.gradient_descent import WEIGHT_DECAY
from nnopt_viz.optimizers.optimizer import OPTIMIZERS, Optimizer, learning_rate

BETA1 = Knob("beta1", 0.9, "decay of the mean gradient, per step", 0.0, 1.0, open_high=True)
BETA2 = Knob("beta2", 0.999, "decay of the mean squared gradient, per step", 0.0, 1.0,
             open_high=True)
EPS = Knob("eps", 1e-8, "added to the denominator", 0.0, 1.0)

adam = OPTIMIZERS.add(
    Optimizer(
        name="adam",
        title="Adam",
        family="adaptive",
        rule="""
            g = g + weight_decay*x
            m = m + (1 - beta1)*(g - m)
            v = beta2*v + (1 - beta2)*g*g
            x = x - lr/(1 - beta1**t) * m / (sqrt(v)/sqrt(1 - beta2**t) + eps)
        """,
        knobs=(learning_rate(1e-3), BETA1, BETA2, EPS, WEIGHT_DECAY),
        rate="adaptive",
        doc="Momentum, with every coordinate's step divided by the size of its recent gradients.",
        source="Kingma & Ba 2015, Adam: a method for stochastic optimization, algorithm 1",
    )
)
