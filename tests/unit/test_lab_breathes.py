"""Trainings and experiments look up as they work, and end where nobody waits for them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.declare.cache import give_back
from nnopt_viz.declare.pace import Gone, looking
from nnopt_viz.deliver.lab_stream import lab_stream
from nnopt_viz.deliver.lab_tables import lab_csv
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.codec import encode_study
from nnopt_viz.experiments.result import findings, known
from nnopt_viz.figures.lab_figures import FINE, lab_json
from nnopt_viz.lab.codec import decode_lab, encode_lab
from nnopt_viz.lab.random_walk import DRAWN, random_walk
from nnopt_viz.lab.result import layers, result, seen, sharpness
from nnopt_viz.lab.slices import heights, plane_of
from nnopt_viz.lab.training import train
from tests.laws.test_experiments import quick

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = "net=mlp(hidden=%226,5%22)&data=moons(n=40)&run=sgd(lr=0.1)&run=adam&batch=10&epochs=6"


class Looks:
    """Counts how often work looks up, and ends it at a certain time."""

    def __init__(self, last: float = np.inf) -> None:
        self.count, self.last = 0, last

    def __call__(self) -> None:
        self.count += 1
        if self.count >= self.last:
            raise Gone

    def during(self, work: Callable[[], Any]) -> int:
        """How often it looked up."""
        before = self.count
        with looking(self):
            work()
        return self.count - before


def test_every_part_of_a_training_looks_up() -> None:
    give_back()
    lab = decode_lab(SMALL)
    looks = Looks()
    rows: list[Any] = []
    assert looks.during(lambda: rows.extend(train(lab))) >= lab.steps
    made = result(lab)
    parts: dict[str, Callable[[], Any]] = {
        "heights": lambda: heights(lab, made.slice.there()[0], *np.zeros((2, 5_000))),
        "layers": lambda: layers(made),
        "sharpness": lambda: sharpness(made),
        "plane": lambda: plane_of(lab, made.rows.theta),
        "table": lambda: list(lab_csv(lab)),
        "stream": lambda: list(lab_stream(lab)),
        "sheet": lambda: lab_json(made, "light", FINE),
    }
    for name, work in parts.items():
        assert looks.during(work) >= 1, name
    fresh = decode_lab(SMALL.replace("6,5", "6,7"))
    assert looks.during(lambda: random_walk(fresh, 9)) >= DRAWN


def test_work_for_nobody_ends_wherever_it_is_and_leaves_nothing_half_made() -> None:
    lab = decode_lab(SMALL)
    give_back()
    whole = Looks().during(lambda: list(lab_stream(lab)))
    wanted = list(lab_stream(lab))
    for last in np.unique(np.geomspace(1, whole, 25).astype(int)).tolist():
        give_back()
        looks = Looks(last)
        pieces: list[bytes] = []
        with suppress(Gone), looking(looks):
            pieces.extend(lab_stream(lab))
        assert looks.count == last  # at the very look
        assert list(lab_stream(lab))[-3:] == wanted[-3:], last  # who asks next has it right
        assert seen(lab).slice.bounds == result(lab).slice.bounds


@pytest.mark.parametrize("name", STUDIES)
def test_an_experiment_ends_where_nobody_waits(name: str) -> None:
    call = quick(name, seed=77)
    query = encode_study(call)
    looks = Looks()
    found = [one for one in _looking(call, looks) if one is not None]
    assert looks.count > 40
    assert known(query) is not None
    give_back()
    ended = Looks(looks.count // 2)
    with pytest.raises(Gone):
        list(_looking(call, ended))
    assert ended.count == looks.count // 2
    assert known(query) is None
    again = [one for one in _looking(call, Looks()) if one is not None]
    assert again[-1].table == found[-1].table


def _looking(call: Any, looks: Looks) -> list[Any]:
    with looking(looks):
        return list(findings(call))


def test_what_is_whole_is_kept_though_who_asked_has_gone() -> None:
    """One that goes while the table is written."""
    give_back()
    lab = decode_lab(SMALL + "&seed=3")
    looks = Looks()
    with looking(looks):
        made = result(lab)
    with suppress(Gone), looking(Looks(1)):
        list(lab_csv(lab))
    assert result(lab) is made
    assert encode_lab(made.lab) == encode_lab(lab)
