"""Long work looks up now and then: is it still wanted, and is it another's turn?

Whatever may compute for longer than a blink calls `breathe` in its loops, some twenty times a
second. What that means is decided by who runs it: the web server ends work whose client has gone
and lets others have their turn; on the command line and in Python nothing happens.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Look = Callable[[], None]

_look: ContextVar[Look | None] = ContextVar("look", default=None)


class Gone(BaseException):
    """Nobody waits for this work any more: it ends where it breathes."""


def breathe() -> None:
    """Look up. Cheap enough for a loop whose body takes some microseconds.

    Raises:
        Gone: when nobody waits for the work.
    """
    look = _look.get()
    if look is not None:
        look()


@contextmanager
def looking(look: Look | None) -> Iterator[None]:
    """Within this block of this thread, `breathe` calls `look`."""
    token = _look.set(look)
    try:
        yield
    finally:
        _look.reset(token)
