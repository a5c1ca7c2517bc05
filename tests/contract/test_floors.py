"""Imports go down the floors only (the order: design of the package, README)."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.paths import ROOT

PACKAGE = ROOT / "nnopt_viz"

# The floor of every part: a module, or a package with all its files.
FLOORS = {
    "compose": 2,
    "declare": 0,
      "formula": 0,
    "surfaces": 1, "optimizers": 1, "schedules": 1,
    "networks": 1,
      "scenario": 2, "lab": 2,
    "url": 3, "url_grammar": 3, "url_keys": 3, "url_reading": 3, "url_own": 3,
    "simulation": 3, "evaluate": 3, "executors": 3, "work": 3, "trace": 3,
    "url_lab": 3, "training": 3, "slices": 3,
    "frame": 4, "outcome": 4, "minima": 4, "events": 4, "lessons": 4,
    "labels": 4, "lab_result": 4, "studies": 4, "url_study": 4,
    "figures": 5, "catalogue": 5, "evidence": 5,
    "api": 6, "openapi": 6, "explained": 6, "inspector": 6, "profile": 6, "questions": 6,
    "experiments": 6,
    "stream": 6, "tables": 6, "lab_stream": 6, "lab_tables": 6, "pacing": 6, "guard": 6,
    "page": 6, "cli": 6, "settings": 6, "serving": 6, "wsgi": 6,
}  # fmt: skip
TOP = max(FLOORS.values())
# Scenario.from_query is the public face of the codec, which itself needs Scenario.
DEFERRED_UP = {("scenario", "url")}
# Where a library may be imported; NumPy and the standard library everywhere.
LIBRARIES = {
    "numpy": set(FLOORS),
    "pandas": {part for part, floor in FLOORS.items() if floor >= 4},
    "plotly": {"figures"},
}
TOP_LIBRARIES = {"dash": {"page"}, "dash_mantine_components": {"page"}}


class Import(NamedTuple):
    """One import statement: in which part, of which module, and whether in a function."""

    part: str
    module: str
    line: str
    deferred: bool


def part_of(module: str) -> str:
    """The part a module of the package belongs to: nnopt_viz.surfaces.convex -> surfaces."""
    return [*module.split("."), ""][1]


@cache
def imports() -> tuple[Import, ...]:
    """Every import in the package, with those for type checkers and inside functions."""
    return tuple(found for path in sorted(PACKAGE.rglob("*.py")) for found in imports_of(path))


def imports_of(path: Path) -> list[Import]:
    where = path.relative_to(PACKAGE)
    part = where.parts[0].removesuffix(".py")
    tree = ast.parse(path.read_text("utf-8"))
    inside = {
        node
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(outer)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "nnopt_viz":
            parts = [alias.name for alias in node.names if alias.name in FLOORS]
            modules = [f"nnopt_viz.{name}" for name in parts]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}:{node.lineno}: a relative import"
            modules = [str(node.module)]
        else:
            continue
        found += [Import(part, m, f"{where}:{node.lineno}", node in inside) for m in modules]
    return found


def test_every_part_has_a_floor() -> None:
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in modules()}
    unknown = parts - set(FLOORS) - {"__init__", "__main__"}
    assert not unknown, f"say on which floor these stand (FLOORS): {sorted(unknown)}"


def modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts]


def test_imports_go_down() -> None:
    wrong = []
    for part, module, line, deferred in imports():
        target = part_of(module)
        if not module.startswith("nnopt_viz.") or target == part or part == "__init__":
            continue
        if deferred and (part, target) in DEFERRED_UP:
            continue
        floor, below = FLOORS.get(part, TOP), FLOORS.get(target, TOP)
        if below > floor or (below == floor == 1):
            wrong.append(f"{line}: floor {floor} imports {module} of floor {below}")
    assert not wrong, "\n".join(wrong)


def test_libraries_stay_on_their_floors() -> None:
    wrong = []
    for part, module, line, _ in imports():
        library = module.split(".")[0]
        if library in sys.stdlib_module_names or library == "nnopt_viz":
            continue
        top = {p for p, floor in FLOORS.items() if floor == TOP}
        allowed = LIBRARIES.get(library, TOP_LIBRARIES.get(library, top))
        if part not in allowed:
            wrong.append(f"{line}: {library} is allowed in {sorted(allowed)} only")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", ["url", "simulation", "trace"])
def test_the_core_runs_with_numpy_alone(module: str) -> None:
    """What the statements above say, seen in a fresh interpreter."""
    code = (
        f"import sys, nnopt_viz.{module}; "
        "print(*{name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # The editable install's own finder and the interpreter's site hooks are no libraries.
    heavy = {"pandas", "plotly", "flask", "dash", "sympy", "scipy", "pyarrow", "orjson"}
    assert not heavy & set(run.stdout.split())
