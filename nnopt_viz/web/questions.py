"""Questions about a run that the page asks while it is looked at: a step, a line, two runs.

Each route takes a run's query and one key of its own beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response

from nnopt_viz.declare.cost import Cost
from nnopt_viz.deliver.comparison import PAIRS, comparison_cost, comparison_json, pair_of
from nnopt_viz.deliver.inspector import PLACES, inspected_cost, inspected_json, place_of
from nnopt_viz.deliver.profile import LINES, line_of, profile_cost, profile_json
from nnopt_viz.query.grammar import GrammarError, percent_decode
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode
from nnopt_viz.web.api import answered, asked

if TYPE_CHECKING:
    from nnopt_viz.race.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Beside:
    """A question beside a race.

    Args:
        key: its own key.
        form: what may stand there.
        ask: scenario, the key's text -> how to answer.
        cost: scenario, the key's text -> what the answer takes.
    """

    key: str
    form: str
    ask: Callable[[Scenario, str], Callable[[], bytes]]
    cost: Callable[[Scenario, str], Cost]


QUESTIONS: dict[str, Beside] = {}  # by route


def _question(
    path: str, key: str, form: str, cost: Callable[[Scenario, str], Cost]
) -> Callable[..., None]:
    def add(ask: Callable[[Scenario, str], Callable[[], bytes]]) -> None:
        QUESTIONS[path] = Beside(key, form, ask, cost)

    return add


@_question("/trace.json", "inspect", PLACES, inspected_cost)
def _trace(scenario: Scenario, text: str) -> Callable[[], bytes]:
    place = place_of(text, scenario)
    return lambda: inspected_json(scenario, place)


@_question("/profile.json", "line", LINES, profile_cost)
def _profile(scenario: Scenario, text: str) -> Callable[[], bytes]:
    line = line_of(text, scenario)
    return lambda: profile_json(scenario, line)


@_question("/compare.json", "compare", PAIRS, comparison_cost)
def _compare(scenario: Scenario, text: str) -> Callable[[], bytes]:
    pair = pair_of(text, scenario)
    return lambda: comparison_json(scenario, pair)


def register(server: Flask) -> None:
    """Add every question to a Flask server."""
    for path, beside in QUESTIONS.items():
        server.add_url_rule(path, path, _view(path, beside), methods=["GET"])


def _view(path: str, beside: Beside) -> Callable[[], Response]:
    def answer_to(text: str, said: list[str]) -> Response:
        own, rest = split(text, beside.key, beside.form)
        scenario = decode(rest, said)
        answer = beside.ask(scenario, own)
        cost = beside.cost(scenario, own)
        return answered(path, f"{encode(scenario)}&{beside.key}={own}", answer, cost)

    return lambda: asked(answer_to)


def split(query: str, key: str, form: str) -> tuple[str, str]:
    """The text of a route's own key, and the query without it.

    Args:
        form: what may stand there, in words.

    Raises:
        QueryError: when the key is missing or stands there twice, and for what can't be decoded.
    """
    parts = query.removeprefix("?").split("&")
    own = [part.partition("=")[2] for part in parts if part.partition("=")[0] == key]
    if not own:
        raise QueryError(key, "", f"The key {key} is missing.", f"{key}={form}")
    if len(own) > 1:
        raise QueryError(key, "&".join(own), f"The key {key} stands here twice or more.", "it once")
    rest = [part for part in parts if part.partition("=")[0] != key]
    try:
        return percent_decode(own[0]), "&".join(rest)
    except GrammarError as fault:
        message = f"{key} could not be read: {fault}."
        raise QueryError(key, own[0], message, f"{form}, percent-encoded UTF-8") from None
