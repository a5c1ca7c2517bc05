"""What `knobs=…` may keep in view while presenting; `assets/page/in_view.mjs` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.declare.nearest import close
from nnopt_viz.page.declared import declared
from nnopt_viz.query.grammar import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PART = {"runs": "run"}  # what a part of a spec is called where it is one of several
TEXTS = ("text", "f", "bounds")  # of one's own: they are edited, not moved


def knob_names(spec: Mapping[str, Any]) -> list[str]:
    """All that a race or a training has to move: `lr` and `run.lr`, `tilt` and `surface.tilt`.

    Args:
        spec: as `page_spec` or `lab_spec` says it.
    """
    own = "lab" if "net" in spec else "scenario"
    parts: list[tuple[str, dict[str, Any]]] = [
        (own, {key: value for key, value in spec.items() if key in declared()[own]})
    ]
    for key, value in spec.items():
        calls = value if isinstance(value, list) else [value]
        if key not in parts[0][1]:
            parts += [(PART.get(key, key), c["knobs"]) for c in calls if isinstance(c, dict)]
    found = [(part, name) for part, knobs in parts for name in _inside(knobs)]
    return list(dict.fromkeys(text for part, name in found for text in (name, f"{part}.{name}")))


def _inside(knobs: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in knobs.items():
        if name not in TEXTS:
            yield before + name
        if isinstance(value, dict):
            yield from _inside(value["knobs"], f"{before}{name}.")


def unknown(viewing: Mapping[str, Any], known: list[str]) -> list[str]:
    """A sentence about each knob that was to stay in view and that there is none of."""
    made = []
    for name in viewing.get("knobs", ()):
        if name not in known:
            near = close(name, known)
            hint = f"; the nearest is {near}" if near else ""
            made.append(f"There is no knob called {shorten(name, 30)!r} to keep in view{hint}.")
    return made[:3]
