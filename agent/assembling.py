"""The report of a check, put together from what its stages gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from agent.claims import Split, coverage
from agent.types import (
    Article,
    CheckedClaim,
    LibraryState,
    Report,
    Run,
    SourceLeftOut,
    SourceWarning,
    Summary,
    TextWarning,
    Usage,
)
from tools.numbers.quantities import quantities
from tools.text.instructions import instructions_warning
from tools.text.spinning import spun_warning

Settings = dict[str, str | int | float | bool | None]


def assemble(
    article: Article,
    split: Split,
    claims: Sequence[CheckedClaim],
    left_out: Sequence[SourceLeftOut],
    *,
    model: str,
    judge: str,
    embedder: str,
    library: LibraryState,
    as_of: str | None,
    prompts: Mapping[str, str],
    settings: Settings,
    usage: Usage,
    version: str,
) -> Report:
    """The report. Its run's id is a hash of all that the verdicts depend on.

    Args:
        article, split, claims, left_out: what was checked, and what came of it.
        model, judge, embedder: what judged, and what found the passages.
        library: its state during the check.
        as_of: ISO date that it was checked as of.
        prompts: version of each prompt that was used, by its name.
        settings: the other choices of the user.
        usage: what it took.
        version: of Assay.
    """
    counts = dict.fromkeys(Summary.model_fields, 0)
    for claim in claims:
        counts[claim.verdict or "failed"] += 1
    identity: list[object] = [article.id, as_of, model, judge, dict(prompts), settings]
    identity += [sorted(source.source_id for source in left_out)]
    identity += [library.fingerprint, embedder, version]
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    return Report(
        run=Run(
            id=f"r-{digest[:16]}",
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            as_of=as_of,
            model=model,
            judge=judge,
            embedder=embedder,
            prompts=dict(prompts),
            library=library,
            version=version,
            settings=settings,
        ),
        article=_with_warnings(article, split),
        claims=list(claims),
        excluded=split.excluded,
        coverage=coverage(article, split),
        sources_left_out=list(left_out),
        source_warnings=_source_warnings(claims),
        summary=Summary(**counts),
        usage=usage,
    )


def _with_warnings(article: Article, split: Split) -> Article:
    warnings = list(article.warnings)
    known = {warning.code for warning in warnings}
    found = (spun_warning(article.text), instructions_warning(article.text))
    warnings += [warning for warning in found if warning and warning.code not in known]
    unclear = [
        (claim.start + figure.start, claim.start + figure.end)
        for claim in split.claims
        for figure in quantities(claim.quote)
        if figure.magnitude_unclear
    ]
    if unclear:
        shown = ", ".join(f"“{article.text[a:b]}”" for a, b in sorted(set(unclear))[:3])
        warnings.append(
            TextWarning(
                code="magnitude_unclear",
                message=f"Figures do not tell millions from billions ({shown}); they are compared "
                "in every reading.",
                spans=sorted(set(unclear)),
            )
        )
    return article.model_copy(update={"warnings": warnings})


def _source_warnings(claims: Sequence[CheckedClaim]) -> list[SourceWarning]:
    """One for each source of which a passage that was read addresses its checker."""
    read = {
        (item.source_id, item.context_start): item for claim in claims for item in claim.evidence
    }
    found: dict[str, SourceWarning] = {}
    for (source_id, start), item in sorted(read.items()):
        if (warning := instructions_warning(item.context)) is None:
            continue
        spans = {(start + a, start + b) for a, b in warning.spans}
        if source_id in found:  # passages overlap
            spans |= set(found[source_id].warning.spans)
            warning = found[source_id].warning
        found[source_id] = SourceWarning(
            source_id=source_id,
            title=item.title,
            publisher=item.publisher,
            warning=warning.model_copy(update={"spans": sorted(spans)}),
        )
    return list(found.values())
