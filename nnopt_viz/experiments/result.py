"""What an experiment found, kept for a while so that its tables need no second run."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from nnopt_viz.declare.cache import Cache
from nnopt_viz.experiments import STUDIES, Finding
from nnopt_viz.experiments.codec import encode_study

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from nnopt_viz.declare.knobs import Call

KEPT, KEPT_BYTES = 8, 40_000_000  # finished experiments of this process
VALUE = 16  # bytes of one in a table, about


def _bytes(finding: Finding) -> float:
    return VALUE * sum(len(column) for column in finding.table.values())


_finished = Cache[str, Finding](KEPT, KEPT_BYTES, _bytes)


def findings(call: Call) -> Generator[Finding | None, None, None]:
    """What is found, as it comes; None when there is nothing new. The last one is kept."""
    query = encode_study(call)
    held = known(query)
    if held is not None:
        yield held
        return
    with closing(STUDIES[call.name].run(call)) as found_so_far:
        for found in found_so_far:
            yield found
            if found is not None:
                last = found
    _finished.keep(query, last)


def finished(call: Call, watch: Callable[[float], None] = lambda _: None) -> Finding:
    """The whole finding; `watch` is told the share done."""
    for found in filter(None, findings(call)):
        watch(found.done)
    return found


def known(query: str) -> Finding | None:
    """The finding of a canonical query, if it is kept."""
    return _finished.get(query)
