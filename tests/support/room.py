"""Visitors at a desk, in threads of their own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.pace import Gone
from nnopt_viz.web.desk import CHEAP, BusyError, Desk, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

DEAR = Cost(10 * CHEAP.units, 1e6)
MB = 1e6
LONG = 60  # seconds: a test that waits so long has failed


class Room:
    """Visitors in threads of their own, who compute in looks and write down what happens."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.said: list[str] = []
        self.threads: list[threading.Thread] = []
        self.visits: dict[str, Visit] = {}
        self.faults: dict[str, BaseException] = {}

    def comes(
        self, name: str, cost: Cost = DEAR, address: str = "a", looks: int = 5, until: Any = None
    ) -> Visit:
        """A visitor comes and computes: so many looks, or until an event."""
        visit = self.visits[name] = Visit(address)

        def work() -> None:
            try:
                self.desk.begin(visit)
                self.desk.enter(visit, cost)
                self.said.append(f"{name} begins")
                done = 0
                while (done < looks) if until is None else not until.wait(0.001):
                    self.desk.look(visit, 0.0)
                    done += 1
                self.said.append(f"{name} ends")
            except (Gone, BusyError) as fault:
                self.faults[name] = fault
                self.said.append(f"{name} {type(fault).__name__}")
            finally:
                self.desk.leave(visit)

        self.threads.append(threading.Thread(target=work, daemon=True))
        self.threads[-1].start()
        return visit

    def all_end(self) -> None:
        """Wait for everybody."""
        for thread in self.threads:
            thread.join(LONG)
            assert not thread.is_alive()

    def sees(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        for _ in range(LONG * 100):
            if is_so():
                return
            threading.Event().wait(0.01)
        raise AssertionError(self.said)
