"""Saddles and plateaus: places where the gradient is small and no minimum is near."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

saddle = SURFACES.add(
    Surface(
        name="saddle",
        title="Saddle",
        family="saddles and plateaus",
        formula="x**2 - y**2",
        bounds=(-2.0, 2.0, -1.75, 1.75),
        start=(-1.6, 0.001),
        minima=(),
        convex=False,
        rates={
            "gradient": 0.01,
            "momentum": 0.001,
            "adaptive": 0.01,
            "adadelta": 0.02,
            "rprop": 0.01,
        },
        doc="Uphill in x, downhill in y, without end: plain descent slows down at the saddle, "
        "methods that scale each coordinate leave at once.",
        source="Dauphin et al. 2014, Identifying and attacking the saddle point problem in "
        "high-dimensional non-convex optimization",
    ),
    Names(
        ("hyperbolic_paraboloid", "saddle_point", "horse_saddle"),
    ),
)

monkey_saddle = SURFACES.add(
    Surface(
        name="monkey_saddle",
        title="Monkey saddle",
        family="saddles and plateaus",
        formula="x**3 - 3*x*y**2",
        bounds=(-2.0, 2.0, -1.75, 1.75),
        start=(1.5, 0.02),
        minima=(),
        convex=False,
        rates={
            "gradient": 0.002,
            "momentum": 0.0002,
            "adaptive": 0.005,
            "adadelta": 0.05,
            "rprop": 0.001,
        },
        doc="Three valleys meet where the Hessian is zero: even the curvature does not show the "
        "way out.",
        source="Hilbert & Cohn-Vossen 1932, Anschauliche Geometrie",
    ),
    Names(
        akin={
            "degenerate_saddle": "one is monkey_saddle, whose Hessian is zero; one that is left "
            "slowly is weak_saddle"
        },
    ),
)

plateau_cliff = SURFACES.add(
    Surface(
        name="plateau_cliff",
        title="Plateau and cliff",
        family="saddles and plateaus",
        formula="slope*(sqrt(1 + (x + 2)**2 + y**2) - 1)"
        " + height*(1 - 1/(1 + (steepness*maximum(x + 1, 0))**4))",
        bounds=(-5.0, 3.0, -3.5, 3.5),
        start=(2.0, 2.0),
        minima=(Minimum("-2", "0"),),
        convex=False,
        rates={
            "gradient": 0.5,
            "momentum": 0.05,
            "adaptive": 0.1,
            "adagrad": 1.0,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "adamax": 0.5,
            "radam": 0.5,
        },
        knobs=(
            Knob(
                "height", 3.0, "height of the cliff, unit of the loss", 0.0, 100.0, soft=(0.0, 10.0)
            ),
            Knob(
                "steepness",
                2.0,
                "1 over the width of the cliff",
                0.0,
                20.0,
                open_low=True,
                soft=(0.2, 10.0),
            ),
            Knob(
                "slope",
                0.2,
                "slope of the plateau and of the plain below",
                0.0,
                10.0,
                open_low=True,
                soft=(0.01, 1.0),
            ),
        ),
        doc="A plateau that slopes gently to a cliff: a rate that crosses the plateau in "
        "reasonable time is thrown far at the cliff.",
        source="after Goodfellow, Bengio & Courville 2016, Deep learning, fig. 8.3",
    ),
    Names(
        ("plateau_and_cliff",),
    ),
)

weak_saddle = SURFACES.add(
    Surface(
        name="weak_saddle",
        title="Saddle with a weak escape",
        family="saddles and plateaus",
        formula="x**2 + weakness*(y**4/4 - y**2/2)",
        bounds=(-2.0, 2.0, -1.75, 1.75),
        start=(-1.6, 0.001),
        minima=(
            Minimum("0", "1"),
            Minimum("0", "-1"),
        ),
        convex=False,
        rates={
            "gradient": 0.5,
            "momentum": 0.05,
            "adaptive": 0.1,
            "adagrad": 0.2,
            "adadelta": 2.0,
            "rmsprop": 0.02,
        },
        knobs=(
            Knob(
                "weakness",
                0.1,
                "curvature along the escape; at the saddle it is minus this",
                0.0,
                10.0,
                soft=(0.01, 1.0),
                log=True,
                open_low=True,
            ),
        ),
        doc="Downhill leads to a saddle first, and only a faint slope leads on to the minima: "
        "the loss curve looks finished long before it is.",
        source="after Dauphin et al. 2014, Identifying and attacking the saddle point problem in "
        "high-dimensional non-convex optimization",
    ),
    Names(
        ("saddle_with_weak_escape",),
    ),
)

plateau = SURFACES.add(
    Surface(
        name="plateau",
        title="Plateau around a funnel",
        family="saddles and plateaus",
        formula="1 - width**2/(width**2 + x**2 + y**2)",
        bounds=(-5.0, 5.0, -4.5, 4.5),
        start=(3.2, -2.4),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.5,
            "momentum": 0.2,
            "adaptive": 0.5,
            "adadelta": 1.0,
            "rmsprop": 0.02,
            "nadam": 0.05,
            "dadapt_adamw": 0.2,
        },
        knobs=(
            Knob(
                "width",
                1.0,
                "radius of the funnel, unit of x",
                0.0,
                20.0,
                soft=(0.2, 3.0),
                open_low=True,
            ),
        ),
        doc="The further away, the flatter: on the plateau the gradient points the right way "
        "but has almost no length.",
        source="Geman & McClure 1987, Statistical methods for tomographic image reconstruction, "
        "their loss in two variables",
    ),
    Names(
        ("geman_mcclure",),
    ),
)

easom = SURFACES.add(
    Surface(
        name="easom",
        title="Easom",
        family="saddles and plateaus",
        formula="-cos(x)*cos(y)*exp(-((x - pi)**2 + (y - pi)**2)/width**2)",
        bounds=(-1.0, 7.5, -0.5, 7.0),
        start=(2.0, 1.9),
        minima=(Minimum("pi", "pi"),),
        convex=False,
        rates={
            "gradient": 0.5,
            "momentum": 0.2,
            "adaptive": 0.1,
            "adadelta": 1.0,
            "rmsprop": 0.01,
            "dadapt_adamw": 0.5,
            "simulated_annealing": 0.05,
        },
        knobs=(
            Knob(
                "width",
                1.0,
                "radius of the hole, unit of x",
                0.0,
                100.0,
                soft=(0.5, 4.0),
                open_low=True,
            ),
        ),
        doc="A hole in a plain that is flatter the further away: only from near it does the "
        "gradient show the way. The four dips around it are faint at width 1 and deeper at larger "
        "ones.",
        source="Easom 1990, A survey of global optimization techniques, there with width 1",
    ),
)
