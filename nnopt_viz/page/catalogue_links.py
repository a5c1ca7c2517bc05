"""Links of the catalogue: a race that shows what an entry does, at rates that suit it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nnopt_viz.scenario import good_rate, run
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.starts import STARTS
from nnopt_viz.url import decode, landing

if TYPE_CHECKING:
    from nnopt_viz.knobs import Call, Value

PLAIN, OTHERS = "sgd", ("momentum", "adam")  # what an entry is raced with


def race_link(kind: str, name: str) -> str:
    """The address that races an entry.

    A surface is descended by three common optimizers; an optimizer runs against gradient
    descent, and a schedule against none, on the landing scene; a start begins all its runs.

    Args:
        kind: "surfaces", "optimizers", "schedules" or "starts".
        name: the entry.
    """
    scene = landing()
    where = name if kind == "surfaces" else scene.surface.name
    if kind == "surfaces":
        scene = decode(f"surface={name}")  # its own start, the default number of steps

    def at_good_rate(optimizer: str, **knobs: Value) -> Call:
        return run(optimizer, lr=good_rate(where, optimizer), **knobs)

    plain = at_good_rate(PLAIN)
    if kind == "optimizers":
        other = name if name != PLAIN else OTHERS[-1]
        scene = replace(scene, runs=(plain, at_good_rate(other)))
    elif kind == "schedules":
        scheduled = at_good_rate(PLAIN, schedule=SCHEDULES.call(name))
        scene = replace(scene, runs=(plain, scheduled))
    else:
        scene = replace(scene, runs=(plain, *map(at_good_rate, OTHERS)))
    if kind == "starts":
        scene = replace(scene, start=STARTS.call(name))
    return f"/?{scene.to_query()}"
