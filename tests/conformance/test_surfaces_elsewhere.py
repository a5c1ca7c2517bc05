"""Surfaces against what eight other packages say at the same points.

`torch.autograd` on our formula sees no wrong formula. Here nothing is read from ours: the values in
tests/golden/surfaces.json are computed by other people's code (tools/golden_surfaces.py).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import declared_minima
from nnopt_viz.surfaces import SURFACES
from tests.support.paths import GOLDEN
from tools.golden_surfaces_table import DIFFERS, ELSEWHERE, ELSEWHERE_AT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from tests.support.recording import Recorder

    Array = NDArray[np.float64]

pytestmark = pytest.mark.recorded

KEPT: list[dict[str, Any]] = json.loads((GOLDEN / "surfaces.json").read_text("utf-8"))
POINTS = {
    (row["surface"], json.dumps(row["knobs"])): np.array(row["points"]).T
    for row in KEPT
    if "points" in row
}
ROWS = [row for row in KEPT if "peer" in row]
# Some twenty operations in another order, as a share of the largest value: measured 2e-15.
ROUNDING = 1e-14
NAMES = {name: getattr(np, name) for name in ("sin", "cos", "exp", "sqrt", "pi", "abs", "log")}


def called(row: dict[str, Any]) -> Call:
    return SURFACES.call(row["surface"], **row["knobs"])


def points(row: dict[str, Any]) -> Array:
    """Where it was asked, shape (2, points): twenty drawn places, the origin, our minima."""
    return POINTS[row["surface"], json.dumps(row["knobs"])]


def theirs(row: dict[str, Any], f: Array) -> Array:
    """What the package says if our values f are right: f itself, or what its row says of it."""
    x, y = points(row)
    return np.asarray(eval(row.get("theirs", "f"), NAMES | {"x": x, "y": y, "f": f}), float)


def apart(row: dict[str, Any], f: Array) -> float:
    """The largest difference as a share of the largest value."""
    values = np.array(row["values"])
    return float(np.abs(theirs(row, f) - values).max() / np.abs(values).max())


def test_all_that_the_table_names_is_kept() -> None:
    """Every peer of tools/golden_surfaces_table.py, and nothing else, with what is said of it."""
    named = [(case.surface, case.knobs, peer) for case in ELSEWHERE for peer in case.peers]
    assert [(row["surface"], row["knobs"], row["peer"]) for row in ROWS] == named
    for row in ROWS:
        assert DIFFERS.get(row["peer"]) == ((row["theirs"], row["why"]) if "why" in row else None)
    assert set(DIFFERS) | set(ELSEWHERE_AT) <= {peer for _, _, peer in named}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['surface']}-{row['peer']}")
def test_the_values_are_those_of_the_package(row: dict[str, Any], evidence: Recorder) -> None:
    """Or what the row says of the difference is true, and without it they are not equal."""
    f = evaluate(called(row), *points(row))
    found = apart(row, f)
    assert found <= ROUNDING
    assert ("theirs" in row) == ("why" in row)
    if "theirs" in row:
        assert apart(row | {"theirs": "f"}, f) > 1e-10, "it does not differ"
    evidence.compared(
        "surfaces", row["surface"], row["peer"], "values", [found] * len(row["values"]),
        steps=[0], why=row.get("why", ""), release=row["version"],
    )  # fmt: skip


NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@pytest.mark.parametrize("name", sorted({row["surface"] for row in ROWS}))
def test_a_wrong_number_in_a_formula_would_be_seen(name: str) -> None:
    """Each number of the formula, moved by a millionth, moves a value by more than is allowed;
    save those that stand beside a knob that switches them off here."""
    formula = SURFACES[name].formula
    found = list(NUMBER.finditer(formula))
    seen, matter = set(), set()
    for row in (row for row in ROWS if row["surface"] == name):
        x, y = points(row)
        names = NAMES | called(row).numbers() | {"x": x, "y": y}
        with np.errstate(all="ignore"):
            right = np.asarray(eval(formula, names))
            assert apart(row, right) <= ROUNDING
            for i, number in enumerate(found):
                moved = f"({float(number[0]) * (1 + 1e-6)!r})"
                text = formula[: number.start()] + moved + formula[number.end() :]
                wrong = np.asarray(eval(text, names))
                matter |= set() if np.array_equal(wrong, right) else {i}
                seen |= set() if apart(row, wrong) <= ROUNDING else {i}
    blind = [found[i] for i in sorted(matter - seen)]
    assert not blind, [formula[max(0, n.start() - 9) : n.end() + 9] for n in blind]


# --- minima ---------------------------------------------------------------------------

PUBLISHED = [row for row in ROWS if "minima" in row and not row.get("theirs", "").startswith("-")]
# A published minimum was mostly found by a search, and is printed to some digits: its loss is
# good to a millionth or to its last digit, its place to a thousandth of its region.
FOUND, PLACED = 1e-6, 1e-3


def printed(value: float) -> float:
    """One unit in the last place that is printed; 0 for whole numbers."""
    decimals = repr(value).partition(".")[2]
    return 0.0 if decimals in ("0", "") else 10.0 ** -len(decimals)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['surface']}-{row['peer']}")
def test_our_minima_are_those_that_are_published(row: dict[str, Any]) -> None:
    """By the package's own values at our minima; ours is lower only outside its region."""
    ours = declared_minima(called(row))
    at_ours = np.array(row["values"][-len(ours) :])
    (left, right), (low, high) = np.reshape(row["region"], (2, 2))
    lowest, slack = row["lowest"], FOUND * (1 + abs(row["lowest"])) + printed(row["lowest"])
    assert at_ours.max() - at_ours.min() <= slack
    assert at_ours.max() <= lowest + slack
    if at_ours.min() < lowest - slack:
        assert all(not (left <= x <= right and low <= y <= high) for x, y in ours)
        return
    if "theirs" in row:
        return  # its coordinates may be others
    xl, xh, yl, yh = SURFACES[row["surface"]].bounds
    for x, y in row["minima"]:
        if xl <= x <= xh and yl <= y <= yh:
            near = min(max(abs(x - a), abs(y - b)) for a, b in ours)
            assert near <= PLACED * (right - left)


# name, places and loss as they are printed, and where
PRINTED: tuple[tuple[str, tuple[tuple[float, float], ...], float, str], ...] = (
    ("booth", ((1, 3),), 0.0, "Jamil & Yang 2013"),
    ("trid", ((2, 2),), -2.0, "Surjanovic & Bingham 2013: -d(d + 4)(d - 1)/6 at i(d + 1 - i)"),
    ("sum_squares", ((0, 0),), 0.0, "Jamil & Yang 2013"),
    ("langermann", ((2.79340, 1.59723),), -4.15581, "Stripinis & Paulavičius, DIRECTGOLib"),
    ("zakharov", ((0, 0),), 0.0, "Jamil & Yang 2013"),
    ("schaffer_2", ((0, 0),), 0.0, "Jamil & Yang 2013"),
    ("shubert", ((-0.8003, -1.4251), (-1.4251, -0.8003)), -186.7309, "Jamil & Yang 2013"),
    ("freudenstein_roth", ((5, 4),), 0.0, "Moré, Garbow & Hillstrom 1981, problem 2"),
    ("beale", ((3, 0.5),), 0.0, "Moré, Garbow & Hillstrom 1981, problem 5"),
    ("rosenbrock", ((1, 1),), 0.0, "Moré, Garbow & Hillstrom 1981, problem 1"),
    ("goldstein_price", ((0, -1),), 3.0, "Dixon & Szegő 1978"),
    ("branin", ((-np.pi, 12.275), (np.pi, 2.275), (9.42478, 2.475)), 0.397887,
     "Surjanovic & Bingham 2013"),
    ("eggholder", ((512, 404.2319),), -959.6407, "Surjanovic & Bingham 2013, within 512"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "places", "lowest", "source"), PRINTED)
def test_printed_minima(
    name: str, places: tuple[tuple[float, float], ...], lowest: float, source: str
) -> None:
    call = SURFACES.call(name)
    for place in places:
        assert abs(float(evaluate(call, *place)) - lowest) <= max(1e-4 * printed(lowest), 1e-4)
        if name != "eggholder":  # beyond 512 there is a lower one
            near = min(np.hypot(place[0] - x, place[1] - y) for x, y in declared_minima(call))
            assert near < 1e-4, source


def test_the_local_minimum_of_freudenstein_and_roth_is_the_printed_one() -> None:
    """48.9842… at (11.41…, -0.8968…): Moré, Garbow & Hillstrom 1981, problem 2."""
    value, slope, _ = evaluate(SURFACES.call("freudenstein_roth"), 11.4127789, -0.8968052, 2)
    assert abs(float(value) - 48.98425) < 1e-5
    assert np.abs(slope).max() < 1e-3
