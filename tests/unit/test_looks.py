"""What runs look like and are called, on the server's side; what optimizers are found by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, OPTIMIZERS, TRAINERS
from nnopt_viz.page import callbacks
from nnopt_viz.page.declared import declared, first_sentence
from nnopt_viz.page.looks import fitted, looks, slots
from nnopt_viz.query.keys import QueryError
from nnopt_viz.query.viewing import read_viewing
from nnopt_viz.race.codec import decode, repair
from tests.support.layout import found


@given(st.integers(1, MAX_RUNS), st.permutations(range(1, MAX_RUNS + 1)), st.integers(0, MAX_RUNS))
def test_every_run_has_a_slot_of_its_own(count: int, styles: list[int], given_: int) -> None:
    made = slots(count, styles[:given_])
    assert made[:given_] == styles[: min(given_, count)]
    assert len(set(made)) == count
    assert all(1 <= slot <= MAX_RUNS for slot in made)


def test_a_new_run_has_the_lowest_free_slot() -> None:
    assert slots(4, [3, 1]) == [3, 1, 2, 4]
    assert slots(3, []) == [1, 2, 3]


def test_signs_past_the_eighth_mix_colours_and_shapes_anew() -> None:
    assert [look.shape for look in looks(12, {})] == [*range(8), 4, 5, 6, 7]


def test_rows_show_slots_and_names() -> None:
    query = "run=sgd&run=adam&styles=3,1&names=,mine"
    rows, _ = callbacks.run_controls({"query": query, "opened": None})
    assert [row.style["--run"] for row in rows] == ["var(--run-2)", "var(--run-0)"]
    assert found(rows[0], className="marker shape-2")
    assert found(rows[1], className="marker shape-0")
    assert not found(rows[0], className="run-called")
    (name,) = found(rows[1], className="run-called")
    assert (name.children, name.title) == ("mine", "mine (adam)")


@pytest.mark.parametrize(("query", "is_left"), [
    ("run=sgd&run=adam&styles=2,1&names=a,b", False),
    ("optimizer=sgd&run=adam&styles=2,1", False),
    ("run=muon&run=adam&styles=2,1&names=a,b", True),
    ("run=muon&run=adam&names=surface:bowl", False),
    ("styles=2", False),
])  # fmt: skip
def test_a_run_left_out_takes_no_other_runs_name(query: str, is_left: bool) -> None:
    viewing, _ = read_viewing(query)
    made, notes = fitted(viewing, query, len(repair(query)[0].runs))
    assert bool(notes) is is_left
    assert made == ({} if is_left else viewing)
    _, told, seen = callbacks.repaired({"query": query})
    assert seen == made
    assert set(notes) <= set(told)


@given(st.one_of(st.none(), st.text(), st.integers()))
def test_any_query_is_fitted(query: Any) -> None:
    viewing = {"styles": [2, 1], "names": {"runs": ["a"], "surface": "s"}}
    made, _ = fitted(viewing, query, 2)
    assert made["names"]["surface"] == "s"


def test_every_optimizer_is_found_by_its_names_its_family_and_what_it_does() -> None:
    about = declared()["about"]
    assert set(about) == {"rule", *TRAINERS}
    for name, entry in TRAINERS.items():
        assert entry.doc.startswith(about[name]["about"])
        also = [word.replace("_", " ") for word in TRAINERS.names(name).also]
        for words in (name.replace("_", " "), entry.title.lower(), entry.family, *also):
            assert words in about[name]["words"]
    assert "no learning rate" in about["prodigy"]["words"]
    assert "no learning rate" not in about["lars"]["words"]


def test_the_first_sentence() -> None:
    assert first_sentence("At 1.5 it stops: then. lr is 2.") == "At 1.5 it stops: then."


@pytest.mark.parametrize("name", NETWORK_OPTIMIZERS)
def test_what_needs_a_network_is_dropped_with_a_way_to_the_lab(name: str) -> None:
    for word in (name, *NETWORK_OPTIMIZERS.names(name).also):
        with pytest.raises(QueryError) as caught:
            decode(f"run={word}")
        assert caught.value.nearest is None
        made, notes = repair(f"run=lion&run={word}")
        assert [run.name for run in made.runs] == ["lion"]
        assert f"Try it in the network lab: /network?run={name}. It was left out." in notes[0]
    made, notes = repair(f"run={name}")
    assert [run.name for run in made.runs] == ["adam"]
    assert notes[1:] == ["No run is left, so adam runs."]
    assert name not in OPTIMIZERS
