"""Imports go down from room to room only; a folder is a room, its place its floor."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.support.paths import ROOT

PACKAGE = ROOT / "nnopt_viz"

# Top to bottom; rooms that stand beside each other do not import each other.
ROOMS = (
    ("page",),
    ("web",),
    ("catalogue", "gallery"),
    ("deliver",),
    ("figures",),
    ("lessons",),
    ("race", "lab", "experiments"),
    ("judge",),
    ("query",),
    ("compose",),
    ("surfaces", "optimizers", "schedules", "networks"),
    ("declare",),
    ("formula",),
)
FLOORS = {room: len(ROOMS) - i for i, rooms in enumerate(ROOMS) for room in rooms}
# Imports that run up or sideways still; none may be added.
STILL: set[tuple[str, str]] = set()
# Where a library may be imported: NumPy and the standard library everywhere, others from here up.
WITH_LIBRARIES = "deliver"
LIBRARIES = {
    "llvmlite": {"formula"},
    "plotly": {"figures", "deliver"},
    "dash": {"page"},
    "dash_mantine_components": {"page"},
}


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
            modules = [f"nnopt_viz.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}:{node.lineno}: a relative import"
            modules = [str(node.module)]
        else:
            continue
        found += [Import(part, m, f"{where}:{node.lineno}", node in inside) for m in modules]
    return found


def test_every_room_says_what_it_is() -> None:
    for room in sorted(path for path in PACKAGE.iterdir() if (path / "__init__.py").exists()):
        text = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))
        assert text, f"{room.name} says nothing about itself"


def test_imports_go_down() -> None:
    wrong, seen = [], set()
    for part, module, line, _ in imports():
        target = part_of(module)
        if not module.startswith("nnopt_viz.") or target == part:
            continue
        if part not in FLOORS or target not in FLOORS:  # modules at the root are above all rooms
            continue
        if FLOORS[target] >= FLOORS[part]:
            seen.add((part, target))
            if (part, target) not in STILL:
                wrong.append(f"{line}: {part} imports {module}")
    assert not wrong, "\n".join(wrong)
    assert seen == STILL, f"no longer needed: {STILL - seen}"


def test_libraries_stay_in_their_rooms() -> None:
    above = {room for room, floor in FLOORS.items() if floor >= FLOORS[WITH_LIBRARIES]}
    wrong = []
    for part, module, line, _ in imports():
        library = module.split(".")[0]
        if library in sys.stdlib_module_names | {"nnopt_viz", "numpy"} or part not in FLOORS:
            continue
        allowed = LIBRARIES.get(library, above)
        if part not in allowed:
            wrong.append(f"{line}: {library} is allowed in {sorted(allowed)} only")
    assert not wrong, "\n".join(wrong)


def test_what_computes_runs_with_numpy_alone() -> None:
    """What the statements above say, seen in a fresh interpreter: every module below figures."""
    below = {room for room, floor in FLOORS.items() if floor < FLOORS["figures"]}
    paths = [p for p in sorted(PACKAGE.rglob("*.py")) if p.relative_to(PACKAGE).parts[0] in below]
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in paths]
    names = [name.removesuffix(".__init__") for name in names]
    code = (
        f"import sys; [__import__(name) for name in {names}]; "
        "print(*{name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-1000:]
    # The editable install's own finder and the interpreter's site hooks are no libraries.
    heavy = {"pandas", "plotly", "flask", "dash", "sympy", "scipy", "pyarrow", "orjson"}
    assert not heavy & set(run.stdout.split())
