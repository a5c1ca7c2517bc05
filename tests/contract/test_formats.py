"""Formats: one declaration is a route, a schema, a file of the command line and a menu entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nnopt_viz.cli import main
from nnopt_viz.deliver.formats import FORMATS, Format
from nnopt_viz.deliver.questions import EXPERIMENT, QUESTIONS, RACE, TRAINING
from nnopt_viz.page import build_app
from nnopt_viz.page.declared import declared
from nnopt_viz.page.link_panel import link_panel
from nnopt_viz.web import schema
from nnopt_viz.web.release import sources
from tests.support.layout import texts
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKED = {
    RACE.name: "surface=booth&run=adam(lr=0.1)&steps=12",
    TRAINING.name: "net=mlp(hidden=%224%22)&data=xor(n=20)&run=sgd(lr=0.1)&epochs=3",
    EXPERIMENT.name: "study=width(widths=%221,2%22,steps=11,seeds=3)",
}
PAIRS = [(made.name, kind.name) for made in FORMATS.values() for kind in QUESTIONS]


@pytest.fixture(scope="module")
def client() -> Any:
    return build_app().server.test_client()


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_route_for_every_writer_and_a_clear_refusal_for_the_rest(
    client: Any, name: str, kind: str
) -> None:
    made = FORMATS[name]
    question = next(one for one in QUESTIONS if one.name == kind)
    answer = client.get(f"/{question.route}.{name}?{ASKED[kind]}")
    if kind in made.writers:
        assert answer.status_code == 200
        assert answer.mimetype == made.media
        assert ("attachment" in answer.headers.get("Content-Disposition", "")) is made.is_saved
        assert f"/{question.route}.{name}" in schema.document()["paths"]
        assert answer.data  # read to its end: an experiment then gives its place back
        answer.close()
    else:
        assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_file_of_the_command_line_is_what_the_route_sends(
    client: Any, tmp_path: Path, name: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made, path = FORMATS[name], tmp_path / f"out.{name}"
    query = ASKED[kind].replace("%22", '"')
    arguments = ["run", query, "--out", str(path)]
    if kind == EXPERIMENT.name:
        study, _, knobs = query.removeprefix("study=").partition("(")
        arguments = ["experiment", study, knobs.removesuffix(")"), "--out", str(path)]
    if kind in made.writers and made.label:
        assert main(arguments) == 0
        route = next(one.route for one in QUESTIONS if one.name == kind)
        assert path.read_bytes() == client.get(f"/{route}.{name}?{ASKED[kind]}").data
    else:
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert f"out.{name}" in said
        assert ".csv" in said
        assert not path.exists()


@pytest.fixture
def names() -> Iterator[Format]:
    """A format that nobody knew: the names of a race's optimizers."""
    made = FORMATS.add(Format(
        "names", "table", "text/plain",
        {"race": lambda race: "\n".join(call.name for call in race.runs).encode()},
        {"run": "The names of the optimizers."}, {"run": {"type": "string"}}, "Names alone",
    ))  # fmt: skip
    declared.cache_clear()
    yield made
    del FORMATS["names"]
    declared.cache_clear()


def test_a_new_one_needs_nothing_else(names: Format, tmp_path: Path) -> None:
    client = build_app().server.test_client()
    assert client.get(f"/run.names?{ASKED['race']}").data == b"adam"
    refused = client.get(f"/run.names?{ASKED['training']}")
    assert refused.status_code == 400
    assert "/run.csv" in refused.json["error"]["allowed"]
    assert schema.document()["paths"]["/run.names"]["get"]["summary"] == names.summaries["run"]
    assert "Names alone" in texts(link_panel("surface=booth", "race"))
    assert "Names alone" not in texts(link_panel(ASKED["training"], "training"))
    offered = {"name": "names", "label": "Names alone", "kinds": ["race"]}
    assert offered in declared()["formats"]
    path = tmp_path / "booth.names"
    assert main(["run", ASKED["race"], "--out", str(path)]) == 0
    assert path.read_bytes() == b"adam"


@pytest.mark.parametrize("kind", [RACE.name, TRAINING.name])
def test_the_menu_offers_what_the_question_has(kind: str) -> None:
    shown = texts(link_panel(ASKED[kind], kind))
    labels = [made.label for made in FORMATS.values() if made.label and made.label in shown]
    assert labels == [made.label for made in FORMATS.of(kind, offered=True)]


def test_two_of_a_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two formats"):
        FORMATS.add(FORMATS["csv"])


def test_an_answer_is_known_by_every_file_it_may_depend_on() -> None:
    assert sources() == sorted((ROOT / "nnopt_viz").rglob("*.py"))


def test_what_can_not_be_had_here_has_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """The menu says what it lacks, and the browser gives it no address."""
    monkeypatch.setattr("nnopt_viz.deliver.formats.parquet_table.has_parquet", lambda: False)
    declared.cache_clear()
    try:
        assert "parquet" not in [made["name"] for made in declared()["formats"]]
        assert "needs pip install" in texts(link_panel("surface=booth", "race"))
    finally:
        declared.cache_clear()
