"""Parquet: the rows of the CSV, typed and packed."""

from nnopt_viz.deliver.formats.format import FORMATS, Format
from nnopt_viz.deliver.lab_tables import lab_parquet
from nnopt_viz.deliver.tables import has_parquet, parquet_cost, parquet_pieces

FORMATS.add(Format(
    "parquet", "table", "application/vnd.apache.parquet",
    {"race": parquet_pieces, "training": lab_parquet},
    {"run": "The same rows as a Parquet file."},
    label="Recorded steps as Parquet",
    lacks=lambda: "" if has_parquet() else "needs pip install 'nnopt-viz[parquet]', take CSV",
    costs={"race": parquet_cost},
    refusals={501: "The extra `parquet` is not installed."},
))  # fmt: skip
