"""The network lab: training side by side, the stream in parts, numbers without bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.pictures import drawn_as, picture
from nnopt_viz.lab.result import result, sharpness
from nnopt_viz.lab.training import train
from nnopt_viz.networks import (
    DATASETS,
    INITS,
    NETS,
    accuracy,
    dataset,
    hessian_vector,
    network_of,
    start_weights,
    statistics,
    value,
    value_and_gradient,
)
from nnopt_viz.page.app import build_app
from tests.support.segments import segments

SMALL = 'net=mlp(hidden="5")&data=moons(n=60)&run=sgd(lr=0.1)&run=adam(lr=0.02)&epochs=8'


@pytest.fixture(scope="module")
def client() -> Any:
    return build_app().server.test_client()


def test_layerwise_rules_see_the_layers() -> None:
    lab = decode_lab('net=mlp(hidden="4")&data=moons(n=40)&run=lars(lr=1)&epochs=1&batch=2000')
    *_, rows = train(lab)
    moved = rows.theta[0, 1, 0] - rows.theta[0, 0, 0]
    start = rows.theta[0, 0, 0]
    for group in lab.network.groups:
        if group.kind == "weight":  # a step of trust_coefficient times the group's own length
            part = slice(group.start, group.stop)
            ratio = np.linalg.norm(moved[part]) / np.linalg.norm(start[part])
            assert ratio == pytest.approx(1e-3, rel=1e-9)


def test_runs_share_start_and_batches_and_a_seed_means_the_same_in_company() -> None:
    lab = decode_lab(SMALL + "&batch=16&seeds=3&seed=5")
    *_, rows = train(lab)
    np.testing.assert_array_equal(rows.theta[0, 0], rows.theta[1, 0])
    data = lab.samples
    *_, other = train(replace(lab, seeds=1))
    np.testing.assert_allclose(rows.theta[:, :, 0], other.theta[:, :, 0], rtol=1e-9, atol=1e-12)
    assert not np.allclose(rows.theta[0, -1, 0], rows.theta[0, -1, 1])
    np.testing.assert_allclose(
        rows.loss[1, 4], value(lab.network, rows.theta[1, 4], data.x_train, data.y_train)
    )
    assert rows.steps.tolist() == list(range(lab.steps + 1))


def test_sharpness_stands_beside_the_methods_own_line() -> None:
    made = sharpness(result(decode_lab(SMALL + "&run=momentum(lr=0.05)")))
    assert made["line"][0] == [20.0] * len(made["steps"])  # 2/lr
    assert made["line"][2] == [76.0] * len(made["steps"])  # 2*(1 + 0.9)/0.05
    values = np.array(made["value"], dtype=float)
    assert np.isfinite(values[0]).all()


@pytest.mark.parametrize("name", ["adam", "rmsprop", "adagrad"])
def test_a_method_that_scales_its_steps_is_judged_in_its_own_coordinates(name: str) -> None:
    runs = f"&batch=2000&run={name}(lr=0.02)&run="
    made = result(decode_lab(SMALL.replace("&run=", runs, 1)))
    lab, shown = made.lab, sharpness(made)
    assert shown["scaled"][0]
    assert shown["value"][0][0] is None  # it has not divided anything yet
    row = lab.sharp_rows[-1]
    theta, divisor = made.rows.theta[0, row, 0], made.rows.divisor[0][-1]
    assert (divisor > 0).all()
    many = np.repeat(theta[None], len(theta), axis=0)
    data = lab.samples
    whole = hessian_vector(lab.network, many, np.eye(len(theta)), data.x_train, data.y_train)
    largest = np.linalg.eigvalsh(whole / np.sqrt(np.outer(divisor, divisor)))[-1]
    assert not shown["bound"][0][-1]
    assert shown["value"][0][-1] == pytest.approx(largest, rel=0.01)
    # The step of a method without momentum is the gradient over what it is said to divide by.
    if name != "adam":
        before = made.rows.theta[0, row - 1, 0]
        _, slope = value_and_gradient(lab.network, before[None], data.x_train, data.y_train)
        np.testing.assert_allclose(theta, before - 0.02 * slope[0] / divisor, rtol=1e-9, atol=1e-12)


def test_a_long_training_comes_in_parts_each_with_more(client: Any) -> None:
    query = "net=mlp(hidden=%2216,16%22)&data=spirals(n=600)&epochs=160&run=adam(lr=0.01)"
    parts = segments(client.get(f"/run.bin?{query}").data)
    assert len(parts) > 2
    rows = [header["rows"] for header, _, _ in parts]
    assert rows == sorted(rows)
    assert [header["provisional"] for header, _, _ in parts] == [True] * (len(parts) - 1) + [False]
    at = parts[0][0]["fields"].index("loss") + 1
    np.testing.assert_array_equal(parts[0][1][:, at], parts[-1][1][: rows[0], at])


def test_theme_is_a_key_of_pictures_only(client: Any) -> None:
    assert client.get("/run.csv?net=mlp&theme=dark").status_code == 400
    assert client.get("/run.bin?net=mlp&theme=blue").status_code == 400


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


def test_data_are_drawn_as_what_they_are_or_not_at_all() -> None:
    kinds = {"binary": "points", "regression": "curve", "classes": "pictures"}
    for name, entry in DATASETS.items():
        assert drawn_as(dataset(DATASETS.call(name), 0)) in (kinds[entry.kind], None)
    flat, line = dataset(DATASETS.call("moons"), 0), dataset(DATASETS.call("sine"), 0)
    digits = dataset(DATASETS.call("digits"), 0)
    assert [drawn_as(data) for data in (flat, line, digits)] == ["points", "curve", "pictures"]
    three = np.repeat(flat.x_train, 2, axis=1)[:, :3]
    others = (
        replace(flat, kind="classes", classes=3), replace(flat, kind="regression"),
        replace(flat, x_train=three), replace(line, kind="binary", classes=2),
    )  # fmt: skip
    for other in others:
        assert drawn_as(other) is None


def test_pictures_come_with_what_each_run_calls_them() -> None:
    made = result(decode_lab("data=digits(n=80)&run=sgd(lr=0.1)&run=adam(lr=0.01)&epochs=4"))
    shown, data = picture(made), made.lab.samples
    assert len(shown["pictures"]) == len(shown["label"]) == 20  # as many as there are to test with
    assert shown["label"] == data.y_test[:24].astype(int).tolist()
    shades = np.array(shown["pictures"])
    assert shades.shape == (20, 64)
    assert (shades.min(), shades.max()) == (0, 9)
    for run in range(2):
        for moment, step in enumerate(shown["steps"]):
            right = np.mean(np.array(shown["said"][run][moment]) == np.array(shown["label"]))
            row = made.rows.steps.tolist().index(step)
            assert right == pytest.approx(made.rows.test_accuracy[run, row, 0])
