"""Memory is lent: to whom, when, and when it is taken back. Order is asserted, never a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nnopt_viz.declare.cost import Cost
from nnopt_viz.web import desk as rules
from nnopt_viz.web.desk import FREE, Desk, Visit
from tests.support.room import DEAR, LONG, MB, Room

if TYPE_CHECKING:
    import pytest


def test_memory_is_lent_once() -> None:
    """The second waits until the first has left, though a slot is free; what needs more than there
    is has all of it."""
    room, end = Room(Desk(threads=8, slots=4, memory=400 * MB)), threading.Event()
    room.comes("first", Cost(DEAR.units, 180 * MB), until=end)
    room.sees(lambda: room.desk.held == 180 * MB)
    room.comes("second", Cost(DEAR.units, 180 * MB))
    room.sees(lambda: len(room.desk.slow.waiting) == 1)
    room.comes("small, but later", Cost(DEAR.units, 30 * MB))
    room.sees(lambda: len(room.desk.slow.waiting) == 2)
    end.set()
    room.all_end()
    order = [said for said in room.said if said.startswith(("first", "second"))]
    assert order == ["first begins", "first ends", "second begins", "second ends"]
    room.comes("huge", Cost(DEAR.units, 1000 * MB))
    room.all_end()
    assert room.said[-1] == "huge ends"


def test_the_cheap_has_memory_of_its_own() -> None:
    """All that is lent to the dear does not keep the cheap waiting; but it is not lent twice."""
    room, end = Room(Desk(threads=8, slots=1, memory=400 * MB)), threading.Event()
    room.comes("dear", Cost(DEAR.units, 300 * MB), until=end)
    room.sees(lambda: room.desk.slow.held == 300 * MB)
    for name in "abc":
        room.comes(name, Cost(0, 39 * MB), until=end)
    room.sees(lambda: len(room.desk.quick.waiting) == 1)
    assert room.desk.quick.held == 78 * MB
    room.comes("little", FREE)
    room.sees(lambda: "little ends" in room.said)
    end.set()
    room.all_end()
    assert {f"{name} ends" for name in "abc"} <= {*room.said}


def test_memory_is_given_back_before_much_is_lent() -> None:
    asked: list[int] = []
    desk = Desk(threads=8, slots=4, memory=400 * MB, give_back=lambda: asked.append(1))
    room = Room(desk)
    room.comes("small", Cost(DEAR.units, 30 * MB))
    room.all_end()
    assert not asked
    room.comes("large", Cost(DEAR.units, 270 * MB))
    room.all_end()
    assert asked


def test_a_slow_reader_makes_room_where_its_memory_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "IMPATIENCE", 0.0)
    desk, cut = Desk(threads=8, slots=1, memory=400 * MB), threading.Event()
    reader = Visit("a", cut=cut.set)
    desk.begin(reader)
    desk.enter(reader, Cost(DEAR.units, 270 * MB))
    desk.rest(reader)  # a piece of its answer is there, and being read
    reader.sending = 0.0
    room = Room(desk)
    room.comes("other", Cost(DEAR.units, 150 * MB), address="b")
    assert cut.wait(LONG)
    assert reader.gone.is_set()
    desk.leave(reader)
    room.all_end()
    assert room.said[-1] == "other ends"
    assert desk.counts.hurried == 1


def test_a_slow_reader_makes_room_also_while_others_compute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "IMPATIENCE", 0.0)
    desk, cut, end = Desk(threads=8, slots=1, memory=400 * MB), threading.Event(), threading.Event()
    reader, room = Visit("a", cut=cut.set), Room(desk)
    desk.begin(reader)
    desk.enter(reader, Cost(DEAR.units, 270 * MB))
    desk.rest(reader)
    reader.sending = 0.0
    room.comes("busy", until=end, address="c")  # has the only slot all the time
    room.sees(lambda: "busy begins" in room.said)
    room.comes("other", Cost(DEAR.units, 150 * MB), address="b")
    assert cut.wait(LONG)
    desk.leave(reader)
    end.set()
    room.all_end()


def test_who_leaves_while_it_waits_for_memory_holds_up_nobody() -> None:
    room, never, reader = Room(Desk(8, 4, memory=400 * MB)), threading.Event(), Visit("r")
    room.desk.begin(reader)
    room.desk.enter(reader, Cost(DEAR.units, 200 * MB))
    room.desk.rest(reader)
    room.comes("large", Cost(DEAR.units, 150 * MB), until=never)
    room.sees(lambda: len(room.desk.slow.waiting) == 1)
    room.comes("behind", Cost(DEAR.units, 50 * MB))
    room.sees(lambda: len(room.desk.slow.waiting) == 2)
    room.visits["large"].gone.set()
    room.sees(lambda: "behind ends" in room.said)
    room.desk.leave(reader)
    room.all_end()
