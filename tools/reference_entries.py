"""The pages of what is declared: a table of all entries, then each with everything about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.catalogue import listing
from nnopt_viz.catalogue.evidence import KINDS, sentences
from nnopt_viz.compose.own import FORMULA, RULE, Own
from nnopt_viz.declare.written import counted
from nnopt_viz.deliver.compared_words import LIMITS
from nnopt_viz.experiments import STUDIES, IntervalClaim
from nnopt_viz.judge.events import EVENTS
from nnopt_viz.judge.outcome import VERDICTS
from nnopt_viz.judge.terms import TERMS
from nnopt_viz.lessons import in_order
from nnopt_viz.lessons.text import plain
from nnopt_viz.optimizers.optimizer import ASSUMPTIONS
from nnopt_viz.query.keys import value_text
from tools.reference_page import Page, block, code, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nnopt_viz.declare.knobs import Knob
    from nnopt_viz.declare.registry import Registry

EVERY: dict[str, Registry[Any]] = listing.EVERY | {"experiments": STUDIES}
IN_WORDS = {"trainers": "optimizers that train networks", "datasets": "data sets"}
RUN = (
    "Every run also takes `schedule=` ([schedules](schedules.md)) and what the "
    "[modifiers](around.md#modifiers) bring."
)


def pages() -> dict[str, Page]:
    """File name -> page."""
    made = (
        Page(
            "surfaces.md", "Surfaces", "loss surfaces, and how to bring your own",
            "Written `surface=NAME(knob=value)`. Loss and coordinates are dimensionless.\n\n"
            "## The surfaces\n\n" + section("surfaces") + own(FORMULA),
        ),
        Page(
            "optimizers.md", "Optimizers", "optimizers of races and of networks, and your own rule",
            f"Written `run=NAME(knob=value)`. {RUN}\n\n## Optimizers of races and networks\n\n"
            + section("optimizers")
            + "\n## Optimizers of networks\n\nThey treat weights as matrices, so they train in the "
            "network lab and nowhere else: `/network?run=muon`.\n\n"
            + section("network_optimizers") + own(RULE),
        ),
        Page(
            "schedules.md", "Schedules", "how the learning rate changes over a run",
            "Written inside a run: `run=adam(lr=0.02,schedule=NAME(knob=value))`. The formula is "
            "the factor on `lr` at step `t` of `steps`.\n\n## The schedules\n\n"
            + section("schedules"),
        ),
        Page(
            "around.md", "Starts, drifts, noises, modifiers",
            "where runs begin, how a surface moves, what may be wrapped around a rule",
            "## Starts\n\n`start=x,y`, or `start=NAME(knob=value)`: every run begins at each of "
            "these points.\n\n" + section("starts", is_alone=False)
            + "\n## Drifts\n\n`drift=NAME(knob=value)` moves the `s` of a surface that has one. "
            "The formula is the share of the way from the surface's own `s` to 1.\n\n"
            + section("drifts", is_alone=False)
            + "\n## Modifiers\n\nKnobs of every run: `run=sgd(clip_norm=1)`. Each wraps lines "
            "around the optimizer's rule while it is on.\n\n" + section("modifiers", is_alone=False)
            + "\n## Noises\n\nNoise of a run's own: `run=sgd(noise=NAME(knob=value))`, on top of "
            "the race's `noise`, which all runs share.\n\n" + section("noises", is_alone=False),
        ),
        Page(
            "lab.md", "Network lab",
            "networks, data sets, initializers, planes, activations and losses",
            "\n".join(
                f"## {title}\n\nWritten `{key}=NAME(knob=value)`.\n\n"
                + section(plural, is_alone=False)
                for title, key, plural in (
                    ("Networks", "net", "networks"), ("Data sets", "data", "datasets"),
                    ("Initializers", "init", "initializers"), ("Planes", "plane", "planes"),
                )
            )
            + "\n## Activations\n\nWritten `net=mlp(activation=NAME)`; u is what a unit receives."
            "\n\n" + section("activations", is_alone=False)
            + "\n## Losses\n\nWritten `net=mlp(loss=NAME)`.\n\n"
            + section("losses", is_alone=False),
        ),
        Page(
            "experiments.md", "Experiments", "controlled experiments and their measured claims",
            "Written `/experiment?study=NAME(knob=value)`. A claim holds where the whole 95 % "
            "interval of its number lies within the bounds: each does at ten base seeds, measured "
            "by `make claims`.\n\n"
            "## The experiments\n\n" + section("experiments"),
        ),
        Page("lessons.md", "Lessons", "the lessons of `/learn`, step by step", lessons()),
        Page("verdicts.md", "Verdicts and events", "what is said about a run, or of two, and when",
             verdicts()),
    )  # fmt: skip
    return {page.name: page for page in made}


def section(plural: str, is_alone: bool = True) -> str:
    """The table of a registry, then its entries with everything about them.

    Args:
        is_alone: no other registry on the page has an entry of the same name, so that the table
            can lead to each.
    """
    registry = EVERY[plural]
    rows = [
        (f"[{code(name)}](#{name})" if is_alone else code(name), entry.family, knobs(entry.knobs),
         prose(entry.doc))
        for name, entry in registry.items()
    ]  # fmt: skip
    head = table((registry.kind, "family", "knobs (defaults)", "what it is"), rows)
    return head + "".join(
        f"\n### {name}\n\n{details(entry, plural)}\n" for name, entry in registry.items()
    )


def knobs(every: Iterable[Knob]) -> str:
    """The knobs with their defaults, for a cell."""
    return ", ".join(code(f"{k.name}={value_text(k, k.default)}") for k in every) or "–"


def knob_table(every: tuple[Knob, ...]) -> str:
    rows = [(code(k.name), code(value_text(k, k.default)), allowed(k), prose(k.doc)) for k in every]
    return table(("knob", "default", "allowed", "what it is"), rows) + "\n" if rows else ""


def allowed(knob: Knob) -> str:
    """What may be given, in words."""
    if knob.kind != "call":
        return prose(knob.allowed())
    return f"one of the {IN_WORDS.get(knob.registry, knob.registry)}"


def details(entry: Any, plural: str) -> str:
    """Everything about one entry."""
    text = f"**{entry.title}**: {prose(entry.doc)}\n\n"
    for name in ("formula", "rule", "before", "each", "after"):
        if getattr(entry, name, ""):
            text += (f"{LINES[name]}\n\n" if name in LINES else "") + block(getattr(entry, name))
            text += "\n"
    text += knob_table(entry.knobs)
    also = EVERY[plural].names(entry.name).also
    called = [f"Also called {', '.join(also)}."] if also else []
    facts = [*called, *facts_of(entry), *(f"Evidence: {s}" for s in evidence(plural, entry.name))]
    return (text + "".join(f"- {prose(fact)}\n" for fact in facts)).strip()


LINES = {
    "before": "Before the optimizer's lines:",
    "each": "In place of each of the optimizer's assignments to what it remembers:",
    "after": "After them:",
}


def evidence(plural: str, name: str) -> tuple[str, ...]:
    return sentences(plural, name) if plural in KINDS else ()


def facts_of(entry: Any) -> list[str]:
    """What else a declaration says, a sentence or a few words each."""
    made = []
    if hasattr(entry, "bounds"):
        left, right, low, high = entry.bounds
        made.append(f"Shown: x from {left:g} to {right:g}, y from {low:g} to {high:g}")
        made.append(f"Start when none is given: ({entry.start[0]:g}, {entry.start[1]:g})")
        made.append(f"Global minima: {minima(entry)}")
        made.append(f"{'Convex' if entry.convex else 'Not convex'} inside the region shown")
        if entry.kinked:
            made.append("Has kinks, at which the gradient is not defined")
    if getattr(entry, "assumes", ()):
        made += [f"Assumes: {one}; {ASSUMPTIONS[one]}" for one in entry.assumes]
    if getattr(entry, "differs", ""):
        made.append(f"Differs: {entry.differs}")
    if hasattr(entry, "same"):
        made.append(f"The same for all: {entry.same}")
        made.append(f"What varies: {entry.draws}")
        made += [f"Claim{_condition(claim)}: {claim.text}" for claim in entry.claims]
    if getattr(entry, "source", ""):
        made.append(f"Source: {entry.source}")
    return made


def minima(entry: Any) -> str:
    if not entry.minima:
        return "none that is declared"
    shown = [
        (
            code(f"({one.x}, {one.y})"),
            "" if one.when == "1" else f" while {code(one.when)} is not 0",
        )
        for one in entry.minima
    ]
    return ", ".join(where + when for where, when in shown)


def own(entry: Own) -> str:
    """How to bring a formula of one's own."""
    return (
        f"\n## Your own: `{entry.name}`\n\n{entry.doc}\n\n{block(entry.example)}\n"
        f"{knob_table(entry.knobs)}What may stand in it: [the formula language](formulas.md).\n"
    )


def lessons() -> str:
    """Every lesson with the titles of its steps."""
    text = "`/learn/NAME` opens a lesson, `/learn/NAME?step=2` one of its steps.\n"
    for lesson in in_order():
        steps = "".join(f"{i}. {plain(step.title)}\n" for i, step in enumerate(lesson.steps, 1))
        text += f"\n## {lesson.name}\n\n**{lesson.title}**: {lesson.doc}\n\n{steps}"
    return text


def verdicts() -> str:
    """What may become of a run, and what may happen on the way."""
    ends = [(code(name), text) for name, (text, _, _) in VERDICTS.items()]
    kinds = "".join(
        f"\n### {kind.name}\n\n**{kind.title}** ({kind.family}). {prose(kind.doc)}\n\n"
        f"- Source: {prose(kind.source)}\n"
        for kind in EVENTS.values()
    )
    return (
        f"There are {counted(len(VERDICTS), 'verdict')} on where a run ended and "
        f"{counted(len(EVENTS), 'kind')} of events on its way. The thresholds of a verdict are "
        "shown with it, and stand in `nnopt_viz/judge/thresholds.py:thresholds`; "
        "`nnopt_viz/judge/verdict.py:judge` decides: the first that fits, in this order. "
        "Those of an event stand below.\n\n"
        "## Verdicts\n\n"
        + table(("verdict", "in words"), ends) + "\n## Events\n" + kinds
        + "\n## Two runs compared\n\n" + prose(LIMITS) + "\n\n"
        + table(("term", "the step again, without"), [(code(n), t) for n, t in TERMS.items()])
    )  # fmt: skip


def _condition(claim: IntervalClaim) -> str:
    """The settings that a claim is about, where it is not about all."""
    return f" ({', '.join(f'{k}={v}' for k, v in claim.when)})" if claim.when else ""
