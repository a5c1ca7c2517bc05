"""Random requests at every route, random queries at every codec, random bytes at a real server.

The same ones each time. `make fuzz ARGS=200000` asks others, and as many as one likes.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from nnopt_viz.deliver.questions import EXPERIMENT, RACE, TRAINING, asked
from nnopt_viz.experiments.codec import repair_study
from nnopt_viz.lab.codec import repair_lab
from nnopt_viz.page import build_app
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.viewing import read_viewing
from nnopt_viz.race.codec import repair
from tests.support.fuzz import fuzz
from tests.support.fuzz_checks import check_error
from tests.support.fuzz_queries import Queries
from tests.support.fuzz_requests import DATA, PLAIN, Requests

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS, QUERIES = 2_000, 5_000
REPAIRS: dict[str, Any] = {
    RACE.name: repair, TRAINING.name: repair_lab, EXPERIMENT.name: repair_study
}  # fmt: skip
LEFT_OUT = ("utm_", "fbclid", "gclid", "hide")  # what a page drops and says nothing of
STATUSES = {"200", "302", "400", "404", "405", "414", "415", "left"}


def test_a_request_can_be_repeated_by_its_number() -> None:
    app: Any = build_app()
    one, other, third = Requests(app, 1), Requests(app, 1), Requests(app, 2)
    numbers = (0, 7, 4_711)
    assert [one[number] for number in numbers] == [other[number] for number in reversed(numbers)][
        ::-1
    ]
    assert one[7] != third[7]


@pytest.mark.slow
def test_every_request_is_answered_as_it_must() -> None:
    seen = fuzz(build_app(), 15, range(REQUESTS))
    assert {*DATA, *PLAIN} <= {route for route, status in seen if status == "200"}
    assert {status for _, status in seen} >= STATUSES


@pytest.mark.slow
def test_every_codec_reads_refuses_and_repairs_anything() -> None:
    seen: Counter[str] = Counter()
    for number in range(QUERIES):
        check_codec(Queries(random.Random(number)).text(), seen)
    for kind in REPAIRS:
        assert min(seen[f"{kind} read"], seen[f"{kind} refused"]) > QUERIES // 50, seen


def check_codec(query: str, seen: Counter[str]) -> None:
    """What is read is written and read back the same; what is refused is repaired, and said."""
    question, refused = caught(lambda: asked(query, route=""))
    if question is None:
        assert refused
        return
    mended, notes = REPAIRS[question.name](query)
    notes = notes + read_viewing(query)[1]
    text = question.encode(mended)
    assert question.encode(question.decode(text, False)) == text
    assert question.decode(text, False) == mended
    said: list[str] = []
    made, refused = caught(lambda: question.decode(query, False, said))
    seen[f"{question.name} {'refused' if refused else 'read'}"] += 1
    if refused:
        assert notes or any(word in query for word in LEFT_OUT), (query, refused)
    else:
        assert notes == said
        assert made == mended or not query.strip("?&")  # nothing at all opens the landing scene


def caught(read: Callable[[], Any]) -> tuple[Any, str]:
    """What is read, or None and why it is refused."""
    try:
        return read(), ""
    except QueryError as fault:
        check_error(fault.as_json())
        return None, fault.message
