"""What runs is what is locked, listed and audited, inside the limits that compose.yaml sets."""

from __future__ import annotations

import importlib.metadata as metadata
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from plotly.offline import get_plotlyjs_version

from tests.support.paths import ROOT
from tools import audit, sbom
from tools.lock import LOCKS, Lock, Pin, pins, read, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

HASHED = [lock for lock in LOCKS if lock.hashed]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
TODAY = date(2026, 11, 30)


def named(lock: Lock) -> str:
    return lock.name


def here(requirement: Requirement, extras: Iterable[str] = ("",)) -> bool:
    """Does this requirement hold for this Python and system?"""
    marker = requirement.marker
    return not marker or any(marker.evaluate({"extra": extra}) for extra in extras)


def needed(requirements: list[str]) -> set[str]:
    """All packages that these need here, by what the installed ones say of themselves."""
    found: dict[str, set[str]] = {}
    todo = [Requirement(line) for line in requirements]
    while todo:
        requirement = todo.pop()
        name, extras = canonicalize_name(requirement.name), {"", *requirement.extras}
        if not extras - found.get(name, set()):
            continue
        found[name] = found.get(name, set()) | extras
        inner = map(Requirement, metadata.requires(name) or [])
        todo += [requirement for requirement in inner if here(requirement, extras)]
    return set(found)


@pytest.mark.parametrize("lock", LOCKS, ids=named)
def test_a_lock_fulfils_each_requirement(lock: Lock) -> None:
    versions = {pin.name: pin.version for pin in read(lock.name)}
    versions |= {pin.name: pin.version for pin in read(lock.beside)} if lock.beside else {}
    stale = [
        line for line in wanted(lock)
        if not Requirement(line).specifier.contains(
            versions.get(canonicalize_name(Requirement(line).name), "0"), prereleases=True
        )
    ]  # fmt: skip
    assert not stale, f"run `make lock`: {lock.path.name} does not fulfil {stale}"


@pytest.mark.parametrize("lock", HASHED, ids=named)
def test_a_lock_holds_what_is_needed_and_nothing_else(lock: Lock) -> None:
    """Of what it is used beside, it repeats nothing."""
    beside = {pin.name for pin in read(lock.beside)} if lock.beside else set()
    locked = {pin.name for pin in read(lock.name) if here(pin.requirement)}
    assert locked == needed(wanted(lock)) - beside, "run `make lock`"


def test_a_package_has_one_version_in_all_locks() -> None:
    seen: dict[str, set[str]] = {}
    for lock in LOCKS:
        for pin in read(lock.name):
            seen.setdefault(pin.name, set()).add(pin.version)
    assert {name: found for name, found in seen.items() if len(found) > 1} == {}


@pytest.mark.parametrize("lock", HASHED, ids=named)
def test_each_locked_package_has_hashes(lock: Lock) -> None:
    assert [pin.name for pin in read(lock.name) if not pin.hashes] == []


def test_what_is_installed_is_what_is_locked() -> None:
    other = {
        pin.name: found for pin in read("test") if here(pin.requirement)
        if Version(found := metadata.version(pin.name)) != Version(pin.version)
    }  # fmt: skip
    assert other == {}, "run tools/setup.sh test"


def test_a_lock_is_read_as_pip_reads_it() -> None:
    one, two = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    text = (
        f"# made\na==1 \\\n    --hash={one} \\\n    --hash={two}\nB.c==2 ; python_version > '3'\n"
    )
    first, second = pins(text)
    assert (first.name, first.version, first.hashes) == ("a", "1", frozenset({one, two}))
    assert (second.name, second.version, second.hashes) == ("b-c", "2", frozenset())
    assert str(second.requirement.marker) == 'python_version > "3"'


def test_the_image_is_made_of_locked_wheels_on_the_base_that_is_named() -> None:
    installs = re.findall(r"pip (?:--python \S+ )?install (.*?)(?:&&|$)", DOCKERFILE, re.MULTILINE)
    assert len(installs) == 3
    for options in installs:
        assert (
            "--require-hashes --only-binary :all:" in options or "--no-index --no-deps" in options
        )
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}", "${BASE}"]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
    for only_docker in ("# syntax=", "--link", "<<"):
        assert only_docker not in DOCKERFILE


def service() -> dict[str, Any]:
    """The service of compose.yaml, variables at their defaults."""
    text = re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", COMPOSE)
    found: dict[str, Any] = yaml.safe_load(text)["services"]["nnopt-viz"]
    return found


def megabytes(size: str) -> int:
    number, unit = int(size[:-1]), size[-1].lower()
    return number * {"m": 1, "g": 1024}[unit]


def test_the_service_may_do_no_more_than_it_needs() -> None:
    given = service()
    assert given["read_only"] is True
    assert given["cap_drop"] == ["ALL"]
    assert "cap_add" not in given
    assert "privileged" not in given
    assert given["security_opt"] == ["no-new-privileges:true"]
    assert given["pids_limit"] == 256
    assert given["ports"] == ["127.0.0.1:8050:8050"]
    (tmp,) = given["tmpfs"]
    assert {"noexec", "nosuid", "nodev"} <= set(tmp.partition(":")[2].split(","))


def test_three_workers_fit_into_the_memory_limit_with_all_that_counts_as_memory() -> None:
    given = service()
    (size,) = re.findall(r"size=(\w+)", given["tmpfs"][0])
    files = megabytes(size) + megabytes(given["shm_size"])
    worker = 900_000_000 / 2 / 2**20  # issue 15: two stay under 900 MB together
    assert megabytes(given["mem_limit"]) > 3 * worker + files
    assert given["memswap_limit"] == given["mem_limit"]  # no swap beside it
    assert int(given["environment"]["NNOPT_VIZ_WORKERS"]) < 3
    assert float(given["cpus"]) > 0


@pytest.mark.parametrize(
    ("answer", "recorded"),
    [
        ("sha256:" + "a" * 64, "python:3.11-slim@sha256:" + "a" * 64),
        ("Error: no such host", "python:3.11-slim"),
    ],
)
def test_a_digest_is_recorded_or_nothing_is_changed(
    tmp_path: Path, answer: str, recorded: str
) -> None:
    """Docker is stood in for: no registry answers where tests run."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/image.sh", tmp_path / "tools")
    plain = re.sub(r"(BASE: [^@\n]*).*", r"\1", COMPOSE)
    (tmp_path / "compose.yaml").write_text(plain, "utf-8")
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\necho '{answer}'\n", "utf-8")
    docker.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(
        [tmp_path / "tools/image.sh", "base"], env={"PATH": path}, check=False, capture_output=True
    )
    expected = plain.replace("BASE: python:3.11-slim", f"BASE: {recorded}")
    assert (tmp_path / "compose.yaml").read_text("utf-8") == expected


def bill(**changes: Any) -> dict[str, Any]:
    """A bill of one package: flask 3.1.3, as locked; and Debian's package of that name."""
    component = {
        "name": "Flask", "version": "3.1.3", "purl": "pkg:pypi/flask@3.1.3",
        "hashes": [{"alg": "SHA-256", "content": "1" * 64}], "licenses": [{"expression": "MIT"}],
    }  # fmt: skip
    kept = {key: value for key, value in (component | changes).items() if value is not None}
    other = {"name": "flask", "version": "0.5", "purl": "pkg:deb/debian/flask@0.5"}
    return {"components": [kept, other]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"name": "Jinja2"}, "flask 3.1.3: is not there"),
        ({"version": "3.1.2"}, "flask 3.1.3: 3.1.2"),
        ({"hashes": [{"alg": "SHA-256", "content": "2" * 64}]}, "no hash that is in the lock"),
        ({"licenses": None}, "no licence"),
    ],
)
def test_a_bill_of_materials_names_each_locked_package(changes: dict[str, Any], said: str) -> None:
    locks = [
        Pin(Requirement("flask==3.1.3"), frozenset({"sha256:" + "1" * 64})),
        Pin(Requirement("colorama==0.4.6 ; sys_platform == 'another'")),
    ]
    found = sbom.missing(bill(**changes), locks)
    assert said in found
    assert bool(found) == bool(said)


@pytest.mark.slow
def test_a_bill_of_this_environment_is_valid_and_names_what_is_installed() -> None:
    made = sbom.listed(sys.executable)
    assert sbom.invalid(json.dumps(made)) == ""
    versions = {canonicalize_name(entry["name"]): entry["version"] for entry in made["components"]}
    assert [pin.name for pin in read("run") if here(pin.requirement)
            and versions.get(pin.name) != pin.version] == []  # fmt: skip
    assert sbom.invalid(json.dumps(made | {"components": [{"name": "x"}]})) != ""


def test_the_browsers_code_inside_packages_is_named_with_its_version() -> None:
    inside = sbom.browser_code(sbom.site_packages(sys.executable))
    urls = {entry["purl"] for entries in inside.values() for entry in entries}
    assert f"pkg:npm/plotly.js@{get_plotlyjs_version()}" in urls
    for name in ("react", "react-dom", "dash-renderer", "%40mantine/core", "%40babel/polyfill"):
        assert any(url.startswith(f"pkg:npm/{name}@") for url in urls), name
    assert "pkg:npm/%40fontsource-variable/inter@5.3.0" in urls


def reported(*ids: str) -> dict[str, Any]:
    """pip-audit's report: flask is vulnerable, dash is not, brotli could not be asked about."""
    found = [
        {"id": name, "aliases": [f"CVE-{name}"], "fix_versions": ["3.2"], "description": ""}
        for name in ids
    ]
    return {
        "dependencies": [
            {"name": "flask", "version": "3.1.3", "vulns": found},
            {"name": "dash", "version": "4.4.1", "vulns": []},
            {"name": "brotli", "skip_reason": "not found"},
        ]
    }


def test_a_known_vulnerability_is_wrong_unless_excused_until_a_day_to_come() -> None:
    excuse = audit.Excuse("CVE-A", "never parsed here", TODAY)
    said, wrong = audit.judged(reported("A"), [], TODAY)
    assert wrong == ["flask 3.1.3: A, CVE-A: known to be vulnerable; mended in 3.2"]
    said, wrong = audit.judged(reported("A"), [excuse], TODAY)
    assert wrong == []
    assert "flask 3.1.3: A, CVE-A: ignored until 2026-11-30: never parsed here" in said
    said, wrong = audit.judged(reported("A", "B"), [excuse], date(2026, 12, 1))
    assert [line.partition(":")[2].split(",")[0].strip() for line in wrong] == ["A", "B"]
    said, wrong = audit.judged(reported(), [excuse], TODAY)
    assert wrong == []
    assert "CVE-A: no longer found; take it out" in said
    assert "brotli: not audited: not found" in said


@pytest.mark.parametrize(
    "entry",
    ['id = "A"', 'id = "A"\nreason = " "\nuntil = 2027-01-31', 'id = "A"\nreason = "so"',
     'id = "A"\nreason = "so"\nuntil = "some day"'],
)  # fmt: skip
def test_an_excuse_has_a_reason_and_a_day(entry: str) -> None:
    whole = '[[ignored]]\nid = "A"\nreason = "so"\nuntil = 2027-01-31'
    assert audit.read_excuses(whole) == [audit.Excuse("A", "so", date(2027, 1, 31))]
    with pytest.raises(SystemExit, match="an id, a reason and a day"):
        audit.read_excuses(f"[[ignored]]\n{entry}")


def test_an_index_that_does_not_answer_is_said_and_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    nobody = "http://127.0.0.1:9"  # the port named discard: nothing listens
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, nobody)
    monkeypatch.setenv("HOME", str(tmp_path))  # no answer kept from before
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    audit.main()
    assert capsys.readouterr().out.startswith("NOT AUDITED: the package index")
