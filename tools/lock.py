"""Lock what runs, and what builds and tests it, in files of versions and hashes: locks/*.txt.

python -m tools.lock                            what pyproject.toml asks for; kept versions stay
python -m tools.lock --upgrade-package flask    ... and the newest of this one
python -m tools.lock --upgrade                  ... and the newest of everything

A lock holds every file of a version, so one serves each system and processor, and Python 3.11 to
3.13. All are cut from one: test.txt. Only the peers of `make conformance` are pinned without
hashes: the machine chooses their wheels (torch for a processor or for a GPU), and they never ship.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "locks"
OLDEST = "3.11"  # of Python, as requires-python says; newer ones are told apart by markers
# What the image is built for: Python packages come as wheels there, nothing is compiled.
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Lock:
    """One file of locks/.

    Args:
        name: the file's, without .txt.
        extras: of pyproject.toml, whose requirements it fulfils.
        runtime: whether it holds what the plain install needs as well.
        builds: whether it holds what builds the wheel.
        beside: the lock that it is used with; what stands there is not repeated.
        hashed: whether every file's sha256 is in it.
    """

    name: str
    extras: tuple[str, ...] = ()
    runtime: bool = True
    builds: bool = False
    beside: str = ""
    hashed: bool = True

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.txt"


WHOLE = Lock("test", extras=("parquet", "native", "test", "dev", "sbom"), builds=True)
LOCKS = (
    WHOLE,
    Lock("run"),
    Lock("parquet", extras=("parquet",), beside="run"),
    Lock("native", extras=("native",), beside="run"),
    Lock("build", runtime=False, builds=True),
    Lock("sbom", extras=("sbom",), runtime=False),  # what lists the image's contents
    Lock("conformance", extras=("conformance",), beside="test", hashed=False),
)


@dataclass(frozen=True, slots=True)
class Pin:
    """A package in a lock: its requirement (`name==version ; marker`) and its files' hashes."""

    requirement: Requirement
    hashes: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        return next(iter(self.requirement.specifier)).version


def main(arguments: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for lock in LOCKS:
        write(lock, arguments)
    for platform in PLATFORMS:
        for name in ("run", "parquet", "native", "build", "sbom"):
            check_wheels(name, platform)


def pins(text: str) -> list[Pin]:
    """The packages in a lock's text, in its order."""
    lines = [line for line in text.replace("\\\n", "").splitlines() if not line.startswith("#")]
    return [
        Pin(Requirement(line.split("--hash", 1)[0].strip()), frozenset(_HASH.findall(line)))
        for line in lines
        if line.strip()
    ]


def read(name: str) -> list[Pin]:
    """The packages in locks/NAME.txt."""
    return pins((FOLDER / f"{name}.txt").read_text("utf-8"))


def wanted(lock: Lock) -> list[str]:
    """The requirements of pyproject.toml that a lock fulfils."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = list(project["project"]["dependencies"]) if lock.runtime else []
    for extra in lock.extras:
        lines += project["project"]["optional-dependencies"][extra]
    return lines + (project["build-system"]["requires"] if lock.builds else [])


def write(lock: Lock, arguments: list[str]) -> None:
    """Resolve a lock's requirements and write its file.

    Raises:
        SystemExit: when they can't be fulfilled, or the package index does not answer.
    """
    command = ["pip", "compile", "-", "--universal", "--python-version", OLDEST, "--no-annotate"]
    command += ["--generate-hashes"] if lock.hashed else []
    command += ["--constraint", str(WHOLE.path)] if lock is not WHOLE else []
    uv([*command, "--output-file", str(lock.path), *arguments], "\n".join(wanted(lock)))
    if lock.beside:
        leave_out(lock.path, {pin.name for pin in read(lock.beside)})
    print(f"{lock.path.relative_to(ROOT)}: {len(read(lock.name))} packages")


def leave_out(path: Path, names: set[str]) -> None:
    """Take these packages, with their hashes, out of a lock's file."""
    entries = re.split(r"\n(?! )", path.read_text("utf-8").rstrip("\n"))
    kept = [entry for entry in entries if not {pin.name for pin in pins(entry)} & names]
    path.write_text("\n".join(kept) + "\n", "utf-8")


def check_wheels(name: str, platform: str) -> None:
    """Stop when a package of this lock has no wheel for a platform that the image is built for."""
    with tempfile.NamedTemporaryFile(suffix=".txt") as out:
        command = [
            "pip",
            "compile",
            str(FOLDER / f"{name}.txt"),
            "--no-deps",
            "--only-binary",
            ":all:",
        ]
        command += ["--python-platform", platform, "--python-version", OLDEST]
        uv([*command, "--output-file", out.name], "")


def uv(command: list[str], given: str) -> None:
    """Run uv; what it prints is shown only when it fails."""
    environment = os.environ | {"UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    run = subprocess.run(
        [sys.executable, "-m", "uv", *command],
        input=given, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if run.returncode:
        raise SystemExit(run.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
