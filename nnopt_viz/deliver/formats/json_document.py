"""JSON: columns as arrays, what became of each run, and what happened."""

from __future__ import annotations

from typing import Any

from nnopt_viz.deliver.experiment_tables import json_text as experiment_json
from nnopt_viz.deliver.formats.format import FORMATS, Format, Most, TooLarge
from nnopt_viz.deliver.lab_tables import lab_json_text
from nnopt_viz.deliver.tables import MAX_JSON_ROWS, json_cost, json_pieces


def too_many_rows(kind: str, asked: Any, text: str) -> TooLarge | None:
    """What is refused: more rows than a browser can read at once."""
    if kind == "experiment" or asked.positions <= MAX_JSON_ROWS:
        return None
    said = f"has {asked.positions:,} rows; JSON holds at most {MAX_JSON_ROWS:,}."
    if kind == "training":
        return TooLarge(
            "epochs", str(asked.epochs), f"This training {said}",
            f"fewer epochs, runs or seeds, or /run.csv?{text}",
        )  # fmt: skip
    return TooLarge(
        "steps", str(asked.steps), f"This run {said}",
        f"fewer steps, runs or starting points, or /run.csv?{text}",
    )  # fmt: skip


RECORDS = [{"$ref": f"#/components/schemas/{name}"} for name in ("Run", "Training")]

FORMATS.add(Format(
    "json", "table", "application/json",
    {"race": json_pieces, "training": lab_json_text, "experiment": experiment_json},
    {
        "run": "Columns as arrays, what became of each run, and what happened on its first "
        "start's way.",
        "experiment": "A finished experiment: the release that measured it, its numbers with their "
        "intervals, which of its sentences hold, and its table by columns.",
    },
    {
        "run": {"anyOf": RECORDS},
        "experiment": {"$ref": "#/components/schemas/Experiment"},
    },
    "Recorded steps as JSON",
    too_many_rows,
    Most("rows", MAX_JSON_ROWS, "{count} rows, JSON holds {most}: take CSV"),
    refusals={413: f"More than {MAX_JSON_ROWS:,} rows; the error names the CSV route."},
    is_saved=False, costs={"race": json_cost},
))  # fmt: skip
