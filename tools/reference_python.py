"""The page about Python: the public names, from their signatures and docstrings."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any

import nnopt_viz
from nnopt_viz.judge.events import Event
from nnopt_viz.judge.events.event import Found
from nnopt_viz.judge.setup import Setup
from nnopt_viz.judge.simulation import Chunk, Ended
from nnopt_viz.race.result import events
from tools.reference_page import Page, code, prose

# Headings of parts of a docstring.
SECTIONS = ("Args", "Returns", "Yields", "Raises", "Example")
# What the public functions take and give back.
RECORDS = (Setup, Chunk, Ended, Event, Found)
_ITEM = re.compile(r"(?P<names>[A-Za-z_][\w, ]*): (?P<text>.*)", re.DOTALL)


def pages() -> dict[str, Page]:
    """The one page, by its file name."""
    names = [name for name in nnopt_viz.__all__ if not name.startswith("__")]
    given = {name: getattr(nnopt_viz, name) for name in names} | {"events": events}
    text = (
        "```python\nfrom nnopt_viz import " + ", ".join(names) + "\n```\n\n"
        "Each is loaded on first use; `nnopt_viz.__version__` is the release. `trajectory` and "
        "`show` need pandas and Plotly, which come with the package; the others NumPy alone.\n"
    )
    text += "".join(described(name, thing) for name, thing in given.items())
    text += "\n## Records\n" + "".join(
        described(record.__name__, record, "###") for record in RECORDS
    )
    page = Page("python.md", "Python", "the public names, their arguments and what they give", text)
    return {page.name: page}


def described(name: str, thing: Any, mark: str = "##") -> str:
    """One name: signature, docstring, and of a class its public methods."""
    kind = "class" if inspect.isclass(thing) else "function"
    text = f"\n{mark} {name}\n\n```python\n{signature(name, thing)}\n```\n\n"
    text += markdown(inspect.getdoc(thing) or "")
    if kind == "class":
        for method, member in vars(thing).items():
            found = member.__func__ if isinstance(member, classmethod) else member
            if method.startswith("_") or not inspect.isfunction(found) or not found.__doc__:
                continue
            first = f"{name}." if isinstance(member, classmethod) else ""
            text += f"\n{mark}# {name}.{method}\n\n"
            text += f"```python\n{signature(first + method, found)}\n```\n\n"
            text += markdown(inspect.getdoc(found) or "")
    return text


def signature(name: str, thing: Any) -> str:
    """The call as it is written, one argument a line where it is long."""
    if getattr(thing, "_is_protocol", False):
        return f"class {name}(Protocol)"
    if dataclasses.is_dataclass(thing):
        given = [f"{f.name}: {f.type}{default(f.default)}" for f in dataclasses.fields(thing)]
        result = ""
    else:
        made = inspect.signature(thing.__init__ if inspect.isclass(thing) else thing)
        given = [
            f"{p.name}: {p.annotation}{default(p.default)}"
            for p in made.parameters.values()
            if p.name not in ("self", "cls")
        ]
        result = "" if inspect.isclass(thing) else f" -> {made.return_annotation}"
    line = f"{name}({', '.join(given)}){result}"
    if len(line) <= 96:
        return line
    return f"{name}(\n" + "".join(f"    {one},\n" for one in given) + f"){result}"


def default(value: Any) -> str:
    if value in (inspect.Parameter.empty, dataclasses.MISSING):
        return ""
    return f" = {getattr(value, 'name', None)!r}" if hasattr(value, "knobs") else f" = {value!r}"


def markdown(doc: str) -> str:
    """A docstring with its sections as headings in bold and their entries as lists."""
    parts = re.split(rf"^({'|'.join(SECTIONS)}):\s*$", doc, flags=re.MULTILINE)
    text = prose(parts[0].strip()) + "\n"
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        inside, after = within(body)
        if name == "Example":
            lines = re.sub(r"\s*# doctest.*", "", inside)
            text += f"\n**{name}**\n\n```python\n{lines}\n```\n"
            continue
        listed = items(inside) if name in ("Args", "Raises") else f"{prose(joined(inside))}\n"
        text += f"\n**{name}**\n\n{listed}"
        text += f"\n{prose(after)}\n" if after else ""
    return text


def within(body: str) -> tuple[str, str]:
    """The indented lines of a section, and the text after them that belongs to no section."""
    lines = body.strip("\n").splitlines()
    end = next((i for i, line in enumerate(lines) if line and not line.startswith(" ")), len(lines))
    return inspect.cleandoc("\n" + "\n".join(lines[:end])), "\n".join(lines[end:]).strip()


def joined(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def items(body: str) -> str:
    """`name: what` as a list, an entry for each; other text as a paragraph."""
    entries: list[str] = []
    for line in body.splitlines():
        if line.startswith(" ") and entries:
            entries[-1] += f" {line.strip()}"
        else:
            entries.append(line)
    return "".join(item(entry) for entry in entries)


def item(entry: str) -> str:
    found = _ITEM.fullmatch(entry)
    assert found is not None
    names = ", ".join(code(name.strip()) for name in found["names"].split(","))
    return f"- {names}: {prose(found['text'])}\n"
