"""Momentum, mixed, aggregated and growing; steps that look ahead before they move.

In the rules: a, b, c velocities, m the mean gradient, z where the last plain step led.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    OPTIMIZERS,
    Optimizer,
    epsilon,
    learning_rate,
    weight_decay,
)


def decay(name: str, default: float) -> Knob:
    """The share of a velocity that is kept, in [0, 1)."""
    return Knob(
        name,
        default,
        "share of this velocity kept",
        0.0,
        1.0,
        open_high=True,
        also=(f"betas[{int(name[-1]) - 1}]",),
    )


qhm = OPTIMIZERS.add(
    Optimizer(
        name="qhm",
        title="Quasi-hyperbolic momentum",
        family="momentum",
        rule="""
            g = g + weight_decay*x
            m = momentum*m + (1 - momentum)*g
            x = x - lr*(nu*m + (1 - nu)*g)
        """,
        knobs=(
            learning_rate(1e-3),
            Knob(
                "momentum", 0.999, "decay of the mean gradient, per step", 0.0, 1.0, also=("beta",)
            ),
            Knob("nu", 0.7, "share of the mean gradient; the rest is the gradient", 0.0, 1.0),
            weight_decay(),
        ),
        rate="gradient",
        doc="A weighted mean of a gradient step and a momentum step with a long memory.",
        source="Ma & Yarats 2019, Quasi-hyperbolic momentum and Adam for deep learning, "
        "eqs. 3 and 4; momentum and nu as recommended there",
        differs="pytorch_optimizer's defaults (momentum 0, nu 1) make it gradient descent.",
    ),
    Names(
        ("quasi_hyperbolic_momentum",),
    ),
)

aggmo = OPTIMIZERS.add(
    Optimizer(
        name="aggmo",
        title="AggMo",
        family="momentum",
        rule="""
            g = g + weight_decay*x
            a = beta1*a + g
            b = beta2*b + g
            c = beta3*c + g
            x = x - lr/3*(a + b + c)
        """,
        knobs=(
            learning_rate(1e-3),
            decay("beta1", 0.0),
            decay("beta2", 0.9),
            decay("beta3", 0.99),
            weight_decay(),
        ),
        rate="momentum",
        rate_scale=0.5,
        doc="The mean of three heavy balls, one without and one with very much momentum: the "
        "quick ones damp the slow one's swinging.",
        source="Lucas et al. 2019, Aggregated momentum: stability through passive damping, eq. 2",
        differs="The paper and pytorch_optimizer take any number of velocities; ours has their "
        "default three.",
    ),
    Names(
        ("aggregated_momentum",),
    ),
)

accelerated_gradient = OPTIMIZERS.add(
    Optimizer(
        name="accelerated_gradient",
        title="Accelerated gradient",
        family="momentum",
        rule="""
            a_0 = 1
            z = where(t == 1, x, z)
            next = x - lr*g
            a_next = (1 + sqrt(1 + 4*a*a))/2
            x = next + (a - 1)/a_next*(next - z)
            z = next
            a = a_next
            x_eval = z
        """,
        knobs=(learning_rate(1e-3),),
        rate="momentum",
        rate_scale=0.5,
        doc="Nesterov's own method: momentum grows from 0 towards 1 as the run goes on. On smooth "
        "convex surfaces its loss is sure to fall as 1 over the square of the steps, and no method "
        "that only reads gradients can be sure of a faster fall, but for a factor.",
        source="Nesterov 1983, A method of solving a convex programming problem with "
        "convergence rate O(1/k^2), with a constant step; as Beck & Teboulle 2009, eqs. 4.1 to 4.3",
        differs="nesterov in torch and optax keeps momentum constant; jaxopt's GradientDescent "
        "with acceleration is the same. The page draws the look-ahead point x and, beside it, the "
        "plain step z that is the answer.",
    ),
    Names(
        ("agd", "accelerated_gradient_descent"),
        akin={"fista": "without a kinked part it is accelerated_gradient"},
    ),
)

optimistic_gradient_descent = OPTIMIZERS.add(
    Optimizer(
        name="optimistic_gradient_descent",
        title="Optimistic gradient descent",
        family="gradient descent",
        rule="""
            u = (alpha + beta)*g - beta*where(t == 1, g, g_last)
            g_last = g
            x = x - lr*u
        """,
        knobs=(
            learning_rate(1e-3),
            Knob("alpha", 1.0, "weight of the gradient", 0.0, 10.0),
            Knob("beta", 1.0, "weight of its change since the last step", 0.0, 10.0),
        ),
        rate="gradient",
        rate_scale=0.3,
        doc="Expects the gradient to change next as it did last, which damps circling: made for "
        "games of two players.",
        source="Daskalakis et al. 2018, Training GANs with optimism, eq. 5; with two weights "
        "Mokhtari et al. 2020, A unified analysis of extra-gradient and optimistic gradient "
        "methods, eq. 8",
        differs="The same in optax.",
    ),
    Names(
        ("optimistic_gd", "optimistic_sgd"),
        akin={
            "optimistic_adam": "its idea, on plain descent, is optimistic_gradient_descent",
            "optimistic_adam_v2": "its idea, on plain descent, is optimistic_gradient_descent",
        },
    ),
)

extragradient = OPTIMIZERS.add(
    Optimizer(
        name="extragradient",
        title="Extragradient",
        family="gradient descent",
        rule="x = x - lr*grad(x - lr*g)",
        knobs=(learning_rate(1e-3),),
        rate="gradient",
        rate_scale=0.5,
        doc="Tries a step, reads the gradient there, and takes that step from where it stands.",
        source="Korpelevich 1976, The extragradient method for finding saddle points and other "
        "problems, for the gradient of a loss",
        differs="Not in PyTorch; in optax it is contrib.sam around sgd(lr) with sgd(-lr) as its "
        "adversary. Two gradients a step.",
    ),
    Names(
        ("korpelevich",),
    ),
)

sam = OPTIMIZERS.add(
    Optimizer(
        name="sam",
        title="Sharpness-aware minimization",
        family="gradient descent",
        rule="""
            u = g/(norm(g) + eps)
            x = x - lr*grad(x + rho*u)
        """,
        knobs=(
            learning_rate(1e-3),
            Knob("rho", 0.05, "how far uphill it looks, unit of x", 0.0, 1e3, soft=(0.0, 1.0)),
            epsilon(1e-12),
        ),
        rate="gradient",
        rate_scale=0.5,
        doc="Descends by the gradient of a point a little uphill. It never quite settles, and it "
        "circles a narrow minimum further out than a wide one: so it prefers wide ones.",
        source="Foret et al. 2021, Sharpness-aware minimization for efficiently improving "
        "generalization, algorithm 1 with gradient descent inside",
        differs="As optax.contrib.sam around sgd, which has no eps. Two gradients a step.",
    ),
    Names(
        ("sharpness_aware_minimization",),
    ),
)
