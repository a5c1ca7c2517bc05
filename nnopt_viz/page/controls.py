"""Controls for a knob, made from its declaration alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.catalogue.glossary import TERMS
from nnopt_viz.declare.knobs import Call
from nnopt_viz.figures.sparkline import schedule_picture
from nnopt_viz.page import ids
from nnopt_viz.page.declared import slider_range
from nnopt_viz.page.elements import Element, dmc, html
from nnopt_viz.query.grammar import number_text
from nnopt_viz.query.keys import IN_KNOBS
from nnopt_viz.schedules import SCHEDULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nnopt_viz.declare.knobs import Knob, Value
    from nnopt_viz.declare.registry import Entry, Registry


def words(name: str) -> str:
    """A knob's name as a label."""
    return name.rpartition(".")[2].replace("_", " ")


def chevron() -> Element:
    """The mark of a field that opens a list."""
    return html.Span(className="icon icon-chevron", **{"aria-hidden": "true"})


def number(part: str, index: int, name: str, knob: Knob, value: Value, **more: Any) -> Element:
    """A number field. `**more` may carry `label`, or an `aria-label`.

    It is a field for text: of what is typed into it no sign is dropped or moved.
    """
    assert isinstance(value, int | float)
    about = {"inputMode": "decimal", "data-allowed": knob.allowed()}
    if name in TERMS:
        more["data-word"] = name
    else:
        about["title"] = knob.doc
    return dmc.TextInput(
        id=ids.field(part, index, name, "number"),
        value=number_text(value),
        attributes={"input": about},
        spellCheck=False,
        className=f"number {more.pop('className', '')}".strip(),
        **more,
    )


def slider(part: str, index: int, name: str, knob: Knob, value: float, label: str) -> Element:
    """A slider over the range worth seeing; log10 when the knob is declared so."""
    found = slider_range(knob)
    assert found is not None
    marks = range(round(found.low), round(found.high) + 1) if found.log else ()
    return dmc.Slider(
        id=ids.control(part, index, name, "slider"),
        value=found.position(value),
        min=found.low,
        max=found.high,
        step=found.step,
        precision=4,
        marks=[{"value": power} for power in marks if found.low <= power <= found.high],
        updatemode="drag",
        label=None,
        thumbLabel=label,
    )


def registry_options(registry: Mapping[str, Entry]) -> list[dict[str, str]]:
    """Options of a plain choice among declared things."""
    return [{"value": name, "label": entry.title} for name, entry in registry.items()]


def spark(picture: str) -> Element:
    """A line the size of a word, inked by the style sheet; see `figures.sparkline`."""
    style = {"maskImage": f"url({picture})"}
    return html.Span(className="spark", style=style, **{"aria-hidden": "true"})


def schedule_options() -> list[dict[str, str]]:
    """Options of the schedule menu; `assets/page/options.mjs` shows the picture of each."""
    return [
        option | {"picture": schedule_picture(option["value"])}
        for option in registry_options(SCHEDULES)
    ]


def grouped_options(registry: Registry[Any]) -> list[dict[str, Any]]:
    """Options by family, in the order of the registry, for a searchable menu."""
    return [
        {
            "group": family[:1].upper() + family[1:],
            "items": [{"value": entry.name, "label": entry.name} for entry in entries],
        }
        for family, entries in registry.by_family().items()
    ]


def row(part: str, index: int, name: str, knob: Knob, value: Value, of: str) -> list[Element]:
    """One labelled row for a knob; a knob that is a call brings its own knobs' rows.

    Args:
        part, index: where it belongs; see `ids.control`.
        name: the knob's name, `schedule.warmup` for a knob of a knob.
        value: its present value.
        of: what it belongs to, for those who hear the page: "run 2, adam".
    """
    label = words(name)
    spoken = f"{label} of {of}"
    if knob.kind == "flag":
        switch = dmc.Switch(id=ids.flag(part, index, name), checked=bool(value), label=label)
        return [html.Div(switch, className="knob", title=knob.doc)]
    if isinstance(value, Call):
        choice = _choice(part, index, name, knob, value.name, label)
        return [choice, *_inner(part, index, name, knob, value, of)]
    if knob.kind == "choice":
        return [_choice(part, index, name, knob, str(value), label)]
    if knob.kind == "text":
        return [_text(part, index, name, knob, str(value), label)]
    field = number(part, index, name, knob, value, **{"aria-label": spoken})
    middle = (
        slider(part, index, name, knob, float(value), f"{spoken}, slider")
        if slider_range(knob)
        else html.Span(className="knob-gap")
    )
    word = {"data-word": name} if name in TERMS else {"title": knob.doc}
    caption = html.Span(label, className="knob-label", **word)
    return [html.Div([caption, middle, field], className="knob")]


def rows(part: str, index: int, knobs: Iterable[Knob], call: Call, of: str) -> list[Element]:
    """Rows for several knobs of a call."""
    return [r for knob in knobs for r in row(part, index, knob.name, knob, call[knob.name], of)]


def _inner(part: str, index: int, name: str, knob: Knob, value: Call, of: str) -> list[Element]:
    """Rows for the knobs of a call that is itself a knob's value."""
    return [
        made
        for inner in IN_KNOBS[knob.registry][value.name].knobs
        for made in row(part, index, f"{name}.{inner.name}", inner, value[inner.name], of)
    ]


def _choice(part: str, index: int, name: str, knob: Knob, value: str, label: str) -> Element:
    more: dict[str, Any] = {}
    if knob.registry == "schedules":
        options = schedule_options()
        more = {
            "renderOption": {"function": "withPicture"},
            "leftSection": spark(schedule_picture(value)),
            "leftSectionWidth": 56,
            "leftSectionPointerEvents": "none",
        }
    elif knob.kind == "call":
        options = registry_options(IN_KNOBS[knob.registry])
    else:
        forms = knob.forms or ("",) * len(knob.choices)
        options = [
            {"value": word, "label": f"{words(word)} ({form})" if form else words(word)}
            for word, form in zip(knob.choices, forms, strict=True)
        ]
    field = dmc.Select(
        id=ids.control(part, index, name, "choice"),
        data=options,
        value=value,
        allowDeselect=False,
        label=label,
        rightSection=chevron(),
        className="knob-choice",
        **more,
    )
    return html.Div(field, className="knob knob-wide", title=knob.doc)


def _text(part: str, index: int, name: str, knob: Knob, value: str, label: str) -> Element:
    field = dmc.TextInput(
        id=ids.field(part, index, name, "text"), value=value, label=label, spellCheck=False
    )
    return html.Div(field, className="knob knob-wide", title=knob.doc)
