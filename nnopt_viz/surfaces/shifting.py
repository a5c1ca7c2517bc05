"""Surfaces that change when the data do: at s = 0 trained on, at s = 1 what the world became.

All but the last two are real losses: the mean error of a model with two weights on the few examples
that stand in the formula, or its expectation over the population they came from.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import MORPH, SURFACES, Minimum, Surface

covariate_shift = SURFACES.add(
    Surface(
        name="covariate_shift",
        title="Line fitted where the data are",
        family="shifting data",
        formula="(((s - 1)*x + y - (s - 1)**2)**2 + (s*x + y - s**2)**2"
        " + ((s + 1)*x + y - (s + 1)**2)**2)/3",
        bounds=(-3.0, 4.0, -3.0, 3.0),
        start=(-2.3, -2.0),
        minima=(Minimum("2*s", "2/3 - s**2"),),
        convex=True,
        rates={
            "gradient": 0.1,
            "momentum": 0.02,
            "adaptive": 0.1,
            "adagrad": 1.0,
            "adadelta": 5.0,
        },
        knobs=(MORPH,),
        doc="A line with slope x and intercept y is fitted to three points of a parabola, at "
        "s - 1, s and s + 1. The parabola stays; the data move along it, and the best line "
        "moves with them.",
        source="mean squared error; after Shimodaira 2000, Improving predictive inference under "
        "covariate shift; data made for this page",
    ),
    Names(
        ("covariate_drift",),
    ),
)

label_shift = SURFACES.add(
    Surface(
        name="label_shift",
        title="Classes that become rarer",
        family="shifting data",
        formula="(0.5 - 0.4*s)/5*(4*log(1 + exp(-x - y)) + log(1 + exp(x - y)))"
        " + (0.5 + 0.4*s)/5*(log(1 + exp(x + y)) + 4*log(1 + exp(y - x)))",
        bounds=(-3.0, 5.0, -4.0, 3.0),
        start=(-2.2, 2.2),
        minima=(Minimum("log(4)", "log((0.5 - 0.4*s)/(0.5 + 0.4*s))"),),
        convex=True,
        rates={
            "gradient": 0.5,
            "momentum": 0.1,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 5.0,
            "l_bfgs": 0.2,
        },
        knobs=(MORPH,),
        doc="A classifier with weight x and bias y for two classes, told apart by a sign that is "
        "right four times in five. One class falls from every second example to every tenth: "
        "the weight stays as it was, only the bias has to follow.",
        source="expected log loss; Saerens, Latinne & Decaestecker 2002, Adjusting the outputs of "
        "a classifier to new a priori probabilities; data made for this page",
    ),
    Names(
        ("prior_shift",),
    ),
)

rotating_classes = SURFACES.add(
    Surface(
        name="rotating_classes",
        title="Classes that turn",
        family="shifting data",
        formula="(log(1 + exp(-x*cos(s) - y*sin(s))) + log(1 + exp(x*cos(s) + y*sin(s)))"
        " + log(1 + exp((2*x - y)*sin(s) - (x + 2*y)*cos(s)))"
        " + log(1 + exp((2*y - x)*cos(s) - (2*x + y)*sin(s))))/4",
        bounds=(-3.0, 4.0, -3.0, 4.0),
        start=(-2.0, -2.4),
        minima=(Minimum("log(3)*cos(s)", "log(3)*sin(s)"),),
        convex=True,
        rates={
            "gradient": 0.5,
            "momentum": 0.1,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 5.0,
            "l_bfgs": 0.3,
        },
        knobs=(MORPH,),
        doc="Logistic regression with two weights and four examples, one of them mislabelled. The "
        "examples turn by one radian, and the best weights turn with them: the first "
        "falls to 54% of what it was, and the second, 0 before, has to grow to 84% of that.",
        source="mean log loss; the turning hyperplane of Hulten, Spencer & Domingos 2001, Mining "
        "time-changing data streams; data made for this page",
    ),
    Names(
        ("rotating_hyperplane",),
    ),
)

few_examples = SURFACES.add(
    Surface(
        name="few_examples",
        title="Three examples, or all of them",
        family="shifting data",
        formula="(1 - s)/3*((sin(y) - sin(0.5))**2 + (sin(y + x) - sin(2.5))**2"
        " + (sin(y - x) + sin(1.5))**2)"
        # in this order the expectation is 0 at the truth to the last bit
        " + s*(1 - exp(-(x - 2)**2/2)*cos(y - 0.5) - exp(-2*x**2)*cos(2*y)/2"
        " + exp(-(x + 2)**2/2)*cos(y + 0.5) - exp(-8)*cos(1)/2)",
        bounds=(0.0, 10.0, -2.8, 3.6),
        start=(2.3, 2.4),
        minima=(
            Minimum("2", "0.5"),
            Minimum("2 + 2*pi", "0.5", when="s == 0"),
            Minimum("2*pi - 2", "pi - 0.5", when="s == 0"),
        ),
        convex=False,
        rates={
            "gradient": 0.1,
            "momentum": 0.02,
            "adaptive": 0.05,
            "adagrad": 0.2,
            "adadelta": 1.0,
            "rmsprop": 0.02,
            "l_bfgs": 0.5,
        },
        knobs=(MORPH,),
        doc="A wave of frequency x and phase y is fitted to sin(2u + 0.5). At s = 0 it is seen at "
        "u = -1, 0 and 1, and faster waves fit as well; at s = 1 it is seen at all u, as "
        "often as a standard normal says, and the minima that chance had made are gone.",
        source="mean squared error, and its expectation in closed form; aliasing as Shannon 1949, "
        "Communication in the presence of noise; examples made for this page",
    ),
    Names(
        ("three_examples",),
    ),
)

swapping_wells = SURFACES.add(
    Surface(
        name="swapping_wells",
        title="Two wells that change places",
        family="shifting data",
        formula="x**4 - 2*x**2 + gap*(2*s - 1)*(3*x - x**3)/4 + (y - x**2/2)**2 + 2",
        bounds=(-1.9, 1.9, -1.0, 2.2),
        start=(-1.55, -0.8),
        minima=(
            Minimum("1", "0.5", when="gap*(s - 0.5) <= 0"),
            Minimum("-1", "0.5", when="gap*(s - 0.5) >= 0"),
        ),
        convex=False,
        rates={
            "gradient": 0.02,
            "momentum": 0.01,
            "adaptive": 0.05,
            "adagrad": 0.2,
            "adadelta": 2.0,
            "rmsprop": 0.02,
        },
        knobs=(
            MORPH,
            Knob("gap", 1.0, "difference in depth at s = 0 and 1, unit of the loss", 0.0, 2.0),
        ),
        doc="At s = 0 the right minimum is the better one, at s = 1 the left one, and at 0.5 they "
        "are level. Both stay where they are: what was the best of training is not the best "
        "of what came after.",
        source="a double well with its minima at -1 and 1 for every s; formula made for this page",
    )
)

shifted_sharp_minimum = SURFACES.add(
    Surface(
        name="shifted_sharp_minimum",
        title="Sharp and flat minimum, shifted",
        family="shifting data",
        formula="sharpness*((x - 0.4*s - 1.5)**2 + y**2)*((x - 0.4*s + 1.5)**2 + y**2)"
        "/(sharpness*((x - 0.4*s - 1.5)**2 + y**2) + ((x - 0.4*s + 1.5)**2 + y**2))",
        bounds=(-3.5, 3.2, -2.5, 2.5),
        start=(2.1, 1.3),
        minima=(Minimum("1.5 + 0.4*s", "0"), Minimum("-1.5 + 0.4*s", "0")),
        convex=False,
        rates={
            "gradient": 0.02,
            "momentum": 0.005,
            "adaptive": 0.05,
            "adagrad": 0.2,
            "adadelta": 0.5,
            "rmsprop": 0.02,
        },
        knobs=(
            MORPH,
            Knob(
                "sharpness",
                50.0,
                "curvature of the right minimum over that of the left",
                1.0,
                1e4,
                soft=(1.0, 200.0),
                log=True,
            ),
        ),
        doc="Two minima of the same loss, and a shift of 0.4 from training to the world. Who sat "
        "in the sharp one now pays, at sharpness 50, 23 times as much as who sat in the flat one: "
        "that is why flat minima are said to generalize.",
        source="Hochreiter & Schmidhuber 1997, Flat minima; Keskar et al. 2017, On large-batch "
        "training for deep learning, fig. 1; formula made for this page",
    ),
    Names(
        ("sharp_and_flat_shifted", "shifted_sharp_and_flat"),
    ),
)
