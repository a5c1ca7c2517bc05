"""Write what the documentation generates: docs/reference/, and the marked parts of other pages.

    python tools/reference.py          write it (make reference)
    python tools/reference.py --check  fail when it is out of date (make check)

A whole page says at its top that it is generated. A part of a page stands between
`<!-- made: NAME -->` and `<!-- end -->`. `bench` alone writes the part of that name.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import reference_entries, reference_links, reference_parts, reference_python  # noqa: E402

FOLDER = ROOT / "docs/reference"
PART = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
NOT_OURS = {"bench", "load", "hall"}  # tables that are measured


def main(arguments: list[str]) -> None:
    made = pages() | parts()
    stale = [path for path, text in made.items() if not path.exists() or text != read(path)]
    surplus = sorted(set(FOLDER.glob("*.md")) - set(made))
    if "--check" in arguments:
        if stale or surplus:
            names = ", ".join(str(path.relative_to(ROOT)) for path in [*stale, *surplus])
            raise SystemExit(f"out of date: {names}; run `make reference` and commit it")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_text(made[path], "utf-8")
    for path in surplus:
        path.unlink()


def read(path: Path) -> str:
    return path.read_text("utf-8")


def pages() -> dict[Path, str]:
    """The pages that are generated from first to last line."""
    found = reference_entries.pages() | reference_links.pages() | reference_python.pages()
    lines = [f"| [{page.title}]({page.name}) | {page.holds} |" for page in found.values()]
    index = (
        "# Reference\n\nEverything that can be named, made from the declarations by "
        "`make reference`.\n\n| page | what is there |\n|---|---|\n" + "\n".join(lines) + "\n"
    )
    return {FOLDER / page.name: page.text() for page in found.values()} | {
        FOLDER / "README.md": index
    }


def parts() -> dict[Path, str]:
    """The pages of which a part is generated, with that part as it should be."""
    given = reference_parts.parts()
    made: dict[Path, str] = {}
    seen: list[str] = []
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        names = [found[1] for found in PART.findall(read(path)) if found[1] not in NOT_OURS]
        seen += names
        if names:
            made[path] = PART.sub(lambda part: filled(part, given), read(path))
    if sorted(seen) != sorted(given):
        raise SystemExit(f"each should stand in one page: {', '.join(given)}; there are {seen}")
    return made


def filled(part: re.Match[str], given: dict[str, str]) -> str:
    return part[0] if part[2] in NOT_OURS else f"{part[1]}\n{given[part[2]]}\n{part[3]}"


if __name__ == "__main__":
    main(sys.argv[1:])
