"""One step length for a whole layer: the size of the step follows that of the weights.

On two numbers there is one layer, x itself: norms are distances from the origin.
In the rules: u the direction, r the trust ratio, m and b means, v a mean square.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    B2,
    BETA1,
    BETA2,
    MOMENTUM,
    OPTIMIZERS,
    OWN_RATE,
    Optimizer,
    epsilon,
    learning_rate,
    weight_decay,
)

ADDED = weight_decay(0.0, "adds weight_decay*x to the direction")

lars = OPTIMIZERS.add(
    Optimizer(
        name="lars",
        title="LARS",
        family="layer-wise",
        rule="""
            u = g + weight_decay*x
            r = trust_coefficient*norm(x)/(norm(u) + eps)
            b = momentum*b + lr*where(norm(x)*norm(u) > 0, r, 1)*u
            x = x - b
        """,
        knobs=(
            learning_rate(1.0),
            MOMENTUM,
            Knob("trust_coefficient", 1e-3, "step over size of x, at lr 1", 0.0, 10.0, log=True),
            epsilon(0.0),
            weight_decay(),
        ),
        rate=OWN_RATE,
        doc="Momentum that gains a fixed share of the size of x at every step, whatever the "
        "gradient's size.",
        source="You, Gitman & Ginsburg 2017, Large batch training of convolutional networks, "
        "algorithm 1",
        differs="The same as optax's lars. Near the origin, where x has no size, steps vanish; "
        "exactly there they are lr times the gradient.",
    ),
    Names(
        ("layerwise_adaptive_rate_scaling",),
        fixed={"nesterov": False},
    ),
)

lamb = OPTIMIZERS.add(
    Optimizer(
        name="lamb",
        title="LAMB",
        family="layer-wise",
        rule="""
            m = beta1*m + (1 - beta1)*g
            v = beta2*v + (1 - beta2)*g*g
            u = m/(1 - beta1**t) / (sqrt(v/(1 - beta2**t)) + eps) + weight_decay*x
            x = x - lr*where(norm(x)*norm(u) > 0, norm(x)/norm(u), 1)*u
        """,
        knobs=(learning_rate(1e-2), BETA1, BETA2, epsilon(1e-6), ADDED),
        rate=OWN_RATE,
        doc="Adam whose step is lr times the size of x: layers of any scale learn equally fast.",
        source="You et al. 2020, Large batch optimization for deep learning: training BERT in "
        "76 minutes, algorithm 2 with the identity as its function of the norm",
        differs="The same as optax's lamb. pytorch_optimizer's divides each step by 1 - beta1**t "
        "(at first ten times the step), does not correct its means, which shows where a layer is "
        "all zeros, and takes a norm of weights above 10 for 10.",
    ),
    Names(
        ("layerwise_adaptive_moments",),
    ),
)

novograd = OPTIMIZERS.add(
    Optimizer(
        name="novograd",
        title="NovoGrad",
        family="layer-wise",
        rule="""
            n = norm(g)*norm(g)
            v = where(t == 1, n, beta2*v + (1 - beta2)*n)
            m = beta1*m + g/(sqrt(v) + eps) + weight_decay*x
            x = x - lr*m
        """,
        knobs=(
            learning_rate(1e-3),
            BETA1,
            Knob(
                "beta2", 0.25, "decay of the squared gradient norm, per step", 0.0, 1.0,
                open_high=True, also=B2,
            ),
            epsilon(1e-6),
            ADDED,
        ),
        rate="adaptive",
        rate_scale=0.02,
        doc="Divides the whole gradient by its recent length, one number a layer, then adds "
        "momentum.",
        source="Ginsburg et al. 2019, Stochastic gradient methods with layer-wise adaptive "
        "moments, algorithm 1",
        differs="The same as optax's novograd.",
    )
)  # fmt: skip

fromage = OPTIMIZERS.add(
    Optimizer(
        name="fromage",
        title="Fromage",
        family="layer-wise",
        rule="""
            r = maximum(norm(x), min_norm)/maximum(norm(g), min_norm)
            x = (x - lr*r*g)/sqrt(1 + lr*lr)
        """,
        knobs=(
            learning_rate(1e-2),
            Knob("min_norm", 1e-6, "smallest length divided by, unit of the gradient", 0.0, 1.0),
        ),
        rate=OWN_RATE,
        doc="Steps of lr times the size of x, whatever the gradient's size. Then x is divided by "
        "as much as a step at right angles to it makes it longer: such steps turn it and keep "
        "its size.",
        source="Bernstein et al. 2020, On the distance between two neural networks and the "
        "stability of learning, algorithm 1",
        differs="The same as optax's fromage.",
    )
)
