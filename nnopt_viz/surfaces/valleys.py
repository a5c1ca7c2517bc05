"""Curved valleys: easy to enter, slow to follow."""

from nnopt_viz.knobs import Knob
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
    )
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
        doc="Steep walls at the corners and a long flat valley floor: gradients differ by a "
        "factor of ten thousand.",
        source="Beale 1958, On an iterative method for finding a local minimum of a function of "
        "more than one variable",
    )
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
    )
)
