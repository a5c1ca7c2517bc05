"""Networks with exactly two free weights: here the surface is no slice but the whole truth.

The loss is the lab's own (mean squared error, plus l2/2 times the squared weights), written out
over a few data points; x is the weight into the hidden unit, y the one out of it, and the biases
are frozen at 0.
"""

from __future__ import annotations

from nnopt_viz.declare.names import Names
from nnopt_viz.surfaces.surface import SURFACES, Minimum, Surface

# (input, target): 2*tanh(u*log(3)/2) at u = 1, 2, 3, so that the fit is exact.
NEURON_DATA = (("1", "1"), ("2", "1.6"), ("3", "13/7"))
# Mean of u**2 is 25/16, mean of u*v is 35/16: the best product is 171/125, with the penalty.
CHAIN_DATA = (("-1", "-2"), ("0.5", "0.5"), ("1", "0.5"), ("2", "3"))
CHAIN_L2 = "0.1"


def mean_squared_error(said: str, data: tuple[tuple[str, str], ...]) -> str:
    """The loss as formula text; `said` is what the network answers to the input {u}."""
    return "(" + " + ".join(f"({said.format(u=u)} - ({v}))**2" for u, v in data) + f")/{len(data)}"


one_hidden_neuron = SURFACES.add(
    Surface(
        name="one_hidden_neuron",
        title="One hidden neuron",
        family="network",
        formula=mean_squared_error("y*tanh(({u})*x)", NEURON_DATA),
        bounds=(-3.0, 3.0, -3.5, 3.5),
        start=(-1.6, 1.2),
        minima=(Minimum("log(3)/2", "2"), Minimum("-log(3)/2", "-2")),
        convex=False,
        rates={
            "gradient": 0.1,
            "momentum": 0.02,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 2.0,
            "rmsprop": 0.02,
        },
        doc="A whole network with two weights, into and out of one tanh unit, fits three points. "
        "Turning both signs changes nothing, so there are two equal minima, with a saddle "
        "between them.",
        source="Sussmann 1992, Uniqueness of the weights for minimal feedforward nets with a given "
        "input-output map; data made for this page",
    ),
    Names(
        ("one_hidden_unit", "one_neuron_network"),
    ),
)

linear_chain = SURFACES.add(
    Surface(
        name="linear_chain",
        title="Chain of two linear units",
        family="network",
        formula=mean_squared_error("x*y*({u})", CHAIN_DATA) + f" + {CHAIN_L2}/2*(x**2 + y**2)",
        bounds=(-2.5, 2.5, -2.2, 2.2),
        start=(-2.1, 1.7),
        minima=(
            Minimum("sqrt(171/125)", "sqrt(171/125)"),
            Minimum("-sqrt(171/125)", "-sqrt(171/125)"),
        ),
        convex=False,
        rates={
            "gradient": 0.03,
            "momentum": 0.005,
            "adaptive": 0.1,
            "adagrad": 0.5,
            "adadelta": 3.0,
            "rmsprop": 0.02,
        },
        doc="A whole network with two linear weights in a row fits four points. The product is all "
        "that counts for the fit; the penalty on the squared weights makes them equal.",
        source="Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear dynamics of "
        "learning in deep linear neural networks; data made for this page",
    ),
    Names(
        ("chain_of_two_linear_units", "linear_units"),
        akin={"linear_regression": "a line fitted to three points is covariate_shift"},
    ),
)
