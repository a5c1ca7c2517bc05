"""Law: a pure random walk is called more than a random walk no oftener than one in twenty; and
what stands beside a path is what walks of its kind show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pytest

from nnopt_viz.lab import random_walk as walks_of
from nnopt_viz.lab.codec import decode_lab
from nnopt_viz.lab.random_walk import DRAWN, UNDER, random_walk
from nnopt_viz.lab.result import outcomes, result
from nnopt_viz.lab.slices import plane_of
from nnopt_viz.lab.training import train
from nnopt_viz.networks import PLANES
from nnopt_viz.networks.planes import PlaneError, Sight, end_of
from nnopt_viz.page.app import build_app
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.lab.lab import Lab

    Array = NDArray[np.float64]

WALK = 'rule(text="x = x + 0.001*normal()",lr=0.01)'
OFTEN = 0.08  # issue 14: of 400; 4 to 5 % are expected, and 1 % of chance to either side
METHODS = ("sgd(lr=0.1)", "sgd(lr=0.001)", "momentum(lr=0.1)", "adam(lr=0.02)", "adam(lr=0.2)")


def is_more(lab: Lab, theta: Array, run: int) -> bool:
    """Is a run of these paths (runs, rows, 1, P) called more than a walk?"""
    own = theta[run, :, 0]
    share = plane_of(lab, theta).share(own, end_of(own))
    return bool(share > random_walk(lab, len(own) - 1)["high"])


@pytest.mark.parametrize("plane", ["pca", "line", "random"])
@pytest.mark.parametrize(("net", "epochs"), [("", 40), ("8,8", 10)])
def test_four_hundred_pure_walks(plane: str, net: str, epochs: int) -> None:
    """As trainings: each seed of a run draws its own."""
    called = 0
    for first in range(0, 448, 64):
        lab = decode_lab(
            f'net=mlp(hidden="{net}")&data=moons(n=24)&run={WALK}&epochs={epochs}&batch=9&seeds=64'
            f"&seed={first}&plane={plane}"
        )
        *_, rows = train(lab)
        lanes = range(min(64, 400 - first))
        called += sum(is_more(lab, rows.theta[:, :, [lane]], 0) for lane in lanes)
    assert called <= OFTEN * 400


def test_walks_in_any_company_on_any_plane() -> None:
    """The plane is laid along trainings and walks, shorter and longer; one of the walks is told
    apart from walks no oftener than one in twenty."""
    called = tried = 0
    for seed in range(SCENARIOS):
        rng = np.random.default_rng([59, seed])
        plane = str(rng.choice(list(PLANES) if seed % 8 == 0 else ["pca", "line", "three"]))
        kind = PLANES[plane]
        runs = int(rng.integers(len(kind.ends), 5))
        ends = dict(zip(kind.ends, rng.permutation(runs).tolist(), strict=False))
        chosen = "&run=".join(map(str, rng.choice(METHODS, runs)))
        query = (
            f'net=mlp(hidden="{rng.choice(["", "5"])}",activation=tanh)&data=moons(n=24)&init='
            f"{rng.choice(['he_normal', 'constant', 'normal'])}&batch=6"
            f"&epochs={rng.choice([1, 9])}&seed={seed}&run={chosen}"
        )
        lab = replace(decode_lab(query), plane=PLANES.call(plane, **ends))
        *_, rows = train(lab)
        run, theta = int(rng.integers(runs)), rows.theta.copy()
        for other in range(runs):
            if other == run or rng.random() < 0.4:
                moves = rng.standard_normal(theta[other, 1:, 0].shape)
                theta[other, 1:, 0] = theta[0, 0, 0] + 10 ** rng.uniform(-4, -0.5) * moves.cumsum(
                    axis=0
                )
        try:
            more = is_more(lab, theta, run)
        except PlaneError:
            continue
        tried += 1
        called += more
    assert tried > SCENARIOS / 2
    assert called <= OFTEN * tried, f"{called} of {tried}"


def plain(lab: Lab, steps: int, count: int, rng: np.random.Generator) -> Array:
    """Shares of walks in all their dimensions and steps, on the plane that is laid along them."""
    kind, size = PLANES[lab.plane.name], lab.network.size
    runs, shares = len(kind.ends), []
    for _ in range(count):
        moves = rng.standard_normal((runs, steps, size)) / np.sqrt(size)
        moves[1:] *= walks_of.STILL
        walks = np.concatenate([np.zeros((runs, 1, size)), moves.cumsum(axis=1)], axis=1)
        sight = Sight(lab.network, lab.samples, 0, lab.plane, tuple(range(runs)), walks)
        plane = kind.compute(sight)
        off = walks[0] - walks[0, -1]
        basis = np.linalg.qr(np.stack([plane.first, plane.second], axis=1))[0]
        shares.append(np.sum((off @ basis) ** 2) / np.sum(off**2))
    return np.array(shares)


@pytest.mark.parametrize("plane", ["pca", "line", "three"])
@pytest.mark.parametrize(("net", "steps"), [("2", 90), ("5", 10), ("6,4", 20)])
def test_the_few_dimensions_and_steps_are_as_good_as_all(plane: str, net: str, steps: int) -> None:
    lab = decode_lab(f'net=mlp(hidden="{net}")&data=moons(n=20)')
    lab = replace(lab, plane=PLANES.call(plane))
    found = random_walk(lab, steps)
    shares = plain(lab, steps, 200, np.random.default_rng([1, steps]))
    above = np.mean(shares > found["high"])
    assert above <= 0.1  # 0.045, by chance 0.017 to either side
    assert abs(np.mean(shares > found["median"]) - 0.5) < 0.12  # 0.04 to either side


@pytest.mark.parametrize("name", PLANES)
def test_in_many_dimensions_theory_says_how_much(name: str) -> None:
    """Of a Brownian path seen from its end, whose modes have the shares 8/(pi*(2k - 1))**2: two of
    them; the chord 2/3 and, beside it, the larger mode of what is left; the chord alone; 2/P."""
    lab = decode_lab('net=mlp(hidden="64,64,64")&data=digits(n=40)')
    found = random_walk(replace(lab, plane=PLANES.call(name)), 500)
    brownian = 8 / np.pi**2 * (1 + 1 / 9)
    wanted = {"pca": brownian, "three": 2 / 3, "line": bridge() + 2 / 3}
    away = 2 / lab.network.size
    expected = wanted.get(name, away)
    assert found["median"] == pytest.approx(expected, abs=0.003 if name in wanted else away / 2)
    assert found["median"] <= found["high"] < expected + (0.02 if name in wanted else 4 * away)


def bridge() -> float:
    """The share of the widest detour from the chord, in many dimensions: the largest eigenvalue
    of the kernel that is left of a Brownian path from its end without its part along the chord,
    over the whole."""
    n = 300
    left = np.arange(n, 0, -1) / n  # time that is left until the end
    kernel = np.minimum.outer(left, left) - np.outer(left, left)
    return float(np.linalg.eigvalsh(kernel)[-1] / np.sum(left))


def test_where_the_plane_is_everything_nothing_is_more() -> None:
    """Two weights, or so few steps that any plane along them holds all."""
    flat = 'net=mlp(hidden="")&data=sine(n=20)&run=sgd(lr=0.1)&epochs=6&batch=5&plane=pca'
    short = 'net=mlp(hidden="4")&data=moons(n=20)&run=adam&epochs=2&batch=2000&plane=pca'
    for query in (flat, short):
        (end,) = outcomes(result(decode_lab(query)))
        assert end["random_walk"] == {"median": 1.0, "high": 1.0}
        assert end["in_plane"] == pytest.approx(1)
        assert not end["more_than_walk"]


def test_a_run_far_from_the_plane_or_the_others_is_not_flattered() -> None:
    """The issue's case, sgd at 99.4 % because it ends far away: where it lies says nothing."""
    lab = decode_lab(
        'net=mlp(hidden="6")&data=moons(n=60)&run=adam(lr=0.05)&run=sgd(lr=0.01)&epochs=20&plane=pca'
    )
    *_, rows = train(lab)
    plane, paths = plane_of(lab, rows.theta), rows.theta[:, :, 0]
    ends = np.stack([end_of(path) for path in paths])
    share, about = plane.share(paths, ends), plane.share(paths, plane.centre)
    far = 1e3 * plane.first - 2e3 * plane.second
    np.testing.assert_allclose(plane.share(paths + far, ends + far), share, atol=1e-6)
    assert plane.share(paths + far, plane.centre)[1] > 0.999 > share[1]
    assert share[0] == pytest.approx(about[0], abs=1e-12)  # the centre is that run's own end


@pytest.mark.parametrize("plane", ["pca", "line"])
def test_a_walk_beside_its_copy_is_a_walk(plane: str) -> None:
    """Two runs of one rule draw the same numbers: none follows the other but by that."""
    for seed in range(12):
        lab = decode_lab(
            f'net=mlp(hidden="3")&data=moons(n=24)&run={WALK}&run={WALK.replace("001", "004")}'
            f"&run={WALK}&epochs=40&batch=9&plane={plane}&seed={seed}"
        )
        own = outcomes(result(replace(lab, runs=lab.runs[:1])))[0]["more_than_walk"]
        for end in outcomes(result(lab)):
            assert own or not end["more_than_walk"], f"seed {seed}"


def test_the_yardstick_is_in_every_answer() -> None:
    client = build_app().server.test_client()
    query = quote(
        f'net=mlp(hidden="4")&data=moons(n=40)&run={WALK}&run=adam&epochs=4', safe="=&(),."
    )
    body = client.get(f"/run.json?{query}").json
    assert set(body["random_walk"]) == {"median", "high"}
    assert 0.85 < body["random_walk"]["median"] < body["random_walk"]["high"] < 1
    assert body["random_walk"] == body["outcomes"][0]["random_walk"]
    assert body["outcomes"][0]["more_than_walk"] is False
    page = client.get(f"/run.html?{query}").text
    assert "no more than random walks" in page


def test_walks_of_little_more_steps_than_are_drawn() -> None:
    """Of 24 steps were told the figures of endless walks: 7.6 % of 4,000 lay above `high`."""
    lab = replace(decode_lab('net=mlp(hidden="5")&data=moons(n=20)'), plane=PLANES.call("line"))
    shares = plain(lab, walks_of.STEPS + 1, 1500, np.random.default_rng(5))
    found = random_walk(lab, walks_of.STEPS + 1)
    assert np.mean(shares > found["high"]) < 0.066  # 0.05, by chance 0.008 to either side
    assert np.mean(shares > found["median"]) == pytest.approx(0.5, abs=0.05)


def test_it_is_the_quantile_that_it_is_said_to_be() -> None:
    """Among walks drawn anew, one in twenty is above `high`."""
    lab = replace(decode_lab('net=mlp(hidden="4")&data=moons(n=20)'), plane=PLANES.call("pca"))
    found, rng = random_walk(lab, 400), np.random.default_rng(8)
    counts = (1 + walks_of.STEPS / 400) / 2
    shares = np.array([walks_of._share(lab, walks_of.STEPS, counts, rng) for _ in range(600)])
    assert np.mean(shares > found["high"]) == pytest.approx(1 - UNDER / DRAWN, abs=0.03)
    assert np.mean(shares > found["median"]) == pytest.approx(0.5, abs=0.08)
