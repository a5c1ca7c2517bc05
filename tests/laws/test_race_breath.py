"""A race looks up while it works, stops where nobody waits for it, and leaves nothing half made."""

from __future__ import annotations

from functools import _lru_cache_wrapper
from typing import TYPE_CHECKING

import pytest

from nnopt_viz.compose.calls import run, surface
from nnopt_viz.declare.pace import Gone, looking
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.deliver.comparison import Pair, comparison_json
from nnopt_viz.deliver.explained import explained_json
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.deliver.inspector import Place, inspected_json
from nnopt_viz.deliver.profile import line_of, profile_json
from nnopt_viz.deliver.questions import RACE
from nnopt_viz.figures import heights, surface_json
from nnopt_viz.judge import evaluate, executors, minima, simulation, thresholds
from nnopt_viz.judge.events import flow
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.race.codec import decode
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from nnopt_viz.judge.simulation import Chunk

FEW = "surface=himmelblau&steps=40&run=adam(lr=0.1)&run=sgd(lr=0.01)"
NOISY = "surface=ackley&steps=60&noise=0.1&start=random(n=30)&run=adam(lr=0.1)&run=lion(lr=0.01)"
ENDS = "surface=himmelblau&steps=50&run=sgd(lr=1000)&start=random(n=40)"
JOBS: dict[str, Callable[[Scenario], bytes]] = {
    **{
        name: lambda scenario, made=made: made.text("race", scenario)
        for name, made in FORMATS.items()
        if "race" in made.writers
    },
    "profile": lambda scenario: profile_json(scenario, line_of("path", scenario)),
    "compare": lambda scenario: comparison_json(scenario, Pair(0, len(scenario.runs) - 1, 0)),
    "trace": lambda scenario: inspected_json(scenario, Place(0, 0, 1)),
    "check": lambda scenario: explained_json(RACE, scenario, []),
    "figures": lambda scenario: surface_json(scenario.surface, "light").encode(),
}


class Look:
    """Counts, and says at the wanted count that nobody waits."""

    def __init__(self, last: int = 0) -> None:
        self.count, self.last = 0, last

    def __call__(self) -> None:
        self.count += 1
        if self.count == self.last:
            raise Gone


def forget() -> None:
    """As in a process that has not been asked yet."""
    for room in (evaluate, executors, minima, thresholds, flow, heights):
        for made in vars(room).values():
            if isinstance(made, _lru_cache_wrapper):
                made.cache_clear()
    surface_json.cache_clear()


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("text", [FEW, NOISY, ENDS])
def test_work_stops_where_nobody_waits_and_the_next_asker_gets_the_answer(
    name: str, text: str
) -> None:
    job, scenario = JOBS[name], decode(text)
    want = job(scenario)
    forget()
    with looking(look := Look()):
        assert job(scenario) == want
    assert look.count > 1
    for last in sorted({1, 2, look.count // 3, look.count // 2, look.count} - {0}):
        forget()
        with looking(stopped := Look(last)), pytest.raises(Gone):
            job(scenario)
        assert stopped.count == last
        assert job(scenario) == want


def looks(text: str, job: Callable[[Scenario], object]) -> int:
    with looking(look := Look()):
        job(decode(text))
    return look.count


def drained(scenario: Scenario) -> None:
    for _ in simulate(scenario):
        pass


def test_it_looks_up_at_every_step_of_many_lanes_and_at_every_lane_of_few() -> None:
    many = "surface=booth&run=adam&start=random(n=4096)"
    assert looks(f"{many}&steps=40", drained) > looks(f"{many}&steps=20", drained) + 19
    few = "surface=booth&run=adam&steps=40"
    assert looks(f"{few}&start=random(n=20)", drained) > looks(few, drained) + 18


def test_tables_and_verdicts_look_up_more_often_where_there_is_more() -> None:
    for name in ("csv", "tsv", "json", "bin", "parquet"):
        text = "surface=rastrigin&run=adam(lr=0.1)&steps=10&start=random"
        assert looks(f"{text}(n=4000)", JOBS[name]) > looks(f"{text}(n=400)", JOBS[name])


def chunks_of(scenario: Scenario, **some: int) -> list[Chunk]:
    return list(simulate(scenario, **some))


@pytest.mark.parametrize("lanes", [23, 24, 60])
def test_some_runs_and_starts_alone_do_to_the_bit_what_all_together_do(lanes: int) -> None:
    few = 1 if lanes < simulation.SCALAR_LANES else simulation.SCALAR_LANES
    names = list(OPTIMIZERS)
    for i, where in enumerate(SURFACES):
        runs = tuple(run(names[(i + k * 17) % len(names)]) for k in range(2))
        start = STARTS.call("random", n=lanes)
        scenario = Scenario(surface(where), runs, start, 60, noise=0.05 * (i % 2))
        whole, part = chunks_of(scenario), chunks_of(scenario, runs=1, lanes=few)
        both = [
            b"".join(c.x[:, 0, row, :few].tobytes() for c in made for row in range(c.x.shape[2]))
            for made in (whole, part)
        ]
        assert both[0] == both[1], (where, runs[0].name)


def test_a_line_to_the_end_of_the_first_run_runs_nothing_else() -> None:
    """Eleven more runs and many more starts take no more looks."""
    one = "surface=booth&steps=100&start=random(n=60)&run=adam"
    find = looks(one, JOBS["profile"])
    more = one.replace("n=60", "n=1000") + "&run=adam" * 11
    assert looks(more, JOBS["profile"]) == find > 100
