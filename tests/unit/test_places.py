"""What is asked while the map is steered: a part of it, and loss and gradient at places."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.figures.heights import LEVELS, extent
from nnopt_viz.figures.region import Region, lines, region_grid
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.wsgi import server

if TYPE_CHECKING:
    from flask.testing import FlaskClient

AROUND = Region(-40.0, 55.0, -30.0, 20.0)
DEEP = Region(2.999999, 3.000001, 1.999999, 2.000001)


@pytest.fixture
def client() -> FlaskClient:
    return server.test_client()


def unpacked(packed: dict[str, Any]) -> np.ndarray:
    values = np.frombuffer(b64decode(packed["bdata"]), dtype=f"<{packed['dtype']}")
    shape = packed.get("shape")
    return values.reshape([int(n) for n in shape.split(",")]) if shape else values


def get(client: FlaskClient, query: str) -> Any:
    answer = client.get(query)
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.parametrize("name", ["himmelblau", "rosenbrock", "saddle", "bowl", "ackley", "easom"])
@pytest.mark.parametrize("region", [AROUND, DEEP])
@pytest.mark.parametrize("scale", ["log", "linear"])
def test_heights_of_a_region_are_those_of_the_loss(name: str, region: Region, scale: Any) -> None:
    surface = SURFACES.call(name)
    grid = region_grid(surface, region, scale)
    best, top, unit = extent(surface, scale)
    above = (evaluate(surface, *np.meshgrid(grid.x, grid.y)) - best) / unit
    size = np.abs(above) if scale == "linear" else np.log10(1 + np.abs(above))
    # rounded to a share of what the region spans
    span = min(top, float(np.ptp(grid.z)))
    error = max(span / 2**12, 1e-6 * float(np.abs(grid.z).max()))
    np.testing.assert_allclose(grid.z, np.sign(above) * size, atol=error)
    assert (grid.top, grid.best) == (top, best)


@pytest.mark.parametrize("region", [AROUND, DEEP, Region(-5, 5, -5, 5), Region(-1e9, 1e9, 0, 1e9)])
def test_lines_of_a_region_are_those_of_the_whole_halved_or_doubled(region: Region) -> None:
    surface = SURFACES.call("himmelblau")
    grid = region_grid(surface, region)
    made = lines(grid, LEVELS)
    share = np.log2(grid.top / LEVELS / made["size"])
    assert share == pytest.approx(round(share))
    count = (made["end"] - made["start"]) / made["size"]
    assert LEVELS / 2 - 1 <= count <= 2 * LEVELS + 1
    assert made["start"] / made["size"] == pytest.approx(round(made["start"] / made["size"]))


def test_a_region_is_answered_as_a_figure(client: FlaskClient) -> None:
    query = "/region.json?surface=himmelblau&x=-40,55&y=-30,20&theme=dark&levels=8&height=linear"
    made = get(client, query)["map"]
    (trace,) = made["data"]
    grid = region_grid(SURFACES.call("himmelblau"), AROUND, "linear")
    np.testing.assert_array_equal(unpacked(trace["z"]), grid.z)
    np.testing.assert_array_equal(unpacked(trace["x"]), grid.x)
    assert made["layout"]["meta"]["scale"] == "linear"
    assert "maxallowed" not in made["layout"]["xaxis"]


def test_figures_take_height_and_levels(client: FlaskClient) -> None:
    plain = get(client, "/figures.json?surface=himmelblau")["map"]
    chosen = get(client, "/figures.json?surface=himmelblau&height=linear&levels=8")["map"]
    assert plain["layout"]["meta"]["scale"] == "log"
    assert chosen["layout"]["meta"]["scale"] == "linear"
    size = chosen["data"][0]["contours"]["size"]
    assert size == pytest.approx(chosen["layout"]["meta"]["top"] / 8)
    first = client.get("/figures.json?surface=himmelblau&levels=8").headers["ETag"]
    assert first != client.get("/figures.json?surface=himmelblau").headers["ETag"]
    # what is seen is no part of what is asked
    view = client.get("/figures.json?surface=himmelblau&view=map(levels=8)").headers["ETag"]
    assert view == client.get("/figures.json?surface=himmelblau").headers["ETag"]


@pytest.mark.parametrize(("x", "y"), [("1.5", "-2"), ("-2,2,5", "3"), ("-2,2,5", "0,1,3")])
def test_loss_and_gradient_at_places_are_exact(client: FlaskClient, x: str, y: str) -> None:
    made = get(client, f"/ground.json?surface=himmelblau(tilt=0.5)&x={x}&y={y}")
    surface = SURFACES.call("himmelblau", tilt=0.5)
    loss, slope = evaluate(surface, *np.meshgrid(made["x"], made["y"]), 1)
    np.testing.assert_array_equal(np.array(made["loss"]), np.atleast_2d(loss))
    np.testing.assert_array_equal(np.array(made["gradient"]), slope.reshape(2, *np.shape(loss)))


def test_what_is_not_finite_is_null(client: FlaskClient) -> None:
    made = get(client, '/ground.json?surface=formula(f="log(x)")&x=-1&y=0')
    assert made["loss"] == [[None]]


@pytest.mark.parametrize(
    ("path", "query", "key"),
    [
        ("/region.json", "x=1,2", "y"), ("/region.json", "x=2,1&y=0,1", "x"),
        ("/region.json", "x=1,1&y=0,1", "x"), ("/region.json", "x=1,nan&y=0,1", "x"),
        ("/region.json", "x=1,1e300&y=0,1", "x"),
        ("/region.json", "x=1e9,1.0000000000001e9&y=0,1", "x"),
        ("/region.json", "x=1,2&x=1,2&y=0,1", "x"), ("/region.json", "x=%ff&y=0,1", "x"),
        ("/region.json", "x=0,1&y=0,1&levels=0", "levels"),
        ("/region.json", "x=0,1&y=0,1&levels=99", "levels"),
        ("/region.json", "x=0,1&y=0,1&height=lin", "height"),
        ("/region.json", "x=0,1&y=0,1&theme=pink", "theme"),
        ("/figures.json", "height=logs", "height"), ("/figures.json", "hieght=log", "hieght"),
        ("/ground.json", "x=1", "y"), ("/ground.json", "x=1&y=0,1", "y"),
        ("/ground.json", "x=1&y=0,1,101", "y"), ("/ground.json", "x=1&y=0,0,2", "y"),
        ("/ground.json", "x=1&y=0,1,1", "y"), ("/ground.json", "x=inf&y=0", "x"),
        ("/ground.json", "x=1&y=1e400", "y"), ("/ground.json", "x=1&y=0&surface=bowk", "surface"),
    ],
)  # fmt: skip
def test_what_can_not_be_asked_is_named(
    path: str, query: str, key: str, client: FlaskClient
) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json is not None
    assert answer.json["error"]["key"] == key
