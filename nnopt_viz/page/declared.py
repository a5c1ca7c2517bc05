"""What the browser needs to know of the declarations to edit a scenario by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nnopt_viz.knobs import Call, Knob
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.runs import run_knobs
from nnopt_viz.scenario import MAX_RUNS, good_rate
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.starts import STARTS
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.url_keys import SCALARS

if TYPE_CHECKING:
    from collections.abc import Iterable

LOG_STEP = 0.05  # 20 positions a decade, so that 1, 2 and 5 are among them

SCENARIO_KNOBS = tuple(SCALARS[name] for name in ("noise", "steps", "seed"))


@dataclass(frozen=True, slots=True)
class Range:
    """What a slider shows of a knob, in the slider's own units (log10 when `log`)."""

    low: float
    high: float
    step: float
    log: bool

    def position(self, value: float) -> float:
        """Where a value stands on the slider; at an end when it is outside."""
        if self.log:
            value = math.log10(value) if value > 0 else self.low
        return min(max(value, self.low), self.high)


def slider_range(knob: Knob) -> Range | None:
    """The slider of a knob; None when a number field serves better."""
    low, high = knob.soft or (knob.low, knob.high)
    width = high - low
    if knob.kind not in ("number", "integer") or isinstance(knob.default, str | Call):
        return None
    if not knob.soft and not (width <= 1000 and (knob.default == 0 or knob.default >= width / 100)):
        return None
    if knob.log:
        return Range(math.log10(low), math.log10(high), LOG_STEP, True)
    step = 1.0 if knob.kind == "integer" else 10.0 ** math.floor(math.log10(width / 100) + 1e-9)
    return Range(low, high, step, False)


@lru_cache(maxsize=1)
def declared() -> dict[str, Any]:
    """Defaults, ranges, starts and rates of every entry, as JSON values."""
    return {
        "surfaces": {
            name: {
                "knobs": _knobs(entry.knobs),
                "start": list(entry.start),
                "bounds": list(entry.bounds),
                "rates": {run: good_rate(name, run) for run in OPTIMIZERS},
            }
            for name, entry in SURFACES.items()
        },
        "optimizers": {
            name: {"knobs": _knobs(run_knobs(entry))} for name, entry in OPTIMIZERS.items()
        },
        "schedules": {name: {"knobs": _knobs(entry.knobs)} for name, entry in SCHEDULES.items()},
        "starts": {name: {"knobs": _knobs(entry.knobs)} for name, entry in STARTS.items()},
        "scenario": _knobs(SCENARIO_KNOBS),
        "max_runs": MAX_RUNS,
    }


def _knobs(knobs: Iterable[Knob]) -> dict[str, Any]:
    return {knob.name: _knob(knob) for knob in knobs}


def _knob(knob: Knob) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": knob.kind, "default": _plain(knob.default)}
    if knob.kind in ("number", "integer"):
        made |= {"low": _finite(knob.low), "high": _finite(knob.high)}
        made |= {"open_low": knob.open_low, "open_high": knob.open_high}
        found = slider_range(knob)
        if found:
            made["slider"] = [found.low, found.high, found.step, found.log]
    if knob.kind == "call":
        made["registry"] = knob.registry
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Call):
        return {"name": value.name, "knobs": {k: _plain(v) for k, v in value.knobs}}
    return value


def _finite(value: float) -> float | None:
    return None if abs(value) == float("inf") else value
