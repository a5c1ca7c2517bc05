"""What the live comparisons share as a fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.live import ORACLES, golden

if TYPE_CHECKING:
    from tools.golden import Oracle


@pytest.fixture(params=ORACLES)
def case(request: pytest.FixtureRequest) -> Oracle:
    """One of the surfaces written by hand for torch."""
    return next(oracle for oracle in golden.ORACLES if oracle.name == request.param)
