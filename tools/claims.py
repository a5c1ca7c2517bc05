"""Every claim of every lesson and of every experiment, measured at ten base seeds.

python -m tools.claims                 measures what is out of date; writes tests/golden/claims.json
python -m tools.claims width shift     measures these again

Kept are the numbers, so that a claim may be put otherwise and is judged anew by them; and a hash of
the code that decides them, so that a change of it can't leave them behind unnoticed. Where a claim
does not hold at all ten, the claim has to change, not the seeds. What was measured is written as
it comes: who stops it goes on from there.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.claims import settings, within
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
DECLARED = {"title", "doc", "source", "same", "draws", "lesson", "claims"}  # of a study: its words
Rows = dict[str, Any]  # a number's key -> low, value, high; of a lesson: its sentence -> holds


# --- the code that decides -----------------------------------------------------------------


def code_of(part: str) -> str:
    """A hash of all modules that a part imports, and what these import; of what they do, so that a
    comment, a docstring, another format or the words of an experiment change nothing."""
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
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and (node.func.id == "Study")
        ):
            node.keywords = [one for one in node.keywords if one.arg not in DECLARED]
    return ast.dump(tree)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


# --- what is measured ----------------------------------------------------------------------


def queries(study: str) -> list[str]:
    """The settings that an experiment's claims are about, without their seed."""
    call = STUDIES.call(study)
    return sorted({encode_study(settings(claim, call)) for claim in STUDIES[study].claims})


def measured(query: str, seed: int) -> Rows:
    """What an experiment measures at a base seed."""
    finding = whole(decode_study(query).replace(seed=seed))
    return {one.key: [_short(v) for v in (one.low, one.value, one.high)] for one in finding.numbers}


def _short(value: float) -> str:
    return f"{value:.4g}"  # as text, as it may be infinite


def failed(query: str, rows: Rows) -> list[str]:
    """The claims about these settings that do not hold by what was measured."""
    call = decode_study(query)
    wrong = []
    for claim in STUDIES[call.name].claims:
        if settings(claim, STUDIES.call(call.name)) == call:
            low, _, high = map(float, rows[claim.key])
            if not within(claim, low, high):
                wrong.append(f"{claim.text} {rows[claim.key]}")
    return wrong


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


def parts() -> tuple[str, ...]:
    """What is measured: each experiment, and all lessons together."""
    return (*STUDIES, LESSONS)


def asked(part: str) -> list[str]:
    """The queries of a part."""
    return list(drawn_races()) if part == LESSONS else queries(part)


def rows_of(part: str, query: str, seed: int) -> Rows:
    """What a query comes to at a base seed."""
    return lesson_rows(query, seed) if part == LESSONS else measured(query, seed)


def fails(part: str, at: dict[str, dict[str, Rows]]) -> list[str]:
    """The claims of a part that do not hold, by what is kept of it."""
    wrong = []
    for query, seeds in at.items():
        for seed, rows in seeds.items():
            bad = (
                failed(query, rows) if part != LESSONS else [t for t, so in rows.items() if not so]
            )
            wrong += [f"{query}, seed {seed}: {one}" for one in bad]
    return wrong


def main(names: list[str]) -> int:
    kept = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
    made: dict[str, Any] = {}
    for part in parts():
        code, held = code_of(part), kept.get(part, {})
        is_good = held.get("code") == code and part not in names
        at = (
            {q: rows for q, rows in held.get("at", {}).items() if q in asked(part)}
            if is_good
            else {}
        )
        made[part] = {"code": code, "at": at}
    with ProcessPoolExecutor(2) as pool:
        for part in parts():
            at = made[part]["at"]
            for query in asked(part):
                if len(at.get(query, {})) == len(SEEDS):
                    continue
                every = pool.map(partial(rows_of, part, query), SEEDS)
                at[query] = dict(zip(map(str, SEEDS), every, strict=True))
                print(query, flush=True)
                FILE.write_text(_text(made), "utf-8")
    broken = [one for part in parts() for one in fails(part, made[part]["at"])]
    print(*(f"does not hold: {one}" for one in broken), sep="\n", file=sys.stderr)
    FILE.write_text(_text(made), "utf-8")
    return bool(broken)


def _text(made: dict[str, Any]) -> str:
    """JSON with a line for each measurement."""
    lines = []
    for part, one in made.items():
        rows = [
            f"   {json.dumps(seed)}: {json.dumps(row, ensure_ascii=False)}"
            for at in one["at"].values() for seed, row in at.items()
        ]  # fmt: skip
        each, blocks = iter(rows), []
        for query, at in one["at"].items():
            own = ",\n".join(next(each) for _ in at)
            blocks.append(f"  {json.dumps(query)}: {{\n{own}\n  }}")
        inside = ",\n".join(blocks)
        lines.append(f' {json.dumps(part)}: {{"code": "{one["code"]}", "at": {{\n{inside}\n }}}}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
