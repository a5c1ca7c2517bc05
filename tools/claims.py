"""Every claim of every lesson and of every experiment, measured at ten base seeds.

python -m tools.claims                 measures what is out of date; writes tests/golden/claims.json
python -m tools.claims width shift     measures these again

Where a claim does not hold at all of them it says so and writes nothing: then the claim has to
change, not the seeds. With the measurements stands a hash of the code that decides them, so that a
change of it can't leave them behind unnoticed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.claims import judged, settings
from nnopt_viz.experiments.codec import decode_study, encode_study
from nnopt_viz.experiments.study import whole
from nnopt_viz.lessons import in_order
from nnopt_viz.lessons.measured import Race

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "tests" / "golden" / "claims.json"
PACKAGE = "nnopt_viz"
# Far apart, so that no two have a repetition in common; 0 is what a page shows that asks for
# nothing else.
SEEDS = (0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000)
LESSONS = "lessons"
Rows = dict[str, Any]  # claim -> what was measured for it


# --- the code that decides -----------------------------------------------------------------


def code_of(part: str) -> str:
    """A hash of all modules that a part imports, and what these import; of what they do, so that a
    comment, a docstring or another format changes nothing."""
    name = f"{PACKAGE}.lessons" if part == LESSONS else STUDIES[part].run.__module__
    made = hashlib.sha256()
    for module in sorted(_reached(name)):
        made.update(f"{module}\n{_does(module)}\n".encode())
    return made.hexdigest()[:16]


def _reached(name: str) -> set[str]:
    reached, waiting = set(), [name]
    while waiting:
        module = waiting.pop()
        if module not in reached and _file(module):
            reached.add(module)
            waiting += _imports(module)
    return reached


def _file(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)


@cache
def _tree(module: str) -> ast.Module:
    file = _file(module)
    assert file is not None
    return ast.parse(file.read_text("utf-8"))


@cache
def _imports(module: str) -> list[str]:
    """Modules of this package that a module imports, registries' folders included."""
    found: list[str] = []
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            found += [str(node.module), *(f"{node.module}.{one.name}" for one in node.names)]
    file = _file(module)
    # the folder of a registry imports its files by itself; experiments do not decide each other
    is_theirs = module.startswith(f"{PACKAGE}.experiments")
    if file is not None and file.name == "__init__.py" and not is_theirs:
        found += [f"{module}.{one.stem}" for one in file.parent.glob("*.py") if one != file]
    return [one for one in found if one != PACKAGE]


@cache
def _does(module: str) -> str:
    tree = _tree(module)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_docstring(one)]
    return ast.dump(tree)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


# --- what is measured ----------------------------------------------------------------------


def queries(study: str) -> list[str]:
    """The settings that an experiment's claims are about, without their seed."""
    call = STUDIES.call(study)
    return sorted({encode_study(settings(claim, call)) for claim in STUDIES[study].claims})


def measured(query: str, seed: int) -> Rows:
    """What an experiment's claims come to at a base seed: text -> (low, value, high, holds)."""
    call = decode_study(query).replace(seed=seed)
    return {
        one.claim.text: {
            "low": _short(one.number.low), "value": _short(one.number.value),
            "high": _short(one.number.high), "holds": one.holds,
        }
        for one in judged(call, whole(call))
    }  # fmt: skip


def _short(value: float) -> str:
    return f"{value:.6g}"


def drawn_races() -> dict[str, list[str]]:
    """The races of lessons that a seed decides: query -> the steps that show it."""
    made: dict[str, list[str]] = defaultdict(list)
    for lesson in in_order():
        for at, step in enumerate(lesson.steps, 1):
            for query in (step.query, *(link.query for link in step.links)):
                if _is_drawn(query):
                    made[query].append(f"{lesson.name} {at}")
    return dict(made)


@cache
def _is_drawn(query: str) -> bool:
    ends = {
        repr([(race.x(i), race.y(i), race.highest(i)) for i in range(int(race.runs()))])
        for race in (Race(seeded(query, seed)) for seed in SEEDS[:2])
    }
    return len(ends) > 1


def seeded(query: str, seed: int) -> str:
    """A race's query at another seed."""
    kept = [part for part in query.split("&") if not part.startswith("seed=")]
    return "&".join([*kept, f"seed={seed}"])


def lesson_rows(query: str, seed: int) -> Rows:
    """What the sentences about a race come to at a seed: text -> holds. An answer holds when its
    check says what it is: right, or wrong."""
    race, made = Race(seeded(query, seed)), {}
    for lesson in in_order():
        for step in lesson.steps:
            if step.query == query:
                choices = step.answer if isinstance(step.answer, tuple) else ()
                made |= {one.sentence: bool(one.check(race)) for one in step.claims}
                made |= {f"{step.question} {one.text}": bool(one.check(race)) is one.right
                         for one in choices}  # fmt: skip
            made |= {one.text: bool(one.check(race)) for one in step.links if one.query == query}
    return made


def _task(task: tuple[str, str, int]) -> tuple[tuple[str, str, int], Rows]:
    part, query, seed = task
    rows = lesson_rows(query, seed) if part == LESSONS else measured(query, seed)
    return task, rows


def parts() -> tuple[str, ...]:
    """What is measured: each experiment, and all lessons together."""
    return (*STUDIES, LESSONS)


def tasks(part: str) -> list[tuple[str, str, int]]:
    """(part, query, seed) of all that has to be measured."""
    some = drawn_races() if part == LESSONS else queries(part)
    return [(part, query, seed) for query in some for seed in SEEDS]


def fails(rows: Rows) -> list[str]:
    """The claims that do not hold."""
    return [text for text, row in rows.items() if not (row["holds"] if isinstance(row, dict)
                                                       else row)]  # fmt: skip


def main(names: list[str]) -> int:
    stored = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
    made: dict[str, Any] = {}
    broken: list[str] = []
    with ProcessPoolExecutor(2) as pool:
        for part in parts():
            code, held = code_of(part), stored.get(part, {})
            if held.get("code") == code and part not in names:
                made[part] = held
                continue
            at: dict[str, dict[str, Rows]] = defaultdict(dict)
            for (_, query, seed), rows in pool.map(_task, tasks(part)):
                at[query][str(seed)] = rows
                wrong = [f"{query}, seed {seed}: {text} {rows[text]}" for text in fails(rows)]
                print(f"{part} {query} {seed}", *wrong, sep="\n  does not hold: ", flush=True)
                broken += wrong
            made[part] = {"code": code, "at": at}
    if not broken:
        FILE.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"{FILE.relative_to(ROOT)} written")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
