"""The generated parts of pages that are written by hand: rooms, counts, speed, evidence."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from nnopt_viz.catalogue import evidence
from nnopt_viz.catalogue.listing import EVERY
from nnopt_viz.declare.written import counted
from nnopt_viz.experiments import STUDIES
from nnopt_viz.gallery import GALLERY
from nnopt_viz.judge.events import EVENTS
from nnopt_viz.lessons import LESSONS
from nnopt_viz.query.keys import REGISTRIES
from tests.contract.test_rooms import PACKAGE, ROOMS
from tools.reference_page import cell, code, table

ROOT = Path(__file__).resolve().parent.parent
SPEED = ROOT / "docs/speed.md"
KINDS_SAID = {"datasets": "data sets"}
# (first words of a row in the bench's table, what the README says of it)
SAID = (
    ("6 runs × 1000 steps",
     "A race of 6 runs × 1000 steps takes {here}; {peer} on the same machine ({ratio})"),
    ("click on the contour to first moved pixels, median",
     "a click on the map is answered after {here} at the median"),
)  # fmt: skip


def parts() -> dict[str, str]:
    """Name -> Markdown."""
    return {"counts": counts(), "speed": speed(), "rooms": rooms(), "evidence": compared()}


def counts() -> str:
    """How much there is of what, each with where it is listed."""
    n = {plural: len(registry) for plural, registry in REGISTRIES.items()}
    reference = "docs/reference"
    lines = (
        (
            f"[{counted(n['surfaces'], 'surface')}]({reference}/surfaces.md), "
            f"[{counted(n['optimizers'], 'optimizer')}]({reference}/optimizers.md) "
            f"and {n['network_optimizers']} more for networks, "
            f"[{counted(n['schedules'], 'schedule')}]({reference}/schedules.md); your own formulas "
            "and rules beside them"
        ),
        (
            f"small networks on [{counted(n['datasets'], 'data set')}]({reference}/lab.md), from "
            f"{counted(n['initializers'], 'initializer')}, seen on {counted(n['planes'], 'plane')} "
            "through the space of their weights"
        ),
        (
            f"[{counted(len(STUDIES), 'experiment')}]({reference}/experiments.md), "
            f"[{counted(len(LESSONS), 'lesson')}]({reference}/lessons.md) and a "
            f"[gallery of {len(GALLERY)} pictures](docs/guide.md#the-gallery) whose claims the "
            "tests measure"
        ),
        (
            f"[{counted(len(EVENTS), 'kind')} of events]({reference}/verdicts.md) that are "
            "found and explained: divergence, a saddle, a ravine …"
        ),
    )
    return "".join(f"- {line}\n" for line in lines)


def speed() -> str:
    """Two lines of the bench's table."""
    rows = [line.split(" | ") for line in SPEED.read_text("utf-8").splitlines()]
    said = []
    for first, words in SAID:
        _, here, peer, ratio, *_ = next(r for r in rows if r[0].startswith(f"| {first}"))
        said.append(words.format(here=here, peer=peer, ratio=ratio))
    return ";\n".join(said) + " ([how this is measured](docs/speed.md)).\n"


def rooms() -> str:
    """The rooms from top to bottom, each with what it says of itself."""
    rows = []
    for place, beside in enumerate(ROOMS):
        for room in beside:
            text = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text("utf-8")))
            said = re.split(r"\n\n", text or "")[0]
            rows.append((str(len(ROOMS) - place), code(f"{room}/"), cell(said)))
    return table(("floor", "room of `nnopt_viz/`", "what it says of itself"), rows)


def compared() -> str:
    """How many entries were compared with a public implementation, and how many by hand.

    Derivatives of the same formula are no comparison of it.
    """
    rows = []
    for kind in evidence.KINDS:
        registry: Any = EVERY[kind]
        every = [evidence.comparisons(kind, name) for name in registry]
        live = [[one for one in found if not one.of_itself] for found in every]
        alone = sum(not found for found in live)
        checked = sum(
            not found and bool(evidence.checks(kind, name))
            for found, name in zip(live, registry, strict=True)
        )
        peers = sorted({one.version for found in every for one in found})
        said = KINDS_SAID.get(kind, kind.replace("_", " "))
        rows.append(
            (said, str(len(registry)), str(len(registry) - alone), ", ".join(peers) or "–",
             str(checked))
        )  # fmt: skip
    return table(("what", "entries", "compared", "with", "by hand alone"), rows)
