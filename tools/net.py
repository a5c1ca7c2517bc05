"""The net under a refactoring: nothing that anybody sees may change.

    python tools/net.py               compares this tree with the commit BASE
    python tools/net.py --base main~  with another commit
    python tools/net.py --twice       the base with itself: the net's own test
    python tools/net.py --keep DIR    keeps both records, every body and every difference

Everything that `net_requests` lists is asked of both trees, side by side, by the same
interpreter on the same machine; `net_record` says what is left out of the comparison and
why. A number may change by rounding, and what is meant may change, when it stands below.
The exit code is 1 when anything else differs, or when there is a route or an entry of the
catalogue that the net never asks.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.net_compare import Added, Difference, Intended, Rounding, compared, load  # noqa: E402

BASE = "2f4410f"  # the last commit before the modules moved
MOST_ROUNDING = 1e-12  # relative, in text and float64; in float32 one unit in the last place
SECONDS = 900  # of one recording

# Answers whose numbers may differ by rounding: Rounding(pattern of their names, reason).
ROUNDINGS: tuple[Rounding, ...] = ()
FORMATS = (
    '"formats": [{"kinds": ["experiment", "race", "training"], "label": "Every step a'
    's CSV", "name": "csv"}, {"kinds": ["experiment", "race", "training"], "label": "'
    'Every step as JSON", "most": 200000, "name": "json", "of": "rows", "words": "{co'
    'unt} rows, JSON holds {most}: take CSV"}, {"kinds": ["race", "training"], "label'
    '": "Every step as Parquet", "name": "parquet"}, {"kinds": ["race", "training"], '
    '"label": "One animated page, HTML", "most": 512, "name": "html", "of": "marks", '
    '"words": "{count} markers, it holds {most}: take the film or CSV"}], '
)
ONE_TABLE = "page, routes, schema and command line read one table of formats"
NEAREST = "the nearest name is the fewest slips away everywhere; nothing is no slip of either"
SERVERS_TEXT = "a question that the server has read goes to the browser with its text"
AS_GIVEN = "a refused value is said as it was given, not as Python holds it"
NEWTON = (
    "\"value\":\"Call(name='newton', knobs=(('lr', 1.0), ('damping', 0.0), ('noise', "
    "Call(name='none', knobs=())), ('accumulate', 1), ('clip_value', 0.0), ('clip_norm', 0.0), "
    "('weight_decay', 0.0), ('lookahead', 0), (…\""
)
NO_LIST = "the help of --out names examples: a list of formats would be a second place"
RELEASE = "an experiment says with which release it was made"
# Changes that are meant: Intended(pattern of names, before, after, reason), matched exactly, and
# Added(pattern of names, pattern of what is new, reason).
INTENDED: tuple[Intended | Added, ...] = (
    Intended(
        "_dash-update-component", '"limits": {"json_rows": 200000, "page_marks": 512}, ', "",
        ONE_TABLE,
    ),
    Intended(
        "_dash-update-component", '"initializers": {"constant": {"knobs": {"value"',
        f'{FORMATS}"initializers": {{"constant": {{"knobs": {{"value"', ONE_TABLE,
    ),
    Intended(
        "_dash-update-component .*experiment", r'\"]}", "disable_n_clicks',
        r'\"],\"formats\":[\"csv\",\"json\"]}", "disable_n_clicks', ONE_TABLE,
    ),
    Intended(
        "_dash-update-component .*experiment", r'\"notes\":[]}", "disable_n_clicks',
        r'\"notes\":[],\"formats\":[\"csv\",\"json\"]}", "disable_n_clicks', ONE_TABLE,
    ),
    Intended(
        "GET /openapi.json", "sha256:4c153825b547", "sha256:3ff1a960dea6",
        f"{ONE_TABLE}; schemas follow from the records, which say what their fields are",
    ),
    Added(
        "_dash-update-component", rb'"query": "(?:[^"\\\\]|\\\\.)*", (?="runs")', SERVERS_TEXT,
    ),
    Added(
        "_dash-update-component", rb', \\"query\\": \\"(?:[^"\\\\]|\\\\[^"])*\\"(?=})',
        SERVERS_TEXT,
    ),
    Added("experiment.*json", rb'"release":"[0-9.]+",', RELEASE),
    Intended("GET /experiment", '"value":"a"', r'"value":"\"a\""', AS_GIVEN),
    Intended(
        "GET /experiment", '"value":"sgd,nothing"', r'"value":"\"sgd,nothing\""', AS_GIVEN,
    ),
    Intended("GET /experiment", '"value":"5.0"', '"value":"5"', AS_GIVEN),
    Intended("GET /experiment", NEWTON, '"value":"newton"', AS_GIVEN),
    Intended(
        "(POST|PUT|DELETE) /experiment.ndjson", "text/html; charset=utf-8", "application/json",
        "a refusal at a data route is JSON; this route was forgotten",
    ),
    Intended(
        "(POST|PUT|DELETE) /experiment.ndjson", "sha256:5603355ae53a", "sha256:b42f6f8a1bb2",
        "a refusal at a data route is JSON; this route was forgotten",
    ),
    Intended(
        "nnopt-viz 'run' .*out.json",
        "JSON holds at most 200,000 rows, and this run has 240,400; write .csv instead",
        "This run has 240,400 rows; JSON holds at most 200,000. Write .csv instead",
        "one sentence for a format's limit, on the web and in the terminal",
    ),
    Intended("nnopt-viz 'run' '--help'", "sha256:0e4258dffdf7", "sha256:3b64547eabbd", NO_LIST),
    Intended(
        "nnopt-viz 'experiment' '--help'", "sha256:eedb070d397d", "sha256:a144295c380b", NO_LIST,
    ),
    Intended(
        "nnopt-viz 'run'", ".json, .parquet, .html, not", ".json, .parquet or .html, not",
        "as for an experiment",
    ),
    Intended(
        "nnopt-viz 'experiment'",
        "2 to 256, not 1. Allowed: a whole number from 2 to 256.", "2 to 256, not 1.",
        "as for a run: what is allowed is said once",
    ),
    Intended(
        "^GET /learn/nothing", "Too small, right, too large", "When the surface changes", NEAREST,
    ),
    Intended(
        r"^GET /learn/nothing\?.*(html|\*/\*)",
        'href="/learn/learning_rate"', 'href="/learn/shift"', NEAREST,
    ),
)  # fmt: skip
# Routes and names that are new since BASE, and that the net can't ask of both.
NEW: dict[str, str] = {}

MOST_SHOWN = 60


def checkout(commit: str, folder: Path) -> None:
    """Write a commit's files into a folder; nothing in the repository is touched."""
    made = subprocess.run(
        ["git", "archive", "--format=tar", commit], cwd=ROOT, capture_output=True, check=False
    )
    if made.returncode:
        raise SystemExit(f"net: {made.stderr.decode().strip()} (a shallow clone? git fetch)")
    with tarfile.open(fileobj=io.BytesIO(made.stdout)) as packed:
        packed.extractall(folder, filter="data")


def recording(tree: Path, out: Path, work: Path, hash_seed: str) -> subprocess.Popen[bytes]:
    """Start to record what a tree answers, in an interpreter and an empty folder of its own."""
    work.mkdir()
    if (out / "record.json").exists():  # of an earlier --keep
        shutil.rmtree(out)
    environment = {key: v for key, v in os.environ.items() if not key.startswith("NNOPT_VIZ_")}
    environment |= {
        "COLUMNS": "80",  # argparse folds its help to the terminal
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": hash_seed,
        # Both record at once, a core each; and sums are made in one order.
        **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }
    script = ROOT / "tools" / "net_record.py"
    return subprocess.Popen(
        [sys.executable, str(script), str(tree), str(out)], cwd=work, env=environment
    )


def judged(
    differences: list[Difference], roundings: tuple[Rounding, ...]
) -> tuple[list[Difference], dict[str, Rounding]]:
    """The differences that are not allowed, and by name the answers that are listed as rounded."""
    wrong, rounded = [], {}
    for one in differences:
        listed = next((r for r in roundings if re.search(r.where, one.name)), None)
        if listed and one.apart and one.apart.is_rounding(MOST_ROUNDING):
            rounded[one.name] = listed
        else:
            wrong.append(one)
    return wrong, rounded


def report(base: Path, here: Path) -> int:
    """Compare two records and say what differs; the exit code."""
    (old, _), (new, never) = load(base), load(here)
    differences, used = compared(old, new, INTENDED)
    wrong, rounded = judged(differences, ROUNDINGS)
    (here / "differences.txt").write_text("\n".join(map(str, differences)), "utf-8")
    for one in wrong[:MOST_SHOWN]:
        print(one)
    if len(wrong) > MOST_SHOWN:
        kinds = Counter(" ".join(one.name.split("?")[0].split()[:2]) for one in wrong)
        print(f"… {len(wrong)} differences in all, of them:")
        print("\n".join(f"    {count} of {kind}" for kind, count in kinds.most_common(20)))
    for listed in dict.fromkeys(rounded.values()):
        names = [name for name, one in rounded.items() if one == listed]
        print(f"rounded: {len(names)} answers like {names[0]}\n    because {listed.reason}")
    for change in used:
        print(f"intended: {change.where}: {change.reason}")
    stale = [one for one in ROUNDINGS if one not in rounded.values()]
    stale += [one for one in INTENDED if one not in used]
    for one in stale:
        print(f"no longer needed: {one.where}: {one.reason}")
    never = [name for name in never if name not in NEW]
    for name in never:
        print(f"the net never asks: {name}")
    differing = {one.name for one in wrong}
    equal = len(new.keys() | old.keys()) - len(differing) - len(rounded)
    print(
        f"net: {equal} answers equal, {len(differing)} differ, {len(rounded)} roundings listed, "
        f"{len(used)} changes intended"
    )
    return 1 if wrong or never else 0


def main() -> int:
    """Record both, side by side, and compare."""
    parser = argparse.ArgumentParser(description="Compare what two trees answer.")
    parser.add_argument("--base", default=BASE, metavar="COMMIT", help=f"default {BASE}")
    parser.add_argument("--tree", type=Path, default=ROOT, help="default: this one")
    parser.add_argument("--twice", action="store_true", help="record the base twice instead")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep both records there")
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="net-") as folder:
        tree = Path(folder) / "base-tree"
        checkout(given.base, tree)
        records = given.keep.resolve() if given.keep else Path(folder)
        other = tree if given.twice else given.tree.resolve()
        base, here = records / "base", records / "here"
        running = [
            recording(one, out, Path(folder) / f"work-{hash_seed}", hash_seed)
            for one, out, hash_seed in ((tree, base, "1"), (other, here, "2"))
        ]
        try:
            codes = [one.wait(SECONDS) for one in running]
        finally:
            for one in running:
                one.kill()
        if any(codes):
            raise SystemExit("net: recording failed; see above")
        code = report(base, here)
    print(f"net: took {time.monotonic() - started:.0f} s")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
