"""What an event is, and the table of its kinds: a new one is one declaration in one file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from nnopt_viz.declare.registry import Registry

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Knob
    from nnopt_viz.judge.events.lane import Lane

MOST = 3  # events of one kind in one run: the list is read, not searched


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a kind of event was seen, in one lane.

    Args:
        step, until: its first and last step (the same for what happens in one step).
        text: a plain sentence with its figures.
        figures: the same figures as numbers, in the surface's units.
    """

    step: int
    until: int
    text: str
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event.

    Args:
        name: registry name, as in the JSON.
        title: a few words, as shown.
        family: what it is about.
        find: looks at one lane and tells where it happened, in order of steps.
        doc: what exactly counts, with the thresholds.
        source: author, year, title.
    """

    name: str
    title: str
    family: str
    find: Callable[[Lane], list[Found]]
    doc: str
    source: str
    knobs: tuple[Knob, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one run.

    Args:
        run, lane: which run and start, from 0; always the first start.
        kind, title: which kind, as its registry name and in words.
        step, until: the first and last step that it is about.
        text: a sentence.
        figures: the numbers in it, by name.
    """

    run: int
    lane: int
    kind: str
    title: str
    step: int
    until: int
    text: str
    figures: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Plain values; NaN and infinity become None."""
        figures = {k: v if math.isfinite(v) else None for k, v in self.figures.items()}
        return asdict(self) | {"figures": figures}


EVENTS: Registry[Kind] = Registry("event", ("start", "ravine", "standstill", "wells", "end"))
