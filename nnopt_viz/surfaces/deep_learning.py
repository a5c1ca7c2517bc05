"""What makes training networks hard, each trouble on a surface of two weights."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

ravine = SURFACES.add(
    Surface(
        name="ravine",
        title="Narrow ravine at any angle",
        family="deep learning",
        formula="(x*cos(angle*pi/180) + y*sin(angle*pi/180))**2/8"
        " + log(1 + ((y*cos(angle*pi/180) - x*sin(angle*pi/180))/width)**2)",
        bounds=(-3.0, 3.0, -2.5, 2.5),
        start=(-2.3, 0.7),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.02,
            "momentum": 0.02,
            "adaptive": 0.2,
            "adadelta": 2.0,
            "rmsprop": 0.01,
            "nadam": 0.02,
            "dadapt_adamw": 0.2,
        },
        knobs=(
            Knob(
                "width",
                0.2,
                "half-width of the ravine, unit of x",
                0.0,
                10.0,
                soft=(0.05, 1.0),
                log=True,
                open_low=True,
            ),
            Knob("angle", 25.0, "angle of the ravine to the x axis, degrees", -180.0, 180.0),
        ),
        doc="A ravine in a gentle slope, its walls steepest close to the floor: the rate that "
        "suits the walls bounces on the floor. Turn it, and methods with a step for each "
        "coordinate lose their advantage.",
        source="after Sutton 1986, Two problems with backpropagation and other steepest-descent "
        "learning procedures for networks",
    ),
    Names(
        ("narrow_ravine", "narrow_valley"),
    ),
)

cliff = SURFACES.add(
    Surface(
        name="cliff",
        title="Valley beside a cliff",
        family="deep learning",
        formula="((x - 1)**2 + y**2)/4 + steepness*maximum(x - 1.2, 0)**2",
        bounds=(-4.0, 3.0, -3.0, 3.0),
        start=(-3.5, 2.2),
        minima=(Minimum("1", "0"),),
        convex=True,
        rates={
            "gradient": 0.2,
            "momentum": 0.02,
            "adaptive": 0.5,
            "adagrad": 0.5,
            "adadelta": 5.0,
            "rmsprop": 0.05,
        },
        knobs=(
            Knob(
                "steepness",
                100.0,
                "half the curvature that the cliff adds",
                0.0,
                1e4,
                soft=(1.0, 1000.0),
                log=True,
            ),
        ),
        doc="The minimum lies at the foot of a cliff: a run that arrives with speed touches "
        "the cliff and is thrown far back.",
        source="after Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent "
        "neural networks, fig. 6",
    ),
    Names(
        ("valley_beside_a_cliff",),
    ),
)

sharp_and_flat = SURFACES.add(
    Surface(
        name="sharp_and_flat",
        title="Sharp and flat minimum",
        family="deep learning",
        formula="sharpness*((x - 1.5)**2 + y**2)*((x + 1.5)**2 + y**2)"
        "/(sharpness*((x - 1.5)**2 + y**2) + ((x + 1.5)**2 + y**2))",
        bounds=(-3.5, 3.0, -2.5, 2.5),
        start=(2.1, 1.3),
        minima=(
            Minimum("1.5", "0"),
            Minimum("-1.5", "0"),
        ),
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
            Knob(
                "sharpness",
                25.0,
                "curvature of the right minimum over that of the left",
                1.0,
                1e4,
                soft=(1.0, 200.0),
                log=True,
            ),
        ),
        doc="Two minima of the same loss, one narrow and one wide. A large rate, or noise, "
        "cannot stay in the narrow one: that is how they choose.",
        source="Hochreiter & Schmidhuber 1997, Flat minima; Keskar et al. 2017, On large-batch "
        "training for deep learning; formula made for this page",
    ),
    Names(
        ("sharp_flat", "sharp_and_flat_minimum", "sharp_vs_flat"),
    ),
)

level_minima = SURFACES.add(
    Surface(
        name="level_minima",
        title="Many minima of nearly equal loss",
        family="deep learning",
        formula="((x**2 + y**2)/9)**4 + ripple*(2 - cos(8*x) - cos(8*y))",
        bounds=(-4.0, 4.0, -3.5, 3.5),
        start=(-3.3, 2.1),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={
            "gradient": 0.02,
            "momentum": 0.01,
            "adaptive": 0.2,
            "adadelta": 10.0,
            "rmsprop": 0.02,
            "radam": 0.05,
            "rprop": 0.02,
        },
        knobs=(
            Knob(
                "ripple",
                0.02,
                "a quarter of the height of the ripples, unit of the loss",
                0.0,
                10.0,
                soft=(0.0, 0.2),
            ),
        ),
        doc="High walls around a floor with, at ripple 0.02, 25 shallow minima. Runs end in "
        "different ones, and it hardly matters: so it is in wide networks.",
        source="after Choromanska et al. 2015, The loss surfaces of multilayer networks; formula "
        "made for this page",
    ),
    Names(
        ("many_level_minima",),
    ),
)

two_layer_linear = SURFACES.add(
    Surface(
        name="two_layer_linear",
        title="Two-layer linear network",
        family="deep learning",
        formula="(x*y - 1)**2/2 + decay*(x**2 + y**2)/2",
        bounds=(-2.5, 2.5, -2.2, 2.2),
        start=(-2.1, 1.9),
        minima=(
            Minimum("sqrt(maximum(1 - decay, 0))", "sqrt(maximum(1 - decay, 0))"),
            Minimum("-sqrt(maximum(1 - decay, 0))", "-sqrt(maximum(1 - decay, 0))"),
        ),
        convex=False,
        rates={
            "gradient": 0.05,
            "momentum": 0.01,
            "adaptive": 0.1,
            "adagrad": 1.0,
            "adadelta": 5.0,
            "adamax": 0.2,
        },
        knobs=(
            Knob(
                "decay",
                0.05,
                "weight decay inside the loss; from 1 on both weights die",
                0.0,
                10.0,
                soft=(0.0, 1.0),
                open_low=True,
            ),
        ),
        doc="The smallest deep network: two weights in a row shall multiply to 1. Even with "
        "linear units there is a saddle at 0 and two equal minima; weight decay pulls them "
        "off the hyperbola of perfect fits.",
        source="Baldi & Hornik 1989, Neural networks and principal component analysis; Saxe, "
        "McClelland & Ganguli 2014",
    ),
    Names(
        ("two_layer_linear_network",),
    ),
)

linear_recurrent = SURFACES.add(
    Surface(
        name="linear_recurrent",
        title="Linear recurrent network",
        family="deep learning",
        formula="(x*y - memory)**2 + (x**10*y - memory**10)**2",
        bounds=(-1.5, 1.5, -1.5, 2.5),
        start=(-0.7, 1.4),
        minima=(Minimum("memory", "1"),),
        convex=False,
        rates={
            "gradient": 0.05,
            "momentum": 0.005,
            "adaptive": 0.05,
            "adagrad": 0.2,
            "adadelta": 10.0,
            "rmsprop": 0.01,
        },
        knobs=(
            Knob(
                "memory",
                0.9,
                "the weight to be learnt; its tenth power is what is left after ten steps",
                0.5,
                1.2,
            ),
        ),
        doc="x is applied at each of ten time steps, y at the end. Below 1 in size the far "
        "past vanishes and the surface is flat; above 1 it explodes into a cliff.",
        source="after Bengio, Simard & Frasconi 1994, Learning long-term dependencies with "
        "gradient descent is difficult; formula made for this page",
    ),
    Names(
        ("linear_recurrent_network", "linear_rnn"),
    ),
)

tanh_neuron = SURFACES.add(
    Surface(
        name="tanh_neuron",
        title="Saturating neuron",
        family="deep learning",
        formula="(tanh(y + x) - 0.8)**2 + (tanh(y - x) + 0.5)**2",
        bounds=(-4.0, 4.0, -3.5, 3.5),
        start=(-2.0, 1.2),
        minima=(Minimum("3*log(3)/4", "log(3)/4"),),
        convex=False,
        rates={
            "gradient": 0.2,
            "momentum": 0.01,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 2.0,
            "rmsprop": 0.02,
        },
        doc="One tanh unit with weight x and bias y fits two examples. Far out it is "
        "saturated: the error is large and the gradient nearly 0.",
        source="after Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen, and LeCun "
        "et al. 1998, Efficient backprop; examples made for this page",
    ),
    Names(
        ("saturating_neuron",),
    ),
)

relu_neuron = SURFACES.add(
    Surface(
        name="relu_neuron",
        title="ReLU neuron",
        family="deep learning",
        formula="(maximum(y - x, 0)**2 + (maximum(y + 0.5*x, 0) - 1)**2"
        " + (maximum(y + x, 0) - 1.5)**2 + (maximum(y + 2*x, 0) - 2.5)**2)/4",
        bounds=(-3.0, 3.0, -2.5, 3.0),
        start=(-1.6, 1.8),
        minima=(Minimum("1", "0.5"),),
        convex=False,
        kinked=True,
        rates={
            "gradient": 0.1,
            "momentum": 0.02,
            "adaptive": 0.2,
            "adagrad": 0.5,
            "adadelta": 2.0,
            "rmsprop": 0.02,
            "nadam": 0.1,
        },
        doc="One ReLU unit with weight x and bias y fits four examples. At the lower left it "
        "is dead: it answers 0 to all of them, the gradient is exactly 0, and nothing ever "
        "moves again.",
        source="after Lu, Shin, Su & Karniadakis 2020, Dying ReLU and initialization; examples "
        "made for this page",
    ),
    Names(
        ("dying_relu", "dead_relu"),
    ),
)

logistic_regression = SURFACES.add(
    Surface(
        name="logistic_regression",
        title="Logistic regression",
        family="deep learning",
        formula="(log(1 + exp(-2*x - y)) + log(1 + exp(-2*x + y))"
        " + log(1 + exp(0.5*x - y)) + log(1 + exp(0.5*x + y)))/4",
        bounds=(-4.0, 5.0, -4.0, 4.0),
        start=(-3.2, 3.0),
        minima=(Minimum("0.861402282707813", "0"),),
        convex=True,
        rates={
            "gradient": 0.5,
            "momentum": 0.1,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 50.0,
            "radam": 0.5,
        },
        doc="A classifier with weight x and bias y and four examples, two of them mislabelled: "
        "convex, straight slopes far out and a shallow, wide bottom.",
        source="Cox 1958, The regression analysis of binary sequences; examples made for this page",
    ),
    Names(
        ("logistic", "logreg"),
    ),
)
