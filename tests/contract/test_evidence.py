"""The evidence shown for every entry: what is claimed is measured or worked by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nnopt_viz.catalogue import evidence
from nnopt_viz.catalogue.listing import EVERY
from nnopt_viz.declare.modifiers import MODIFIERS
from nnopt_viz.optimizers import OPTIMIZERS, TRAINERS
from nnopt_viz.surfaces import SURFACES
from tests.conformance import test_datasets, test_hand_worked, test_surfaces_by_hand
from tests.contract import test_noises, test_schedules
from tests.support.recording import Recorder, marked

if TYPE_CHECKING:
    from pathlib import Path

REGISTRIES: dict[str, Any] = {kind: EVERY[kind] for kind in evidence.KINDS}
ENTRIES = [(kind, name) for kind, registry in REGISTRIES.items() for name in registry]
WORKED = (test_hand_worked, test_schedules, test_noises)
MARKED = marked(function for module in WORKED for function in vars(module).values())
MARKED |= {("surfaces", name): evidence.VALUES for name in test_surfaces_by_hand.WORKED}
MARKED |= {("datasets", name): frozenset({"closed form"}) for name in test_datasets.CLOSED}
LIBRARIES = (
    "torch.optim", "torch.nn", "PyTorch", "optax", "pytorch_optimizer", "jaxopt",
    "pytorch-minimize", "stabbb", "Keras", "transformers",
)  # fmt: skip


def is_measured(kind: str, name: str) -> bool:
    """Derivatives of our own formula are no evidence for the formula: a surface needs values."""
    found = [one for one in evidence.comparisons(kind, name) if not one.of_itself]
    return bool(found) or MARKED.get((kind, name), frozenset()) in evidence.BY_HAND


def says_how_it_compares(entry: Any) -> bool:
    """Does its own text name a public library? Then there must be evidence."""
    text = entry.source + getattr(entry, "differs", "")
    return any(library in text for library in LIBRARIES)


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_every_entry_was_measured_or_is_worked_by_hand(kind: str, name: str) -> None:
    if is_measured(kind, name):
        assert evidence.sentences(kind, name) != (evidence.NOT_YET,), "run make conformance"
        return
    # an entry may be new; the page then says so, and make conformance measures it
    assert evidence.sentences(kind, name) == (evidence.NOT_YET,)
    assert not says_how_it_compares(REGISTRIES[kind][name]), "run make conformance"
    pytest.skip("not yet measured: make conformance")


@pytest.mark.parametrize("name", SURFACES)
def test_no_surface_is_compared_with_itself_alone(name: str) -> None:
    """Once its derivatives are measured, its values are too: nothing else sees a wrong formula."""
    said = evidence.sentences("surfaces", name)
    if said == (evidence.NOT_YET,):
        pytest.skip("not yet measured: make conformance")
    assert is_measured("surfaces", name)
    assert evidence.NO_VALUES not in said
    assert "more than rounding" not in " ".join(said)
    assert any("torch.autograd" in one for one in said)


@pytest.mark.parametrize("kind", ["networks", "datasets", "initializers", "activations", "losses"])
def test_parts_of_networks_differ_by_rounding_or_by_chance(kind: str) -> None:
    for name in EVERY[kind]:
        assert "more than rounding" not in " ".join(evidence.sentences(kind, name)), name


@pytest.mark.parametrize("name", TRAINERS)
def test_an_optimizer_is_compared_on_three_problems_at_three_settings(name: str) -> None:
    kind = "optimizers" if name in OPTIMIZERS else "network_optimizers"
    found = evidence.comparisons(kind, name)
    is_new = evidence.sentences(kind, name) == (evidence.NOT_YET,)  # said by the test above
    is_worked = MARKED.get((kind, name), frozenset()) in evidence.BY_HAND
    assert found or is_worked or (is_new and not says_how_it_compares(TRAINERS[name]))
    for comparison in found:
        assert len(comparison.on) >= 3
        assert comparison.runs >= 9
        assert comparison.shortest >= 15
        # or no further than the reference is from itself when its steps are rounded otherwise
        assert comparison.difference <= max(1e-8, comparison.shaken)
        assert "more than rounding" not in comparison.meaning


@pytest.mark.parametrize("name", MODIFIERS)
def test_a_modifier_is_compared_around_three_optimizers_on_three_surfaces(name: str) -> None:
    found = evidence.comparisons("modifiers", name)
    by_hand = MARKED.get(("modifiers", name), frozenset())
    is_new = evidence.sentences("modifiers", name) == (evidence.NOT_YET,)
    assert found or by_hand in evidence.BY_HAND or is_new
    for comparison in found:
        assert len(comparison.on) >= 3
        assert comparison.runs >= 9
        assert comparison.difference <= (1e-6 if comparison.why else 1e-13)
        assert "more than rounding" not in comparison.meaning


def test_the_file_names_nothing_unknown() -> None:
    for kind, entries in evidence.load().items():
        assert set(entries) <= set(REGISTRIES[kind])


def row(**more: Any) -> dict[str, Any]:
    return {
        "peer": "torch.optim.Adam", "version": "torch 2.13.0", "on": "booth", "runs": 3,
        "shortest": 200, "longest": 200, "difference": 2e-16, "shaken": 1e-14,
    } | more  # fmt: skip


def test_rows_of_a_surface_become_sentences() -> None:
    """Packages that agree share a sentence, one that differs has its own with the reason."""
    values = {"on": "values", "runs": 23, "shortest": 0, "longest": 0, "shaken": 0.0}
    rows: dict[str, Any] = {"surfaces": {"levy": [
        row(**values, peer="a.levy", version="a 1", difference=3e-16),
        row(**values, peer="b.Levy", version="b 2", difference=0.0),
        row(**values, peer="c.levy", version="c 3", difference=2e-16, why="it is twice ours"),
        row(peer="torch.autograd", on=evidence.OWN_FORMULA, runs=20, difference=1e-16),
        {"by_hand": "values"},
    ]}}  # fmt: skip
    same, other, hand, derivatives = evidence.sentences("surfaces", "levy", rows)
    assert same == (
        "Largest difference of values from a.levy (a 1) and b.Levy (b 2) at 23 points, as a share "
        "of the largest value: 3e-16, rounding."
    )
    assert other == (
        "c.levy (c 3) differs: it is twice ours. With that taken into account, the largest "
        "difference as a share of the largest value: 2e-16, rounding."
    )
    assert hand == "Checked at values worked out by hand."
    assert derivatives.startswith("Largest difference of gradient and Hessian from torch.autograd")
    *_, autograd, by_hand = rows["surfaces"]["levy"]
    for kept, first in (
        (by_hand, evidence.BY_HAND[evidence.VALUES]),
        (autograd, evidence.NO_VALUES),
    ):
        rows["surfaces"]["levy"] = [kept]
        assert evidence.sentences("surfaces", "levy", rows)[0] == first


def test_a_row_may_say_what_was_compared() -> None:
    """Each of what was compared with one peer has a sentence of its own."""
    parts = [row(what=what, on=what, peer="torch.nn") for what in ("Weights", "Outputs")]
    said = evidence.sentences("networks", "mlp", {"networks": {"mlp": parts}})
    assert said == tuple(
        f"{what}: largest difference from torch.nn (torch 2.13.0) 2e-16, rounding."
        for what in ("Weights", "Outputs")
    )


def test_rows_become_sentences() -> None:
    rows = {"optimizers": {"adam": [row(), row(on="beale", runs=6, difference=1e-17)]}}
    (found,) = evidence.sentences("optimizers", "adam", rows)
    assert found == (
        "Largest difference from torch.optim.Adam (torch 2.13.0) over 9 runs of 200 steps "
        "(booth, beale): 2e-16, rounding."
    )
    assert evidence.sentences("optimizers", "sgd", rows) == (evidence.NOT_YET,)


@pytest.mark.parametrize(
    ("more", "meaning"),
    [
        ({"difference": 0.0}, "equal to the last bit"),
        ({"difference": 3e-14, "shaken": 2e-14}, "when each step is rounded otherwise"),
        ({"difference": 3e-10, "shaken": 2e-14, "why": "because it rests"}, "because it rests"),
        ({"difference": 3e-10, "shaken": 2e-14}, "more than rounding"),
    ],
)
def test_a_difference_is_shown_with_what_it_means(more: dict[str, Any], meaning: str) -> None:
    (found,) = evidence.sentences("optimizers", "adam", {"optimizers": {"adam": [row(**more)]}})
    assert meaning in found


def test_a_condition_is_said_and_what_holds_without_it() -> None:
    """Rows under another condition are another comparison."""
    under = {"given": "at a constant rate", "otherwise": "Under a schedule they differ."}
    rows = {"optimizers": {"adam": [row(**under), row(on="beale", **under), row(given="always")]}}
    first, second = evidence.sentences("optimizers", "adam", rows)
    assert first == (
        "Largest difference from torch.optim.Adam (torch 2.13.0) over 6 runs of 200 steps "
        "(booth, beale), at a constant rate: 2e-16, rounding. Under a schedule they differ."
    )
    assert "over 3 runs of 200 steps (booth), always: 2e-16, rounding." in second


def test_only_both_checks_by_hand_are_enough() -> None:
    rows = {"optimizers": {"newton": [{"by_hand": "steps"}]}}
    assert evidence.sentences("optimizers", "newton", rows) == (evidence.NOT_YET,)
    rows["optimizers"]["newton"].append({"by_hand": "quadratic"})
    assert evidence.sentences("optimizers", "newton", rows) == (
        "No public reference: checked by hand-worked steps and a closed-form quadratic.",
    )


def test_a_run_of_some_tests_leaves_the_rest_of_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    first = Recorder()
    for on in ("booth", "beale"):
        first.compared("optimizers", "adam", "numpy.adam", on, [1e-16, 3e-16], steps=[7, 9])
    first.worked("optimizers", "newton", "steps")
    first.write(path, complete=True)
    second = Recorder()
    second.compared("optimizers", "adam", "numpy.adam", "beale", [5e-16], steps=[9])
    second.write(path, complete=False)
    kept = json.loads(path.read_text("utf-8"))
    assert [r["difference"] for r in kept["optimizers"]["adam"]] == [5e-16, 3e-16]
    assert kept["optimizers"]["newton"] == [{"by_hand": "steps"}]
    second.write(path, complete=True)  # a whole run drops what it no longer measures
    kept = json.loads(path.read_text("utf-8"))
    assert [r["on"] for r in kept["optimizers"]["adam"]] == ["beale"]
    assert "newton" in kept["optimizers"]


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_any_number_of_workers_write_the_same_file(tmp_path: Path, workers: int) -> None:
    """Each test's result is measured in one worker; the controller takes them in any order."""
    parts = [Recorder() for _ in range(workers)]
    whole = Recorder()
    for i, on in enumerate(("booth", "beale", "himmelblau", "ackley", "bowl")):
        for recorder in (whole, parts[(3 * i) % workers]):
            recorder.compared("optimizers", "adam", "numpy.adam", on, [i * 1e-16], steps=[7])
            recorder.worked("optimizers", "newton", ("steps", "quadratic")[i % 2])
    together = Recorder()
    for part in reversed(parts):
        together.take(part.rows)
    for name, recorder in (("whole", whole), ("together", together)):
        recorder.write(tmp_path / name, complete=True)
    assert (tmp_path / "together").read_text("utf-8") == (tmp_path / "whole").read_text("utf-8")


def test_nothing_measured_writes_nothing(tmp_path: Path) -> None:
    Recorder().write(tmp_path / "evidence.json", complete=True)
    assert not list(tmp_path.iterdir())
