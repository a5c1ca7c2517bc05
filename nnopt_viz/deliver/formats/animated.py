"""One page that plays by itself, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.declare.written import counted
from nnopt_viz.deliver.animated_page import animated_page, page_cost
from nnopt_viz.deliver.formats.format import FORMATS, Format, Most, TooLarge
from nnopt_viz.figures.recording import MOST_MARKS, problem

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.race.scenario import Scenario


def too_many_marks(kind: str, asked: Scenario | Lab, text: str) -> TooLarge | None:
    """What is refused: more markers than a page can move."""
    why_not = problem(asked)
    if why_not is None:
        return None
    if kind == "training":
        fewer = "fewer seeds or runs"
    else:
        count = len(asked.runs)
        points = counted(MOST_MARKS // count, "starting point")
        others = ", fewer runs" if count > 1 else ""
        fewer = f"at most {points} for {counted(count, 'run')}{others}"
    return TooLarge(
        {"race": "start", "training": "seeds"}[kind], str(asked.lanes), why_not,
        f"{fewer}, or /run.csv?{text}",
    )  # fmt: skip


FORMATS.add(Format(
    "html", "page", "text/html",
    {"race": animated_page, "training": animated_page},
    {
        "run": "One page that holds plotly.js and the race, or the training, as an animated "
        "figure, and asks no host for anything; sent as a download.",
    },
    {"run": {"type": "string"}},
    label="One animated page, HTML",
    costs={"race": page_cost},
    limit=too_many_marks,
    most=Most("marks", MOST_MARKS, "{count} markers, it holds {most}: take the film or CSV"),
    refusals={
        413: f"More than {MOST_MARKS} runs x starting points (or seeds); the error names the CSV "
        "route.",
    },
))  # fmt: skip
