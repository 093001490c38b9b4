"""Known vulnerabilities of the pinned packages, less those that a dated waiver covers.

    python -m tests.audit --pip-audit PROGRAM [--osv-url URL]    what `make audit` runs

pip-audit asks OSV (https://osv.dev) about each line of the lock files that holds on this platform.
Its other service, PyPI's, would not do: a package that an index in between does not know counts
there as skipped, and the audit as passed. Exit codes: 0 where nothing was found but what is
waived, and where the service cannot be reached, which is said; 1 where something was found that no
waiver covers, where one expired, and where pip-audit itself failed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from agent.errors import InputError

ROOT = Path(__file__).parents[1]
WAIVERS = ROOT / ".ci" / "waivers.toml"
LOCKS = ("requirements-dev.txt", "requirements-audit.txt")
"""What is audited; the first holds all of requirements.txt, too."""

_UNREACHED = ("ConnectionError", "Timeout", "ServiceError", "HTTPError", "Max retries exceeded")
"""What pip-audit's complaint names where its service gave no answer."""


@dataclass(frozen=True)
class Waiver:
    """Why a known vulnerability is not reachable here, and until when that is believed."""

    id: str
    """As any database has it: `CVE-…`, `GHSA-…` or `PYSEC-…`."""
    package: str
    added: date
    expires: date
    """The last day that it holds."""
    reason: str
    test: str
    """`FILE::NAME` of the test that holds the reason."""


@dataclass(frozen=True)
class Finding:
    """A known vulnerability of a pinned package."""

    package: str
    version: str
    ids: frozenset[str]
    """All names that the databases have for it."""
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        mended = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "no mended release"
        return f"{self.package} {self.version}: {', '.join(sorted(self.ids))} ({mended})"


def waivers(path: Path = WAIVERS) -> list[Waiver]:
    """Reads the waivers.

    Raises:
        InputError: the file is no list of whole waivers.
    """
    try:
        return [Waiver(**entry) for entry in tomllib.loads(path.read_text("utf-8"))["waiver"]]
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: not a list of waivers: {error}") from error


def findings(report: dict[str, Any]) -> Iterator[Finding]:
    """What pip-audit's JSON report found, package by package."""
    for package in report["dependencies"]:
        for known in package.get("vulns", ()):
            yield Finding(
                package["name"],
                package["version"],
                frozenset({known["id"], *known["aliases"]}),
                tuple(known["fix_versions"]),
            )


def waiver_of(finding: Finding, known: Sequence[Waiver], today: date) -> Waiver | None:
    """The waiver that covers a finding on a day, if there is one."""
    for waiver in known:
        if waiver.package == finding.package and waiver.id in finding.ids:
            return waiver if today <= waiver.expires else None
    return None


def judged(
    output: str, complaint: str, known: Sequence[Waiver], today: date
) -> tuple[int, list[str]]:
    """What a run of pip-audit comes to.

    Args:
        output: its standard output, JSON where it got as far as that.
        complaint: its standard error.
        known: the waivers.
        today: the day on which they have to hold.

    Returns:
        The exit code, and the lines to be shown.
    """
    if not output.strip():
        last = next((line for line in reversed(complaint.splitlines()) if line.strip()), "")
        if any(word in complaint for word in _UNREACHED):
            return 0, ["NOT AUDITED: the vulnerability service cannot be reached.", f"  {last}"]
        return 1, ["NOT AUDITED: pip-audit failed.", f"  {last}"]
    report = json.loads(output)
    skipped = [package["name"] for package in report["dependencies"] if "skip_reason" in package]
    asked = len(report["dependencies"]) - len(skipped)
    if not asked:
        return 0, ["NOT AUDITED: the vulnerability service knows none of the packages."]
    found = list(findings(report))
    covered = [waiver_of(finding, known, today) for finding in found]
    lines = [f"NOT AUDITED: {', '.join(skipped)}"] if skipped else []
    for finding, waiver in zip(found, covered, strict=True):
        state = f"waived until {waiver.expires}" if waiver else "NOT WAIVED"
        lines.append(f"{state}: {finding}")
    unwaived = covered.count(None)
    lines.append(f"{asked} packages audited: {len(found)} findings, {unwaived} of them not waived.")
    return int(unwaived > 0), lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs pip-audit over the lock files; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    parser.add_argument("--pip-audit", required=True, type=Path, help="the program pip-audit")
    parser.add_argument("--osv-url", metavar="URL", help="of another server of OSV's database")
    given = parser.parse_args(arguments)
    command = [given.pip_audit.absolute(), "--disable-pip", "--require-hashes"]
    command += ["--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off"]
    command += [word for lock in LOCKS for word in ("--requirement", lock)]
    if given.osv_url:
        command += ["--osv-url", given.osv_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    code, lines = judged(done.stdout, done.stderr, waivers(), datetime.now(UTC).date())
    for line in lines:
        print(line, file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
