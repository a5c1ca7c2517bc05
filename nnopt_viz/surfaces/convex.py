"""Convex bowls: one minimum, so what differs between runs is speed alone."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

bowl = SURFACES.add(
    Surface(
        name="bowl",
        title="Bowl",
        family="convex",
        formula="curvature*(x**2 + y**2)/2",
        bounds=(-3.0, 3.0, -2.5, 2.5),
        start=(-2.5, 1.0),
        minima=(Minimum("0", "0"),),
        convex=True,
        rates={
            "gradient": 0.05,
            "momentum": 0.01,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "adamax": 0.2,
            "radam": 0.1,
        },
        knobs=(
            Knob(
                "curvature",
                2.0,
                "second derivative; gradient descent converges for lr below 2/curvature",
                0.0,
                1e4,
                soft=(0.1, 100.0),
                log=True,
                open_low=True,
            ),
        ),
        doc="The same curvature in every direction: downhill points straight at the minimum. "
        "The sphere function at curvature 2.",
        source="De Jong 1975, An analysis of the behavior of a class of genetic adaptive "
        "systems, F1",
    ),
    Names(
        (
            "sphere",
            "paraboloid",
            "quadratic",
            "quadratic_bowl",
            "de_jong",
            "de_jong_1",
            "dejong_f1",
            "convex_quadratic",
            "parabola",
            "f1",
        ),
        akin={
            "step": "it is flat between its steps, so a gradient says nothing; a plain bowl is bowl"
        },
    ),
)

ill_conditioned_bowl = SURFACES.add(
    Surface(
        name="ill_conditioned_bowl",
        title="Ill-conditioned bowl",
        family="convex",
        formula="((x*cos(rotation*pi/180) + y*sin(rotation*pi/180))**2"
        " + condition*(y*cos(rotation*pi/180) - x*sin(rotation*pi/180))**2)/2",
        bounds=(-3.0, 3.0, -2.5, 2.5),
        start=(-2.4, 0.6),
        minima=(Minimum("0", "0"),),
        convex=True,
        rates={
            "gradient": 0.05,
            "momentum": 0.005,
            "adaptive": 0.2,
            "adagrad": 1.0,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "adamax": 0.5,
            "radam": 0.05,
        },
        knobs=(
            Knob(
                "condition",
                30.0,
                "largest over smallest curvature; gradient descent needs lr below 2/condition",
                1.0,
                1e6,
                soft=(1.0, 1000.0),
                log=True,
            ),
            Knob("rotation", 30.0, "angle of the valley to the x axis, degrees", -180.0, 180.0),
        ),
        doc="A long valley: the steep direction limits the learning rate, the flat one needs a "
        "large one. Turn it, and methods with a step for each coordinate lose their advantage.",
        source="Boyd & Vandenberghe 2004, Convex optimization, section 9.3.2",
    ),
    Names(
        (
            "ellipse",
            "elongated_bowl",
            "anisotropic_bowl",
            "stretched_bowl",
            "rotated_ellipse",
            "elliptic_bowl",
            "elliptic_paraboloid",
            "rotated_quadratic",
        ),
        akin={
            "ellipsoid": "write ill_conditioned_bowl(condition=1000,rotation=0)",
            "rotated_hyper_ellipsoid": "in two variables it is ill_conditioned_bowl",
            "cigar": "write ill_conditioned_bowl(condition=1000000,rotation=0)",
            "bent_cigar": "it is not here; the straight one is "
            "ill_conditioned_bowl(condition=1000000,rotation=0)",
            "discus": "write ill_conditioned_bowl(condition=1000000,rotation=90)",
        },
    ),
)

booth = SURFACES.add(
    Surface(
        name="booth",
        title="Booth",
        family="convex",
        formula="(x + 2*y - 7)**2 + (2*x + y - 5)**2",
        bounds=(-4.0, 6.0, -2.0, 7.0),
        start=(-3.0, 2.0),
        minima=(Minimum("1", "3"),),
        convex=True,
        rates={
            "gradient": 0.02,
            "momentum": 0.005,
            "adaptive": 0.2,
            "adagrad": 1.0,
            "adadelta": 5.0,
            "rmsprop": 0.1,
            "adamax": 0.5,
            "radam": 0.05,
        },
        doc="A slanted bowl, nine times steeper across than along: a mild zigzag.",
        source="Jamil & Yang 2013, A literature survey of benchmark functions for global "
        "optimisation problems, Booth function",
    ),
    Names(
        ("booths",),
    ),
)

matyas = SURFACES.add(
    Surface(
        name="matyas",
        title="Matyas",
        family="convex",
        formula="0.26*(x**2 + y**2) - 0.48*x*y",
        bounds=(-10.0, 10.0, -8.0, 8.0),
        start=(-9.0, -3.0),
        minima=(Minimum("0", "0"),),
        convex=True,
        rates={
            "gradient": 0.5,
            "momentum": 0.1,
            "adaptive": 0.5,
            "adagrad": 2.0,
            "adadelta": 10.0,
            "rmsprop": 0.2,
            "adamax": 2.0,
            "radam": 1.0,
        },
        doc="A nearly flat diagonal valley, 25 times steeper across than along.",
        source="Jamil & Yang 2013, A literature survey of benchmark functions for global "
        "optimisation problems, Matyas function",
    )
)

sum_squares = SURFACES.add(
    Surface(
        name="sum_squares",
        title="Sum of squares",
        family="convex",
        formula="x**2 + 2*y**2",
        bounds=(-4.0, 4.0, -3.5, 3.5),
        start=(-3.5, 3.0),
        minima=(Minimum("0", "0"),),
        convex=True,
        rates={
            "gradient": 0.05,
            "momentum": 0.01,
            "adaptive": 0.2,
            "adagrad": 0.5,
            "adadelta": 5.0,
            "rmsprop": 0.05,
        },
        doc="A bowl twice as steep in y as in x: already here downhill does not point at the "
        "minimum.",
        source="Jamil & Yang 2013, A literature survey of benchmark functions for global "
        "optimisation problems, sum squares function",
    ),
    Names(
        ("sum_of_squares", "axis_parallel_hyper_ellipsoid", "weighted_sphere"),
    ),
)

trid = SURFACES.add(
    Surface(
        name="trid",
        title="Trid",
        family="convex",
        formula="(x - 1)**2 + (y - 1)**2 - x*y",
        bounds=(-4.0, 6.0, -3.5, 5.5),
        start=(-3.0, 4.5),
        minima=(Minimum("2", "2"),),
        convex=True,
        rates={
            "gradient": 0.05,
            "momentum": 0.01,
            "adaptive": 0.5,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "radam": 0.1,
        },
        doc="A bowl along the diagonal, its lowest loss below 0: a loss of 0 is nothing "
        "special to an optimizer.",
        source="Surjanovic & Bingham 2013, Virtual library of simulation experiments, Trid "
        "function",
    )
)

zakharov = SURFACES.add(
    Surface(
        name="zakharov",
        title="Zakharov",
        family="convex",
        formula="x**2 + y**2 + (0.5*x + y)**2 + (0.5*x + y)**4",
        bounds=(-5.0, 5.0, -4.0, 4.0),
        start=(4.0, 2.5),
        minima=(Minimum("0", "0"),),
        convex=True,
        rates={
            "gradient": 0.002,
            "momentum": 0.001,
            "adaptive": 0.5,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "radam": 0.002,
            "rprop": 0.02,
        },
        doc="A bowl whose walls grow with the fourth power: the rate that is safe far up is "
        "far too small at the bottom.",
        source="Jamil & Yang 2013, A literature survey of benchmark functions for global "
        "optimisation problems, Zakharov function",
    )
)
