"""Activations against torch and against the error function, and that each says which form it is."""

from __future__ import annotations

import math
import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.catalogue.evidence import ROUNDING
from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.training import train
from nnopt_viz.networks import NETS
from nnopt_viz.networks.activations import ACTIVATIONS, normal_distribution
from nnopt_viz.page import controls
from nnopt_viz.page.pages.network import HELP
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.support.recording import Recorder

    Array = NDArray[np.float64]

CANCELLED = "rounding of 1 minus a number next to 1, enlarged by the square of the input"
FULL = "&data=moons(n=60)&batch=2000&epochs=60&seed=1"


@pytest.fixture(scope="module")
def torch() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other people's deprecations
        return pytest.importorskip("torch", reason="needs the extra `conformance`")


def theirs(torch: Any, name: str) -> Any:
    """What the declaration says it is called in torch.nn."""
    return eval(ACTIVATIONS[name].torch, vars(torch.nn))


@pytest.mark.recorded
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_slope_and_bend_are_torchs(torch: Any, name: str, evidence: Recorder) -> None:
    """Kinks are left out: no point lies on one. 1e-13: tanh's bend near 12 is what is left of
    1 - tanh(…)**2, times 12**2."""
    points = np.random.default_rng(5).uniform(-12, 12, 4000)
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    value = theirs(torch, name)(x)
    (slope,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    bend = torch.zeros_like(x)
    if slope.requires_grad:
        (bend,) = torch.autograd.grad(slope.sum(), x)
    made = ACTIVATIONS[name]
    given = made.value(points, np.empty_like(points))
    found = [given, made.slope(points, given)]
    found.append(np.zeros_like(points) if made.bend is None else made.bend(points, given))
    apart = []
    for ours, other in zip(found, (value, slope, bend), strict=True):
        apart.append(float(np.abs(ours - other.detach().numpy()).max()))
    assert max(apart) <= 1e-13
    evidence.compared(
        "activations", name, f"torch.nn.{made.torch}", "values", [max(apart)], steps=[0],
        what="Value, slope and second derivative at 4000 points within 12 of 0",
        why=CANCELLED if max(apart) > ROUNDING else "",
    )  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_formula_is_what_is_computed(name: str) -> None:
    """What the catalogue shows, computed by the formula core."""
    made, points = ACTIVATIONS[name], np.linspace(-9, 9, 1801)
    shown = evaluate(surface("formula", f=re.sub(r"\bu\b", "x", made.formula)), points, 0 * points)
    np.testing.assert_allclose(made.value(points, np.empty_like(points)), shown, atol=4e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_normal_distribution_is_that_of_the_error_function(dtype: Any) -> None:
    """Of random numbers of every size, and of those that are none."""
    rng = np.random.default_rng(7)
    size = 10 ** rng.uniform(-18, 3, (SCENARIOS, 20))
    u = (size * rng.choice([-1, 1], size.shape)).astype(dtype)
    u[0, :5] = np.nan, np.inf, -np.inf, 0.0, -8.0
    with np.errstate(all="ignore"):
        found = normal_distribution(u)
    assert found.dtype == dtype
    wanted = np.vectorize(lambda v: math.erfc(-v / math.sqrt(2)) / 2)(u.astype(float))
    unit = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1.5 * unit)
    if dtype == np.float64:
        near = u > -8
        np.testing.assert_allclose(found[near], wanted[near], rtol=1e-12)


@pytest.mark.parametrize("name", ["gelu", "gelu_exact"])
def test_sixty_steps_are_those_of_torchs_module(torch: Any, name: str) -> None:
    """Each form follows the module that it says it is; the two are far apart by then."""
    lab = decode_lab(f'net=mlp(hidden="8,8",activation={name})&run=sgd(lr=0.5){FULL}')
    *_, rows = train(lab)
    assert lab.steps == 60
    path = rows.theta[0, :, 0]
    x, y = (torch.tensor(a) for a in (lab.samples.x_train, lab.samples.y_train))
    theta = torch.tensor(path[0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.5, foreach=False)
    act = theirs(torch, name)
    for _ in range(lab.steps):
        optimizer.zero_grad()
        given, at = x, 0
        for i, (inside, out) in enumerate(
            zip(lab.network.sizes, lab.network.sizes[1:], strict=False)
        ):
            weight = theta[at : at + inside * out].reshape(inside, out)
            bias = theta[at + inside * out : at + (inside + 1) * out]
            given, at = given @ weight + bias, at + (inside + 1) * out
            given = act(given) if i < lab.network.layers - 1 else given
        loss = torch.nn.functional.binary_cross_entropy_with_logits(given[:, 0], y.double())
        loss.backward()
        optimizer.step()
    apart = np.abs(path[-1] - theta.detach().numpy()).max()
    assert apart < 1e-11
    other = "gelu" if name == "gelu_exact" else "gelu_exact"
    *_, rows = train(decode_lab(f'net=mlp(hidden="8,8",activation={other})&run=sgd(lr=0.5){FULL}'))
    assert np.abs(path[-1] - rows.theta[0, -1, 0]).max() > 1e6 * max(apart, 1e-15)


def test_every_activation_says_which_form_it_is() -> None:
    knob = next(knob for knob in NETS["mlp"].knobs if knob.name == "activation")
    for name, made in ACTIVATIONS.items():
        said = f"{name} is {made.torch}"
        assert said in knob.doc
        assert said in HELP["Activations"]
    (row,) = controls.row("net", 0, "activation", knob, "gelu", "the network")
    menu = {option["value"]: option["label"] for option in row.children.data}
    assert menu["gelu"] == "gelu (tanh form)"
    assert menu["gelu_exact"] == "gelu exact (with erf)"
    assert menu["leaky_relu"] == "leaky relu"


def test_the_two_forms_are_as_far_apart_as_the_help_says() -> None:
    u = np.linspace(-10, 10, 20_001)
    tanh, exact = (ACTIVATIONS[name].value(u, np.empty_like(u)) for name in ("gelu", "gelu_exact"))
    assert 0.0004 < np.abs(tanh - exact).max() < 0.0005
    assert "0.0005" in HELP["Activations"]
