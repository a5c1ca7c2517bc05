"""What runs are called where they stand beside each other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nnopt_viz.query.keys import knob_text

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call


def labels(runs: tuple[Call, ...]) -> list[str]:
    """What each run is called: its optimizer, and where two share it, what differs."""
    made: list[str] = []
    seen: Counter[str] = Counter()
    for run in runs:
        alike = [other for other in runs if other.name == run.name]
        own = [
            knob_text(run, knob)
            for knob, value in run.knobs
            # Rules of one's own share a name, not their knobs; their texts are too long here.
            if knob != "text" and any(dict(other.knobs).get(knob) != value for other in alike)
        ]
        label = " ".join([run.name, *own])
        seen[label] += 1
        made.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return made
