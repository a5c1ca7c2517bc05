"""Viewing keys: what of a link changes what is seen, and never a number.

They are kept in the link and checked like every key, and are no part of a spec, of an ETag or of
data. One table: the page, the routes' check, their schema and the reference read it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.nearest import close
from nnopt_viz.declare.written import counted, exact
from nnopt_viz.query.grammar import (
    GrammarError,
    Many,
    Named,
    Node,
    Number,
    parse,
    percent_decode,
    percent_encode,
    shorten,
    show,
)
from nnopt_viz.query.links import mended

MOST_TITLE, MOST_NOTE, MOST_NAME = 80, 280, 40  # characters
MOST_ITEMS = 20  # of a list that are read
MOST_STEP = 10**9
LEVELS = (2, 60)  # contour levels
# What `hide` can leave out; assets/css/hiding.css does it.
GROUPS = {
    "surface": "the surface's menu and knobs",
    "runs": "the runs and their learning rates",
    "start": "initialization, noise, steps and seed",
    "link": "the page as a link",
    "export": "pictures and data to take away",
    "scene": "the 3D view",
    "curves": "the curves",
    "outcome": "the outcome",
    "closer": "the closer look: one step, the profile",
    "navigation": "the links to the other pages",
    "lessons": "the list of lessons",
}
SHOWN = ("map", "scene", "loss")  # what a small screen can show, one at a time
HEIGHTS = ("log", "linear")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # makes text run the other way
_KNOB = re.compile(r"[A-Za-z_][A-Za-z_0-9]*(\.[A-Za-z_][A-Za-z_0-9]*)?")


class ViewingError(ValueError):
    """A value that can't be used as it is.

    Args:
        message: a plain sentence.
        nearest: what may stand there instead, as text, or None.
        instead: the nearest value; None where the key is left out.
        done: what a page does about it, a sentence.
    """

    def __init__(
        self, message: str, nearest: str | None = None, instead: Any = None,
        done: str = "It was left out.",
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.message, self.nearest, self.instead, self.done = message, nearest, instead, done


@dataclass(frozen=True, slots=True)
class ViewingKey:
    """One key.

    Args:
        name: the key.
        doc: what it does, for the reference.
        form: what may stand there, in words.
        example: a value.
        read: text -> value as plain JSON; raises ViewingError.
        write: the inverse.
        schema: what a value looks like, as JSON Schema; an array is a list with commas.
    """

    name: str
    doc: str
    form: str
    example: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    schema: Mapping[str, Any]


def plain_text(key: str, most: int) -> Callable[[str], str]:
    """Reads a line of plain text: no control characters, at most so many characters."""

    def read(text: str) -> str:
        kept = "".join(
            " " if unicodedata.category(c) in ("Zl", "Zp") or c in "\t\r\n" else c for c in text
        )
        clean = "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cs"))
        clean = _TURNING.sub("", clean)
        one_line = " ".join(clean.split())
        if clean != kept:
            raise ViewingError(
                f"{key} is plain text, without control characters.", one_line[:most],
                one_line[:most] or None, "They were left out.",
            )  # fmt: skip
        if len(one_line) > most:
            cut = one_line[:most].rstrip()
            raise ViewingError(
                f"{key} has {counted(len(one_line), 'character')}; at most {most} are shown.",
                cut, cut, f"The first {most} are.",
            )  # fmt: skip
        return one_line

    return read


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",")]


def _words(key: str, text: str, allowed: Callable[[str], bool], told: Callable[[str], str]) -> Any:
    """Words, each once; `told` says of one that is not allowed what is wrong with it."""
    items = _items(text)
    good = list(dict.fromkeys(item for item in items[:MOST_ITEMS] if allowed(item)))
    bad = next((item for item in items if not allowed(item)), None)
    if bad is not None:
        raise ViewingError(told(bad), instead=good)
    if len(items) > MOST_ITEMS:
        message = f"{key} has more than {MOST_ITEMS} words."
        raise ViewingError(message, instead=good, done=f"The first {MOST_ITEMS} are used.")
    return good


def _read_hide(text: str) -> list[str]:
    def told(name: str) -> str:
        near = close(name, GROUPS)
        hint = f"; the nearest is {near}" if near else f": {', '.join(GROUPS)} can be"
        return f"There is nothing called {shorten(name, 30)!r} to hide{hint}."

    found: list[str] = _words("hide", text, GROUPS.__contains__, told)
    return found


def _read_names(text: str) -> dict[str, Any]:
    runs: list[str] = []
    surface = ""
    fault: ViewingError | None = None
    read_name = plain_text("a name", MOST_NAME)
    for item in _items(text)[: MAX_RUNS + 1]:
        is_surface = item.startswith("surface:")
        try:
            name = read_name(item.removeprefix("surface:"))
        except ViewingError as problem:
            name, fault = problem.instead or "", problem
        if is_surface:
            surface = name
        else:
            runs.append(name)
    if len(_items(text)) > MAX_RUNS + 1 or len(runs) > MAX_RUNS:
        fault = ViewingError(
            f"names has more than {MAX_RUNS} names of runs.", done=f"The first {MAX_RUNS} are used."
        )
    while runs and not runs[-1]:
        runs.pop()
    made = {"runs": runs[:MAX_RUNS], "surface": surface}
    if fault is not None:
        raise ViewingError(fault.message, _write_names(made), made, fault.done)
    return made


def _write_names(names: Mapping[str, Any]) -> str:
    surface = [f"surface:{names['surface']}"] if names["surface"] else []
    return ",".join([*names["runs"], *surface])


def _read_styles(text: str) -> list[int]:
    found: list[int] = []
    for item in _items(text)[: MAX_RUNS + 1]:
        number = int(item) if re.fullmatch(r"\d{1,3}", item, re.ASCII) else 0
        if not 1 <= number <= MAX_RUNS or number in found or len(found) == MAX_RUNS:
            raise ViewingError(
                f"styles are up to {MAX_RUNS} different numbers from 1 to {MAX_RUNS}, one a run: "
                f"{shorten(item, 30)!r} is none of them.",
            )
        found.append(number)
    return found


def _read_at(text: str) -> dict[str, Any]:
    step, *more = _items(text)
    plays = more == ["play"]
    if (more and not plays) or not (step == "end" or re.fullmatch(r"\d{1,10}", step, re.ASCII)):
        raise ViewingError(
            f"at is a step such as 40, or end; with ,play it goes on from there: "
            f"not {shorten(text, 30)!r}."
        )
    return {"step": step if step == "end" else min(int(step), MOST_STEP), "plays": plays}


def _write_at(at: Mapping[str, Any]) -> str:
    return f"{at['step']}{',play' if at['plays'] else ''}"


def _read_present(text: str) -> bool:
    if text not in ("true", "false"):
        raise ViewingError(f"present is true or false, not {shorten(text, 30)!r}.", "true")
    return text == "true"


def _read_knobs(text: str) -> list[str]:
    found: list[str] = _words(
        "knobs", text,
        lambda name: _KNOB.fullmatch(name) is not None and len(name) <= MOST_NAME,
        lambda name: f"knobs are names such as lr, tilt or steps: {shorten(name, 30)!r} is none.",
    )  # fmt: skip
    return found


# view=map(x=(-2,2),y=(-1,3),height=linear,levels=24,arrows=true,eye=(1,1,1),shows=scene)
def _read_view(text: str) -> dict[str, Any]:
    try:
        nodes = parse(text)
    except GrammarError as fault:
        raise ViewingError(f"view could not be read: {fault}.") from None
    if len(nodes) != 1 or not isinstance(nodes[0], Named) or nodes[0].name != "map":
        raise ViewingError(f"view is {VIEW_FORM}, not {shorten(text, 40)}.", "map")
    made: dict[str, Any] = {}
    fault_found: ViewingError | None = None
    for name, node in nodes[0].arguments:
        reader = _VIEW.get(name)
        value = reader[1](node) if reader else None
        if reader is None:
            near = close(name, _VIEW)
            hint = f"; the nearest is {near}" if near else ""
            fault_found = ViewingError(f"view has no {shorten(name, 30)!r}{hint}.", near)
        elif value is None:
            fault_found = ViewingError(
                f"{name} of view is {reader[0]}, not {shorten(show(node), 40)}."
            )
        else:
            made[name] = value
    if fault_found is not None:
        raise ViewingError(fault_found.message, fault_found.nearest, made)
    return made


def _numbers(node: Node, count: int) -> list[float] | None:
    if not isinstance(node, Many) or len(node.values) != count:
        return None
    found = [one.value for one in node.values if isinstance(one, Number)]
    return found if len(found) == count and all(abs(v) <= 1e300 for v in found) else None


def _range(node: Node) -> list[float] | None:
    found = _numbers(node, 2)
    return found if found and found[0] < found[1] else None


def _eye(node: Node) -> list[float] | None:
    found = _numbers(node, 3)
    return found if found and 0.01 <= max(map(abs, found)) <= 100 else None


def _level_count(node: Node) -> int | None:
    low, high = LEVELS
    if not isinstance(node, Number) or not low <= node.value <= high or node.value % 1:
        return None
    return int(node.value)


def _word(*words: str) -> Callable[[Node], str | None]:
    return lambda node: node.name if isinstance(node, Named) and node.name in words else None


def _flag(node: Node) -> bool | None:
    word = _word("true", "false")(node)
    return None if word is None else word == "true"


_VIEW: dict[str, tuple[str, Callable[[Node], Any]]] = {  # name -> in words, reader
    "x": ("two numbers, the left edge and the right, as in x=(-2,2)", _range),
    "y": ("two numbers, the lower edge and the upper, as in y=(-2,2)", _range),
    "height": (" or ".join(HEIGHTS), _word(*HEIGHTS)),
    "levels": (f"a whole number from {LEVELS[0]} to {LEVELS[1]}", _level_count),
    "arrows": ("true or false", _flag),
    "eye": ("three numbers, where the eye of the 3D view is, as in eye=(1,1,1)", _eye),
    "shows": (", ".join(SHOWN), _word(*SHOWN)),
}
VIEW_FORM = "map(…) with any of " + ", ".join(_VIEW)


def _write_view(view: Mapping[str, Any]) -> str:
    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            return f"({','.join(map(exact, value))})"
        return value if isinstance(value, str) else exact(value)

    return f"map({','.join(f'{name}={text(view[name])}' for name in _VIEW if name in view)})"


def _joined(values: list[Any]) -> str:
    return ",".join(map(str, values))


def _line(most: int, signs: str = ".*") -> dict[str, Any]:
    return {"type": "string", "maxLength": most, "pattern": f"^{signs}$"}


def _list(items: Mapping[str, Any], most: int, **more: Any) -> dict[str, Any]:
    return {"type": "array", "maxItems": most, "items": dict(items), **more}


VIEWING: dict[str, ViewingKey] = {
    key.name: key
    for key in (
        ViewingKey(
            "title", "a heading above the page, in the tab and on pictures",
            f"a line of up to {MOST_TITLE} characters", "Four fates",
            plain_text("title", MOST_TITLE), str, _line(MOST_TITLE),
        ),
        ViewingKey(
            "note", "a sentence or two below the title",
            f"a line of up to {MOST_NOTE} characters", "Same start, same steps.",
            plain_text("note", MOST_NOTE), str, _line(MOST_NOTE),
        ),
        ViewingKey(
            "names", "what the runs are called, in their order, and the surface; an empty one "
            "keeps its own name",
            f"up to {MAX_RUNS} names of up to {MOST_NAME} characters, between commas; one that "
            "begins with surface: is the surface's", "plain,heavy ball,surface:The bowl",
            _read_names, _write_names, _list(_line(MOST_NAME + len("surface:"), "[^,]*"), MAX_RUNS),
        ),
        ViewingKey(
            "styles", "the colour and shape of each run, in their order",
            f"different numbers from 1 to {MAX_RUNS}, between commas", "2,1", _read_styles, _joined,
            _list({"type": "integer", "minimum": 1, "maximum": MAX_RUNS}, MAX_RUNS,
                  uniqueItems=True),
        ),
        ViewingKey(
            "view", "the part of the map that is seen and how it is drawn, and where the eye of "
            "the 3D view is", VIEW_FORM, "map(x=(-2,2),y=(-1,3),height=linear)", _read_view,
            _write_view, {"type": "string", "pattern": r"^\s*map\s*(\([\s\S]*\))?\s*$"},
        ),
        ViewingKey(
            "at", "the step that is shown first; with ,play it goes on from there",
            "a step such as 40, or end; perhaps with ,play", "40", _read_at, _write_at,
            {"type": "string", "pattern": "^ *(end|[0-9]{1,10}) *(, *play *)?$"},
        ),
        ViewingKey(
            "present", "opens for a lecture hall", "true or false", "true", _read_present,
            lambda on: "true" if on else "false", {"type": "boolean"},
        ),
        ViewingKey(
            "knobs", "what stays in view while presenting, to be moved",
            "names of knobs between commas, such as lr or lr,tilt", "lr", _read_knobs, _joined,
            _list({"type": "string", "maxLength": MOST_NAME, "pattern": f"^{_KNOB.pattern}$"},
                  MOST_ITEMS),
        ),
        ViewingKey(
            "hide", "what is left out", "any of " + ", ".join(GROUPS), "runs,link", _read_hide,
            _joined, _list({"type": "string", "enum": list(GROUPS)}, MOST_ITEMS),
        ),
    )
}  # fmt: skip


def decoded(raw: str) -> str:
    """A raw value as text: a bare + is a space here, as form encoders write it.

    Raises:
        ViewingError: for what can't be decoded.
    """
    try:
        return percent_decode(raw.replace("+", "%20"))
    except GrammarError as fault:
        raise ViewingError(f"It could not be read: {fault}.") from None


def read_viewing(search: object) -> tuple[dict[str, Any], list[str]]:
    """The viewing keys of an address as plain JSON, and sentences about what was repaired."""
    made: dict[str, Any] = {}
    notes: list[str] = []
    text = mended(search)[0] if isinstance(search, str) else ""
    for part in text.removeprefix("?").split("&"):
        name, _, raw = part.partition("=")
        key = VIEWING.get(name)
        if key is None:
            continue
        if name in made:
            notes.append(f"{name} is given more than once. The first one is used.")
            continue
        try:
            value = key.read(decoded(raw))
        except ViewingError as fault:
            value = fault.instead
            notes.append(f"{fault.message} {fault.done}")
        if value not in (None, "", [], {}, False, {"runs": [], "surface": ""}):
            made[name] = value
    return made, notes


def write_viewing(viewing: Mapping[str, Any]) -> str:
    """The text of viewing keys, in the table's order: `title=Four%20fates&at=40`; or nothing."""
    return "&".join(
        f"{name}={percent_encode(key.write(viewing[name]))}"
        for name, key in VIEWING.items()
        if name in viewing
    )
