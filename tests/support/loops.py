"""Coroutines in a test, beside the loop that Playwright leaves in the thread of the tests."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


def run(work: Coroutine[Any, Any, None]) -> None:
    """As `asyncio.run` does, which a thread that has a loop already refuses."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
