"""The catalogue: every surface, optimizer, schedule and start, from their declarations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nnopt_viz.figures.mathml import mathml
from nnopt_viz.minima import summary
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.page.elements import Element, html
from nnopt_viz.page.shell import shell
from nnopt_viz.page.surface_panel import picture
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.starts import STARTS
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.url_grammar import number_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nnopt_viz.knobs import Knob


@lru_cache(maxsize=1)
def catalogue_page() -> Element:
    """Everything that can be raced, grouped by family, each with a link that races it."""
    content = [
        html.H1("Catalogue"),
        html.P(
            "What can be raced. A formula shown here is the text that is run: the page, the "
            "numbers and the tests all come from it.",
            className="lead",
        ),
        *_part("Loss surfaces", SURFACES, _surface),
        *_part("Optimizers", OPTIMIZERS, _optimizer),
        *_part("Learning-rate schedules", SCHEDULES, _schedule),
        *_part("Initialization", STARTS, _entry),
    ]
    return shell("/catalogue", [html.Div(content, className="catalogue")])


def _part(title: str, registry: Any, card: Any) -> list[Element]:
    made: list[Element] = [html.H2(title)]
    families = registry.by_family()
    for family, entries in families.items():
        if len(families) > 1:
            made.append(html.H3(family[:1].upper() + family[1:]))
        made.append(html.Div([card(entry) for entry in entries], className="entries"))
    return made


def _surface(entry: Any) -> Element:
    call = SURFACES.call(entry.name)
    names = ("x", "y", *(knob.name for knob in entry.knobs))
    return _entry(
        entry,
        html.Div(
            className="formula",
            role="math",
            **{"data-mathml": mathml(entry.formula, names), "aria-label": f"f = {entry.formula}"},
        ),
        before=picture(call),
        under=summary(call),
        link=f"/?surface={entry.name}",
    )


def _optimizer(entry: Any) -> Element:
    lines = [line.strip() for line in entry.rule.replace(";", "\n").splitlines() if line.strip()]
    return _entry(entry, html.Pre("\n".join(lines), className="rule"), link=f"/?run={entry.name}")


def _schedule(entry: Any) -> Element:
    text = f"lr at step t = lr · {entry.formula}"
    return _entry(entry, html.Pre(text, className="rule"))


def _entry(
    entry: Any,
    body: Element | None = None,
    before: Element | None = None,
    under: str = "",
    link: str = "",
) -> Element:
    title = html.A(entry.title, href=link) if link else entry.title
    head = html.Div(
        [
            before,
            html.Div([html.H4(title), html.Span([html.Code(entry.name), under and f" · {under}"])]),
        ],
        className="entry-head",
    )
    source = getattr(entry, "source", "")
    differs = getattr(entry, "differs", "")
    return html.Article(
        [
            head,
            html.P(entry.doc),
            body,
            _knobs(entry.knobs),
            html.P(differs, className="differs") if differs else None,
            html.P(source, className="source") if source else None,
        ],
        className="entry",
    )


def _knobs(knobs: Iterable[Knob]) -> Element | None:
    rows = [
        html.Tr([
            html.Th(html.Code(knob.name), scope="row"),
            html.Td(_default(knob)),
            html.Td(f"{knob.doc}: {knob.allowed()}"),
        ])
        for knob in knobs
    ]  # fmt: skip
    return html.Table(html.Tbody(rows), className="knob-table") if rows else None


def _default(knob: Knob) -> str:
    value = knob.default
    if isinstance(value, bool | str):
        return str(value).lower()
    return number_text(value) if isinstance(value, int | float) else value.name
