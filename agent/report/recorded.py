"""What a cassette keeps of a check beside its requests, and a replay held to it.

A replay makes the report anew from the recorded answers; the moment and what the run took come
from the cassette, so that the report is the recorded one byte for byte. If any other part comes
out otherwise, the replay is refused, and what differs is named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from agent.errors import InputError, ModelUnavailable
from agent.types import Data, Report, Run, Usage

_SHOWN = 3
"""Sources that are named where two libraries differ."""


class Recorded(Data):
    """One recorded check."""

    run: Run
    article: str
    """Its id, which is a digest of its text."""
    sources: list[str]
    """Ids of all sources of the library."""
    usage: Usage
    report: dict[str, str]
    """SHA-256 of each part of the report."""
    library: str | None = None
    """The library as one file, packed, where it is small enough to be carried."""


def recorded(report: Report, sources: Collection[str], library: str | None = None) -> Recorded:
    """What a cassette is to keep of a check.

    Args:
        report: of the check.
        sources: ids of all sources of the library.
        library: as in `Recorded`.
    """
    return Recorded(
        run=report.run,
        article=report.article.id,
        sources=sorted(sources),
        usage=report.usage,
        report=_digests(report),
        library=library,
    )


def read_recorded(run: Mapping[str, Any] | None) -> Recorded | None:
    """What a cassette says of its run; None where it does not say.

    Raises:
        InputError: it is not what `recorded` makes.
    """
    if run is None:
        return None
    try:
        return Recorded.model_validate(run)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise InputError(
            f"the cassette does not say what it recorded ({place})", "Record it again"
        ) from None


def replayed(report: Report, of: Recorded, sources: Collection[str]) -> Report:
    """The replayed report with the times of the recorded one, once it is known to be the same.

    Args:
        report: what the recorded answers gave.
        of: what the cassette says.
        sources: ids of all sources of the library.

    Raises:
        ModelUnavailable: kind `not_recorded`, some part differs; it is named.
    """
    run = report.run.model_copy(update={"created_at": of.run.created_at})
    report = report.model_copy(update={"run": run, "usage": of.usage})
    now = _digests(report)
    parts = [name for name in now if now[name] != of.report.get(name)]
    if not parts:
        return report
    found = differences(of, report.run.model_dump(), sources, report.article.id)
    what = f"the replay gives another report than was recorded (other: {', '.join(parts)})"
    raise ModelUnavailable("not_recorded", "; ".join([what, *found]), "Record it anew")


def differences(
    of: Recorded, run: Mapping[str, Any], sources: Collection[str], article: str | None = None
) -> list[str]:
    """In what a run differs from the recorded one, by the causes that a user knows.

    Args:
        of: what the cassette says.
        run: fields of `Run` as they are now; those left out are not compared, nor are those
            left out of its `settings`.
        sources: ids of all sources of the library as it is now.
        article: id of the article as it is now; None is not compared.
    """
    was = of.run.model_dump()
    told = [
        f"{name}: recorded {was[name]}, now {run[name]}"
        for name in ("version", "model", "judge", "embedder", "as_of")
        if name in run and run[name] != was[name]
    ]
    settings: Mapping[str, Any] = run.get("settings", {})
    for name in sorted(settings):
        if settings[name] != was["settings"].get(name):
            told.append(f"{name}: recorded {was['settings'].get(name)}, now {settings[name]}")
    prompts: Mapping[str, str] = run.get("prompts", {})
    told += [
        f"the prompt {name} differs"
        for name in sorted(prompts)
        if prompts[name] != was["prompts"].get(name)
    ]
    if article not in (None, of.article):
        told.append("the article's text differs")
    return told + _library(of, run, sources)


def _library(of: Recorded, run: Mapping[str, Any], sources: Collection[str]) -> list[str]:
    before, now = set(of.sources), set(sources)
    same = before == now and run.get("library", {}).get("fingerprint") in (
        None,
        of.run.library.fingerprint,
    )
    if same:
        return []
    changes = [
        f"{len(ids)} {how} ({', '.join(sorted(ids)[:_SHOWN])}{', …' if len(ids) > _SHOWN else ''})"
        for how, ids in (("added", now - before), ("removed", before - now))
        if ids
    ]
    changed = ", ".join(changes) or "the same sources, with other particulars"
    return [f"the library differs: recorded {len(before)} sources, now {len(now)}: {changed}"]


def _digests(report: Report) -> dict[str, str]:
    """Of every part but what the run took, which is no part of its outcome."""
    return {
        name: hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()
        for name, part in report.model_dump(mode="json", exclude={"usage"}).items()
    }
