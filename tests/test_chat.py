"""Conversations without a language model, what is kept of them, and the command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from agent.ask import NOT_SAID
from agent.chat.conversations import Conversations, to_markdown
from agent.chat.reported import of_report
from agent.chat.turns import Turn
from agent.cli.ask import to_text
from agent.errors import UsageError
from agent.report.wording import day
from tests.chatting import SEARCH, Judge, asked, chat, script
from tests.conftest import SOURCES, Assay
from tests.sample_report import sample_report

# --- without one --------------------------------------------------------------------------


def test_sources_that_disagree_are_named_with_both_quotes(word_library: Path) -> None:
    answer, _ = asked(chat(word_library), "Which sources disagree on what the bridge cost?")
    assert answer.disagreement
    assert {c.publisher for c in answer.citations} == {"Tallis Courier", "Valley Post"}
    assert "contradict one another" in answer.explanation
    none, _ = asked(chat(word_library), "Which sources disagree on the night bus?")
    assert (none.status, none.citations) == ("not_said", [])


def test_a_claim_of_the_open_report_is_explained_with_both_sides(word_library: Path) -> None:
    report = sample_report()
    claim = next(c for c in report.claims if c.verdict == "conflicting")
    answer, _ = asked(
        chat(word_library), f"Why is claim {claim.id[1:]} conflicting?", report=report
    )
    assert (answer.statement, answer.verdict) == (claim.text, "conflicting")
    assert claim.explanation in answer.explanation
    decided = [item for item in claim.evidence if item.stance != "neutral"]
    assert {c.quote for c in answer.citations} <= {item.quote for item in decided}
    assert {c.stance for c in answer.citations} == {item.stance for item in decided}


@pytest.mark.parametrize(
    ("question", "opened"),
    [
        ("Why is claim 99 conflicting?", True),
        ("Why claim 1?", False),
        ("Which claims are conflicting?", False),
        ("And in 2024?", True),
    ],
)
def test_where_nothing_was_looked_up_the_library_is_not_spoken_of(
    word_library: Path, question: str, opened: bool
) -> None:
    answer, _ = asked(chat(word_library), question, report=sample_report() if opened else None)
    assert (answer.status, answer.sources_searched) == ("not_said", 0)
    assert NOT_SAID not in to_text(answer)
    assert answer.text[:1].isupper()


@pytest.mark.parametrize(
    "question",
    [
        "Who claims 200 jobs were lost at the yard?",
        "Do the sources claim 30 people were hurt?",
        "Which paper claims 3 and 4 boats sank?",
        "Has the C40 bridge opened?",
        "Is C40 closed?",
    ],
)
def test_who_claims_a_number_of_things_names_no_claim(question: str) -> None:
    assert of_report(question, None) is None
    assert of_report(question, sample_report()) is None


@pytest.mark.parametrize("question", ["Why is c5 wrong?", "Is claim 5 right?", "Explain claim #5"])
def test_a_claim_is_named_by_its_id(question: str) -> None:
    answer = of_report(question, sample_report())
    assert answer is not None
    assert answer.statement == sample_report().claims[4].text


@pytest.mark.parametrize("question", ["Explain the 5th claim.", "What of the fifth claim?"])
def test_a_claim_is_named_by_its_place(word_library: Path, question: str) -> None:
    answer, _ = asked(chat(word_library), question, report=sample_report())
    assert answer.statement == sample_report().claims[4].text


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("Which claims are conflicting?", "conflicting"),
        ("List the unverifiable claims.", "unverifiable"),
        ("How many claims of the article are supported?", "supported"),
        ("What claims failed?", None),
    ],
)
def test_the_claims_of_an_outcome_are_listed_from_the_report(
    word_library: Path, question: str, outcome: str | None
) -> None:
    report = sample_report()
    answer, _ = asked(chat(word_library), question, report=report)
    wanted = [c for c in report.claims if c.verdict == outcome]
    assert answer.text.startswith(f"{len(wanted)} claim")
    for claim in wanted:
        assert f"Claim {claim.id[1:]}: {claim.text}" in to_text(answer)


def test_what_a_question_presumes_of_a_claim_is_put_right() -> None:
    report = sample_report()
    claim = next(c for c in report.claims if c.verdict == "conflicting")
    number = claim.id[1:]
    for question, said in (
        (f"Why is claim {number} supported?", f"Claim {number} is conflicting, not supported. "),
        (f"Why is claim {number} wrong?", ""),
        (f"Is claim {number} supported?", ""),
        (f"Why is claim {number} not supported?", ""),
        (f"Why isn’t claim {number} supported?", ""),
    ):
        answer = of_report(question, report)
        assert answer is not None
        assert answer.explanation.startswith(f"{said}{claim.explanation}")


@pytest.mark.parametrize("question", ["Explain claims 2 and 5.", "Show claim 2 and then claim 5"])
def test_all_claims_that_a_question_names_are_told(question: str) -> None:
    report = sample_report()
    answer = of_report(question, report)
    assert answer is not None
    assert [s.text.split(",")[0] for s in answer.sentences] == ["Claim 2", "Claim 5"]
    assert report.claims[4].explanation in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "Summarise the report.",
        "What is wrong with the article?",
        "How many claims are there?",
        "Is this article reliable?",
    ],
)
def test_a_question_on_the_whole_report_gets_its_counts_and_no_verdict(question: str) -> None:
    report = sample_report()
    answer = of_report(question, report)
    assert answer is not None
    assert answer.text.startswith(f"The report has {len(report.claims)} claims: ")
    assert f"{report.summary.conflicting} conflicting" in answer.text
    assert (answer.verdict, answer.sources_searched) == (None, 0)
    assert "the article as a whole has none" in answer.explanation


@pytest.mark.parametrize(
    ("question", "words"),
    [("Which claims are about the yard?", "yard"), ("What does the report say on fuel?", "Fuel")],
)
def test_the_claims_on_a_topic_are_found_in_the_report(question: str, words: str) -> None:
    answer = of_report(question, sample_report())
    assert answer is not None
    assert words in (answer.statement or answer.text)


@pytest.mark.parametrize(
    "question",
    ["Which claims about a night bus are there?", "What do the sources say?", "When did it open?"],
)
def test_what_no_claim_of_the_report_is_about_is_asked_of_the_library(question: str) -> None:
    assert of_report(question, sample_report()) is None


@pytest.mark.parametrize("question", ["What sources do you have?", "How many sources are there?"])
def test_the_sources_are_listed_by_title(word_library: Path, question: str) -> None:
    answer, _ = asked(chat(word_library), question)
    first, *titles = answer.text.splitlines()
    assert first == "The library has 3 sources."
    told = [f"{s.title} · {s.publisher} · {day(s.published_at)}" for s in SOURCES]
    assert sorted(titles) == sorted(told)


@pytest.mark.parametrize("question", ["hello", "What can you do?", "Thank you!"])
def test_who_asks_nothing_is_told_what_can_be_asked(word_library: Path, question: str) -> None:
    answer, _ = asked(chat(word_library), question)
    assert (answer.status, answer.sources_searched) == ("not_said", 0)
    assert answer.text.startswith("Ask what")


@pytest.mark.parametrize(
    "question",
    [
        "What does the Valley Post say about the cost of the crossing at Tallis?",
        "According to the Post, what did the crossing at Tallis cost?",
        "What did the crossing at Tallis cost according to Valley Post?",
    ],
)
def test_a_publisher_that_is_asked_for_is_the_only_one_searched(
    word_library: Path, question: str
) -> None:
    answer, _ = asked(chat(word_library), question)
    assert {c.publisher for c in answer.citations} == {"Valley Post"}
    assert (answer.question, answer.sources_searched) == (question, 1)
    assert "Only what Valley Post published was searched." in answer.explanation


def test_a_person_who_is_no_publisher_narrows_nothing(word_library: Path) -> None:
    answer, _ = asked(chat(word_library), "What did Ada Berg say about the ribbon?")
    assert answer.sources_searched == len(SOURCES)


@pytest.mark.parametrize(
    ("question", "noted"),
    [
        ("What does the Morning Herald say about the cost of the bridge?", "the Morning Herald"),
        ("According to Reuters, what did the crossing at Tallis cost?", "Reuters"),
        ("What did Ada Berg say about the ribbon?", None),  # whom a source quotes
        ("What does the council say about the cost of the bridge?", None),
        ("What does the Valley Post say about the cost of the bridge?", None),
    ],
)
def test_a_publisher_that_is_not_there_is_said_not_to_be(
    word_library: Path, question: str, noted: str | None
) -> None:
    answer, _ = asked(chat(word_library), question)
    assert ("No one publisher" in answer.explanation) is (noted is not None)
    assert f"“{noted}”" in answer.explanation or noted is None


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Do all the sources agree on what the bridge cost?", True),
        ("Is there any disagreement on what the bridge cost?", True),
        ("Which sources disagree on the bridge parade and its fireworks?", False),
    ],
)
def test_only_what_is_on_the_topic_is_told_to_disagree(
    word_library: Path, question: str, found: bool
) -> None:
    answer, _ = asked(chat(word_library), question)
    assert answer.disagreement is found


@pytest.mark.parametrize(
    ("question", "noted"),
    [
        ("How long is it?", True),
        ("Is it true that the bridge cost 12 million euros?", False),
        ("How long is the Tallis Bridge with its ramps?", False),
    ],
)
def test_a_question_that_points_back_is_answered_with_a_note(
    word_library: Path, question: str, noted: bool
) -> None:
    first, _ = asked(chat(word_library), "What did the bridge cost?")
    before = [Turn(question=first.question, asked_at="2026-01-01T00:00:00Z", answer=first)]
    answer, _ = asked(chat(word_library), question, history=before)
    assert ("stands alone" in answer.explanation) is noted


def test_a_follow_up_is_told_to_stand_alone(word_library: Path) -> None:
    answer, _ = asked(chat(word_library), "And in 2024?")
    assert answer.status == "not_said"
    assert "stands alone" in answer.text


# --- conversations ------------------------------------------------------------------------


def test_a_conversation_is_kept_resumed_exported_and_deleted(word_library: Path) -> None:
    kept = Conversations(word_library)
    answer, _ = asked(chat(word_library), "Is it true that the bridge cost 12 million euros?")
    first = kept.add(kept.start(), "<b>What</b> did it cost?", answer)
    second = kept.add(kept.get(first.id), "And *why*?", answer)
    assert kept.get(first.id) == second
    assert [(line.id, line.turns) for line in kept.all()] == [(first.id, 2)]
    shown = to_markdown(second)
    assert "\\<b\\>What" in shown
    assert "<b>" not in shown
    (word_library / "conversations" / f"d-{'a' * 24}.json").write_text("{}")
    assert len(kept.all()) == 1  # a damaged one hides no other
    assert kept.add(first, "What else?", answer).turns[:2] == second.turns  # none is lost
    kept.delete(first.id)
    with pytest.raises(UsageError):
        kept.add(second, "And now?", answer)
    for name in (first.id, "d-1", "../library"):
        with pytest.raises(UsageError):
            kept.get(name)


# --- the command line ---------------------------------------------------------------------


def test_the_command_converses_keeps_and_goes_on(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.rate.embedded.EmbeddedRater", lambda _: Judge())
    monkeypatch.setattr("agent.rate.judge.EmbeddedJudge", lambda: None)
    at = ("--library", word_library)
    monkeypatch.setattr(
        "sys.stdin",
        io.StringIO("Is it true that it cost 12 million euros?\n\n?\n/help\nquit\nHow long?\n"),
    )
    first = assay("chat", *at)
    assert first.code == 0
    assert "> Is it true" in first.out
    assert "the question is empty" in first.err  # and the conversation went on
    assert "Ask in full sentences" in first.err
    assert "How long" not in first.out
    (line,) = Conversations(word_library).all()
    assert f"--resume {line.id}" in first.err
    monkeypatch.setattr("sys.stdin", io.StringIO("And in 2025?\n"))
    assert "stands alone" in assay("chat", *at, "--resume", line.id).out
    assert line.id in assay("chat", *at, "--list").out
    assert "## And in 2025?" in assay("chat", *at, "--export", line.id).out
    exported = assay("chat", *at, "--export", line.id, "--format", "json").json
    assert len(exported["turns"]) == 2
    assert assay("chat", *at, "--delete", line.id).code == 0
    assert assay("chat", *at, "--resume", line.id).code == 2


def test_a_models_answer_is_shown_with_what_came_of_each_sentence(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.rate.embedded.EmbeddedRater", lambda _: Judge())
    monkeypatch.setattr("agent.rate.judge.EmbeddedJudge", lambda: None)
    model = script(
        word_library,
        {"tool_calls": [SEARCH], "times": 1},
        {"answer": "The bridge cost 12 million euros [1]. It is \x1b[2J loved."},
    )
    result = assay("ask", "What did it cost?", "--library", word_library, "--model", model)
    assert result.code == 0
    assert "The bridge cost 12 million euros. [1]\n" in result.out
    assert "loved. (cites no passage)" in result.out
    assert "search library: Tallis Bridge cost" in result.err
    assert "\x1b" not in result.out
