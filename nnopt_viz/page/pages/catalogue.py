"""The catalogue: every surface, optimizer, schedule and start, from their declarations."""

from __future__ import annotations

from functools import lru_cache, partial
from html import escape
from typing import TYPE_CHECKING, Any

from nnopt_viz.catalogue import evidence
from nnopt_viz.catalogue.listing import EVERY
from nnopt_viz.declare.drifts import DRIFTS
from nnopt_viz.declare.modifiers import MODIFIERS, NOISES
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.figures.mathml import mathml, symbol
from nnopt_viz.figures.mathml_rule import rule_mathml
from nnopt_viz.figures.sparkline import drift_picture, schedule_picture
from nnopt_viz.judge.count import summary
from nnopt_viz.networks import ACTIVATIONS, DATASETS, INITS, LOSSES, NETS
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, OPTIMIZERS
from nnopt_viz.page import ids
from nnopt_viz.page.catalogue_links import TRAINED, race_link
from nnopt_viz.page.controls import spark
from nnopt_viz.page.elements import Element, dmc, html
from nnopt_viz.page.markup import markup
from nnopt_viz.page.page import Address, Page, declare
from nnopt_viz.page.shell import shell
from nnopt_viz.page.surface_panel import picture
from nnopt_viz.query.grammar import number_text, shorten
from nnopt_viz.query.keys import TRACKING
from nnopt_viz.query.viewing import VIEWING
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nnopt_viz.declare.knobs import Knob

    Row = tuple[str, Any]  # what it is called, and its content; left out when empty

WHAT = (
    "What can be raced and trained. A formula of a race is the text that is run: the page, the "
    "numbers and the tests all come from it."
)
OWN_LINES = "the optimizer's own lines"
HELP = {
    "An entry": (
        "Its name is what a link calls it; under “Also called” stand names that are read as this "
        "one. The formula is what is run, with constants to ten digits; “as it is run” is the text "
        "itself. Each knob has its default, its meaning and what may be given."
    ),
    "Minima": (
        "Under the name of a surface stands how many minima were found inside the region shown, at "
        "the default knobs: global ones, than which none lower is known, and local ones."
    ),
    "Differs, evidence, source": (
        "How it differs from PyTorch, optax or the paper; what was measured against other "
        "implementations, as the largest difference; and who it is from."
    ),
    "Race it": (
        "Opens a race, or a training, that shows what the entry does, beside common optimizers or "
        "beside gradient descent without it."
    ),
    "Search": (
        "Finds entries by any of their names, their family and the words of their description. "
        "The key / goes to the field, Esc empties it."
    ),
    "The link": "The address holds what you search for; each “Race it” is a link of its own.",
}


def layout(address: Address) -> Element:
    """The catalogue, and what of its address it has no use for."""
    known = {"q", *VIEWING}
    parts = [part.partition("=")[0] for part in address.search.removeprefix("?").split("&") if part]
    others = dict.fromkeys(key for key in parts if key not in known and not TRACKING.fullmatch(key))
    notes = [
        f"The catalogue's address has no {shorten(key, 30)!r}, only q and "
        "what is seen (hide, present, …): it was left out."
        for key in others
    ]
    return catalogue_page((*address.notes, *notes[:3]))


def catalogue_page(notes: tuple[str, ...] = ()) -> Element:
    """Everything that can be raced or trained, by family, each with a link that does it.

    Args:
        notes: sentences about what was left out of the address.
    """
    heading, lead, *rest = _content()
    told = [html.P(note, className="told", role="status") for note in notes]
    return shell("/catalogue", [html.Div([heading, lead, *told, *rest], className="catalogue")])


@lru_cache(maxsize=1)
def _content() -> list[Element]:
    parts = (
        ("Loss surfaces", "surfaces", SURFACES, _surface),
        ("Optimizers", "optimizers", OPTIMIZERS, _optimizer),
        ("Optimizers of networks", "network_optimizers", NETWORK_OPTIMIZERS, _network_optimizer),
        ("Learning-rate schedules", "schedules", SCHEDULES, _schedule),
        ("Initialization", "starts", STARTS, _start),
        ("What may wrap a run", "modifiers", MODIFIERS, _modifier),
        ("Noise", "noises", NOISES, _noise),
        ("Drift of the data", "drifts", DRIFTS, _drift),
        ("Networks", "networks", NETS, partial(_of_the_lab, "networks")),
        ("Data sets", "datasets", DATASETS, partial(_of_the_lab, "datasets")),
        ("Initializers of weights", "initializers", INITS, partial(_of_the_lab, "initializers")),
        ("Activations", "activations", ACTIVATIONS, _activation),
        ("Losses of networks", "losses", LOSSES, partial(_of_the_lab, "losses")),
    )
    jumps = [
        html.A([title, html.Span(f" {len(registry)}")], href=f"#{kind}")
        for title, kind, registry, _ in parts
    ]
    return [
        html.H1("Catalogue"),
        html.P(
            [
                WHAT,
                " What books and papers printed stands beside ours among the ",
                html.A("numbers you can look up", href="/numbers"),
                ".",
            ],
            className="lead",
        ),
        html.Nav(jumps, className="jumps", **{"aria-label": "Parts of the catalogue"}),
        _search(),
        html.Div(
            className="catalogue-entries", **{"data-html": markup([_part(*p) for p in parts])}
        ),
    ]


def _search() -> Element:
    """The field that filters what is below; `assets/page/catalogue.mjs` does it."""
    field = dmc.TextInput(
        id=ids.CATALOGUE_SEARCH,
        value="",
        placeholder="Search by name, family or words",
        leftSection=html.Span(className="icon icon-search"),
        leftSectionPointerEvents="none",
        rightSection=html.Kbd("/", **{"aria-hidden": "true"}),
        rightSectionPointerEvents="none",
        attributes={"input": {"type": "search", "autoComplete": "off", "spellCheck": "false",
                              "aria-keyshortcuts": "/"}},
        **{"aria-label": "Search the catalogue", "aria-describedby": ids.CATALOGUE_HITS},
    )  # fmt: skip
    hits = html.P(id=ids.CATALOGUE_HITS, className="hits", role="status")
    return html.Div([field, hits], className="catalogue-search", role="search")


def _part(title: str, kind: str, registry: Any, card: Callable[[Any], Element]) -> Element:
    made: list[Element] = [html.H2(title, id=kind)]
    families = registry.by_family()
    for family, entries in families.items():
        heading = html.H3(family[:1].upper() + family[1:]) if len(families) > 1 else None
        cards = html.Div([card(entry) for entry in entries], className="entries")
        made.append(html.Div([heading, cards], className="family"))
    return html.Section(made, className="part", **{"aria-labelledby": kind})


def _surface(entry: Any) -> Element:
    names = ("x", "y", *(knob.name for knob in entry.knobs))
    text = f"f = {entry.formula}"
    return _entry(
        "surfaces", entry, SURFACES.kind,
        before=picture(SURFACES.call(entry.name)),
        under=summary(SURFACES.call(entry.name)),
        formula=_formula(mathml(entry.formula, names), text),
        text=text,
    )  # fmt: skip


def _optimizer(entry: Any) -> Element:
    return _entry("optimizers", entry, OPTIMIZERS.kind, **_rule(entry.rule))


def _network_optimizer(entry: Any) -> Element:
    return _entry("network_optimizers", entry, OPTIMIZERS.kind, **_rule(entry.rule))


def _schedule(entry: Any) -> Element:
    made = _course(entry, "factor")
    if entry.before:  # it watches the loss
        made = _around(entry.before, OWN_LINES, entry.after)
    picture_of = spark(schedule_picture(entry.name))
    return _entry("schedules", entry, SCHEDULES.kind, before=picture_of, **made)


def _modifier(entry: Any) -> Element:
    own = OWN_LINES + (f", with {entry.step} for t" if entry.step else "")
    if entry.each:
        each = entry.each.format(name="old", formula="new")
        own += f"; what they remember is set by {each}"
    lines = _around(entry.before, own, entry.after) if entry.before or entry.after else {}
    return _entry("modifiers", entry, MODIFIERS.kind, **lines)


def _noise(entry: Any) -> Element:
    return _entry("noises", entry, NOISES.kind, **(_rule(entry.rule) if entry.rule else {}))


def _drift(entry: Any) -> Element:
    picture_of = spark(drift_picture(entry.name))
    return _entry("drifts", entry, DRIFTS.kind, before=picture_of, **_course(entry, "share"))


def _rule(rule: str) -> dict[str, Any]:
    """Lines of the rule language, typeset and as text."""
    lines = [line.strip() for line in rule.replace(";", "\n").splitlines() if line.strip()]
    return {
        "formula": _formula(rule_mathml(rule), "; ".join(lines), "typeset-rule"),
        "text": "\n".join(lines),
    }


def _around(before: str, own: str, after: str) -> dict[str, Any]:
    """Lines before and after the optimizer's own, which a sentence stands for."""
    parts = [_rule(part) for part in (before, after)]
    between = f'<div class="rule-line rule-own">{escape(own)}</div>'
    text = "\n".join(filter(None, [parts[0]["text"], f"# {own}", parts[1]["text"]]))
    set_ = between.join(rule_mathml(part) for part in (before, after))
    return {"formula": _formula(set_, text.replace("\n", "; "), "typeset-rule"), "text": text}


def _course(entry: Any, left: str) -> dict[str, Any]:
    """A formula in the step, typeset and as text."""
    names = ("t", "steps", *(knob.name for knob in entry.knobs))
    text = f"{left} = {entry.formula}"
    return {"formula": _formula(mathml(entry.formula, names, left), text), "text": text}


def _start(entry: Any) -> Element:
    return _entry("starts", entry, STARTS.kind)


def _activation(entry: Any) -> Element:
    formula = _formula(mathml(entry.formula, ("u",), "a"), f"a = {entry.formula}")
    return _entry("activations", entry, ACTIVATIONS.kind, formula=formula)


def _of_the_lab(kind: str, entry: Any) -> Element:
    return _entry(kind, entry, EVERY[kind].kind)


def _formula(markup: str, text: str, more: str = "") -> Element:
    return html.Div(
        className=f"formula {more}".strip(),
        role="math",
        **{"data-mathml": markup, "aria-label": text},
    )


def _entry(
    kind: str,
    entry: Any,
    noun: str,
    before: Element | None = None,
    under: str = "",
    formula: Element | None = None,
    text: str = "",
) -> Element:
    """One entry.

    Args:
        kind: its registry, in the plural.
        noun: what it is, in the singular.
        before: its picture.
        under: said beside its name.
        formula: typeset.
        text: the formula as it is run, to copy.
    """
    verb = "Train" if kind in TRAINED else "Race"
    label = {"aria-label": f"{verb} the {noun} {entry.title}"}
    name = html.Span([html.Code(entry.name), under and f" · {under}"], className="entry-name")
    head = html.Div(
        [
            before,
            html.Div([html.H4(entry.title), name], className="entry-title"),
            html.A(
                f"{verb} it",
                href=race_link(kind, entry.name),
                className="race-it",
                **label,
            ),
        ],
        className="entry-head",
    )
    rows: list[Row] = [
        ("Also called", ", ".join(EVERY[kind].names(entry.name).also)),
        ("Knobs", _knobs(entry.knobs, formula is not None)),
        ("Differs", getattr(entry, "differs", "")),
        ("Evidence", [html.P(one) for one in evidence.sentences(kind, entry.name)]
         if kind in evidence.KINDS else None),
        ("Source", getattr(entry, "source", "")),
        ("In torch", _torch(entry)),
        ("Text", html.Details([html.Summary("as it is run"), html.Pre(text)]) if text else None),
    ]  # fmt: skip
    facts = [
        html.Div(
            [html.Dt(called), html.Dd(content)],
            className=f"fact fact-{called.lower().replace(' ', '-')}",
        )
        for called, content in rows
        if content
    ]
    return html.Article(
        [head, html.P(entry.doc, className="doc"), formula, html.Dl(facts) if facts else None],
        className="entry",
    )


def _torch(entry: Any) -> str:
    """What a part of a network is called in torch, where it says so."""
    said = getattr(entry, "torch", "")
    if isinstance(said, str):
        return said and f"torch.nn.{said}"
    return ", ".join(f"torch.nn.functional.{name}" for name in dict.fromkeys(said.values()))


def _knobs(knobs: Iterable[Knob], typeset: bool) -> list[Element]:
    """A line each: name, symbol where a formula has another, default, meaning and range."""
    return [
        html.P([
            html.Code(knob.name),
            f" {symbol(knob.name)}" if typeset and symbol(knob.name) != knob.name else "",
            " = ",
            html.B(_default(knob)),
            f" · {knob.doc}: {knob.allowed()}",
        ])
        for knob in knobs
    ]  # fmt: skip


def _default(knob: Knob) -> str:
    value = knob.default
    if isinstance(value, bool | str):
        return str(value).lower()
    return number_text(value) if isinstance(value, int | float) else value.name


declare(Page("/catalogue", "Catalogue", layout, HELP, place=50))
