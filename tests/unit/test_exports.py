"""What is taken away: the animated figure and page, read back and compared with the numbers."""

from __future__ import annotations

import gzip
import html
import re
import subprocess
import sys
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest
from flask import Flask

from nnopt_viz import Scenario, __version__, show, trajectory
from nnopt_viz.cli import main
from nnopt_viz.deliver.animated_page import animated_page
from nnopt_viz.figures import recording
from nnopt_viz.figures.heights import sheet
from nnopt_viz.figures.isolines import borders, map_shapes, tint
from nnopt_viz.figures.lying import lying_signs
from nnopt_viz.figures.palette import PALETTES, STOPS, symbol_of
from nnopt_viz.figures.recorded import record
from nnopt_viz.figures.recording import MOST_FRAMES, TooLargeError, strides
from nnopt_viz.figures.tracks import LIFT, on_sheet
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode, landing
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.web import api

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

RACE = "surface=himmelblau&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=50"
SEEN = 12 / 4000  # the map is 12 wide, and coordinates are rounded to what can be seen of it


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    server = Flask("exports")
    api.register(server)
    return server.test_client()


def heads(figure: go.Figure, frame: Any, kind: str = "scatter") -> dict[str, Any]:
    """A frame's markers on the map or in 3D by the run's name."""
    found: dict[str, Any] = {}
    for number, data in zip(frame.traces, frame.data, strict=True):
        trace = figure.data[number]
        if (trace.type, trace.mode) == (kind, "markers") and trace.name not in found:
            found[trace.name] = data
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_figure_moves_along_the_numbers(theme: str) -> None:
    figure, table = show(RACE, theme), trajectory(RACE)
    assert isinstance(figure, go.Figure)
    assert [frame.name for frame in figure.frames] == [str(step) for step in range(51)]
    for frame in figure.frames:
        rows = table[table["step"] == int(frame.name)].set_index("optimizer")
        for name, data in heads(figure, frame).items():
            assert data.x[0] == pytest.approx(rows.loc[name, "x"], abs=SEEN)
            assert data.y[0] == pytest.approx(rows.loc[name, "y"], abs=SEEN)
    # before it plays it shows the end
    for name, data in heads(figure, figure.frames[-1]).items():
        shown = next(t for t in figure.data if t.name == name and t.mode == "markers")
        assert (shown.x, shown.y) == (data.x, data.y)


def test_the_figure_is_the_pages_picture() -> None:
    figure = show(RACE)
    for number, name in enumerate(("sgd", "adam")):
        lines = [t for t in figure.data if t.name == name and t.mode == "lines"]
        marks = [t for t in figure.data if t.name == name and t.mode == "markers"]
        assert {t.type for t in lines} == {t.type for t in marks} == {"scatter", "scatter3d"}
        assert {t.line.color for t in lines} == {PALETTES["light"].runs[number]}
        assert {t.marker.symbol for t in marks} == {symbol_of(number)}
    assert [t.type for t in figure.data[:2]] == ["surface", "mesh3d"]
    texts = " ".join(text.text for text in figure.layout.annotations)
    assert texts.count("Still moving") == 2
    assert figure.layout.updatemenus[0].buttons[0].method == "animate"
    assert len(figure.layout.sliders[0].steps) <= 30


def test_no_axis_drifts() -> None:
    layout = show(RACE).layout
    for axis in (layout.xaxis, layout.yaxis, layout.xaxis2, layout.yaxis2):
        assert len(axis.range) == 2
    for axis in (layout.scene.xaxis, layout.scene.yaxis, layout.scene.zaxis):
        assert axis.autorange is False


def test_a_path_is_whole_at_the_end_and_only_its_start_at_first() -> None:
    figure = show(RACE)
    line = next(
        n for n, t in enumerate(figure.data)
        if (t.type, t.name) == ("scatter", "sgd") and t.mode == "lines" and t.xaxis is None
    )  # fmt: skip
    sizes = [len(f.data[f.traces.index(line)].x) for f in figure.frames]
    assert sizes[0] == 1
    assert sizes == sorted(sizes)
    assert sizes[-1] > 20


@pytest.mark.parametrize("steps", [1, 2, 59, 60, 61, 160, 481, 1000, 19_999, 20_000])
def test_frames_are_few_and_evenly_spaced(steps: int) -> None:
    scenario = decode(f"run=sgd(lr=0.0001)&steps={steps}")
    row, frame = strides(steps, 1)
    assert frame % row == 0
    made = record(scenario)
    shown = made.steps[made.frames]
    assert (shown[0], shown[-1]) == (0, steps)
    assert len(shown) <= MOST_FRAMES + 1
    assert set(np.diff(shown)[:-1]) <= {frame}


@pytest.mark.parametrize(
    "query",
    [
        "surface=himmelblau&run=sgd(lr=5)&run=sgd(lr=1e-9)&steps=40",  # diverges; stands still
        "run=asgd(t0=5)&run=schedule_free_sgd(lr=0.001)&steps=40",  # answers beside the paths
        "start=random(n=40)&run=adam&run=sgd(lr=0.0001)&steps=30",  # markers only
        "start=grid(n=3)&run=adam(lr=0.1)&noise=1&steps=30",
        'surface=formula(f="(x - s)**2 - 3*x + y**4",bounds="-2,2,-1,9")&drift=jump&steps=30',
        'surface=formula(f="x*0",bounds="-1,1,-1,1")&steps=3',  # flat
        "steps=1",
    ],
)  # fmt: skip
def test_any_race_becomes_a_figure(query: str) -> None:
    figure = show(query)
    orjson.loads(figure.to_json())
    assert len(figure.frames) >= 2
    drifts = decode(query).drifts
    assert drifts == any("surface" in {d.type for d in frame.data} for frame in figure.frames)
    if "asgd" in query:
        assert any("the answer" in (trace.name or "") for trace in figure.data)


@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_has_a_map_of_shapes(name: str) -> None:
    made = map_shapes(sheet(SURFACES.call(name), 40), PALETTES["light"], is_filled=False)
    ground, *shapes = made
    assert ground["type"] == "rect"
    assert not any("fillcolor" in shape for shape in made)
    assert len(shapes) == 15
    for shape in shapes:
        assert re.fullmatch(r"(M[-+.e\d]+,[-+.e\d]+(L[-+.e\d]+,[-+.e\d]+)*Z)+", shape["path"])


def test_the_curves_of_many_starts_are_medians_between_quartiles() -> None:
    query = "surface=rastrigin&run=adam(lr=0.1)&run=sgd(lr=0.005)&start=random(n=9)&steps=60"
    figure, table = show(query), trajectory(query)
    flat = [t for t in figure.data if t.type == "scatter"]
    drawn = {t.name: t for t in flat if t.yaxis == "y2" and t.mode == "lines"}
    low, high = (10**end for end in figure.layout.yaxis2.range)
    for run, name in enumerate(("adam", "sgd")):
        rows = table[table["run"] == run].pivot(index="step", columns="lane", values="loss")
        parts = {f"{name}, lower quartile": 0.25, name: 0.5, f"{name}, upper quartile": 0.75}
        for trace, share in parts.items():
            wanted = rows.quantile(share, axis=1).loc[list(drawn[trace].x)]
            np.testing.assert_allclose(np.array(drawn[trace].y, float), wanted, rtol=1e-3)
            assert low < min(drawn[trace].y) <= max(drawn[trace].y) < high


@pytest.mark.parametrize("steps", [40, 100])
def test_a_curve_that_begins_at_next_to_nothing_is_in_the_frame_as_far_as_the_map_is(
    steps: int,
) -> None:
    """It rises by 1.44 at each step; the map ends at a loss of 8."""
    figure = show(f'surface=formula(f="x**2 %2B y**2")&run=sgd(lr=1.1)&start=0.001,0&steps={steps}')
    high = 10 ** figure.layout.yaxis2.range[1]
    assert min(1e-6 * 1.44**steps, 8 / 1.44) <= high <= 40


def test_borders_go_round_what_is_inside() -> None:
    axis = np.linspace(-2, 2, 81)
    x, y = np.meshgrid(axis, axis)

    def area(loop: list[tuple[float, float]]) -> float:
        px, py = np.array(loop).T
        return float(np.sum(px * np.roll(py, -1) - np.roll(px, -1) * py) / 2)

    outside = borders(axis, axis, x * x + y * y, 1.0)  # all but a disc
    assert len(outside) == 2
    # a polygon of about 100 sides is smaller than its circle by less than a thousandth
    assert sorted(map(area, outside)) == pytest.approx([-np.pi, 16.0], rel=2e-3)
    assert sorted(map(area, borders(axis, axis, -x * x - y * y, -1.0))) == pytest.approx(
        [np.pi], rel=2e-3
    )
    assert len(borders(axis, axis, x * y, 0.01)) == 2  # at a saddle the two hills stay apart
    assert borders(axis, axis, x, 9.0) == []


def test_tints_run_through_the_stops() -> None:
    colours = PALETTES["dark"]
    assert [tint(share, colours) for share in STOPS] == list(colours.ramp)


def test_what_show_refuses() -> None:
    with pytest.raises(QueryError, match="adam"):
        show("run=adma")
    with pytest.raises(ValueError, match="light or dark"):
        show(RACE, theme="blue")
    with pytest.raises(TypeError, match="Scenario, a Lab or query text"):
        show(7)  # type: ignore[arg-type]
    with pytest.raises(TooLargeError, match=r"1,600 markers.*at most 512.*fewer"):
        show("start=grid(n=40)")
    assert show(Scenario.from_query("steps=2")).layout.meta["query"] == "steps=2"


def test_importing_the_package_loads_no_plotly() -> None:
    code = (
        "import sys, nnopt_viz; from nnopt_viz import simulate; "
        "assert 'show' in dir(nnopt_viz); assert 'plotly' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def unpacked(page: str, part: str) -> bytes:
    packed = re.search(rf'<script type="text/plain" id="{part}">([^<]*)</script>', page)
    assert packed
    return gzip.decompress(b64decode(packed[1]))


def test_the_page_is_a_small_download_that_says_what_it_is(client: FlaskClient) -> None:
    query = encode(landing())
    answer = client.get(f"/run.html?{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="run.html"'
    assert len(answer.data) < 6_000_000  # the aim; with plotly.js compressed it is a third
    page = answer.get_data(as_text=True)
    assert f"<code>?{query.replace('&', '&amp;')}</code>" in page
    assert f"nnopt_viz {__version__}" in page
    assert not re.search(r"<(a|link|img|iframe)\b|\bsrc=", page)
    assert "default-src 'none'" in page
    assert b"plotly.js v" in unpacked(page, "plotly")[:500]
    figure = orjson.loads(unpacked(page, "figure"))
    assert len(figure["frames"]) > 20
    assert all(path[0] in ("data", "layout") for path, _ in figure["dark"])
    assert animated_page(landing()) == answer.data


def test_the_dark_page_is_the_dark_figure() -> None:
    figure = orjson.loads(unpacked(animated_page(decode(RACE)).decode(), "figure"))
    for path, value in figure.pop("dark"):
        part = figure
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value
    for trace in figure["data"]:
        trace.pop("uid", None)  # Plotly's Python writes none
    dark = orjson.loads(show(RACE, "dark").to_json())
    assert figure["data"] == dark["data"]
    assert figure["layout"] == dark["layout"]


def test_nothing_typed_becomes_markup() -> None:
    own = 'surface=formula(f="where(x<1, x*x, x)+y*y",bounds="-2,2,-2,2")'
    rule = "x = x - lr*g*where(x<b,1,1)"
    page = animated_page(decode(
        f'{own}&run=rule(text="{rule}",lr=0.1,b=1)&run=rule(text="x = x - lr*g",lr=0.1)&steps=3'
        .replace(" ", "%20").replace("+", "%2B"))).decode()  # fmt: skip
    body = page.split("<main>")[1].split("</main>")[0]
    assert set(re.findall(r"</?([a-z0-9]+)", body)) <= {
        "h1", "h2", "p", "div", "table", "caption", "tbody", "tr", "th", "td", "code",
    }  # fmt: skip
    figure = orjson.loads(unpacked(page, "figure"))
    texts = " ".join(text["text"] for text in figure["layout"]["annotations"])
    assert set(re.findall(r"</?([a-z]+)", texts)) <= {"b", "br", "span"}


def test_a_page_too_large_says_its_size_and_offers_csv(client: FlaskClient) -> None:
    answer = client.get("/run.html?start=grid(n=40)&steps=9")
    assert answer.status_code == 413
    error = answer.json["error"]
    assert "1,600 markers" in error["message"]
    assert "16,000 positions" in error["message"]
    assert "512" in error["message"]
    assert "/run.csv?start=grid(n=40)&steps=9" in error["allowed"]
    fits = f"start=random(n={recording.MOST_MARKS})&steps=2"
    assert client.get(f"/run.html?{fits}").status_code == 200


def test_the_command_line_writes_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "race.html"
    assert main(["run", RACE, "--out", str(path)]) == 0
    assert path.read_bytes() == animated_page(decode(RACE))
    assert main(["run", "start=grid(n=40)", "--out", str(tmp_path / "large.html")]) == 2
    assert "512" in (said := capsys.readouterr().err)
    assert ".csv" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "large.html").exists()


def test_a_notebook_keeps_the_figure_as_a_page_besides() -> None:
    figure = show(RACE, "dark")
    assert figure._ipython_display_ is None  # IPython then asks for the bundle
    page = figure._repr_mimebundle_()["text/html"]
    assert page.startswith("<iframe srcdoc=")
    held = html.unescape(re.findall(r'srcdoc="([^"]*)"', page)[0])
    assert held.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in held  # it asks no host for anything
    assert held.count(f"--paper:{PALETTES['dark'].paper}") == 2  # dark for every reader
    assert PALETTES["light"].paper not in re.findall("--paper:([^;]*)", held)


def test_signs_of_minima_lie_on_the_sheet() -> None:
    made = record(decode("surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&steps=3"))
    ground = made.grounds[-1]
    signs = lying_signs(made.minima, ground, made.bounds, PALETTES["light"])
    assert [sign["type"] for sign in signs] == ["scatter3d", "mesh3d"]  # rings, then a star
    for sign in signs:
        points = np.array([sign[axis] for axis in "xyz"], dtype=float)
        x, y, z = points[:, ~np.isnan(points[0])]
        lift = z - on_sheet(ground, np.stack([x, y]))
        np.testing.assert_allclose(lift, LIFT * ground.top, atol=1e-3 * ground.top)
    rings = np.array(signs[0]["x"], dtype=float)
    assert np.isnan(rings).sum() == 3  # one local minimum each
    far: Any = [m | {"x": 1e6} for m in made.minima]
    assert lying_signs(far, ground, made.bounds, PALETTES["light"]) == []
