"""Methods that find their own step size, from distances walked or from the loss.

In the rules: start where the run began, r the distance or the progress estimated, d
the step size estimated, s, v and total sums over the run.
"""

from dataclasses import replace

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    BETA1,
    BETA2,
    OPTIMIZERS,
    OWN_RATE,
    Optimizer,
    epsilon,
    learning_rate,
    weight_decay,
)

FIRST_D = Knob(
    "d0",
    1e-6,
    "first estimate of d, unit of x",
    0.0,
    1e3,
    log=True,
    open_low=True,
    also=("estim_lr0",),
)
DECAY = weight_decay(0.0, "shrinks x by the step size times weight_decay")

dog = OPTIMIZERS.add(
    Optimizer(
        name="dog",
        title="DoG",
        family="parameter-free",
        rule="""
            start = where(t == 1, x, start)
            r = maximum(where(t == 1, reps_rel*(1 + norm(x)), r), norm(x - start))
            s = s + dot(g, g)
            x = x - lr*r/sqrt(s + eps)*g
        """,
        knobs=(
            learning_rate(1.0),
            Knob("reps_rel", 1e-6, "first distance, over 1 + the size of x", 0.0, 1.0, log=True),
            epsilon(1e-8),
        ),
        rate=OWN_RATE,
        doc="Distance over gradients: the step is the furthest it has been from the start, over "
        "the root of the sum of squared gradients.",
        source="Ivgi, Hinder & Carmon 2023, DoG is SGD's best friend, algorithm 1",
        differs="The same as optax.contrib.dog. The paper evaluates a mean of the path.",
    ),
    Names(
        ("distance_over_gradients",),
    ),
)

dowg = OPTIMIZERS.add(
    Optimizer(
        name="dowg",
        title="DoWG",
        family="parameter-free",
        rule="""
            r_0 = eps
            start = where(t == 1, x, start)
            r = maximum(r, dot(x - start, x - start))
            s = s + r*dot(g, g)
            x = x - lr*r/(sqrt(s) + eps)*g
        """,
        knobs=(
            learning_rate(1.0),
            Knob("eps", 1e-4, "first squared distance, and keeps the division finite", 0.0, 1.0),
        ),
        rate=OWN_RATE,
        doc="As DoG, with every squared gradient weighted by the squared distance at its time, so "
        "that early ones are forgotten.",
        source="Khaled, Mishchenko & Jin 2023, DoWG unleashed, algorithm 1",
        differs="The same as optax.contrib.dowg; the paper has no eps in the root's sum.",
    ),
    Names(
        ("distance_over_weighted_gradients",),
    ),
)

prodigy = OPTIMIZERS.add(
    Optimizer(
        name="prodigy",
        title="Prodigy",
        family="parameter-free",
        rule="""
            d_0 = d0
            start = where(t == 1, x, start)
            beta3 = sqrt(beta2)
            step = d*lr*sqrt(1 - beta2**t)/(1 - beta1**t)
            m = beta1*m + (1 - beta1)*d*g
            v = beta2*v + (1 - beta2)*d*d*g*g
            s = beta3*s + step*d/d0*g
            r = beta3*r + step*d/d0*dot(g, start - x)
            total = dot(abs(s), 1)
            d = maximum(d, where(total > 0, d_coef*r/total, 0))
            x = x - step*(m/(sqrt(v) + d*eps) + weight_decay*x)
        """,
        knobs=(
            learning_rate(1.0),
            BETA1,
            BETA2,
            epsilon(1e-8),
            FIRST_D,
            Knob("d_coef", 1.0, "multiplies the estimate of d", 0.0, 1e3, also=("estim_lr_coef",)),
            DECAY,
        ),
        rate=OWN_RATE,
        doc="Adam whose learning rate d grows until it fits the distance from the start to the "
        "minimum; lr stays 1.",
        source="Mishchenko & Defazio 2024, Prodigy: an expeditiously adaptive parameter-free "
        "learner, algorithm 4",
        differs="The same as optax.contrib.prodigy (d0 and d_coef are estim_lr0 and "
        "estim_lr_coef there).",
    ),
    Names(
        fixed={"safeguard_warmup": False},
        akin={"mechanize": "methods that find their own rate are prodigy, dog and dadapt_adamw"},
    ),
)

dadapt_adamw = OPTIMIZERS.add(
    Optimizer(
        name="dadapt_adamw",
        title="D-Adapted AdamW",
        family="parameter-free",
        rule="""
            d_0 = d0
            beta3 = sqrt(beta2)
            step = d*lr*sqrt(1 - beta2**t)/(1 - beta1**t)
            q = dot(g, s/(sqrt(v) + eps))
            m = beta1*m + (1 - beta1)*step*g
            v = beta2*v + (1 - beta2)*g*g
            s = beta3*s + (1 - beta3)*step*g
            r = beta3*r + (1 - beta3)*step*q
            total = (1 - beta3)*dot(abs(s), 1)
            d = maximum(d, where(total > 0, r/total, 0))
            x = x - weight_decay*step*x - m/(sqrt(v) + eps)
        """,
        knobs=(learning_rate(1.0), BETA1, BETA2, epsilon(1e-8), FIRST_D, DECAY),
        rate=OWN_RATE,
        doc="AdamW with a lower bound d on the distance to the minimum as its learning rate; d "
        "only grows.",
        source="Defazio & Mishchenko 2023, Learning-rate-free learning by D-adaptation, "
        "algorithm 5",
        differs="The same as optax.contrib.dadapt_adamw (d0 is estim_lr0 there).",
    ),
    Names(
        akin={
            "dadapt_adam": "with decoupled decay it is dadapt_adamw",
            "dadapt_sgd": "of its kind there is dadapt_adamw",
        },
    ),
)

cocob = OPTIMIZERS.add(
    Optimizer(
        name="cocob",
        title="COCOB",
        family="parameter-free",
        rule="""
            top_0 = eps
            start = where(t == 1, x, start)
            top = maximum(top, abs(g))
            total = total + abs(g)
            reward = maximum(reward - g*(x - start), 0)
            s = s - g
            x = start + lr*s/(top*maximum(total + top, alpha*top))*(top + reward)
        """,
        knobs=(
            learning_rate(1.0),
            Knob(
                "alpha",
                100.0,
                "at lr 1 the first bet is 1/alpha, but 1/2 at most, unit of x",
                1.0,
                1e6,
                log=True,
            ),
            epsilon(1e-8),
        ),
        rate=OWN_RATE,
        doc="Bets on the sign of the next gradient with the money won so far: each coordinate's "
        "stake is its distance from the start. It needs no learning rate: lr multiplies the bets.",
        source="Orabona & Tommasi 2017, Training deep networks without learning rates through "
        "coin betting, algorithm 2 (COCOB-Backprop)",
        differs="The same as optax.contrib.cocob at lr 1. There lr multiplies every gradient, so "
        "that it changes nothing but the weight of eps; ours scales the bets.",
    ),
    Names(
        ("cocob_backprop",),
    ),
)

_CAPPED = learning_rate(1.0)
_CAPPED = replace(_CAPPED, also=(*_CAPPED.also, "max_learning_rate"))

polyak_sgd = OPTIMIZERS.add(
    Optimizer(
        name="polyak_sgd",
        title="Polyak step size",
        family="parameter-free",
        rule="""
            n = dot(g, g) + eps
            step = minimum(maximum(f - f_min, 0)/n, lr)
            x = x - where(n > 0, step, 0)*g
        """,
        knobs=(
            _CAPPED,
            Knob("f_min", 0.0, "the lowest loss there is"),
            epsilon(0.0),
        ),
        rate="gradient",
        rate_scale=10.0,
        doc="Steps so far that a straight slope would reach the lowest loss, which it must be "
        "told, and at most lr times the gradient.",
        source="Polyak 1969, Minimization of unsmooth functionals; capped as Loizou et al. 2021, "
        "Stochastic Polyak step-size for SGD, eq. 3 (SPS max)",
        differs="optax's polyak_sgd with variant sps+; its default lets a loss under f_min step "
        "uphill, and it stops at squared gradients under 2.2e-16. lr is its max_learning_rate.",
        assumes=("loss at least 0",),
    ),
    Names(
        ("polyak_step_size", "polyak_step", "stochastic_polyak_step", "sps"),
        words={
            "scaling": "the step is Polyak's and no multiple of it",
            "variant": "it is sps+, which never steps uphill; sps differs where the loss is under "
            "f_min",
        },
        fixed={"variant": "sps+", "scaling": 1},
    ),
)

momo = OPTIMIZERS.add(
    Optimizer(
        name="momo",
        title="MoMo",
        family="parameter-free",
        rule="""
            decay = where(t == 1, 0, beta)
            level = decay*level + (1 - decay)*f
            m = decay*m + (1 - decay)*g
            r = decay*r + (1 - decay)*dot(g, x)
            gap = (1 + lr*weight_decay)*(level - lower_bound - r) + dot(m, x)
            n = dot(m, m)
            step = minimum(lr, where(n > 0, maximum(gap, 0)/n, 0))
            x = x - lr*weight_decay/(1 + lr*weight_decay)*x - step*m
        """,
        knobs=(
            learning_rate(1.0),
            Knob("beta", 0.9, "decay of all means, per step", 0.0, 1.0, open_high=True),
            Knob("lower_bound", 0.0, "the lowest loss there may be"),
            weight_decay(0.0, "shrinks x by about lr*weight_decay each step"),
        ),
        rate="gradient",
        rate_scale=10.0,
        doc="Polyak's step size for momentum: a mean of the loss's tangents says how far to go "
        "along the mean gradient, at most lr.",
        source="Schaipp, Ohana et al. 2024, MoMo: momentum models for adaptive learning rates, "
        "algorithm 1",
        differs="The same as optax.contrib.momo, which stops at squared means under 2.2e-16.",
        assumes=("loss at least 0",),
    ),
    Names(
        akin={"momo_adam": "the method that it changes Adam by is momo"},
        fixed={"adapt_lower_bound": False},
    ),
)
