"""Make the golden files of the networks anew with torch: python -m tools.golden_networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnopt_viz.networks import start_weights
from nnopt_viz.url_lab import decode_lab
from tests.torch_networks import CASES, OPTIMIZERS, TRAININGS, derivatives, draw, network, trained

GOLDEN = Path(__file__).parent.parent / "tests/golden/networks"


def main() -> None:
    stored: dict[str, np.ndarray] = {}
    for i, case in enumerate(CASES):
        theta, v, x, y = draw(case, i)
        value, gradient, image = derivatives(network(case), theta, v, x, y)
        name = repr(case)
        for key, made in (
            ("theta", theta), ("v", v), ("x", x), ("y", y), ("value", np.array(value)),
            ("gradient", gradient), ("image", image),
        ):  # fmt: skip
            stored[f"{name} {key}"] = made
    np.savez_compressed(GOLDEN / "networks.npz", **stored)
    paths: dict[str, np.ndarray] = {}
    for query, steps in TRAININGS.items():
        paths[f"{query} steps"] = np.array(steps)
        for run, make in OPTIMIZERS.items():
            lab = decode_lab(f"{query}&run={run}&epochs={steps}")
            net, data = lab.network, lab.samples
            start = start_weights(lab.init, net, [lab.seed])[0]
            path = trained(net, start, data.x_train, data.y_train, make, steps)
            near = trained(
                net, np.nextafter(start, np.inf), data.x_train, data.y_train, make, steps
            )
            paths[f"{query} {run}"] = path[:: max(1, steps // 10)]
            paths[f"{query} {run} ulp"] = np.array(np.abs(near - path).max())
    np.savez_compressed(GOLDEN / "network_training.npz", **paths)


if __name__ == "__main__":
    main()
