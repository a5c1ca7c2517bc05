"""Learn: the list of lessons, and at each lesson's own address the lesson."""

from __future__ import annotations

from nnopt_viz.lessons import LESSONS, nearest_step
from nnopt_viz.lessons.addresses import PATH, addresses, missing
from nnopt_viz.page.elements import Element
from nnopt_viz.page.help import LEARN
from nnopt_viz.page.hiding import value_of
from nnopt_viz.page.learn_page import learn_page
from nnopt_viz.page.lesson_page import lesson_page
from nnopt_viz.page.page import Address, Page, declare
from nnopt_viz.query.grammar import shorten
from nnopt_viz.query.keys import TRACKING
from nnopt_viz.query.viewing import VIEWING

KEYS = ("step", *VIEWING)


def layout(address: Address) -> Element:
    """The list of lessons, or the lesson that the address names."""
    kept = f"?hide={','.join(address.hide)}" if address.hide else ""
    if address.path == PATH:
        return learn_page(kept)
    lesson = LESSONS[address.path.removeprefix(PATH + "/")]
    asked = value_of(address.search, "step")
    number, told = nearest_step(lesson, "1" if asked is None else asked)
    notes = [*([told] if told else []), *address.notes, *_others(address.search)]
    notes += [
        f"A lesson's race waits for your prediction: {key} does nothing here."
        for key in ("at", "knobs")
        if key in address.viewing
    ]
    return lesson_page(lesson, number, notes, kept)


def _others(search: str) -> list[str]:
    """A sentence about each key that a lesson does not know."""
    parts = search.removeprefix("?").split("&")
    keys = dict.fromkeys(part.partition("=")[0] for part in parts if part)
    return [
        f"A lesson's address has no {shorten(key, 30)!r}, only step and what is seen "
        "(hide, present, …): it was left out."
        for key in keys
        if key not in KEYS and not TRACKING.fullmatch(key)
    ][:3]


declare(
    Page(
        PATH, "Learn", layout, LEARN, also=addresses()[1:], place=40, plays=True, embeds=True,
        missing=missing,
    )
)  # fmt: skip
