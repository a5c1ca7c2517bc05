"""Initialization, noise, steps and seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.declare.starts import STARTS
from nnopt_viz.page import controls, ids
from nnopt_viz.page.declared import SCENARIO_KNOBS
from nnopt_viz.page.elements import Element, dmc

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Knob, Value
    from nnopt_viz.race.scenario import Scenario

LABELS = {"x": "Start x", "y": "Start y", "n": "How many"}


def start_panel(scenario: Scenario) -> list[Element]:
    """Fields for the start's own knobs, then noise, steps, seed and the kind of start."""
    start = scenario.start
    own = [
        _field("start", knob, start[knob.name], LABELS.get(knob.name, _title(knob.name)))
        for knob in STARTS[start.name].knobs
    ]
    values = {"noise": scenario.noise, "steps": scenario.steps, "seed": scenario.seed}
    rest = [_field("scenario", k, values[k.name], _title(k.name)) for k in SCENARIO_KNOBS]
    kind = dmc.Select(
        id=ids.control("start", 0, "name", "choice"),
        label="Starts",
        data=controls.registry_options(STARTS),
        value=start.name,
        allowDeselect=False,
        rightSection=controls.chevron(),
        comboboxProps={"shadow": "none", "width": 130, "position": "bottom-end"},
    )
    return [*own, *rest, kind]


def _field(part: str, knob: Knob, value: Value, label: str) -> Element:
    return controls.number(
        part, 0, knob.name, knob, value, label=label, className=f"{part}-{knob.name}"
    )


def _title(name: str) -> str:
    return name[:1].upper() + controls.words(name[1:])
