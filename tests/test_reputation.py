"""Who speaks: sites, voices, how many are asked for, and whom the user trusts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide import Rules, decide
from agent.errors import UsageError
from agent.types import VERDICTS, Document, Evidence, Reputation, Stance
from tests.conftest import Assay
from tests.evidence import claim, item
from tests.fake_embedder import WordEmbedder
from tools.library import Library
from tools.library.sites import site
from tools.library.voices import one_voice_each


def said(
    stance: Stance, source: str, publisher: str | None = None, url: str | None = None
) -> Evidence:
    return item(stance, source=source, publisher=publisher).model_copy(update={"url": url})


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://www.press.example/a/b", "press.example"),
        ("http://A.B.Press.EXAMPLE.:8080/", "press.example"),
        ("https://news.press.co.uk/x", "press.co.uk"),
        ("https://press.de/x", "press.de"),
        ("https://127.0.0.1/x", "127.0.0.1"),
        ("https://[::1]/x", "::1"),
        ("https://[bad/", None),
        ("press.example", None),
        (None, None),
    ],
)
def test_a_site_is_whose_name_it_is(url: str | None, owner: str | None) -> None:
    assert site(url) == owner


# --- voices -------------------------------------------------------------------------------

PUBLISHERS = st.sampled_from([None, "Ledger", "LEDGER", "Herald"])
URLS = st.sampled_from([None, "https://a.one.example/1", "https://one.example/2", "https://x.test"])
REPUTATIONS = st.sampled_from(["trusted", "neutral", "distrusted"])
STANCES: st.SearchStrategy[Stance] = st.sampled_from(["supports", "contradicts", "neutral"])


@st.composite
def statements(draw: st.DrawFn) -> list[Evidence]:
    count = draw(st.integers(0, 6))
    return [
        said(draw(STANCES), f"s-{n}", draw(PUBLISHERS), draw(URLS)).model_copy(
            update={"reputation": draw(REPUTATIONS)}
        )
        for n in range(count)
    ]


def test_sources_of_one_publisher_or_site_that_take_one_side_are_one_voice() -> None:
    same = [
        said("supports", "s-1", "The Ledger"),
        said("supports", "s-2", "the ledger", "https://one.example/a"),
        said("supports", "s-3", "Another", "https://www.one.example/b"),
        said("supports", "s-4", "Another yet", "https://two.example/b"),
    ]
    voices = one_voice_each(same)
    assert [each.origin for each in voices] == ["s-1", "s-1", "s-1", "s-4"]
    assert [each.origin_reason for each in voices] == [None, "publisher", "publisher", None]


def test_what_one_publisher_says_on_both_sides_stays_apart() -> None:
    both = [said("supports", "s-1", "Ledger"), said("contradicts", "s-2", "Ledger")]
    assert [each.origin for each in one_voice_each(both)] == ["s-1", "s-2"]


@given(statements())
def test_voices_are_never_more_than_origins_and_all_else_stays(told: list[Evidence]) -> None:
    joined = one_voice_each(told)
    for stance in ("supports", "contradicts"):
        before = {e.origin for e in told if e.stance == stance}
        assert {e.origin for e in joined if e.stance == stance} <= before
    anew = {"origin": "", "origin_reason": None}
    assert [e.model_copy(update=anew) for e in joined] == [e.model_copy(update=anew) for e in told]
    assert one_voice_each(joined) == joined


# --- how many are asked for ---------------------------------------------------------------

LEDGER = said("supports", "s-1", "Ledger")
AGAIN = said("supports", "s-2", "Ledger")
HERALD = said("supports", "s-3", "Herald")
BUZZ = said("contradicts", "s-4", "Buzz")


def test_one_origin_supports_nothing_where_two_are_asked_for() -> None:
    decision = decide(claim(), [LEDGER, AGAIN], sources_searched=2, rules=Rules(2))
    assert (decision.verdict, decision.confidence) == ("unverifiable", 0.8)
    assert decision.explanation == (
        "One origin only, where 2 are asked for. 1 independent origin (2 sources) supports it: "
        "Ledger (earliest of 2)."
    )
    assert decision.missing is not None
    assert decision.missing.endswith("It would take 1 more independent origin to say so.")
    assert [e.stance for e in decision.evidence] == ["supports", "supports"]
    both = decide(claim(), [LEDGER, HERALD], sources_searched=2, rules=Rules(2))
    assert both.verdict == "supported"


def test_one_contradiction_is_a_conflict_however_many_are_asked_for() -> None:
    decision = decide(claim(), [LEDGER, BUZZ], sources_searched=2, rules=Rules(3))
    assert decision.verdict == "conflicting"


def test_no_claim_can_ask_for_no_origin() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        Rules(0)


@given(statements(), st.integers(1, 4))
def test_supported_has_the_origins_that_are_asked_for_and_less_is_never_stricter(
    told: list[Evidence], wanted: int
) -> None:
    decision = decide(claim(), told, sources_searched=6, rules=Rules(wanted))
    counted = {
        e.origin
        for e in decision.evidence
        if e.stance == "supports" and e.reputation != "distrusted"
    }
    if decision.verdict == "supported":
        assert len(counted) >= wanted
        assert decide(claim(), told, sources_searched=6).verdict == "supported"
    strict = decide(claim(), told, sources_searched=6, rules=Rules(wanted + 1)).verdict
    assert strict in (decision.verdict, "unverifiable")


# --- reputation ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "verdict", "told"),
    [
        ({}, "conflicting", ""),
        ({"Buzz": "distrusted"}, "supported",
         "A distrusted origin, not counted, contradicts it: Buzz. Without distrusted sources: "
         "supported; with them: conflicting."),
        ({"ledger": "distrusted"}, "conflicting",
         "A distrusted origin, not counted, supports it: Ledger."),
        ({"Ledger": "distrusted", "Buzz": "distrusted"}, "unverifiable",
         "Without distrusted sources: unverifiable; with them: conflicting."),
        ({"Ledger": "trusted"}, "conflicting", "On trusted sources alone: supported."),
    ],
)  # fmt: skip
def test_a_distrusted_publisher_is_shown_and_not_counted_and_trust_outweighs_nothing(
    marks: dict[str, Reputation], verdict: str, told: str
) -> None:
    decision = decide(claim(), [LEDGER, BUZZ], sources_searched=2, rules=Rules(1, marks))
    assert decision.verdict == verdict
    assert decision.explanation.endswith(told)
    assert {e.source_id for e in decision.evidence} == {"s-1", "s-4"}


def test_a_site_can_be_distrusted_whatever_publisher_it_names() -> None:
    forged = said("contradicts", "s-5", "Ledger", "https://www.buzz.example/9")
    marks: dict[str, Reputation] = {"Ledger": "trusted", "buzz.example": "distrusted"}
    decision = decide(claim(), [HERALD, forged], sources_searched=2, rules=Rules(1, marks))
    assert decision.verdict == "supported"
    assert [e.reputation for e in decision.evidence] == ["neutral", "distrusted"]


@given(statements())
def test_nothing_that_distrusted_sources_say_changes_a_verdict(told: list[Evidence]) -> None:
    decision = decide(claim(), told, sources_searched=6)
    without = [e for e in told if e.reputation != "distrusted" or e.stance == "neutral"]
    assert decision.verdict == decide(claim(), without, sources_searched=6).verdict
    assert all(other.verdict in VERDICTS for other in decision.otherwise)
    assert all(other.verdict != decision.verdict for other in decision.otherwise)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    with Library.open(tmp_path / "library", WordEmbedder(), create=True) as library:
        library.add(Document(text="The quay is shut.", publisher="The Ledger"))
        library.add(Document(text="The quay is open.", url="https://www.buzz.example/quay"))
    return tmp_path / "library"


def test_a_library_keeps_what_the_user_makes_of_publishers_and_sites(shelf: Path) -> None:
    with Library.open(shelf, None, write=True) as library:
        assert library.set_reputation("the ledger", "trusted") == "The Ledger"
        assert library.set_reputation("buzz.example", "distrusted") == "buzz.example"
        with pytest.raises(UsageError, match="no source of a publisher or site 'Leger'"):
            library.set_reputation("Leger", "trusted")
        for same in ("https://www.buzz.example/quay?page=2", "WWW.buzz.example", "buzz.example/"):
            assert library.set_reputation(same, "distrusted") == "buzz.example"
    with Library.open(shelf, None, write=True) as library:
        assert library.reputations() == {"buzz.example": "distrusted", "The Ledger": "trusted"}
        library.set_reputation("THE LEDGER", "neutral")
        assert library.reputations() == {"buzz.example": "distrusted"}


def test_publishers_are_marked_and_the_marks_listed(assay: Assay, shelf: Path) -> None:
    assert assay("sources", "trust", "--library", shelf).err == "All publishers are neutral.\n"
    done = assay("sources", "trust", "The Ledger", "distrusted", "--library", shelf)
    assert (done.code, done.err) == (0, "The Ledger is distrusted now.\n")
    assert assay("sources", "trust", "--library", shelf).out == "distrusted The Ledger\n"
    assert assay("sources", "trust", "The Ledger", "--library", shelf).code == 2
    for wrong in ("Nobody", ""):
        refused = assay("sources", "trust", wrong, "trusted", "--library", shelf)
        assert refused.code == 2
        assert "It has: The Ledger, buzz.example" in refused.err
