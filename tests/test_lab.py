"""The network lab: its codec, rules on vectors, planes, honesty of the slice, and the routes."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnopt_viz import trajectory
from nnopt_viz.evaluate import evaluate
from nnopt_viz.formula.vector import Field, VectorRule
from nnopt_viz.lab import Lab, default_lab, landing_lab, network_problem
from nnopt_viz.lab_result import largest_curvature, outcomes, result, sharpness
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES, hessian_vector, value
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.page.app import build_app
from nnopt_viz.runs import composed
from nnopt_viz.scenario import Scenario, point, run, surface
from nnopt_viz.simulation import simulate
from nnopt_viz.slices import PlaneError, filter_normalized, heights, plane_of, slice_of
from nnopt_viz.training import train
from nnopt_viz.url_keys import QueryError
from nnopt_viz.url_lab import LAB_EXAMPLES, decode_lab, encode_lab, repair_lab

SMALL = 'net=mlp(hidden="5")&data=moons(n=60)&run=sgd(lr=0.1)&run=adam(lr=0.02)&epochs=8'
WITH_NORM = SMALL.replace('"5"', '"5",batchnorm=true')


@pytest.fixture(scope="module")
def client() -> Any:
    return build_app().server.test_client()


# The codec.


def labs() -> list[Lab]:
    """Every entry of every registry, with odd knobs."""
    usual = default_lab()
    made = [landing_lab(), replace(usual, batch=7, epochs=3, seed=12, seeds=4)]
    made += [replace(usual, data=DATASETS.call(name, n=50)) for name in DATASETS]
    made += [replace(usual, init=INITS.call(name)) for name in INITS]
    runs = (run("sgd"), run("adam", lr=0.5), run("lion"))
    made += [replace(usual, plane=PLANES.call(name, height="test"), runs=runs) for name in PLANES]
    made += [
        replace(usual, net=NETS.call("mlp", hidden=hidden, activation=activation, batchnorm=True))
        for hidden, activation in (("", "linear"), ("1", "gelu"), ("64,1,3", "sigmoid"))
    ]
    return made


@pytest.mark.parametrize("lab", labs(), ids=encode_lab)
def test_a_query_means_the_same_after_a_round_trip(lab: Lab) -> None:
    text = encode_lab(lab)
    assert decode_lab(text) == lab
    assert repair_lab(text) == (lab, [])


LINKS = {
    'net=mlp(hidden="16,16",activation=relu,batchnorm=true)&data=moons(n=400,noise=0.2)'
    "&init=he_normal&run=adam(lr=0.01)&batch=32&epochs=60&plane=pca&seed=1":
    "net=mlp(batchnorm=true)&data=moons(n=400,noise=0.2)&run=adam(lr=0.01)&epochs=60&seed=1",
    "data=xor": "net=mlp&data=xor&run=adam(lr=0.01)",
    'net=mlp(hidden="")&plane=line&data=blobs': "net=mlp(hidden=%22%22)&data=blobs"
    "&run=adam(lr=0.01)&plane=line",
}  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_old_links_keep_their_meaning(link: str) -> None:
    assert encode_lab(decode_lab(link)) == LINKS[link]


HOSTILE = {
    'net=mlp(hidden="0")': "net", 'net=mlp(hidden="65")': "net", 'net=mlp(hidden="1e3")': "net",
    'net=mlp(hidden="' + ",".join(["4"] * 11) + '")': "net", 'net=mlp(hidden="-4")': "net",
    'net=mlp(hidden="' + "9" * 400 + '")': "net", "net=cnn": "net", "net=mlp(hiden=3)": "net.hiden",
    "net=mlp(activation=swish)": "net.activation", "net=mlp(batchnorm=1)": "net.batchnorm",
    "net=mlp(loss=cross_entropy)&data=sine": "net", "net=mlp(l2=-1)": "net.l2",
    "data=moon": "data", "data=moons(n=7)": "data.n", "data=moons(n=1e9)": "data.n",
    "data=moons(noise=nan)": "data.noise", "data=moons(test=1)": "data.test", "data=": "data",
    "init=kaiming": "init", "plane=tsne": "plane", "plane=three": "plane",
    "plane=pca(of=1)": "plane", "plane=pca(of=-1)": "plane.of", "plane=pca(height=depth)":
    "plane.height", "plane=pca(height=accuracy)&data=sine": "plane", "epochs=0": "epochs",
    "epochs=1e99": "epochs", "epochs=1.5": "epochs", "epochs=abc": "epochs", "batch=0": "batch",
    "seeds=0": "seeds", "seeds=65": "seeds", "net=mlp&surface=bowl": "surface",
    "net=mlp&start=1,2": "start", "data=moons&data=xor": "data", "epochs=2&run=newton": "run",
    "epochs=2&run=bfgs": "run", "epochs=2&run=adm": "run", "seeds=1&seed=-1": "seed",
    'data=digits&net=mlp(hidden="64,64,64,64,64,64,64,64")&epochs=1000&batch=1600': "epochs",
    "batch=1&epochs=2000": "epochs",
    "plane=pca&v=2": "v",
    "epochs=2&run=rule(text=%22x%22)": "run.text",
}  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_bad_input_is_named_and_repaired(query: str, client: Any) -> None:
    with pytest.raises(QueryError) as told:
        decode_lab(query)
    assert told.value.key == HOSTILE[query]
    assert told.value.message.endswith(".")
    assert told.value.allowed
    answer = client.get("/run.json?" + query.replace('"', "%22"))
    assert answer.status_code == 400
    assert answer.json["error"]["key"] == HOSTILE[query]
    lab, notes = repair_lab(query)
    assert lab.problem() is None
    assert notes


def test_what_costs_too_much_names_its_cost_and_the_command_line() -> None:
    query = 'data=digits&net=mlp(hidden="64,64,64,64,64,64")&epochs=200&batch=1600&run=sgd&run=adam'
    with pytest.raises(QueryError, match=r"about [\d,]+ s of a processor") as told:
        decode_lab(query)
    assert "nnopt-viz run 'net=mlp(" in told.value.allowed
    assert decode_lab(query, most=1e15).epochs == 200


WORDS = st.sampled_from([
    *LAB_EXAMPLES, "mlp", "moons", "digits", "adam", "pca", "three", "hidden", "batchnorm", "true",
    "=", "&", "(", ")", ",", '"', "16,16", "1e400", "-0", "nan", "%", "%C3", "é", "\x00", "surface",
])  # fmt: skip


@settings(max_examples=2000, deadline=None)
@given(st.lists(WORDS, max_size=14).map("".join))
def test_no_query_breaks_the_codec(query: str) -> None:
    lab, _ = repair_lab(query)
    assert lab.problem() is None
    with contextlib.suppress(QueryError):  # nothing else may come out
        assert decode_lab(query).problem() is None


# Rules on vectors.


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if network_problem(run(n)) is None])
def test_a_rule_does_on_vectors_what_it_does_in_the_race(name: str) -> None:
    call, chosen = run(name), surface("booth")
    made = composed(call)
    if made.parsed().normals:
        pytest.skip("draws its own numbers, from other streams")
    scenario = Scenario(chosen, (call,), point(1.5, -2.0), steps=30)
    chunks = list(simulate(scenario))
    wanted = np.concatenate([chunk.x[:, 0, :, 0] for chunk in chunks], axis=1).T
    field = Field(
        lambda at: np.stack(evaluate(chosen, at[:, 0], at[:, 1], 1)[1], axis=1),
        lambda at: evaluate(chosen, at[:, 0], at[:, 1]),
        lambda at, v: np.einsum("ijl,lj->li", evaluate(chosen, at[:, 0], at[:, 1], 2)[2], v),
    )
    rule = VectorRule(made.parsed(), dict(made.knobs))
    theta = np.array([[1.5, -2.0]])
    rule.begin(theta, call.number("lr"))
    for t in range(1, 31):
        theta = rule.step(
            theta, field.gradient(theta), field.loss(theta), t, call.number("lr"), field
        )
        if np.isnan(wanted[t]).any():
            break
        np.testing.assert_allclose(theta[0], wanted[t], rtol=1e-9, atol=1e-11)


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


# Training.


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


def test_a_run_that_explodes_is_a_named_state_and_disturbs_no_other() -> None:
    query = 'net=mlp(hidden="")&data=sine(n=60)&run=sgd(lr=50)&run=adam(lr=0.02)&epochs=150'
    lab = decode_lab(query)
    made = result(lab)
    first, second = outcomes(made)
    assert first["state"] == "diverged"
    assert first["step"] > 0
    assert second["state"] == "trained"
    assert second["loss"] < 1
    table = trajectory(encode_lab(lab))
    assert (table[table["run"] == 0]["step"] < first["step"]).all()
    assert len(table[table["run"] == 1]) == lab.steps + 1


# Planes and honesty.


@pytest.mark.parametrize("query", [SMALL, WITH_NORM], ids=["plain", "batchnorm"])
@pytest.mark.parametrize("plane", PLANES)
def test_the_slice_is_honest(query: str, plane: str) -> None:
    lab = decode_lab(f"{query}&run=momentum(lr=0.05)&plane={plane}")
    *_, rows = train(lab)
    made = slice_of(lab, rows.theta)
    centre = rows.theta[0, -1, 0]
    assert heights(lab, made.plane, np.zeros(1), np.zeros(1))[0] == pytest.approx(
        rows.loss[0, -1, 0], rel=1e-12
    )
    np.testing.assert_allclose(made.plane.centre, centre)
    basis = np.stack([made.plane.first, made.plane.second], axis=1)
    for run_, row in ((0, 0), (1, 3), (2, lab.steps)):
        off = rows.theta[run_, row, 0] - centre
        (x, y), *_ = np.linalg.lstsq(basis, off, rcond=None)
        assert (made.x[run_, row, 0], made.y[run_, row, 0]) == pytest.approx((x, y), abs=1e-9)
        far = np.linalg.norm(off - basis @ [x, y])
        assert made.away[run_, row, 0] == pytest.approx(far, abs=1e-9)
        there = value(
            lab.network, (centre + basis @ [x, y])[None], lab.samples.x_train, lab.samples.y_train
        )[0]
        assert made.height[run_, row, 0] == pytest.approx(there, rel=1e-9)
    for run_ in range(3):
        off = rows.theta[run_, :, 0] - centre
        share = 1 - (made.away[run_, :, 0] ** 2).sum() / (off**2).sum()
        assert made.share[run_] == pytest.approx(share, rel=1e-9)


def test_main_directions_are_those_of_the_svd() -> None:
    lab = decode_lab(SMALL)
    *_, rows = train(lab)
    off = (rows.theta[:, :, 0] - rows.theta[0, -1, 0]).reshape(-1, lab.network.size)
    _, _, vectors = np.linalg.svd(off, full_matrices=False)
    plane = plane_of(lab, rows.theta)
    for mine, wanted in zip((plane.first, plane.second), vectors, strict=False):
        assert abs(mine @ wanted) == pytest.approx(1, abs=1e-9)


def test_random_directions_are_normalized_by_filter() -> None:
    lab = decode_lab(WITH_NORM)
    rng = np.random.default_rng(4)
    theta = rng.standard_normal(lab.network.size)
    made = filter_normalized(lab.network, theta, np.random.default_rng(9))
    again = np.random.default_rng(9)
    for group in lab.network.groups:
        part = made[group.start : group.stop]
        if group.kind != "weight":
            assert not part.any(), group.name
            continue
        draw = again.standard_normal(group.shape)
        weights, direction = (
            v.reshape(group.shape) for v in (theta[group.start : group.stop], part)
        )
        for unit in range(group.shape[1]):  # Li et al. 2018, section 4, unit by unit
            wanted = draw[:, unit] / np.sqrt((draw[:, unit] ** 2).sum())
            wanted = wanted * np.sqrt((weights[:, unit] ** 2).sum())
            np.testing.assert_allclose(direction[:, unit], wanted, rtol=1e-12)


@pytest.mark.parametrize("query", [SMALL, WITH_NORM], ids=["plain", "batchnorm"])
def test_hessian_directions_are_those_of_the_dense_hessian(query: str) -> None:
    lab = decode_lab(query.replace("&epochs=8", "&epochs=3&plane=hessian"))
    lab = replace(lab, net=lab.net.replace(activation="tanh"))
    *_, rows = train(lab)
    centre, size = rows.theta[0, -1, 0], lab.network.size
    data = lab.samples
    dense = hessian_vector(
        lab.network, np.repeat(centre[None], size, axis=0), np.eye(size), data.x_train, data.y_train
    )
    np.testing.assert_allclose(dense, dense.T, atol=1e-12)
    values, vectors = np.linalg.eigh(dense)
    plane = plane_of(lab, rows.theta)
    assert abs(plane.first @ vectors[:, -1]) == pytest.approx(1, abs=1e-6)
    assert abs(plane.second @ vectors[:, -2]) == pytest.approx(1, abs=1e-5)
    assert largest_curvature(lab, centre[None])[0] == pytest.approx(values[-1], rel=0.05)


def test_a_plane_that_does_not_exist_says_why(client: Any) -> None:
    query = 'net=mlp(hidden="4")&data=moons(n=20)&run=sgd(lr=0.1)&epochs=1&batch=2000'
    with pytest.raises(PlaneError, match="no second main direction"):
        result(decode_lab(query))
    for route in ("/run.json", "/run.bin", "/run.csv", "/slice.json"):
        answer = client.get(f"{route}?{query}".replace('"', "%22"))
        assert answer.status_code == 400, route
        fault = answer.json["error"]
        assert fault["key"] == "plane"
        assert "no second main direction" in fault["message"]
        assert fault["nearest"] in PLANES


def test_sharpness_stands_beside_the_methods_own_line() -> None:
    made = sharpness(result(decode_lab(SMALL + "&run=momentum(lr=0.05)")))
    assert made["line"][0] == [20.0] * len(made["steps"])  # 2/lr
    assert made["line"][2] == [76.0] * len(made["steps"])  # 2*(1 + 0.9)/0.05
    assert np.array(made["value"], dtype=float).min() > 0


# The routes.


def segments(body: bytes) -> list[tuple[dict[str, Any], np.ndarray, dict[str, Any]]]:
    """Header, frames and trailer of every part of a stream."""
    found, at = [], 0
    while at < len(body):
        assert body[at : at + 4] == b"NNV1"
        (size,) = struct.unpack_from("<I", body, at + 4)
        header = json.loads(body[at + 8 : at + 8 + size])
        at += 8 + size
        length = header["rows"] * header["frame_bytes"]
        frames = np.frombuffer(body, "<f4", length // 4, at)
        at += length
        (size,) = struct.unpack_from("<I", body, at)
        found.append(
            (header, frames.reshape(header["rows"], -1), json.loads(body[at + 4 : at + 4 + size]))
        )
        at += 4 + size
        assert at % 4 == 0
    return found


def test_every_route_says_the_same(client: Any) -> None:
    query = SMALL.replace('"', "%22")
    table = trajectory(SMALL)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/run.csv?{query}").text)))
    assert list(rows[0]) == list(table.columns)
    assert [float(r["slice_loss"]) for r in rows] == table["slice_loss"].tolist()
    body = orjson.loads(client.get(f"/run.json?{query}").data)
    assert body["rows"]["out_of_plane"] == table["out_of_plane"].tolist()
    assert decode_lab(body["query"]) == decode_lab(SMALL)
    stream = client.get(f"/run.bin?{query}&theme=dark")
    *_, (header, frames, trailer) = segments(stream.data)
    assert header["provisional"] is False
    assert header["kind"] == "network"
    fields = header["fields"]
    losses = frames[:, 1 + fields.index("loss")]
    np.testing.assert_allclose(losses, table[table["run"] == 0]["loss"], rtol=1e-6)
    assert set(trailer["figures"]) == {"map", "scene", "facts"}
    fine = client.get(f"/slice.json?{query}&theme=dark")
    assert fine.json["map"]["layout"]["meta"]["bounds"] == header["bounds"]
    for route in ("/run.bin", "/run.json", "/run.csv", "/slice.json"):
        first = client.get(f"{route}?{query}")
        again = client.get(f"{route}?{query}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304, route
    assert client.get(f"/run.html?{query}").status_code == 400


def test_a_long_training_comes_in_parts_each_with_more(client: Any) -> None:
    query = "net=mlp(hidden=%2216,16%22)&data=spirals(n=600)&epochs=80&run=adam(lr=0.01)"
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
