"""What runs while formulas are read and computed: our own code with allowed names, nothing else."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nnopt_viz.formula import compile as compiling

if TYPE_CHECKING:
    from collections.abc import Iterator

WATCHED = ("os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "os.remove",
           "os.rename", "os.mkdir", "subprocess.Popen", "socket.connect", "socket.bind",
           "shutil.rmtree", "ctypes.dlopen")  # fmt: skip
OURS = ("<rule>", "<formula>")  # what the compiler of formulas calls its code
WORDS = {*compiling._FAST, *compiling._EXACT, *compiling._ARRAY, "append", "zip", "abs"}
watching = False
seen_events: list[str] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: code that is none of ours, or ours with a name that is not allowed."""
    if not watching:
        return
    if event in WATCHED:
        seen_events.append(event)
    elif event == "exec" and arguments[0].co_filename in OURS:
        seen_events.extend(sorted(names_read(arguments[0]) - WORDS))
    elif event == "exec" and arguments[0].co_filename.startswith("<"):
        seen_events.append(f"exec {arguments[0].co_filename}")
    elif event == "open" and arguments[1] not in (None, "r", "rb"):
        seen_events.append(f"open {arguments[0]}")


def names_read(code: Any) -> set[str]:
    """The globals and attributes that a code object reads, inner functions included."""
    inner = [names_read(part) for part in code.co_consts if hasattr(part, "co_names")]
    return set(code.co_names).union(*inner) - {"make", "run", "chunk"}


sys.addaudithook(watch)  # for good: it can't be taken away again, only told to sleep


@contextmanager
def audited() -> Iterator[None]:
    """Nothing that is not allowed runs within."""
    global watching
    seen_events.clear()
    watching = True
    yield
    watching = False
    assert not seen_events
