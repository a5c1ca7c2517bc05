"""Schedule-free methods: averaging along the path does the work of a schedule.

In the rules: x where the gradient is taken, z the fast point, mean the average (shown
as the answer), c its newest share.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    BETA2,
    OPTIMIZERS,
    Optimizer,
    epsilon,
    learning_rate,
    weight_decay,
)

BETA1 = Knob(
    "beta1",
    0.9,
    "share of the mean in x; the rest is z",
    0.0,
    1.0,
    open_low=True,
    also=("b1", "momentum", "betas[0]"),
)
POWER = Knob("weight_lr_power", 2.0, "a step counts lr**this in the mean", 0.0, 10.0)

schedule_free_sgd = OPTIMIZERS.add(
    Optimizer(
        name="schedule_free_sgd",
        title="Schedule-free SGD",
        family="sign and averaging",
        rule="""
            z = where(t == 1, x, z)
            mean = where(t == 1, x, mean)
            g = g + weight_decay*x
            top = maximum(top, lr)
            weight = top**weight_lr_power
            total = total + weight
            c = where(total > 0, weight/total, 0)
            z = z - lr*g
            mean = (1 - c)*mean + c*z
            x = beta1*mean + (1 - beta1)*z
            x_eval = mean
        """,
        knobs=(learning_rate(1.0), BETA1, weight_decay(), POWER),
        rate="gradient",
        doc="Gradient descent on a fast point z; gradients are taken between z and the mean of "
        "its path, and the mean is the answer. No schedule is needed.",
        source="Defazio et al. 2024, The road less scheduled, eqs. 1 to 3",
        differs="At a constant rate the same as optax.contrib.schedule_free_sgd, which computes "
        "the mean back from x and z. Under a schedule optax counts a step in the mean by the next "
        "step's rate; ours by its own, as pytorch_optimizer. The page draws x and, beside it, the "
        "mean.",
    ),
    Names(
        ("sgd_schedule_free",),
        akin={"schedule_free": "there are schedule_free_sgd and schedule_free_adamw"},
        fixed={"warmup_steps": 0},
        words={"warmup_steps": "write schedule=linear(begin=0,warmup=…)"},
    ),
)

schedule_free_adamw = OPTIMIZERS.add(
    Optimizer(
        name="schedule_free_adamw",
        title="Schedule-free AdamW",
        family="sign and averaging",
        rule="""
            z = where(t == 1, x, z)
            mean = where(t == 1, x, mean)
            v = beta2*v + (1 - beta2)*g*g
            u = g/(sqrt(v/(1 - beta2**t)) + eps) + weight_decay*x
            top = maximum(top, lr)
            weight = top**weight_lr_power
            total = total + weight
            c = where(total > 0, weight/total, 0)
            z = z - lr*u
            mean = (1 - c)*mean + c*z
            x = beta1*mean + (1 - beta1)*z
            x_eval = mean
        """,
        knobs=(
            learning_rate(2.5e-3),
            BETA1,
            BETA2,
            epsilon(1e-8),
            weight_decay(0.0, "shrinks z by lr*weight_decay*x each step"),
            POWER,
        ),
        rate="adaptive",
        doc="Schedule-free SGD whose fast point takes Adam's steps without momentum.",
        source="Defazio et al. 2024, The road less scheduled, algorithm 1, without warm-up",
        differs="At a constant rate the same as optax.contrib.schedule_free_adamw; under a "
        "schedule optax counts a step in the mean by the next step's rate, ours by its own. The "
        "authors' code corrects the bias of v inside lr.",
    ),
    Names(
        ("schedule_free_adam", "adamw_schedule_free"),
        fixed={"warmup_steps": 0},
        words={"warmup_steps": "write schedule=linear(begin=0,warmup=…)"},
    ),
)
