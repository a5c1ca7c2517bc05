"""Which release this is: what an answer's tag and a proxy's keys go by."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np

import nnopt_viz
from nnopt_viz import __version__
from nnopt_viz.deliver.animated_page import plotly_version
from nnopt_viz.web.assets import assets_word

RELEASE = "Nnopt-Release"  # the header that names it


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Changes with the version and with any line of the package, or another NumPy or Plotly."""
    digest = hashlib.sha256(f"{__version__} {np.__version__} {plotly_version()}".encode())
    for path in sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sources() -> list[Path]:
    """Every file of the package that an answer may depend on."""
    return sorted(Path(nnopt_viz.__file__).parent.rglob("*.py"))


@lru_cache(maxsize=1)
def release() -> str:
    """The version, and a short word that changes with anything that is served."""
    word = hashlib.sha256(f"{fingerprint()} {assets_word()}".encode()).hexdigest()[:12]
    return f"{__version__}-{word}"
