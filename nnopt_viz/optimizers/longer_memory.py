"""Adam with another momentum: what is remembered of earlier gradients.

In the rules: m the mean gradient, v the mean square, d the change of the gradient,
slow a mean over thousands of steps, z and s what dual averaging sums.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    BETA1,
    BETA2,
    MOMENTUM,
    OPTIMIZERS,
    Optimizer,
    epsilon,
    learning_rate,
    weight_decay,
)

DECAY = weight_decay(0.0, "shrinks x by lr*weight_decay each step")


def beta(name: str, default: float, of: str) -> Knob:
    """A decay rate in [0, 1)."""
    return Knob(
        name,
        default,
        f"decay of {of}, per step",
        0.0,
        1.0,
        open_high=True,
        also=(name.replace("eta", ""), f"betas[{int(name[-1]) - 1}]"),
    )


adan = OPTIMIZERS.add(
    Optimizer(
        name="adan",
        title="Adan",
        family="adaptive",
        rule="""
            d = where(t == 1, 0, g - g_last)
            g_last = g
            m = beta1*m + (1 - beta1)*g
            c = beta2*c + (1 - beta2)*d
            u = g + beta2*d
            v = beta3*v + (1 - beta3)*u*u
            s = sqrt(v)/sqrt(1 - beta3**t) + eps
            x = x - lr*m/(1 - beta1**t)/s - lr*beta2*c/(1 - beta2**t)/s
            x = x/(1 + lr*weight_decay)
        """,
        knobs=(
            learning_rate(1e-3),
            beta("beta1", 0.98, "the mean gradient"),
            beta("beta2", 0.92, "the mean change of the gradient"),
            beta("beta3", 0.99, "the mean square"),
            epsilon(1e-8),
            DECAY,
        ),
        rate="adaptive",
        doc="Adam with Nesterov's look-ahead made from the change of the gradient: three "
        "means, of the gradient, of its change and of the square of both.",
        source="Xie et al. 2022, Adan: adaptive Nesterov momentum algorithm for faster "
        "optimizing deep models, algorithm 1 (its beta is 1 - ours)",
        differs="optax 0.2.8 weighs the change by 1 - beta2 where the paper, the authors' code, "
        "pytorch_optimizer and we have beta2; it also has a second eps inside the root and "
        "decays x before the step.",
    ),
    Names(
        ("adaptive_nesterov_momentum",),
    ),
)

ademamix = OPTIMIZERS.add(
    Optimizer(
        name="ademamix",
        title="AdEMAMix",
        family="adaptive",
        rule="""
            m = beta1*m + (1 - beta1)*g
            slow = beta3*slow + (1 - beta3)*g
            v = beta2*v + (1 - beta2)*g*g
            u = (m/(1 - beta1**t) + alpha*slow) / (sqrt(v/(1 - beta2**t)) + eps)
            x = x - lr*(u + weight_decay*x)
        """,
        knobs=(
            learning_rate(1e-3),
            BETA1,
            BETA2,
            beta("beta3", 0.9999, "the slow mean"),
            Knob("alpha", 5.0, "weight of the slow mean", 0.0, 100.0),
            epsilon(1e-8),
            DECAY,
        ),
        rate="adaptive",
        doc="Adam with a second, very slow mean of the gradient, which still pulls along the "
        "valley thousands of steps later.",
        source="Pagliardini, Ablin & Grangier 2024, The AdEMAMix optimizer: better, faster, "
        "older, algorithm 1, without its warm-ups of alpha and beta3",
        differs="The same as optax.contrib.ademamix with constant b3 and alpha.",
    ),
    Names(
        akin={"simplified_ademamix": "the method that it simplifies is ademamix"},
    ),
)

adopt = OPTIMIZERS.add(
    Optimizer(
        name="adopt",
        title="ADOPT",
        family="adaptive",
        rule="""
            c = (t - 1)**0.25
            d = clip(g/maximum(sqrt(v), eps), -c, c)
            m = where(t == 1, 0, beta1*m + (1 - beta1)*d)
            v = where(t == 1, g*g, beta2*v + (1 - beta2)*g*g)
            x = x - lr*m
        """,
        knobs=(
            learning_rate(1e-3),
            BETA1,
            beta("beta2", 0.9999, "the mean square"),
            epsilon(1e-6),
        ),
        rate="adaptive",
        rate_scale=2.0,
        doc="Adam that divides each gradient by the size of those before it, and only then "
        "averages: its proof of convergence holds for any beta2.",
        source="Taniguchi et al. 2024, ADOPT: modified Adam can converge with any beta2 with "
        "the optimal rate, algorithm 2",
        differs="The same as optax.contrib.adopt. Its first step only measures: x stays.",
    ),
    Names(
        fixed={"nesterov": False, "use_clipping": True},
    ),
)

madgrad = OPTIMIZERS.add(
    Optimizer(
        name="madgrad",
        title="MADGRAD",
        family="adaptive",
        rule="""
            start = where(t == 1, x, start)
            g = g + weight_decay*x
            weight = (lr + eps)*sqrt(t)
            v = v + weight*g*g
            s = s + weight*g
            z = start - s / (v**(1/3) + eps)
            x = (1 - momentum)*z + momentum*x
        """,
        knobs=(learning_rate(1e-2), MOMENTUM, epsilon(1e-6), weight_decay()),
        rate="adaptive",
        rate_scale=0.3,
        doc="Dual averaging: each point is computed anew from the start and the sum of all "
        "gradients, divided by a cube root, and reached with momentum.",
        source="Defazio & Jelassi 2021, Adaptivity without compromise: a momentumized, "
        "adaptive, dual averaged gradient method, algorithm 1",
        differs="The same in pytorch_optimizer and in optax.contrib, which keeps the square root "
        "of the step in float32 (6e-8 apart). lr + eps as in the authors' code.",
    ),
    Names(
        akin={"mirror_madgrad": "the method that it changes is madgrad"},
    ),
)

sm3 = OPTIMIZERS.add(
    Optimizer(
        name="sm3",
        title="SM3",
        family="adaptive",
        rule="""
            v = v + g*g
            m = momentum*m + (1 - momentum)*g / sqrt(v + eps)
            x = x - lr*m
        """,
        knobs=(learning_rate(1e-1), MOMENTUM, epsilon(1e-8)),
        rate="adaptive",
        rate_scale=6.0,
        stable="2*(1 + momentum)/((1 - momentum)*lr)",
        divisor="sqrt(v + eps)",
        doc="Adagrad with momentum. On a weight matrix it would keep one number a row and a "
        "column instead of one a weight; two numbers have nothing to share.",
        source="Anil et al. 2019, Memory-efficient adaptive optimization, algorithm SM3-II, with "
        "every parameter its own cover",
        differs="As optax's sm3 on a vector; there eps is fixed.",
    )
)
