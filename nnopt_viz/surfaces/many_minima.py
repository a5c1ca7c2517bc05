"""Many minima: where you end depends on where, and how, you go."""

from nnopt_viz.knobs import Knob
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

himmelblau = SURFACES.add(
    Surface(
        name="himmelblau",
        title="Himmelblau",
        family="many minima",
        formula="(x**2 + y - 11)**2 + (x + y**2 - 7)**2 + tilt*((x - 3)**2 + (y - 2)**2)",
        bounds=(-6.0, 6.0, -5.0, 5.0),
        start=(0.0, -3.0),
        minima=(
            Minimum("3", "2"),
            Minimum("-2.805118086952745", "3.131312518250573", when="tilt == 0"),
            Minimum("-3.779310253377747", "-3.283185991286169", when="tilt == 0"),
            Minimum("3.584428340330492", "-1.848126526964404", when="tilt == 0"),
        ),
        convex=False,
        rates={
            "gradient": 0.002,
            "momentum": 0.002,
            "adaptive": 0.2,
            "adadelta": 1.0,
            "rmsprop": 0.05,
            "radam": 0.02,
        },
        knobs=(
            Knob(
                "tilt",
                0.0,
                "above 0, one of the four minima becomes the only global one",
                0.0,
                10.0,
                soft=(0.0, 2.0),
            ),
        ),
        doc="Four minima of equal loss; with tilt above 0 one is global and three are local.",
        source="Himmelblau 1972, Applied nonlinear programming, p. 428",
    )
)

rastrigin = SURFACES.add(
    Surface(
        name="rastrigin",
        title="Rastrigin",
        family="many minima",
        formula="2*amplitude + x**2 + y**2 - amplitude*(cos(2*pi*x) + cos(2*pi*y))",
        bounds=(-5.12, 5.12, -4.5, 4.5),
        start=(-3.4, 2.3),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.0005,
            "momentum": 0.005,
            "nesterov": 0.001,
            "adaptive": 0.2,
            "adagrad": 0.05,
            "adadelta": 0.5,
            "rmsprop": 0.01,
            "nadam": 0.02,
            "radam": 0.02,
        },
        knobs=(
            Knob(
                "amplitude",
                10.0,
                "height of the ripples, unit of the loss",
                0.0,
                100.0,
                soft=(0.0, 20.0),
            ),
        ),
        doc="A bowl full of ripples: about a hundred local minima around one global one.",
        source="Rastrigin 1974, Systems of extremal control",
    )
)

ackley = SURFACES.add(
    Surface(
        name="ackley",
        title="Ackley",
        family="many minima",
        formula="a - a*exp(-b*sqrt((x**2 + y**2)/2)) + exp(1) - exp((cos(2*pi*x) + cos(2*pi*y))/2)",
        bounds=(-5.0, 5.0, -4.5, 4.5),
        start=(-2.4, 0.4),
        minima=(Minimum("0", "0"),),
        convex=False,
        kinked=True,
        rates={
            "gradient": 0.01,
            "momentum": 0.01,
            "adaptive": 0.2,
            "adagrad": 0.05,
            "adadelta": 0.1,
            "rmsprop": 0.01,
            "nadam": 0.02,
            "radam": 0.1,
        },
        knobs=(
            Knob("a", 20.0, "depth of the funnel, unit of the loss", 0.0, 100.0, open_low=True),
            Knob(
                "b", 0.2, "how narrow the funnel is, 1 over the unit of x", 0.0, 2.0, open_low=True
            ),
        ),
        doc="A rippled, nearly flat plain around a sharp funnel, whose tip is a kink: with a "
        "constant learning rate nothing comes to rest there.",
        source="Ackley 1987, A connectionist machine for genetic hillclimbing",
    )
)

styblinski_tang = SURFACES.add(
    Surface(
        name="styblinski_tang",
        title="Styblinski–Tang",
        family="many minima",
        formula="(x**4 - 16*x**2 + 5*x + y**4 - 16*y**2 + 5*y)/2",
        bounds=(-5.0, 5.0, -4.5, 4.5),
        start=(4.6, -1.0),
        minima=(Minimum("-2.903534027771177", "-2.903534027771177"),),
        convex=False,
        rates={
            "gradient": 0.005,
            "momentum": 0.005,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "adamax": 0.2,
            "radam": 0.01,
        },
        doc="Four wells of different depth, one in each quarter; the deepest is at the lower left.",
        source="Styblinski & Tang 1990, Experiments in nonconvex optimization: stochastic "
        "approximation with function smoothing and simulated annealing",
    )
)

six_hump_camel = SURFACES.add(
    Surface(
        name="six_hump_camel",
        title="Six-hump camel",
        family="many minima",
        formula="(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (4*y**2 - 4)*y**2",
        bounds=(-2.0, 2.0, -1.3, 1.3),
        start=(1.9, 0.5),
        minima=(
            Minimum("0.08984201310031806", "-0.7126564030207396"),
            Minimum("-0.08984201310031806", "0.7126564030207396"),
        ),
        convex=False,
        rates={
            "gradient": 0.01,
            "momentum": 0.005,
            "adaptive": 0.2,
            "adagrad": 0.1,
            "adadelta": 1.0,
            "rmsprop": 0.01,
            "nadam": 0.01,
            "radam": 0.02,
        },
        doc="Six wells, two of them global, opposite each other.",
        source="Dixon & Szegő 1978, Towards global optimisation 2, The global optimization "
        "problem: an introduction",
    )
)
