"""Pictures of methods that know the curvature, or guess it."""

from urllib.parse import quote

import numpy as np

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry

GALLERY.add(
    Entry(
        name="newton_at_the_saddle",
        title="Newton's method is drawn to the saddle",
        topics=(FAILURE, "curvature", "saddles"),
        query="surface=himmelblau&run=newton&run=trust_region_newton&start=0.5,0.5&steps=40",
        sentence="Newton's method looks for any place without a slope: it climbs from a loss of "
        "{start:3} to {newton:3} and stops there; with a trust region, which must go down, the "
        "same step ends in a minimum, at {trust}.",
        figures=lambda race: {
            "start": race.loss(0, 0),
            "newton": race.loss(0),
            "trust": race.loss(1),
            "slope": race.slope(race.x(0), race.y(0)),
            "bent": race.flattest(race.x(0), race.y(0)),
        },
        holds=lambda f: (
            f["newton"] > f["start"] > f["trust"]
            and f["slope"] < 1e-6
            and f["bent"] < 0
            and f["trust"] < 1e-6
        ),
        source="Dauphin et al. 2014, Identifying and attacking the saddle point problem in "
        "high-dimensional non-convex optimization",
    )
)

GALLERY.add(
    Entry(
        name="newton_overshoots",
        title="Newton diverges on a convex loss",
        topics=(FAILURE, "curvature"),
        query="surface=logistic_regression&run=newton&run=damped_newton&start=-1,1&steps=40",
        sentence="Logistic regression is convex, but far out its slopes are almost straight: "
        "Newton's full steps grow and it is out of sight at step {gone}; shortened until the loss "
        "falls, the same steps arrive at step {damped}.",
        figures=lambda race: {"gone": race.ended(0), "damped": race.first(1)},
        holds=lambda f: f["gone"] < 10 and f["damped"] < 40,
        source="Boyd & Vandenberghe 2004, Convex optimization, section 9.5",
    )
)

_FLOWER = quote("sqrt(x**2 + y**2) + 4*x*y*(x**2 - y**2)/(x**2 + y**2)**2", safe="()*,/")

GALLERY.add(
    Entry(
        name="lbfgs_leaps_on_the_flower",
        title="L-BFGS leaps off the flower",
        topics=(FAILURE, "curvature"),
        query=f'surface=formula(f="{_FLOWER}",bounds="-3,3,-2.5,2.5")'
        "&run=l_bfgs&run=bfgs&start=-2,1&steps=60",
        sentence="Without a line search L-BFGS takes its guess of the curvature at its word: step "
        "{step} is {leap:3} long on a map that is {wide} wide. BFGS with a line search reaches the "
        "middle of the flower at step {bfgs}.",
        figures=lambda race: {
            "step": (far := int(np.argmax([race.moved(0, step) for step in range(1, 10)])) + 1),
            "leap": race.moved(0, far),
            "wide": race.width(),
            "bfgs": race.first(1),
        },
        holds=lambda f: f["leap"] > 5 * f["wide"] and f["bfgs"] < 60,
        source="Kochenderfer & Wheeler 2019, Algorithms for optimization, appendix B, flower; "
        "Liu & Nocedal 1989, On the limited memory BFGS method",
    )
)

GALLERY.add(
    Entry(
        name="rosenbrock_three_ways",
        title="Along Rosenbrock's valley",
        topics=(SUCCESS, "curvature", "adaptive", "rates"),
        query="surface=rosenbrock&run=sgd(lr=0.001)&run=adam(lr=0.05)&run=bfgs&steps=2000",
        sentence="After {steps} steps gradient descent is still creeping along the floor, at a "
        "loss of {plain:2}; Adam settles at step {adam}, BFGS, which learns the bend, at step "
        "{bfgs}.",
        figures=lambda race: {
            "steps": race.steps(),
            "plain": race.loss(0),
            "adam": race.first(1),
            "bfgs": race.first(2),
        },
        holds=lambda f: f["plain"] > 0.1 and f["bfgs"] < f["adam"] / 10 < f["steps"] / 10,
        source="Rosenbrock 1960, An automatic method for finding the greatest or least value of a "
        "function",
    )
)

GALLERY.add(
    Entry(
        name="rosenbrock_uphill",
        title="Newton goes up to come down",
        topics=(SUCCESS, "curvature"),
        query="surface=rosenbrock&run=newton&run=bfgs&steps=60",
        sentence="Newton's method jumps from a loss of {start:3} up to {top:3}, and is in the "
        "minimum at step {newton}; BFGS with a line search only goes down and takes {bfgs}.",
        figures=lambda race: {
            "start": race.loss(0, 0),
            "top": race.highest(0),
            "newton": race.first(0),
            "bfgs": race.first(1),
            "rise": race.highest(1) - race.loss(1, 0),
        },
        holds=lambda f: (
            f["top"] > 10 * f["start"] and f["newton"] < f["bfgs"] / 2 and f["rise"] == 0
        ),
        source="Dennis & Schnabel 1983, Numerical methods for unconstrained optimization and "
        "nonlinear equations, chapter 6",
    )
)

GALLERY.add(
    Entry(
        name="barzilai_borwein",
        title="Faster by going up",
        topics=(SUCCESS, "curvature", "rates"),
        query="surface=ill_conditioned_bowl(condition=1000)&run=barzilai_borwein(lr=0.001)"
        "&run=sgd(lr=0.001998)&steps=1500",
        sentence="Barzilai and Borwein read the step size off the last step: the loss rises at "
        "{rises} of {steps} steps, and ends at {bb:2}; at its best constant rate gradient descent "
        "ends at {plain:2}.",
        figures=lambda race: {
            "rises": np.count_nonzero(np.diff(race.losses(0)) > 0),
            "steps": race.steps(),
            "bb": race.loss(0),
            "plain": race.loss(1),
        },
        holds=lambda f: f["rises"] > 50 and f["bb"] < f["plain"] / 1000,
        source="Barzilai & Borwein 1988, Two-point step size gradient methods",
        shows="loss",
    )
)

GALLERY.add(
    Entry(
        name="diagonal_scaling",
        title="Curvature along each axis, and off the axes",
        topics=(SUCCESS, "curvature", "adaptive"),
        query="surface=ill_conditioned_bowl(condition=100,rotation=0)&run=adahessian(lr=1)"
        "&run=newton&run=sgd(lr=0.0198)&start=-2.4,0.9&steps=300",
        sentence="Where the valley lies along an axis, AdaHessian's diagonal of curvatures is all "
        "of it: below a loss of {loss} at step {axis}; in the same valley turned by {angle} "
        "degrees only at step {turned}.",
        figures=lambda race: {
            "loss": 0.001,
            "axis": race.below(0, 0.001),
            "angle": (
                turned := race.beside(
                    "surface=ill_conditioned_bowl(condition=100,rotation=45)&run=adahessian(lr=1)"
                    "&start=-2.3334524,-1.0606602&steps=2000"
                )
            ).of_surface("rotation"),
            "turned": turned.below(0, 0.001),
        },
        holds=lambda f: f["turned"] > 1.5 * f["axis"],
        source="Yao et al. 2021, AdaHessian: An adaptive second order optimizer for machine "
        "learning; Becker & LeCun 1988, Improving the convergence of back-propagation",
    )
)
