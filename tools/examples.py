"""Lint the files that docs/how-to-add.md shows, as if they stood where it puts them.

    python tools/examples.py   prints what ruff says and fails (make check)

A block for a file that is there is a part of it, which only the tests can run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"```python\n# (nnopt_viz/\S+)\n(.*?)```", re.DOTALL)


def main() -> None:
    text = (ROOT / "docs/how-to-add.md").read_text("utf-8")
    found = [(path, code) for path, code in BLOCK.findall(text) if not (ROOT / path).exists()]
    if not found:
        raise SystemExit("docs/how-to-add.md shows no new file")
    with TemporaryDirectory() as folder:
        for path, code in found:
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(code, "utf-8")
        ruff = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml")]
        known = '--config=lint.isort.known-first-party=["nnopt_viz"]'
        if subprocess.run([*ruff, known, "--no-cache", "."], cwd=folder, check=False).returncode:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
