"""Knobs have torch.optim's defaults, or the entry says which one is another."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, OPTIMIZERS
from nnopt_viz.query.grammar import number_text

pytestmark = pytest.mark.conformance
ENTRIES = {**dict(OPTIMIZERS.items()), **dict(NETWORK_OPTIMIZERS.items())}
CLASSES = {
    name: found[1]
    for name, entry in ENTRIES.items()
    if (found := re.search(r"torch\.optim\.(\w+)", entry.source))
}
PAIRS = {  # what torch gives as one argument
    "betas": ("beta1", "beta2"),
    "etas": ("etaminus", "etaplus"),
    "step_sizes": ("step_size_min", "step_size_max"),
}


def defaults(made: str) -> dict[str, Any]:
    """torch's defaults, in our names."""
    torch: Any = pytest.importorskip("torch", reason="needs the extra `conformance`")
    parameters = inspect.signature(getattr(torch.optim, made).__init__).parameters
    found: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if name in PAIRS:
            found |= dict(zip(PAIRS[name], parameter.default, strict=True))
        else:
            found[name] = parameter.default
    return found


@pytest.mark.parametrize("name", CLASSES)
def test_a_default_is_torchs_or_the_entry_says_so(name: str) -> None:
    entry, theirs = ENTRIES[name], defaults(CLASSES[name])
    for knob in entry.knobs:
        if knob.name not in theirs or (name, knob.name) == ("muon", "eps"):
            continue  # torch's eps of Muon is of its iteration, ours of Adam's step for biases
        if theirs[knob.name] != knob.default:
            assert knob.name in entry.differs, (knob.name, knob.default, theirs[knob.name])
            assert re.search(rf"{number_text(float(theirs[knob.name]))}\b", entry.differs)
