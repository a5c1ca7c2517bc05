"""Where lessons are found, and what to say where there is none."""

from __future__ import annotations

from nnopt_viz.lessons.lesson import LESSONS, in_order, nearest_lesson
from nnopt_viz.query.grammar import shorten

PATH = "/learn"


def address(name: str) -> str:
    """The path of a lesson."""
    return f"{PATH}/{name}"


def addresses() -> tuple[str, ...]:
    """Every path at which there is a lesson, or the list of them."""
    return (PATH, *(address(lesson.name) for lesson in in_order()))


def missing(path: str) -> tuple[str, str, str] | None:
    """For a path below /learn where there is nothing: a sentence, a link and its words."""
    name = path.removeprefix(PATH + "/").rstrip("/")
    if not path.startswith(PATH + "/") or name in LESSONS:
        return None
    if not name:
        return "The lessons are at /learn, without a slash at the end.", PATH, "All lessons"
    near = nearest_lesson(name)
    sentence = f"There is no lesson {shorten(name, 60)!r}."
    if near is None:
        return sentence, PATH, "All lessons"
    sentence += f" The nearest is “{near.title}”."
    return sentence, address(near.name), f"Open “{near.title}”"
