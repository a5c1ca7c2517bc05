"""The animated figure of a training against its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz import show, trajectory
from nnopt_viz.cli import main
from nnopt_viz.declare.written import percent
from nnopt_viz.deliver.animated_page import animated_page
from nnopt_viz.deliver.questions import read
from nnopt_viz.figures.lab_figures import slice_sheet
from nnopt_viz.figures.recorded import POINTS, record
from nnopt_viz.figures.tracks import LIFT
from nnopt_viz.lab.result import outcomes, result
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    import plotly.graph_objects as go

    from nnopt_viz.lab.lab import Lab

QUERY = "net=mlp&data=moons(n=160)&run=sgd(lr=0.1)&run=adam(lr=0.02)&epochs=24"
TEST = QUERY + "&plane=random(height=test,of=1)&seeds=3"


def lab(query: str) -> Lab:
    made = read(query)
    assert not isinstance(made, Scenario)
    return made


def markers(figure: go.Figure, frame: Any, kind: str) -> dict[str, Any]:
    """A frame's markers of one kind of trace by the run's name; on the map, not the curves."""
    return {
        figure.data[number].name: data
        for number, data in zip(frame.traces, frame.data, strict=True)
        if figure.data[number].type == kind and figure.data[number].mode == "markers"
        and getattr(figure.data[number], "xaxis", None) is None
    }  # fmt: skip


@pytest.mark.parametrize("query", [QUERY, TEST])
def test_the_heads_are_where_the_numbers_say(query: str) -> None:
    figure, table, made = show(query), trajectory(query), result(lab(query))
    sheet = slice_sheet(made, POINTS)
    height = "test_loss" if "height=test" in query else "loss"
    left, right, low, high = made.slice.bounds
    assert len(figure.frames) > 40
    last = int(figure.frames[-1].name)
    assert last == table["step"].max()
    for frame in figure.frames[:: len(figure.frames) // 6]:
        at = table[table["step"] == int(frame.name)]
        flat, solid = (markers(figure, frame, kind) for kind in ("scatter", "scatter3d"))
        for run, name in enumerate(("sgd", "adam")):
            rows = at[at["run"] == run].sort_values("lane")
            assert len(rows) == len(flat[name].x)
            assert flat[name].x == pytest.approx(rows["x"], abs=(right - left) / 2000)
            assert flat[name].y == pytest.approx(rows["y"], abs=(high - low) / 2000)
            stands = sheet.height_of(rows[height].to_numpy()) + LIFT * sheet.top
            for seen, wanted in zip(solid[name].z, stands, strict=True):
                # the true height, not that of the sheet; nothing stands outside it
                assert seen is None or seen == pytest.approx(
                    min(wanted, (1 + LIFT) * sheet.top), abs=sheet.top / 1000
                )
            assert any(z is not None for z in solid[name].z)


def test_what_is_said_is_what_was_measured() -> None:
    made = lab(QUERY)
    shown, ends = record(made), outcomes(result(made))
    assert shown.names == ["sgd", "adam"]
    for said, end in zip(shown.verdicts, ends, strict=True):
        assert f"Loss {end['loss']:.3g}" in said
        assert f"test accuracy {percent(end['test_accuracy'])}" in said
        assert f"{percent(end['in_plane'])} in plane" in said
        assert f"random walks: {percent(end['random_walk']['high'])}" in said
    assert any("true loss" in note and "runs along the plane" in note for note in shown.notes)


def test_a_run_that_explodes_ends_there() -> None:
    made = record(lab("net=mlp&data=sine(n=60)&run=sgd(lr=1000)&run=adam&epochs=20&plane=random"))
    gone = np.isnan(made.x[0, 0, :, 0])
    assert gone[-1]
    assert not gone[0]
    assert "Diverged" in made.verdicts[0]
    assert "Diverged" not in made.verdicts[1]


def test_the_command_line_writes_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "training.html"
    assert main(["run", QUERY, "--out", str(path)]) == 0
    assert path.read_bytes() == animated_page(lab(QUERY))
    assert f"<code>?{QUERY.replace('&', '&amp;')}</code>" in path.read_text(encoding="utf-8")
    few = "net=mlp&data=xor(n=8)&run=sgd&epochs=1&batch=99"  # one step has one direction
    assert main(["run", few, "--out", str(path)]) == 2
    assert "second main direction" in capsys.readouterr().err
