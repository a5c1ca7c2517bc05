"""Kinks: creases and edges at which the gradient jumps or has no value."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

bukin_6 = SURFACES.add(
    Surface(
        name="bukin_6",
        title="Bukin N. 6",
        family="kinks",
        formula="100*sqrt(abs(y - 0.01*x**2)) + 0.01*abs(x + 10)",
        bounds=(-15.0, -4.0, -1.0, 4.0),
        start=(-7.7, 2.3),
        minima=(Minimum("-10", "1"),),
        convex=False,
        kinked=True,
        rates={
            "gradient": 0.0001,
            "momentum": 2e-05,
            "adaptive": 0.01,
            "adagrad": 0.05,
            "adadelta": 2.0,
            "optimistic_gradient_descent": 0.0001,
            "cocob": 0.5,
        },
        doc="A bent ravine as sharp as a knife: its walls grow ever steeper towards the floor, "
        "so plain descent at a constant rate does not come to rest there.",
        source="Bukin 1997, New minimization strategy for non-smooth functions; Jamil & Yang "
        "2013, A literature survey of benchmark functions for global optimisation "
        "problems, Bukin function no. 6",
    ),
    Names(
        ("bukin", "bukin_n6"),
    ),
)

lasso = SURFACES.add(
    Surface(
        name="lasso",
        title="Lasso",
        family="kinks",
        formula="((x - 2)**2 + 4*(y - 0.3)**2)/2 + penalty*(abs(x) + abs(y))",
        bounds=(-2.0, 3.5, -2.0, 2.0),
        start=(-1.6, 1.6),
        minima=(Minimum("maximum(2 - penalty, 0)", "maximum(0.3 - penalty/4, 0)"),),
        convex=True,
        kinked=True,
        rates={
            "gradient": 0.02,
            "momentum": 0.001,
            "adaptive": 0.02,
            "adagrad": 0.2,
            "adadelta": 5.0,
            "radam": 0.1,
        },
        knobs=(
            Knob(
                "penalty", 1.4, "price of a weight, loss per unit of x", 0.0, 100.0, soft=(0.0, 3.0)
            ),
        ),
        doc="Least squares with a penalty on the size of each weight: its creases along the "
        "axes make a small weight exactly 0.",
        source="Tibshirani 1996, Regression shrinkage and selection via the lasso, eq. 1",
    ),
    Names(
        ("l1_regression", "least_absolute_shrinkage"),
        akin={
            "elastic_net": "without the squares in its penalty it is lasso",
            "l1": 'write formula(f="abs(x) + abs(y)")',
            "hinge": 'write formula(f="maximum(0, 1 - x) + y**2/2")',
        },
    ),
)

cross_in_tray = SURFACES.add(
    Surface(
        name="cross_in_tray",
        title="Cross in tray",
        family="kinks",
        formula="-0.0001*(abs(sin(x)*sin(y)*exp(abs(100 - sqrt(x**2 + y**2)/pi))) + 1)**0.1",
        bounds=(-10.0, 10.0, -9.0, 9.0),
        start=(6.27, 1.85),
        minima=(
            Minimum("1.3494066171539107", "1.3494066171539107"),
            Minimum("1.3494066171539107", "-1.3494066171539107"),
            Minimum("-1.3494066171539107", "1.3494066171539107"),
            Minimum("-1.3494066171539107", "-1.3494066171539107"),
        ),
        convex=False,
        kinked=True,
        rates={
            "gradient": 0.1,
            "momentum": 0.1,
            "adaptive": 1.0,
            "rmsprop": 0.05,
            "nadam": 0.2,
            "radam": 0.2,
        },
        doc="Square pits, a little shallower outwards, between knife-edge ridges along which the "
        "gradient is enormous.",
        source="Mishra 2006, Some new test functions for global optimization and performance of "
        "repulsive particle swarm method",
    )
)

holder_table = SURFACES.add(
    Surface(
        name="holder_table",
        title="Hölder table",
        family="kinks",
        formula="-abs(sin(x)*cos(y)*exp(abs(1 - sqrt(x**2 + y**2)/pi)))",
        bounds=(-10.0, 10.0, -10.0, 10.0),
        start=(6.6, -4.8),
        minima=(
            Minimum("8.055023475736563", "9.664590019241272"),
            Minimum("8.055023475736563", "-9.664590019241272"),
            Minimum("-8.055023475736563", "9.664590019241272"),
            Minimum("-8.055023475736563", "-9.664590019241272"),
        ),
        convex=False,
        kinked=True,
        rates={
            "gradient": 0.1,
            "momentum": 0.05,
            "adaptive": 0.2,
            "backtracking": 0.1,
        },
        doc="A table with creased ridges and hanging corners: the pits grow deeper outwards, "
        "and four near the corners are deepest.",
        source="Mishra 2006, Some new test functions for global optimization and performance of "
        "repulsive particle swarm method",
    ),
    Names(
        ("hoelder_table",),
        akin={
            "holder": "there is one called holder_table",
            "carrom_table": "it is not here; of its kind there is holder_table",
        },
    ),
)

eggholder = SURFACES.add(
    Surface(
        name="eggholder",
        title="Eggholder",
        family="kinks",
        formula="-(y + 47)*sin(sqrt(abs(x/2 + y + 47))) - x*sin(sqrt(abs(x - y - 47)))",
        bounds=(-540.0, 540.0, -540.0, 540.0),
        start=(380.0, 348.0),
        minima=(Minimum("522.1605290272342", "413.31579816740555"),),
        convex=False,
        kinked=True,
        rates={
            "gradient": 0.5,
            "momentum": 0.02,
            "adaptive": 20.0,
            "nesterov": 0.2,
            "rmsprop": 2.0,
            "radam": 2.0,
            "lars": 50,
            "lamb": 0.002,
        },
        doc="Deep, crooked troughs with creases between them, deepest near the edge. The usual "
        "region ends at 512, which cuts the deepest trough through; here all of it is "
        "shown.",
        source="Whitley et al. 1996, Evaluating evolutionary algorithms, function F101",
    ),
)
