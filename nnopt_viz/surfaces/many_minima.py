"""Many minima: where you end depends on where, and how, you go."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
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
                "above 0, the minimum at (3, 2) is the only global one",
                0.0,
                10.0,
                soft=(0.0, 2.0),
            ),
        ),
        doc="Four minima of equal loss. Tilt lifts all but one of them: the others become local "
        "and, the larger it is, vanish one after the other.",
        source="Himmelblau 1972, Applied nonlinear programming, p. 428",
    ),
    Names(
        ("himmelblaus", "four_minima"),
    ),
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
    ),
    Names(
        ("styblinski", "tang"),
    ),
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
    ),
    Names(
        ("six_hump", "six_hump_camel_back", "camelback", "camel_6"),
    ),
)

branin = SURFACES.add(
    Surface(
        name="branin",
        title="Branin",
        family="many minima",
        formula="(y - 5.1*x**2/(4*pi**2) + 5*x/pi - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
        bounds=(-5.0, 10.0, 0.0, 15.0),
        start=(5.7, 13.5),
        minima=(
            Minimum("-pi", "12.275"),
            Minimum("pi", "2.275"),
            Minimum("3*pi", "2.475"),
        ),
        convex=False,
        rates={
            "gradient": 0.05,
            "momentum": 0.005,
            "adaptive": 1.0,
            "adadelta": 10.0,
            "rmsprop": 0.1,
            "nadam": 0.2,
            "radam": 0.05,
            "rprop": 0.05,
        },
        doc="Three equal minima along one curved valley: all of them are right, and which one "
        "is found depends on the run.",
        source="Branin 1972, Widely convergent method for finding multiple solutions of "
        "simultaneous nonlinear equations",
    ),
    Names(
        ("branin_hoo", "branins_rcos", "branin_rcos"),
        akin={
            "hartmann": "it has three or six variables; from the same set there is branin",
            "shekel": "it has four variables; from the same set there is branin",
        },
    ),
)

goldstein_price = SURFACES.add(
    Surface(
        name="goldstein_price",
        title="Goldstein–Price",
        family="many minima",
        formula="(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
        "*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))",
        bounds=(-2.0, 2.0, -3.0, 1.0),
        start=(-1.2, -1.4),
        minima=(Minimum("0", "-1"),),
        convex=False,
        rates={
            "gradient": 2e-05,
            "momentum": 2e-06,
            "adaptive": 0.2,
            "adadelta": 50.0,
            "rmsprop": 0.02,
            "radam": 0.0001,
            "acprop": 0.0001,
        },
        doc="Four minima in crossed valleys whose loss runs from 3 to over 3 million: no single "
        "rate suits the walls and the floor.",
        source="Goldstein & Price 1971, On descent from local minima",
    ),
    Names(
        ("goldstein",),
    ),
)

bird = SURFACES.add(
    Surface(
        name="bird",
        title="Bird",
        family="many minima",
        formula="sin(x)*exp((1 - cos(y))**2) + cos(y)*exp((1 - sin(x))**2) + (x - y)**2",
        bounds=(-6.2, 6.2, -6.2, 6.2),
        start=(-4.5, 2.8),
        minima=(
            Minimum("4.701043130249553", "3.15293850372493"),
            Minimum("-1.5821421769300335", "-3.1302468034546562"),
        ),
        convex=False,
        rates={
            "gradient": 0.005,
            "momentum": 0.002,
            "adaptive": 0.5,
            "adadelta": 10.0,
            "rmsprop": 0.05,
            "adamax": 1.0,
            "radam": 0.02,
        },
        doc="Deep holes and tall peaks beside each other on a gentle hillside; the two deepest "
        "holes are equal.",
        source="Mishra 2006, Some new test functions for global optimization and performance of "
        "repulsive particle swarm method",
    ),
    Names(
        ("mishra_bird", "mishras_bird"),
    ),
)

michalewicz = SURFACES.add(
    Surface(
        name="michalewicz",
        title="Michalewicz",
        family="many minima",
        formula="-sin(x)*sin(x**2/pi)**20 - sin(y)*sin(2*y**2/pi)**20",
        bounds=(0.0, 3.14, 0.0, 3.14),
        start=(1.5, 1.35),
        minima=(Minimum("2.2029055201726093", "pi/2"),),
        convex=False,
        rates={
            "gradient": 0.01,
            "momentum": 0.01,
            "adaptive": 0.1,
            "rmsprop": 0.002,
            "nadam": 0.02,
            "backtracking": 0.2,
        },
        doc="Narrow crossed trenches in a plain that is flat to the last digit: away from the "
        "trenches the gradient says nothing.",
        source="Michalewicz 1992, Genetic algorithms + data structures = evolution programs, with "
        "steepness m = 10",
    ),
    Names(
        ("michalewics",),
    ),
)
