"""Steps that are tried before they are taken, and steps left to chance.

In the rules: p the point proposed, step the size of the next trial.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import OPTIMIZERS, Optimizer, learning_rate

backtracking = OPTIMIZERS.add(
    Optimizer(
        name="backtracking",
        title="Backtracking line search",
        family="search and noise",
        rule="""
            step_0 = lr
            p = x - step*g
            enough = f - slope*step*dot(g, g)
            x = where(loss(p) <= enough, p, x)
            step = minimum(step*where(loss(p) <= enough, grow, shrink), lr)
        """,
        knobs=(
            learning_rate(1.0),
            Knob("slope", 1e-4, "least fall, as a share of what the gradient promises", 0.0, 1.0),
            Knob("shrink", 0.5, "the step's factor after a failure", 0.0, 1.0, open_high=True),
            Knob("grow", 2.0, "the step's factor after a success", 1.0, 100.0),
        ),
        rate="gradient",
        rate_scale=10.0,
        doc="Gradient descent that takes a step only if the loss falls enough; if not it stays "
        "and tries a shorter one. The loss never rises.",
        source="Armijo 1966, Minimization of functions having Lipschitz continuous first partial "
        "derivatives; Nocedal & Wright 2006, Numerical optimization, algorithm 3.1",
        differs="optax's scale_by_backtracking_linesearch after sgd(1), one trial a step: a "
        "failed trial is a step that stays. The next search begins at the last step size times "
        "grow, at most lr.",
    ),
    Names(
        (
            "backtracking_line_search",
            "armijo",
            "armijo_line_search",
            "line_search",
            "gradient_descent_with_line_search",
        ),
    ),
)

sgld = OPTIMIZERS.add(
    Optimizer(
        name="sgld",
        title="Langevin dynamics (SGLD)",
        family="search and noise",
        rule="x = x - lr*g + sqrt(2*lr*temperature)*normal()",
        knobs=(
            learning_rate(1e-3),
            Knob(
                "temperature", 0.01, "strength of the noise, unit of the loss", 0.0, 1e6, log=True
            ),
        ),
        rate="gradient",
        rate_scale=0.5,
        doc="Gradient descent that is shaken at every step: in the long run, and at a small lr, it "
        "visits each place as often as exp(-loss/temperature) says.",
        source="Welling & Teh 2011, Bayesian learning via stochastic gradient Langevin dynamics, "
        "eq. 4 (their step is 2*lr, their temperature 1)",
        differs="optax's noisy_sgd has a noise that fades and does not depend on lr; with gamma=0 "
        "and eta=2*temperature/lr it is this. The noise is drawn from the scenario's seed.",
    ),
    Names(
        ("langevin", "langevin_dynamics", "stochastic_gradient_langevin_dynamics"),
    ),
)

simulated_annealing = OPTIMIZERS.add(
    Optimizer(
        name="simulated_annealing",
        title="Simulated annealing",
        family="search and noise",
        rule="""
            p = x + lr*normal()
            u = normal()
            luck = dot(u, u)/2
            x = where(loss(p) - f <= temperature*cooling**t*luck, p, x)
        """,
        knobs=(
            learning_rate(1e-1),
            Knob("temperature", 1.0, "first temperature, unit of the loss", 0.0, 1e9, log=True),
            Knob("cooling", 0.98, "the temperature's factor, per step", 0.0, 1.0, open_low=True),
        ),
        rate="adaptive",
        doc="Reads no gradient: jumps at random, keeps what is lower, and at first also what is a "
        "little higher. The contrast to all the others.",
        source="Kirkpatrick, Gelatt & Vecchi 1983, Optimization by simulated annealing, with "
        "Metropolis's rule and Gaussian proposals",
        differs="Not in PyTorch or optax. A rise is accepted with probability "
        "exp(-rise/temperature): luck, half the square of two normals, is exponential with mean "
        "1. That holds for two numbers only: of a network's P parameters it is P/2 on average, so "
        "that far larger rises are accepted.",
    ),
    Names(
        ("annealing",),
        akin={
            "nelder_mead": "of the methods without a gradient there is simulated_annealing",
            "cma_es": "of the methods without a gradient there is simulated_annealing",
            "particle_swarm": "of the methods without a gradient there is simulated_annealing",
            "random_search": "of the methods without a gradient there is simulated_annealing",
        },
    ),
)
