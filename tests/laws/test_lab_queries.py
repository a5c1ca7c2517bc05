"""Law: whatever runs a training has, side by side and with whatever around them, every route
answers it or refuses it in a plain sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pytest

from nnopt_viz.compose.calls import run
from nnopt_viz.compose.runs import composed, run_knobs
from nnopt_viz.declare.cache import Cache
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.modifiers import MODIFIERS, NOISES
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.deliver.questions import TRAINING
from nnopt_viz.experiments.codec import decode_study
from nnopt_viz.judge.training import method_of, network_problem
from nnopt_viz.lab import random_walk
from nnopt_viz.lab.codec import decode_lab, encode_lab
from nnopt_viz.lab.training import train
from nnopt_viz.networks import DATASETS, NETS, dataset, network_of
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, TRAINERS
from nnopt_viz.page.app import build_app
from nnopt_viz.page.callbacks import run_controls
from nnopt_viz.page.opening import page_for
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.labels import labels
from nnopt_viz.schedules import SCHEDULES
from tests.support.laws import SCENARIOS
from tests.support.random_labs import random_lab

if TYPE_CHECKING:
    from flask.testing import FlaskClient

OFFERED = [made.name for made in FORMATS.of(TRAINING.name) if not made.lacks()]
PATHS = [*(f"/run.{name}" for name in OFFERED if name != "html"), "/slice.json"]
HEAVY = 40  # one in so many is asked for as an animated page and shown: ten times as long
SMALL = 'net=mlp(hidden="3")&data=moons(n=20)&epochs=3'


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    server = build_app().server
    server.testing = True  # an exception is an exception, not a 500
    return server.test_client()


def get(client: FlaskClient, path: str, query: str) -> int:
    answer = client.get(path, environ_overrides={"QUERY_STRING": quote(query, safe="=&(),.")})
    if answer.status_code == 400:
        error = answer.json["error"]
        assert error["key"]
        assert error["message"].endswith(".")
        assert error["allowed"]
    return answer.status_code


def test_any_training_is_answered_or_refused(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The yardstick's walks are not looked at here: few are drawn, and kept apart.
    for name, value in (("DRAWN", 20), ("UNDER", 20), ("_known", Cache(512))):
        monkeypatch.setattr(random_walk, name, value)
    answered = 0
    for seed in range(SCENARIOS):
        rng = np.random.default_rng([14, seed])
        query = random_lab(rng, int(rng.integers(1, 4)))
        path = "/run.html" if seed % HEAVY == 0 else PATHS[seed % len(PATHS)]
        try:
            status = get(client, path, query)
            if seed % HEAVY == 0:
                page_for("/network", f"?{quote(query, safe='=&(),.')}")
                run_controls({"query": query, "opened": 0})
        except BaseException:
            print(f"seed {seed}: {path}?{query}")  # noqa: T201
            raise
        assert status in (200, 400), f"seed {seed}: {path}?{query}"
        answered += status == 200
    assert answered > SCENARIOS / 2  # most are trainings


@pytest.mark.parametrize("name", NETWORK_OPTIMIZERS)
def test_two_of_a_matrix_method_are_told_apart(client: FlaskClient, name: str) -> None:
    query = f"{SMALL}&run={name}(lr=0.02)&run={name}(lr=0.05)"
    for path in (*PATHS, "/run.html"):
        assert get(client, path, query) == 200, path
    made = labels(decode_lab(query).runs)
    assert len(set(made)) == 2
    assert made[1] == f"{name} lr=0.05"


def test_everything_that_wraps_a_run_wraps_every_optimizer() -> None:
    """Each modifier, noise and schedule switched on around each rule: it can be read, and where
    the rule alone trains a network it takes steps."""
    network = network_of(NETS.call("mlp", hidden="3"), dataset(DATASETS.call("moons", n=20), 0))
    around = {modifier.name: modifier.knobs[0] for modifier in MODIFIERS.values()}
    for name, entry in TRAINERS.items():
        knobs = {knob.name for knob in run_knobs(entry)}
        calls = [run(name, schedule=Call(s, SCHEDULES.call(s).knobs)) for s in SCHEDULES]
        calls += [run(name, noise=Call(n, NOISES.call(n).knobs)) for n in NOISES]
        calls += [
            run(name, **{knob.name: 2 if knob.kind == "integer" else 0.5})
            for knob in around.values() if knob.name in knobs and knob.kind != "call"
        ]  # fmt: skip
        for call in calls:
            try:
                assert composed(call).parsed().update
                if name in NETWORK_OPTIMIZERS:
                    method_of(call, network, [0], 5)
            except Exception:
                print(call)  # noqa: T201
                raise


@pytest.mark.parametrize("name", NETWORK_OPTIMIZERS)
def test_accumulated_gradients_move_a_matrix_method_once_in_so_many(name: str) -> None:
    """Two equal full batches and one update are one step with the same gradient."""
    full = SMALL.replace("epochs=3", "batch=2000")
    query = f"{full}&run={name}(accumulate=2)&epochs=6"
    lab = decode_lab(query)
    assert decode_lab(encode_lab(lab)) == lab
    *_, twice = train(lab)
    *_, once = train(decode_lab(f"{full}&run={name}&epochs=3"))
    paths = twice.theta[0, :, 0], once.theta[0, :, 0]
    np.testing.assert_allclose(paths[0][::2], paths[1], rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(paths[0][1::2], paths[0][:-1:2])


@pytest.mark.parametrize("name", NETWORK_OPTIMIZERS)
def test_an_experiment_takes_them_too(name: str) -> None:
    call = decode_study(f"study=shift(run={name}(accumulate=2,lookahead=3))")
    assert composed(call.call("run")).parsed().update


def test_what_no_network_can_take_is_refused_in_a_sentence() -> None:
    """Second derivatives and two coordinates, wrapped in anything."""
    for name in TRAINERS:
        query = f"{SMALL}&run={name}(accumulate=2,clip_norm=1,lookahead=2)"
        if network_problem(run(name)) is None:
            assert decode_lab(query).runs[0].name == name
            continue
        with pytest.raises(QueryError, match="can't train a network") as caught:
            decode_lab(query)
        assert caught.value.key == "run"
