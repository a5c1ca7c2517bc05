"""Plain gradient descent.

In the rules: x the parameters, g the gradient there, t the step (from 1), lr the
learning rate of this step.
"""

from nnopt_viz.declare.names import Form, Names
from nnopt_viz.optimizers.optimizer import OPTIMIZERS, Optimizer, learning_rate, weight_decay

sgd = OPTIMIZERS.add(
    Optimizer(
        name="sgd",
        title="Gradient descent",
        family="gradient descent",
        rule="""
            g = g + weight_decay*x
            x = x - lr*g
        """,
        knobs=(learning_rate(1e-3), weight_decay()),
        rate="gradient",
        stable="2/lr - weight_decay",
        doc="Steps straight downhill, as far as the slope is steep.",
        source="Cauchy 1847, Méthode générale pour la résolution des systèmes d'équations "
        "simultanées; torch.optim.SGD",
        differs="The same in PyTorch and optax (which has no weight_decay here).",
    ),
    Names(
        (
            "gd",
            "gradient_descent",
            "steepest_descent",
            "stochastic_gradient_descent",
            "vanilla_sgd",
            "vanilla_gradient_descent",
            "batch_gradient_descent",
        ),
        akin={
            "noisy_sgd": "write sgd(noise=gaussian), or sgld",
            "dpsgd": "it clips and adds noise: write sgd(clip_norm=1,noise=gaussian)",
            "lookahead": "it goes round any method: write sgd(lookahead=5)",
        },
        fixed={"dampening": 0, "nesterov": False},
        words={"nesterov": "it needs a momentum; write nesterov(momentum=0.9)"},
        forms=(Form("momentum", "momentum"),),
    ),
)
