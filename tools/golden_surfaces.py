"""Golden figures of surfaces: what eight other packages say at the same points, in float64.

    python -m tools.golden_surfaces SCIPY     writes tests/golden/surfaces.json

It runs in an environment of its own that has, beside this project and torch 2.13.0,

    opfunu 1.0.4, landscapes 0.0.13, benchmarkfcns 4.1.0, botorch 0.18.1, pymoo 0.6.2,
    deap 1.4.4, optproblems 1.3

(opfunu wants matplotlib; botorch gpytorch and pyro-ppl; SciPy's set asv_runner; of benchmarkfcns
its file of functions, benchmarkfcns.cpp, is enough to build). SCIPY is the folder of SciPy's
unpacked source distribution, here of 1.17.1: its benchmark set, by Andrea Gavana after Jamil and
Yang's survey, is not in the wheel. Each package computes with its own code, and nothing is adjusted
to ours: where they differ, `DIFFERS` says how, as a formula that the test checks, and why.

The points: twenty drawn within our bounds, the origin, and our minima.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import warnings
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.judge.minima import declared_minima
from nnopt_viz.surfaces import SURFACES
from tools.golden_surfaces_table import DIFFERS, ELSEWHERE, ELSEWHERE_AT, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    At = tuple[float, float]
    Published = tuple[Any, Any, Any] | None  # minima, the loss there, and the region

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden" / "surfaces.json"
POINTS = 20
DIGITS = 6  # of a point's coordinates behind the decimal point


def points(case: Case) -> list[At]:
    """Twenty within the bounds, the same on every machine; the origin; and the minima."""
    xl, xh, yl, yh = SURFACES[case.surface].bounds
    rng = np.random.default_rng(zlib.crc32(case.surface.encode()))
    drawn = rng.uniform((xl, yl), (xh, yh), (POINTS, 2)).round(DIGITS)
    found = [(float(x), float(y)) for x, y in drawn]
    return [*found, (0.0, 0.0), *declared_minima(SURFACES.call(case.surface, **case.knobs))]


def asked(package: str, name: str) -> tuple[Callable[[At], Any], Published]:
    """The function of a package, of a point, and its minima as published there."""
    match package:
        case "scipy":
            made = getattr(importlib.import_module("benchmarks.go_benchmark_functions"), name)()
            return lambda at: made.fun(np.array(at)), (made.global_optimum, made.fglob, made.bounds)
        case "opfunu":
            problem = getattr(importlib.import_module("opfunu.name_based"), name)(ndim=2)
            return lambda at: problem.evaluate(np.array(at)), None
        case "landscapes":
            return getattr(importlib.import_module("landscapes.single_objective"), name), None
        case "benchmarkfcns":
            function = getattr(importlib.import_module("benchmarkfcns"), name)
            return lambda at: function(np.array([at])), None
        case "botorch":
            torch = importlib.import_module("torch")
            makes = getattr(importlib.import_module("botorch.test_functions.synthetic"), name)
            synthetic = makes(dim=2) if "dim" in inspect.signature(makes).parameters else makes()
            return (
                lambda at: synthetic._evaluate_true(torch.tensor([at], dtype=torch.float64)),
                (synthetic._optimizers, synthetic._optimal_value, synthetic._bounds),
            )
        case "pymoo":
            single = getattr(importlib.import_module(f"pymoo.problems.single.{name.lower()}"), name)
            sized = single(n_var=2) if "n_var" in inspect.signature(single).parameters else single()
            return lambda at: sized.evaluate(np.array([at])), None
        case "deap":
            return getattr(importlib.import_module("deap.benchmarks"), name), None
        case "optproblems":
            other = getattr(importlib.import_module("optproblems.continuous"), name)
            takes = "num_variables" in inspect.signature(other).parameters
            of_two = other(num_variables=2) if takes else other()
            return lambda at: of_two.objective_function(list(at)), None
    raise ValueError(package)


def at_theirs(peer: str, x: float, y: float) -> At:
    """Our point in their coordinates."""
    first, second = ELSEWHERE_AT.get(peer, ("x", "y"))
    return float(eval(first, {"x": x, "y": y})), float(eval(second, {"x": x, "y": y}))


def rows(scipy: str) -> Iterator[str]:
    """A line of JSON for the points of every case and for every comparison."""
    for case in ELSEWHERE:
        ours = {"surface": case.surface, "knobs": case.knobs}
        where = points(case)
        yield json.dumps(ours | {"points": where})
        for peer in case.peers:
            package, _, name = peer.partition(".")
            function, published = asked(package, name)
            values = [
                float(np.ravel(np.asarray(function(at_theirs(peer, *at))))[0]) for at in where
            ]
            row: dict[str, Any] = ours | {
                "peer": peer,
                "version": scipy if package == "scipy" else version(package),
                "values": values,
            }
            if peer in DIFFERS:
                row["theirs"], row["why"] = DIFFERS[peer]
            if published and np.shape(published[0])[-1] == 2:  # some are those of more variables
                minima, lowest, region = published
                row["minima"] = np.array(minima, float).tolist()
                row["lowest"], row["region"] = float(lowest), np.array(region, float).tolist()
            yield json.dumps(row)


def main() -> None:
    folder = Path(sys.argv[1])
    sys.path.insert(0, str(folder / "benchmarks"))
    about = (folder / "PKG-INFO").read_text("utf-8")
    scipy = next(line for line in about.splitlines() if line.startswith("Version: "))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other people's deprecations
        lines = list(rows(scipy.removeprefix("Version: ")))
    GOLDEN.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
