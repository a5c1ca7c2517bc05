"""Many at once: visitors, those who ask for dear things, and those who hold a server up.

    make bench ARGS=load                            all of it, some 16 minutes
    make bench ARGS=load:users=20,seconds=10,soak=30   smaller, and only printed
    make bench ARGS=load:part=besieged              one of its parts

Everything comes from one machine, this program included; it says how much of it was its own.
All visitors come from one address, as a class behind one router does; who attacks has another.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from math import isinf
from typing import Any

from bench.client import Answer, Browser
from bench.crowd import DEAR_PATIENCE, Seen, large_slice, large_table, visit, want_dear
from bench.processes import Memory, kill, processor_seconds, workers
from nnopt_viz.web.settings import Settings
from tests.support.attackers import Met, crowd, silent, slow_body, slow_head, slow_reader
from tests.support.server import started

HEADINGS = ("what", "measured", "wanted", "holds")
PACKAGES = ("numpy", "flask", "dash", "gunicorn")
MEMORY = 900.0  # MB that two workers may hold together
# A traceback's last line: the name of its exception.
_FAULT = re.compile(r"^Traceback \(most recent call last\):\n(?:[ ].*\n|\n)+([\w.]+)", re.MULTILINE)
BESIEGERS = "127.0.0.66"
PUT_OFF = "must: 200, or 503 with Retry-After and no-store"
PULSE = 0.2  # seconds between two looks at /healthz
WARM = 60.0  # seconds of a soak after which memory should stay as it is
KINDS = {
    "page": "page",
    "race": "/run.bin of races",
    "figures": "/figures.json",
    "looks": "/trace.json, /profile.json, /check.json",
    "training": "/run.bin of trainings",
    "slice": "/slice.json",
    "dear": "the dear ones",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `holds` is None where nothing is wanted."""

    what: str
    measured: str
    wanted: str = "–"
    holds: bool | None = None

    def cells(self) -> tuple[str, ...]:
        verdict = {True: "yes", False: "no", None: "–"}[self.holds]
        return self.what, self.measured, self.wanted, verdict


@dataclass(slots=True)
class Part:
    """A server under load, and what was seen of it."""

    port: int
    pid: int
    begun: set[int]
    seen: Seen = field(default_factory=Seen)
    memory: Memory = field(default_factory=Memory)
    own: float = 0.0
    theirs: float = 0.0
    said: str = ""

    def memory_row(self, what: str) -> Row:
        most = self.memory.most
        return below(f"{what}: memory of all processes, highest sum", most, MEMORY, "MB")

    def log_row(self, what: str) -> Row:
        """Tracebacks and workers that ended: none are wanted."""
        killed = sum("WORKER TIMEOUT" in line or "was sent SIG" in line for line in self.lines())
        faults = Counter(_FAULT.findall(self.said))
        kinds = "".join(f", {count} × {name}" for name, count in faults.items())
        measured = f"{faults.total()} tracebacks{kinds}; {killed} workers lost"
        return Row(f"{what}: the log", measured, "must: none", not faults and not killed)

    def lines(self) -> list[str]:
        return self.said.splitlines()


def rows(
    users: int = 100,
    many: int = 300,
    seconds: float = 60,
    soak: float = 600,
    processes: int = 2,
    part: str = "",
) -> Iterator[Row]:
    """Every part in turn, each with a server of its own.

    Args:
        users: visitors at a time; `many` in the part that is an aim.
        seconds: of each part.
        soak: seconds of the long one.
        processes: workers of the server.
        part: only this one.
    """
    parts = {
        "calm": lambda: calm(users, seconds, processes, 200, "must"),
        "many": lambda: calm(many, seconds, processes, 600, "aim"),
        "besieged": lambda: besieged(users, seconds, processes),
        "killed": lambda: killed(users // 2, processes),
        "memory": lambda: memory(processes),
        "soaked": lambda: soaked(users, soak, processes),
    }
    for name in [part] if part else parts:
        yield from parts[name]()


def calm(users: int, seconds: float, processes: int, wanted: float, kind: str) -> Iterator[Row]:
    """Visitors and nothing else."""
    what = f"{users} users"
    with run(processes, lambda part: visit(part.port, part.seen, users, seconds)) as part:
        for name, answers in sorted(
            part.seen.answers.items(), key=lambda item: [*KINDS].index(item[0])
        ):
            bound = wanted if name in ("page", "race") else None
            yield quick(f"{what}: {KINDS[name]}", answers, bound, kind)
        everything = [one for answers in part.seen.answers.values() for one in answers]
        yield unfailing(f"{what}: all of it", everything, kind)
        yield part.memory_row(what)
        yield part.log_row(what)
        own, theirs = part.own / seconds, part.theirs / seconds
        measured = f"{own:.0%} and {theirs:.0%} of one core"
        yield Row(f"{what}: this program's own part, and the workers'", measured)


def besieged(users: int, seconds: float, processes: int) -> Iterator[Row]:
    """The same visitors while everybody else is there too."""
    pulse: list[Answer] = []
    met: list[Met] = []

    async def drive(part: Part) -> None:
        async with beside(
            want_dear(part.port, part.seen, 20, BESIEGERS),
            crowds(part.port, met),
            feel(part.port, pulse),
        ):
            await visit(part.port, part.seen, users, seconds)

    what = f"{users} users among 20 dear requests and 136 slow clients"
    with run(processes, drive) as part:
        for name in ("page", "race"):
            yield quick(f"{what}: {KINDS[name]}", part.seen.answers[name], 1000, "must")
        ours = [one for name, all_ in part.seen.answers.items() if name != "dear" for one in all_]
        is_met = all(one.status in (200, 304) or is_put_off(one) for one in ours)
        yield Row(f"{what}: all of the users'", statuses(ours), PUT_OFF, is_met)
        yield quick(f"{what}: /healthz", pulse, 200, "must")
        yield Row(f"{what}: the dear ones", statuses(part.seen.answers["dear"]))
        yield Row(f"{what}: slow clients put out", f"{sum(one.end != '' for one in met)} times")
        yield part.memory_row(what)
        yield part.log_row(what)


def killed(users: int, processes: int) -> Iterator[Row]:
    """A worker killed while it answers."""
    seen: dict[str, Any] = {}

    async def drive(part: Part) -> None:
        async def strike() -> None:
            await asyncio.sleep(10)
            seen["held"] = kill(min(workers(part.pid)))
            seen["next"] = await Browser(part.port).ask("/healthz")
            seen["race"] = await Browser(part.port).ask("/run.bin?surface=bowl")

        streams = (
            Browser(part.port, BESIEGERS, DEAR_PATIENCE).ask(large_table(at)) for at in range(4)
        )
        async with beside(*(note(part.seen, "dear", one) for one in streams)):
            await asyncio.gather(strike(), visit(part.port, part.seen, users, 20))

    what = f"a worker killed among {users} users"
    with run(processes, drive) as part:
        broken = [one for all_ in part.seen.answers.values() for one in all_ if not one.status]
        others = [one for one in broken if one.port not in seen["held"]]
        measured = f"{len(broken)} broken, {len(others)} of them another worker's"
        yield Row(f"{what}: streams", measured, "must: only its own", not others)
        for name, path in (("next", "/healthz"), ("race", "/run.bin")):
            yield quick(f"{what}: the next {path}", [seen[name]], 1000, "must")
        count = len(workers(part.pid))
        yield Row(
            f"{what}: workers at the end", f"{count}", f"must: {processes}", count == processes
        )


def memory(processes: int) -> Iterator[Row]:
    """What held the most memory: large slices, and tables of many runs."""
    cases = (("4 large slices", large_slice, 4), ("8 tables of 4.9 million rows", large_table, 8))
    for what, path, count in cases:

        async def drive(part: Part, path: Any = path, count: int = count) -> None:
            asked = (
                Browser(part.port, BESIEGERS, DEAR_PATIENCE).ask(path(at)) for at in range(count)
            )
            await asyncio.gather(*(note(part.seen, "dear", one) for one in asked))

        with run(processes, drive) as part:
            answers = part.seen.answers["dear"]
            is_met = all(one.status == 200 or is_put_off(one) for one in answers)
            yield Row(f"{what} at once", statuses(answers), PUT_OFF, is_met)
            same = workers(part.pid) == part.begun
            yield Row(f"{what}: workers", "alive" if same else "lost", "must: alive", same)
            yield part.memory_row(what)


def soaked(users: int, seconds: float, processes: int) -> Iterator[Row]:
    """A long time of everything, with some dear requests."""

    async def drive(part: Part) -> None:
        async with beside(want_dear(part.port, part.seen, 3, BESIEGERS)):
            await visit(part.port, part.seen, users, seconds)

    what = f"{users} users and 3 dear requests for {seconds:g} s"
    with run(processes, drive) as part:
        for name in ("page", "race"):
            yield quick(f"{what}: {KINDS[name]}", part.seen.answers[name], 1000, "must")
        warm = min(WARM, seconds / 4)
        early = part.memory.between(warm / 2, warm)
        late = part.memory.between(seconds - warm / 2, seconds)
        measured = f"{early:.0f} MB after {warm:g} s, {late:.0f} MB at the end"
        yield Row(f"{what}: memory", measured, "must: at most 1.2×", late <= 1.2 * early)
        yield part.memory_row(what)
        yield part.log_row(what)


# --- driving ---


def served(processes: int) -> dict[str, object]:
    """The settings of a server as it is served: everything else as it comes."""
    return {"workers": processes, "threads": Settings().threads}


@contextmanager
def run(processes: int, drive: Callable[[Part], Coroutine[Any, Any, Any]]) -> Iterator[Part]:
    """A part: a server of its own, driven to the end; what was seen can be read in the block."""
    with tempfile.TemporaryFile() as log, started(log, **served(processes)) as (server, port):
        pid = server.pid
        while len(begun := workers(pid)) < processes:
            time.sleep(0.01)
        part = Part(port, pid, begun)
        at_first = processor_seconds(os.getpid())

        async def watched() -> None:
            async with beside(part.memory.watch(pid)):
                await drive(part)

        asyncio.run(watched())
        part.own = processor_seconds(os.getpid()) - at_first
        part.theirs = sum(map(processor_seconds, workers(pid)))
        log.seek(0)
        part.said = log.read().decode("utf-8", "replace")
        yield part


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
    """While the block runs, these run too; afterwards they are stopped."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def note(seen: Seen, kind: str, asked: Coroutine[Any, Any, Answer]) -> None:
    seen.add(kind, await asked)


async def feel(port: int, pulse: list[Answer]) -> None:
    """Ask for the pulse again and again, on a new connection each time, as a probe does."""
    while True:
        browser = Browser(port, BESIEGERS)
        pulse.append(await browser.ask("/healthz"))
        browser.leave()
        await asyncio.sleep(PULSE)


async def crowds(port: int, met: list[Met]) -> None:
    """Slow clients of every kind, new ones as soon as they have been put out."""
    kinds = (
        (silent(), 40),
        (slow_head(), 40),
        (slow_body(), 40),
        (slow_reader(large_table(0)), 16),
    )

    async def again(attack: Any) -> None:
        while True:
            await crowd(port, met, (attack, 1), source=BESIEGERS)
            await asyncio.sleep(1)

    await asyncio.gather(*(again(attack) for attack, count in kinds for _ in range(count)))


# --- rows ---


def quick(what: str, answers: list[Answer], bound: float | None, kind: str) -> Row:
    """A row of times; the bound, in ms, is of the last byte's 95 %."""
    firsts, lasts = ([getattr(one, name) * 1e3 for one in answers] for name in ("first", "last"))
    counted = f"{len(answers):,} answers" if len(answers) > 1 else "1 answer"
    measured = f"{counted}; first byte {spread(firsts)}, last {spread(lasts)}"
    if bound is None:
        return Row(what, measured)
    holds = percentile95(lasts) < bound
    return Row(what, measured, f"{kind}: 95 % below {bound:g} ms", holds)


def unfailing(what: str, answers: list[Answer], kind: str) -> Row:
    bad = [one for one in answers if one.status not in (200, 304)]
    return Row(what, statuses(answers), f"{kind}: no error", not bad)


def below(what: str, value: float, bound: float, unit: str) -> Row:
    return Row(what, f"{value:.0f} {unit}", f"must: below {bound:g} {unit}", value < bound)


def statuses(answers: Iterable[Answer]) -> str:
    """How many had each status, in words."""
    found: dict[int, int] = {}
    for one in answers:
        found[one.status] = found.get(one.status, 0) + 1
    return ", ".join(f"{count:,} × {code or 'broken'}" for code, count in sorted(found.items()))


def is_put_off(answer: Answer) -> bool:
    """Is this a refusal that says when to come back?"""
    headers = answer.headers
    return (
        answer.status == 503
        and "retry-after" in headers
        and headers.get("cache-control") == "no-store"
    )


def spread(values: list[float]) -> str:
    """Median / 95 % / most, in ms; "none" where there was no answer."""
    figures = (statistics.median(values), percentile95(values), max(values))
    written = ("none" if isinf(value) else f"{value:,.0f}" for value in figures)
    return " / ".join(written) + " ms"


def percentile95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]
