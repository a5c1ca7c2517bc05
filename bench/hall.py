"""A lecture hall: one link, 300 clients, and the proxy of deploy/ before copies of the app.

    make bench ARGS=hall                               some 80 seconds
    make bench ARGS=hall:clients=30,seconds=10         smaller, and only printed

Every client comes with an empty cache, and fetches what the document names. The clients, the proxy
and the copies share this machine.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench import load
from bench.client import Answer, Browser
from bench.crowd import EVERY, FRAME, Seen, Visitor
from bench.load import Row, spread
from bench.processes import megabytes, processor_seconds
from nnopt_viz.lessons import in_order
from nnopt_viz.lessons.addresses import address
from nnopt_viz.page.opening import PREFIX
from nnopt_viz.query.links import mended
from tests.support.proxy import proxied
from tests.support.server import started

HEADINGS, PACKAGES = load.HEADINGS, load.PACKAGES
ARRIVING = 10.0  # seconds within which all open the link
SETTINGS = 30  # that most of them try
USUAL = 0.9  # of the changes are among them
WANTED = 500.0  # ms to the first byte, for 95 %
LINES = 6  # that a browser uses at a time
_FILES = re.compile(r'(?:src|href)="(/[^"]+)"')


def rows(
    clients: int = 300, seconds: float = 60, copies: int = 2, processes: int = 2
) -> Iterator[Row]:
    """Open, and change.

    Args:
        clients: how many.
        seconds: of changing, after ARRIVING.
        copies: of the app.
        processes: workers of each.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = load.served(processes)
        log = stack.enter_context(tempfile.TemporaryFile())
        apps = [stack.enter_context(started(log, **settings)) for _ in range(copies)]
        proxy = stack.enter_context(proxied(folder, [port for _, port in apps]))
        seen = Seen()
        at_first = processor_seconds(os.getpid())
        asyncio.run(_hall(proxy.port, seen, clients, seconds))
        own = processor_seconds(os.getpid()) - at_first
        held = [megabytes(server.pid) for server, _ in apps]
    what = f"{clients} clients"
    kinds = {"files": "scripts and styles", "page": "the page", "data": "data of the lesson"}
    for name, words in {**kinds, "change": "changes"}.items():
        yield quick(f"{what}: {words}", seen.answers[name])
    everything = [one for answers in seen.answers.values() for one in answers]
    yield load.unfailing(f"{what}: all of it", everything, "must")
    yield Row(f"{what}: answered by the proxy alone", hit_rate(everything))
    yield Row(f"{what}: changes answered by the proxy alone", hit_rate(seen.answers["change"]))
    for held_by in held:
        yield load.below(f"{what}: memory of a copy at the end", held_by, load.MEMORY, "MB")
    share = own / (ARRIVING + seconds)
    yield Row(f"{what}: this program's own part", f"{share:.0%} of one core, in the above")


def quick(what: str, answers: list[Answer]) -> Row:
    """A row of times to the first byte."""
    firsts = [one.first * 1e3 for one in answers]
    measured = f"{len(answers):,} answers; first byte {spread(firsts)}"
    holds = load.percentile95(firsts) < WANTED
    return Row(what, measured, f"must: 95 % below {WANTED:g} ms", holds)


def hit_rate(answers: list[Answer]) -> str:
    kept = sum(one.headers.get("x-cache") in ("HIT", "STALE", "UPDATING") for one in answers)
    return f"{kept:,} of {len(answers):,}, {kept / len(answers):.1%}"


async def _hall(port: int, seen: Seen, clients: int, seconds: float) -> None:
    lesson = in_order()[0]
    query = lesson.steps[0].query
    chance = random.Random(0)
    thinker = Visitor(Browser(port), Seen(), random.Random(1))
    settings = [thinker.race() for _ in range(SETTINGS)]

    async def client() -> None:
        visitor = Visitor(Browser(port), seen, random.Random(chance.random()))
        await asyncio.sleep(visitor.chance.uniform(0, ARRIVING))
        await _open(visitor, address(lesson.name), query)
        end = asyncio.get_running_loop().time() + seconds
        while True:
            pause = visitor.chance.uniform(0.5, 1.5) * EVERY
            if asyncio.get_running_loop().time() + pause > end:
                break
            await asyncio.sleep(pause)
            is_usual = visitor.chance.random() < USUAL
            race = visitor.chance.choice(settings) if is_usual else visitor.race()
            await _show(visitor, "change", race)
        visitor.browser.leave()

    await asyncio.gather(*(client() for _ in range(clients)))


async def _open(visitor: Visitor, path: str, query: str) -> None:
    """A lesson in a browser that has never been here."""
    document = visitor.seen.add(
        "page", await visitor.browser.ask(path, keep=True, Accept_Encoding="")
    )
    files = sorted(set(_FILES.findall(document.body.decode("utf-8", "replace"))) - {"/"})
    lines = asyncio.Semaphore(LINES)

    async def fetch(file: str) -> None:
        async with lines:
            await visitor.ask("files", file)

    await asyncio.gather(*map(fetch, files))
    await asyncio.gather(*(visitor.ask("page", one) for one in FRAME))
    await visitor.ask("page", f"{PREFIX}{path}")
    await _show(visitor, "data", mended(query)[0])


async def _show(visitor: Visitor, kind: str, query: str) -> None:
    surface = query.split("&")[0]
    await asyncio.gather(
        visitor.ask(kind, f"/run.bin?{query}"),
        visitor.ask(kind, f"/figures.json?{surface}&theme=light"),
    )
