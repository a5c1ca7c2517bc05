"""Where things lie, for tests in whatever folder."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
GOLDEN = ROOT / "tests" / "golden"
