"""List what an image runs, as a CycloneDX bill of materials (JSON, 1.6): the Dockerfile calls this.

python -m tools.sbom PYTHON OUT REPORT...

PYTHON is the interpreter of the environment that is listed, and each REPORT what `pip install
--report` wrote when it was filled. `cyclonedx-py environment` names the Python packages with their
licences and what needs what; added are the sha256 of the file that each was installed from, the
browser's code that lies inside packages, Python itself and, on Debian, the system's packages. The
list is refused when it is not valid, or lacks a package that its locks name.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from packaging.utils import canonicalize_name

from tools.lock import ROOT, Pin, read

Component = dict[str, Any]
_PLOTLY = re.compile(r"plotly\.js v([0-9][\w.-]*)")
_DEPENDENCY = re.compile(r"(?P<name>[a-z-]+)@(?P<version>[0-9.]+)(\.min)?\.js")  # react@18.3.1.js
_RENDERER = re.compile(r'^__version__ = "([0-9.]+)"', re.MULTILINE)
_FONT = re.compile(r"^fetch (\S+)@(\S+)$", re.MULTILINE)
_EXACT = re.compile(
    r"[0-9]+\.[0-9]+\.[0-9]+"
)  # a version; "^1.2.0" would not say which one is inside


def main(python: str, out: str, *reports: str) -> None:
    bill = listed(python)
    sums = hashes([json.loads(Path(report).read_text("utf-8")) for report in reports])
    inside = browser_code(site_packages(python))
    for component in [bill["metadata"]["component"], *bill["components"]]:
        name = canonicalize_name(component["name"])
        if name in sums:
            component["hashes"] = [{"alg": "SHA-256", "content": sums[name]}]
        if name in inside:
            component["components"] = inside[name]
    bill["components"] += [interpreter(), *system_packages()]
    text = json.dumps(bill, indent=1, sort_keys=True) + "\n"
    names = {canonicalize_name(component["name"]) for component in bill["components"]}
    extras = [read(extra) for extra in ("parquet", "native")]
    locks = read("run") + [pin for lock in extras if lock[0].name in names for pin in lock]
    wrong = missing(bill, locks) or invalid(text)
    if wrong:
        raise SystemExit(f"the bill of materials is wrong:\n{wrong}")
    Path(out).write_text(text, "utf-8")


def listed(python: str) -> dict[str, Any]:
    """The Python packages of an environment, with licences and dependencies."""
    run = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", python, "--sv", "1.6",
         "--of", "JSON", "--output-reproducible", "--no-validate",
         "--pyproject", str(ROOT / "pyproject.toml")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    bill: dict[str, Any] = json.loads(run.stdout)
    meta = bill["metadata"]
    for entry in (*bill["components"], meta["component"], *meta["tools"]["components"]):
        # Web sites: no part of what runs, and checking an address takes a tenth of a second.
        entry.pop("externalReferences", None)
    return bill


def hashes(reports: list[dict[str, Any]]) -> dict[str, str]:
    """Package -> sha256 of the file it was installed from, as pip reported."""
    found: dict[str, str] = {}
    for entry in (entry for report in reports for entry in report["install"]):
        archive = entry["download_info"]["archive_info"]
        kind, _, value = archive.get("hash", "").partition("=")  # all that pip 23.0 says
        value = archive.get("hashes", {}).get("sha256", value if kind == "sha256" else "")
        if not value:  # a file of ours, of which old ones say nothing
            path = unquote(urlsplit(entry["download_info"]["url"]).path)
            value = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        found[canonicalize_name(entry["metadata"]["name"])] = value
    return found


def site_packages(python: str) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    run = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return Path(run.stdout.strip())


def browser_code(site: Path) -> dict[str, list[Component]]:
    """Python package -> the published code and fonts inside it whose version can be told."""
    found: set[tuple[str, str, str]] = set()
    bundle = site / "plotly" / "package_data" / "plotly.min.js"
    with bundle.open(encoding="utf-8") as file:
        found |= {("plotly", "plotly.js", match[1]) for match in _PLOTLY.finditer(file.read(500))}
    for path in (site / "dash" / "deps").glob("*.js"):
        if match := _DEPENDENCY.fullmatch(path.name):
            name = {"polyfill": "@babel/polyfill"}.get(match["name"], match["name"])
            found.add(("dash", name, match["version"]))
    renderer = (site / "dash" / "_dash_renderer.py").read_text("utf-8")
    found |= {("dash", "dash-renderer", match[1]) for match in _RENDERER.finditer(renderer)}
    fonts = (ROOT / "tools" / "fonts.sh").read_text("utf-8")
    found |= {("nnopt-viz", match[1], match[2]) for match in _FONT.finditer(fonts)}
    for path in site.rglob("package-info.json"):
        package = str(canonicalize_name(path.relative_to(site).parts[0]))
        info = json.loads(path.read_text("utf-8"))
        found.add((package, info["name"], info["version"]))
        found |= {
            (package, name, version) for name, version in info.get("dependencies", {}).items()
            if _EXACT.fullmatch(version)
        }  # fmt: skip
    inside: dict[str, list[Component]] = {}
    for package, name, version in sorted(found):
        inside.setdefault(package, []).append(library("npm", name, version))
    return inside


def interpreter() -> Component:
    """Python itself: it comes with the base image."""
    return library("generic", "python", platform.python_version()) | {"type": "platform"}


def system_packages() -> list[Component]:
    """Debian's packages in the base image; none where there is no dpkg."""
    try:
        system = platform.freedesktop_os_release()
        run = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}\n"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except OSError:
        return []
    distro = f"{system['ID']}-{system['VERSION_ID']}"
    rows = sorted(tuple(line.split()) for line in run.stdout.splitlines())
    return [
        {"type": "operating-system", "bom-ref": distro,
         "name": system["ID"], "version": system["VERSION_ID"]},
        *(library(f"deb/{system['ID']}", name, version, f"?arch={arch}&distro={distro}")
          for name, version, arch in rows),
    ]  # fmt: skip


def library(kind: str, name: str, version: str, more: str = "") -> Component:
    """A component with its package URL (`pkg:npm/react@18.3.1`)."""
    url = f"pkg:{kind}/{quote(name)}@{quote(version)}{more}"
    return {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}


def missing(bill: dict[str, Any], locks: list[Pin]) -> str:
    """What a bill lacks of its locks, a line each: a package, its version, hash or licence."""
    components: dict[str, Component] = {
        canonicalize_name(entry["name"]): entry for entry in bill["components"]
        if entry.get("purl", "").startswith("pkg:pypi/")  # Debian has a dash of its own
    }  # fmt: skip
    lines = []
    for pin in locks:
        if pin.requirement.marker and not pin.requirement.marker.evaluate():
            continue
        component = components.get(pin.name, {})
        if component.get("version") != pin.version:
            lines.append(f"{pin.name} {pin.version}: {component.get('version', 'is not there')}")
            continue
        sums = {f"sha256:{entry['content']}" for entry in component.get("hashes", [])}
        if not sums & pin.hashes:
            lines.append(f"{pin.name} {pin.version}: no hash that is in the lock")
        if not component.get("licenses"):
            lines.append(f"{pin.name} {pin.version}: no licence")
    return "\n".join(lines)


def invalid(text: str) -> str:
    """What is wrong with a bill by CycloneDX's own schema; empty when nothing is."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return str(JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) or "")


if __name__ == "__main__":
    main(*sys.argv[1:])
