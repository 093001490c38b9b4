"""What a model says of an article is used as far as the article bears it out, and no further.

`tests/answers/splits.jsonl` holds thirty answers, written by hand as the prompt asks for them:
whole articles, hostile ones, ambiguous ones. They are no model's answers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.claims import Split, coverage, finish
from agent.claims.model import SENTENCES, STRETCH, ModelSplitter, stretches_of
from agent.claims.verifying import Extraction, Verified, Verifier
from agent.errors import ClaimFailed
from agent.gateway.model import LanguageModel
from agent.types import Article
from evals.matching import match
from prompts import Rendered
from tests.conftest import ANSWERS, ROOT
from tools.readers import read_file
from tools.text.sentences import sentence_spans

Case = dict[str, Any]
CASES: list[Case] = [
    json.loads(line) for line in (ANSWERS / "splits.jsonl").read_text("utf-8").splitlines()
]
NEWSROOM = ROOT / "evals" / "suites" / "newsroom"


def article_of(case: Case) -> Article:
    if "article" in case:
        known = read_file(Path(ROOT / case["article"])).model_dump(exclude={"warnings"})
    else:
        known = {"language": "en", **case}
    fields = {name: known[name] for name in Article.model_fields if name in known and name != "id"}
    return Article(id="a-0", **fields)


def article(text: str, **known: str) -> Article:
    return article_of({"text": text, **known})


def claim(quote: str, text: str, *added: str, sentence: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "sentence": sentence,
        "quote": quote,
        "text": text,
        "kind": "fact",
        "speaker": None,
        "context_added": list(added),
        "unclear": [],
        **more,
    }


def out(sentence: int, reason: str = "opinion") -> dict[str, Any]:
    return {"sentence": sentence, "reason": reason, "detail": "why"}


def verified(of: Article, *claims: dict[str, Any], excluded: Sequence[Any] = ()) -> Verified:
    answer = Extraction.model_validate({"claims": claims, "excluded": excluded})
    return Verifier(of).verify(answer, dict(enumerate(sentence_spans(of.text, of.language), 1)))


# --- answers written by hand --------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_an_honest_answer_stands_every_check(case: Case) -> None:
    of = article_of(case)
    (stretch,) = stretches_of(of)
    answer = Extraction.model_validate(case["answer"])
    found = Verifier(of).verify(answer, dict(enumerate(stretch, 1)))
    assert found.faults == {}
    assert len(found.claims) == len(answer.claims)
    split = finish(of, found.claims, found.excluded)
    assert coverage(of, split).sentences == len(stretch)


def test_thirty_answers_on_ten_articles_hostile_and_ambiguous_texts() -> None:
    kinds = [case["id"].partition("-")[0] for case in CASES]
    assert len(CASES) == 30
    assert sum("article" in case for case in CASES) == 9  # the tenth is `harbour-line.json`
    assert kinds.count("hostile") == 5
    assert kinds.count("ambiguous") == 5
    said = [c["unclear"] for case in CASES for c in case["answer"]["claims"]]
    assert all(any(c["unclear"] for c in case["answer"]["claims"]) for case in CASES
               if case["id"].startswith("ambiguous"))  # fmt: skip
    assert sum(map(bool, said)) < len(said) / 4


def test_the_answers_find_the_gold_claims_of_their_articles() -> None:
    gold = {
        line["article"]: line["claims"]
        for line in map(json.loads, (NEWSROOM / "gold.jsonl").read_text("utf-8").splitlines())
    }
    matched = wanted = found = 0
    for case in CASES:
        if claims := gold.get(case.get("article", "").partition("newsroom/")[2]):
            said = verified(article_of(case), *case["answer"]["claims"]).claims
            pairs = match(
                [c["text"] for c in claims],
                [c.text for c in said],
                gold_spans=[(c["start"], c["end"]) for c in claims],
                found_spans=[(c.start, c.end) for c in said],
            )
            matched, wanted, found = matched + len(pairs), wanted + len(claims), found + len(said)
    assert wanted == 105
    assert matched == wanted
    assert found <= 1.05 * wanted


def test_what_is_said_again_is_one_claim_of_two_places() -> None:
    (case,) = [case for case in CASES if case["id"] == "said-again"]
    of = article_of(case)
    found = verified(of, *case["answer"]["claims"])
    split = finish(of, found.claims, [])
    assert [len(c.also_at) for c in split.claims] == [1, 0]


# --- what is refused ----------------------------------------------------------------------

TOWN = article(
    "Mayor Ilse Vantreau met Tomas Reyk on Tuesday. She did not promise nearly 400 flats. "
    "The council of Port Ellery may sell the old mill in September. “We will see,” Reyk said.",
    title="Talks on the mill",
    published_at="2026-05-15",
)
MET = "Mayor Ilse Vantreau met Tomas Reyk on Tuesday."
FLATS = "She did not promise nearly 400 flats."
SELL = "The council of Port Ellery may sell the old mill in September."
SAID = "“We will see,” Reyk said."


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (claim("Mayor Vantreau met Reyk.", "Mayor Vantreau met Reyk."), "does not have these"),
        (claim(MET, ""), "no text"),
        (claim(MET, "Mayor Ilse Vantreau met Tomas Reyk in Moss on Tuesday."), "moss"),
        (claim(MET, "Mayor Ilse Vantreau met Tomas Reyk in Moss.", "in Moss"), "moss"),
        (claim(MET, "Mayor Ilse Vantreau secretly met Tomas Reyk."), "secretly"),
        (claim(MET, "Mayor Ilse Reyk met Tomas Vantreau."), "names nobody"),
        (claim(MET, "Mayor Tomas Reyk met Ilse Vantreau."), "names nobody"),
        (claim(MET, "Mayor Ilse Vantreau met Tomas Reyk on Tuesday, 13 May 2026.", "13 May 2026"),
         "date '13 May 2026'"),
        (claim(MET, "Mayor Ilse Vantreau met Tomas Reyk in May 2021.", "May 2021"), "May 2021"),
        (claim(FLATS, "Ilse Vantreau promised nearly 400 flats.", "Ilse Vantreau", sentence=2),
         "denies"),
        (claim(FLATS, "Ilse Vantreau did not promise 400 flats.", "Ilse Vantreau", sentence=2),
         "hedged"),
        (claim(FLATS, "Ilse Vantreau did not promise nearly 500 flats.", "Ilse Vantreau",
               sentence=2), "500"),
        (claim(FLATS, "She did not promise nearly 400 flats.", sentence=2), "who is 'She'"),
        (claim(SELL, "The council of Port Ellery will sell the old mill in September.", sentence=3),
         "leaves out 'may'"),
        (claim(SAID, "“We will soon see,” Tomas Reyk said.", "Tomas", sentence=4), "quotation"),
        (claim(SAID, "“We will see,” Reyk said.", sentence=4, speaker="Ilsa Reyk"), "no speaker"),
        (claim(SAID, "“We will see,” Reyk said.", sentence=4,
               unclear=["Whether Jonas Vik is meant is not said."]), "Jonas Vik"),
    ],
)  # fmt: skip
def test_what_the_article_does_not_bear_out_is_a_fault_of_that_sentence(
    wrong: dict[str, Any], why: str
) -> None:
    number = wrong["sentence"]
    found = verified(TOWN, wrong, excluded=[out(n) for n in range(1, 5) if n != number])
    assert list(found.faults) == [number]
    assert why in " ".join(found.faults[number])
    assert found.claims == []
    assert len(found.excluded) == 3


@pytest.mark.parametrize(
    "right",
    [
        claim(MET, MET),
        claim(MET, "Ilse Vantreau met Tomas Reyk on Tuesday, 12 May 2026.", "12 May 2026"),
        claim(MET, "Tomas Reyk, whom Mayor Vantreau met."),
        claim(FLATS, "Ilse Vantreau did not promise nearly 400 flats.", "Ilse Vantreau",
              sentence=2),
        claim(FLATS, "She didn’t promise nearly four hundred flats.", sentence=2,
              unclear=["Who “she” is is not said."]),
        claim(SELL, "Port Ellery’s council might sell the old mill in September 2026.", "2026",
              sentence=3),
        claim(SAID, "\"We will see\", Tomas Reyk said.", "Tomas", sentence=4, kind="quotation",
              speaker="Tomas Reyk"),
    ],
)  # fmt: skip
def test_another_order_inflection_spelling_and_resolved_dates_are_no_faults(
    right: dict[str, Any],
) -> None:
    number = right["sentence"]
    found = verified(TOWN, right, excluded=[out(n) for n in range(1, 5) if n != number])
    assert found.faults == {}
    assert [c.text for c in found.claims] == [right["text"]]


def test_a_sentence_that_is_passed_over_is_a_fault_and_one_too_many_is_nothing() -> None:
    found = verified(TOWN, claim(MET, MET), claim("x", "y", sentence=9), excluded=[out(2), out(7)])
    assert list(found.faults) == [3, 4]
    assert len(found.claims) == 1


def test_additions_that_are_none_are_not_told_and_a_quotation_needs_marks() -> None:
    (only,) = verified(TOWN, claim(MET, MET, "Tomas Reyk", "the mill", kind="quotation")).claims
    assert only.context_added == []
    assert only.kind == "fact"


def test_a_claim_counts_for_the_sentence_that_its_quote_stands_in() -> None:
    slipped = claim(SELL, SELL, sentence=2)
    found = verified(TOWN, claim(MET, MET), slipped)
    assert [c.quote for c in found.claims] == [MET, SELL]
    assert list(found.faults) == [2, 4]


def test_the_same_claim_twice_of_one_sentence_is_one() -> None:
    assert len(verified(TOWN, claim(MET, MET), claim(MET, MET)).claims) == 1


@given(st.text(max_size=200), st.text(max_size=40), st.integers(-2, 4))
@settings(max_examples=60)
def test_whatever_is_answered_each_sentence_is_in_a_claim_set_aside_or_a_fault(
    text: str, added: str, sentence: int
) -> None:
    spans = dict(enumerate(sentence_spans(TOWN.text), 1))
    answer = Extraction.model_validate(
        {"claims": [claim(MET, text, added, sentence=sentence)], "excluded": [out(2)]}
    )
    found = Verifier(TOWN).verify(answer, spans)
    for number, (start, end) in spans.items():
        claimed = any(start <= c.start < end for c in found.claims)
        set_aside = any(start <= e.start < end for e in found.excluded)
        assert claimed + set_aside + (number in found.faults) == 1
    for c in found.claims:
        assert TOWN.text[c.start : c.end] == c.quote


# --- asking -------------------------------------------------------------------------------


class Answers:
    """A model that gives one answer after another and keeps what it was asked."""

    def __init__(self, *answers: dict[str, Any] | ClaimFailed) -> None:
        self._answers = iter(answers)
        self.asked: list[str] = []

    async def answer(self, prompt: Rendered, schema: type[Extraction]) -> Extraction:
        self.asked.append(prompt.user)
        answer = next(self._answers)
        if isinstance(answer, ClaimFailed):
            raise answer
        return schema.model_validate(answer)


def split(of: Article, model: Answers) -> tuple[Split, list[str]]:
    notices: list[str] = []
    splitter = ModelSplitter(cast("LanguageModel", model), notify=notices.append)
    result = asyncio.run(splitter.split(of, lambda *_: None))
    coverage(of, result)  # raises where a sentence is lost
    return result, notices


GOOD = {
    "claims": [
        claim(MET, MET),
        claim(FLATS, "Ilse Vantreau did not promise nearly 400 flats.", "Ilse Vantreau",
              sentence=2),
        claim(SELL, SELL, sentence=3, kind="forecast"),
        claim(SAID, SAID, sentence=4, kind="quotation", speaker="Reyk"),
    ],
    "excluded": [],
}  # fmt: skip


def with_fault(*numbers: int) -> dict[str, Any]:
    """The good answer, but a word too many in the claims of some sentences."""
    return {
        "claims": [
            c | {"text": f"Secretly, {c['text']}"} if c["sentence"] in numbers else c
            for c in GOOD["claims"]
        ],
        "excluded": [],
    }


def test_one_request_is_enough_for_a_good_answer() -> None:
    model = Answers(GOOD)
    result, notices = split(TOWN, model)
    assert (len(model.asked), len(result.claims), notices) == (1, 4, [])


def test_only_the_sentences_with_a_fault_are_asked_about_again() -> None:
    model = Answers(with_fault(3), {"claims": [GOOD["claims"][2]], "excluded": []})
    result, notices = split(TOWN, model)
    assert notices == []
    assert [c.text for c in result.claims] == [c["text"] for c in GOOD["claims"]]
    again = model.asked[1]
    assert f"[3] {SELL}" in again
    assert f"[-] {MET}" in again
    assert "[1]" not in again
    assert "sentence 3: of the claim" in again
    assert "secretly" in again


def test_only_what_stays_wrong_is_split_by_rules_and_the_notice_says_so() -> None:
    model = Answers(with_fault(1, 3), with_fault(3))
    result, notices = split(TOWN, model)
    assert len(model.asked) == 2
    assert [note.partition(":")[0] for note in notices] == ["1 sentence was split by rules"]
    assert "secretly" in notices[0]
    texts = [c.text for c in result.claims]
    assert texts[0] == MET
    assert not any("Secretly" in text for text in texts)
    assert any("mill" in text for text in texts)


def test_what_the_rules_set_aside_says_that_they_did() -> None:
    of = article("The pool at Lomm has 4 lanes. Who would swim there?")
    gone = ClaimFailed("refusal", "the model refused to answer", "Use another model")
    result, notices = split(of, Answers(gone))
    assert notices == ["2 sentences were split by rules: the model refused to answer"]
    assert [e.detail.endswith("(split by rules)") for e in result.excluded] == [True]


def test_a_report_and_the_article_s_own_word_for_it_are_linked() -> None:
    of = article("The old mill at Lomm burned down in 1998. Per Dahl said the old mill at Lomm "
                 "burned down in 1998.")  # fmt: skip
    own, _, report = of.text.partition(". ")
    claims = [
        claim(own, f"{own}."),
        claim(report, report, sentence=2, speaker="Per Dahl"),
    ]
    result, _ = split(of, Answers({"claims": claims, "excluded": []}))
    assert [c.linked for c in result.claims] == [["c2"], ["c1"]]


def test_a_stretch_that_is_too_much_is_asked_about_in_halves() -> None:
    long = ClaimFailed("truncated", "the answer is cut short", "Run the command again")
    first = {"claims": GOOD["claims"][:2], "excluded": []}
    second = {
        "claims": [c | {"sentence": c["sentence"] - 2} for c in GOOD["claims"][2:]],
        "excluded": [],
    }
    model = Answers(long, first, second)
    result, notices = split(TOWN, model)
    assert (len(result.claims), notices) == (4, [])
    assert f"<context>\n{MET} {FLATS}\n</context>" in model.asked[2]


# --- stretches ----------------------------------------------------------------------------


def test_a_stretch_holds_about_1500_words_and_shows_the_paragraph_before() -> None:
    paragraph = "The harbour of Moss had 41 ships in a week, and the mill had 12 wagons. " * 10
    of = article("\n\n".join(f"{n}. {paragraph}" for n in range(40)))
    stretches = stretches_of(of)
    words = [len(of.text[s[0][0] : s[-1][1]].split()) for s in stretches]
    assert all(1300 < count <= 2000 for count in words[:-1])
    everything = {"claims": [], "excluded": [out(n) for n in range(1, SENTENCES + 1)]}
    model = Answers(*[everything] * len(stretches))
    split(of, model)
    assert "(this is the beginning)" in model.asked[0]
    shown = model.asked[1].partition("<context>\n")[2].partition("\n</context>")[0]
    assert shown.endswith(of.text[: stretches[1][0][0]].strip()[-500:])


@given(st.text(st.sampled_from("ab .!\n"), max_size=3000), st.integers(1, 40))
@settings(max_examples=40)
def test_stretches_part_the_sentences_in_order_within_their_bounds(text: str, times: int) -> None:
    of = article((text + ". ") * times)
    stretches = stretches_of(of)
    assert [span for stretch in stretches for span in stretch] == sentence_spans(of.text, "en")
    for stretch in stretches:
        assert 0 < len(stretch) <= SENTENCES
        assert stretch[-1][1] - stretch[0][0] <= STRETCH


def test_a_sentence_is_one_line_so_that_none_passes_for_another() -> None:
    text = "The mill at Moss was sold in spring to a firm whose name nobody\nwould tell."
    model = Answers({"claims": [], "excluded": [out(1), out(2)]})
    split(article(f"{text}\n\nWho?"), model)
    assert f"[1] {text.replace(chr(10), ' ')}\n\n[2] Who?\n</sentences>" in model.asked[0]
