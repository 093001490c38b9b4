"""Conversations: what is cited, what is checked, what is kept, and what is never an answer."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.ask import NOT_SAID, Answer
from agent.chat.checking import written
from agent.chat.conversations import Conversations, to_markdown
from agent.chat.model import compose
from agent.chat.reported import of_report
from agent.chat.reports import named_report, run_report
from agent.chat.tools import TOOLS, Tools
from agent.chat.turns import Chat, Event, Turn
from agent.cli.ask import to_text
from agent.errors import ClaimFailed, InputError, ModelUnavailable, UsageError
from agent.gateway.provider import open_provider
from agent.rate import evidence
from agent.report import to_json
from agent.report.wording import day
from agent.types import Claim, Evidence, Hit, Report, Stance
from evals.cited import become, wilson
from evals.samples import PairSample
from tests.conftest import SOURCES, Assay
from tests.fake_embedder import WordEmbedder
from tests.sample_report import sample_report
from tools.library import Library

JSON = {"content-type": "application/json"}
RUN = "c-" + "0" * 24
TWELVE, FIFTEEN = "The bridge cost 12 million euros.", "The bridge cost 15 million euros."
SEARCH = {"name": "search_library", "args": {"query": "Tallis Bridge cost"}}
WRITTEN = (
    "The bridge cost 12 million euros. [1] The bridge cost 15 million euros [2]. "
    "It is wrong [1]. It is popular [1]. Everybody likes it. It is made of glass [99]."
)


class Judge:
    """Rates by what stands in claim and passage: the same figure supports, `wrong` contradicts."""

    name = "judge"

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        return [evidence(hit, (0, 20), self._stance(claim.text, hit), 0.9) for hit in hits]

    def _stance(self, text: str, hit: Hit) -> Stance:
        if "wrong" in text:
            return "contradicts"
        for ours, theirs in (("12 million", "15 million"), ("15 million", "12 million")):
            if ours in text:
                here = hit.passage.text
                return (
                    "supports" if ours in here else "contradicts" if theirs in here else "neutral"
                )
        return "neutral"


def opening(folder: Path) -> Any:
    return lambda: Library.open(folder, WordEmbedder())


def script(folder: Path, *entries: Mapping[str, Any]) -> str:
    path = folder.parent / "chat.json"
    path.write_text(json.dumps({"answers": [{"prompt": "chat", **entry} for entry in entries]}))
    return f"scripted:{path}"


def chat(folder: Path, *entries: Mapping[str, Any]) -> Chat:
    model = script(folder, *entries) if entries else "embedded"
    return Chat(folder, opening(folder), model=model, rater=Judge)


def asked(
    chat: Chat, question: str = "What did the bridge cost?", **more: Any
) -> tuple[Answer, list[Event]]:
    events: list[Event] = []
    return asyncio.run(chat.answer(question, tell=events.append, **more)), events


def of_kind(events: Sequence[Event], kind: str) -> list[dict[str, Any]]:
    return [event.data for event in events if event.event == kind]


# --- with a language model ----------------------------------------------------------------


def test_each_sentence_is_held_to_the_passages_that_it_cites(word_library: Path) -> None:
    answer, events = asked(
        chat(word_library, {"tool_calls": [SEARCH], "times": 1}, {"answer": WRITTEN})
    )
    assert [(s.status, s.citations) for s in answer.sentences] == [
        ("supported", [1]), ("supported", [2]), ("unsupported", [3]), ("uncited", []),
        ("uncited", []),
    ]  # fmt: skip
    assert answer.dropped == 1
    assert "left out" in answer.explanation
    assert (answer.method, answer.status) == ("model", "answered")
    assert answer.text == (
        "The bridge cost 12 million euros [1]. The bridge cost 15 million euros [2]."
    )
    assert [s["tool"] for s in of_kind(events, "step")] == ["search_library"]
    assert [c["number"] for c in of_kind(events, "citation")] == [1, 2, 3]
    assert of_kind(events, "sentence") == [s.model_dump() for s in answer.sentences]
    with Library.open(word_library, WordEmbedder()) as library:
        for citation in answer.citations:
            text = library.source(citation.source_id).text
            assert text[citation.start : citation.end] == citation.quote


def test_an_answer_that_no_passage_backs_is_none(word_library: Path) -> None:
    answer, _ = asked(chat(word_library, {"answer": "It cost 9 million euros [1]."}))
    assert (answer.status, answer.text) == ("not_said", NOT_SAID)
    assert "No sentence" in answer.explanation
    said, events = asked(chat(word_library, {"answer": "the library does not say"}))
    assert (said.status, said.text, said.explanation) == ("not_said", NOT_SAID, "")
    assert of_kind(events, "sentence") == [
        {"text": NOT_SAID, "citations": [], "status": "not_said"}
    ]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"fault": {"status": 503}}, "server"),
        ({"fault": {"status": 401}}, "auth"),
        ({"refusal": "No."}, "refusal"),
        ({"answer": "The bridge cost", "finish_reason": "length"}, "truncated"),
        ({"answer": " "}, "bad_reply"),
        ({"tool_calls": [{"name": "list_sources"}]}, "limit"),
    ],
)
def test_a_fault_ends_the_turn_and_is_never_an_answer(
    word_library: Path, entry: dict[str, Any], kind: str
) -> None:
    with pytest.raises((ClaimFailed, ModelUnavailable)) as fault:
        asked(chat(word_library, entry))
    assert fault.value.kind == kind


def test_wrong_use_of_a_tool_is_told_to_the_model_and_ends_nothing(word_library: Path) -> None:
    wrong = [
        {"name": "read_source", "args": {"source_id": "nobody"}},
        {"name": "search_library", "args": {"query": "bridge", "limit": 1000}},
        {"name": "open_report", "args": {"check_id": "../../etc"}},
        {"name": "remove_source", "args": {}},
    ]
    answer, _ = asked(chat(word_library, {"tool_calls": wrong, "times": 1}, {"answer": NOT_SAID}))
    assert answer.status == "not_said"


async def test_a_server_is_sent_the_tools_and_what_they_gave_and_repeats_no_key(
    word_library: Path,
) -> None:
    sent: list[dict[str, Any]] = []
    steps: list[object] = []
    key = "key-of-tests-4b1d"
    asked = {"query": f"the bridge {key}"}
    call = {
        "id": "call-1",
        "type": "function",
        "function": {"name": "search_library", "arguments": json.dumps(asked)},
    }
    replies: list[dict[str, Any]] = [
        {"content": key, "tool_calls": [call]},
        {"content": f"It is 240 metres long [1]. {key}"},
    ]

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(json.loads(request.content))
        message = {"role": "assistant", **dict(replies[len(sent) - 1])}
        ended = "tool_calls" if message.get("tool_calls") else "stop"
        choices = [{"index": 0, "message": message, "finish_reason": ended}]
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
        packed = json.dumps({**body, "choices": choices}).encode()
        return httpx2.Response(200, headers=JSON, stream=httpx2.ByteStream(packed))

    provider = open_provider(
        "openai:m",
        base_url="http://127.0.0.1:9/v1",
        api_key=key,
        transport=httpx2.MockTransport(answer),
    )
    tools = Tools(word_library, opening(word_library), Judge)
    history = [("Who opened it?", "Ada Berg did.")]
    text = await compose(
        "How long is it?", "3 sources", history, tools, provider, lambda *step: steps.append(step)
    )
    assert text.startswith("It is 240 metres long [1].")
    assert key not in f"{text} {steps} {sent[1]}"
    assert {tool["function"]["name"] for tool in sent[0]["tools"]} == set(TOOLS)
    search = sent[0]["tools"][0]["function"]["parameters"]
    assert search["required"] == ["query"]
    assert search["properties"]["limit"]["maximum"] == 20
    roles = [message["role"] for message in sent[1]["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "tool"]
    given = json.loads(sent[1]["messages"][-1]["content"])
    assert given["passages"][0]["number"] == 1
    assert str(word_library) not in json.dumps(sent)


@pytest.mark.parametrize("name", ["embedded-2", "openai:", "cascade:openai"])
def test_a_name_that_no_question_can_be_put_to_is_wrong_usage(
    word_library: Path, name: str
) -> None:
    with pytest.raises(UsageError):
        asked(Chat(word_library, opening(word_library), model=name, rater=Judge))


_SENTENCE = st.sampled_from([TWELVE, FIFTEEN, "It is 240 metres long.", "Nobody said “no”."])


@given(st.lists(st.tuples(_SENTENCE, st.lists(st.integers(1, 99), max_size=3)), max_size=5))
def test_markers_before_and_after_the_full_stop_mean_the_same(
    parts: list[tuple[str, list[int]]],
) -> None:
    wanted = [(text, list(dict.fromkeys(numbers))) for text, numbers in parts]
    after = " ".join(f"{text} {''.join(f'[{n}]' for n in numbers)}" for text, numbers in parts)
    before = " ".join(
        f"{text[:-1]} [{', '.join(map(str, numbers))}]." if numbers else text
        for text, numbers in parts
    )
    assert [tuple(w) for w in written(after)] == wanted
    assert [tuple(w) for w in written(before)] == wanted


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


# --- the tools ----------------------------------------------------------------------------


async def test_the_tools_give_small_results_at_their_offsets(word_library: Path) -> None:
    tools = Tools(word_library, opening(word_library), Judge)
    found = await tools.search_library("Tallis Bridge cost", limit=2)
    again = await tools.search_library("Tallis Bridge cost", limit=2)
    assert found == again  # a passage keeps its number
    first = found.passages[0]
    reading = await tools.read_source(first.source_id, start=4, length=13)
    assert reading.passage.text == SOURCES[0].text[4:17]
    checked = await tools.check_claim(TWELVE)
    assert checked.verdict == "conflicting"
    assert {side.stance for side in checked.evidence} >= {"supports", "contradicts"}
    assert (await tools.compare_quantities(TWELVE, FIFTEEN)).relation == "differs"
    assert (await tools.compare_quantities(TWELVE, "It rained.")).relation == "not_comparable"
    bare = await tools.compare_quantities("$48.39 billion", "$47.3 billion")
    assert bare.notes == ["$48.39 billion against $47.3 billion: 2.3 % apart, beyond rounding"]
    revenue, profit = "Revenue was 48.39 billion dollars.", "Profit was 47.3 billion dollars."
    assert (await tools.compare_quantities(revenue, profit)).relation == "not_comparable"
    listed = await tools.list_sources(containing="orrel")
    assert [source.title for source in listed.sources] == ["Night bus"]


def kept_run(library: Path, report: Report) -> None:
    folder = library / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(to_json(report), "utf-8")


async def test_a_report_is_opened_by_the_id_of_its_check_alone(word_library: Path) -> None:
    report = sample_report()
    kept_run(word_library, report)
    tools = Tools(word_library, opening(word_library), Judge)
    opened = await tools.open_report(RUN, claim="1")
    assert [c.id for c in opened.claims] == [c.id for c in report.claims]
    assert opened.claim is not None
    assert opened.claim.claim == report.claims[0].text
    for name in (
        "c-1",
        f"../{RUN}",
        str(word_library / "runs" / RUN / "report.json"),
        "c-" + "f" * 24,
    ):
        with pytest.raises(UsageError):
            run_report(word_library, name)
    with pytest.raises(InputError):
        named_report(word_library, str(word_library / "nothing.json"))


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


# --- what the check of sentences is worth -------------------------------------------------


async def test_sentences_are_counted_by_what_they_are_and_what_became_of_them() -> None:
    samples = [
        PairSample(id="1", claim=TWELVE, evidence=[TWELVE], label="supported"),
        PairSample(id="2", claim=TWELVE, evidence=[FIFTEEN, "It rains."], label="conflicting"),
        PairSample(id="3", claim="It is popular.", evidence=[FIFTEEN], label="unverifiable"),
        PairSample(id="4", claim="It is popular.", evidence=[FIFTEEN], label="disputed"),
    ]
    table = await become(samples, Judge())
    assert {label: dict(counts) for label, counts in table.items()} == {
        "supported": {"supported": 1},
        "conflicting": {"left out": 1},
        "unverifiable": {"unsupported": 1},
    }


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_interval_of_a_share_holds_the_share(part: int, rest: int) -> None:
    low, high = wilson(part, part + rest)
    share = part / (part + rest) if part + rest else 0.5
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
