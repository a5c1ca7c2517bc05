"""Write what the README generates: the tables of the registries, and the bench's.

    python tools/readme.py          write it
    python tools/readme.py --check  fail when it is out of date (make check)

A generated part stands between `<!-- table: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from nnopt_viz.catalogue.listing import readme_tables

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
RESULTS = ROOT / "bench/results.md"
PART = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main(arguments: list[str]) -> None:
    before = README.read_text("utf-8")
    after = filled(before, tables())
    if before == after:
        return
    if "--check" in arguments:
        raise SystemExit("README.md is out of date: run `make readme` and commit it")
    README.write_text(after, "utf-8")


def tables() -> dict[str, str]:
    """Name -> Markdown."""
    made = readme_tables()
    measured = RESULTS.exists()
    made["bench"] = RESULTS.read_text("utf-8") if measured else "`make bench` prints the table.\n"
    return made


def filled(text: str, made: dict[str, str]) -> str:
    """The text with every generated part as it should be, each exactly once."""
    wanted = [found[1] for found in PART.findall(text)]
    if sorted(wanted) != sorted(made):
        raise SystemExit(f"README.md should have each table once: {', '.join(made)}")
    return PART.sub(lambda part: f"{part[1]}\n{made[part[2]]}\n{part[3]}", text)


main(sys.argv[1:])
