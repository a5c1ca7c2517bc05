"""Who is computed for, and when. What is asserted is order, never a time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import nnopt_viz
from nnopt_viz.declare.cost import Cost
from nnopt_viz.formula.once import once
from nnopt_viz.web import desk as rules
from nnopt_viz.web.desk import FREE, BusyError, Desk, Visit
from tests.support.room import DEAR, LONG, MB, Room


@pytest.fixture
def quick_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TURN", 0.0)


def test_what_is_cheap_does_not_wait_for_what_is_dear() -> None:
    room, end = Room(Desk(threads=2, slots=1, memory=1e9)), threading.Event()
    for name in "abc":
        room.comes(name, until=end, address=name)
    room.sees(lambda: len(room.desk.slow.waiting) == 2)
    room.comes("cheap", FREE)
    room.sees(lambda: "cheap ends" in room.said)
    assert not any(said.endswith("ends") for said in room.said[:-1])
    end.set()
    room.all_end()


def test_what_is_dear_gives_way_to_what_is_cheap() -> None:
    """It goes on when the cheap one rests."""
    desk, said = Desk(threads=1, slots=1, memory=1e9), list[str]()
    dear, cheap = Visit("a"), Visit("b")
    desk.enter(dear, DEAR)
    dear.since -= 1000  # so long it has computed
    desk.begin(cheap)

    def compute() -> None:
        while not desk.quick.idle.is_set():
            desk.give_way(dear)
        said.append("dear")

    thread = threading.Thread(target=compute)
    thread.start()
    said.append("cheap")
    desk.rest(cheap)
    thread.join(LONG)
    assert said == ["cheap", "dear"]
    assert dear.yielded > 0


def test_what_is_cheap_is_finished_in_the_order_in_which_it_came() -> None:
    """Who has computed a part of an answer is not passed by who comes later."""
    desk, said = Desk(threads=1, slots=1, memory=1e9), list[str]()
    visits = {name: Visit("a") for name in ("holder", "first", "second")}
    visits["first"].served = 10.0
    desk.begin(visits["holder"])

    def compute(name: str) -> None:
        desk.begin(visits[name])
        said.append(name)
        desk.leave(visits[name])

    works = [threading.Thread(target=compute, args=(name,)) for name in ("second", "first")]
    for work in works:
        work.start()
    Room(desk).sees(lambda: len(desk.quick.waiting) == 2)
    desk.leave(visits["holder"])
    for work in works:
        work.join(LONG)
    assert said == ["first", "second"]


def test_it_does_not_give_way_for_ever() -> None:
    """A quarter of the time is its own, however many cheap ones there are."""
    desk, dear = Desk(threads=1, slots=1, memory=1e9), Visit("a")
    desk.enter(dear, DEAR)
    desk.begin(Visit("b"))  # and never rests
    desk.give_way(dear)
    began = dear.since
    while time.monotonic() - began < 0.5:
        desk.give_way(dear)
    assert 0 < dear.yielded < 0.8 * (time.monotonic() - began)
    dear.yielded = 1000.0
    desk.give_way(dear)
    assert dear.yielded - 1000.0 < rules.LOOK  # at once


@pytest.mark.usefixtures("quick_turns")
def test_an_address_gets_its_share_of_the_slots() -> None:
    room, holder = Room(Desk(threads=8, slots=1, memory=1e9)), Visit("holder")
    room.desk.enter(holder, DEAR)
    for i in range(6):
        room.comes(f"greedy {i}", looks=400, address="greedy")
    room.comes("modest", looks=50, address="modest")
    room.sees(lambda: len(room.desk.slow.waiting) == 7)
    room.desk.leave(holder)
    room.all_end()
    before = room.said[: room.said.index("modest ends")]
    assert sum(said.endswith("ends") and said.startswith("greedy") for said in before) == 0


@pytest.mark.parametrize("is_dear", [False, True])
def test_who_was_served_all_morning_is_no_further_behind(is_dear: bool) -> None:
    """Who came while nobody was there has no claim to all the time that others have had."""
    desk, said = Desk(threads=1, slots=1, memory=1e9), list[str]()
    line = desk.slow if is_dear else desk.quick
    cost = DEAR if is_dear else FREE

    def served(address: str, seconds: float) -> None:
        visit = Visit(address)
        desk.begin(visit)
        desk.enter(visit, cost)
        visit.since -= seconds
        desk.leave(visit)

    served("attacker", 0.0)
    for _ in range(10):
        served("class", 100.0)
    served("attacker", 0.0)  # in a gap: nobody else is there
    holder = Visit("holder")
    desk.begin(holder)
    desk.enter(holder, cost)

    def compute(address: str) -> None:
        visit = Visit(address)
        desk.begin(visit)
        desk.enter(visit, cost)
        said.append(address)
        visit.since -= 1.0
        desk.leave(visit)

    works = []
    for address in ("class", *["attacker"] * 5):
        works.append(threading.Thread(target=compute, args=(address,)))
        works[-1].start()
    Room(desk).sees(lambda: len(line.waiting) == 6)
    desk.leave(holder)
    for work in works:
        work.join(LONG)
    assert "class" in said[:2]


@pytest.mark.usefixtures("quick_turns")
def test_what_is_short_does_not_wait_for_the_end_of_what_is_long() -> None:
    room, end = Room(Desk(threads=8, slots=1, memory=1e9)), threading.Event()
    room.comes("long", until=end)
    room.sees(lambda: "long begins" in room.said)
    room.comes("short", looks=3)
    room.sees(lambda: "short ends" in room.said)
    end.set()
    room.all_end()
    assert room.said[-1] == "long ends"


def test_nobody_waits_while_a_slot_is_free() -> None:
    room, end = Room(Desk(threads=8, slots=3, memory=1e9)), threading.Event()
    for name in "abc":  # of one address: it may have all that nobody else wants
        room.comes(name, until=end)
    room.sees(lambda: sum(said.endswith("begins") for said in room.said) == 3)
    end.set()
    room.all_end()


def test_without_a_place_the_answer_is_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PLACES", 3)
    monkeypatch.setattr(rules, "SHARE", 2)
    room, end = Room(Desk(threads=8, slots=1, memory=1e9)), threading.Event()
    for name in "xy":
        room.comes(name, until=end)
    room.sees(lambda: room.desk.places == 2)
    room.comes("a third of one address")
    room.sees(lambda: bool(room.faults))
    room.comes("another's", until=end, address="b")
    room.sees(lambda: room.desk.places == 3)
    room.comes("one too many", address="c")
    room.sees(lambda: len(room.faults) == 2)
    end.set()
    room.all_end()
    assert set(room.faults) == {"a third of one address", "one too many"}
    for fault in room.faults.values():
        assert isinstance(fault, BusyError)
        assert 1 <= fault.seconds <= 60
    assert room.desk.counts.refused == 2


def test_who_leaves_is_not_computed_for() -> None:
    room, never = Room(Desk(threads=8, slots=1, memory=1e9)), threading.Event()
    room.comes("computing", until=never)
    room.sees(lambda: "computing begins" in room.said)
    room.comes("waiting", until=never, address="b")
    room.sees(lambda: len(room.desk.slow.waiting) == 1)
    room.visits["waiting"].gone.set()
    room.sees(lambda: "waiting Gone" in room.said)
    room.visits["computing"].gone.set()
    room.all_end()
    assert room.desk.places == room.desk.held == 0
    assert room.desk.counts.left == 2


def test_who_turns_out_dear_takes_turns_too() -> None:
    room, end = Room(Desk(threads=1, slots=1, memory=1e9)), threading.Event()
    visit = Visit("a")
    room.desk.begin(visit)
    room.comes("cheap", FREE)
    room.sees(lambda: len(room.desk.quick.waiting) == 1)
    room.desk.look(visit, rules.CHEAP_SECONDS + 1)  # moves over: the quick line is free
    room.sees(lambda: "cheap ends" in room.said)
    assert visit.line is room.desk.slow
    room.desk.leave(visit)
    end.set()
    room.all_end()


def test_between_two_that_are_cheap_nobody_dear_computes() -> None:
    """The quick line is idle when nobody computes in it, and not from one to the next."""
    desk = Desk(threads=1, slots=1, memory=1e9)
    first, second, seen = Visit("a"), Visit("a"), list[bool]()
    desk.begin(first)
    waits = threading.Thread(target=lambda: desk.begin(second))
    waits.start()
    Room(desk).sees(lambda: second in desk.quick.waiting)
    desk.quick.idle.set = lambda: seen.append(True)  # type: ignore[method-assign]
    desk.rest(first)
    waits.join(LONG)
    assert not seen
    desk.rest(second)
    assert seen


@pytest.mark.usefixtures("quick_turns")
@pytest.mark.parametrize("seed", range(20))
def test_law_slots_and_memory_are_never_lent_twice(seed: int) -> None:
    """Random visitors, some of whom leave: nobody is forgotten, nothing is lent beyond what there
    is, nothing is lent at the end."""
    rng = np.random.default_rng(seed)
    slots, threads = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    desk = Desk(threads, slots, memory=400 * MB)
    room = Room(desk)
    worst: Counter[str] = Counter()

    def watch() -> None:
        worst["slow"] = max(worst["slow"], len(desk.slow.computing))
        worst["quick"] = max(worst["quick"], len(desk.quick.computing))

    for i in range(30):
        cost = Cost(float(rng.choice([0, DEAR.units])), MB * float(rng.choice([0, 30, 120, 270])))
        room.comes(f"v{i}", cost, address=str(rng.integers(4)), looks=int(rng.integers(1, 30)))
        if rng.random() < 0.2:
            room.visits[f"v{i}"].gone.set()
        watch()
    room.sees(lambda: (watch(), not any(t.is_alive() for t in room.threads))[1])
    assert worst["slow"] <= slots
    assert worst["quick"] <= threads
    assert desk.places == desk.held == 0
    assert not desk.slow.waiting
    assert not desk.slow.computing
    assert not desk.quick.computing
    ended = {said.split()[0] for said in room.said if not said.endswith("begins")}
    assert len(ended) == 30


def test_who_waits_for_a_turn_holds_up_nobody() -> None:
    """A property that is being computed may breathe: no lock is held meanwhile."""
    inside, go = threading.Event(), threading.Event()

    class Record:
        def __init__(self, waits: bool) -> None:
            self.waits = waits

        @once
        def value(self) -> int:
            if self.waits:
                inside.set()
                assert go.wait(LONG)
            return 1

    first = Record(True)
    thread = threading.Thread(target=lambda: first.value)
    thread.start()
    assert inside.wait(LONG)
    assert Record(False).value == 1
    go.set()
    thread.join()
    assert first.__dict__["value"] == 1


def test_no_lock_of_the_standard_librarys_is_held_while_something_is_computed() -> None:
    package = Path(nnopt_viz.__file__).parent
    named = [p.name for p in package.rglob("*.py") if "cached_property" in p.read_text("utf-8")]
    assert named == ["once.py"]
