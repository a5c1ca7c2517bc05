"""Whatever is said of two compared runs holds in the numbers of the race; by other means here."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz import Scenario
from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.deliver.comparison import Pair, comparison_json
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.outcome import outcomes
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import simulate, starting_points
from nnopt_viz.race.codec import encode
from tests.laws.test_verdicts import RUNS, race
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from nnopt_viz.judge.outcome import Outcome

N = r"(−?[0-9.]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)"
STEPS = (6, 40, 160)
# Ends in two minima, whichever surfaces and rules the random ones are drawn from.
APART = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=160"
RESTS = ("global_minimum", "local_minimum", "saddle", "crease", "flat")


def made(index: int) -> Scenario:
    """A random race: from one start or of several, with noise or without."""
    rng = np.random.default_rng((71, index))
    scene = replace(race(rng, "any"), steps=int(rng.choice(STEPS)))
    if index % 5 == 4:
        scene = replace(scene, noise=float(rng.choice([0.1, 3.0])), seed=int(rng.integers(99)))
    if index % 7 == 6:
        scene = replace(scene, start=STARTS.call("random", n=int(rng.choice([3, 30]))))
    if index % 3 == 2:  # two of a kind
        scene = replace(
            scene, runs=(scene.runs[0], scene.runs[0].replace(lr=0.01), *scene.runs[2:])
        )
    return scene


def pairs() -> list[tuple[Scenario, Pair]]:
    found = [(Scenario.from_query(APART), Pair(0, 1, 0))]
    for index in range(-(-SCENARIOS // (4 * RUNS // 2))):
        scene = made(index)
        lane = scene.lanes - 1 if index % 2 else 0
        found += [(scene, Pair(i, i + 1, lane)) for i in range(0, RUNS, 2)]
    return found


@lru_cache(maxsize=256)
def asked(scene: Scenario, pair: Pair) -> dict[str, Any]:
    return json.loads(comparison_json(scene, pair))  # type: ignore[no-any-return]


@lru_cache(maxsize=8)
def ways(scene: Scenario) -> Any:
    """Positions, shape (2, runs, rows, lanes)."""
    return np.concatenate([chunk.x for chunk in simulate(scene)], axis=2)


def link(scene: Scenario, pair: Pair) -> str:
    return f"/compare.json?{encode(scene)}&compare={pair.first},{pair.second},{pair.lane}"


def share(scene: Scenario, a: Any, b: Any) -> Any:
    """A distance in shares of the diagonal: width and height of the region count alike."""
    xl, xh, yl, yh = surface_entry(scene.surface).bounds
    away = np.subtract(a, b)
    return np.hypot(away[0] / (xh - xl), away[1] / (yh - yl)) / np.sqrt(2)


def paths(scene: Scenario, pair: Pair) -> list[Any]:
    whole = ways(scene)[..., pair.lane][:, list(pair.runs)]
    return [path[:, ~np.isnan(path[0])] for path in whole.transpose(1, 0, 2)]


def from_there(scene: Scenario, call: Call, x: Any) -> Outcome:
    """What becomes of a run from another place, by the race that a link there shows."""
    one = replace(scene, runs=(call,), start=point(float(x[0]), float(x[1])))
    return outcomes(one, simulate(one))[0]


def end(outcome: Any) -> Any:
    """Where a run is at the end; None for nowhere."""
    known = outcome if isinstance(outcome, dict) else outcome.as_json()
    if known["verdict"] in ("diverged", "undefined"):
        return None
    return known["x"], known["y"]


def is_near(scene: Scenario, a: Any, b: Any, by: float) -> bool:
    if a is None or b is None:
        return a is None and b is None
    return bool(share(scene, a, b) <= by)


def test_they_part_where_it_is_said() -> None:
    parted = 0
    for scene, pair in pairs():
        found, (a, b) = asked(scene, pair), paths(scene, pair)
        count = min(a.shape[1], b.shape[1])
        gaps = share(scene, a[:, :count], b[:, :count])
        far = np.flatnonzero(gaps > 0.01)
        ends = None if a.shape[1] == b.shape[1] else count
        wanted = int(far[0]) if far.size else ends
        assert found["step"] == wanted, link(scene, pair)
        assert found["widest"] == pytest.approx(gaps.max(), rel=1e-9, abs=1e-15)
        assert (found["kind"] == "same_path") == (ends is None and bool((a == b).all()))
        if found["again"] is not None:
            assert (gaps[found["again"] :] <= 0.01).all(), link(scene, pair)
            assert gaps[found["again"] - 1] > 0.01
        elif far.size and ends is None:
            assert gaps[-1] > 0.01, link(scene, pair)
        parted += wanted is not None
    assert parted > SCENARIOS // 8


def test_the_step_is_the_runs_own_and_its_angles_are_those_of_its_numbers() -> None:
    for scene, pair in pairs():
        found, both = asked(scene, pair), paths(scene, pair)
        step = found["step"]
        if step is None:
            continue
        moves = []
        for told, path in zip(found["runs"], both, strict=True):
            np.testing.assert_allclose(told["before"], path[:, step - 1], rtol=1e-6, atol=1e-9)
            if step < path.shape[1]:
                np.testing.assert_allclose(told["after"], path[:, step], rtol=1e-6, atol=1e-9)
            if not scene.noise:
                slope = evaluate(scene.surface, *told["before"], 1)[1]
                np.testing.assert_allclose(told["gradient"], slope, rtol=1e-9)
            moves.append(np.subtract(_known(told["after"]), told["before"]))
        cause = found["cause"]
        if cause["angle"] is None:
            assert not all(np.isfinite(m).all() and m.any() for m in moves), link(scene, pair)
            continue
        angle = degrees(*moves)
        assert cause["angle"] == pytest.approx(angle, abs=1e-3), link(scene, pair)
        assert cause["is_length"] == (cause["angle"] <= 5)
        ratio = np.hypot(*moves[1]) / np.hypot(*moves[0])
        assert cause["ratio"] == pytest.approx(ratio, rel=1e-3)


def _known(values: list[float | None]) -> list[float]:
    return [np.nan if v is None else v for v in values]


def degrees(a: Any, b: Any) -> float:
    one, other = (np.arctan2(v[1], v[0]) for v in (a, b))
    turn = abs(np.degrees(one - other)) % 360
    return float(min(turn, 360 - turn))


def test_what_is_said_of_the_moves_holds_for_them() -> None:
    said = 0
    for scene, pair in pairs():
        found = asked(scene, pair)
        texts = [one["text"] for one in found["said"] if one["about"] == "moves"]
        for told, text in zip(found["runs"], texts[1:], strict=False):
            assert text.startswith(told["label"]), text
            if told["after"] is None or None in told["after"]:
                assert "not finite" in text, link(scene, pair)
                continue
            x, y = np.abs(np.subtract(told["after"], told["before"]))
            if times := re.search(rf"{N} times as far in ([xy]) as in ([xy])\.", text):
                ratio = y / x if times[2] == "y" else x / y
                assert number(times[1]) == pytest.approx(ratio, rel=6e-3), (text, link(scene, pair))
                said += 1
            elif "about as far" in text:
                assert 1 / 1.0501 <= y / x <= 1.0501, (text, link(scene, pair))
            elif "alone" in text:
                assert min(x, y) == 0 or np.isclose(min(x, y), 0, atol=1e-15), text
            if "gradient" not in text and "downhill" in text:
                turn = degrees(
                    np.subtract(told["after"], told["before"]), -np.array(told["gradient"])
                )
                off = re.search(rf"{N}° off straight downhill", text)
                assert turn == pytest.approx(number(off[1]) if off else 0, rel=6e-3, abs=1.001)
    assert said > SCENARIOS // 10


def number(text: str) -> float:
    mantissa, _, power = text.replace("−", "-").partition(" × 10")
    lowered = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(f"{mantissa}e{power.translate(lowered)}" if power else mantissa)


def test_their_ends_are_the_races_and_what_is_said_of_both_holds() -> None:
    kinds = set()
    for scene, pair in pairs():
        found = asked(scene, pair)
        x, y = starting_points(scene)[:, pair.lane]
        if scene.lanes == 1:
            for told, outcome in zip(
                found["runs"], (outcomes_of(scene)[r] for r in pair.runs), strict=True
            ):
                assert (told["verdict"], told["text"]) == (outcome.verdict, outcome.text)
                assert (told["x"], told["y"]) == (outcome.x, outcome.y)
        ends = [end(told) for told in found["runs"]]
        rests = [told["verdict"] in RESTS for told in found["runs"]]
        gone = [e is None for e in ends]
        kinds.add(found["kind"])
        match found["kind"]:
            case "gone":
                assert all(gone), link(scene, pair)
            case "same_end":
                assert not any(gone)
                assert is_near(scene, *ends, 0.06), link(scene, pair)  # each may circle it
            case "apart":
                assert all(r or t["verdict"] == "diverged" for r, t in zip(
                    rests, found["runs"], strict=True)), link(scene, pair)  # fmt: skip
            case "unsettled":
                assert not all(rests)
        if found["kind"] in ("apart", "unsettled"):
            assert not is_near(scene, *ends, 0.0)
            assert (x, y) is not None
    assert {"same_end", "apart", "unsettled"} <= kinds


@lru_cache(maxsize=8)
def outcomes_of(scene: Scenario) -> list[Outcome]:
    return outcomes(scene, simulate(scene))


def test_it_is_decided_where_it_is_said() -> None:
    """By the race that a link to these places shows."""
    told = 0
    for scene, pair in settling():
        found = asked(scene, pair)
        both = paths(scene, pair)
        for one in found["decided"]:
            i = pair.runs.index(one["taker"])
            own, giver = found["runs"][i], both[1 - i]
            call = scene.runs[one["taker"]]
            np.testing.assert_allclose(one["at"], giver[:, one["step"]], rtol=1e-12)
            held = from_there(scene, call, one["at"])
            assert is_near(scene, end(held), end(own), 0.041), link(scene, pair)
            if one["next"] is None:
                assert one["step"] == giver.shape[1] - 1
                continue
            np.testing.assert_allclose(one["further"], giver[:, one["step"] + 1], rtol=1e-12)
            there = end(from_there(scene, call, one["further"]))
            assert not is_near(scene, there, end(own), 0.01), link(scene, pair)
            if one["next"] == "other":
                assert is_near(scene, there, end(found["runs"][1 - i]), 0.041), link(scene, pair)
            told += 1
    assert told > SCENARIOS // 50


def settling() -> list[tuple[Scenario, Pair]]:
    """Runs that come to rest, on surfaces with several minima."""
    found = []
    for index in range(-(-SCENARIOS // 2)):
        rng = np.random.default_rng((74, index))
        place = surface(str(rng.choice(["himmelblau", "six_hump_camel", "tilted_double_well"])))
        xl, xh, yl, yh = surface_entry(place).bounds
        names = rng.choice(["sgd", "momentum", "adam", "rmsprop", "nesterov"], 2, replace=False)
        runs = tuple(run(str(n), lr=good_rate(place, str(n))) for n in names)
        start = point(*(round(float(rng.uniform(*ends)), 2) for ends in ((xl, xh), (yl, yh))))
        found.append((Scenario(place, runs, start, steps=240), Pair(0, 1, 0)))
    return found


def test_one_thing_is_changed_and_the_rest_is_the_race() -> None:
    for scene, pair in pairs():
        if pair.lane or scene.lanes > 1:
            continue
        found = asked(scene, pair)
        for one in found["changed"]:
            call = Call.from_json(one["call"])
            before = scene.runs[one["run"]]
            knobs, old = dict(call.knobs), dict(before.knobs)
            differ = {name for name in knobs.keys() & old.keys() if old[name] != knobs[name]}
            new = "momentum" in knobs and "momentum" not in old
            assert len(differ) + new == 1, link(scene, pair)
            assert before.name == call.name or (before.name, call.name) == ("sgd", "momentum")
            outcome = from_there(scene, call, starting_points(scene)[:, 0])
            assert (one["verdict"], one["text"]) == (outcome.verdict, outcome.text)
            assert one["x"] == (outcome.x if np.isfinite(outcome.x) else None)


STATELESS = ("sgd", "sign_sgd")
REMEMBERING = ("momentum", "nesterov")


def test_without_memory_means_as_on_the_first_step() -> None:
    """Momentum without what it remembers takes the step of a race that begins there."""
    compared = 0
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((72, index))
        scene = replace(race(rng, "smooth"), steps=40)
        names = [str(rng.choice(STATELESS)), str(rng.choice(REMEMBERING))]
        rate = good_rate(scene.surface, "sgd") * 10 ** rng.uniform(-0.5, 0.5)
        runs = tuple(run(n, lr=float(f"{rate:.3g}")) for n in names)
        scene = replace(scene, runs=runs)
        pair = Pair(0, 1, 0)
        found = asked(scene, pair)
        cause = found["cause"]
        if cause is None or cause["angle"] is None or not cause["tried"]:
            continue
        first, second = (np.array(told["before"]) for told in found["runs"])
        for names_, place in (({"memory"}, second), ({"memory", "place"}, first)):
            way = [w for w in cause["ways"] if set(w) == names_]
            tried = cause["tried"].get("memory") if names_ == {"memory"} else None
            moves = [begun(scene, 0, first), begun(scene, 1, place)]
            if not all(np.isfinite(m).all() and m.any() for m in moves):
                continue
            left = (
                float(np.hypot(*moves[1]) / np.hypot(*moves[0]))
                if cause["is_length"] else degrees(*moves)
            )  # fmt: skip
            if tried is not None:
                assert tried == pytest.approx(left, rel=1e-6, abs=1e-5), link(scene, pair)
            limit = 1 / 1.05 <= left <= 1.05 if cause["is_length"] else left <= 5
            assert not way or limit, link(scene, pair)
            compared += 1
    assert compared > 10


def begun(scene: Scenario, of: int, x: Any) -> Any:
    one = replace(scene, runs=(scene.runs[of],), start=point(float(x[0]), float(x[1])), steps=1)
    way = np.concatenate([chunk.x[:, 0, :, 0] for chunk in simulate(one)], axis=1)
    return way[:, 1] - way[:, 0]


def test_with_one_scale_what_divides_each_coordinate_goes_straight_downhill() -> None:
    """rmsprop and adagrad divide the gradient itself: with one divisor its direction is left."""
    compared = 0
    for index in range(-(-SCENARIOS // RUNS)):
        rng = np.random.default_rng((73, index))
        scene = replace(race(rng, "smooth"), steps=20)
        name = str(rng.choice(["rmsprop", "adagrad"]))
        runs = run("sgd", lr=good_rate(scene.surface, "sgd")), run(name, lr=0.05)
        scene = replace(scene, runs=runs)
        found = asked(scene, Pair(0, 1, 0))
        cause = found["cause"]
        if cause is None or cause["is_length"] or cause["angle"] is None:
            continue
        slopes = [np.array(told["gradient"]) for told in found["runs"]]
        assert cause["tried"]["scale"] == pytest.approx(degrees(*slopes), abs=1e-3)
        assert (["scale"] in cause["ways"]) == (cause["tried"]["scale"] <= 5)
        compared += 1
    assert compared > 3
