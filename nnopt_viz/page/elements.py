"""Dash's components, untyped on purpose: their stubs know neither `aria-*` nor `data-*`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import dash
import dash_mantine_components

Element = Any  # a component, or what may stand in its place: a text


class _Html:
    """HTML elements. Dash tells every component on the page of each click on one with an id, and
    on all around it; here nobody listens: actions are heard by `assets/page/clicks.mjs`."""

    def __getattr__(self, name: str) -> Callable[..., Element]:
        make = getattr(dash.html, name)
        return lambda *children, **props: make(
            *children, **props, **({"disable_n_clicks": True} if "id" in props else {})
        )


html: Any = _Html()
dcc: Any = dash.dcc
dmc: Any = dash_mantine_components


def worded(text: str) -> list[Element]:
    """A text in which words in square brackets are explained where they stand: `[lr|rate]`, where
    the page's glossary knows the first by name and the second is shown; `[loss]` is both."""
    made: list[Element] = []
    for at, part in enumerate(re.split(r"\[([^\]]+)\]", text)):
        name, _, shown = part.partition("|")
        made.append(html.Span(shown or name, **{"data-word": name}) if at % 2 else part)
    return [part for part in made if part]
