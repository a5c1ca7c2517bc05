"""Traps: a local minimum that is easy to enter and hard to leave."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

steep_walled_trap = SURFACES.add(
    Surface(
        name="steep_walled_trap",
        title="Steep-walled trap",
        family="traps",
        formula="((x - 2)**2 + (y + 1)**2)/4"
        "*(1 - depth*exp(-((x + 1.5)**2 + (y - 1)**2)/width**2))"
        " + 3*exp(-steepness*(((x + 1.5)**2 + (y - 1)**2)/width**2 - 1)**2)",
        bounds=(-4.5, 4.5, -4.0, 4.0),
        start=(-3.8, 3.2),
        minima=(Minimum("2", "-1"),),
        convex=False,
        rates={
            "gradient": 0.1,
            "momentum": 0.01,
            "adaptive": 0.2,
            "adagrad": 0.5,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "adamax": 0.5,
            "radam": 0.2,
        },
        knobs=(
            Knob(
                "depth",
                0.8,
                "share of the loss that the trap takes away; at 1 it would be as "
                "deep as the global minimum",
                0.0,
                0.99,
            ),
            Knob("width", 0.9, "radius of the wall, unit of x", 0.1, 1.2),
            Knob(
                "steepness",
                4.0,
                "how thin and steep the wall is, dimensionless",
                1.0,
                100.0,
                soft=(1.0, 20.0),
            ),
        ),
        doc="A local minimum ringed by steep walls, beside a wider global one: what falls in "
        "stays in.",
        source="made for this page",
    ),
    Names(
        ("steep_walled_minimum",),
    ),
)

tilted_double_well = SURFACES.add(
    Surface(
        name="tilted_double_well",
        title="Tilted double well",
        family="traps",
        formula="(x**2 - 1)**2 + tilt*x + y**2/2",
        bounds=(-2.0, 2.0, -1.75, 1.75),
        start=(1.8, 1.2),
        minima=(
            Minimum(
                "-2/sqrt(3)*cos(pi/6 - atan(tilt*sqrt(27)/sqrt(64 - 27*tilt**2))/3)",
                "0",
                when="tilt >= 0",
            ),
            Minimum(
                "2/sqrt(3)*cos(pi/6 + atan(tilt*sqrt(27)/sqrt(64 - 27*tilt**2))/3)",
                "0",
                when="tilt <= 0",
            ),
        ),
        convex=False,
        rates={
            "gradient": 0.05,
            "momentum": 0.02,
            "adaptive": 0.1,
            "adagrad": 0.2,
            "adadelta": 2.0,
            "rmsprop": 0.02,
            "radam": 0.05,
        },
        knobs=(
            Knob(
                "tilt",
                0.3,
                "raises the right well and lowers the left one; beyond 1.54 only one is left",
                -1.5,
                1.5,
            ),
        ),
        doc="The textbook curve with a local and a global minimum, along x; along y it is a bowl.",
        source="the quartic double well with a linear tilt, as in Landau 1937, On the theory of "
        "phase transitions",
    ),
)

freudenstein_roth = SURFACES.add(
    Surface(
        name="freudenstein_roth",
        title="Freudenstein–Roth",
        family="traps",
        formula="(x - 13 + ((5 - y)*y - 2)*y)**2 + (x - 29 + ((y + 1)*y - 14)*y)**2",
        bounds=(-5.0, 20.0, -3.0, 6.0),
        start=(16.3, 5.0),
        minima=(Minimum("5", "4"),),
        convex=False,
        rates={
            "gradient": 0.0001,
            "momentum": 0.0002,
            "adaptive": 0.5,
            "nesterov": 5e-05,
            "adagrad": 1.0,
            "adadelta": 5.0,
            "rmsprop": 0.05,
            "radam": 0.0001,
            "acprop": 0.0005,
        },
        doc="Two long bent valleys: one ends in the global minimum of loss 0, the other, "
        "easier to enter, in a local one of loss 49.",
        source="Freudenstein & Roth 1963, Numerical solution of systems of nonlinear equations; "
        "Moré, Garbow & Hillstrom 1981, problem 2",
    ),
    Names(
        ("freudenstein_and_roth",),
    ),
)
