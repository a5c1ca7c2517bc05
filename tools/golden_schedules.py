"""Golden learning rates: what Keras and transformers set, step by step.

    python tools/golden_schedules.py    writes tests/golden/schedules/rates.npz

These two are large for a function each, so that they are not installed for the tests. Run it
where numpy, torch, keras (KERAS_BACKEND=torch) and transformers are installed; nnopt_viz need
not be. The file names their releases and, for each case, what they were given.
"""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FILE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "schedules" / "rates.npz"
STEPS = 300
KERAS, TRANSFORMERS = (
    "keras.optimizers.schedules.InverseTimeDecay",
    ("transformers.get_inverse_sqrt_schedule"),
)
# (the public one, what it is given); rates are those of its steps 0 to STEPS, over the first
CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    (KERAS, {"decay_steps": 100, "decay_rate": 1.0}),
    (KERAS, {"decay_steps": 7, "decay_rate": 1.0}),
    (KERAS, {"decay_steps": 60, "decay_rate": 0.5}),
    (TRANSFORMERS, {"num_warmup_steps": 50}),
    (TRANSFORMERS, {"num_warmup_steps": 7}),
    (TRANSFORMERS, {"num_warmup_steps": 1}),
)


def of_keras(arguments: dict[str, Any]) -> Array:
    """Rates from a first rate of 1, in float64."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    keras.config.set_floatx("float64")
    made = keras.optimizers.schedules.InverseTimeDecay(1.0, **arguments)
    return np.array([float(made(step)) for step in range(STEPS + 1)])


def of_transformers(arguments: dict[str, Any]) -> Array:
    """Rates at a peak of 1."""
    import torch
    import transformers

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = transformers.get_inverse_sqrt_schedule(optimizer, **arguments)
    rates = []
    for _ in range(STEPS + 1):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return np.array(rates)


MADE: dict[str, Callable[[dict[str, Any]], Array]] = {
    KERAS: of_keras,
    TRANSFORMERS: of_transformers,
}


def main() -> None:
    packages = sorted({name.split(".")[0] for name, _ in CASES})
    about = {
        "releases": {package: f"{package} {version(package)}" for package in packages},
        "made": "python tools/golden_schedules.py",
        "cases": [{"peer": name, "arguments": arguments} for name, arguments in CASES],
    }
    rates = np.array([MADE[name](arguments) for name, arguments in CASES])
    FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(FILE, about=np.array(json.dumps(about)), rates=rates)
    print(json.dumps(about, indent=1), rates[:, :4], sep="\n")


if __name__ == "__main__":
    main()
