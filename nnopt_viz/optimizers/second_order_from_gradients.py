"""Quasi-Newton methods: curvature learnt from how the gradient changed over past steps.

In the rules: s a step and y the gradient's change over it, ys their product, u and d the
direction, r one over ys. In BFGS h and k are the columns of the inverse Hessian's guess; in
L-BFGS s1, y1, r1 are the newest pair and s5, y5, r5 the oldest, h the scale of the first guess,
a1 to a5 what the first loop took away.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import OPTIMIZERS, OWN_RATE, Optimizer, learning_rate

MEMORY = 5  # pairs that L-BFGS keeps; torch's default of 100 would be the same lines 20 times


def _l_bfgs_rule() -> str:
    """The two-loop recursion, with its memory written out."""
    lines = [
        "y = g - g_last",
        "ys = dot(y, s)",
        "steep = where(maximum(abs(dot(g, axis(1))), abs(dot(g, axis(2)))) > tolerance_grad, 1, 0)",
        "new = where(ys > 1e-10, steep, 0)",
    ]
    for k in range(MEMORY, 0, -1):
        newest = {"s": "s", "y": "y", "r": "1/ys"}
        for name, first in newest.items():
            before = first if k == 1 else f"{name}{k - 1}"
            lines.append(f"{name}{k} = where(new, {before}, {name}{k})")
    lines += ["h_0 = 1", "h = where(new, ys/dot(y, y), h)", "u = -g"]
    for k in range(1, MEMORY + 1):
        lines += [f"a{k} = r{k}*dot(s{k}, u)", f"u = u - a{k}*y{k}"]
    lines.append("u = h*u")
    for k in range(MEMORY, 0, -1):
        lines.append(f"u = u + (a{k} - r{k}*dot(y{k}, u))*s{k}")
    lines += [
        "g_last = where(steep, g, g_last)",
        "step = lr*where(t == 1, minimum(1, 1/dot(abs(g), 1)), 1)",
        "s = where(steep, step*u, s)",
        "x = where(dot(g, u) > -tolerance_change, x, where(steep, x + step*u, x))",
    ]
    return "\n".join(lines)


bfgs = OPTIMIZERS.add(
    Optimizer(
        name="bfgs",
        title="BFGS",
        family="second order",
        rule="""
            step_0 = lr
            h_0 = axis(1)
            k_0 = axis(2)
            y = g - g_last
            ys = dot(s, y)
            bent = where(ys > 1e-10*norm(s)*norm(y), 1, 0)
            scale = where(bent, where(learnt, 1, ys/dot(y, y)), 1)
            learnt = where(bent, 1, learnt)
            h = scale*h
            k = scale*k
            r = where(bent, 1/ys, 0)
            u = dot(h, y)*axis(1) + dot(k, y)*axis(2)
            c = r*(1 + r*dot(u, y))
            h = h - r*(dot(s, axis(1))*u + dot(u, axis(1))*s) + c*dot(s, axis(1))*s
            k = k - r*(dot(s, axis(2))*u + dot(u, axis(2))*s) + c*dot(s, axis(2))*s
            d = dot(h, g)*axis(1) + dot(k, g)*axis(2)
            d = where(dot(g, d) > 0, d, g)
            d = d*where(learnt, 1, minimum(1, 1/maximum(norm(g), 1e-300)))
            q = x - step*d
            s = where(loss(q) <= f - slope*step*dot(g, d), q - x, 0)
            step = minimum(step*where(loss(q) <= f - slope*step*dot(g, d), grow, shrink), lr)
            x = x + s
            g_last = g
        """,
        knobs=(
            learning_rate(1.0),
            Knob("slope", 1e-4, "least fall, as a share of what the gradient promises", 0.0, 1.0),
            Knob("shrink", 0.5, "the step's factor after a failure", 0.0, 1.0, open_high=True),
            Knob("grow", 4.0, "the step's factor after a success", 1.0, 100.0),
        ),
        rate=OWN_RATE,
        doc="Newton's method without second derivatives: it guesses the inverse Hessian from how "
        "the gradient changes along its steps. A step is taken only if the loss falls enough.",
        source="Broyden, Fletcher, Goldfarb & Shanno 1970; Nocedal & Wright 2006, Numerical "
        "optimization, algorithm 6.1 with eqs. 6.17 and 6.20",
        differs="Not in torch.optim or optax, which have L-BFGS. The guess of the inverse Hessian "
        "is that of pytorch-minimize's BFGS, whose very first step is at most 1 long in the sum of "
        "its coordinates, ours in length. That and the published method search along d for a step "
        "that satisfies Wolfe's conditions; ours tries one step each time, as damped Newton does, "
        "and learns nothing from a pair without upward curvature.",
    ),
    Names(
        ("broyden_fletcher_goldfarb_shanno",),
        akin={"dfp": "of the quasi-Newton methods there are bfgs and l_bfgs"},
    ),
)

l_bfgs = OPTIMIZERS.add(
    Optimizer(
        name="l_bfgs",
        title="L-BFGS",
        family="second order",
        rule=_l_bfgs_rule(),
        knobs=(
            learning_rate(1.0),
            Knob("tolerance_grad", 1e-7, "a gradient this small everywhere ends it", 0.0, 1e3),
            Knob("tolerance_change", 1e-9, "so does a step that promises so small a fall", 0, 1e3),
        ),
        rate=OWN_RATE,
        doc="BFGS that keeps no matrix, only its last five steps and how the gradient changed "
        "over them. Without a line search nothing stops it from leaping uphill.",
        source="torch.optim.LBFGS with max_iter=1 and history_size=5; Liu & Nocedal 1989, On the "
        "limited memory BFGS method for large scale optimization; Nocedal & Wright 2006, "
        "Numerical optimization, algorithm 7.4",
        differs="torch's default memory is 100 pairs and its step() takes up to 20 steps; ours "
        "keeps five and takes one, as torch's does with these settings. optax.lbfgs keeps ten and "
        "searches along each direction unless told not to.",
        assumes=("convex",),
    ),
    Names(
        ("limited_memory_bfgs",),
        akin={"l_bfgs_b": "without bounds it is l_bfgs"},
        fixed={
            "max_iter": 1,
            "history_size": 5,
            "memory_size": 5,
            "line_search_fn": "none",
            "linesearch": "none",
            "max_eval": "none",
            "scale_init_precond": True,
        },
        words={
            "max_iter": "it takes one step at a time; how many is said by steps",
            "max_eval": "it takes one step at a time; how many is said by steps",
            "history_size": "it remembers five steps",
            "memory_size": "it remembers five steps",
            "line_search_fn": "it searches no line; bfgs does",
            "linesearch": "it searches no line; bfgs does",
        },
    ),
)
