"""Every claim of lessons and experiments at ten base seeds: kept by `make claims`, tried again."""

from __future__ import annotations

import json
from math import inf
from typing import Any

import pytest

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.claims import settings
from nnopt_viz.experiments.codec import decode_study
from tools import claims

KEPT: dict[str, Any] = json.loads(claims.FILE.read_text("utf-8"))
AGAIN = claims.SEEDS[:2]  # the one that the page shows, and another
QUERIES = [(part, query) for part in claims.parts() for query in claims.asked(part)]


def ends(row: list[str]) -> tuple[float, float]:
    low, _, high = map(float, row)
    return low, high


def test_base_seeds_have_no_repetition_in_common() -> None:
    most = max(int(STUDIES.call(name).number("seeds")) for name in STUDIES)
    assert len(claims.SEEDS) == len(set(claims.SEEDS)) == 10
    assert all(b - a > most for a, b in zip(claims.SEEDS, claims.SEEDS[1:], strict=False))


@pytest.mark.parametrize("part", claims.parts())
def test_the_code_that_decides_has_not_changed_since_they_were_measured(part: str) -> None:
    assert KEPT[part]["code"] == claims.code_of(part), "run `make claims`"


@pytest.mark.parametrize("part", claims.parts())
def test_every_claim_holds_at_all_ten(part: str) -> None:
    at = KEPT[part]["at"]
    assert set(at) == set(claims.asked(part))
    assert all(list(rows) == list(map(str, claims.SEEDS)) for rows in at.values())
    assert not claims.fails(part, at)


def test_every_claim_of_an_experiment_is_among_them() -> None:
    for study in STUDIES.values():
        for claim in study.claims:
            call = settings(claim, STUDIES.call(study.name))
            (rows,) = (
                rows for query, rows in KEPT[study.name]["at"].items()
                if decode_study(query) == call
            )  # fmt: skip
            assert all(claim.key in row for row in rows.values()), claim


def test_what_does_not_hold_is_found() -> None:
    at = json.loads(json.dumps(KEPT["width"]["at"]))
    (rows,) = at.values()
    rows["0"]["good:1"] = ["0", "0.5", "0.9"]
    assert len(claims.fails("width", at)) == 1
    part = json.loads(json.dumps(KEPT[claims.LESSONS]["at"]))
    rows = next(iter(part.values()))
    rows["0"] = dict.fromkeys(rows["0"], False)
    assert len(claims.fails(claims.LESSONS, part)) == len(rows["0"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", AGAIN)
@pytest.mark.parametrize(("part", "query"), QUERIES)
def test_measured_again_they_hold_again(part: str, query: str, seed: int) -> None:
    """And where they are intervals, these overlap with those that are kept: elsewhere a training
    may round otherwise, and a chaotic one then ends elsewhere."""
    rows = claims.rows_of(part, query, seed)
    assert not claims.fails(part, {query: {str(seed): rows}})
    kept = KEPT[part]["at"][query][str(seed)]
    assert rows.keys() == kept.keys()
    if part == claims.LESSONS:
        assert rows == kept
        return
    for key, row in rows.items():
        (low, high), (other_low, other_high) = ends(row), ends(kept[key])
        slack = 1e-3 * max(abs(v) for v in (low, high, 1e-12) if v not in (inf, -inf))
        assert low <= other_high + slack, (key, row, kept[key])
        assert other_low <= high + slack, (key, row, kept[key])
