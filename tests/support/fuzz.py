"""Ask everything of the app, at random, until something is wrong.

    python -m tests.support.fuzz 200000 --seed 1            that many requests, counted
    python -m tests.support.fuzz 1 --seed 1 --first 4711    the one of this number again

Most are asked in this process; some of them and raw bytes go to a real server's socket.

The first breach ends it, with the line that repeats it.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from nnopt_viz.page import build_app
from nnopt_viz.page.pages import paths
from tests.support.fuzz_checks import Checks
from tests.support.fuzz_requests import PLAIN, Request, Requests
from tests.support.fuzz_server import tried

if TYPE_CHECKING:
    from collections.abc import Iterable

AGAIN = 16  # one request in so many is asked again
TELLS = 5_000  # requests between two tables, where it goes on
WIRE, BYTES = 20, 20  # one in so many goes over the wire too; beside one in so many, raw bytes


Counts = Counter[tuple[str, str]]


class BreachError(AssertionError):
    """Something that must hold does not."""


def fuzz(
    app: Any, seed: int, numbers: Iterable[int], *, timed: bool = False, goes_on: bool = False
) -> Counts:
    """How often each route answered with each status; "left" where the client did not wait.

    Args:
        timed: see Checks.
        goes_on: are breaches only printed, and the counts now and then?

    Raises:
        BreachError: at the first request for which something does not hold.
    """
    requests = Requests(app, seed)
    checks = Checks(app, timed=timed)
    seen: Counts = Counter()
    with checks.listening(), tried(requests) as server:
        for number in numbers:
            request = requests[number]
            answer, fault = checks.fault(request, again=number % AGAIN == 0)
            if answer is not None:
                seen[answer.route, "left" if answer.left else str(answer.status)] += 1
            try:
                if answer is not None and number % WIRE == 1:
                    server.request(request, answer)
                if number % BYTES == 2:
                    server.talk(number)
            except (AssertionError, OSError) as amiss:
                fault = fault or f"at the server: {type(amiss).__name__}: {amiss}"
            if fault:
                told = _told(seed, number, request, fault)
                if not goes_on:
                    raise BreachError(told)
                seen["a breach", ""] += 1
                print(told, flush=True)  # noqa: T201
            if goes_on and number % TELLS == TELLS - 1:
                print(f"{number + 1:,}\n{table(seen + server.seen)}", flush=True)  # noqa: T201
    return seen + server.seen


def warm(app: Any) -> None:
    """What is made once in a process has no price: make it."""
    checks = Checks(app)
    for path in (*paths(), *PLAIN, "/run.parquet", "/run.html"):
        checks.ask(Request(path, "steps=1", headers=(("Host", "a.example"),)))


def _told(seed: int, number: int, request: Request, fault: str) -> str:
    return (
        f"{fault[:3000]}\n{request!r:.3000}\n"
        f"again: python -m tests.support.fuzz 1 --seed {seed} --first {number}"
    )


def table(seen: Counts) -> str:
    """The counts, a line a route."""
    words = sorted({word for _, word in seen})
    routes = sorted({route for route, _ in seen})
    wide = max(map(len, routes)) + 1
    lines = [f"{'':{wide}}" + "".join(f"{word:>9}" for word in words)]
    for route in routes:
        counts = (seen[route, word] for word in words)
        lines.append(f"{route:{wide}}" + "".join(f"{count or '':>9}" for count in counts))
    return "\n".join(lines)


def main() -> int:
    """The command line; 1 after a breach."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("count", type=int, help="how many requests")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--first", type=int, default=0, help="number of the first one")
    options.add_argument("--all", action="store_true", help="go on after a breach")
    chosen = options.parse_args()
    warnings.simplefilter("error")
    began = time.monotonic()
    numbers = range(chosen.first, chosen.first + chosen.count)
    try:
        app = build_app()
        warm(app)
        seen = fuzz(app, chosen.seed, numbers, timed=True, goes_on=chosen.all)
    except BreachError as breach:
        print(breach)  # noqa: T201
        return 1
    took = time.monotonic() - began
    print(f"{table(seen)}\n{chosen.count:,} requests in {took:.0f} s")  # noqa: T201
    return int(("a breach", "") in seen)


if __name__ == "__main__":
    sys.exit(main())
