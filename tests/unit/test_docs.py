"""The documentation: its queries are read, its examples run, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from os.path import relpath
from typing import TYPE_CHECKING

import pytest

from nnopt_viz import __version__
from nnopt_viz.deliver.questions import asked
from nnopt_viz.query.keys import REGISTRIES, QueryError
from nnopt_viz.race.codec import decode
from tests.support.paths import ROOT
from tools import links

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TO_ADD = (ROOT / "docs/how-to-add.md").read_text("utf-8")
README_BYTES = 8192
QUERY = re.compile(r"(?P<path>/\w*)?\?(?P<query>\S.*)|(?P<bare>(?:surface|run|net)=.*)")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
# A file that is there is added to, one that is not is run by itself.
RUN = """
import __future__
import sys
from importlib import import_module
from nnopt_viz.query.keys import REGISTRIES
from nnopt_viz.experiments import STUDIES
from nnopt_viz.lessons import LESSONS
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.gallery import GALLERY
tables = [*REGISTRIES.values(), STUDIES, LESSONS, FORMATS, GALLERY]
if any(path.startswith("nnopt_viz/page/") for path, _ in {blocks!r}):
    from nnopt_viz.page.pages import PAGES  # else it is made after a lesson of its own
    tables.append(PAGES)
before = sum(map(len, tables))
for path, code in {blocks!r}:
    name = path.removesuffix(".py").replace("/", ".")
    try:
        space = vars(import_module(name))
    except ModuleNotFoundError:
        space = {{"__name__": name}}
    exec(compile(code, path, "exec", __future__.annotations.compiler_flag), space)
assert sum(map(len, tables)) == before + 1
from nnopt_viz.wsgi import server
from nnopt_viz.page.pages import PAGES, Address
*_, newest = PAGES.values()
newest.layout(Address(newest.path))
client = server.test_client()
for path in {paths!r}:
    answer = client.get(path)
    assert answer.status_code == 200, answer.data[:300]
print("fine")
"""


def fenced(text: str) -> list[str]:
    """The lines of the blocks that are not Python, and inline code."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    inline = re.findall(
        r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    )
    return [line for block in blocks for line in block.splitlines()] + inline


def queries() -> list[tuple[str, str]]:
    """(path, query) of everything in the written pages that is one, without placeholders."""
    found = []
    for page in PAGES:
        for text in fenced(page.read_text("utf-8")):
            match = QUERY.fullmatch(text.strip())
            if match and not re.search(r"NAME|…", text):
                found.append((match["path"] or "/", match["query"] or match["bare"]))
    return sorted(set(found))


def examples() -> dict[str, tuple[list[tuple[str, str]], str]]:
    """What is added -> the files that add it, and the address at which it is seen."""
    made = {}
    for part in re.split(r"^## ", TO_ADD, flags=re.MULTILINE)[1:]:
        blocks = re.findall(r"```python\n# (nnopt_viz/\S+)\n(.*?)```", part, re.DOTALL)
        if blocks:
            seen = re.search(r"See it: `([^`]*)`", part)
            assert seen, part[:40]
            made[part.partition("\n")[0]] = (blocks, seen[1])
    return made


EXAMPLES = examples()


@pytest.mark.parametrize(("path", "query"), queries())
def test_every_query_in_the_documentation_is_read(path: str, query: str) -> None:
    new = "|".join([*re.findall(r'name="(\w+)"', TO_ADD), "data=diagonal", "plane=weights"])
    if path.startswith(("/learn", "/gallery")) or re.search(rf"\b({new})\b", query):
        return  # a lesson, or one of the examples below
    question = asked(query, "experiment" if path == "/experiment" else "run")
    question.decode(query, True)


def test_there_are_queries_and_examples() -> None:
    assert len(queries()) > 15
    assert len(EXAMPLES) == 10


def data_of(address: str) -> list[str]:
    """The page at an address, and its numbers."""
    path, _, query = address.partition("?")
    if path.startswith("/run."):
        return [address]
    kind = {"/experiment": "/experiment.csv", "/": "/run.csv", "/network": "/run.csv"}.get(path)
    return [f"{kind}?{query}"] if kind else [path]


@pytest.mark.parametrize("what", EXAMPLES)
def test_what_is_added_by_the_book_works(what: str) -> None:
    blocks, address = EXAMPLES[what]
    code = RUN.format(blocks=blocks, paths=data_of(address))
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "fine", run.stderr[-2000:]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem in ("README", "guide")], ids=lambda page: page.stem
)
def test_python_in_the_documentation_runs(page: Path) -> None:
    for block in BLOCK.findall(page.read_text("utf-8")):
        run = subprocess.run(
            [sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr[-2000:]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= README_BYTES


def test_what_is_cited_is_this_release() -> None:
    cited = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(rf"^version: {re.escape(__version__)}$", cited, re.MULTILINE)
    assert f"nnopt_viz {__version__}," in (ROOT / "docs/numbers.md").read_text("utf-8")
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("folder", ["fonts", "vendor"])
def test_what_others_made_is_in_the_notice(folder: str) -> None:
    notice = (ROOT / "NOTICE.md").read_text("utf-8")
    for file in (ROOT / "assets" / folder).iterdir():
        assert file.name in notice


def test_every_entry_has_its_heading_in_the_reference() -> None:
    pages = [page.read_text("utf-8") for page in (ROOT / "docs/reference").glob("*.md")]
    for registry in REGISTRIES.values():
        for name in registry:
            assert any(f"\n### {name}\n" in page for page in pages), name


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("[a](ROOT/README.md)", ""), ("[a](ROOT/README.md#how-fast)", ""), ("[a](ROOT/docs/)", ""),
        ("[a](#here)", ""), ("`nnopt_viz/cli.py:main`", ""), ("`/run.csv`", ""),
        ("`nnopt_viz/query/reading.py:Reading.value`", ""), ("[a](https://example.org/x)", ""),
        ("`assets/player/core/engine.mjs:#frame`", ""), ("![a](ROOT/docs/race.png)", ""),
        ("[a](MISSING.md)", "MISSING.md"), ("[a](ROOT/README.md#nowhere)", "README.md#nowhere"),
        ("[a](#nowhere)", "#nowhere"), ("`nnopt_viz/gone.py`", "no such file"),
        ("`nnopt_viz/cli.py:gone`", "no gone there"), ("![a](gone.png)", "gone.png"),
    ],
)  # fmt: skip
def test_dead_links_are_found(line: str, fault: str, tmp_path: Path) -> None:
    page = tmp_path / "PAGE.md"
    page.write_text(f"# Here\n\n{line.replace('ROOT', relpath(ROOT, tmp_path))}\n", "utf-8")
    found = links.faults(page)
    assert bool(found) == bool(fault)
    assert all(fault in one for one in found)


def test_a_query_that_is_none_would_be_noticed() -> None:
    with pytest.raises(QueryError):
        decode("surface=nowhere")
