"""The record as JSON, and its rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agent.errors import ReportError, UsageError
from agent.report import FORMATS, render, schema_text, to_json, validate
from agent.report import validity as validity_module
from agent.types import Coverage, Report
from tests.report_changes import HOSTILE, changed, with_claim, with_evidence
from tests.sample_report import report_with, sample_report

# --- JSON and the contract -----------------------------------------------------------


def test_json_reads_back_as_the_same_report() -> None:
    report = sample_report()
    assert Report.model_validate_json(to_json(report)) == report


def test_json_is_readable_and_ends_in_a_line_feed() -> None:
    text = to_json(sample_report())
    assert text.startswith('{\n  "schema_version": "1",\n  "run": {')
    assert text.endswith("}\n")
    assert "Lindhaven’s electric ferries" in text


def test_json_does_not_depend_on_the_order_in_which_free_dictionaries_were_filled() -> None:
    report = sample_report()
    turned = changed(
        report,
        run=report.run.model_copy(
            update={"settings": dict(reversed(list(report.run.settings.items())))}
        ),
        usage=report.usage.model_copy(
            update={"seconds": dict(reversed(list(report.usage.seconds.items())))}
        ),
    )
    assert to_json(turned) == to_json(report)


def test_a_lone_surrogate_never_reaches_a_file() -> None:
    report = with_claim(sample_report(), 0, explanation="half \ud83d of a pair")
    for name in FORMATS:
        render(report, name).encode("utf-8")
    assert "half \ufffd of a pair" in to_json(report)


def test_schema_file_is_current() -> None:
    shipped = Path(validity_module.__file__).with_name(validity_module.SCHEMA_FILE)
    assert shipped.read_text("utf-8") == schema_text(), "run: python -m agent.report"


def test_schema_is_a_valid_2020_12_schema_with_a_name() -> None:
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == "Assay verdict report"
    assert schema["$id"]


def test_the_sample_and_a_report_of_hostile_texts_are_valid() -> None:
    validate(sample_report())
    for text in HOSTILE:
        validate(report_with(text))


BREACHES: dict[str, tuple[Callable[[Report], Report], str]] = {
    "claim quote moved": (lambda r: with_claim(r, 3, start=r.claims[3].start + 1), "claims[3]"),
    "claim span empty": (lambda r: with_claim(r, 3, quote="", end=r.claims[3].start), "claims[3]"),
    "claim past the end": (lambda r: with_claim(r, 3, end=10**6), "claims[3]"),
    "claim before the start": (lambda r: with_claim(r, 3, start=-5), "claims[3]"),
    "exclusion moved": (
        lambda r: changed(r, excluded=[r.excluded[0].model_copy(update={"start": 1})]),
        "excluded[0]",
    ),
    "warning outside": (
        lambda r: changed(
            r,
            article=r.article.model_copy(
                update={
                    "warnings": [
                        r.article.warnings[0].model_copy(update={"spans": [(0, 10**6)]}),
                    ]
                }
            ),
        ),
        "warnings[0]",
    ),
    "rated without verdict": (lambda r: with_claim(r, 0, verdict=None), "come together"),
    "failed with verdict": (lambda r: with_claim(r, 6, verdict="supported"), "come together"),
    "failed without error": (lambda r: with_claim(r, 6, error=None), "come together"),
    "verdict with error": (lambda r: with_claim(r, 0, error=r.claims[6].error), "come together"),
    "same id twice": (lambda r: with_claim(r, 1, id="c1"), "share the id 'c1'"),
    "further place outside": (lambda r: with_claim(r, 0, also_at=[(5, 10**6)]), "lies outside"),
    "linked to nothing": (lambda r: with_claim(r, 0, linked=["c99"]), "linked to 'c99'"),
    "linked to itself": (lambda r: with_claim(r, 0, linked=["c1"]), "linked to 'c1'"),
    "sentences lost": (
        lambda r: changed(r, coverage=Coverage(sentences=16, claimed=9, set_aside=6)),
        "do not make up all",
    ),
    "nothing missing": (lambda r: with_claim(r, 9, missing=None), "what is missing"),
    "supported by nothing": (lambda r: with_claim(r, 1, evidence=[]), "supports it"),
    "conflicting with nothing": (lambda r: with_claim(r, 3, evidence=[]), "contradicts it"),
    "summary off by one": (
        lambda r: changed(r, summary=r.summary.model_copy(update={"supported": 7})),
        "summary.supported is 7, but 6",
    ),
    "evidence quote altered": (lambda r: with_evidence(r, 0, quote="x"), "evidence[0]"),
    "evidence before its context": (lambda r: with_evidence(r, 0, context_start=900), "evidence"),
    "source left out and quoted": (
        lambda r: with_evidence(r, 0, source_id=r.sources_left_out[0].source_id),
        "was left out",
    ),
    "later by word alone": (
        lambda r: with_evidence(r, 0, later=True),
        "does not follow from the dates",
    ),
    "conflict of later sources alone": (
        lambda r: with_claim(
            r, 3, evidence=[e.model_copy(update={"later": True}) for e in r.claims[3].evidence]
        ),
        "of its time that contradicts it",
    ),
    "probability above one": (lambda r: with_evidence(r, 0, probability=1.5), "$.claims[0]"),
    "unknown verdict": (lambda r: with_claim(r, 0, verdict="true"), "$.claims[0].verdict"),
}


@pytest.mark.parametrize("breach", BREACHES)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_a_breach_of_the_contract_is_refused_and_named(breach: str) -> None:
    break_it, named = BREACHES[breach]
    with pytest.raises(ReportError) as caught:
        validate(break_it(sample_report()))
    assert named in caught.value.what
    assert "\n" not in str(caught.value)
    assert caught.value.todo


def test_an_unknown_format_is_a_usage_error_that_names_the_formats() -> None:
    with pytest.raises(UsageError, match="terminal, json, html, markdown, claimreview"):
        render(sample_report(), "pdf")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_the_same_each_time_and_ends_in_a_line_feed(name: Any) -> None:
    text = render(sample_report(), name)
    assert text == render(sample_report(), name)
    assert text.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_without_any_claim_can_be_rendered(name: Any) -> None:
    empty = changed(
        sample_report(),
        claims=[],
        excluded=[],
        sources_left_out=[],
        summary=type(sample_report().summary)(),
    )
    validate(empty)
    assert render(empty, name)
