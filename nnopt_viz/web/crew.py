"""Threads for what the event loop wants done. When all are taken, it is each address's turn."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Crew:
    """Some threads.

    Args:
        width: how many.
        name: theirs begin with it.
    """

    def __init__(self, width: int, name: str) -> None:
        self.free = width
        self._pool = ThreadPoolExecutor(width, name)
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}  # whose turn it is, first

    async def do(self, address: str, work: Callable[[], T]) -> T:
        """What `work` gives, in one of the threads."""
        loop = asyncio.get_running_loop()

        def freed(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._pass_on)

        if self.free:
            self.free -= 1
        else:
            await self._turn(address)
        done = self._pool.submit(work)
        done.add_done_callback(freed)
        return await asyncio.wrap_future(done)

    async def _turn(self, address: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it had come in that moment
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """A thread is free: for who has waited longest at the address whose turn it is."""
        while self._waiting:
            address = next(iter(self._waiting))
            queue = self._waiting.pop(address)
            turn = queue.popleft()
            if queue:
                self._waiting[address] = queue  # it comes again after all others
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1
