"""Asking the library: what is quoted, what is refused, what is said to disagree."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.ask import NOT_SAID, Answer, ask, lacks_reason, without_plans
from agent.chat.conversations import credit
from agent.chat.turns import shown
from agent.cli.ask import to_text
from agent.errors import LibraryEmpty, UsageError
from agent.quoting import Sentence, choose
from agent.rate import evidence
from agent.types import Claim, Document, Evidence, Hit, Passage, Source, Stance
from tests.conftest import SOURCES, Assay
from tests.evidence import item
from tools.library import Library
from tools.models.embedder import MiniLMEmbedder

COST = "How much did the Tallis Bridge cost?"
BRIDGE, CROSSING, BUS = (source.title for source in SOURCES)


class Says:
    """A rater with one stance for each text that a passage holds, neutral otherwise."""

    name = "says"

    def __init__(self, stances: Mapping[str, Stance] | None = None) -> None:
        self.stances, self.asked = stances or {}, list[str]()

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        self.asked.append(claim.text)
        return [evidence(hit, (0, 8), self._stance(hit), 0.9) for hit in hits]

    def _stance(self, hit: Hit) -> Stance:
        return next((s for text, s in self.stances.items() if text in hit.passage.text), "neutral")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of `SOURCES` under the real embedder: nearness is the point here."""
    folder = tmp_path_factory.mktemp("ask") / "library"
    with Library.open(folder, MiniLMEmbedder(), create=True) as opened:
        for document in SOURCES:
            opened.add(document)
    return folder


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    with Library.open(folder, MiniLMEmbedder()) as opened:
        yield opened


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


# What is answered


def test_the_sentence_that_answers_is_quoted_with_its_source(library: Library) -> None:
    answer = ask("How much did the Tallis Bridge cost in euros?", library, rater=Says())
    assert answer.status == "answered"
    assert quotes(answer)[0] == "It cost 12 million euros."
    lead = answer.citations[0]
    assert (lead.title, lead.publisher, lead.published_at) == (
        BRIDGE, "Tallis Courier", "2024-05-04",
    )  # fmt: skip
    assert answer.text.splitlines() == quotes(answer)
    assert (answer.verdict, answer.statement, answer.sources_searched) == (None, None, 3)


@given(question=st.sampled_from([COST, "When was the Tallis Bridge opened?", "How long is it?"])
       | st.text(alphabet="Tallis Bridge cost?", min_size=1, max_size=30))  # fmt: skip
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_quote_is_verbatim_at_its_offsets(library: Library, question: str) -> None:
    try:
        answer = ask(question, library, rater=Says())
    except UsageError:
        return
    for citation in answer.citations:
        text = library.source(citation.source_id).text
        assert text[citation.start : citation.end] == citation.quote
    assert (answer.status == "answered") == bool(answer.citations)
    assert answer == ask(question, library, rater=Says())


def test_a_question_for_a_date_is_answered_with_one(library: Library) -> None:
    answer = ask("When was the Tallis Bridge opened?", library, rater=Says())
    assert quotes(answer) == ["The Tallis Bridge was opened on 3 May 2024 by Mayor Ada Berg."]


def test_a_date_of_something_else_does_not_answer_when(library: Library) -> None:
    answer = ask("When was the Tallis Bridge painted?", library, rater=Says())
    assert answer.status == "not_said"


HEADED = (
    "Harbour works",
    "Port office, Quay Street 4",
    "The sheds were painted.",
    "The harbour works cost much and took a year.",
    *(f"The harbour has {n} cranes of the new kind." for n in ("two", "three", "four")),
)


def test_headings_and_sentences_without_a_word_of_the_question_answer_nothing() -> None:
    text = "\n\n".join(HEADED)
    source = Source(
        id="s-1", text=text, title="Harbour works", added_at="2026-01-01T00:00:00Z", origin="s-1"
    )
    passage = Passage(id="s-1:0", source_id="s-1", number=0, start=0, end=len(text), text=text)
    hit = Hit(passage=passage, source=source, score=0.0)
    places = [(start := text.index(line), start + len(line)) for line in HEADED]
    near = [Sentence(hit, start, end, 0.9, 1.9) for start, end in places]
    chosen, _ = choose("What about the harbour?", "any", near)
    assert [sentence.text for sentence in chosen] == [*HEADED[3:6]]


def test_a_word_of_the_question_that_the_title_lacks_has_to_be_told() -> None:
    lines = ["The harbour has a crane.", "The harbour master is Gustav Leem."]
    text = " ".join(lines)
    source = Source(
        id="s-1", text=text, title="The harbour", added_at="2026-01-01T00:00:00Z", origin="s-1"
    )
    passage = Passage(id="s-1:0", source_id="s-1", number=0, start=0, end=len(text), text=text)
    hit = Hit(passage=passage, source=source, score=0.0)
    near = [Sentence(hit, s := text.index(line), s + len(line), 0.9, 1.9) for line in lines]
    for question, told in (("Who is the harbour master?", lines[1:]), ("The harbour?", lines)):
        chosen, _ = choose(question, "any", near)
        assert [sentence.text for sentence in chosen] == told


@pytest.mark.parametrize(
    ("quote", "stated", "supported"),
    [
        ("Work on the bridge is to begin in May.", "Work has begun.", False),
        ("Work on the bridge is to begin in May.", "Work will begin.", True),
        ("Work on the bridge began in May.", "Work has begun.", True),
        ("It will be red, the council was told.", "The council was told that it is red.", True),
    ],
)
def test_what_is_planned_does_not_show_that_it_was_done(
    quote: str, stated: str, supported: bool
) -> None:
    given = item("supports", source="s-1").model_copy(update={"quote": quote})
    (told,) = without_plans(stated, [given])
    assert (told.stance == "supports") is supported


def test_a_question_why_that_gets_no_reason_is_told_so() -> None:
    plain, reason = "Ada Berg resigned on Monday.", "Bo Dahl resigned because he was ill."
    assert lacks_reason("Why did they resign?", [plain])
    assert not lacks_reason("Why did they resign?", [plain, reason])
    assert not lacks_reason("Did they resign?", [plain])


def test_what_nothing_comes_near_to_is_not_said(library: Library) -> None:
    for question in ("Who painted the ceiling of the opera?", "What is the capital of Portugal?"):
        answer = ask(question, library, rater=Says())
        assert (answer.status, answer.text, answer.citations) == ("not_said", NOT_SAID, [])
        assert "Searched 3 sources" in answer.explanation


def test_a_year_that_no_source_tells_is_not_answered_with_another(library: Library) -> None:
    assert ask("When was the Tallis Bridge opened in 2024?", library, rater=Says()).citations
    assert not ask("When was the Tallis Bridge opened in 1931?", library, rater=Says()).citations


def test_copies_speak_once(tmp_path: Path) -> None:
    story = (
        "The mill at Orrel was sold for 7 million euros to the heirs of Joan Pell. The town had "
        "hoped to buy it, but the council found no bank that would lend the money. "
        "A museum of milling was planned in the upper floors, with a café by the weir."
    )
    with Library.open(tmp_path / "mills", MiniLMEmbedder(), create=True) as opened:
        opened.add(Document(text=story, title="Mill sold", published_at="2025-01-01"))
        opened.add(Document(text=story + " By our staff.", title="Mill sold",
                            published_at="2025-01-02"))  # fmt: skip
    with Library.open(tmp_path / "mills", MiniLMEmbedder()) as opened:
        first, second = opened.sources()
        assert first.origin == second.origin
        answer = ask("For how much was the mill at Orrel sold?", opened, rater=Says())
    (citation,) = answer.citations
    assert {citation.source_id, *citation.also_in} == {first.id, second.id}


def test_what_is_left_out_is_not_quoted(library: Library) -> None:
    first = library.sources()[0]
    later = ask(COST, library, rater=Says(), as_of="2024-05-31")
    assert {c.source_id for c in later.citations} <= {first.id}
    assert later.sources_searched == 1
    without = ask(COST, library, rater=Says(), exclude=[first.id[:8]])
    assert first.id not in {c.source_id for c in without.citations}
    assert without.sources_searched == 2


def test_a_superseded_source_is_not_quoted_unless_it_was_the_newest_then(tmp_path: Path) -> None:
    with Library.open(tmp_path / "tolls", MiniLMEmbedder(), create=True) as opened:
        for day, toll in [("2025-01-01", "four"), ("2025-06-01", "five")]:
            opened.add(
                Document(
                    text=f"The toll for cars on the Tallis Bridge is {toll} euros.",
                    url="https://tallis.example/toll",
                    published_at=day,
                )
            )
        asked = "What is the toll for cars on the Tallis Bridge?"
        assert "five" in ask(asked, opened, rater=Says()).text
        assert ask(asked, opened, rater=Says()).sources_searched == 1
        assert "four" in ask(asked, opened, rater=Says(), as_of="2025-03-01").text


# Both sides


@pytest.fixture(scope="module")
def two_sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Two sources that have nothing in common but their subject."""
    folder = tmp_path_factory.mktemp("sides") / "library"
    texts = (
        "The bus depot at Orrel houses 40 buses. Ada Berg opened the bus depot at Orrel in May.",
        "At Orrel the bus depot houses 55 buses. The bus depot at Orrel was opened by Joan Pell.",
    )
    with Library.open(folder, MiniLMEmbedder(), create=True) as opened:
        for text in texts:
            opened.add(Document(text=text, title="Depot"))
    with Library.open(folder, MiniLMEmbedder()) as opened:
        yield opened


def test_figures_that_differ_are_told_to_differ(two_sides: Library) -> None:
    answer = ask("How many buses does the bus depot at Orrel house?", two_sides, rater=Says())
    assert {"40 buses" in quote for quote in quotes(answer)} == {True, False}
    assert len({c.origin for c in answer.citations}) == 2
    assert answer.disagreement


class Contradicts(Says):
    """A rater to whom every passage is a contradiction, word for word."""

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        return [evidence(h, (0, len(h.passage.text)), "contradicts", 0.9) for h in hits]


@pytest.mark.parametrize(("later", "told"), [("2026-05-12", True), ("2023-01-09", False)])
def test_an_estimate_that_is_nearest_does_not_hide_what_came_of_it(
    later: str, told: bool, tmp_path: Path
) -> None:
    texts = {
        "2024-11-06": ("How much the Orrel mill would cost", "The mill will cost €3 million."),
        later: (
            "Orrel council decides",
            "The vote was close. Building the mill will cost €5 million.",
        ),
    }
    with Library.open(tmp_path / "mill", MiniLMEmbedder(), create=True) as opened:
        for day, (title, text) in texts.items():
            opened.add(Document(text=text, title=title, published_at=day))
    with Library.open(tmp_path / "mill", MiniLMEmbedder()) as opened:
        answer = ask("How much would the Orrel mill cost?", opened, rater=Contradicts())
    assert "€3 million" in quotes(answer)[0]
    assert ("€5 million" in answer.text, answer.disagreement) == (told, told)


def test_a_passage_that_the_rater_finds_contradicting_is_told(two_sides: Library) -> None:
    question = "Who opened the bus depot at Orrel?"
    quiet = ask(question, two_sides, rater=Says())
    assert len({c.origin for c in quiet.citations}) == 2
    assert not quiet.disagreement
    assert ask(question, two_sides, rater=Says({"opened": "contradicts"})).disagreement


# Statements


def test_a_statement_is_rated_and_decided_like_a_claim(library: Library) -> None:
    rater = Says({"12 million": "supports"})
    answer = ask("Is it true that the Tallis Bridge cost 12 million euros?", library, rater=rater)
    assert rater.asked == ["The Tallis Bridge cost 12 million euros."]
    assert answer.statement == rater.asked[0]
    assert (answer.status, answer.verdict) == ("answered", "supported")
    assert [(c.title, c.stance) for c in answer.citations] == [(BRIDGE, "supports")]
    assert answer.confidence == 0.9
    assert not answer.disagreement


def test_both_sides_of_a_statement_are_quoted(library: Library) -> None:
    rater = Says({"12 million": "supports", "15 million": "contradicts"})
    answer = ask("Did the Tallis Bridge cost 12 million euros?", library, rater=rater)
    assert answer.verdict == "conflicting"
    assert {c.stance for c in answer.citations} == {"supports", "contradicts"}
    assert answer.disagreement


def test_a_statement_that_nothing_decides_is_not_said(library: Library) -> None:
    answer = ask("Is it true that Ada Berg likes trains?", library, rater=Says())
    assert (answer.status, answer.text) == ("not_said", NOT_SAID)
    assert (answer.verdict, answer.citations) == ("unverifiable", [])


def test_what_comes_nearest_to_a_statement_that_nothing_decides_is_quoted(library: Library) -> None:
    answer = ask("Was the Tallis Bridge opened by Mayor Ada Berg?", library, rater=Says())
    assert (answer.status, answer.text, answer.verdict) == ("not_said", NOT_SAID, "unverifiable")
    assert "The Tallis Bridge was opened on 3 May 2024 by Mayor Ada Berg." in quotes(answer)
    assert {citation.stance for citation in answer.citations} == {"neutral"}
    said, *nearest = shown(answer)
    assert said.status == "not_said" and "nearest is quoted" in said.text
    assert [each.text for each in nearest] == quotes(answer)
    assert "neutral" not in to_text(answer)


def test_the_embedded_judge_rates_where_no_rater_is_given(library: Library) -> None:
    answer = ask("Is it true that the Tallis Bridge cost 12 million euros?", library)
    assert answer.verdict in ("supported", "conflicting", "unverifiable")


def test_news_of_the_year_asked_for_is_rated_without_it(tmp_path: Path) -> None:
    """News does not name its own year, and what was reported in another year says nothing."""
    texts = {
        "2025-09-14": "Rolf Lind won the Orrel Race on Sunday, in the rain and by a minute.",
        "2026-09-13": "Tessa Ek won the Orrel Race on Sunday; nobody had run it so fast before.",
    }
    with Library.open(tmp_path / "races", MiniLMEmbedder(), create=True) as opened:
        for day, text in texts.items():
            opened.add(Document(text=text, title=f"Race {day}", published_at=day,
                                publisher="Wire"))  # fmt: skip
    with Library.open(tmp_path / "races", MiniLMEmbedder()) as opened:
        rater = Says({"Rolf": "supports", "Tessa": "contradicts"})
        answer = ask("Did Rolf Lind win the Orrel Race in 2025?", opened, rater=rater)
        assert sorted(rater.asked, key=len) == [
            "Rolf Lind did win the Orrel Race.", "Rolf Lind did win the Orrel Race in 2025.",
        ]  # fmt: skip
        assert (answer.verdict, len(answer.citations)) == ("supported", 1)
        both = Says({"Rolf": "supports", "Tessa": "contradicts"})
        answer = ask("Did somebody win the Orrel Race?", opened, rater=both)
    assert "Wire (“Race 2025-09-14”)" in answer.explanation
    assert "Wire (“Race 2026-09-13”)" in answer.explanation
    assert {citation.publisher for citation in answer.citations} == {"Wire"}


# Periods


def test_what_is_of_another_period_is_said_to_be(tmp_path: Path) -> None:
    text = "Between January and April 146 people caught measles in Orrel. Nine of them are babies."
    with Library.open(tmp_path / "measles", MiniLMEmbedder(), create=True) as opened:
        opened.add(Document(text=text, title="Measles in Orrel", published_at="2026-05-05"))
    with Library.open(tmp_path / "measles", MiniLMEmbedder()) as opened:
        within = ask("How many people in Orrel caught measles in May?", opened, rater=Says())
        assert within.other_period
        assert "(in May); what is quoted is of another" in within.explanation
        whole = ask(
            "How many people in Orrel caught measles from January to April?", opened, rater=Says()
        )
        assert not whole.other_period
        assert "146" in whole.text


def test_sources_without_a_date_are_told_of(tmp_path: Path) -> None:
    with Library.open(tmp_path / "mixed", MiniLMEmbedder(), create=True) as opened:
        opened.add(Document(text="The Orrel mill cost 7 million euros in all.", title="Mill"))
    with Library.open(tmp_path / "mixed", MiniLMEmbedder()) as opened:
        question = "How much did the Orrel mill cost in euros?"
        assert "no date" in ask(question, opened, rater=Says(), as_of="2020-01-01").explanation
        assert not ask(question, opened, rater=Says()).explanation


# Faults


def test_a_question_that_is_not_english_is_wrong_usage(library: Library) -> None:
    with pytest.raises(UsageError, match="not in English"):
        ask("Wie viele Menschen kamen zur Eröffnung der Brücke?", library)


@pytest.mark.parametrize("question", ["", "  ", "?!"])
def test_an_empty_question_is_wrong_usage(library: Library, question: str) -> None:
    with pytest.raises(UsageError, match="the question is empty"):
        ask(question, library)


@pytest.mark.parametrize("day", ["soon", "2024", "2024-05-31T10:00"])
def test_a_day_that_is_none_is_wrong_usage(library: Library, day: str) -> None:
    with pytest.raises(UsageError, match="is no date"):
        ask(COST, library, as_of=day)


def test_a_source_that_is_not_there_cannot_be_left_out(library: Library) -> None:
    with pytest.raises(UsageError):
        ask(COST, library, exclude=["s-nothing"])


def test_a_library_with_nothing_left_says_so(library: Library) -> None:
    with pytest.raises(LibraryEmpty, match="has no source to answer from"):
        ask(COST, library, as_of="1999-01-01")


# The command


def test_the_command_prints_quotes_and_credits(assay: Assay, folder: Path) -> None:
    result = assay("ask", COST, "--library", folder)
    assert (result.code, result.err) == (0, "")
    assert "“It cost 12 million euros.”" in result.out
    assert "Tallis Courier · Bridge opened · 4 May 2024 · s-" in result.out
    assert "not reasoned" in result.out


def test_the_command_says_what_is_not_said(assay: Assay, folder: Path) -> None:
    result = assay("ask", "What is the capital of Portugal?", "--library", folder)
    assert result.code == 0
    assert result.out.startswith(NOT_SAID)


def test_json_is_the_answer_and_nothing_else(assay: Assay, folder: Path, tmp_path: Path) -> None:
    result = assay("ask", COST, "--library", folder, "--json")
    answer = Answer.model_validate(result.json)
    assert answer.citations
    file = tmp_path / "answer.json"
    quiet = ("--json", "--out", file, "--quiet")
    assert assay("ask", COST, "--library", folder, *quiet).out == ""
    assert Answer.model_validate_json(file.read_text("utf-8")) == answer


def test_nothing_in_a_source_steers_the_terminal(assay: Assay, tmp_path: Path) -> None:
    text = "The Orrel tower cost 9 million euros\x1b[2J\u202e in all."
    with Library.open(tmp_path / "towers", MiniLMEmbedder(), create=True) as opened:
        opened.add(Document(text=text, title="Tower\x1b]0;x\x07"))
    question = "How much did the Orrel tower cost in euros?"
    out = assay("ask", question, "--library", tmp_path / "towers").out
    assert "9 million euros" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_sources_are_narrowed_as_for_a_check(assay: Assay, word_library: Path) -> None:
    def searched(*narrowed: str) -> int:
        asked = ("ask", "Which sources disagree on the bridge?", "--json", *narrowed)
        return int(assay(*asked, "--library", word_library).json["sources_searched"])

    assert searched() == 3
    assert searched("--since", "2024-06-01") == 2
    assert searched("--since", "2024-06-01", "--as-of", "2024-12-31") == 1
    assert searched("--source-publisher", "Valley Post", "--language", "en") == 1
    result = assay("ask", "How long is it?", "--tag", "harbour", "--library", word_library)
    assert (result.code, "with the tag 'harbour'" in result.message) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("",), 2, "the question is empty"),
        (("Who?", "--model", "openai:some"), 6, "OPENAI_API_KEY is not set"),
        (("Who?", "--model", "some"), 2, "'some' is no model"),
        (("Who?", "--model", "scripted:x", "--as-of", "2026-01-01"), 2, "without a model"),
        (("Who?", "--base-url", "http://127.0.0.1/v1"), 2, "no server is asked"),
        (("Who?", "--report", "nothing.json"), 3, "nothing.json cannot be read"),
        (("Who?", "--as-of", "soon"), 2, "'soon' is no date"),
        (("Who?", "--exclude-source", "s-nothing"), 2, "s-nothing"),
        (("Who?", "--out", "/"), 2, "is a folder"),
    ],
)
def test_wrong_use_is_one_message(
    assay: Assay, folder: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = assay("ask", *arguments, "--library", folder)
    assert result.code == code
    assert message in result.message


def test_no_library_is_exit_code_4(assay: Assay, tmp_path: Path) -> None:
    assert assay("ask", "Who?", "--library", tmp_path / "none").code == 4


def test_a_source_that_the_user_distrusts_is_marked_wherever_it_is_quoted(
    folder: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    with Library.open(copy, MiniLMEmbedder(), write=True) as opened:
        opened.set_reputation("Tallis Courier", "distrusted")
        answers = [
            ask(question, opened, rater=Says({"12 million": "supports"}))
            for question in (COST, "Is it true that the Tallis Bridge cost 12 million euros?")
        ]
    for answer in answers:
        marked = {each.publisher: each.reputation for each in answer.citations}
        assert marked["Tallis Courier"] == "distrusted"
        assert {marked[name] for name in marked if name != "Tallis Courier"} <= {"neutral"}
        for text in (to_text(answer), *map(credit, answer.citations[:1])):
            assert "distrusted by you, not counted" in text
