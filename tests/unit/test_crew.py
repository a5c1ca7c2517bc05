"""Threads for the event loop: as many as there are, and addresses in turn."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import numpy as np
import pytest

from nnopt_viz.web.crew import Crew
from tests.support import loops


def test_one_request_does_not_wait_for_a_hundred_of_another_address() -> None:
    go, said = threading.Event(), list[str]()

    def work(name: str) -> None:
        assert go.wait(60)
        said.append(name)

    async def all_of_them() -> None:
        crew = Crew(1, "test")
        works = [asyncio.ensure_future(crew.do("many", lambda: work("many"))) for _ in range(100)]
        await asyncio.sleep(0)
        works.append(asyncio.ensure_future(crew.do("one", lambda: work("one"))))
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*works)

    loops.run(all_of_them())
    assert said.index("one") <= 2
    assert said.count("many") == 100


@pytest.mark.parametrize("seed", range(10))
def test_law_no_thread_is_lost_or_lent_twice(seed: int) -> None:
    """Some work fails, some is given up while it waits or computes."""
    rng, width = np.random.default_rng(seed), 3
    working, most = set[int](), list[int]()

    def work(i: int, fails: bool) -> int:
        working.add(i)
        most.append(len(working))
        threading.Event().wait(0.001)
        working.discard(i)
        if fails:
            raise ValueError
        return i

    async def all_of_them() -> None:
        crew = Crew(width, "test")
        works = []
        for i in range(60):
            fails = bool(rng.random() < 0.2)
            job = crew.do(str(rng.integers(4)), lambda i=i, fails=fails: work(i, fails))
            works.append(asyncio.ensure_future(job))
            if rng.random() < 0.3:
                await asyncio.sleep(0)
            if rng.random() < 0.3:
                works[int(rng.integers(len(works)))].cancel()
        for one in works:
            with suppress(asyncio.CancelledError, ValueError):
                await one
        while crew.free < width:  # what was given up computes to its end
            await asyncio.sleep(0.001)
        assert crew.free == width

    loops.run(all_of_them())
    assert max(most) <= width
