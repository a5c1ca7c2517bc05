"""Steps of fixed length: only the gradient's sign counts.

In the rules: m the mean gradient.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    B2,
    BETA1,
    OPTIMIZERS,
    Optimizer,
    learning_rate,
    weight_decay,
)

sign_sgd = OPTIMIZERS.add(
    Optimizer(
        name="sign_sgd",
        title="SignSGD",
        family="sign and averaging",
        rule="x = x - lr*sign(g)",
        knobs=(learning_rate(1e-3),),
        rate="adaptive",
        rate_scale=0.15,
        doc="Moves every coordinate by lr against the sign of its gradient, however small that is: "
        "it never slows down near a minimum.",
        source="Bernstein et al. 2018, signSGD: compressed optimisation for non-convex problems, "
        "algorithm 1",
        differs="The same in optax.",
    ),
    Names(
        ("sign_descent", "sign_gradient_descent", "sign_gd"),
    ),
)

signum = OPTIMIZERS.add(
    Optimizer(
        name="signum",
        title="Signum",
        family="sign and averaging",
        rule="""
            m = beta*m + (1 - beta)*g
            x = x - lr*sign(m)
        """,
        knobs=(
            learning_rate(1e-3),
            Knob(
                "beta",
                0.9,
                "decay of the mean gradient, per step",
                0.0,
                1.0,
                open_high=True,
                also=("momentum", "beta1", "b1"),
            ),
        ),
        rate="adaptive",
        rate_scale=0.15,
        doc="SignSGD with momentum: the sign of the mean gradient.",
        source="Bernstein et al. 2018, signSGD: compressed optimisation for non-convex problems, "
        "algorithm 2",
        differs="The same in optax.",
    ),
    Names(
        ("sign_momentum", "sign_sgd_momentum"),
    ),
)

lion = OPTIMIZERS.add(
    Optimizer(
        name="lion",
        title="Lion",
        family="sign and averaging",
        rule="""
            u = sign(beta1*m + (1 - beta1)*g)
            m = beta2*m + (1 - beta2)*g
            x = x - lr*(u + weight_decay*x)
        """,
        knobs=(
            learning_rate(1e-4),
            BETA1,
            Knob(
                "beta2",
                0.99,
                "decay of the mean gradient, per step",
                0.0,
                1.0,
                open_high=True,
                also=B2,
            ),
            weight_decay(1e-3, "shrinks x by lr*weight_decay each step"),
        ),
        rate="adaptive",
        rate_scale=0.15,
        doc="The sign of a mixture of the gradient and a long mean of it; found by a search over "
        "programs.",
        source="Chen et al. 2023, Symbolic discovery of optimization algorithms, algorithm 2",
        differs="The same as optax's lion, whose default weight_decay is 1e-3 too; the paper names "
        "no default.",
    ),
    Names(
        ("evolved_sign_momentum",),
        akin={"tiger": "lion with beta1 = beta2 is signum"},
    ),
)
