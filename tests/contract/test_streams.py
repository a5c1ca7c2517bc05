"""One table of random streams: every use draws from its own, and no number ever changes."""

from __future__ import annotations

import numpy as np

from nnopt_viz.declare import streams
from nnopt_viz.declare.streams import RACE_RULE_DRAWS, STREAMS, Stream
from tests.support.paths import ROOT

# Every recorded result depends on them; a new use gets a new line.
NUMBERS = {
    "WEIGHTS": 7, "SAMPLES": 11, "LAB_BATCHES": 13, "RULE_DRAWS": 17, "DIRECTIONS": 19,
    "LANCZOS": 23, "POWER": 29, "STUDY_BATCHES": 31, "WORLD": 53, "WALKS": 59,
}  # fmt: skip


def test_the_numbers_of_the_streams_stay_and_are_listed() -> None:
    named = {name: made for name, made in vars(streams).items() if isinstance(made, Stream)}
    assert {name: made.number for name, made in named.items()} == NUMBERS
    assert tuple(named.values()) == STREAMS
    assert len(set(NUMBERS.values())) == len({made.of for made in STREAMS}) == len(STREAMS)
    assert RACE_RULE_DRAWS == 1


def test_a_stream_is_numpys_generator_of_seed_and_number() -> None:
    made, expected = streams.WORLD.generator(4, 1), np.random.default_rng([4, 53, 1])
    assert (made.random(5) == expected.random(5)).all()


def test_no_other_module_makes_a_generator() -> None:
    """But a race's, from seed and lane; and its starts', from the seed alone."""
    package = ROOT / "nnopt_viz"
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "default_rng(" in path.read_text("utf-8")
    }
    assert found == {"declare/streams.py", "declare/starts.py", "judge/executors.py"}
