"""Who asks properly is answered while others hold on: order, for real, never a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.attackers import (
    Attack,
    attacking,
    gone,
    silent,
    slow_body,
    slow_head,
    slow_reader,
)
from tests.support.server import fetch, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

RACE = "/run.bin?surface=bowl&run=adam(lr=0.1)&seed={}"
TABLE = "/run.csv?surface=himmelblau&run=adam&run=sgd&start=random(n=2000)&steps=400&seed={}"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as chosen:
        yield chosen


@pytest.mark.parametrize(
    "attack",
    [silent(), slow_head(0.5), slow_body(0.5), slow_reader(TABLE.format(1))],
    ids=lambda attack: attack.name,
)
def test_a_crowd_that_holds_on_keeps_nobody_out(attack: Attack, port: int) -> None:
    with attacking(port, (attack, 40)) as met:
        for path in ("/healthz", RACE.format(40)):
            assert fetch(port, path, timeout=60)[0] == 200
        held = [one for one in met if not one.end]
        assert len(held) + sum(one.status == 503 for one in met) == 40  # nobody was put out first


def test_who_leaves_in_the_middle_harms_nobody(port: int) -> None:
    asked = [(gone(TABLE.format(at), after), 5) for at, after in enumerate((0, 1, 5_000, 500_000))]
    with attacking(port, *asked) as met:
        assert fetch(port, "/healthz", timeout=60)[0] == 200
        while not all(one.end for one in met):
            assert fetch(port, "/healthz", timeout=60)[0] == 200
    assert {one.end for one in met} <= {"left", "closed"}  # closed: a refusal that was shorter
    assert fetch(port, RACE.format(9), timeout=60)[0] == 200
