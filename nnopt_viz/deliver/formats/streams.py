"""The streams that the pages themselves read."""

from nnopt_viz.deliver.experiment_tables import lines
from nnopt_viz.deliver.formats.format import FORMATS, Format
from nnopt_viz.deliver.lab_stream import lab_stream
from nnopt_viz.deliver.stream import run_stream, stream_cost

AS_IT_COMES = {"X-Accel-Buffering": "no"}

FORMATS.add(Format(
    "bin", "stream", "application/octet-stream",
    {"race": run_stream, "training": lab_stream},
    {
        "run": "The stream the page reads: JSON header, float32 frames, JSON trailer; thinned "
        "above 250,000 positions, and the header says so.",
    },
    is_saved=False, themed=frozenset({"training"}), headers=AS_IT_COMES, cache="no-transform",
    costs={"race": stream_cost},
))  # fmt: skip
FORMATS.add(Format(
    "ndjson", "stream", "application/x-ndjson",
    {"experiment": lines},
    {
        "experiment": "An experiment while it runs: a header, then lines with the share done, "
        "charts, numbers and sentences; empty lines mean that it goes on.",
    },
    is_saved=False, headers=AS_IT_COMES, cache="no-transform",
))  # fmt: skip
