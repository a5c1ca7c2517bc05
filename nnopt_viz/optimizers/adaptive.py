"""Adaptive learning rates: a step size of its own for every coordinate.

In the rules: v the sum or mean of squared gradients, m the mean gradient, b the
velocity, d the step before lr, u the mean squared step, s the divisor.
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

adagrad = OPTIMIZERS.add(
    Optimizer(
        name="adagrad",
        title="Adagrad",
        family="adaptive",
        rule="""
            g = g + weight_decay*x
            v_0 = initial_accumulator_value
            v = v + g*g
            x = x - lr/(1 + (t - 1)*lr_decay)*g / (sqrt(v) + eps)
        """,
        knobs=(
            learning_rate(1e-2),
            Knob("lr_decay", 0.0, "lr is divided by 1 + (t - 1)*lr_decay", 0.0, 1e3),
            Knob(
                "initial_accumulator_value",
                0.0,
                "where v starts, gradient squared",
                0.0,
                1e6,
                also=("initial_accumulator",),
            ),
            epsilon(1e-10),
            weight_decay(),
        ),
        rate="adaptive",
        stable="2/lr",
        divisor="(1 + (t - 1)*lr_decay)*(sqrt(v) + eps)",
        doc="Divides each coordinate's step by the root of the sum of all its squared "
        "gradients, a divisor that only ever grows.",
        source="Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning "
        "and stochastic optimization, fig. 1 (diagonal); torch.optim.Adagrad",
        differs="optax starts v at 0.1 and has eps (1e-7) inside the root.",
    ),
    Names(
        ("adaptive_gradient",),
        akin={"ftrl": "without its penalties it is adagrad"},
    ),
)

adadelta = OPTIMIZERS.add(
    Optimizer(
        name="adadelta",
        title="Adadelta",
        family="adaptive",
        rule="""
            g = g + weight_decay*x
            v = rho*v + (1 - rho)*g*g
            d = sqrt(u + eps)/sqrt(v + eps)*g
            u = rho*u + (1 - rho)*d*d
            x = x - lr*d
        """,
        knobs=(
            learning_rate(1.0),
            Knob(
                "rho",
                0.9,
                "decay of both means of squares, per step",
                0.0,
                1.0,
                also=("decay", "decay_rate"),
            ),
            epsilon(1e-6),
            weight_decay(),
        ),
        rate="adaptive",
        doc="Measures each step by its own recent steps, so that no learning rate is needed; "
        "it starts very slowly.",
        source="Zeiler 2012, ADADELTA: an adaptive learning rate method, algorithm 1; "
        "torch.optim.Adadelta",
        differs="The paper has no lr; PyTorch and we have one (1.0), optax may have one.",
    )
)

rmsprop = OPTIMIZERS.add(
    Optimizer(
        name="rmsprop",
        title="RMSprop",
        family="adaptive",
        rule="""
            g = g + weight_decay*x
            v = alpha*v + (1 - alpha)*g*g
            m = m + (1 - alpha)*(g - m)
            s = sqrt(where(centered, v - m*m, v)) + eps
            b = momentum*b + g/s
            x = x - where(momentum > 0, lr*b, lr*g/s)
        """,
        knobs=(
            learning_rate(1e-2),
            Knob(
                "alpha",
                0.99,
                "decay of the mean squared gradient, per step",
                0.0,
                1.0,
                also=("rho", "decay", "decay_rate"),
            ),
            epsilon(1e-8),
            weight_decay(),
            Knob("momentum", 0.0, "share of the velocity kept, per step", 0.0, 1.0, also=("mu",)),
            Knob("centered", False, "divides by the deviation from the mean gradient", kind="flag"),
        ),
        rate="adaptive",
        stable="2*(1 + momentum)/lr",
        divisor="s",
        doc="Divides each coordinate's step by the root of its recent mean squared gradient.",
        source="Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6.5; "
        "centered: Graves 2013, Generating sequences with recurrent neural networks, "
        "eqs. 38 to 45; torch.optim.RMSprop",
        differs="optax has decay 0.9 where alpha is 0.99, and eps inside the root. "
        "The lecture has neither momentum nor eps.",
    ),
    Names(
        words={
            "initial_scale": "its mean of squares starts at 0",
            "nesterov": "its momentum is the heavy ball's",
        },
        fixed={
            "initial_scale": 0,
            "nesterov": False,
            "eps_in_sqrt": False,
            "bias_correction": False,
        },
    ),
)
