"""Laws: what is said of many starts is true of all of them, and the same in every format."""

from __future__ import annotations

import csv
import io
import math
import random

import numpy as np
import orjson

from nnopt_viz.deliver.formats.outcome_table import outcome_lines
from nnopt_viz.deliver.tables import csv_pieces, json_pieces
from nnopt_viz.judge.lanes import quartiles
from nnopt_viz.race.codec import decode
from nnopt_viz.surfaces import SURFACES
from tests.support.laws import SCENARIOS

RACES = max(8, SCENARIOS // 10)
RATES = (1e-3, 0.02, 0.3, 5.0, 1e3)  # the last ones throw starts out of sight


def query(rng: random.Random) -> str:
    runs = [
        f"run={rng.choice(['sgd', 'adam', 'adamw', 'momentum', 'rmsprop'])}(lr={rng.choice(RATES)})"
        for _ in range(rng.randint(1, 3))
    ]
    start = rng.choice([f"random(n={rng.randint(2, 40)})", f"ring(n={rng.randint(2, 12)})",
                        f"grid(n={rng.randint(2, 6)})"])  # fmt: skip
    return "&".join(
        [f"surface={rng.choice(list(SURFACES))}", *runs, f"start={start}",
         f"steps={rng.randint(1, 60)}", f"seed={rng.randint(0, 99)}"]
    )  # fmt: skip


def test_the_figures_are_those_of_the_rows_in_every_format() -> None:
    """Quartiles from the rows of the CSV are the outcome's in JSON and in the outcome table."""
    rng = random.Random(seed := 40)
    for _ in range(RACES):
        text = query(rng)
        case, scenario = (seed, text), decode(text)
        last = np.full((len(scenario.runs), scenario.lanes), math.inf)
        for row in csv.DictReader(io.StringIO(b"".join(csv_pieces(scenario)).decode())):
            if int(row["step"]) == scenario.steps and row["loss"]:
                last[int(row["run"]), int(row["lane"])] = float(row["loss"])
        found = orjson.loads(b"".join(json_pieces(scenario)))["outcomes"]
        table = list(csv.DictReader(io.StringIO(outcome_lines(scenario).decode()), delimiter="\t"))
        for outcome, row, losses in zip(found, table, last, strict=True):
            starts = outcome["starts"]
            wanted = [None if math.isinf(v) else v for v in quartiles(losses)]
            assert [starts[name] for name in ("lower", "median", "upper")] == wanted, case
            assert [
                float(row[n]) if row[n] else None for n in ("lower", "median", "upper")
            ] == wanted
            assert starts["reached"] == outcome["counts"].get("global_minimum", 0), case
            assert (int(row["reached"]), float(row["share"])) == (
                starts["reached"], starts["reached"] / scenario.lanes,
            ), case  # fmt: skip
            below = [v for v in losses if starts["median"] is None or v <= starts["median"]]
            assert 2 * len(below) >= len(losses), case


def test_quartiles_are_numpys_and_a_start_that_left_counts_as_above_all() -> None:
    rng = np.random.default_rng(41)
    for _ in range(SCENARIOS):
        losses = rng.lognormal(size=rng.integers(1, 40))
        np.testing.assert_allclose(quartiles(losses), np.quantile(losses, (0.25, 0.5, 0.75)), 1e-12)
        gone = rng.random(losses.size) < rng.random()
        made = quartiles(np.where(gone, np.nan, losses))
        assert list(made) == sorted(made)
        assert all(with_all <= one for with_all, one in zip(quartiles(losses), made, strict=True))


def test_one_of_sixty_four_is_not_the_rule() -> None:
    """AdamW on Rastrigin: the best of the commonest verdict stood for all of them."""
    scenario = decode("surface=rastrigin&run=adamw&start=random(n=64)&steps=500")
    (outcome,) = orjson.loads(b"".join(json_pieces(scenario)))["outcomes"]
    starts = outcome["starts"]
    assert starts["lower"] > outcome["loss"]  # what was shown is better than three quarters
    assert starts["share"] == starts["reached"] / 64
