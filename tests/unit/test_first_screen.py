"""What a stranger reads first: the guide's sentences hold, and every word there is explained."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from nnopt_viz import trajectory
from nnopt_viz.catalogue.glossary import TERMS, words
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.page import build_app, ids, opening
from nnopt_viz.page.guide import FIRST, SECOND, moved, steps
from nnopt_viz.race.codec import encode, landing
from nnopt_viz.race.scenario import Scenario
from tests.support.layout import found
from tests.support.paths import ASSETS, ROOT


def ends(scenario: Scenario) -> dict[str, int]:
    """Which minimum each run is at, or -1."""
    minima = np.array([(m.x, m.y) for m in find_minima(scenario.surface)])
    rows = trajectory(scenario)
    last = rows[rows.step == scenario.steps]
    made = {}
    for row in last.itertuples():
        far = np.hypot(*(minima - (row.x, row.y)).T)
        made[str(row.optimizer)] = int(far.argmin()) if far.min() < 0.1 else -1
    return made


def test_same_start_four_rules_three_different_ends() -> None:
    there = ends(landing())
    assert len(there) == 4
    assert len(set(there.values())) == 3
    assert -1 not in there.values()


def test_the_first_step_is_as_the_guide_says() -> None:
    rows = trajectory(replace(landing(), steps=1))
    step = {
        name: rows[(rows.optimizer == name)][["x", "y"]].diff().iloc[-1] for name in (FIRST, SECOND)
    }
    assert step[FIRST].y > 0
    ratio = abs(step[FIRST].y / step[FIRST].x)
    (said,) = re.findall(r"(\d+) times as steep in y", steps()[0].text)
    assert round(ratio) == int(said)
    assert step[SECOND].x < 0 < step[SECOND].y
    assert np.isclose(-step[SECOND].x, step[SECOND].y, rtol=1e-6)


def test_one_thing_changed_does_what_the_guide_says() -> None:
    there = ends(moved(landing()))
    assert there["rmsprop"] == there[SECOND] == there[FIRST] >= 0
    assert ends(landing())[SECOND] != there[SECOND]
    assert steps()[2].does == {"start": [0.1, -3.0]}
    assert moved(landing()).start.number("x") == 0.1
    x = {name: trajectory(replace(scene, steps=1)).query("optimizer == 'adam'").x.diff().iloc[-1]
         for name, scene in (("there", moved(landing())), ("here", landing()))}  # fmt: skip
    assert x["here"] < 0 < x["there"]  # the slope in x points the other way


def test_only_the_landing_scene_has_the_guide() -> None:
    assert found(opening.page_for("/", ""), id=ids.GUIDE)
    assert found(opening.page_for("/", "?" + encode(landing())), id=ids.GUIDE)
    assert not found(opening.page_for("/", "?surface=booth"), id=ids.GUIDE)


def test_every_word_that_the_page_marks_is_explained() -> None:
    known = words()
    marked = set()
    for path in [*(ROOT / "nnopt_viz/page").rglob("*.py"), *ASSETS.rglob("*.mjs")]:
        text = path.read_text()
        marked |= set(re.findall(r'(?:"data-word"|data-word|\bword): "([^"]+)"', text))
        if path.suffix == ".py":
            bracketed = re.findall(r'\("[^"]*\[([a-z|A-Z ]+)\]', text)
            marked |= {part.partition("|")[0] for part in bracketed}
    verdicts = re.search(r"const WORDS = \{(.*?)\};",
                         (ASSETS / "player/panels/outcome.mjs").read_text(), re.DOTALL)  # fmt: skip
    assert verdicts is not None
    marked |= set(re.findall(r'"([^"]+)"', verdicts[1]))
    assert {"lr", "loss", "local minimum"} <= marked
    assert marked <= set(known)


def test_words_are_short_and_served() -> None:
    answer = build_app().server.test_client().get("/words.json")
    assert answer.status_code == 200
    assert answer.get_json()["words"] == words()
    assert all(len(term["text"]) < 220 and term["text"].endswith(".") for term in TERMS.values())
