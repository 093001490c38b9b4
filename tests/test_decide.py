"""From evidence to a verdict: every branch, and what must not matter."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide import decide
from agent.types import VERDICTS, ClaimKind, Evidence, Stance
from tests.evidence import claim, item

ORIGINS = {"s-1": "s-1", "s-2": "s-1", "s-3": "s-3", "s-4": "s-4", "s-5": "s-4"}
LATER = {"s-2", "s-4", "s-5"}


@st.composite
def items(draw: st.DrawFn) -> Evidence:
    source = draw(st.sampled_from(sorted(ORIGINS)))
    return item(
        draw(st.sampled_from(["supports", "contradicts", "neutral"])),
        draw(st.sampled_from([0.0, 0.4, 0.8, 1.0])),
        source=source,
        origin=ORIGINS[source],
        start=draw(st.integers(0, 3)),
        note=draw(st.sampled_from([None, "5 against 6"])),
        later=source in LATER,
    )


ITEMS = items()


@pytest.mark.parametrize(
    ("stances", "verdict"),
    [
        ([], "unverifiable"),
        (["neutral"], "unverifiable"),
        (["supports"], "supported"),
        (["supports", "neutral"], "supported"),
        (["contradicts"], "conflicting"),
        (["contradicts", "neutral"], "conflicting"),
        (["supports", "contradicts"], "conflicting"),
        (["supports", "supports", "contradicts"], "conflicting"),
    ],
)
def test_the_verdict_follows_from_the_stances(stances: list[Stance], verdict: str) -> None:
    evidence = [item(stance, source=f"s-{n}") for n, stance in enumerate(stances)]
    assert decide(claim(), evidence, sources_searched=5).verdict == verdict


@pytest.mark.parametrize(("note", "confidence"), [("5 against 5: the same", 0.9), (None, 0.8)])
def test_origins_add_up_where_something_was_computed_and_not_where_a_model_may_repeat_its_mistake(
    note: str | None, confidence: float
) -> None:
    evidence = [
        item("supports", 0.8, source="s-1", note=note),
        item("supports", 0.5, source="s-2", note=note),
    ]
    decision = decide(claim(), evidence, sources_searched=2)
    assert decision.confidence == pytest.approx(confidence)


def test_copies_count_once_as_sure_as_the_surest() -> None:
    evidence = [
        item("supports", 0.5, source="s-1", origin="s-1"),
        item("supports", 0.8, source="s-2", origin="s-1"),
        item("supports", 0.7, source="s-3", origin="s-1"),
    ]
    decision = decide(claim(), evidence, sources_searched=3)
    assert decision.confidence == pytest.approx(0.8)
    assert decision.explanation.startswith("1 independent origin (3 sources) supports it: ")
    assert [e.source_id for e in decision.evidence] == ["s-2", "s-3", "s-1"]


def test_two_passages_of_one_source_count_once() -> None:
    evidence = [item("contradicts", 0.6), item("contradicts", 0.6, start=50)]
    decision = decide(claim(), evidence, sources_searched=1)
    assert decision.confidence == pytest.approx(0.6)
    assert decision.explanation.startswith("1 independent origin contradicts it")


def test_a_quote_that_two_passages_share_is_shown_once() -> None:
    evidence = [item("supports", 0.6, note="b"), item("supports", 0.7, note="a")]
    decision = decide(claim(), evidence, sources_searched=1)
    assert [(e.probability, e.note) for e in decision.evidence] == [(0.7, "a")]


def test_no_verdict_is_certain() -> None:
    evidence = [item("supports", 1.0, source=f"s-{n}") for n in range(4)]
    assert decide(claim(), evidence, sources_searched=4).confidence == 0.99
    assert decide(claim(), [item("neutral", 1.0)], sources_searched=4).confidence == 0.99
    assert decide(claim(), [], sources_searched=4).confidence == 0.99


def test_a_conflict_names_both_sides_with_what_was_computed() -> None:
    evidence = [
        item("contradicts", 0.9, source="s-1", publisher="The Ledger", note="5 against 6"),
        item("supports", 0.7, source="s-2", publisher="The Herald"),
    ]
    assert decide(claim(), evidence, sources_searched=2).explanation == (
        "1 independent origin contradicts it: The Ledger. 5 against 6. "
        "1 independent origin supports it: The Herald."
    )


def test_an_origin_is_named_by_its_earliest_source_and_not_by_its_surest() -> None:
    copies = [
        item("supports", 0.9, source="s-2", origin="s-1", publisher="The Herald"),
        item("supports", 0.6, source="s-1", publisher="Coastal Wire", published_at="2026-05-02"),
        item("supports", 0.7, source="s-3", origin="s-1", publisher="Daily Buzz"),
    ]
    decision = decide(claim(), copies, sources_searched=3)
    assert decision.explanation == (
        "1 independent origin (3 sources) supports it: Coastal Wire (earliest of 3)."
    )
    without = decide(claim(), [copies[0], copies[2]], sources_searched=3)
    assert without.explanation.endswith("(2 sources) supports it: The Herald (earliest of 2).")


def test_many_origins_are_named_up_to_three() -> None:
    evidence = [
        item("supports", 0.9 - n / 10, source=f"s-{n}", publisher=f"Paper {n}") for n in range(5)
    ]
    assert decide(claim(), evidence, sources_searched=5).explanation == (
        "5 independent origins support it: Paper 0, Paper 1, Paper 2, others."
    )


def test_a_source_is_named_by_publisher_else_title_else_id() -> None:
    for publisher, title, shown in [
        ("The Ledger", "Ferries", "The Ledger"),
        (None, "Ferries", "Ferries"),
        (None, None, "s-1"),
    ]:
        evidence = [item("supports", publisher=publisher, title=title)]
        decision = decide(claim(), evidence, sources_searched=1)
        assert decision.explanation == f"1 independent origin supports it: {shown}."


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("fact", "a source that states this or its opposite"),
        ("quantity", "a source that gives this figure"),
        ("quotation", "a source that has this quotation"),
        ("forecast", "a source that reports this forecast or plan"),
    ],
)
def test_the_unverifiable_says_what_was_searched_and_what_is_missing(
    kind: ClaimKind, wanted: str
) -> None:
    decision = decide(claim(kind), [item("neutral", 0.6)], sources_searched=7)
    assert decision.missing is not None
    assert decision.missing.startswith("Searched 7 sources and read the 1 closest passage. ")
    assert wanted in decision.missing
    empty = decide(claim(kind), [], sources_searched=1)
    assert empty.missing is not None
    assert empty.missing.startswith("Searched 1 source; no passage comes near it. ")


def test_the_unverifiable_is_as_sure_as_its_least_neutral_passage() -> None:
    evidence = [item("neutral", 0.9), item("neutral", 0.4, source="s-2", publisher="The Herald")]
    decision = decide(claim(), evidence, sources_searched=2)
    assert decision.confidence == pytest.approx(0.4)
    assert "The closest passage is from The Herald." in decision.explanation


def test_the_unverifiable_says_why_its_closest_passage_was_not_read() -> None:
    closest = item("neutral", 0.4, publisher="Der Bote", note="the passage is in German")
    decision = decide(claim(), [closest], sources_searched=1)
    assert "The closest passage is from Der Bote: the passage is in German." in decision.explanation


def test_decided_claims_miss_nothing() -> None:
    assert decide(claim(), [item("supports")], sources_searched=1).missing is None
    assert decide(claim(), [item("contradicts")], sources_searched=1).missing is None


# --- the time of the article ----------------------------------------------------------------

OLD_YES = item("supports", 0.7, source="s-1", publisher="Ledger", published_at="2026-03-01")
OLD_NO = item("contradicts", 0.7, source="s-2", publisher="Herald", note="5 against 6")
NEW_YES = item(
    "supports", 0.8, source="s-3", publisher="Post", published_at="2026-06-04", later=True
)
NEW_NO = item(
    "contradicts", 0.9, source="s-4", publisher="Echo", published_at="2026-06", note="7", later=True
)
SILENT = item("neutral", 0.6, source="s-5", publisher="Gazette")


@pytest.mark.parametrize(
    ("evidence", "verdict", "confidence", "explanation"),
    [
        ([OLD_YES, NEW_NO], "supported", 0.7,
         "1 independent origin supports it: Ledger. A later source, of June 2026, says otherwise: "
         "Echo. 7."),
        ([OLD_YES, NEW_YES], "supported", 0.8,
         "1 independent origin supports it: Ledger. A later source, of 4 June 2026, supports it, "
         "too: Post."),
        ([NEW_YES], "supported", 0.8,
         "1 independent origin supports it: Post. It is later than the article and may rest on "
         "it."),
        ([NEW_NO, SILENT], "unverifiable", 0.6,
         "No source from the time of the article decides this. A later source, of June 2026, says "
         "otherwise: Echo. 7."),
        ([NEW_YES, NEW_NO], "unverifiable", 0.99,
         "No source from the time of the article decides this. A later source, of June 2026, says "
         "otherwise: Echo. 7. A later source, of 4 June 2026, supports it: Post."),
        ([OLD_NO, NEW_YES], "conflicting", 0.7,
         "1 independent origin contradicts it: Herald. 5 against 6. A later source, of 4 June "
         "2026, supports it: Post."),
        ([OLD_NO, NEW_NO], "conflicting", None,
         "1 independent origin contradicts it: Herald. 5 against 6. A later source, of June 2026, "
         "contradicts it, too: Echo. 7."),
        ([OLD_YES, OLD_NO], "conflicting", 0.7,
         "1 independent origin contradicts it: Herald. 5 against 6. 1 independent origin supports "
         "it: Ledger."),
    ],
)  # fmt: skip
def test_a_later_source_is_told_and_makes_no_conflict_of_the_time(
    evidence: list[Evidence], verdict: str, confidence: float | None, explanation: str
) -> None:
    decision = decide(claim(), evidence, sources_searched=5)
    assert (decision.verdict, decision.explanation) == (verdict, explanation)
    assert decision.confidence == pytest.approx(confidence or decision.confidence)
    assert {(e.source_id, e.later) for e in decision.evidence} == {
        (e.source_id, e in (NEW_YES, NEW_NO)) for e in evidence
    }


def test_several_later_origins_are_counted_with_the_first_date() -> None:
    evidence = [
        OLD_YES,
        item(
            "contradicts",
            0.9,
            source="s-6",
            publisher="Echo",
            published_at="2026-07-01",
            later=True,
        ),
        item(
            "contradicts",
            0.8,
            source="s-7",
            publisher="Post",
            published_at="2026-06-04",
            later=True,
        ),
    ]
    decision = decide(claim(), evidence, sources_searched=3)
    assert decision.explanation.endswith(
        " 2 later origins, the first of 4 June 2026, say otherwise: Echo, Post."
    )


def test_an_origin_of_the_time_stays_so_when_it_is_copied_later() -> None:
    copy = item(
        "contradicts", 0.9, source="s-8", origin="s-2", published_at="2026-06-04", later=True
    )
    decision = decide(claim(), [OLD_NO, copy], sources_searched=2)
    assert decision.verdict == "conflicting"
    assert decision.explanation.startswith("1 independent origin (2 sources) contradicts it")


def test_what_only_later_sources_contradict_asks_for_a_source_of_the_time() -> None:
    decision = decide(claim(), [NEW_NO], sources_searched=1)
    assert decision.missing is not None
    assert decision.missing.endswith("its opposite, from the time of the article.")


@given(st.lists(ITEMS, max_size=8))
def test_a_later_contradiction_never_turns_a_verdict_into_a_conflict(
    evidence: list[Evidence],
) -> None:
    of_the_time = any(e.stance == "contradicts" and not e.later for e in evidence)
    decision = decide(claim(), evidence, sources_searched=4)
    assert (decision.verdict == "conflicting") == of_the_time


@given(st.lists(ITEMS, max_size=8), st.randoms())
def test_the_order_of_the_evidence_does_not_matter(
    evidence: list[Evidence], random: object
) -> None:
    shuffled = list(evidence)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(claim(), shuffled, sources_searched=4) == decide(
        claim(), evidence, sources_searched=4
    )


@given(st.lists(ITEMS, max_size=8))
def test_what_holds_for_any_evidence(evidence: list[Evidence]) -> None:
    decision = decide(claim(), evidence, sources_searched=4)
    assert decision.verdict in VERDICTS
    assert 0 <= decision.confidence <= 0.99
    assert (decision.missing is None) == (decision.verdict != "unverifiable")
    # Every quote that decides is shown once for its stance, and nothing that was not given.
    decisive = {(e.stance, e.source_id, e.start) for e in evidence if e.stance != "neutral"}
    shown = [(e.stance, e.source_id, e.start) for e in decision.evidence]
    assert decisive <= set(shown)
    assert len(shown) == len(set(shown))
    assert all(e in evidence for e in decision.evidence)


@given(st.lists(ITEMS, max_size=8))
def test_confidence_is_that_of_the_surest_item_of_each_origin(evidence: list[Evidence]) -> None:
    decision = decide(claim(), evidence, sources_searched=4)
    stance = {"supported": "supports", "conflicting": "contradicts"}.get(decision.verdict)
    surest: dict[str, float] = {}
    for e in evidence:
        if e.stance == stance:
            surest[e.origin] = max(surest.get(e.origin, 0.0), e.probability)
    if stance:
        least = max(surest.values())
        most = 1 - math.prod(1 - probability for probability in surest.values())
        assert decision.confidence is not None
        assert min(least, 0.99) - 1e-4 <= decision.confidence <= min(most, 0.99) + 1e-4


@given(st.lists(ITEMS, max_size=8))
def test_one_more_copy_changes_no_verdict_and_no_confidence(evidence: list[Evidence]) -> None:
    before = decide(claim(), evidence, sources_searched=4)
    copies = [e.model_copy(update={"source_id": "s-9"}) for e in evidence if e.stance != "neutral"]
    after = decide(claim(), [*evidence, *copies], sources_searched=5)
    assert (after.verdict, after.confidence) == (before.verdict, before.confidence)


def test_a_lone_voice_is_told_as_one_where_others_speak_of_the_same_and_do_not_say_so() -> None:
    about = {"context": "The line was open in May."}
    alone = item("supports", publisher="Herald")
    silent = [
        item("neutral", source=f"s-{n}", publisher=name).model_copy(update=about)
        for n, name in enumerate(("Echo", "Post", "Herald"), 2)
    ]
    elsewhere = item("neutral", source="s-9", publisher="Ledger")

    def told(*evidence: Evidence) -> str:
        return decide(claim(), [alone, *evidence], sources_searched=9).explanation

    assert told(silent[0]).endswith("It alone says so: another origin on the same matter does not.")
    assert told(*silent).endswith("It alone says so: 2 other origins on the same matter do not.")
    assert "alone" not in told(silent[2], elsewhere)
    assert "alone" not in told(*silent, item("supports", source="s-5", publisher="Ledger"))
