"""The names of other libraries that tests/laws/test_read_names.py reads are theirs today."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tests.support.spoken_elsewhere import OPTAX, SCHEDULERS, TORCH, arguments

pytestmark = pytest.mark.conformance


def test_torchs_names_and_defaults() -> None:
    torch: Any = pytest.importorskip("torch", reason="needs the extra `conformance`")
    optim = torch.optim
    made = {
        name: arguments(getattr(optim, name).__init__, ("self", "params"))
        for name in sorted(dir(optim))
        if inspect.isclass(getattr(optim, name))
        and issubclass(getattr(optim, name), optim.Optimizer)
        and name != "Optimizer"
    }
    assert made == TORCH
    schedulers = optim.lr_scheduler
    for name, held in SCHEDULERS.items():
        assert arguments(getattr(schedulers, name).__init__, ("self", "optimizer")) == held


def test_optaxs_names_and_defaults() -> None:
    optax: Any = pytest.importorskip("optax", reason="needs the extra `conformance`")
    for name, held in OPTAX.items():
        made = arguments(getattr(optax.contrib, name, None) or getattr(optax, name))
        assert {word: made[word] for word in held} == held, name
