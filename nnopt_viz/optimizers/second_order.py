"""Methods that use curvature: exact, along the diagonal, or guessed from gradients.

In the rules: h the Hessian's diagonal or a mean of it, p the step proposed, d the
search direction, s the last step and y the gradient's change over it, b the guess.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    B1,
    B2,
    BETA1,
    BETA2,
    OPTIMIZERS,
    OWN_RATE,
    Optimizer,
    learning_rate,
    weight_decay,
)

newton = OPTIMIZERS.add(
    Optimizer(
        name="newton",
        title="Newton",
        family="second order",
        rule="x = x - lr*newton(g, damping)",
        knobs=(
            learning_rate(1.0),
            Knob("damping", 0.0, "added to the Hessian's diagonal, unit of curvature", 0.0, 1e6),
        ),
        rate=OWN_RATE,
        doc="Jumps to where the surface's parabola has its bottom, or its top, or its saddle: it "
        "looks for a zero of the gradient, not for a low loss.",
        source="Newton's method: Nocedal & Wright 2006, Numerical optimization, section 3.3; "
        "constant damping as Levenberg 1944",
        differs="Not in torch.optim or optax. pytorch-minimize's newton-exact without its line "
        "search is the same where it solves with LU (handle_npd='lu'); by default it follows the "
        "gradient where the Hessian is not positive definite. Ours solves in closed form.",
        assumes=("near a minimum",),
    ),
    Names(
        ("newton_raphson", "newtons_method", "newton_method"),
    ),
)

damped_newton = OPTIMIZERS.add(
    Optimizer(
        name="damped_newton",
        title="Damped Newton",
        family="second order",
        rule="""
            step_0 = lr
            p = newton(g, 0)
            p = where(dot(g, p) > 0, p, g)
            q = x - step*p
            enough = f - slope*step*dot(g, p)
            x = where(loss(q) <= enough, q, x)
            step = minimum(step*where(loss(q) <= enough, grow, shrink), lr)
        """,
        knobs=(
            learning_rate(1.0),
            Knob("slope", 1e-4, "least fall, as a share of what the gradient promises", 0.0, 1.0),
            Knob("shrink", 0.5, "the step's factor after a failure", 0.0, 1.0, open_high=True),
            Knob("grow", 4.0, "the step's factor after a success", 1.0, 100.0),
        ),
        rate=OWN_RATE,
        doc="Newton's step, shortened until the loss falls enough, and the gradient's where "
        "Newton's leads uphill: on a smooth and strongly convex surface it arrives from anywhere.",
        source="Boyd & Vandenberghe 2004, Convex optimization, algorithm 9.5, with the line "
        "search 9.2",
        differs="Not in torch.optim. The search is optax's scale_by_backtracking_linesearch, one "
        "trial a step: a failed trial is a step that stays, and the next search begins at the last "
        "step size times grow, at most lr. pytorch-minimize's newton-exact searches for the strong "
        "Wolfe conditions.",
        assumes=("convex",),
    ),
    Names(
        ("newton_line_search", "newton_with_line_search"),
    ),
)

trust_region_newton = OPTIMIZERS.add(
    Optimizer(
        name="trust_region_newton",
        title="Trust-region Newton",
        family="second order",
        rule="""
            radius_0 = lr
            n = maximum(norm(g), 1e-300)
            bend = dot(g, hessian(g))
            q = g*minimum(where(bend > 0, n*n/bend, radius/n), radius/n)
            p = newton(g, 0)
            p = p*minimum(1, radius/maximum(norm(p), 1e-300))
            fall = dot(g, p) - dot(p, hessian(p))/2
            least = dot(g, q) - dot(q, hessian(q))/2
            p = where(fall > least, p, q)
            expected = where(fall > least, fall, least)
            ratio = (f - loss(x - p))/maximum(expected, 1e-300)
            shrunk = where(ratio > 0.25, radius, norm(p)/4)
            radius = where(ratio > 0.75, maximum(shrunk, 2*norm(p)), shrunk)
            x = where(ratio > eta, x - p, x)
        """,
        knobs=(
            learning_rate(1.0),
            Knob("eta", 0.1, "least share of the fall expected for a step to be taken", 0.0, 0.25),
        ),
        rate="adaptive",
        rate_scale=5.0,
        doc="Newton's step, cut to a radius within which the parabola is trusted: the radius "
        "grows while the loss falls as expected, and a step that fails is not taken.",
        source="Nocedal & Wright 2006, Numerical optimization, algorithm 4.1",
        differs="Not in torch.optim or optax. The step is the better of two by the parabola, both "
        "cut to the radius: Newton's, and the best one along the gradient; not the exact minimum "
        "within it, nor the path between the two that pytorch-minimize's dogleg follows. After a "
        "poor step the radius is a quarter of that step (there of itself), after a good one at "
        "least twice it (there twice itself, and only if the step met the boundary). lr is the "
        "first radius; a schedule changes nothing after it.",
    ),
    Names(
        ("trust_region", "newton_trust_region"),
    ),
)

conjugate_gradient = OPTIMIZERS.add(
    Optimizer(
        name="conjugate_gradient",
        title="Conjugate gradient (Polak–Ribière+)",
        family="second order",
        rule="""
            n = dot(g_last, g_last)
            beta = where(n > 0, maximum(dot(g, g - g_last)/n, 0), 0)
            g_last = g
            d = g + minimum(beta, beta_max)*d
            x = x - lr*d
        """,
        knobs=(
            learning_rate(1e-3),
            Knob("beta_max", 1.0, "largest share of the last direction kept", 0.0, 100.0),
        ),
        rate="gradient",
        doc="Adds to each gradient as much of the last direction as keeps the two from undoing "
        "one another, and starts afresh when that is negative.",
        source="Polak & Ribière 1969, Note sur la convergence de méthodes de directions "
        "conjuguées; the + of Gilbert & Nocedal 1992",
        differs="Not in torch.optim or optax. The directions are those of jaxopt's NonlinearCG. "
        "That and the published method search along d for the best step; ours is lr, with a cap "
        "beta_max that keeps directions from growing.",
    ),
    Names(
        (
            "cg",
            "nonlinear_cg",
            "nonlinear_conjugate_gradient",
            "polak_ribiere",
            "polak_ribiere_plus",
        ),
    ),
)

fletcher_reeves = OPTIMIZERS.add(
    Optimizer(
        name="fletcher_reeves",
        title="Conjugate gradient (Fletcher–Reeves)",
        family="second order",
        rule="""
            n = dot(g_last, g_last)
            beta = where(n > 0, minimum(dot(g, g)/n, beta_max), 0)
            g_last = g
            d = g + beta*d
            d = where(dot(g, d) > 0, d, g)
            x = x - lr*d
        """,
        knobs=(
            learning_rate(1e-3),
            Knob("beta_max", 0.99, "largest share of the last direction kept", 0.0, 100.0),
        ),
        rate="gradient",
        rate_scale=0.1,
        doc="Conjugate gradient whose share of the last direction is the ratio of squared "
        "gradients: momentum that grows on slopes that steepen.",
        source="Fletcher & Reeves 1964, Function minimization by conjugate gradients",
        differs="Not in torch.optim or optax. The directions are those of jaxopt's NonlinearCG "
        "with method fletcher-reeves. That and the published method search along d for the best "
        "step; ours is lr, with a cap beta_max, and starts afresh when d leads uphill.",
    ),
    Names(
        ("conjugate_gradient_fletcher_reeves",),
    ),
)

barzilai_borwein = OPTIMIZERS.add(
    Optimizer(
        name="barzilai_borwein",
        title="Barzilai–Borwein",
        family="second order",
        rule="""
            s = x - x_last
            y = g - g_last
            q = dot(s, y)
            step = where(t == 1, lr, where(q > 0, dot(s, s)/q, lr))
            x_last = x
            g_last = g
            x = x - minimum(step, max_ratio*lr)*g
        """,
        knobs=(
            learning_rate(1e-3),
            Knob("max_ratio", 10.0, "longest step size, over lr", 0.0, 1e9, log=True),
        ),
        rate="gradient",
        doc="Gradient descent whose step size is read off the last step: how far it went over "
        "how much the gradient changed. The loss need not fall at every step.",
        source="Barzilai & Borwein 1988, Two-point step size gradient methods, eq. 5; safeguard "
        "as Raydan 1997",
        differs="Not in torch.optim or optax; where the surface curves up along its steps the same "
        "as stabbb without its stabilization. lr is the first step size, and the one taken where "
        "the surface curves down.",
    ),
    Names(
        ("bb",),
    ),
)

adahessian = OPTIMIZERS.add(
    Optimizer(
        name="adahessian",
        title="AdaHessian",
        family="second order",
        rule="""
            h = curvature()
            m = beta1*m + (1 - beta1)*g
            v = beta2*v + (1 - beta2)*h*h
            x = x - lr*m/(1 - beta1**t) / (sqrt(v/(1 - beta2**t))**hessian_power + eps)
        """,
        knobs=(
            learning_rate(0.15),
            BETA1,
            BETA2,
            Knob("hessian_power", 1.0, "0 ignores curvature, 1 divides by it", 0.0, 1.0),
            Knob("eps", 1e-4, "keeps the division finite, unit of curvature", 0.0, 1e3),
        ),
        rate=OWN_RATE,
        doc="Adam that divides by recent curvature instead of recent gradients.",
        source="Yao et al. 2021, ADAHESSIAN: an adaptive second order optimizer for machine "
        "learning, algorithm 1",
        differs="Ours uses the Hessian's exact diagonal. The paper and pytorch_optimizer "
        "estimate it from one product with random signs a step (Hutchinson).",
    ),
)

sophia = OPTIMIZERS.add(
    Optimizer(
        name="sophia",
        title="Sophia",
        family="second order",
        rule="""
            m = beta1*m + (1 - beta1)*g
            round = (t - 1)/update_interval
            h = where(round == floor(round), beta2*h + (1 - beta2)*curvature(), h)
            x = x*(1 - lr*weight_decay)
            x = x - lr*clip(m/maximum(gamma*h, eps), -1, 1)
        """,
        knobs=(
            learning_rate(1e-3),
            Knob(
                "beta1",
                0.965,
                "decay of the mean gradient, per step",
                0.0,
                1.0,
                open_high=True,
                also=B1,
            ),
            Knob("beta2", 0.99, "decay of the mean curvature", 0.0, 1.0, open_high=True, also=B2),
            Knob(
                "gamma",
                0.01,
                "share of the curvature divided by",
                0.0,
                1e3,
                open_low=True,
                also=("rho",),
            ),
            Knob("eps", 1e-12, "least curvature divided by", 0.0, 1e3, open_low=True),
            Knob("update_interval", 10, "steps between two looks at curvature", 1, 1000, "integer"),
            weight_decay(0.0, "shrinks x by lr*weight_decay each step"),
        ),
        rate="adaptive",
        rate_scale=0.15,
        doc="The mean gradient over the mean curvature, clipped to lr: where the surface is flat "
        "or curves down it moves by the gradient's sign.",
        source="Liu et al. 2024, Sophia: a scalable stochastic second-order optimizer for "
        "language model pre-training, algorithm 3",
        differs="Ours uses the Hessian's exact diagonal; the paper, optax.contrib and "
        "pytorch_optimizer (SophiaH) estimate it. optax also corrects the bias of m, and uses "
        "each curvature from the next step on. Decay is 0.1 in the paper, 1e-4 in optax.",
    ),
    Names(
        ("sophia_h",),
        akin={"sophia_g": "it estimates the curvature in another way than sophia"},
        words={"clip_threshold": "a step is clipped to lr"},
        fixed={"clip_threshold": 1},
    ),
)

apollo = OPTIMIZERS.add(
    Optimizer(
        name="apollo",
        title="Apollo",
        family="second order",
        rule="""
            share = (1 - beta)/(1 - beta**t)
            y = g - m
            m = m + share*y
            n = sqrt(sqrt(dot(p*p, p*p))) + eps/rebound
            p = p/n
            q = p*p
            b = b - (share*dot(y/n, p) + dot(b, q))*q
            p = m/maximum(abs(b), rebound)
            x = x - lr*p
        """,
        knobs=(
            learning_rate(1e-2),
            Knob("beta", 0.9, "decay of the mean gradient, per step", 0.0, 1.0, open_high=True),
            Knob("eps", 1e-4, "keeps the division finite", 0.0, 1.0, open_low=True),
            Knob("rebound", 0.01, "least curvature divided by", 0.0, 1.0, open_low=True),
        ),
        rate="gradient",
        rate_scale=0.005,
        doc="Quasi-Newton with a diagonal guess of the Hessian, made to fit how the mean gradient "
        "changed over the last step.",
        source="Ma 2020, Apollo: an adaptive parameter-wise diagonal quasi-Newton method for "
        "nonconvex stochastic optimization, algorithm 1 with constant rebound",
        differs="As pytorch_optimizer's ApolloDQN with rebound constant, without its warm-up.",
    ),
    Names(
        ("apollo_dqn",),
    ),
)
