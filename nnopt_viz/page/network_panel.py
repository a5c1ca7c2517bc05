"""The lab's rail: data, network, start weights, training, plane; made from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.declare.written import counted
from nnopt_viz.lab.codec import LAB_SCALARS
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES
from nnopt_viz.page import controls, ids
from nnopt_viz.page.elements import Element, dmc, html

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.declare.registry import Registry
    from nnopt_viz.lab.lab import Lab


def lab_panel(lab: Lab) -> list[Element]:
    """Everything of the rail but the runs and the link; made anew when its shape changes."""
    data, net, init, plane = (
        DATASETS[lab.data.name], NETS[lab.net.name], INITS[lab.init.name], PLANES[lab.plane.name]
    )  # fmt: skip
    hidden, activation, *rest = net.knobs
    numbers = [
        controls.number("lab", 0, name, knob, getattr(lab, name), label=name.capitalize())
        for name, knob in LAB_SCALARS.items()
    ]
    return [
        _section(
            "data", "Data", data.doc,
            [
                _picture(ids.DATA_PICTURE, "The data, and what the first run's network says"),
                _choice("data", DATASETS, lab.data, "Set"),
                *controls.rows("data", 0, data.knobs, lab.data, "the data"),
            ],
        ),
        _section(
            "net", "Network", counted(lab.network.size, "parameter"),
            [
                _picture(ids.NET_PICTURE, "The layers of the network"),
                *controls.rows("net", 0, (hidden, activation), lab.net, "the network"),
                _choice("init", INITS, lab.init, "Start weights"),
                *controls.rows("init", 0, init.knobs, lab.init, "the start weights"),
                *controls.rows("net", 0, rest, lab.net, "the network"),
            ],
        ),
        _section(
            "plane", "Plane", "the slice that is shown",
            [
                _choice("plane", PLANES, lab.plane, "Through the end"),
                html.P(plane.doc, className="lab-doc"),
                *controls.rows("plane", 0, plane.knobs, lab.plane, "the plane"),
            ],
        ),
        _section(
            "training", "Training", f"{counted(lab.steps, 'step')} a run",
            [html.Div(numbers, className="start-grid")],
        ),
    ]  # fmt: skip


def _section(name: str, title: str, aside: str, children: list[Element]) -> Element:
    head = html.Div([html.H2(title), html.Span(aside)], className="section-head")
    return html.Div([head, *children], className=f"section section-{name}")


def _picture(name: str, label: str) -> Element:
    """A place that the player draws in."""
    return html.Div(id=name, className="lab-picture", role="img", **{"aria-label": label})


def _choice(part: str, registry: Registry[Any], call: Call, label: str) -> Element:
    field = dmc.Select(
        id=ids.control(part, 0, "name", "choice"),
        data=controls.registry_options(registry),
        value=call.name,
        allowDeselect=False,
        label=label,
        rightSection=controls.chevron(),
        comboboxProps={"shadow": "none"},
        className="knob-choice",
    )
    return html.Div(field, className="knob knob-wide")
