"""Generated requests are answered as /openapi.json describes: Schemathesis, in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from nnopt_viz.deliver.questions import asked
from nnopt_viz.page import build_app
from nnopt_viz.query.keys import QueryError
from nnopt_viz.web import schema as openapi
from nnopt_viz.web.api import MAX_QUERY_BYTES

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.schemas import BaseSchema

DESCRIPTION = openapi.document()
PLAIN = [path for path, one in DESCRIPTION["paths"].items() if "parameters" not in one["get"]]
EXAMPLES = 20  # of each route and mode
DEAR = 1e9  # units of work: about a second; a generated request that takes more is left out
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
# What stands in parentheses or quotes has a grammar of its own, which no pattern can tell:
# `run=adam(zz=1)` is text of the right form, and refused.
LEFT_OUT = [positive_data_acceptance]


@pytest.fixture(scope="module")
def schema() -> BaseSchema:
    app: Any = build_app()
    return schemathesis.openapi.from_wsgi("/openapi.json", app.server)


def is_dear(case: Case) -> bool:
    """Would the answer take long?"""
    given: dict[str, Any] = case.query or {}
    pairs = [(key, one) for key, v in given.items() for one in (v if isinstance(v, list) else [v])]
    text = "&".join(f"{quote(str(key))}={quote(str(value))}" for key, value in pairs)
    if len(text) > MAX_QUERY_BYTES - 200:
        return True  # refused for that (414), whatever else is wrong with it
    try:
        question = asked(text, route="")
        return bool(question.cost(question.decode(text, False)).units > DEAR)
    except QueryError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", [path for path in DESCRIPTION["paths"] if path not in PLAIN])
def test_generated_requests_are_answered_as_described(
    path: str, mode: GenerationMode, schema: BaseSchema
) -> None:
    seen = set()

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=schema[path]["GET"].as_strategy(generation_mode=mode))
    def run(case: Case) -> None:
        if not is_dear(case):
            plain = {"Accept-Encoding": "identity"}
            answer = case.call_and_validate(headers=plain, excluded_checks=LEFT_OUT)
            seen.add(answer.status_code)

    run()
    assert seen
