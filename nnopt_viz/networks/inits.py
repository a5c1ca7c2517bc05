"""Initializers: where training starts. A new one is one declaration here.

Biases and shifts start at 0 and scales at 1 with every initializer but `constant`; each lane
draws from a generator of its own, so a seed means the same weights however many run together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.declare.registry import Registry
from nnopt_viz.declare.streams import WEIGHTS

if TYPE_CHECKING:
    from nnopt_viz.networks.network import Network

Array = NDArray[np.float64]

Draw = Callable[[np.random.Generator, int, int, dict[str, float]], Array]


@dataclass(frozen=True, slots=True)
class Init:
    """An initializer.

    Args:
        draw: (generator, inputs, outputs, knobs) -> weights (inputs, outputs).
        fills: does it set biases too (all parameters but those of batch normalization)?
    """

    name: str
    title: str
    family: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str
    draw: Draw
    fills: bool = False


INITS: Registry[Init] = Registry("initializer", ("constant", "fixed spread", "by layer size"))


def _normal(std: Callable[[int, int, dict[str, float]], float]) -> Draw:
    return lambda rng, i, o, knobs: std(i, o, knobs) * rng.standard_normal((i, o))


def _uniform(bound: Callable[[int, int, dict[str, float]], float]) -> Draw:
    def draw(rng: np.random.Generator, i: int, o: int, knobs: dict[str, float]) -> Array:
        b = bound(i, o, knobs)
        return rng.uniform(-b, b, (i, o))

    return draw


def _orthogonal(rng: np.random.Generator, i: int, o: int, knobs: dict[str, float]) -> Array:
    a = rng.standard_normal((max(i, o), min(i, o)))
    q, r = np.linalg.qr(a)
    q = q * np.sign(np.diag(r))  # so that every orthogonal matrix is equally likely
    return np.asarray(knobs["gain"] * (q if i >= o else q.T))


_SIZE = "inputs of the layer"
_ENTRIES: tuple[tuple[Any, ...], ...] = (
    ("zeros", "All zeros", "constant", (), "Every weight is 0: hidden units begin alike, and "
     "their gradients stay alike.", "the counterexample of every textbook",
     lambda rng, i, o, k: np.zeros((i, o))),
    ("constant", "One constant", "constant",
     (Knob("value", 0.5, "every weight and bias, dimensionless", -100.0, 100.0, soft=(-1.0, 1.0)),),
     "All weights and biases are the same number: hidden units begin as copies of each other, and "
     "their gradients stay copies.",
     "as torch.nn.init.constant_", lambda rng, i, o, k: np.full((i, o), k["value"]), True),
    ("normal", "Normal", "fixed spread",
     (Knob("std", 1.0, "standard deviation, dimensionless", 0.0, 100.0, soft=(0.0, 3.0)),),
     "Independent normal weights of one spread for every layer, whatever its size.",
     "as torch.nn.init.normal_", _normal(lambda i, o, k: k["std"])),
    ("uniform", "Uniform", "fixed spread",
     (Knob("bound", 1.0, "weights lie between -bound and bound", 0.0, 100.0, soft=(0.0, 3.0)),),
     "Independent uniform weights between two bounds, for every layer the same.",
     "as torch.nn.init.uniform_", _uniform(lambda i, o, k: k["bound"])),
    ("lecun_normal", "LeCun normal", "by layer size", (),
     f"Normal with variance 1/({_SIZE}): keeps the spread of a linear layer's signal.",
     "LeCun, Bottou, Orr & Müller 1998, Efficient backprop, equation 16",
     _normal(lambda i, o, k: 1 / np.sqrt(i))),
    ("xavier_normal", "Xavier normal", "by layer size", (),
     "Normal with variance 2/(inputs + outputs): between what the signal and what the gradient "
     "asks for.", "Glorot & Bengio 2010, Understanding the difficulty of training deep "
     "feedforward neural networks, equation 12", _normal(lambda i, o, k: np.sqrt(2 / (i + o)))),
    ("xavier_uniform", "Xavier uniform", "by layer size", (),
     "Uniform with the variance of Xavier normal: bound sqrt(6/(inputs + outputs)).",
     "Glorot & Bengio 2010, equation 16", _uniform(lambda i, o, k: np.sqrt(6 / (i + o)))),
    ("he_normal", "He normal", "by layer size", (),
     f"Normal with variance 2/({_SIZE}): makes up for relu, which lets half of the signal pass.",
     "He, Zhang, Ren & Sun 2015, Delving deep into rectifiers, equation 10",
     _normal(lambda i, o, k: np.sqrt(2 / i))),
    ("he_uniform", "He uniform", "by layer size", (),
     f"Uniform with the variance of He normal: bound sqrt(6/({_SIZE})).",
     "He, Zhang, Ren & Sun 2015, equation 10", _uniform(lambda i, o, k: np.sqrt(6 / i))),
    ("orthogonal", "Orthogonal", "by layer size",
     (Knob("gain", 1.0, "factor on the orthogonal matrix", 0.0, 100.0, soft=(0.5, 2.0)),),
     "Rows or columns are orthonormal, times gain: at gain 1 a linear layer that is no narrower "
     "than what it is given keeps lengths.",
     "Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in "
     "deep linear neural networks, section 3", _orthogonal),
)  # fmt: skip
# What other libraries call them.
_CALLED = {
    "zeros": Names(("zero", "all_zeros")),
    "constant": Names(akin={"ones": "write constant(value=1)"}),
    "normal": Names(
        ("random_normal", "gaussian"),
        akin={
            "truncated_normal": "normal draws from the whole bell",
            "trunc_normal": "normal draws from the whole bell",
        },
    ),
    "uniform": Names(("random_uniform",)),
    "lecun_normal": Names(
        akin={
            "lecun": "there is lecun_normal",
            "lecun_uniform": "the same spread, normal, is lecun_normal",
        }
    ),
    "xavier_normal": Names(("glorot_normal",)),
    "xavier_uniform": Names(
        ("glorot_uniform",),
        akin={
            "xavier": "there are xavier_normal and xavier_uniform",
            "glorot": "there are xavier_normal and xavier_uniform",
        },
    ),
    "he_normal": Names(("kaiming_normal",)),
    "he_uniform": Names(
        ("kaiming_uniform",),
        akin={
            "he": "there are he_normal and he_uniform",
            "kaiming": "there are he_normal and he_uniform",
        },
    ),
}

for _entry in _ENTRIES:
    INITS.add(Init(*_entry), _CALLED.get(_entry[0]))


def start_weights(init: Call, network: Network, seeds: Sequence[int]) -> Array:
    """Start weights, a lane for each seed, shape (L, P), float64."""
    entry, knobs = INITS[init.name], init.numbers()
    theta = np.zeros((len(seeds), network.size))
    for row, seed in zip(theta, seeds, strict=True):
        rng = WEIGHTS.generator(seed)
        for group in network.groups:
            part = row[group.start : group.stop]
            if group.kind == "weight":
                inside, out = group.shape
                part[:] = entry.draw(rng, inside, out, knobs).ravel()
            elif group.kind == "scale":
                part[:] = 1.0
            elif group.kind == "bias" and entry.fills:
                part[:] = knobs["value"]
    return theta
