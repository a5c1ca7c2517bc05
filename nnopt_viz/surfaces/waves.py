"""Waves without a bowl: from nowhere does the slope point at the global minimum."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

drop_wave = SURFACES.add(
    Surface(
        name="drop_wave",
        title="Drop wave",
        family="ripples",
        formula="-(1 + cos(frequency*sqrt(x**2 + y**2)))/(0.5*(x**2 + y**2) + 2)",
        bounds=(-3.0, 3.0, -2.5, 2.5),
        start=(-0.5, 1.17),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.02,
            "momentum": 0.02,
            "adaptive": 0.05,
            "adagrad": 0.5,
            "sam": 0.05,
        },
        knobs=(
            Knob(
                "frequency",
                12.0,
                "how close the rings are, radians per unit of x",
                0.0,
                50.0,
                soft=(2.0, 20.0),
                open_low=True,
            ),
        ),
        doc="Rings like those of a drop in water: every ring is a valley, and plain descent "
        "cannot cross to the next one inwards.",
        source="Surjanovic & Bingham 2013, Virtual library of simulation experiments, drop-wave "
        "function, there with frequency 12",
    ),
)

schaffer_2 = SURFACES.add(
    Surface(
        name="schaffer_2",
        title="Schaffer N. 2",
        family="ripples",
        formula="0.5 + (sin(x**2 - y**2)**2 - 0.5)/(1 + 0.001*(x**2 + y**2))**2",
        bounds=(-4.0, 4.0, -3.5, 3.5),
        start=(3.1, 1.1),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.5,
            "momentum": 0.2,
            "adaptive": 0.05,
            "nesterov": 0.01,
            "rmsprop": 0.005,
        },
        doc="Crossed, ever finer waves whose valley floors are almost level: all lead "
        "outwards, only two pass through the minimum.",
        source="Schaffer, Caruana, Eshelman & Das 1989, A study of control parameters affecting "
        "online performance of genetic algorithms; Mishra 2006",
    ),
    Names(
        ("schaffer_n2",),
        akin={
            "schaffer": "there are schaffer_2 and schaffer_4",
            "schaffer_f6": "it is not here; of its kind there is schaffer_2",
            "schaffer_1": "it is not here; of its kind there is schaffer_2",
            "schaffer_3": "it is not here; of its kind there is schaffer_4",
        },
    ),
)

schaffer_4 = SURFACES.add(
    Surface(
        name="schaffer_4",
        title="Schaffer N. 4",
        family="ripples",
        formula="0.5 + (cos(sin(x**2 - y**2))**2 - 0.5)/(1 + 0.001*(x**2 + y**2))**2",
        bounds=(-4.0, 4.0, -3.5, 3.5),
        start=(0.42, 0.66),
        minima=(
            Minimum("0", "1.2531318314637332"),
            Minimum("0", "-1.2531318314637332"),
            Minimum("1.2531318314637332", "0"),
            Minimum("-1.2531318314637332", "0"),
        ),
        convex=False,
        rates={
            "gradient": 0.2,
            "momentum": 0.01,
            "adaptive": 0.01,
            "adagrad": 0.2,
            "adadelta": 0.5,
            "nadam": 0.02,
            "radam": 0.5,
        },
        doc="Four equal minima, hardly lower than the valleys they lie in: nearly every end "
        "point is nearly as good.",
        source="Mishra 2006, Some new test functions for global optimization; his absolute value "
        "inside the sine changes nothing and is left out",
    ),
    Names(
        ("schaffer_n4",),
    ),
)

schwefel = SURFACES.add(
    Surface(
        name="schwefel",
        title="Schwefel",
        family="ripples",
        formula="837.9657745448674 - x*sin(sqrt(abs(x))) - y*sin(sqrt(abs(y)))",
        bounds=(-500.0, 500.0, -500.0, 500.0),
        start=(310.0, 270.0),
        minima=(Minimum("420.96874635998205", "420.96874635998205"),),
        convex=False,
        rates={
            "gradient": 5.0,
            "momentum": 2.0,
            "adaptive": 10.0,
            "adadelta": 50.0,
            "lamb": 0.1,
        },
        doc="Deep wells that grow deeper outwards, the best one in the far corner: the middle "
        "of the region misleads.",
        source="Schwefel 1981, Numerical optimization of computer models, problem 2.26, with the "
        "constant to all digits",
    ),
    Names(
        ("schwefel_26", "schwefel_2_26"),
        akin={
            "schwefel_2_22": "it is not here; of its kind there is schwefel",
            "schwefel_1_2": "it is not here; of its kind there is schwefel",
        },
    ),
)

shubert = SURFACES.add(
    Surface(
        name="shubert",
        title="Shubert",
        family="ripples",
        formula="(cos(2*x + 1) + 2*cos(3*x + 2) + 3*cos(4*x + 3) + 4*cos(5*x + 4) + 5*cos(6*x + 5))"
        "*(cos(2*y + 1) + 2*cos(3*y + 2) + 3*cos(4*y + 3) + 4*cos(5*y + 4) + 5*cos(6*y + 5))",
        bounds=(-4.5, 4.5, -4.5, 4.5),
        start=(-1.9, -0.78),
        minima=(
            Minimum("-0.8003211004719731", "-1.425128428319761"),
            Minimum("-1.425128428319761", "-0.8003211004719731"),
        ),
        convex=False,
        rates={
            "gradient": 0.0002,
            "momentum": 0.0002,
            "adaptive": 0.2,
            "rmsprop": 0.002,
            "nadam": 0.02,
            "radam": 0.002,
        },
        doc="A crowd of peaks and pits, repeated every 2 pi: of some 160 pits shown, two are "
        "deepest.",
        source="Shubert 1972, A sequential method seeking the global maximum of a function; in "
        "two variables as in Jamil & Yang 2013",
    ),
    Names(
        ("shubert_1",),
        akin={"shubert_3": "it is not here; of its kind there is shubert"},
    ),
)

langermann = SURFACES.add(
    Surface(
        name="langermann",
        title="Langermann",
        family="ripples",
        formula="exp(-((x - 3)**2 + (y - 5)**2)/pi)*cos(pi*((x - 3)**2 + (y - 5)**2))"
        " + 2*exp(-((x - 5)**2 + (y - 2)**2)/pi)*cos(pi*((x - 5)**2 + (y - 2)**2))"
        " + 5*exp(-((x - 2)**2 + (y - 1)**2)/pi)*cos(pi*((x - 2)**2 + (y - 1)**2))"
        " + 2*exp(-((x - 1)**2 + (y - 4)**2)/pi)*cos(pi*((x - 1)**2 + (y - 4)**2))"
        " + 3*exp(-((x - 7)**2 + (y - 9)**2)/pi)*cos(pi*((x - 7)**2 + (y - 9)**2))",
        bounds=(0.0, 10.0, 0.0, 10.0),
        start=(1.9, 1.2),
        minima=(Minimum("2.7934022086450367", "1.5972325013283601"),),
        convex=False,
        rates={
            "gradient": 0.01,
            "momentum": 0.0005,
            "adaptive": 0.02,
            "adagrad": 0.1,
            "adadelta": 0.5,
            "rmsprop": 0.01,
            "nadam": 0.01,
            "sam": 0.1,
        },
        doc="Five stones dropped into a pond: their rings add up to uneven wells, and far from "
        "them the plain is flat.",
        source="Bersini et al. 1996, Results of the first international contest on evolutionary "
        "optimisation; sign and constants of Surjanovic & Bingham 2013",
    ),
    Names(
        ("langerman",),
    ),
)
