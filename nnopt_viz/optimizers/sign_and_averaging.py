"""The sign of the gradient alone, and averages over the path."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import OPTIMIZERS, Optimizer, learning_rate, weight_decay

rprop = OPTIMIZERS.add(
    Optimizer(
        name="rprop",
        title="Rprop",
        family="sign and averaging",
        rule="""
            step_0 = lr
            s = sign(g*g_last)
            step = step*where(s > 0, etaplus, where(s < 0, etaminus, 1))
            step = clip(step, step_size_min, step_size_max)
            g = where(s < 0, 0, g)
            x = x - sign(g)*step
            g_last = g
        """,
        knobs=(
            learning_rate(1e-2),
            Knob(
                "etaminus",
                0.5,
                "step's factor when the gradient changes sign",
                0.0,
                1.0,
                open_low=True,
                open_high=True,
                also=("etas[0]", "eta_minus"),
            ),
            Knob(
                "etaplus",
                1.2,
                "step's factor while the gradient keeps its sign",
                1.0,
                10.0,
                open_low=True,
                soft=(1.01, 2.0),
                also=("etas[1]", "eta_plus"),
            ),
            Knob(
                "step_size_min",
                1e-6,
                "smallest step, unit of x",
                0.0,
                1e3,
                log=True,
                also=("step_sizes[0]", "min_step_size"),
            ),
            Knob(
                "step_size_max",
                50.0,
                "largest step, unit of x",
                0.0,
                1e6,
                open_low=True,
                also=("step_sizes[1]", "max_step_size"),
            ),
        ),
        rate="adaptive",
        doc="Uses only the gradient's sign: each coordinate's step grows while the sign stays and "
        "shrinks when it flips. lr is the first step; a schedule changes nothing after it.",
        source="Riedmiller & Braun 1993, A direct adaptive method for faster backpropagation "
        "learning: the RPROP algorithm; torch.optim.Rprop",
        differs="Like PyTorch it skips the step after a change of sign where the paper goes back; "
        "optax differs from the first step on.",
    ),
    Names(
        ("resilient_propagation", "resilient_backpropagation"),
        akin={"irprop": "the method that it changes is rprop"},
    ),
)

asgd = OPTIMIZERS.add(
    Optimizer(
        name="asgd",
        title="Averaged SGD",
        family="sign and averaging",
        rule="""
            eta_0 = lr
            mu_0 = 1
            g = g + weight_decay*x
            x = x*(1 - lambd*eta)
            x = x - eta*g
            average = where(mu == 1, x, average + (x - average)*mu)
            eta = lr/(1 + lambd*lr*t)**alpha
            mu = 1/maximum(1, t - t0)
            x_eval = average
        """,
        knobs=(
            learning_rate(1e-2),
            Knob("lambd", 1e-4, "decay of x and of the learning rate", 0.0, 1e3, also=("lambda",)),
            Knob("alpha", 0.75, "power with which the learning rate falls", 0.0, 10.0),
            Knob("t0", 1e6, "step at which averaging starts", 0.0, 1e9),
            weight_decay(),
        ),
        rate="gradient",
        doc="Gradient descent whose answer is the average of its path from step t0 on: noise "
        "averages out.",
        source="Polyak & Juditsky 1992, Acceleration of stochastic approximation by averaging; "
        "torch.optim.ASGD",
        differs="Not in optax. PyTorch holds eta in float32 unless the default dtype is float64 "
        "(1e-8 apart), and t0 is so late by default that nothing is averaged in a short run.",
    ),
    Names(
        (
            "averaged_sgd",
            "averaged_stochastic_gradient_descent",
        ),
        akin=dict.fromkeys(
            ("swa", "polyak_averaging", "polyak_ruppert", "iterate_averaging"),
            "averages of the path begin at step t0; write asgd(t0=100)",
        ),
    ),
)
