"""Print tables and write them into docs/speed.md: python -m bench [part[:option=value,…] ...]."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib import import_module

from bench.measure import HEADINGS, ROOT, machine

PAGE = ROOT / "docs/speed.md"
# The tables of the page and their parts. What is measured whole is written.
TABLES = {
    "bench": ("race", "catalogue", "networks", "prices", "experiments", "starting", "page"),
    "load": ("load",),
    "hall": ("hall",),
}
PARTS = tuple(part for parts in TABLES.values() for part in parts)


def main(names: list[str]) -> None:
    asked = dict(map(part_of, names or TABLES["bench"]))
    unknown = set(asked) - set(PARTS)
    if unknown:
        raise SystemExit(f"no part is called {min(unknown)}; there are {', '.join(PARTS)}")
    made: dict[str, list[tuple[str, ...]]] = {}
    for name, options in asked.items():
        module = import_module(f"bench.{name}")
        print(machine(packages(name)), flush=True)
        made[name] = []
        for row in module.rows(**options):
            print(*row.cells(), sep=" | ", flush=True)
            made[name].append(row.cells())
    for table, parts in TABLES.items():
        measured = [part for part in parts if part in made]
        if not measured:
            continue
        cells = [row for part in measured for row in made[part]]
        text = markdown(headings(measured[0]), cells, packages(measured[0]))
        print("\n" + text)
        if len(measured) == len(parts) and not any(asked[part] for part in parts):
            write(table, text)


def part_of(text: str) -> tuple[str, dict[str, int | str]]:
    """`load:users=20,part=calm` -> the part's name and its options."""
    name, _, options = text.partition(":")
    pairs = (pair.partition("=") for pair in options.split(",") if pair)
    return name, {key: int(value) if value.isdecimal() else value for key, _, value in pairs}


def write(table: str, text: str) -> None:
    page = PAGE.read_text("utf-8")
    part = re.compile(rf"(<!-- made: {table} -->\n).*?(<!-- end -->)", re.DOTALL)
    PAGE.write_text(part.sub(lambda found: f"{found[1]}\n{text}\n{found[2]}", page), "utf-8")


def headings(part: str) -> tuple[str, ...]:
    return getattr(import_module(f"bench.{part}"), "HEADINGS", HEADINGS)


def packages(part: str) -> tuple[str, ...]:
    """Those that a table's last line names; none for the usual ones."""
    return getattr(import_module(f"bench.{part}"), "PACKAGES", ())


def markdown(
    heads: tuple[str, ...], table: Iterable[tuple[str, ...]], named: tuple[str, ...]
) -> str:
    """A table as docs/speed.md shows it, with the machine it was measured on."""
    lines = [heads, tuple("---" for _ in heads), *table]
    rows = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    if named:
        return f"{rows}\nOne run on {machine(named)}.\n"
    return f"{rows}\nMedians of one run on {machine()}. Peers were measured in the same run.\n"


main(sys.argv[1:])
