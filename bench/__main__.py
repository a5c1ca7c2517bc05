"""Print the table and write it into docs/speed.md: python -m bench [part ...]."""

from __future__ import annotations

import re
import sys
from importlib import import_module

from bench.measure import HEADINGS, ROOT, Row, machine

PAGE = ROOT / "docs/speed.md"
PART = re.compile(r"(<!-- made: bench -->\n).*?(<!-- end -->)", re.DOTALL)
PARTS = ("race", "catalogue", "networks", "prices", "experiments", "starting", "page")


def main(names: list[str]) -> None:
    unknown = set(names) - set(PARTS)
    if unknown:
        raise SystemExit(f"no part is called {min(unknown)}; there are {', '.join(PARTS)}")
    print(machine(), flush=True)
    table: list[Row] = []
    for name in names or PARTS:
        for row in import_module(f"bench.{name}").rows():
            print(*row.cells(), sep=" | ", flush=True)
            table.append(row)
    text = markdown(table)
    print("\n" + text)
    if not names:
        page = PAGE.read_text("utf-8")
        PAGE.write_text(PART.sub(lambda part: f"{part[1]}\n{text}\n{part[2]}", page), "utf-8")


def markdown(table: list[Row]) -> str:
    """The table as docs/speed.md shows it, with the machine it was measured on."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *(row.cells() for row in table)]
    rows = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    return f"{rows}\nMedians of one run on {machine()}. Peers were measured in the same run.\n"


main(sys.argv[1:])
