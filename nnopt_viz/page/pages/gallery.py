"""The gallery: famous pictures, each a link with one measured sentence."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.declare.nearest import close
from nnopt_viz.deliver.questions import EXPERIMENT
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.gallery import GALLERY, TOPICS
from nnopt_viz.gallery.measure import sentence
from nnopt_viz.page import ids
from nnopt_viz.page.elements import Element, dmc, html
from nnopt_viz.page.hiding import value_of
from nnopt_viz.page.markup import markup
from nnopt_viz.page.page import Address, Page, declare
from nnopt_viz.page.shell import shell
from nnopt_viz.query.grammar import shorten
from nnopt_viz.query.keys import TRACKING
from nnopt_viz.query.labels import labels
from nnopt_viz.web.gallery import PATH as PICTURES

if TYPE_CHECKING:
    from nnopt_viz.gallery import Entry

PATH, TITLE = "/gallery", "Gallery"
KEYS = ("q", "topic", "hide")
SIGNS = 12  # that runs have
HELP = {
    "A picture": (
        "Each opens what it shows: a race, a training or an experiment, ready to run and to be "
        "changed. The small picture is made by this server from the same numbers: whole paths on "
        "the map, a dot where they start and a sign where they end, or losses over the steps."
    ),
    "The sentence": (
        "Every figure in it was measured in what the link opens, and the tests measure it again. "
        "Where it speaks of chance it says over how many seeds. Where a famous claim does not hold "
        "here, the sentence says what does."
    ),
    "The source": "Who described it first, or best; the setting is often ours.",
    "Topics": (
        "Choose one or more: shown is what belongs to all of them. The key / goes to the search "
        "field, Esc empties it. The address holds both, to be handed on."
    ),
}


def layout(address: Address) -> Element:
    """The gallery, with the topics that the address names, and what was left out of it."""
    topics, notes = _topics(address.search)
    parts = [part.partition("=")[0] for part in address.search.removeprefix("?").split("&") if part]
    others = dict.fromkeys(key for key in parts if key not in KEYS and not TRACKING.fullmatch(key))
    notes += [
        f"The gallery's address has no {shorten(key, 30)!r}, only q, topic and hide: it was left "
        "out."
        for key in others
    ]
    told = [html.P(note, className="told", role="status") for note in (*address.notes, *notes[:3])]
    heading, lead, *rest = _content()
    body = [heading, lead, *told, *rest]
    return shell(PATH, [html.Div(body, className="gallery", **{"data-topics": " ".join(topics)})])


def _topics(search: str) -> tuple[list[str], list[str]]:
    """The topics that an address asks for, and a sentence about each that there is not."""
    wanted = [one.strip() for one in (value_of(search, "topic") or "").split(",")][:20]
    notes = []
    for name in dict.fromkeys(wanted):
        if name and name not in TOPICS:
            near = close(name, TOPICS)
            hint = f"; the nearest is {near}" if near else f"; there are {', '.join(TOPICS)}"
            notes.append(f"There is no topic {shorten(name, 30)!r}{hint}. It was left out.")
    return [name for name in TOPICS if name in wanted], notes


@lru_cache(maxsize=1)
def _content() -> list[Element]:
    return [
        html.H1(TITLE),
        html.P(
            "Famous pictures of learning, and some that should be: what works, and what fails. "
            "Each opens ready to run. Every figure in these sentences was measured here, and the "
            "tests measure it again.",
            className="lead",
        ),
        _search(),
        html.Div(
            className="gallery-content",
            **{"data-html": markup([_chips(), _cards(), _nothing()])},
        ),
    ]


def _search() -> Element:
    """The field that filters what is below; `assets/page/gallery.mjs` does it."""
    field = dmc.TextInput(
        id=ids.GALLERY_SEARCH,
        value="",
        placeholder="Search by words, topic or source",
        leftSection=html.Span(className="icon icon-search"),
        leftSectionPointerEvents="none",
        rightSection=html.Kbd("/", **{"aria-hidden": "true"}),
        rightSectionPointerEvents="none",
        attributes={"input": {"type": "search", "autoComplete": "off", "spellCheck": "false",
                              "aria-keyshortcuts": "/"}},
        **{"aria-label": "Search the gallery", "aria-describedby": ids.GALLERY_HITS},
    )  # fmt: skip
    hits = html.P(id=ids.GALLERY_HITS, className="hits", role="status")
    return html.Div([field, hits], className="catalogue-search", role="search")


def _chips() -> Element:
    made = []
    for name, title in TOPICS.items():
        count = sum(name in entry.topics for entry in GALLERY.values())
        chip = html.Button(
            [title, html.Span(f" {count}")],
            type="button",
            className="chip",
            **{"data-topic": name, "aria-pressed": "false"},
        )
        made.append(chip)
    return html.Div(made, className="chips", role="group", **{"aria-label": "Topics"})


def _cards() -> Element:
    return html.Ul([_card(entry) for entry in GALLERY.values()], className="pictures")


def _nothing() -> Element:
    clear = html.Button("Show all", type="button", className="chip gallery-all")
    return html.P(["No picture is like that. ", clear], className="gallery-nothing", hidden=True)


def _card(entry: Entry) -> Element:
    topics = [html.Span(TOPICS[name], className=f"topic topic-{name}") for name in entry.topics]
    return html.Li(
        [
            html.Span([_image(entry, theme) for theme in THEMES], className="picture-frame"),
            html.H2(html.A(entry.title, href=entry.link)),
            _runs(entry),
            html.P(sentence(entry), className="picture-said"),
            html.P(topics, className="picture-topics"),
            html.P(entry.source, className="picture-source"),
        ],
        className="picture",
        **{"data-topics": " ".join(entry.topics), "data-name": entry.name},
    )


def _image(entry: Entry, theme: str) -> Element:
    """The picture in one theme: it is fetched when it comes into sight, so the other one is not."""
    address = f"{PICTURES}?picture={entry.name}&theme={theme}"
    return html.Img(
        alt="", width="320", height="200", className=f"in-{theme}", **{"data-src": address}
    )


def _runs(entry: Entry) -> Element | None:
    """The signs of the runs and what they are called; an experiment's lines bear their names."""
    question = entry.question
    if question is EXPERIMENT:
        return None
    runs = question.decode(entry.query, False).runs
    names = entry.runs or labels(runs)
    return html.Ul(
        [
            html.Li([
                html.Span(
                    className=f"marker shape-{at % 8}", style={"--run": f"var(--run-{at % SIGNS})"},
                    **{"aria-hidden": "true"},
                ),
                name,
            ])
            for at, name in enumerate(names)
        ],
        className="picture-runs",
        **{"aria-label": "Runs"},
    )  # fmt: skip


declare(Page(PATH, TITLE, layout, HELP, place=45))
