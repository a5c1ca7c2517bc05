"""The names that the package gives out, whichever is imported first."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest

import nnopt_viz
from tests.support.paths import ROOT

SPELLINGS = (
    "from nnopt_viz import events as found",
    "from nnopt_viz.events import events as found",
    "import nnopt_viz; found = nnopt_viz.events",
    "import nnopt_viz.events; found = nnopt_viz.events.events",
    "import nnopt_viz.events as module; found = module.events",
)
ASKED = "surface=booth&run=adam(lr=0.1)&steps=50"


def in_fresh_interpreter(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("first", SPELLINGS)
def test_events_is_the_function_whatever_is_imported_first(first: str) -> None:
    """This spelling first, then all of them, and it once more: each finds the same events."""
    lines = [
        f"{spelling}; told.append(found({ASKED!r}))" for spelling in (first, *SPELLINGS, first)
    ]
    code = "\n".join(
        ["told = []", *lines, "assert all(one == told[0] for one in told)", "print(len(told[0]))"]
    )
    assert int(in_fresh_interpreter(code)) > 0


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(SPELLINGS[:2])))
def test_both_imports_work_in_both_orders(first: str, second: str) -> None:
    code = f"{first}; a = found; {second}; assert a({ASKED!r}) == found({ASKED!r})"
    in_fresh_interpreter(code)


def test_every_name_is_there_by_import_and_by_star() -> None:
    names = [name for name in nnopt_viz.__all__ if name != "__version__"]
    code = (
        f"from nnopt_viz import {', '.join(names)}\n"
        f"assert all(map(callable, ({', '.join(names)})))\n"
        "import inspect; print(*inspect.signature(events).parameters)"
    )
    assert in_fresh_interpreter(code).split() == ["scenario", "chunks"]
    in_fresh_interpreter(f"from nnopt_viz import *; {'; '.join(names)}")


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, nnopt_viz; print(*(m for m in sys.modules if m.startswith('nnopt_viz')))"
    assert in_fresh_interpreter(code).split() == ["nnopt_viz"]


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'race_me'"):
        _ = nnopt_viz.race_me  # type: ignore[attr-defined]
