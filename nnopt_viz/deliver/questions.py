"""Which question a query text asks: a race or a training."""

from __future__ import annotations

from nnopt_viz.lab.codec import LAB_EXAMPLES, decode_lab
from nnopt_viz.lab.lab import MOST_WORK, Lab
from nnopt_viz.race.keys import EXAMPLES
from nnopt_viz.race.scenario import Scenario

LAB_ONLY = frozenset(LAB_EXAMPLES) - frozenset(EXAMPLES)


def is_lab(query: str) -> bool:
    """Does the query have a key that only a lab has?"""
    keys = (part.partition("=")[0] for part in query.removeprefix("?").split("&"))
    return any(key in LAB_ONLY for key in keys)


def read(what: Scenario | Lab | str) -> Scenario | Lab:
    """A race or a training, or the one that a query text means; the command line's limits hold.

    Raises:
        QueryError: when the text is not a valid query.
        TypeError: for anything else.
    """
    if isinstance(what, str):
        return decode_lab(what, MOST_WORK) if is_lab(what) else Scenario.from_query(what)
    if not isinstance(what, Scenario | Lab):
        raise TypeError(f"Needed is a Scenario, a Lab or query text, not {type(what).__name__}")
    return what
