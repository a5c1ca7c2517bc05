"""Ask everything of the app, at random, until something is wrong.

    python -m tests.support.fuzz 200000 --seed 1      that many requests, counted
    python -m tests.support.fuzz 1 --seed 1 --first 4711    the one of this number again

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
from tests.support.fuzz_checks import Checks
from tests.support.fuzz_requests import Request, Requests

if TYPE_CHECKING:
    from collections.abc import Iterable

AGAIN = 16  # one request in so many is asked again


class BreachError(AssertionError):
    """Something that must hold does not."""


def fuzz(
    app: Any, seed: int, numbers: Iterable[int], *, timed: bool = False, goes_on: bool = False
) -> Counter[tuple[str, str]]:
    """How often each route answered with each status; "left" where the client did not wait.

    Args:
        timed, goes_on: see Checks; are breaches only printed?

    Raises:
        BreachError: at the first request for which something does not hold.
    """
    requests, checks = Requests(app, seed), Checks(app, timed=timed)
    seen: Counter[tuple[str, str]] = Counter()
    try:
        for number in numbers:
            request = requests[number]
            answer, fault = checks.fault(request, again=number % AGAIN == 0)
            if answer is not None:
                word = "left" if answer.left else str(answer.status)
                seen[answer.route, word] += 1
            if fault:
                seen["breach", fault.partition(":")[0]] += 1
                told = _told(seed, number, request, fault)
                if not goes_on:
                    raise BreachError(told)
                print(told, flush=True)  # noqa: T201
    finally:
        checks.close()
    return seen


def _told(seed: int, number: int, request: Request, fault: str) -> str:
    return (
        f"{fault[:3000]}\n{request!r:.3000}\n"
        f"again: python -m tests.support.fuzz 1 --seed {seed} --first {number}"
    )


def table(seen: Counter[tuple[str, str]]) -> str:
    """The counts, a line a route."""
    words = sorted({word for _, word in seen})
    routes = sorted({route for route, _ in seen})
    wide = max(map(len, routes))
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
        seen = fuzz(build_app(), chosen.seed, numbers, timed=True, goes_on=chosen.all)
    except BreachError as breach:
        print(breach)  # noqa: T201
        return 1
    took = time.monotonic() - began
    print(f"{table(seen)}\n{chosen.count:,} requests in {took:.0f} s")  # noqa: T201
    return int(any(route == "breach" for route, _ in seen))


if __name__ == "__main__":
    sys.exit(main())
