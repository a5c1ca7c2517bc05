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
        rates={"gradient": 0.001, "momentum": 0.0005, "adaptive": 0.05},
        knobs=(
            Knob("a", 1.0, "x of the minimum, dimensionless", -3.0, 3.0, soft=(-1.5, 1.5)),
            Knob("b", 100.0, "steepness of the valley walls, dimensionless", 0.0, 1e4,
                 soft=(1.0, 200.0), log=True, open_low=True),
        ),
        doc="A bent, narrow valley: reaching its floor is easy, following it is slow.",
        source="Rosenbrock 1960, An automatic method for finding the greatest or least value "
        "of a function, eq. 1",
    )
)
