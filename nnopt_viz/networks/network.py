"""What a network is: its shape, and how its parameters lie in one flat vector."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.declare.registry import Registry
from nnopt_viz.formula.once import once
from nnopt_viz.networks.activations import activation_knob
from nnopt_viz.networks.losses import LOSSES, LOSSES_ELSEWHERE

if TYPE_CHECKING:
    from nnopt_viz.networks.datasets import Data

MAX_LAYERS = 10
MAX_UNITS = 64
Array = NDArray[Any]


@dataclass(frozen=True)
class Group:
    """A named part of the flat vector: one layer's weights, bias, scale or shift.

    Args:
        name: "W1", "b1", "gamma1", "beta1"; the number is the layer's.
        layer: from 1; the output layer is the last.
        kind: "weight", "bias", or of batch normalization "scale" (gamma) and "shift" (beta).
        start, stop: its place in the flat vector.
        shape: (inputs, outputs) of a weight, else (units,).
    """

    name: str
    layer: int
    kind: Literal["weight", "bias", "scale", "shift"]
    start: int
    stop: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Network:
    """A multilayer perceptron.

    Args:
        inputs: how many numbers a sample has.
        hidden: units of each hidden layer; () for none.
        outputs: 1 for two classes and for regression, else one for each class.
        activation: a name from ACTIVATIONS, of every hidden layer.
        batchnorm: batch normalization of every hidden layer, between its linear map and its
            activation (Ioffe & Szegedy 2015, algorithm 1).
        loss: a name from LOSSES, a mean over the samples.
        l2: adds l2/2 times the sum of all squared weights (no biases, no scales, no shifts).
        kind: of the targets: "binary", "classes" or "regression".
    """

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: str
    batchnorm: bool
    loss: str
    l2: float
    kind: str

    @once
    def sizes(self) -> tuple[int, ...]:
        """Numbers between the layers, inputs and outputs included."""
        return (self.inputs, *self.hidden, self.outputs)

    @once
    def groups(self) -> tuple[Group, ...]:
        """W1, b1 (or gamma1, beta1), W2 … in the order of the flat vector."""
        made: list[Group] = []
        for layer, (inside, out) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), 1):
            normal = self.batchnorm and layer <= len(self.hidden)
            parts: list[tuple[str, Any, tuple[int, ...]]] = [("W", "weight", (inside, out))]
            if normal:
                parts += [("gamma", "scale", (out,)), ("beta", "shift", (out,))]
            else:
                parts += [("b", "bias", (out,))]
            for word, kind, shape in parts:
                start = made[-1].stop if made else 0
                size = inside * out if kind == "weight" else out
                made.append(Group(f"{word}{layer}", layer, kind, start, start + size, shape))
        return tuple(made)

    @once
    def widest(self) -> int:
        """The most numbers that lie between two layers."""
        return max(self.sizes)

    @once
    def size(self) -> int:
        """How many parameters there are."""
        return self.groups[-1].stop

    @property
    def layers(self) -> int:
        """Hidden layers and the output layer."""
        return len(self.hidden) + 1

    def parts(self, theta: Array) -> list[dict[str, Array]]:
        """For every layer its groups by kind, views of theta (L, P), or of one vector (P,):
        "weight" (L, in, out); "scale" and "shift" (L, out, 1), or else "affine" (L, in + 1,
        out), which is the weights with the bias below them."""
        made = self.cut(theta)
        for parts in made:
            if "affine" in parts:
                parts["weight"] = parts["affine"][..., :-1, :]
        return made

    def cut(self, theta: Array) -> list[dict[str, Array]]:
        """The same without the weights that are part of "affine"."""
        lead = theta.shape[:-1]
        return [
            {kind: theta[..., part].reshape(lead + shape) for kind, part, shape in layer}
            for layer in self._plan
        ]

    @once
    def _plan(self) -> tuple[tuple[tuple[str, slice, tuple[int, ...]], ...], ...]:
        """For every layer: kind, place and shape of what is cut out of the flat vector."""
        plan: list[tuple[tuple[str, slice, tuple[int, ...]], ...]] = []
        for layer in range(1, self.layers + 1):
            weight, *others = (g for g in self.groups if g.layer == layer)
            inside, out = weight.shape
            whole = ("weight", slice(weight.start, weight.stop), (inside, out))
            if others[0].kind == "bias":
                affine = ("affine", slice(weight.start, others[0].stop), (inside + 1, out))
                plan.append((affine,))
            else:
                normal = [(g.kind, slice(g.start, g.stop), (out, 1)) for g in others]
                plan.append((whole, *normal))
        return tuple(plan)


@dataclass(frozen=True, slots=True)
class NetworkKind:
    """A kind of network in the registry."""

    name: str
    title: str
    family: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str


NETS: Registry[NetworkKind] = Registry("network")
NETS.add(
    NetworkKind(
        "mlp",
        "Multilayer perceptron",
        "perceptrons",
        (
            Knob(
                "hidden",
                "16,16",
                f"units of each hidden layer: up to {MAX_LAYERS} numbers from 1 to {MAX_UNITS}, "
                "with commas; nothing for a linear model",
                kind="text", also=("layers", "hidden_layers", "hidden_layer_sizes", "units"),
            ),
            activation_knob("relu"),
            Knob(
                "batchnorm", False, "batch normalization of every hidden layer", kind="flag",
                also=("batch_norm", "batch_normalization", "bn"),
            ),
            Knob(
                "loss", "auto", "auto: cross-entropy for classes, squared error for regression",
                kind="choice", choices=("auto", *LOSSES),
                also=("criterion",), spelled=LOSSES_ELSEWHERE,
            ),
            Knob(
                "l2", 0.0, "adds l2/2 times the sum of the squared weights to the loss", 0.0, 100.0,
                soft=(0.0, 0.1), also=("l2_penalty", "kernel_regularizer"),
            ),
        ),
        "Layers of linear maps, each followed by the same bend, the last one without.",
        "Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors",
    ),
    Names(
        ("multilayer_perceptron", "fully_connected", "feed_forward", "ffnn", "dense"),
        akin={
            "cnn": "there are only fully connected networks, mlp",
            "transformer": "there are only fully connected networks, mlp",
            "linear_model": 'write mlp(hidden="")',
            "perceptron": 'it has no hidden layer; write mlp(hidden="")',
        },
    ),
)  # fmt: skip


def hidden_units(text: str) -> tuple[int, ...]:
    """The knob `hidden` as numbers.

    Raises:
        ValueError: a plain sentence, when it can't be read or is out of range.
    """
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    if not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        raise ValueError('hidden is whole numbers with commas, such as "16,16"')
    units = tuple(int(part) for part in parts)
    if len(units) > MAX_LAYERS:
        raise ValueError(f"There can be at most {MAX_LAYERS} hidden layers, not {len(units)}")
    if any(not 1 <= unit <= MAX_UNITS for unit in units):
        raise ValueError(f"A hidden layer has 1 to {MAX_UNITS} units")
    return units


def network_of(net: Call, data: Data) -> Network:
    """The network that a call means on this data.

    Raises:
        ValueError: when its hidden layers can't be read, or its loss does not fit the data.
    """
    loss = str(net["loss"])
    if data.kind == "regression" and loss == "cross_entropy":
        raise ValueError("cross_entropy needs classes; this data set has numbers as targets")
    if loss == "auto":
        loss = "squared_error" if data.kind == "regression" else "cross_entropy"
    outputs = data.classes if data.kind == "classes" else 1
    return Network(
        data.inputs, hidden_units(str(net["hidden"])), outputs, str(net["activation"]),
        bool(net["batchnorm"]), loss, net.number("l2"), data.kind,
    )  # fmt: skip
