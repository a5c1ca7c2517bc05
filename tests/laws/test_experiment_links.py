"""Axes of experiments hold what was measured, and links lead to what they ask for: laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.claims import settings
from nnopt_viz.experiments.codec import decode_study, encode_study, repair_study, spec_of
from nnopt_viz.experiments.frame import framed
from nnopt_viz.experiments.studies.estimates import group, series
from nnopt_viz.experiments.study import Chart, problem_of, whole
from nnopt_viz.query.keys import value_text
from tests.support.laws import SCENARIOS

ABOVE_ALL = (
    "width(data=moons(n=79),activation=linear,seeds=7,steps=18,widths=%223,5%22,lr=733,run=sgd)",
    "batchnorm(hidden=%223%22,steps=24,seeds=4,rates=3,slowest=2368,fastest=2879,run=lion)",
    "batchnorm(hidden=%223%22,steps=30,seeds=4,rates=3,slowest=1e5,fastest=1e6,run=muon)",
    "batchnorm(hidden=%224,4%22,steps=13,seeds=7,rates=5,slowest=3954,fastest=5e5,run=sgd)",
)


# --- axes --------------------------------------------------------------------------------------


def test_an_axis_goes_up_and_holds_most_of_what_can_be_drawn() -> None:
    rng = np.random.default_rng(19)
    for at in range(SCENARIOS):
        values = 10.0 ** rng.normal(rng.uniform(-9, 9), rng.uniform(0, 9), (4, 5))
        values[rng.uniform(size=values.shape) < 0.2] = rng.choice([np.inf, np.nan, 0.0])
        is_log, is_strip = rng.uniform() < 0.7, rng.uniform() < 0.5
        data: dict[str, Any] = (
            {"groups": [group("a", 0, row) for row in values]} if is_strip
            else {"series": [series("a", 0, range(5), values)]}
        )  # fmt: skip
        data |= {"range": list(rng.choice([1e-6, 1e-3, 1.0, 1e3], 2, replace=False)),
                 "line": {"at": float(rng.choice([0.0, 1e-3, 1e9])), "words": "w"}}  # fmt: skip
        kind, log = ("strip" if is_strip else "lines"), ("y" if is_log else "")
        made = framed(Chart(key="k", title="t", kind=kind, x="x", y="y", log=log, data=data))
        before = [one.get("values") or one["y"] for one in data.get("groups", data.get("series"))]
        good = [v for line in before for v in line if v is not None and (v > 0 or not is_log)]
        if not good:
            continue
        low, high = made.data["range"]
        assert low < high, at
        assert low > 0 or not is_log, at
        assert 2 * sum(low <= v <= high for v in good) >= len(good), (at, data["range"], good)
        assert "line" not in made.data or low <= made.data["line"]["at"] <= high, at
        after = made.data.get("groups", made.data.get("series"))
        for old, new in zip(before, after, strict=True):
            moved = [v is None or not low <= v <= high for v in old]
            assert new.get("real", old) == old, at
            assert ("real" in new) == any(moved), at


@pytest.mark.parametrize("query", ABOVE_ALL)
def test_no_axis_is_upside_down(query: str) -> None:
    for chart in whole(decode_study(f"study={query}")).charts:
        if chart.kind != "surface" and "range" in (data := framed(chart).data):
            assert data["range"][0] < data["range"][1], chart.key


# --- a link that is too costly, or does not fit together ----------------------------------------


def _asked(rng: np.random.Generator) -> dict[str, Any]:
    """Settings of one experiment, some too much, some that don't fit together."""
    name = str(rng.choice(list(STUDIES)))
    own: dict[str, list[str]] = {
        "initialization": ["activation=tanh", "depth=10", "width=64"],
        "batchnorm": ["activation=relu", "slowest=200", "fastest=0.001", "hidden=%22x%22"],
        "width": ["activation=gelu", "widths=%224,2%22", "tolerance=0.5"],
        "shift": ["shift=translation", "data=digits", "hidden=%228%22"],
        "optimizers": ["rates=33", "optimizers=%22sgd,nosuch%22", "hidden=%2264,64%22"],
    }
    common = ["steps=20000", "steps=900", "seeds=256", "seeds=20", "seed=7"]
    parts = [p for p in (*own.get(name, []), *common) if rng.uniform() < 0.5]
    return {"name": name, **dict(part.split("=", 1) for part in parts)}


def test_a_repaired_link_keeps_what_is_not_named_and_names_what_is_not_kept() -> None:
    rng = np.random.default_rng(20)
    for at in range(SCENARIOS):
        asked = _asked(rng)
        name = asked.pop("name")
        inside = ",".join(f"{k}={v}" for k, v in asked.items())
        call, notes = repair_study(f"study={name}({inside})")
        assert problem_of(call) is None, (at, name, inside)
        again, none = repair_study(encode_study(call))
        assert (again, none) == (call, []), (at, name, inside)
        for knob in STUDIES[name].knobs:
            text = value_text(knob, call[knob.name])
            wanted = asked.get(knob.name, value_text(knob, knob.default)).replace("%22", '"')
            is_named = any(f"{knob.name}={text}" in note for note in notes)
            assert text == wanted or is_named, (at, name, inside, knob.name, text, notes)


def test_too_many_steps_take_nothing_else_with_them() -> None:
    call, notes = repair_study("study=width(activation=relu,seeds=256,steps=20000)")
    assert (call["activation"], call["seeds"]) == ("relu", 256)
    assert 1000 < call.number("steps") < 20000
    assert len(notes) == 1
    assert f"Here with steps={call['steps']} instead" in notes[0]
    assert "nnopt-viz experiment width" in notes[0]


# --- settings ----------------------------------------------------------------------------------


def test_a_sentence_elsewhere_is_about_the_settings_that_it_was_written_for() -> None:
    call = decode_study("study=width(data=moons,activation=relu,steps=50)")
    plain = STUDIES.call("width")
    for claim in STUDIES["width"].claims:
        assert settings(claim, call)["data"] == plain["data"], claim


@pytest.mark.parametrize("name", STUDIES)
def test_no_value_is_told_that_the_experiment_sets_itself(name: str) -> None:
    told = spec_of(STUDIES.call(name))
    assert set(told["knobs"]) == {knob.name for knob in STUDIES[name].knobs}
    for path, _ in STUDIES[name].instead:
        knob, inner = path.split(".")
        assert inner not in told["knobs"][knob]["knobs"]
