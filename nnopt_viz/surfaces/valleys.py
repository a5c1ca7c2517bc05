"""Curved valleys: easy to enter, slow to follow."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

rosenbrock = SURFACES.add(
    Surface(
        name="rosenbrock",
        title="Rosenbrock",
        family="valleys",
        formula="(a - x)**2 + b*(y - x**2)**2",
        bounds=(-2.0, 2.0, -1.0, 3.0),
        start=(-1.5, 2.0),
        minima=(Minimum("a", "a**2"),),
        convex=False,
        rates={
            "gradient": 0.001,
            "momentum": 0.0005,
            "adaptive": 0.1,
            "adagrad": 0.2,
            "adadelta": 5.0,
            "rmsprop": 0.01,
            "nadam": 0.05,
            "adamax": 0.2,
            "radam": 0.002,
        },
        knobs=(
            Knob("a", 1.0, "x of the minimum, dimensionless", -3.0, 3.0, soft=(-1.5, 1.5)),
            Knob(
                "b",
                100.0,
                "steepness of the valley walls, dimensionless",
                0.0,
                1e4,
                soft=(1.0, 200.0),
                log=True,
                open_low=True,
            ),
        ),
        doc="A bent, narrow valley: reaching its floor is easy, following it is slow.",
        source="Rosenbrock 1960, An automatic method for finding the greatest or least value "
        "of a function, eq. 1",
    ),
    Names(
        ("banana", "rosenbrock_banana", "rosenbrock_valley", "de_jong_2", "dejong_f2", "rosen"),
        akin={
            "powell": "it has four variables; a curved valley is rosenbrock",
            "rosenbrock_3d": "surfaces have two variables; there it is rosenbrock",
        },
    ),
)

beale = SURFACES.add(
    Surface(
        name="beale",
        title="Beale",
        family="valleys",
        formula="(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        bounds=(-1.5, 4.5, -2.0, 2.5),
        start=(1.0, 1.5),
        minima=(Minimum("3", "0.5"),),
        convex=False,
        rates={
            "gradient": 0.01,
            "momentum": 0.002,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 2.0,
            "rmsprop": 0.02,
            "adamax": 0.2,
            "radam": 0.01,
        },
        doc="Steep walls at the corners and a long flat valley floor: the gradient is above "
        "10,000 in a corner and below 1 on the floor.",
        source="Beale 1958, On an iterative method for finding a local minimum of a function of "
        "more than one variable",
    ),
    Names(
        ("beales",),
    ),
)

three_hump_camel = SURFACES.add(
    Surface(
        name="three_hump_camel",
        title="Three-hump camel",
        family="valleys",
        formula="2*x**2 - 1.05*x**4 + x**6/6 + x*y + y**2",
        bounds=(-2.5, 2.5, -2.0, 2.0),
        start=(-2.0, -1.5),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.05,
            "momentum": 0.02,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 2.0,
            "rmsprop": 0.02,
            "radam": 0.05,
        },
        doc="Three shallow wells in a row: the middle one is global, the outer two catch slow "
        "runs.",
        source="Jamil & Yang 2013, A literature survey of benchmark functions for global "
        "optimisation problems, three-hump camel function",
    ),
    Names(
        ("three_hump", "camel_3"),
    ),
)

mccormick = SURFACES.add(
    Surface(
        name="mccormick",
        title="McCormick",
        family="valleys",
        formula="sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1",
        bounds=(-1.5, 4.0, -3.0, 4.0),
        start=(-1.2, 3.4),
        minima=(Minimum("1/2 - pi/3", "-1/2 - pi/3"),),
        convex=False,
        rates={
            "gradient": 0.02,
            "momentum": 0.005,
            "adaptive": 0.2,
            "adadelta": 10.0,
            "rmsprop": 0.02,
            "radam": 0.02,
        },
        doc="A gently waved, tilted plain between two walls: the walls are found at once, the "
        "lowest wave later. Beyond the region, to the lower left, each further wave is lower.",
        source="McCormick 1976, Computability of global solutions to factorable nonconvex programs",
    ),
)

dixon_price = SURFACES.add(
    Surface(
        name="dixon_price",
        title="Dixon–Price",
        family="valleys",
        formula="(x - 1)**2 + 2*(2*y**2 - x)**2",
        bounds=(-2.0, 5.0, -1.75, 1.75),
        start=(-1.5, 1.4),
        minima=(
            Minimum("1", "1/sqrt(2)"),
            Minimum("1", "-1/sqrt(2)"),
        ),
        convex=False,
        rates={
            "gradient": 0.01,
            "momentum": 0.002,
            "adaptive": 0.2,
            "adagrad": 0.5,
            "adadelta": 2.0,
            "rmsprop": 0.05,
            "adamax": 0.5,
            "radam": 0.02,
        },
        doc="A valley bent like a hairpin with a minimum in each arm; which arm a run ends in "
        "is decided early.",
        source="Dixon & Price 1989, Truncated Newton method for sparse unconstrained optimization "
        "using automatic differentiation",
    )
)

perm = SURFACES.add(
    Surface(
        name="perm",
        title="Perm",
        family="valleys",
        formula="((1 + b)*(x - 1) + (2 + b)*(y/2 - 1))**2"
        " + ((1 + b)*(x**2 - 1) + (4 + b)*(y**2/4 - 1))**2",
        bounds=(-1.0, 3.5, -1.0, 3.5),
        start=(-0.6, 0.2),
        minima=(
            Minimum("1", "2"),
            Minimum(
                "(2*b**2 + 13*b + 16)/(2*b**2 + 9*b + 8)",
                "2*(2*b**2 + 5*b + 4)/(2*b**2 + 9*b + 8)",
            ),
        ),
        convex=False,
        rates={
            "gradient": 0.02,
            "momentum": 0.001,
            "adaptive": 0.1,
            "adagrad": 0.2,
            "adadelta": 10.0,
            "rmsprop": 0.02,
            "adamax": 0.2,
            "radam": 0.02,
        },
        knobs=(
            Knob(
                "b",
                0.5,
                "weight shared by all terms, dimensionless",
                0.0,
                100.0,
                soft=(0.0, 10.0),
            ),
        ),
        doc="A flat, curved valley with two minima of loss 0 almost side by side: the floor "
        "between them is nearly level.",
        source="Surjanovic & Bingham 2013, Virtual library of simulation experiments, Perm "
        "function d, beta (b here), which names only the minimum at (1, 2)",
    ),
    Names(
        ("perm_d_beta",),
        akin={
            "perm_0_d_beta": "of the two Perm functions there is perm",
            "power_sum": "a function much like it is perm",
        },
    ),
)
