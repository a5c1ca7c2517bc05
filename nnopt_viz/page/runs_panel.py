"""The runs: one row each, all learning rates on one shared axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.own import OWN, RULE
from nnopt_viz.compose.runs import MAX_RUNS, optimizer_entry, run_knobs
from nnopt_viz.page import controls, ids
from nnopt_viz.page.elements import Element, dmc, html
from nnopt_viz.page.looks import Look, looks
from nnopt_viz.query.viewing import MOST_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.declare.registry import Registry
    from nnopt_viz.optimizers import Optimizer

# Shown and found by what they do: assets/page/options.mjs.
SEARCH: dict[str, Any] = {
    "renderOption": {"function": "withWords"},
    "filter": {"function": "byWords"},
    "nothingFoundMessage": "Nothing found. Try a name, or what it does: momentum, adaptive, "
    "second order, no learning rate …",
}
MEMORY = ("momentum", "beta1")  # knobs that say how much of the past a run carries on


def marker(look: Look) -> Element:
    """The sign of a run: its colour and its shape."""
    return html.Span(className=f"marker shape-{look.shape}", **{"aria-hidden": "true"})


def runs_list(
    runs: tuple[Call, ...],
    opened: int | None,
    optimizers: Registry[Optimizer],
    viewing: Mapping[str, Any],
) -> list[Element]:
    """All rows.

    Args:
        opened: the run whose further knobs are shown.
        viewing: the viewing keys, which say how runs look and what they are called.
    """
    options = _options(optimizers)
    worn = looks(len(runs), viewing)
    return [
        _row(index, run, worn[index], index == opened, len(runs), options)
        for index, run in enumerate(runs)
    ]


def add_run(count: int, optimizers: Registry[Optimizer]) -> Element:
    """The menu that adds one of these optimizers."""
    return dmc.Select(
        id=ids.ADD_RUN,
        data=_options(optimizers),
        value=None,
        searchable=True,
        selectFirstOptionOnChange=True,
        placeholder="Add an optimizer",
        leftSection=html.Span(className="icon icon-plus"),
        leftSectionPointerEvents="none",
        disabled=count >= MAX_RUNS,
        maxDropdownHeight=320,
        comboboxProps={"shadow": "none"},
        className="add-run",
        **SEARCH,
        **{"aria-label": f"Add an optimizer, up to {MAX_RUNS}"},
    )


def _what_if(run: Call, entry: Optimizer) -> dict[str, str]:
    """The same run with one thing changed, to be drawn beside it: what, and in words."""
    made = {"slower": "at half the rate", "faster": "at twice the rate", "noise": "with noise"}
    memory = next((knob.name for knob in entry.knobs if knob.name in MEMORY), None)
    if memory is not None:
        made["momentum"] = "without momentum" if run.number(memory) else "with momentum"
    elif entry.name == "sgd":
        made["momentum"] = "with momentum"
    return made


def _options(optimizers: Registry[Optimizer]) -> list[dict[str, Any]]:
    """The optimizers by family, the visitor's own first."""
    own = {"group": "Your own", "items": [{"value": RULE.name, "label": RULE.name}]}
    return [own, *controls.grouped_options(optimizers)]


def _row(
    index: int, run: Call, look: Look, is_open: bool, count: int, options: list[dict[str, Any]]
) -> Element:
    knobs = {knob.name: knob for knob in run_knobs(optimizer_entry(run))}
    of = f"run {index + 1}, {look.name or run.name}"
    name = dmc.Select(
        id=ids.control("run", index, "name", "choice"),
        data=options,
        value=run.name,
        searchable=True,
        selectFirstOptionOnChange=True,
        allowDeselect=False,
        maxDropdownHeight=320,
        comboboxProps={"shadow": "none", "width": 288, "position": "bottom-start"},
        className="run-name",
        **SEARCH,
        **{"aria-label": f"Optimizer of run {index + 1}", "data-word": run.name},
    )
    rate = controls.number(
        "run", index, "lr", knobs["lr"], run["lr"],
        className="run-rate", **{"aria-label": f"Learning rate of {of}"},
    )  # fmt: skip
    more = dmc.ActionIcon(
        html.Span(className="icon icon-more"),
        id=ids.action("more", index),
        className="run-more",
        **{"aria-label": f"More about {of}", "aria-expanded": "true" if is_open else "false"},
    )
    slider = controls.slider(
        "run", index, "lr", knobs["lr"], run.number("lr"), f"Learning rate of {of}, log scale"
    )
    if look.name:
        called = html.Span(look.name, className="run-called", title=f"{look.name} ({run.name})")
        name = html.Div([called, name], className="run-names")
    parts = [marker(look), name, rate, more, html.Div(slider, className="run-slider")]
    if is_open:
        parts.append(_more(index, run, look, knobs, of, count))
    return html.Li(
        parts,
        className="run is-open" if is_open else "run",
        style={"--run": f"var(--run-{look.slot})"},
    )


def _more(index: int, run: Call, look: Look, knobs: dict[str, Any], of: str, count: int) -> Element:
    entry = optimizer_entry(run)
    own = [knob for knob in entry.knobs if knob.name != "lr"] + [knobs["schedule"]]
    around = [knob for knob in knobs.values() if knob not in (*entry.knobs, knobs["schedule"])]
    lines = "\n".join(line.strip() for line in entry.rule.replace(";", "\n").strip().split("\n"))
    is_wrapped = any(run[knob.name] != knob.default for knob in around)
    buttons = [
        dmc.Button(
            "Edit the rule" if run.name in OWN else "Edit a copy",
            id=ids.action("edit-run", index),
            className="plain",
            **{"aria-label": f"Edit the rule of {of}"},
        ),
        dmc.Button(
            "Duplicate",
            id=ids.action("duplicate", index),
            disabled=count >= MAX_RUNS,
            className="plain",
            **{"aria-label": f"Duplicate {of}"},
        ),
        dmc.Button(
            "Remove",
            id=ids.action("remove", index),
            disabled=count <= 1,
            className="plain",
            **{"aria-label": f"Remove {of}"},
        ),
    ]
    what_if = [
        dmc.Button(
            label, id=ids.action("what-if", f"{index} {kind}"), disabled=count >= MAX_RUNS,
            className="plain", **{"aria-label": f"What if: {of} {label}"},
        )
        for kind, label in _what_if(run, entry).items()
    ]  # fmt: skip
    name = dmc.TextInput(
        id=ids.run_name(index), value=look.name, placeholder=run.name, label="Name",
        spellCheck=False, className="run-naming",
        attributes={"input": {"aria-label": f"Name of {of}", "maxLength": MOST_NAME}},
    )  # fmt: skip
    sweep = dmc.Button(
        "at ×¼, ×1, ×4", id=ids.action("sweep", index), disabled=count >= MAX_RUNS,
        className="plain", **{"aria-label": f"Sweep: {of} at a quarter, once and four times lr"},
    )  # fmt: skip
    return html.Div(
        [
            name,
            html.P(entry.doc, className="run-doc"),
            html.Pre(lines, className="rule", tabIndex=0, **{"aria-label": f"Rule of {of}"}),
            *controls.rows("run", index, own, run, of),
            html.Details(
                [
                    html.Summary("Around the rule: noise, clipping, …"),
                    *controls.rows("run", index, around, run, of),
                ],
                open=is_wrapped,
                className="around",
            ),
            html.H3("What if it ran …", className="what-if"),
            html.Div(what_if, className="run-buttons"),
            html.Div(
                [html.Span("Its learning rate", className="knob-label"), sweep],
                className="run-sweep",
            ),
            html.Div(buttons, className="run-buttons"),
        ],
        className="more",
    )
