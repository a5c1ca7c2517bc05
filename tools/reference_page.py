"""What the generated pages share: a page, and tables and sentences in Markdown."""

from __future__ import annotations

from dataclasses import dataclass

NOTICE = "<!-- Made by `make reference` from the declarations: change those, not this page. -->\n"


@dataclass(frozen=True, slots=True)
class Page:
    """A generated page.

    Args:
        name: of its file.
        title: its heading.
        holds: what is on it, for the index.
        body: Markdown after the heading.
    """

    name: str
    title: str
    holds: str
    body: str

    def text(self) -> str:
        """The whole file."""
        return f"{NOTICE}\n# {self.title}\n\n{self.body.strip()}\n\n[All pages](README.md)\n"


def table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "".join(f"| {' | '.join(map(cell, line))} |\n" for line in lines)


def cell(text: str) -> str:
    """One line, and no bar that would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def prose(text: str) -> str:
    """Plain text whose signs mean nothing to Markdown; code between backticks stays."""
    pieces = text.split("`")
    for i in range(0, len(pieces), 2):
        for sign in "\\*<":
            pieces[i] = pieces[i].replace(sign, f"\\{sign}")
    return "`".join(pieces)


def code(text: str) -> str:
    """Inline code, also of a text with bars."""
    return f"`{' '.join(text.split())}`"


def block(text: str) -> str:
    """A block of code, without indentation."""
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return f"```\n{lines}\n```\n"


def listed(words: list[str] | tuple[str, ...]) -> str:
    """`a`, `b` and `c`."""
    shown = [code(word) for word in words]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
