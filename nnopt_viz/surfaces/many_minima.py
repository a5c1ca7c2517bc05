"""Many minima: where you end depends on where, and how, you go."""

from nnopt_viz.knobs import Knob
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

himmelblau = SURFACES.add(
    Surface(
        name="himmelblau",
        title="Himmelblau",
        family="many minima",
        formula="(x**2 + y - 11)**2 + (x + y**2 - 7)**2 + tilt*((x - 3)**2 + (y - 2)**2)",
        bounds=(-6.0, 6.0, -5.0, 5.0),
        start=(0.0, -3.0),
        minima=(
            Minimum("3", "2"),
            Minimum("-2.805118086952745", "3.131312518250573", when="tilt == 0"),
            Minimum("-3.779310253377747", "-3.283185991286170", when="tilt == 0"),
            Minimum("3.584428340330492", "-1.848126526964404", when="tilt == 0"),
        ),
        convex=False,
        rates={"gradient": 0.002, "momentum": 0.002, "adaptive": 0.2, "rmsprop": 0.05},
        knobs=(
            Knob("tilt", 0.0, "above 0, one of the four minima becomes the only global one",
                 0.0, 10.0, soft=(0.0, 2.0)),
        ),
        doc="Four minima of equal loss; with tilt above 0 one is global and three are local.",
        source="Himmelblau 1972, Applied Nonlinear Programming, p. 428",
    )
)
