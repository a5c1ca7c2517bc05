"""Who is computed for, and when: in fair turns, few dear ones at once, within a memory budget.

There are two lines. What is cheap computes in the quick one, one after the other unless the
settings say more. What is dear, by the price that its question states, computes in the slow line,
which is about as wide as the process has cores. What turns out dear without having said so moves
over to the slow line. Each line lends memory: who needs more than a little begins when it is free,
and keeps it to the end of the answer. Who is dear or needs memory takes one of a few places, so
that always some threads are left for those who need neither.

In both, who comes next is of the address that has had least. So an address never waits while a
slot is free, and gets its share when none is. Within an address, the quick line serves whoever came
first to the end; in the slow one it is the turn of whoever has had least, and a slot is lent for a
turn only: what is short does not wait for the end of what is long. While somebody computes in the
quick line, who computes in the slow one gives way, most of the time.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.pace import Gone
from nnopt_viz.judge.work import UNITS_A_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

CHEAP = Cost(200e6, 40e6)  # what the quick line takes: a fifth of a second, and this memory
# Bytes that need not be lent: what any race computes with, in its slot (10 MB: see `judge.room`),
LITTLE = 14e6  # and what may stay of it until its answer is read.
QUICK_PART = 4  # of the memory, one part in so many is the quick line's
CHEAP_SECONDS = 0.3  # of a processor, in one go; then even the cheap take turns
TURN = 0.2  # seconds that a slot is lent for, where others wait
LOOK = 0.05  # seconds between two looks at whether the client is still there
YIELDING = 3.0  # times as long as it computes itself, what is dear gives way to what is cheap
BLINK = 0.002  # seconds; for less nobody is put to sleep
PLACES = 48  # such visits, and those with lent memory, in a process at once, waiting ones included
SHARE = PLACES // 2  # of one address, at most: another finds as many
IMPATIENCE = 5.0  # seconds for a block of an answer, where its memory is waited for
FREE = Cost(0, 0)


class BusyError(Exception):
    """No place is free; try again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"busy for about {seconds} s")
        self.seconds = seconds


@dataclass(slots=True, eq=False)
class Visit:
    """One request, from its first byte to the last of its answer.

    Args:
        address: of the client: what is shared is shared among addresses.
        gone: set when the client has left.
        cut: ends the connection; called from any thread.
        cost: as it was stated.
        served: seconds of slots that it has had in its line.
        yielded: seconds of these in which it gave way.
        sending: since when the client is to take a block of the answer; infinite when it is not.
        is_dear: does it compute in the slow line?
    """

    address: str
    gone: threading.Event = field(default_factory=threading.Event)
    cut: Callable[[], object] = lambda: None
    cost: Cost = FREE
    served: float = 0.0
    yielded: float = 0.0
    sending: float = math.inf
    is_dear: bool = False
    line: Line | None = None  # in which it has a slot
    lender: Line | None = None  # of its memory
    woken: threading.Condition | None = None
    since: float = 0.0  # when its turn began
    came: float = field(default_factory=time.monotonic)


class Line:
    """Slots and memory, lent in fair order.

    Args:
        lock: of the desk, held by whoever calls.
        width: how many slots there are.
        memory: bytes that are lent together; one that needs more has them alone.
        give_back: called before much of it is lent.
        has_turns: is it the turn of whoever has had least? Else of whoever came first.
    """

    def __init__(
        self,
        lock: threading.Lock,
        width: int,
        memory: float,
        give_back: Callable[[], object],
        has_turns: bool,
    ) -> None:
        self.lock, self.width, self.memory, self._give_back = lock, width, memory, give_back
        self.has_turns = has_turns
        self.waiting: list[Visit] = []
        self.computing: set[Visit] = set()
        self.holding: set[Visit] = set()  # memory, until they leave
        self.idle = threading.Event()  # set while nobody computes
        self.idle.set()
        # Seconds of slots, by address: a virtual time. Who comes begins where it has got to.
        self._had: dict[str, float] = {}
        self._now = 0.0

    @property
    def held(self) -> float:
        """Bytes that are lent."""
        return sum(visit.cost.bytes for visit in tuple(self.holding))

    def wait(self, visit: Visit) -> int:
        """Wait for a slot, and before the first one for memory; how many slow readers were cut.

        Raises:
            Gone: when the client has left, or leaves while it waits.
        """
        if visit.gone.is_set():
            self.lend()  # what it has just given back
            raise Gone
        self._had[visit.address] = max(self._had.get(visit.address, 0.0), self._now)
        hurried = 0
        visit.woken = visit.woken or threading.Condition(self.lock)
        self.waiting.append(visit)
        self.lend()
        try:
            while visit.line is not self:
                visit.woken.wait(LOOK)
                if visit.line is not self:
                    if visit.gone.is_set():
                        raise Gone
                    hurried += self._hurry(visit)
        finally:
            if visit in self.waiting:
                self.waiting.remove(visit)
                self.lend()  # it may have stood before others
        return hurried

    def release(self, visit: Visit) -> None:
        """Give a slot back; `lend` lends it to others."""
        took = time.monotonic() - visit.since
        visit.served += took
        visit.line = None
        self.computing.discard(visit)
        self._had[visit.address] = had = self._had.get(visit.address, 0.0) + took
        if not self.waiting and not self.computing:
            self._now = max(self._now, had)  # all who come are alike
        if len(self._had) > 2 * (len(self.waiting) + len(self.computing)) + 64:
            known = {other.address for other in (*self.waiting, *self.computing)}
            self._had = {name: had for name, had in self._had.items() if name in known}

    def lend(self) -> None:
        """Lend the free slots. Who waits for memory is not passed by others who need it."""
        is_short = False
        for visit in sorted(self.waiting, key=self._rank):
            if len(self.computing) >= self.width:
                break
            if self._lacks_memory(visit):
                is_short = is_short or not self._has_room(visit)
                if is_short:
                    continue
                self.holding.add(visit)
                visit.lender = self
            self.waiting.remove(visit)
            self.computing.add(visit)
            self.idle.clear()
            visit.line, visit.since = self, time.monotonic()
            self._now = max(self._now, self._had.get(visit.address, 0.0))
            if visit.woken is not None:
                visit.woken.notify()
        if not self.computing:
            self.idle.set()

    def _rank(self, visit: Visit) -> tuple[float, float, float]:
        had = self._had.get(visit.address, 0.0)
        return had, visit.served if self.has_turns else 0.0, visit.came

    def _lacks_memory(self, visit: Visit) -> bool:
        return visit.cost.bytes > LITTLE and visit.lender is None

    def _has_room(self, visit: Visit) -> bool:
        if not self._fits(visit):
            return False
        if self.held + visit.cost.bytes > self.memory / 2:
            self._give_back()
        return True

    def _fits(self, visit: Visit) -> bool:
        return not self.held or self.held + visit.cost.bytes <= self.memory

    def _hurry(self, visit: Visit) -> bool:
        """Where memory is waited for, cut off the reader who holds some and is slowest, if it is
        too slow."""
        if not self._lacks_memory(visit) or self._fits(visit):
            return False
        slowest = min(self.holding, key=lambda one: one.sending, default=None)
        if slowest is None or time.monotonic() - slowest.sending < IMPATIENCE:
            return False
        slowest.sending = math.inf
        slowest.gone.set()
        slowest.cut()
        return True


@dataclass(slots=True)
class Counts:
    """What has happened at a desk so far: refusals; clients that left, or were sent away, before
    all was computed for them; slow readers cut off for the memory that they held."""

    refused: int = 0
    left: int = 0
    hurried: int = 0


class Desk:
    """The two lines of one process, its places and its memory.

    Args:
        threads: how many cheap visits compute at once.
        slots: how many dear ones.
        memory: bytes that requests hold together, besides LITTLE each.
        give_back: called before much of it is lent.
    """

    def __init__(
        self,
        threads: int,
        slots: int,
        memory: float,
        give_back: Callable[[], object] = lambda: None,
    ) -> None:
        self.counts = Counts()
        self._lock = threading.Lock()
        self._placed: set[Visit] = set()
        quick = memory / QUICK_PART
        self.quick = Line(self._lock, threads, quick, give_back, has_turns=False)
        self.slow = Line(self._lock, slots, memory - quick, give_back, has_turns=True)

    @property
    def held(self) -> float:
        """Bytes that are lent."""
        return self.quick.held + self.slow.held

    @property
    def places(self) -> int:
        """How many visits there are that are dear or have been lent memory."""
        return len(self._placed)

    def enter(self, visit: Visit, cost: Cost) -> None:
        """Take note of what a visit will take: find it its memory and its place, unless it is
        cheap and needs little.

        Raises:
            BusyError: when there is no place.
            Gone: when its client leaves while it waits.
        """
        visit.cost = cost
        is_cheap = cost.units <= CHEAP.units and cost.bytes <= CHEAP.bytes
        if is_cheap and cost.bytes <= LITTLE:
            return
        with self._lock:
            others = self._placed - {visit}
            mine = sum(other.address == visit.address for other in others)
            if len(others) >= PLACES or mine >= SHARE:
                self.counts.refused += 1
                raise BusyError(self._soon())
            self._placed.add(visit)
            if not is_cheap and not visit.is_dear:
                self._release(visit)
                visit.is_dear = True
                visit.served = visit.yielded = 0.0  # in the slow line all begin with nothing
            self._change(visit, self.slow if visit.is_dear else self.quick)

    def begin(self, visit: Visit) -> None:
        """Before a piece of an answer is made: wait for a slot in the visit's line.

        Raises:
            Gone: when its client leaves while it waits.
        """
        with self._lock:
            self._change(visit, self.slow if visit.is_dear else self.quick)

    def rest(self, visit: Visit) -> None:
        """The piece is there: others may compute."""
        with self._lock:
            self._release(visit)

    def leave(self, visit: Visit) -> None:
        """All is over."""
        with self._lock:
            self._placed.discard(visit)
            self._release(visit)
            if visit.lender is not None:
                visit.lender.holding.discard(visit)
                visit.lender.lend()
                visit.lender = None

    def look(self, visit: Visit, computed: float) -> None:
        """What a visit does several times a second while it computes: see that its client is
        there, and let others have their turn.

        Args:
            computed: seconds of a processor since its last `begin`.

        Raises:
            Gone: when the client has left.
        """
        if visit.gone.is_set():
            self.counts.left += 1
            raise Gone
        if visit.line is self.slow:
            if self.slow.waiting and time.monotonic() - visit.since > TURN:
                with self._lock:
                    self._change(visit, self.slow)
        elif computed > CHEAP_SECONDS:
            with self._lock:
                self._change(visit, self.slow)

    def give_way(self, visit: Visit) -> None:
        """What a visit does all the time while it computes: when it is in the slow line and some
        compute in the quick one, wait for them, unless it has done so for long enough."""
        if self.quick.idle.is_set() or visit.line is not self.slow:
            return
        began = time.monotonic()
        computed = visit.served + began - visit.since - visit.yielded
        due = YIELDING * computed - visit.yielded
        if due > BLINK:
            self.quick.idle.wait(min(LOOK, due))
            visit.yielded += time.monotonic() - began

    def _change(self, visit: Visit, line: Line) -> None:
        self._release(visit, lends=visit.line is not line)
        try:
            self.counts.hurried += line.wait(visit)
        except Gone:
            self.counts.left += 1
            raise

    def _release(self, visit: Visit, lends: bool = True) -> None:
        line = visit.line
        if line is not None:
            line.release(visit)
            if lends:
                line.lend()

    def _soon(self) -> int:
        """Whole seconds until a place may be free."""
        left = sum(max(0.0, v.cost.units / UNITS_A_SECOND - v.served) for v in self._placed)
        each = left / self.slow.width / max(1, len(self._placed))
        return max(1, min(60, math.ceil(each)))
