"""The command line: numbers in a file, a list, a server; one clear line when it can't."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import nnopt_viz
from nnopt_viz.cli import main
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.deliver.frame import trajectory
from tests.support.paths import ROOT
from tests.support.server import answers, free_port

if TYPE_CHECKING:
    from pathlib import Path

QUERY = "surface=booth&run=adam(lr=0.1)&steps=20"
OFFERED = [f".{made.name}" for made in FORMATS.of("race", offered=True)]


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr of a command that ends with 2."""
    try:
        code = main(arguments)
    except SystemExit as exit_of_argparse:
        code = exit_of_argparse.code
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    return err


def test_run_writes_csv_to_the_terminal() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "nnopt_viz", "run", QUERY], capture_output=True, check=True
    )
    table = pd.read_csv(io.BytesIO(run.stdout))
    pd.testing.assert_frame_equal(
        table, trajectory(QUERY).astype({"optimizer": "str"}), check_dtype=False
    )


@pytest.mark.parametrize("name", ["run.csv", "run.json", "run.parquet", "RUN.CSV"])
def test_run_writes_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    assert main(["run", QUERY, "--out", str(path)]) == 0
    rows = {
        "csv": lambda: len(pd.read_csv(path)),
        "json": lambda: len(json.loads(path.read_bytes())["rows"]["x"]),
        "parquet": lambda: len(pd.read_parquet(path)),
    }[name.lower().split(".")[1]]()
    assert rows == 21


def test_run_takes_longer_queries_than_the_server(tmp_path: Path) -> None:
    query = "&".join(["run=adam(" + " " * 1000 + "lr=0.1)"] * 12) + "&steps=2"
    assert main(["run", query, "--out", str(tmp_path / "run.csv")]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "run=adma"], "adam"),
        (["run", "steps=0"], "from 1 to 20000"),
        (["run", "start=random(n=4096)&steps=20000"], "5,000,000"),
        (["run", QUERY, "--out", "run.xlsx"], " or ".join([", ".join(OFFERED[:-1]), OFFERED[-1]])),
        (["run", QUERY, "--out", "/nowhere/run.csv"], "/nowhere/run.csv"),
        (["run", "steps=20000&start=grid(n=4)", "--out", "run.json"], ".csv"),
        (["list", "surface"], "surfaces, optimizers"),
        (["serve", "--port", "0"], "from 1 to 65535"),
        (["serve", "--host", "no.such.host.invalid"], "no.such.host.invalid"),
        (["serve", "--workers", "many"], "--workers"),
    ],
)
def test_what_can_not_be_done_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(arguments, capsys)
    assert said in line
    assert line.count("\n") == 1
    assert line.startswith("nnopt-viz: ")


@pytest.mark.parametrize("arguments", [[], ["race"], ["run"], ["serve", "--speed", "9"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "usage: nnopt-viz" in refused(arguments, capsys)


def test_parquet_without_its_extra(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "run.parquet"
    assert "pip install" in refused(["run", QUERY, "--out", str(path)], capsys)
    assert not path.exists()


def test_list_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    whole = capsys.readouterr().out
    assert main(["list", "optimizers"]) == 0
    part = capsys.readouterr().out
    assert part in whole
    for word in ("rosenbrock", "adam", "beta1=0.9", "schedule=constant", "cosine", "ring"):
        assert word in whole
    assert "rosenbrock" not in part


def test_a_reader_that_has_enough_is_no_error() -> None:
    command = f'"{sys.executable}" -m nnopt_viz run "steps=20000&run=sgd" | head -2'
    run = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert run.stdout.count("\n") == 2
    assert run.stderr == ""


def serve(port: int, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "nnopt_viz", "serve"],
        env=os.environ | {"NNOPT_VIZ_PORT": str(port), "NNOPT_VIZ_WORKERS": "1"} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_serve_says_where_and_stops_when_asked() -> None:
    port = free_port()
    with serve(port) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"nnopt_viz on http://127.0.0.1:{port}\n"
        while not answers(port):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_port_in_use_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serve(port) as process:
            out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (2, "")
        assert err == (
            f"nnopt-viz: can't listen on 127.0.0.1:{port}: Address already in use; "
            "choose another with --port or NNOPT_VIZ_PORT\n"
        )


def test_a_bad_setting_is_one_line() -> None:
    with serve(free_port(), NNOPT_VIZ_FRAME_ANCESTORS="javascript:x") as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert err.startswith("nnopt-viz: NNOPT_VIZ_FRAME_ANCESTORS is 'self', 'none', *")
    assert err.count("\n") == 1


def test_the_version() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "nnopt_viz", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout == f"nnopt-viz {nnopt_viz.__version__}\n"


def test_the_python_face_is_loaded_when_it_is_used() -> None:
    code = (
        "import sys, nnopt_viz; assert 'numpy' not in sys.modules; "
        "from nnopt_viz import Scenario, simulate; assert 'pandas' not in sys.modules; "
        "chunks = list(simulate(Scenario.from_query('steps=5'))); "
        "from nnopt_viz import trajectory; print(len(trajectory('steps=5')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "6\n"
    assert set(nnopt_viz.__all__) == set(dir(nnopt_viz))
    with pytest.raises(AttributeError, match="nothing"):
        nnopt_viz.nothing  # noqa: B018


def test_the_door_takes_what_serve_takes(capsys: pytest.CaptureFixture[str]) -> None:
    def door(*given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "app.py", *given], cwd=ROOT, capture_output=True, text=True, timeout=60
        )

    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    assert door("--help").stdout == capsys.readouterr().out
    for wrong, said in ((("--port", "x"), "--port"), (("--nope",), "--nope")):
        made = door(*wrong)
        assert (made.returncode, made.stdout) == (2, "")
        assert said in made.stderr
