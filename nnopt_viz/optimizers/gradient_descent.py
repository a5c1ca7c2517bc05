"""Plain gradient descent."""

from nnopt_viz.knobs import Knob
from nnopt_viz.optimizers.optimizer import OPTIMIZERS, Optimizer, learning_rate

WEIGHT_DECAY = Knob("weight_decay", 0.0, "adds weight_decay*x to the gradient, dimensionless",
                    0.0, 1e3, soft=(0.0, 1.0))

sgd = OPTIMIZERS.add(
    Optimizer(
        name="sgd",
        title="Gradient descent",
        family="gradient descent",
        rule="""
            g = g + weight_decay*x
            x = x - lr*g
        """,
        knobs=(learning_rate(1e-3), WEIGHT_DECAY),
        rate="gradient",
        doc="Steps straight downhill, as far as the slope is steep.",
        source="Cauchy 1847; torch.optim.SGD",
    )
)
