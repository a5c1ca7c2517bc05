"""What the kernel knows of the server's processes: who they are, what they hold, and whose
connection is whose. Linux only.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
OFTEN = 0.5  # seconds between two looks at the memory
TICKS = os.sysconf("SC_CLK_TCK")
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def workers(server: int) -> set[int]:
    """The processes that a server has started and that are alive."""
    found: set[int] = set()
    for listed in PROC.glob(f"{server}/task/*/children"):
        with suppress(OSError):
            found.update(map(int, listed.read_text().split()))
    return found


def megabytes(server: int) -> float:
    """Of memory that the server and its workers hold together, what they share counted once."""
    total = 0
    for process in (server, *workers(server)):
        with suppress(OSError):  # it has just ended
            total += int(_PSS.findall((PROC / f"{process}/smaps_rollup").read_text())[0])
    return total / 1000


def processor_seconds(process: int) -> float:
    """That a process has used so far."""
    fields = (PROC / f"{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass(slots=True)
class Memory:
    """(seconds since the first look, megabytes) of a server, look by look."""

    looks: list[tuple[float, float]] = field(default_factory=list)

    async def watch(self, server: int) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            self.looks.append((loop.time() - begun, megabytes(server)))
            await asyncio.sleep(OFTEN)

    @property
    def most(self) -> float:
        return max(amount for _, amount in self.looks)

    def between(self, first: float, last: float) -> float:
        """The mean of the looks between two times, in seconds since the first."""
        within = [amount for at, amount in self.looks if first <= at <= last]
        return sum(within) / len(within)


def kill(worker: int) -> set[int]:
    """Kill a worker; the ports of those whose connections it held in that moment."""
    os.kill(worker, signal.SIGSTOP)  # what it holds can't change any more
    held = {
        _SOCKET.sub(r"\1", name)
        for link in (PROC / f"{worker}/fd").iterdir()
        if _SOCKET.match(name := _target(link))
    }
    rows = (PROC / "net/tcp").read_text().splitlines()[1:]
    ends = [(row.split()[2], row.split()[9]) for row in rows]  # the other end, the socket
    os.kill(worker, signal.SIGKILL)
    return {int(other.split(":")[1], 16) for other, number in ends if number in held} - {0}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
