"""Ask the package index for known vulnerabilities of what ships: locks/run.txt, parquet.txt
and native.txt.

python -m tools.audit     fails on one that locks/ignored.toml does not excuse

An index that does not answer, or that knows nothing of vulnerabilities, is no fault of the change:
that is said, and the exit status is 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tools.lock import FOLDER, Pin, read

SHIPPED = ("run", "parquet", "native")
IGNORED = FOLDER / "ignored.toml"


@dataclass(frozen=True, slots=True)
class Excuse:
    """A vulnerability that may stand: its id or an alias, why, and the last day of it."""

    id: str
    reason: str
    until: date


def main() -> None:
    excuses = read_excuses(IGNORED.read_text("utf-8"))
    shipped = [pin for name in SHIPPED for pin in read(name)]
    # One package first: an index that knows nothing is not asked about forty.
    for pins in (shipped[:1], shipped):
        report, why = ask(pins)
        if why:
            print(f"NOT AUDITED: the package index here tells of no vulnerabilities. {why}")
            return
    today = datetime.now(tz=UTC).date()
    said, wrong = judged(report, excuses, today)
    print("\n".join(said + wrong))
    if wrong:
        raise SystemExit(1)


def ask(pins: list[Pin]) -> tuple[dict[str, Any], str]:
    """What pip-audit reports of these packages; or why it could not ask."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        for pin in pins:
            sums = " ".join(f"--hash={value}" for value in sorted(pin.hashes))
            file.write(f"{pin.requirement} {sums}\n")
        file.flush()
        run = subprocess.run(
            [sys.executable, "-m", "pip_audit", "-r", file.name, "--require-hashes",
             "--disable-pip", "--format", "json", "--progress-spinner", "off"],
            capture_output=True, text=True,
        )  # fmt: skip
    try:
        report: dict[str, Any] = json.loads(run.stdout)
    except ValueError:
        return {}, (run.stderr.strip().splitlines() or ["It did not answer."])[-1]
    asked = report["dependencies"]
    unknown = [entry["skip_reason"] for entry in asked if "skip_reason" in entry]
    return report, unknown[0] if len(unknown) == len(asked) else ""


def judged(
    report: dict[str, Any], excuses: list[Excuse], today: date
) -> tuple[list[str], list[str]]:
    """What there is to say of a report, and what is wrong with the release, a line each."""
    said, wrong, used = [], [], set()
    for entry in report["dependencies"]:
        if "skip_reason" in entry:
            said.append(f"{entry['name']}: not audited: {entry['skip_reason']}")
        for found in entry.get("vulns", []):
            ids = [found["id"], *found.get("aliases", [])]
            line = f"{entry['name']} {entry['version']}: {', '.join(ids)}"
            excuse = next((one for one in excuses if one.id in ids), None)
            if excuse:
                used.add(excuse.id)
            if excuse and excuse.until >= today:
                said.append(f"{line}: ignored until {excuse.until}: {excuse.reason}")
            else:
                late = f"; ignored only until {excuse.until}" if excuse else ""
                fixed = ", ".join(found.get("fix_versions", [])) or "no release yet"
                wrong.append(f"{line}: known to be vulnerable{late}; mended in {fixed}")
    said += [f"{one.id}: no longer found; take it out" for one in excuses if one.id not in used]
    said.append(f"{len(report['dependencies'])} packages, {len(wrong)} vulnerabilities not ignored")
    return said, wrong


def read_excuses(text: str) -> list[Excuse]:
    """What locks/ignored.toml excuses.

    Raises:
        SystemExit: when an entry has not exactly an id, a reason and a day.
    """
    excuses = []
    for entry in tomllib.loads(text).get("ignored", []):
        match entry:
            case {"id": str(name), "reason": str(reason), "until": date() as until} if (
                len(entry) == 3 and name.strip() and reason.strip()
            ):
                excuses.append(Excuse(name, reason, until))
            case _:
                raise SystemExit(
                    f"{IGNORED.name}: an entry has an id, a reason and a day "
                    f"(until = 2027-01-31), not {entry}"
                )
    return excuses


if __name__ == "__main__":
    main()
