"""Initializers against torch.nn.init: the spread exactly, the distribution over many draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.declare.streams import WEIGHTS
from nnopt_viz.networks import INITS, Network, start_weights
from tests.support.live import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.support.recording import Recorder

    Array = NDArray[np.float64]

pytestmark = pytest.mark.conformance

INPUTS, UNITS = 64, 32
WIDE = Network(INPUTS, (UNITS, UNITS), 1, "relu", False, "squared_error", 0.0, "regression")
SEEDS = range(400)
# Two samples of one distribution are further apart than this times sqrt(2/n) once in a thousand
# times: Smirnov 1948, Table for estimating the goodness of fit of empirical distributions.
ONCE_IN_A_THOUSAND = 1.95


def first_layer(name: str, seeds: Any, **knobs: Any) -> Array:
    """Weights of the first layer, shape (seeds, inputs, units)."""
    made = start_weights(INITS.call(name, **knobs), WIDE, seeds)
    return made[:, : INPUTS * UNITS].reshape(-1, INPUTS, UNITS)


def _named(function: str, **given: Any) -> tuple[str, Callable[[Any], Any]]:
    said = ", ".join(f"{key}={value!r}" for key, value in given.items())
    return (
        f"torch.nn.init.{function}" + (f"({said})" if said else ""),
        lambda weights: getattr(torch.nn.init, function)(weights, **given),
    )


# name -> its name in torch.nn.init, and that function
PEERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "zeros": _named("zeros_"),
    "constant": _named("constant_", val=0.5),
    "normal": _named("normal_"),
    "uniform": _named("uniform_", a=-1.0, b=1.0),
    "lecun_normal": _named("kaiming_normal_", nonlinearity="linear"),
    "xavier_normal": _named("xavier_normal_"),
    "xavier_uniform": _named("xavier_uniform_"),
    "he_normal": _named("kaiming_normal_", nonlinearity="relu"),
    "he_uniform": _named("kaiming_uniform_", nonlinearity="relu"),
    "orthogonal": _named("orthogonal_"),
}


def drawn_by_torch(name: str, count: int) -> Array:
    """As many matrices of torch's; its weights are (units, inputs)."""
    torch.manual_seed(1)
    make = PEERS[name][1]
    made = [make(torch.empty(UNITS, INPUTS, dtype=torch.float64)).numpy() for _ in range(count)]
    return np.stack(made)


def test_every_initializer_has_its_peer() -> None:
    assert set(PEERS) == set(INITS)


@pytest.mark.parametrize("name", ["zeros", "constant"])
def test_what_is_not_drawn_is_the_same(name: str, evidence: Recorder) -> None:
    ours, theirs = first_layer(name, [3])[0].T, drawn_by_torch(name, 1)[0]
    apart = float(np.abs(ours - theirs).max())
    assert apart == 0
    evidence.compared(
        "initializers", name, PEERS[name][0], "weights", [apart], steps=[0], what="Weights"
    )


def distance(one: Array, other: Array) -> float:
    """The largest difference of two empirical distribution functions."""
    both = np.sort(np.concatenate([one, other]))
    shares = [
        np.searchsorted(np.sort(part), both, side="right") / part.size for part in (one, other)
    ]
    return float(np.abs(shares[0] - shares[1]).max())


@pytest.mark.parametrize("name", [name for name in PEERS if name not in ("zeros", "constant")])
def test_what_is_drawn_has_torchs_distribution(name: str, evidence: Recorder) -> None:
    """819,200 weights each. Moved, or spread otherwise by 2 %, ours would be seen."""
    ours, theirs = first_layer(name, SEEDS).ravel(), drawn_by_torch(name, len(SEEDS)).ravel()
    bound = ONCE_IN_A_THOUSAND * np.sqrt(2 / ours.size)
    apart = distance(ours, theirs)
    assert apart <= bound
    assert distance(1.02 * ours, theirs) > bound
    assert distance(ours + 0.02 * ours.std(), theirs) > bound
    evidence.compared(
        "initializers", name, PEERS[name][0], "distribution", [apart], steps=[0],
        what=f"Distribution function of {ours.size:,} weights",
        why="as chance makes it: two samples of one distribution are further apart than "
        f"{bound:.4f} once in a thousand times",
    )  # fmt: skip


def gained(name: str) -> float:
    """Half the width of what is uniform, or the standard deviation, by torch's own gains."""
    gain = torch.nn.init.calculate_gain
    return {
        "lecun_normal": gain("linear") / np.sqrt(INPUTS),
        "xavier_normal": gain("linear") * np.sqrt(2 / (INPUTS + UNITS)),
        "xavier_uniform": gain("linear") * np.sqrt(6 / (INPUTS + UNITS)),
        "he_normal": gain("relu") / np.sqrt(INPUTS),
        "he_uniform": gain("relu") * np.sqrt(3 / INPUTS),
    }[name]


@pytest.mark.parametrize("name", ["lecun_normal", "xavier_normal", "xavier_uniform", "he_normal",
                                  "he_uniform"])  # fmt: skip
def test_gains_are_torchs_exactly(name: str, evidence: Recorder) -> None:
    """Weights over the plain draws of the same generator are the factor itself."""
    rng = WEIGHTS.generator(9)
    shape = (INPUTS, UNITS)
    plain = rng.standard_normal(shape) if "normal" in name else rng.uniform(-1, 1, shape)
    factor, wanted = first_layer(name, [9])[0] / plain, gained(name)
    apart = float(np.abs(factor / wanted - 1).max())
    # of a uniform draw near 0 the last place is lost: low + (high - low)*u, with low = -high
    assert np.median(np.abs(factor / wanted - 1)) <= 1e-15
    assert apart <= 1e-11
    evidence.compared(
        "initializers", name, "torch.nn.init.calculate_gain", "gain",
        [float(abs(np.median(factor) / wanted - 1))], steps=[0],
        what="Factor on the draws",
    )  # fmt: skip


def test_orthogonal_matrices_are_as_torchs(evidence: Recorder) -> None:
    """Orthonormal columns or rows, whichever are fewer, times the gain."""
    found = []
    for shape in ((5, 5), (9, 4), (4, 9)):
        network = Network(
            shape[0], (shape[1],), 1, "relu", False, "squared_error", 0.0, "regression"
        )
        ours = start_weights(INITS.call("orthogonal", gain=1.5), network, [2])[0]
        weights = ours[: shape[0] * shape[1]].reshape(shape)
        other = torch.nn.init.orthogonal_(
            torch.empty(*shape, dtype=torch.float64), gain=1.5
        ).numpy()
        squares = [m.T @ m if shape[0] >= shape[1] else m @ m.T for m in (weights, other)]
        found.append(float(np.abs(squares[0] - squares[1]).max()))
    assert max(found) <= 1e-14
    evidence.compared(
        "initializers", "orthogonal", "torch.nn.init.orthogonal_", "products", found, steps=[0],
        what="Products of columns, or of rows",
    )  # fmt: skip
