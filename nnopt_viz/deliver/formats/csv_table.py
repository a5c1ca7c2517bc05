"""CSV: a row for every run, lane and recorded step."""

from nnopt_viz.deliver.experiment_tables import csv_text
from nnopt_viz.deliver.formats.format import FORMATS, Format
from nnopt_viz.deliver.lab_tables import lab_csv
from nnopt_viz.deliver.tables import csv_cost, csv_pieces

TEXT = {"type": "string"}

FORMATS.add(Format(
    "csv", "table", "text/csv",
    {"race": csv_pieces, "training": lab_csv, "experiment": csv_text},
    {
        "run": "A row for every run, lane and recorded step, as they are computed.",
        "experiment": "The table of a finished experiment.",
    },
    {"run": TEXT, "experiment": TEXT},
    "Recorded steps as CSV",
    costs={"race": csv_cost},
))  # fmt: skip
