"""What is drawn before the page is there: the same numbers, few bytes, any address."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz import trajectory
from nnopt_viz.figures.first_look import FULL, POINTS, first_look
from nnopt_viz.figures.heights import coarse_grid, map_grid
from nnopt_viz.page import build_app
from nnopt_viz.page.first import ROUTE
from nnopt_viz.race.codec import decode, landing

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return build_app().server.test_client()


def array(text: str, kind: str) -> Any:
    return np.frombuffer(base64.b64decode(text), kind)


def test_paths_are_those_of_the_run() -> None:
    made = first_look(landing())
    rows = trajectory(landing())
    x, y = (array(text, "<f4").reshape(made["shape"]) for text in made["paths"])
    assert made["rows"] == list(range(161))
    for run in range(4):
        mine = rows[rows.run == run]
        np.testing.assert_array_equal(x[run, 0], mine.x.to_numpy(np.float32))
        np.testing.assert_array_equal(y[run, 0], mine.y.to_numpy(np.float32))


def test_the_ground_is_that_of_the_map() -> None:
    surface = landing().surface
    made, fine = first_look(landing()), map_grid(surface)
    x, y = (array(made["map"][name], "<f4") for name in "xy")
    z = array(made["map"]["z"], "<u2").reshape(y.size, x.size)
    assert (x[0], x[-1]) == (fine.x[0], fine.x[-1])
    grid = coarse_grid(surface)
    np.testing.assert_allclose(z / FULL, np.clip(grid.z / fine.top, 0, 1), atol=1 / FULL)


def test_many_points_are_thinned_to_the_first_and_the_last() -> None:
    made = first_look(decode("surface=booth&run=sgd(lr=0.01)&start=grid(n=6)&steps=2000"))
    runs, lanes, rows = made["shape"]
    assert runs * lanes * rows <= POINTS
    assert made["rows"][0] == 0
    assert made["rows"][-1] == 2000
    assert len(made["rows"]) == rows


@pytest.mark.parametrize("query", [
    "", "surface=booth", "surface=nonsense&run=&&&=%ff", "title=x&at=7",
    'surface=formula(f="1/x")&run=rule(text="x = x - lr*g")', "run=adam(lr=1e300)",
])  # fmt: skip
def test_any_address_has_a_first_look(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{ROUTE}?{query}")
    assert answer.status_code == 200
    assert answer.get_json()["steps"] > 0
    assert answer.headers["ETag"]


def test_it_is_a_few_kilobytes(client: FlaskClient) -> None:
    answer = client.get(ROUTE, headers={"Accept-Encoding": "br"}, buffered=True)
    assert len(answer.data) < 20_000


def test_what_takes_long_is_not_waited_for(client: FlaskClient) -> None:
    dear = "surface=langermann&run=trust_region_newton&start=random(n=20)&steps=20000"
    assert client.get(f"{ROUTE}?{dear}").get_json() == {}


def test_the_pages_own_scripts_wait_in_a_template(client: FlaskClient) -> None:
    text = client.get("/").get_data(as_text=True)
    head, _, rest = text.partition('<template id="scripts">')
    inside, _, after = rest.partition("</template>")
    scripts = re.findall("<script[^>]*>", head + after)
    assert [s for s in scripts if "application/json" not in s] == re.findall(
        r'<script type="module" src="[^"]*/first/first.mjs">', after
    )
    assert "dash_renderer" in inside
    assert "DashRenderer()" in inside[inside.rindex("<script") :]
