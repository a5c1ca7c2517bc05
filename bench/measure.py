"""What every measurement shares: medians, fresh interpreters, and the table's rows."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Args:
        what: what is measured.
        ours, peer: the medians, with their units, as text.
        ratio: ours against the peer, or against the bound.
        bound: what was promised: a must or an aim.
        holds: whether it was kept.
    """

    what: str
    ours: str
    peer: str
    ratio: str
    bound: str
    holds: bool

    def cells(self) -> tuple[str, ...]:
        verdict = "yes" if self.holds else "no"
        return self.what, self.ours, self.peer, self.ratio, self.bound, verdict


HEADINGS = ("what", "here", "peer", "ratio", "wanted", "holds")


def faster(what: str, ours: float, peer: float, name: str, wanted: float, kind: str) -> Row:
    """A row that says how many times faster than the peer we are. Times in seconds."""
    ratio = peer / ours
    bound = f"{kind}: at least {wanted:g}×"
    return Row(what, ms(ours), f"{name} {ms(peer)}", times(ratio), bound, ratio >= wanted)


def within(what: str, ours: float, peer: float, name: str, wanted: float, kind: str) -> Row:
    """A row that says how many times the peer's time we take. Times in seconds."""
    ratio = ours / peer
    bound = f"{kind}: at most {wanted:g}×"
    return Row(what, ms(ours), f"{name} {ms(peer)}", times(ratio), bound, ratio <= wanted)


def below(what: str, value: float, bound: float, unit: str, kind: str) -> Row:
    """A row that holds a value of ours against a fixed bound in the same unit."""
    wanted = f"{kind}: below {bound:g} {unit}"
    share = f"{value / bound:.2f} of it"
    return Row(what, f"{value:.3g} {unit}", "–", share, wanted, value < bound)


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds * 1e3:,.0f} ms"


def times(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.2f}×"


def clock(work: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(repeats: int, *works: Callable[[], float]) -> list[float]:
    """The median of what each returns, taken in turn so that they share a busy machine."""
    taken = [[work() for work in works] for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def typical(work: Callable[[], object]) -> float:
    """The median of 15 calls in a row: how long it takes once caches are warm."""
    return statistics.median(clock(work) for _ in range(15))


def fresh(code: str, result: str = "time.perf_counter() - start") -> float:
    """What `result` is after `code` in a new interpreter: the seconds since its start."""
    timed = f"import time; start = time.perf_counter()\n{code}\nprint({result})"
    run = subprocess.run(
        [sys.executable, "-c", timed], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(run.stdout.split()[-1])


def machine(named: tuple[str, ...] = ()) -> str:
    """The machine and the versions of the peers, or of what is named, in one line."""
    from importlib.metadata import version

    packages = named or ("numpy", "plotly", "dash", "torch", "jax", "optax")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
