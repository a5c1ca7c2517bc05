"""Adam with another divisor: how the size of recent gradients is measured.

In the rules: m the mean gradient, v what the divisor is made of, d the surprise (the
gradient less the mean expected).
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    B1,
    BETA1,
    BETA2,
    OPTIMIZERS,
    Optimizer,
    epsilon,
    learning_rate,
)

adabelief = OPTIMIZERS.add(
    Optimizer(
        name="adabelief",
        title="AdaBelief",
        family="adaptive",
        rule="""
            m = beta1*m + (1 - beta1)*g
            d = g - m
            v = beta2*v + (1 - beta2)*d*d + eps
            x = x - lr*(m/(1 - beta1**t)) / (sqrt(v/(1 - beta2**t)) + eps)
        """,
        knobs=(learning_rate(1e-3), BETA1, BETA2, epsilon(1e-16)),
        rate="adaptive",
        rate_scale=0.5,
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*(sqrt(v/(1 - beta2**t)) + eps)",
        doc="Adam that divides by how much the gradient surprises: large steps where it is "
        "steady, small ones where it changes.",
        source="Zhuang et al. 2020, AdaBelief optimizer: adapting stepsizes by the belief in "
        "observed gradients, algorithm 2",
        differs="As optax's adabelief, which has the two eps as two arguments.",
    ),
    Names(
        fixed={"nesterov": False},
    ),
)

yogi = OPTIMIZERS.add(
    Optimizer(
        name="yogi",
        title="Yogi",
        family="adaptive",
        rule="""
            v_0 = initial_accumulator_value
            m = beta1*m + (1 - beta1)*g
            v = v - (1 - beta2)*sign(v - g*g)*g*g
            x = x - lr*(m/(1 - beta1**t)) / (sqrt(v/(1 - beta2**t)) + eps)
        """,
        knobs=(
            learning_rate(1e-2),
            BETA1,
            BETA2,
            epsilon(1e-3),
            Knob("initial_accumulator_value", 1e-6, "where v starts, gradient squared", 0.0, 1e6),
        ),
        rate="adaptive",
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*(sqrt(v/(1 - beta2**t)) + eps)",
        doc="Adam whose divisor shrinks by at most a little each step, however small the "
        "gradient has become.",
        source="Zaheer et al. 2018, Adaptive methods for nonconvex optimization, algorithm 2",
        differs="optax also starts m at initial_accumulator_value; the paper and we at 0. The "
        "paper does not correct the bias.",
    ),
    Names(
        ("adayogi",),
    ),
)

acprop = OPTIMIZERS.add(
    Optimizer(
        name="acprop",
        title="ACProp",
        family="adaptive",
        rule="""
            s = sqrt(v/(1 - beta2**maximum(t - 1, 1))) + eps
            d = g - m
            v = beta2*v + (1 - beta2)*d*d + eps
            m = beta1*m + (1 - beta1)*g
            x = x - where(t == 1, 0, lr*g/s)
        """,
        knobs=(learning_rate(1e-3), BETA1, BETA2, epsilon(1e-16)),
        rate="adaptive",
        rate_scale=0.1,
        doc="Divides each gradient by the surprise of the gradients before it, so that one large "
        "gradient can't hide behind itself; no momentum.",
        source="Zhuang et al. 2021, Momentum centering and asynchronous update for adaptive "
        "gradient methods, algorithm 3",
        differs="Our first step only measures: x stays. In optax.contrib it is that of plain "
        "gradient descent, whose rate is another; from then on the two are the same.",
    )
)

qhadam = OPTIMIZERS.add(
    Optimizer(
        name="qhadam",
        title="QHAdam",
        family="adaptive",
        rule="""
            m = beta1*m + (1 - beta1)*g
            v = beta2*v + (1 - beta2)*g*g
            u = (1 - nu1)*g + nu1*m/(1 - beta1**t)
            x = x - lr*u / (sqrt((1 - nu2)*g*g + nu2*v/(1 - beta2**t)) + eps)
        """,
        knobs=(
            learning_rate(1e-3),
            Knob(
                "beta1",
                0.995,
                "decay of the mean gradient, per step",
                0.0,
                1.0,
                open_high=True,
                also=B1,
            ),
            BETA2,
            Knob(
                "nu1",
                0.7,
                "share of the mean gradient; the rest is the gradient",
                0.0,
                1.0,
                also=("nus[0]",),
            ),
            Knob(
                "nu2",
                1.0,
                "share of the mean square; the rest is the square",
                0.0,
                1.0,
                also=("nus[1]",),
            ),
            epsilon(1e-8),
        ),
        rate="adaptive",
        doc="Adam with a long memory that still answers to the gradient of the moment: a "
        "weighted mean of both.",
        source="Ma & Yarats 2019, Quasi-hyperbolic momentum and Adam for deep learning, "
        "eqs. 10 to 12; nu1 and beta1 as recommended there",
        differs="pytorch_optimizer's defaults (nu 1, beta1 0.9) make it Adam.",
    ),
    Names(
        ("quasi_hyperbolic_adam",),
    ),
)

adabound = OPTIMIZERS.add(
    Optimizer(
        name="adabound",
        title="AdaBound",
        family="adaptive",
        rule="""
            m = beta1*m + (1 - beta1)*g
            v = beta2*v + (1 - beta2)*g*g
            low = final_ratio*lr*(1 - 1/(gamma*t + 1))
            high = final_ratio*lr*(1 + 1/(gamma*t))
            x = x - clip(lr*sqrt(1 - beta2**t)/(1 - beta1**t) / (sqrt(v) + eps), low, high)*m
        """,
        knobs=(
            learning_rate(1e-3),
            BETA1,
            BETA2,
            Knob("final_ratio", 100.0, "rate of the descent it turns into, over lr", 0.0, 1e6),
            Knob("gamma", 1e-3, "how fast the bounds close, per step", 0.0, 1.0, open_low=True),
            epsilon(1e-8),
        ),
        rate="gradient",
        rate_scale=0.02,
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="lr/clip(lr*sqrt(1 - beta2**t)/(1 - beta1**t) / (sqrt(v) + eps), low, high)",
        doc="Begins as Adam and ends as gradient descent with momentum: two bounds close "
        "around the step size.",
        source="Luo et al. 2019, Adaptive gradient methods with dynamic bound of learning rate, "
        "algorithm 2",
        differs="The paper's final_lr (0.1) is absolute; ours is final_ratio*lr, the same at "
        "lr 0.001. Bias is corrected as in the authors' code and in pytorch_optimizer.",
    ),
    Names(
        words={"final_lr": "its last rate is final_ratio*lr; write final_ratio"},
        akin={"amsbound": "the method that it changes is adabound"},
    ),
)

laprop = OPTIMIZERS.add(
    Optimizer(
        name="laprop",
        title="LaProp",
        family="adaptive",
        rule="""
            v = beta2*v + (1 - beta2)*g*g
            m = beta1*m + (1 - beta1)*lr*g / (sqrt(v/(1 - beta2**t)) + eps)
            x = x - m/(1 - beta1**t)
        """,
        knobs=(learning_rate(4e-4), BETA1, BETA2, epsilon(1e-15)),
        rate="adaptive",
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*(sqrt(v/(1 - beta2**t)) + eps)",
        doc="Adam in the other order: every gradient is first divided by its size, then "
        "averaged. So at a constant rate no step of a coordinate is longer than "
        "lr/sqrt(1 - beta2), whatever beta1 is.",
        source="Ziyin, Wang & Ueda 2020, LaProp: separating momentum and adaptivity in Adam, "
        "algorithm 1",
        differs="pytorch_optimizer adds eps before it corrects the bias of v, and divides by the "
        "mean lr.",
    )
)

diffgrad = OPTIMIZERS.add(
    Optimizer(
        name="diffgrad",
        title="diffGrad",
        family="adaptive",
        rule="""
            m = beta1*m + (1 - beta1)*g
            v = beta2*v + (1 - beta2)*g*g
            friction = 1/(1 + exp(-abs(g_last - g)))
            g_last = g
            x = x - lr*sqrt(1 - beta2**t)/(1 - beta1**t)*friction*m / (sqrt(v) + eps)
        """,
        knobs=(learning_rate(1e-3), BETA1, BETA2, epsilon(1e-8)),
        rate="adaptive",
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*(sqrt(v) + eps)/(sqrt(1 - beta2**t)*friction)",
        doc="Adam that brakes to half speed where the gradient hardly changes from step to step.",
        source="Dubey et al. 2020, diffGrad: an optimization method for convolutional neural "
        "networks, algorithm 1",
        differs="As in the authors' code and pytorch_optimizer: eps before the bias of v is "
        "corrected. The first gradient is compared with 0.",
    )
)
