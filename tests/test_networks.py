"""Networks in NumPy against torch: derivatives, training, statistics, initializers, data."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import numpy as np
import pytest

from nnopt_viz.networks import (
    DATASETS,
    INITS,
    NETS,
    Network,
    Running,
    accuracy,
    dataset,
    hessian_vector,
    layer_report,
    network_of,
    outputs,
    start_weights,
    statistics,
    value,
    value_and_gradient,
)
from nnopt_viz.training import train
from nnopt_viz.url_lab import decode_lab

GOLDEN = Path(__file__).parent / "golden" / "networks"
STORED = np.load(GOLDEN / "networks.npz")
NAMES = sorted({name.rpartition(" ")[0] for name in STORED.files})
TRAINED = np.load(GOLDEN / "network_training.npz")
RUNS = ("sgd(lr=0.1)", "momentum(lr=0.05)", "adam(lr=0.01)")
TRAININGS = [name.removesuffix(" steps") for name in TRAINED.files if name.endswith(" steps")]


def network(name: str) -> Network:
    activation, batchnorm, (kind, loss), hidden = ast.literal_eval(name)
    outputs_ = 4 if kind == "classes" else 1
    return Network(3, hidden, outputs_, activation, batchnorm, loss, 0.03, kind)


def off(made: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, relative to the largest entry (at least 1)."""
    return float(np.abs(made - wanted).max() / max(1.0, np.abs(wanted).max()))


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_are_torchs(name: str) -> None:
    net = network(name)
    theta, v, x, y = (STORED[f"{name} {key}"] for key in ("theta", "v", "x", "y"))
    loss, gradient = value_and_gradient(net, theta[None], x, y)
    image = hessian_vector(net, theta[None], v[None], x, y)
    assert off(loss, STORED[f"{name} value"]) < 1e-10
    assert off(gradient[0], STORED[f"{name} gradient"]) < 1e-10
    assert off(image[0], STORED[f"{name} image"]) < 1e-10


@pytest.mark.conformance
def test_derivatives_are_torchs_live() -> None:
    from tests.torch_networks import CASES, derivatives, draw
    from tests.torch_networks import network as made

    worst = 0.0
    for i, case in enumerate(CASES):
        theta, v, x, y = draw(case, 1000 + i)
        net = made(case)
        wanted = derivatives(net, theta, v, x, y)
        loss, gradient = value_and_gradient(net, theta[None], x, y)
        image = hessian_vector(net, theta[None], v[None], x, y)
        for mine, torchs in zip((loss, gradient[0], image[0]), wanted, strict=True):
            worst = max(worst, off(mine, np.asarray(torchs)))
    assert worst < 1e-10


@pytest.mark.parametrize("query", TRAININGS)
def test_training_follows_torch(query: str) -> None:
    steps = int(TRAINED[f"{query} steps"])
    limit = 1e-10 if "batchnorm" in query else 1e-12
    for run in RUNS:
        *_, rows = train(decode_lab(f"{query}&run={run}&epochs={steps}"))
        made = rows.theta[0, :: max(1, steps // 10), 0]
        far, ulp = np.abs(made - TRAINED[f"{query} {run}"]).max(), TRAINED[f"{query} {run} ulp"]
        sys.stderr.write(f"{run}: {far:.1e} from torch, which moves {ulp:.1e} by one ulp\n")
        assert far < limit, run


def test_lanes_are_what_single_runs_are() -> None:
    data = dataset(DATASETS.call("moons", n=40), 0)
    for batchnorm in (False, True):
        net = network_of(NETS.call("mlp", hidden="5,4", batchnorm=batchnorm), data)
        theta = start_weights(INITS.call("he_normal"), net, range(4))
        whole = value_and_gradient(net, theta, data.x_train, data.y_train)
        image = hessian_vector(net, theta, theta[::-1].copy(), data.x_train, data.y_train)
        report = layer_report(net, theta, data.x_train, data.y_train)
        for i in range(4):
            one = value_and_gradient(net, theta[i : i + 1], data.x_train, data.y_train)
            np.testing.assert_allclose(whole[0][i], one[0][0], rtol=1e-13)
            np.testing.assert_allclose(whole[1][i], one[1][0], rtol=1e-11, atol=1e-14)
            alone = hessian_vector(
                net, theta[i : i + 1], theta[3 - i : 4 - i], data.x_train, data.y_train
            )
            np.testing.assert_allclose(image[i], alone[0], rtol=1e-10, atol=1e-12)
            single = layer_report(net, theta[i : i + 1], data.x_train, data.y_train)
            np.testing.assert_allclose(report.gradient_norm[i], single.gradient_norm[0], rtol=1e-11)


def test_evaluation_with_fixed_statistics_is_the_batchs_own() -> None:
    data = dataset(DATASETS.call("circles", n=60), 1)
    net = network_of(NETS.call("mlp", hidden="6,5", batchnorm=True), data)
    theta = start_weights(INITS.call("xavier_normal"), net, [0, 1])
    fixed = statistics(net, theta, data.x_train)
    np.testing.assert_allclose(
        outputs(net, theta, data.x_train), outputs(net, theta, data.x_train, fixed), rtol=1e-10
    )
    some = outputs(net, theta, data.x_train[:3], fixed)  # single samples need no batch
    np.testing.assert_allclose(some, outputs(net, theta, data.x_train)[:, :3], rtol=1e-10)


@pytest.mark.conformance
def test_running_statistics_are_torchs() -> None:
    import torch

    from tests.torch_networks import outputs as torchs

    data = dataset(DATASETS.call("moons", n=80), 0)
    net = network_of(NETS.call("mlp", hidden="6", batchnorm=True, activation="tanh"), data)
    theta = start_weights(INITS.call("he_normal"), net, [3])
    layer = torch.nn.BatchNorm1d(6, dtype=torch.float64)
    running = Running.begin(net, 1)
    weight = theta[0, :12].reshape(2, 6)
    for first in range(0, 40, 10):
        part = data.x_train[first : first + 10]
        layer(torch.tensor(part @ weight))
        running = running.after(net, theta, part)
    (mean,), (variance,) = running.statistics.mean, running.statistics.variance
    np.testing.assert_allclose(mean[0, 0], layer.running_mean.numpy(), rtol=1e-13)
    np.testing.assert_allclose(variance[0, 0], layer.running_var.numpy(), rtol=1e-13)
    fixed = [(layer.running_mean, layer.running_var)]
    wanted = torchs(net, torch.tensor(theta[0]), torch.tensor(data.x_test), fixed)
    np.testing.assert_allclose(
        outputs(net, theta, data.x_test, running.statistics)[0], wanted.numpy(), rtol=1e-12
    )


@pytest.mark.conformance
def test_initializers_have_torchs_statistics() -> None:
    import torch

    data = dataset(DATASETS.call("moons"), 0)
    net = network_of(NETS.call("mlp", hidden="64,48"), data)
    group = next(g for g in net.groups if g.name == "W2")
    made = {
        "normal": torch.nn.init.normal_, "uniform": lambda w: torch.nn.init.uniform_(w, -1, 1),
        "xavier_normal": torch.nn.init.xavier_normal_,
        "xavier_uniform": torch.nn.init.xavier_uniform_,
        "he_normal": torch.nn.init.kaiming_normal_,
        "he_uniform": lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu"),
    }  # fmt: skip
    for name, init in made.items():
        mine = start_weights(INITS.call(name), net, range(40))[:, group.start : group.stop]
        torchs = np.stack(
            [init(torch.empty(48, 64, dtype=torch.float64)).numpy().ravel() for _ in range(40)]
        )
        assert mine.std() == pytest.approx(torchs.std(), rel=0.02), name
        assert abs(mine.mean()) < 0.02 * mine.std(), name
        ratio = np.abs(mine).max() / np.abs(torchs).max()
        assert 0.8 < ratio < 1.25, name
        kurtosis = [float(np.mean(w**4) / np.mean(w**2) ** 2) for w in (mine, torchs)]
        assert kurtosis[0] == pytest.approx(kurtosis[1], rel=0.05), name


def test_initializers_are_what_they_say() -> None:
    data = dataset(DATASETS.call("moons"), 0)
    net = network_of(NETS.call("mlp", hidden="64,48"), data)
    group = next(g for g in net.groups if g.name == "W2")
    spreads = {
        "lecun_normal": 1 / 64, "xavier_normal": 2 / 112, "xavier_uniform": 2 / 112,
        "he_normal": 2 / 64, "he_uniform": 2 / 64, "normal": 1.0, "uniform": 1 / 3,
    }  # fmt: skip
    assert set(spreads) | {"zeros", "constant", "orthogonal"} == set(INITS)
    for name, variance in spreads.items():
        theta = start_weights(INITS.call(name), net, range(20))
        assert theta[:, group.start : group.stop].var() == pytest.approx(variance, rel=0.03), name
        for other in net.groups:
            if other.kind == "bias":
                assert not theta[:, other.start : other.stop].any(), name
    assert not start_weights(INITS.call("zeros"), net, [0]).any()
    assert (start_weights(INITS.call("constant", value=0.25), net, [0]) == 0.25).all()
    turn = start_weights(INITS.call("orthogonal"), net, [0])[0, group.start : group.stop]
    np.testing.assert_allclose(
        turn.reshape(64, 48).T @ turn.reshape(64, 48), np.eye(48), atol=1e-12
    )
    one, more = (start_weights(INITS.call("he_normal"), net, seeds) for seeds in ([5], range(8)))
    np.testing.assert_array_equal(one[0], more[5])  # a seed means the same weights in any company


@pytest.mark.parametrize("name", DATASETS)
def test_data_are_sound(name: str) -> None:
    call = DATASETS.call(name)
    data, again, other = dataset(call, 3), dataset(call, 3), dataset(call, 4)
    assert data is again
    assert not np.array_equal(data.x_train, other.x_train)
    n = int(call.number("n"))
    assert len(data.x_train) + len(data.x_test) == n
    assert len(data.x_test) == round(0.25 * n)
    assert np.isfinite(data.x_train).all()
    assert np.abs(data.x_train).max() < 5
    if data.classes:
        counts = np.bincount(data.y_train.astype(int), minlength=data.classes)
        assert counts.min() > 0.4 * counts.mean()
    with pytest.raises(ValueError, match="read-only"):
        data.x_train[0] = 0


def test_float32_stays_float32() -> None:
    data = dataset(DATASETS.call("moons", n=50), 0)
    for batchnorm in (False, True):
        net = network_of(NETS.call("mlp", activation="gelu", batchnorm=batchnorm), data)
        theta = start_weights(INITS.call("he_normal"), net, [0]).astype(np.float32)
        x, y = data.x_train.astype(np.float32), data.y_train
        loss, gradient = value_and_gradient(net, theta, x, y)
        assert {loss.dtype, gradient.dtype} == {np.dtype(np.float32)}
        exact = value_and_gradient(net, theta.astype(float), data.x_train, y)
        np.testing.assert_allclose(gradient, exact[1], rtol=2e-3, atol=1e-5)


def test_numbers_without_bounds_raise_nothing() -> None:
    data = dataset(DATASETS.call("digits", n=40), 0)
    for batchnorm in (False, True):
        net = network_of(NETS.call("mlp", batchnorm=batchnorm), data)
        for size in (1e200, np.inf, np.nan):
            theta = np.full((2, net.size), size)
            theta[1] = 0.1
            loss, gradient = value_and_gradient(net, theta, data.x_train, data.y_train)
            assert np.isfinite(loss[1])  # the other lane is not disturbed
            assert np.isfinite(gradient[1]).all()
            hessian_vector(net, theta, theta, data.x_train, data.y_train)
            value(net, theta, data.x_test, data.y_test, statistics(net, theta, data.x_train))
            accuracy(net, theta, data.x_test, data.y_test)
