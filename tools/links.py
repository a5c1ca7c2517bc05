"""Find dead links in the documentation: files, headings, and places in the code.

    python tools/links.py   prints each and fails (make check); it asks no network

Checked are links to files and headings of this tree, paths in backticks (`nnopt_viz/cli.py`), and
names in them (`nnopt_viz/cli.py:main`).
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *#*$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")  # http:, mailto:


def main() -> None:
    wrong = [fault for page in pages() for fault in faults(page)]
    if wrong:
        raise SystemExit("dead links:\n" + "\n".join(wrong))


def pages() -> list[Path]:
    """Every Markdown page that is tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [ROOT / name for name in sorted(set(listed)) if (ROOT / name).is_file()]


def faults(page: Path) -> list[str]:
    """What is wrong with a page's links, a line each."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    where = page.relative_to(ROOT) if page.is_relative_to(ROOT) else page
    found = []
    for link in _LINK.finditer(_CODE.sub("`code`", text)):
        target = link["target"]
        if not _ELSEWHERE.match(target) and not is_there(page, target):
            found.append(f"{where}: {target}")
    for inside in _CODE.findall(text):
        fault = missing_place(inside)
        if fault:
            found.append(f"{where}: `{inside}`: {fault}")
    return found


def is_there(page: Path, target: str) -> bool:
    """Is there such a file, and such a heading in it?"""
    path, _, heading = target.partition("#")
    at = (page.parent / path).resolve() if path else page
    if not at.exists():
        return False
    if not heading:
        return True
    at = at / "README.md" if at.is_dir() else at
    return at.suffix == ".md" and at.exists() and heading in headings(at)


@cache
def headings(page: Path) -> frozenset[str]:
    """The anchors that a forge gives the headings of a page."""
    seen: dict[str, int] = {}
    made = set()
    for heading in _HEADING.finditer(_FENCE.sub("", page.read_text("utf-8"))):
        anchor = slug(heading["text"])
        made.add(f"{anchor}-{seen[anchor]}" if anchor in seen else anchor)
        seen[anchor] = seen.get(anchor, 0) + 1
    return frozenset(made)


def slug(heading: str) -> str:
    """Lower case, without signs, a hyphen for each space."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-")


def missing_place(inside: str) -> str:
    """Why a path of this tree in backticks is none; empty for what is none or is there."""
    path, _, name = inside.partition(":")
    first = path.split("/")[0]
    if (
        first in ("", ".git")  # what git keeps is not of the tree
        or "/" not in path
        or not re.fullmatch(r"[\w./-]+", path)
        or not (ROOT / first).is_dir()
    ):
        return ""
    if not (ROOT / path).exists():
        return "no such file"
    if not name:
        return ""
    return "" if has_name(ROOT / path, name) else f"no {name} there"


def has_name(path: Path, name: str) -> bool:
    """Does a file define this: `simulate`, `Reading.value`, `#frame`, `FORMATS`?"""
    text = path.read_text("utf-8")
    return all(
        re.search(rf"(?:def|class|function\*?|const|let|get|async) +#?{re.escape(word)}\b", text)
        or re.search(
            rf"^ *(?:async +|static +)?#?{re.escape(word)}(?:\(|\b *[:=])", text, re.MULTILINE
        )
        for word in (part.lstrip("#") for part in name.removesuffix("()").split("."))
    )


if __name__ == "__main__":
    sys.exit(main())
