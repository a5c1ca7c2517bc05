"""Questions about a run that the page asks while it is looked at: one step, a line across.

Each route takes a run's query and one key of its own beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response

from nnopt_viz.deliver.inspector import inspected_json, place_of
from nnopt_viz.deliver.profile import line_of, profile_json
from nnopt_viz.deliver.questions import RACE
from nnopt_viz.query.grammar import percent_decode
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode
from nnopt_viz.web.api import answered, asked, priced

if TYPE_CHECKING:
    from collections.abc import Callable

    from nnopt_viz.race.scenario import Scenario

# route -> (its own key, what is asked: (scenario, the key's text) -> how to answer)
QUESTIONS: dict[str, tuple[str, Callable[[Scenario, str], Callable[[], bytes]]]] = {}


def _question(path: str, key: str) -> Callable[..., None]:
    def add(ask: Callable[[Scenario, str], Callable[[], bytes]]) -> None:
        QUESTIONS[path] = (key, ask)

    return add


@_question("/trace.json", "inspect")
def _trace(scenario: Scenario, text: str) -> Callable[[], bytes]:
    place = place_of(text, scenario)
    return lambda: inspected_json(scenario, place)


@_question("/profile.json", "line")
def _profile(scenario: Scenario, text: str) -> Callable[[], bytes]:
    line = line_of(text, scenario)
    return lambda: profile_json(scenario, line)


def register(server: Flask) -> None:
    """Add every question to a Flask server."""
    for path, (key, ask) in QUESTIONS.items():
        server.add_url_rule(path, path, _view(path, key, ask), methods=["GET"])


def _view(
    path: str, key: str, ask: Callable[[Scenario, str], Callable[[], bytes]]
) -> Callable[[], Response]:
    def answer_to(text: str, said: list[str]) -> Response:
        own, rest = split(text, key)
        scenario = decode(rest, said)
        answer = ask(scenario, own)
        cost = priced(RACE, scenario)
        return answered(path, f"{encode(scenario)}&{key}={own}", answer, cost)

    return lambda: asked(answer_to)


def split(query: str, key: str) -> tuple[str, str]:
    """The text of a route's own key, and the query without it.

    Raises:
        QueryError: when the key is missing or stands there twice.
    """
    parts = query.removeprefix("?").split("&")
    own = [part.partition("=")[2] for part in parts if part.partition("=")[0] == key]
    if len(own) != 1:
        raise QueryError(key, "&".join(own), f"{key} stands here once.", f"{key}=…")
    rest = [part for part in parts if part.partition("=")[0] != key]
    return percent_decode(own[0]), "&".join(rest)
