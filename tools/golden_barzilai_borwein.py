"""Golden paths of Barzilai and Borwein's method: what stabbb does, step by step.

    python tools/golden_barzilai_borwein.py    writes tests/golden/methods/barzilai_borwein.npz

stabbb 0.0.0.1 is one small file that is not kept up, so that it is not installed for the
tests. Run this where it is, besides what nnopt_viz needs. It chooses its first step itself, and
where the surface curves down along a step it takes another length than ours: paths end there, or
where a start one unit in the last place away has moved them by CHAOS.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.evaluate import evaluate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

    Array = NDArray[np.float64]

FILE = Path(__file__).resolve().parent.parent / "tests/golden/methods/barzilai_borwein.npz"
STEPS = 60
CHAOS = 1e-9  # as in tools/golden.py
# surface, its knobs, starts from which 15 steps and more can be compared
CASES: tuple[tuple[str, dict[str, Any], tuple[tuple[float, float], ...]], ...] = (
    ("beale", {}, ((3.3, 0.2), (2.1, 0.0), (3.7, 0.5))),
    ("rosenbrock", {}, ((1.6, 0.5), (0.4, 1.7), (0.9, 1.0))),
    ("himmelblau", {"tilt": 0.5}, ((4.5, 3.0), (4.0, 2.2), (2.2, 3.1))),
)


def path_of(where: Call, start: Array) -> Array:
    """stabbb's points without its stabilization, shape (2, steps + 1).

    Its `bb=2` is the length dot(s, s)/dot(s, y), which the paper and ours name first.
    """
    from stabbb import stab_BB

    _, (points, _, _) = stab_BB(
        start, lambda p: float(evaluate(where, *p)), lambda p: np.array(evaluate(where, *p, 1)[1]),
        bb=2, deltaUpdateStrategy="constant", deltaInput=1e300, tol=1e-9, maxIt=STEPS - 1,
    )  # fmt: skip
    return np.array(points).T


def main() -> None:
    arrays: dict[str, Array] = {}
    cases = []
    for name, knobs, starts in CASES:
        where = surface(name, **knobs)
        for start in starts:
            path = path_of(where, np.array(start))
            other = path_of(where, np.nextafter(start, 9.0))
            length = min(path.shape[1], other.shape[1])
            apart = np.abs(path[:, :length] - other[:, :length]).max(axis=0)
            moved = np.maximum.accumulate(apart)
            slopes = np.array([evaluate(where, *point, 1)[1] for point in path.T]).T
            bends = (np.diff(path) * np.diff(slopes)).sum(axis=0)[: length - 1] > 0
            known = moved < CHAOS
            known[2:] &= np.logical_and.accumulate(bends)[:-1]
            known = np.logical_and.accumulate(known)
            arrays[f"path_{len(cases)}"] = path[:, :length][:, known]
            arrays[f"moved_{len(cases)}"] = moved[known]
            first = np.linalg.norm(path[:, 1] - path[:, 0]) / np.linalg.norm(slopes[:, 0])
            cases.append({"surface": name, "knobs": knobs, "start": start, "lr": float(first)})
            print(name, start, "steps", int(known.sum()) - 1)
    about = {
        "release": f"stabbb {version('stabbb')}",
        "made": "python tools/golden_barzilai_borwein.py",
        "cases": cases,
    }
    FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(FILE, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
