"""Ripples on a bowl: the way down is plain from afar and hidden close by."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

rastrigin = SURFACES.add(
    Surface(
        name="rastrigin",
        title="Rastrigin",
        family="ripples",
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
                "half the height of the ripples along each axis, unit of the loss",
                0.0,
                100.0,
                soft=(0.0, 20.0),
            ),
        ),
        doc="A bowl full of ripples: at amplitude 10 about a hundred local minima around one "
        "global one.",
        source="Rastrigin 1974, Systems of extremal control",
    ),
    Names(
        ("rastrigins",),
    ),
)

ackley = SURFACES.add(
    Surface(
        name="ackley",
        title="Ackley",
        family="ripples",
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
        doc="A rippled, nearly flat plain around a sharp funnel, whose tip is a kink: plain "
        "descent at a constant rate does not come to rest there.",
        source="Ackley 1987, A connectionist machine for genetic hillclimbing",
    ),
    Names(
        ("ackley_1", "ackleys"),
        akin={
            "ackley_2": "it is not here; of its kind there is ackley",
            "ackley_3": "it is not here; of its kind there is ackley",
        },
    ),
)

griewank = SURFACES.add(
    Surface(
        name="griewank",
        title="Griewank",
        family="ripples",
        formula="(x**2 + y**2)/4000 + ripple*(1 - cos(x)*cos(y/sqrt(2)))",
        bounds=(-10.0, 10.0, -9.0, 9.0),
        start=(-6.1, 5.0),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 1.0,
            "momentum": 0.05,
            "adaptive": 0.1,
            "adadelta": 5.0,
        },
        knobs=(
            Knob(
                "ripple",
                1.0,
                "half the depth of the dents, unit of the loss",
                0.0,
                100.0,
                soft=(0.0, 2.0),
                open_low=True,
            ),
        ),
        doc="Regular dents on a bowl so wide that it looks flat here: the local minima are "
        "almost as good as the global one.",
        source="Griewank 1981, Generalized descent for global optimization",
    ),
    Names(
        ("griewangk", "griewanks"),
    ),
)

levy = SURFACES.add(
    Surface(
        name="levy",
        title="Lévy",
        family="ripples",
        formula="sin(pi*(x + 3)/4)**2 + ((x - 1)/4)**2*(1 + 10*sin(pi*(x + 3)/4 + 1)**2)"
        " + ((y - 1)/4)**2*(1 + sin(pi*(y + 3)/2)**2)",
        bounds=(-10.0, 10.0, -9.0, 9.0),
        start=(-6.4, -2.0),
        minima=(Minimum("1", "1"),),
        convex=False,
        rates={
            "gradient": 0.05,
            "momentum": 0.01,
            "adaptive": 0.5,
            "rmsprop": 0.05,
        },
        doc="Broad waves in x and fine ones in y over a bowl: momentum can carry a run over "
        "crests that stop plain descent.",
        source="Lévy & Montalvo 1985, The tunneling algorithm for the global minimization of "
        "functions; form of Laguna & Martí 2005",
    ),
    Names(
        ("levy_1", "levys"),
    ),
)

levy_13 = SURFACES.add(
    Surface(
        name="levy_13",
        title="Lévy N. 13",
        family="ripples",
        formula="sin(3*pi*x)**2 + (x - 1)**2*(1 + sin(3*pi*y)**2)"
        " + (y - 1)**2*(1 + sin(2*pi*y)**2)",
        bounds=(-4.0, 6.0, -3.5, 5.5),
        start=(3.9, 1.5),
        minima=(Minimum("1", "1"),),
        convex=False,
        rates={
            "gradient": 0.05,
            "momentum": 0.002,
            "adaptive": 0.2,
            "adagrad": 1.0,
            "adadelta": 50.0,
            "radam": 0.02,
            "dadapt_adamw": 0.5,
            "conjugate_gradient": 0.02,
        },
        doc="A bowl crossed by ripples, two and three a unit, that grow with it: hundreds of local "
        "minima, as far out as the walls.",
        source="Jamil & Yang 2013, A literature survey of benchmark functions for global "
        "optimisation problems, Lévy function no. 13",
    ),
    Names(
        ("levy_n13",),
    ),
)

bohachevsky = SURFACES.add(
    Surface(
        name="bohachevsky",
        title="Bohachevsky",
        family="ripples",
        formula="x**2 + 2*y**2 + ripple*(0.7 - 0.3*cos(3*pi*x) - 0.4*cos(4*pi*y))",
        bounds=(-2.0, 2.0, -1.75, 1.75),
        start=(-1.7, 1.3),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.02,
            "momentum": 0.005,
            "adaptive": 0.1,
            "rmsprop": 0.01,
            "adamax": 0.2,
            "radam": 0.05,
        },
        knobs=(
            Knob(
                "ripple",
                1.0,
                "factor on the ripples: at 1 they are 0.6 high along x and 0.8 along y, unit of "
                "the loss",
                0.0,
                100.0,
                soft=(0.0, 5.0),
            ),
        ),
        doc="A bowl with ripples: at ripple 1 the outer walls are too steep for local minima, and "
        "further in they stop plain descent.",
        source="Bohachevsky, Johnson & Stein 1986, Generalized simulated annealing for function "
        "optimization, function 1",
    ),
    Names(
        ("bohachevsky_1",),
        akin={
            "bohachevsky_2": "the first of its kind is bohachevsky",
            "bohachevsky_3": "the first of its kind is bohachevsky",
        },
    ),
)

egg_crate = SURFACES.add(
    Surface(
        name="egg_crate",
        title="Egg crate",
        family="ripples",
        formula="x**2 + y**2 + amplitude*(sin(x)**2 + sin(y)**2)",
        bounds=(-5.0, 5.0, -4.5, 4.5),
        start=(-4.2, 3.8),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.01,
            "momentum": 0.02,
            "adaptive": 0.5,
            "nesterov": 0.005,
            "adagrad": 1.0,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "nadam": 0.1,
            "radam": 0.02,
        },
        knobs=(
            Knob(
                "amplitude",
                25.0,
                "height of the crests along each axis, unit of the loss",
                0.0,
                1000.0,
                soft=(0.0, 50.0),
            ),
        ),
        doc="At amplitude 25 nine wells in a square; the middle one is the deepest.",
        source="Jamil & Yang 2013, A literature survey of benchmark functions for global "
        "optimisation problems, egg crate function",
    )
)
