"""What must hold in every report: its JSON Schema, and the rules between its fields.

`schema.json` ships with the project for other programs; it is made from the types, and
`python -m agent.report` writes it anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from agent.errors import ReportError
from agent.report.wording import OUTCOMES, outcome
from agent.types import Article, CheckedClaim, Evidence, Report
from tools.times.publication import certainly_later

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

SCHEMA_FILE = "schema.json"


def schema_text() -> str:
    """The JSON Schema (2020-12) of a report, as `schema.json` should read."""
    made = Report.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:assay:report:1",
        "title": "Assay verdict report",
    }
    return json.dumps({**made, **head}, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def validate(report: Report) -> None:
    """Checks a report against its schema and its contract; call it before writing one.

    Raises:
        ReportError: names the first breach and how many more there are.
    """
    record = report.model_dump(mode="json")
    breaches = [*_against_schema(record), *_between_fields(report)]
    if breaches:
        more = f" (and {len(breaches) - 1} more)" if len(breaches) > 1 else ""
        raise ReportError(
            f"the report breaks its own contract: {breaches[0]}{more}",
            "This is a defect of Assay: please report it together with the article",
        )


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    schema = json.loads(files(__package__).joinpath(SCHEMA_FILE).read_text("utf-8"))
    return Draft202012Validator(schema)


def _against_schema(record: dict[str, Any]) -> Iterator[str]:
    for error in _validator().iter_errors(record):
        # The message quotes the whole instance, which may be the article: name the rule.
        yield f"{error.json_path} does not satisfy `{error.validator}` of the schema"


def _between_fields(report: Report) -> Iterator[str]:
    text = report.article.text
    for number, warning in enumerate(report.article.warnings):
        for start, end in warning.spans:
            if not 0 <= start <= end <= len(text):
                yield f"warnings[{number}]: the span {start}..{end} lies outside the article"
    for number, excluded in enumerate(report.excluded):
        if not _stands_at(text, excluded.start, excluded.end, excluded.quote):
            yield f"excluded[{number}]: its quote does not stand in the article at its offsets"

    if (covered := report.coverage) and covered.sentences != covered.claimed + covered.set_aside:
        yield "coverage: the sentences in claims and those set aside do not make up all"

    known = {claim.id for claim in report.claims}
    for claim_id, times in Counter(claim.id for claim in report.claims).items():
        if times > 1:
            yield f"{times} claims share the id {claim_id[:40]!r}"
    left_out = {source.source_id for source in report.sources_left_out}
    wanted = report.run.settings.get("min_origins", 1)
    for number, claim in enumerate(report.claims):
        for breach in _of_claim(claim, report.article, left_out):
            yield f"claims[{number}] {breach}"
        counted = {e.origin for e in claim.evidence if _supports(e)}
        if claim.verdict == "supported" and isinstance(wanted, int) and 1 < wanted > len(counted):
            yield f"claims[{number}] it is supported by fewer origins than are asked for"
        for other in claim.linked:
            if other not in known or other == claim.id:
                yield f"claims[{number}] it is linked to {other[:40]!r}, which is no other claim"

    found = Counter(outcome(claim) for claim in report.claims)
    for name in OUTCOMES:
        stated = getattr(report.summary, name)
        if stated != found[name]:
            yield f"summary.{name} is {stated}, but {found[name]} claims are {name}"


def _supports(item: Evidence) -> bool:
    return item.stance == "supports" and item.reputation != "distrusted"


def _of_claim(claim: CheckedClaim, article: Article, left_out: set[str]) -> Iterator[str]:
    text = article.text
    if not _stands_at(text, claim.start, claim.end, claim.quote):
        yield "its quote does not stand in the article at its offsets"
    for start, end in claim.also_at:
        if not 0 <= start < end <= len(text):
            yield f"a further place, {start}..{end}, lies outside the article"
    failed = claim.status == "failed"
    if failed != (claim.verdict is None) or failed != (claim.error is not None):
        yield "status `failed`, a null verdict and an error must come together"
    if claim.verdict == "unverifiable" and not claim.missing:
        yield "it is unverifiable and does not say what is missing"
    stances = {item.stance for item in claim.evidence}
    if claim.verdict == "supported" and "supports" not in stances:
        yield "it is supported and quotes no evidence that supports it"
    if claim.verdict == "conflicting" and all(
        item.later or item.stance != "contradicts" for item in claim.evidence
    ):
        yield "it is conflicting and quotes no evidence of its time that contradicts it"
    for number, item in enumerate(claim.evidence):
        shift = item.context_start
        if shift < 0 or not _stands_at(
            item.context, item.start - shift, item.end - shift, item.quote
        ):
            yield f"evidence[{number}]: its quote does not stand in its context at its offsets"
        if item.later != certainly_later(item.published_at, article.published_at):
            yield f"evidence[{number}]: whether it is later does not follow from the dates"
        if item.source_id in left_out:
            yield f"evidence[{number}]: it quotes a source that was left out"


def _stands_at(text: str, start: int, end: int, quote: str) -> bool:
    """Whether the span is not empty, lies within `text` and reads `quote`."""
    return 0 <= start < end <= len(text) and text[start:end] == quote
