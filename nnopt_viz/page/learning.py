"""Which page an address at or below /learn means."""

from __future__ import annotations

from nnopt_viz.lessons import LESSONS, nearest_step
from nnopt_viz.lessons.addresses import PATH
from nnopt_viz.page.elements import Element
from nnopt_viz.page.hiding import value_of
from nnopt_viz.page.learn_page import learn_page
from nnopt_viz.page.lesson_page import lesson_page
from nnopt_viz.query.grammar import shorten
from nnopt_viz.query.keys import TRACKING

KEYS = ("step", "hide")


def learning_page(
    path: object, search: object, groups: tuple[str, ...], notes: list[str]
) -> Element | None:
    """The list of lessons, or a lesson; None for every other path.

    Args:
        path, search: of the address.
        groups: what `hide` leaves out; links take it along.
        notes: sentences about the address so far.
    """
    kept = f"?hide={','.join(groups)}" if groups else ""
    if path == PATH:
        return learn_page(kept)
    lesson = LESSONS.get(path.removeprefix(PATH + "/")) if isinstance(path, str) else None
    if lesson is None or path != f"{PATH}/{lesson.name}":
        return None
    asked = value_of(search, "step")
    number, told = nearest_step(lesson, "1" if asked is None else asked)
    return lesson_page(lesson, number, [*([told] if told else []), *notes, *_others(search)], kept)


def _others(search: object) -> list[str]:
    """A sentence about each key that a lesson does not know."""
    parts = search.removeprefix("?").split("&") if isinstance(search, str) else []
    keys = dict.fromkeys(part.partition("=")[0] for part in parts if part)
    return [
        f"A lesson's address has no {shorten(key, 30)!r}, only step and hide: it was left out."
        for key in keys
        if key not in KEYS and not TRACKING.fullmatch(key)
    ][:3]
