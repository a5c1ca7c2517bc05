"""What the browser needs to know of the declarations to edit a scenario by itself."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.calls import run
from nnopt_viz.compose.own import OWN, RULE, surface_entry
from nnopt_viz.compose.runs import MAX_RUNS, composed, optimizer_entry, run_knobs
from nnopt_viz.declare.drifts import STANDING
from nnopt_viz.declare.knobs import Call, Knob, value_as_json
from nnopt_viz.deliver.formats import FORMATS, Format
from nnopt_viz.formula.notation import CALLABLE
from nnopt_viz.formula.words import CALLS
from nnopt_viz.judge.rates import good_rates, lab_rate
from nnopt_viz.lab.codec import LAB_SCALARS, encode_lab
from nnopt_viz.optimizers import OPTIMIZERS, TRAINERS, Optimizer
from nnopt_viz.query.keys import REGISTRIES, knobs_of_call
from nnopt_viz.race.codec import encode
from nnopt_viz.race.keys import SCALARS
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.race.scenario import Scenario
    from nnopt_viz.surfaces import Surface

LOG_STEP = 0.05  # 20 positions a decade, so that 1, 2 and 5 are among them

WRITE = "Your own rule: write it as a paper does."
FAMILY_ALSO = {"parameter-free": "no learning rate"}  # what else a family is searched by

SCENARIO_KNOBS = tuple(SCALARS[name] for name in ("noise", "steps", "seed"))
DRIFT = Knob(
    "drift", STANDING, "how s moves during the runs: the world changes", kind="call",
    registry="drifts",
)  # fmt: skip


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
            name: _surface(entry, entry.knobs, good_rates(name))
            | {"formula": entry.formula, "title": entry.title}
            for name, entry in SURFACES.items()
        },
        "optimizers": {
            name: {
                "knobs": _knobs(run_knobs(entry)),
                "rule": composed(run(name)).text,
                "own": [knob.name for knob in entry.knobs],
            }
            for name, entry in TRAINERS.items()
        },
        **{
            plural: {name: {"knobs": _knobs(entry.knobs)} for name, entry in registry.items()}
            for plural, registry in REGISTRIES.items()
            if plural not in ("surfaces", "optimizers", "network_optimizers")
        },
        "scenario": _knobs((*SCENARIO_KNOBS, DRIFT)),
        "lab": _knobs(LAB_SCALARS.values()),
        "lab_rates": {name: lab_rate(name) for name in TRAINERS},
        "about": {RULE.name: {"about": WRITE, "words": f"{WRITE} own custom".lower()}}
        | {name: _about(entry) for name, entry in TRAINERS.items()},
        "max_runs": MAX_RUNS,
        "formats": [_format(made) for made in FORMATS.values() if made.label and not made.lacks()],
        "language": {"surface": sorted(CALLABLE), "run": sorted({*CALLABLE, *CALLS})},
    }


def _about(entry: Optimizer) -> dict[str, str]:
    """What an optimizer is in a sentence, and by what it is found."""
    also = TRAINERS.names(entry.name).also
    family = f"{entry.family} {FAMILY_ALSO.get(entry.family, '')}"
    words = (entry.name, entry.title, family, *also, entry.doc)
    return {"about": first_sentence(entry.doc), "words": " ".join(words).replace("_", " ").lower()}


def first_sentence(doc: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=[.!?]) ", doc, maxsplit=1)[0]


def _format(made: Format) -> dict[str, Any]:
    """What the browser offers, and how much of it there can be."""
    most = made.most
    return {"name": made.name, "label": made.label, "kinds": sorted(made.writers)} | (
        {"of": most.of, "most": most.number, "words": most.words} if most else {}
    )


def page_spec(scenario: Scenario) -> dict[str, Any]:
    """The scenario as the browser keeps it: with its text; calls of one's own are declared."""
    spec = scenario.to_spec() | {"query": encode(scenario)}
    if scenario.surface.name in OWN:
        entry, knobs = surface_entry(scenario.surface), knobs_of_call(SURFACES, scenario.surface)
        made = _surface(entry, knobs, good_rates(scenario.surface))
        spec["surface"]["declared"] = made | {"own": [knob.name for knob in entry.knobs]}
    for run_spec, call in zip(spec["runs"], scenario.runs, strict=True):
        if call.name in OWN:
            run_spec["declared"] = _own_run(call)
    return spec


def lab_spec(lab: Lab) -> dict[str, Any]:
    """The training as the browser keeps it."""
    spec = lab.to_spec() | {"query": encode_lab(lab)}
    for run_spec, call in zip(spec["runs"], lab.runs, strict=True):
        if call.name in OWN:
            run_spec["declared"] = _own_run(call)
    return spec


def _own_run(call: Call) -> dict[str, Any]:
    return {
        "knobs": _knobs(knobs_of_call(OPTIMIZERS, call)),
        "own": [knob.name for knob in optimizer_entry(call).knobs],
    }


def _surface(entry: Surface, knobs: Iterable[Knob], rates: dict[str, float]) -> dict[str, Any]:
    return {
        "knobs": _knobs(knobs),
        "start": list(entry.start),
        "bounds": list(entry.bounds),
        "rates": rates,
    }


def _knobs(knobs: Iterable[Knob]) -> dict[str, Any]:
    return {knob.name: _knob(knob) for knob in knobs}


def _knob(knob: Knob) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": knob.kind, "default": value_as_json(knob.default)}
    if knob.kind in ("number", "integer"):
        made |= {"low": _finite(knob.low), "high": _finite(knob.high)}
        made |= {"open_low": knob.open_low, "open_high": knob.open_high}
        found = slider_range(knob)
        if found:
            made["slider"] = [found.low, found.high, found.step, found.log]
    if knob.kind == "call":
        made["registry"] = knob.registry
    if knob.kind == "choice":
        made["choices"] = list(knob.choices)
    return made


def _finite(value: float) -> float | None:
    return None if abs(value) == float("inf") else value
