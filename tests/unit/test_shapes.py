"""The API's schema follows from the records, and their docstrings speak of fields they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict

import numpy as np
import pytest
from numpy.typing import NDArray

from nnopt_viz.declare.knobs import Call
from nnopt_viz.web.schema import RECORDS
from nnopt_viz.web.shapes import arguments, shape_of

NUMBER = {"type": ["number", "null"]}
CALL = {
    "type": "object", "required": ["name", "knobs"],
    "properties": {"name": {"type": "string"}, "knobs": {"type": "object"}},
}  # fmt: skip


@dataclass(frozen=True)
class Inner:
    """What lies inside.

    Args:
        low, high: its ends.
        state: how it is, None where
            nobody knows.
    """

    low: float
    high: float
    state: Literal["good", "bad"] | None


class Outer(TypedDict):
    """What lies outside."""

    parts: tuple[Inner, ...]
    more: NotRequired[dict[str, int]]


def test_a_record_is_its_fields_with_its_own_words() -> None:
    ends = {**NUMBER, "description": "low, high: its ends."}
    state = {
        "anyOf": [{"enum": ["good", "bad"]}, {"type": "null"}],
        "description": "how it is, null where nobody knows.",
    }
    inner = {
        "type": "object", "required": ["low", "high", "state"],
        "properties": {"low": ends, "high": ends, "state": state},
    }  # fmt: skip
    assert shape_of(Inner) == inner
    assert shape_of(Outer) == {
        "type": "object", "required": ["parts"],
        "properties": {
            "parts": {"type": "array", "items": inner},
            "more": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        (str | None, {"type": ["string", "null"]}), (float | None, NUMBER), (Call, CALL),
        (Call | None, {"anyOf": [CALL, {"type": "null"}]}), (Any, {}),
        (NDArray[np.float64], {"type": "array", "items": NUMBER}),
        (tuple[float, str], {"type": "array", "prefixItems": [NUMBER, {"type": "string"}],
                             "items": False, "minItems": 2}),
    ],
    ids=str,
)  # fmt: skip
def test_plain_hints(kind: Any, made: dict[str, Any]) -> None:
    assert shape_of(kind) == made


def test_a_hint_that_says_nothing_is_no_schema() -> None:
    with pytest.raises(TypeError, match="says nothing of its JSON"):
        shape_of(complex)


@pytest.mark.parametrize("name", RECORDS)
def test_the_words_are_of_fields_that_are_there(name: str) -> None:
    assert set(arguments(RECORDS[name])) <= set(shape_of(RECORDS[name])["properties"])
