"""One weight: the loss reads x alone, so that it is a curve, as textbooks draw it."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

local_and_global_minimum = SURFACES.add(
    Surface(
        name="local_and_global_minimum",
        title="Local and global minimum",
        family="one weight",
        scale="linear",
        formula="x**4/4 - x**3/3 - x**2 + 8/3",
        bounds=(-2.2, 3.2, -2.7, 2.7),
        start=(-1.9, 0.0),
        minima=(Minimum("2", "0"),),
        convex=False,
        rates={"gradient": 0.05, "momentum": 0.02, "adaptive": 0.1},
        doc="The textbook's curve: a shallow local minimum on the left, a hump, and the global "
        "minimum on the right.",
        source="made for this page",
    ),
    Names(
        ("textbook_curve", "one_local_one_global_minimum", "global_and_local_minimum"),
    ),
)

x_squared = SURFACES.add(
    Surface(
        name="x_squared",
        title="Parabola",
        family="one weight",
        scale="linear",
        formula="curvature*x**2/2",
        bounds=(-2.5, 2.5, -2.5, 2.5),
        start=(-2.0, 0.0),
        minima=(Minimum("0", "0"),),
        convex=True,
        rates={"gradient": 0.1, "momentum": 0.02, "adaptive": 0.1},
        knobs=(
            Knob(
                "curvature",
                2.0,
                "second derivative; plain descent diverges above a learning rate of 2/curvature",
                1e-3,
                1e3,
                soft=(0.1, 20.0),
                log=True,
            ),
        ),
        doc="The square of one weight: each step of plain descent shrinks it by the same factor, "
        "1 minus the learning rate times the curvature.",
        source="Nesterov 2018, Lectures on convex optimization, section 1.2.3",
    ),
    Names(
        ("quadratic_1d", "parabola_1d", "square_of_x"),
    ),
)

absolute_value = SURFACES.add(
    Surface(
        name="absolute_value",
        title="Absolute value",
        family="one weight",
        scale="linear",
        formula="abs(x)",
        bounds=(-2.5, 2.5, -2.5, 2.5),
        start=(-2.0, 0.0),
        minima=(Minimum("0", "0"),),
        convex=True,
        kinked=True,
        rates={
            "gradient": 0.05,
            "momentum": 0.01,
            "adaptive": 0.05,
            "adadelta": 2.0,
            "adahessian": 0.0002,
        },
        doc="The same slope everywhere, up to the kink: at a constant learning rate plain descent "
        "goes to and fro over the minimum and does not come nearer.",
        source="Boyd, Xiao & Mutapcic 2003, Subgradient methods, section 2",
    ),
    Names(
        ("abs_x", "absolute_loss"),
    ),
)

double_well = SURFACES.add(
    Surface(
        name="double_well",
        title="Double well",
        family="one weight",
        scale="linear",
        formula="(x**2 - 1)**2",
        bounds=(-1.8, 1.8, -1.8, 1.8),
        start=(0.1, 0.0),
        minima=(Minimum("-1", "0"), Minimum("1", "0")),
        convex=False,
        rates={"gradient": 0.05, "momentum": 0.01, "adaptive": 0.05},
        doc="A hump between equal minima: on which side a run starts, and how fast it is, decides "
        "where it ends.",
        source="the quartic double well, as in Landau 1937, On the theory of phase transitions",
    ),
    Names(
        ("two_wells", "quartic_double_well"),
    ),
)

wavy_parabola = SURFACES.add(
    Surface(
        name="wavy_parabola",
        title="Wavy parabola",
        family="one weight",
        scale="linear",
        formula="x**2/8 + waves*(1 - cos(4*x))",
        bounds=(-5.0, 5.0, -5.0, 5.0),
        start=(-4.3, 0.0),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={"gradient": 0.05, "momentum": 0.05, "adaptive": 0.2},
        knobs=(
            Knob(
                "waves",
                0.25,
                "height of the waves, loss; at 0 it is a parabola",
                0.0,
                2.0,
            ),
        ),
        doc="A parabola with waves on it: many local minima, out of which momentum, noise or a "
        "large learning rate may lead.",
        source="made for this page, after Rastrigin 1974, Systems of extremal control",
    )
)

one_weight_cliff = SURFACES.add(
    Surface(
        name="one_weight_cliff",
        title="Cliff over one weight",
        family="one weight",
        scale="linear",
        formula="x**2/20 + 1 - tanh(steepness*(x + 2))",
        bounds=(-5.0, 5.0, -5.0, 5.0),
        start=(-4.0, 0.0),
        minima=(Minimum("0", "0"),),
        convex=False,
        rates={"gradient": 0.2, "momentum": 0.05, "adaptive": 0.1, "adadelta": 5.0},
        knobs=(
            Knob(
                "steepness",
                12.5,
                "slope of the cliff, loss per unit of x",
                10.0,
                100.0,
            ),
        ),
        doc="A high plain, a cliff and a bowl below: on the cliff the gradient is so large that "
        "one step leads far away, unless gradients are clipped.",
        source="after Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent "
        "neural networks, section 2.3",
    )
)

sigmoid_neuron = SURFACES.add(
    Surface(
        name="sigmoid_neuron",
        title="One sigmoid neuron",
        family="one weight",
        scale="linear",
        formula="((1 + tanh(x/2))/2 - target)**2",
        bounds=(-8.0, 8.0, -8.0, 8.0),
        start=(-4.0, 0.0),
        minima=(Minimum("log(target/(1 - target))", "0"),),
        convex=False,
        rates={"gradient": 1.0, "momentum": 0.2, "adaptive": 0.1, "adadelta": 5.0},
        knobs=(
            Knob(
                "target",
                0.8,
                "what the neuron is to answer, between 0 and 1",
                0.02,
                0.98,
            ),
        ),
        doc="The squared error of a sigmoid neuron with one weight and the input 1: where it is "
        "badly wrong it is saturated, and the slope vanishes.",
        source="Nielsen 2015, Neural networks and deep learning, chapter 3, on the cross-entropy",
    ),
    Names(
        ("saturated_neuron", "vanishing_slope"),
    ),
)
