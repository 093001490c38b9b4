"""The words that renderings share, and the report on a terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.report import render, validate
from agent.report.wording import (
    OriginGroup,
    credited,
    day,
    likelihood,
    one_line,
    percent,
    reading,
    share_checked,
    side,
    tally,
    web_address,
)
from agent.types import SourceLeftOut
from tests.report_changes import ANY_TEXT, changed, with_claim, with_evidence
from tests.sample_report import report_with, sample_report


def test_who_is_named_in_a_claim_is_not_named_again() -> None:
    claim = sample_report().claims[0]
    said = {"text": "“We sail,” Ada Berg said.", "speaker": "Ada Berg"}
    assert credited(claim.model_copy(update=said)) is None
    assert credited(claim.model_copy(update={**said, "text": "“We sail.”"})) == "Ada Berg"
    assert credited(claim.model_copy(update={**said, "speaker": " "})) is None


# --- Words shared by the renderings --------------------------------------------------


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ("2026-03-04", "4 March 2026"),
        ("2026-03", "March 2026"),
        ("2026", "2026"),
        ("2026-11-02T09:41:07Z", "2 November 2026"),
        ("2026-13-01", "2026-13-01"),
        ("spring 2026", "spring 2026"),
        ("2026-03-04 <b>", "2026-03-04 <b>"),
        (None, None),
    ],
)
def test_dates_are_spelled_out_where_they_are_dates(date: str | None, shown: str | None) -> None:
    assert day(date) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0%"), (0.001, "under 1%"), (0.5, "50%"), (0.9991, "over 99%"), (1, "100%")],
)
def test_a_share_is_never_rounded_to_certainty(share: float, shown: str) -> None:
    assert percent(share) == shown


@given(st.floats(min_value=0, max_value=1))
def test_every_probability_has_words(probability: float) -> None:
    assert re.fullmatch(r"[a-z ]+ \((?:\d+|over 99|under 1)%\)", likelihood(probability))


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://paper.example/a?b=c&d=(e)#f", True),
        ("HTTP://paper.example", True),
        ("https://zeitung.example/köpfe", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//paper.example", False),
        ("https://", False),
        ("https://bank.example@evil.example/", False),
        ("https://paper.example:port/", False),
        ("https://[half/", False),
        ("https://paper.example/a b", False),
        ('https://paper.example/"onclick=', False),
        ("https://paper.example/<x>", False),
        ("https://paper.example\\@evil.example", False),
        ("https://paper.example/\u202egpj", False),
        ("https://paper.example/\n", False),
        ("", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_become_links(url: str | None, linked: bool) -> None:
    assert web_address(url) == (url if linked else None)


def test_copies_count_as_one_origin() -> None:
    groups = side(sample_report().claims[0], "supports")
    assert [[e.publisher for e in group.evidence] for group in groups] == [
        ["Coastal Wire", "Northsound Daily"],
        ["Skarvik Verft"],
    ]
    assert tally(groups) == "3 sources, 2 origins"
    assert groups[0].copies == ["Northsound Daily"]
    wire, daily = groups[0].evidence
    cut = daily.model_copy(update={"origin_reason": "wire"})
    assert OriginGroup((wire, cut)).copies == ["Northsound Daily (the same agency's report)"]
    assert OriginGroup((cut, wire)).copies == ["Coastal Wire (the earliest)"]


def test_reading_marks_what_the_quote_does_not_say() -> None:
    claim = sample_report().claims[11]
    assert [piece for piece, added in reading(claim) if added] == [
        "of Lindhaven",
        "of three electric vessels",
        "2026",
    ]
    assert "".join(piece for piece, _ in reading(claim)) == claim.text


def test_an_addition_that_is_not_in_the_text_is_shown_after_it() -> None:
    claim = sample_report().claims[9].model_copy(update={"context_added": ["the harbour", ""]})
    assert reading(claim)[-1] == ("the harbour", True)


def test_an_addition_at_the_head_of_the_claim_is_marked_there() -> None:
    claim = sample_report().claims[9]
    claim = claim.model_copy(
        update={"text": "The mill’s revenue fell.", "context_added": ["the mill"]}
    )
    assert reading(claim) == [("The mill", True), ("’s revenue fell.", False)]


def test_an_addition_in_brackets_is_shown_in_one_pair_of_them() -> None:
    report = sample_report()
    said = {"text": "It opened on Tuesday (10 March 2026).", "context_added": ["10 March 2026"]}
    claims = [report.claims[0].model_copy(update=said), *report.claims[1:]]
    shown = render(report.model_copy(update={"claims": claims}), "terminal")
    assert "It opened on Tuesday [10 March 2026]." in " ".join(shown.split())


def test_the_share_checked_counts_overlapping_claims_once_and_failed_ones_not() -> None:
    report = sample_report()
    text = report.article.text
    covered = {i for c in report.claims if c.verdict for i in range(c.start, c.end)}
    wanted = sum(not text[i].isspace() for i in covered) / sum(not c.isspace() for c in text)
    assert share_checked(report) == pytest.approx(wanted)


# --- Terminal ------------------------------------------------------------------------

FORBIDDEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def test_the_terminal_shows_verdicts_both_sides_copies_and_what_was_left_out() -> None:
    text = render(sample_report(), "terminal")
    for wanted in (
        "14 claims: ✓ 6 supported, ≠ 3 conflicting, ? 4 unverifiable, ! 1 not rated",
        "Warning. Instructions in the text",
        "5. ≠ Conflicting",
        "“Fuel and maintenance came to 47.3 million crowns in 2025.”",
        "48.39 million against 47.3 million: 2.3 % apart",
        "Supports: 2 sources, 1 origin",
        "Same origin, counted once: Northsound Daily",
        "City Audit Office, “Accounts of the municipal companies, 2025”, 20 February 2026",
        "Missing: Searched for the ferries’ costs in 2024",
        "7. ! Not rated",
        "7 passages set aside",
        "9 of 16 sentences in claims, 7 set aside.",
        "1 source left out",
    ):
        assert wanted in text, wanted


@pytest.mark.parametrize("name", ["terminal", "markdown"])
def test_what_was_searched_for_each_claim_alike_is_said_once(name: Any) -> None:
    report = sample_report()
    places = [i for i, c in enumerate(report.claims) if c.verdict == "unverifiable"]
    for place in places:
        report = with_claim(report, place, missing="Searched 7 sources. It would take a record.")
    text = render(report, name)
    assert text.count("earched 7 sources.") == 1
    assert "For each unverifiable claim: searched 7 sources." in text
    assert text.count("It would take a record.") == len(places) > 1
    other = with_claim(report, places[0], missing="Searched 7 sources; none. It would take two.")
    text = " ".join(render(other, name).split())
    assert "For each unverifiable claim, unless it says otherwise: searched 7 sources." in text
    assert "Missing: Searched 7 sources; none. It would take two." in text


@pytest.mark.parametrize("name", ["terminal", "html", "markdown"])
def test_what_is_unclear_repeated_and_linked_is_shown(name: Any) -> None:
    report = with_claim(sample_report(), 0, unclear=["“He” may be Reyk or Lind."], linked=["c3"])
    report = with_claim(report, 0, also_at=[(0, 9)])
    text = " ".join(re.sub(r"<[^>]+>", " ", render(report, name)).split())
    for wanted in ("“He” may be Reyk or Lind.", "The article says this 2 times.", "claim 3"):
        assert wanted in text, wanted
    assert "Same content" in text


@pytest.mark.parametrize("name", ["terminal", "html", "markdown"])
def test_a_source_later_than_the_article_is_shown_as_such(name: Any) -> None:
    before = render(sample_report(), name)
    report = with_evidence(sample_report(), 0, published_at="2026-06-04", later=True)
    validate(report)
    assert before.count("later than the article") == 0
    after = " ".join(re.sub(r"<[^>]+>", " ", render(report, name)).split())
    assert re.search(r"4 June 2026,? later than the article", after)


@pytest.mark.parametrize("name", ["terminal", "html", "markdown"])
def test_sources_left_out_are_listed_and_many_of_one_kind_counted(name: Any) -> None:
    def out(number: int, reason: str) -> SourceLeftOut:
        return SourceLeftOut(source_id=f"s-{number}", title=f"Title {number}", reason=reason)

    sources = [
        *(out(n, "not tagged budget, port") for n in range(10, 16)),
        *(out(n, f"superseded by a newer version, s-{n}") for n in range(20, 29)),
        out(30, "left out by request"),
    ]
    text = render(changed(sample_report(), sources_left_out=sources), name)
    text = re.sub(r"<script.*?</script>", " ", text, flags=re.DOTALL)
    text = " ".join(re.sub(r"<[^>]+>", " ", text).replace("\\", "").split())
    assert re.search(r"6 sources:? not tagged budget, port", text)
    assert re.search(r"9 sources:? superseded by a newer version", text)
    assert re.search(r"Title 30:? left out by request", text)
    assert "Title 10" not in text
    assert "Title 20" not in text


def test_a_conflict_without_support_says_so_in_the_terminal() -> None:
    text = render(sample_report(), "terminal")
    assert "Supports: no source\n\n   Contradicts: 2 sources" in text


def test_colour_adds_only_colour() -> None:
    plain = render(sample_report(), "terminal")
    colored = render(sample_report(), "terminal", color=True)
    assert COLOR.search(colored)
    assert COLOR.sub("", colored).split() == plain.split()


@pytest.mark.parametrize("width", [20, 40, 88, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = render(sample_report(), "terminal", width=width)
    assert max(len(line) for line in text.splitlines()) <= width


@given(ANY_TEXT)
@settings(max_examples=60)
def test_no_text_can_control_a_terminal(text: str) -> None:
    shown = render(report_with(text), "terminal")
    assert not FORBIDDEN.search(shown)
    assert not FORBIDDEN.search(COLOR.sub("", render(report_with(text), "terminal", color=True)))


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    flat = one_line(text)
    assert len(flat.splitlines()) <= 1
    assert flat == flat.strip()
    assert not FORBIDDEN.search(flat)
