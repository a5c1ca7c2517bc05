"""What the conformance tests measured, and the file it is kept in.

A row is known by what was compared on which surface; a run of some tests replaces their
rows and leaves all others alone.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import packages_distributions, version
from typing import TYPE_CHECKING, Any

from nnopt_viz.catalogue import evidence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Recordings = dict[str, dict[str, list[dict[str, Any]]]]


class Recorder:
    """Collects rows; `write` merges them into the file."""

    def __init__(self) -> None:
        self.rows: Recordings = {}

    def compared(
        self,
        kind: str,
        name: str,
        peer: str,
        on: str,
        differences: list[float],
        *,
        steps: list[int],
        shaken: float = 0.0,
        why: str = "",
        given: str = "",
        otherwise: str = "",
        what: str = "",
        release: str = "",
    ) -> None:
        """One entry against one public implementation, on one surface.

        Args:
            peer: the full name, `optax.contrib.dog`; its first word is what is imported.
            differences: the largest of each run.
            steps: how many steps of each run were compared.
            shaken, why, given, otherwise, what: see `evidence.Comparison`.
            release: of the distribution, where kept figures were compared; else what is installed.
        """
        package = peer.split(".")[0]
        row = {
            "peer": peer,
            "version": release_of(package, release),
            "on": on,
            "runs": len(differences),
            "shortest": min(steps),
            "longest": max(steps),
            "difference": float(f"{max(differences):.1e}"),
            "shaken": float(f"{shaken:.1e}"),
        }
        said = {"why": why, "given": given, "otherwise": otherwise, "what": what}
        self._add(kind, name, row | {word: text for word, text in said.items() if text})

    def worked(self, kind: str, name: str, by: str) -> None:
        """One entry checked by hand."""
        self._add(kind, name, {"by_hand": by})

    def _add(self, kind: str, name: str, row: dict[str, Any]) -> None:
        self.rows.setdefault(kind, {})[name] = merged(self.rows.get(kind, {}).get(name, []), [row])

    def take(self, rows: Recordings) -> None:
        """Rows of another recorder."""
        for kind, entries in rows.items():
            for name, found in entries.items():
                for row in found:
                    self._add(kind, name, row)

    def write(self, path: Path, *, complete: bool) -> None:
        """Merge into the file.

        Args:
            complete: all tests have run and passed, so what was not measured again of a
                measured entry is out of date.
        """
        if not self.rows:
            return
        old: Recordings = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        for kind, entries in self.rows.items():
            kept = old.setdefault(kind, {})
            for name, rows in entries.items():
                kept[name] = rows if complete else merged(kept.get(name, []), rows)
        path.write_text(text(old), "utf-8")
        evidence.load.cache_clear()


@cache
def release_of(package: str, kept: str = "") -> str:
    """Name and version of the distribution that this is imported from, without its build.

    Args:
        kept: the version of which figures are kept; else what is installed.
    """
    if kept:
        return f"{package} {kept.split('+')[0]}"
    names = packages_distributions().get(package, [package])
    name = next((n for n in names if n.replace("-", "_") == package), names[0])
    return f"{name} {version(name).split('+')[0]}"


def merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of one entry, those measured again replaced in their place."""
    rows = {_key(row): row for row in old} | {_key(row): row for row in new}
    return list(rows.values())


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(part) for part in ("peer", "given", "on", "by_hand"))


def text(rows: Recordings) -> str:
    """JSON with a row a line, sorted, so that a change is a change of few lines."""
    kinds = []
    for kind in sorted(rows):
        entries = []
        for name in sorted(rows[kind]):
            listed = sorted(rows[kind][name], key=lambda row: [str(part) for part in _key(row)])
            lines = ",\n".join(f"      {json.dumps(row)}" for row in listed)
            entries.append(f"    {json.dumps(name)}: [\n{lines}\n    ]")
        kinds.append(f"  {json.dumps(kind)}: {{\n" + ",\n".join(entries) + "\n  }")
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def marked(functions: Iterable[Any]) -> dict[tuple[str, str], frozenset[str]]:
    """(kind, name) -> how it is checked by hand, from the marks `worked` of these tests."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for function in functions:
        for mark in getattr(function, "pytestmark", ()):
            if mark.name == "worked":
                kind, by, *names = mark.args
                for name in names:
                    found[kind, name] = found.get((kind, name), frozenset()) | {by}
    return found
