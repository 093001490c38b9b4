"""The reports that a conversation may be about."""

from __future__ import annotations

import re
from pathlib import Path

from agent.errors import InputError, UsageError
from agent.types import CheckedClaim, Report
from tools.library.snapshots import work_folder

RUN_ID = re.compile(r"c-[0-9a-f]{24}")
_NUMBER = re.compile(r"c?0*([1-9]\d{0,5})")
_LARGEST = 200 * 2**20
"""Bytes of a report that is read."""


def run_report(library: Path, run_id: str) -> Report:
    """The report of a check that the service made, by its id.

    Args:
        library: folder of the library; runs are kept in `runs` within.
        run_id: as `/api/checks` tells it. It never leads out of that folder.

    Raises:
        UsageError: it is no id, or there is no report of that check.
        InputError: the report cannot be read.
    """
    if not RUN_ID.fullmatch(run_id):
        raise UsageError("that is not the id of a check", "Ids look like c-0123…, with 24 digits")
    path = work_folder(library) / "runs" / run_id / "report.json"
    if not path.is_file():
        raise UsageError(f"there is no report of the check {run_id}", "It may not have ended")
    return read_report(path)


def named_report(library: Path, name: str) -> Report:
    """A report by the id of a check or, as its user names it, by the path of its file.

    Raises:
        UsageError, InputError: as `run_report`.
    """
    if RUN_ID.fullmatch(name):
        return run_report(library, name)
    return read_report(Path(name).expanduser())


def read_report(path: Path) -> Report:
    """A report from its JSON file.

    Raises:
        InputError: the file is missing, too large, or holds no report.
    """
    todo = "Name the JSON that assay check --format json writes, or the id of a check"
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"the report {path} is larger than {_LARGEST // 2**20} MiB", todo)
        return Report.model_validate_json(path.read_text("utf-8"))
    except OSError as error:
        what = f"the report {path} cannot be read: {error.strerror or error}"
        raise InputError(what, todo) from error
    except ValueError as error:
        raise InputError(f"{path} holds no report", todo) from error


def claim_of(report: Report, name: str) -> CheckedClaim:
    """A claim by its id (`c7`) or its number (`7`).

    Raises:
        UsageError: the report has no such claim.
    """
    match = _NUMBER.fullmatch(name.strip().casefold())
    wanted = f"c{match[1]}" if match else name
    for claim in report.claims:
        if claim.id == wanted:
            return claim
    ids = f"c1 to c{len(report.claims)}" if report.claims else "no claims"
    raise UsageError("the report has no such claim", f"It has {ids}")
