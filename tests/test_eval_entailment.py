"""What claims say of one another and of their text: cases by hand, and the judge against people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from agent.rate.judge import EmbeddedJudge, Judgement
from agent.rate.windows import Pair
from agent.types import Article, Claim
from evals.entailment import Statement, covering, entailed, premises, says
from evals.matching import has_unnamed_body
from evals.metrics import ratios
from evals.outcomes import accounted
from evals.scoring import figures
from tools.text.sentences import sentence_spans

BY_HAND = Path(__file__).parent / "cases" / "entailment_by_hand.jsonl"


class _Scripted:
    """A judge that takes just these (claim, text) to follow, and keeps what it was asked."""

    def __init__(self, *follows: tuple[str, str]) -> None:
        self.follows, self.asked = set(follows), list[tuple[str, str]]()

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        self.asked += [(pair.claim, pair.passage) for pair in pairs]
        said = [(p.claim, p.passage) in self.follows for p in pairs]
        blank = ((0, 0), (0, 0), (), ())
        return [
            Judgement((0.9, 0.0, 0.1) if yes else (0.1, 0.0, 0.9), *cast(Any, blank))
            for yes in said
        ]


def scripted(*follows: tuple[str, str]) -> Any:
    return _Scripted(*follows)


# Coverage


def test_one_claim_covers_several_atoms_and_is_covered_by_them() -> None:
    gold = [Statement("The ferry carries 400 people."), Statement("The ferry carries 60 cars.")]
    found = [Statement("The ferry carries 400 people and 60 cars.")]
    judge = scripted()
    covered = covering(judge, gold, found)
    assert (covered.gold, covered.found) == ([True, True], [True])
    assert judge.asked == []


def test_where_words_do_not_tell_the_judge_is_asked_with_all_claims_beside() -> None:
    gold = [Statement("The boat sank."), Statement("Nobody drowned.")]
    found = [Statement("The vessel went down."), Statement("All aboard survived.")]
    text = "The vessel went down.\nAll aboard survived."
    covered = covering(scripted(("The boat sank.", text)), gold, found)
    assert (covered.gold, covered.found) == ([True, False], [False, False])


def test_claims_of_different_sentences_say_nothing_of_one_another() -> None:
    text = "The mill opened in 1901. The mill opened in 1901 again."
    spans = sentence_spans(text)
    gold = [Statement("The mill opened in 1901.", span=spans[0])]
    found = [Statement("The mill opened in 1901.", span=spans[1])]
    judge = scripted()
    covered = covering(judge, gold, found, spans)
    assert (covered.gold, covered.found, judge.asked) == ([False], [False], [])


def test_a_gold_claim_is_asked_for_in_the_words_of_the_text() -> None:
    gold = [Statement("Adults pay £6.20 at Ashgrove Baths.", quote="adults pay £6.20")]
    covered = covering(scripted(), gold, [Statement("Adults pay £6.20 and pensioners half.")])
    assert covered.gold == [True]


def test_names_that_a_claim_was_given_need_not_be_in_the_gold() -> None:
    gold = [Statement("He pitched ten innings.")]
    named = Statement("Miguel Orr pitched ten innings.", added=["Miguel Orr"])
    assert covering(scripted(), gold, [named]).found == [True]


@pytest.mark.parametrize(
    ("texts", "claim", "least", "said"),
    [
        (["The baths cost £5 million."], "The baths cost £5 million.", 1.0, True),
        (["The baths cost £5 million."], "The baths cost £6 million.", 0.5, False),
        (["The baths did not close."], "The baths did close.", 1.0, False),
        (["The old baths close."], "The old town baths close.", 1.0, False),
        (["The old baths close."], "The old town baths close.", 0.75, True),
        ([], "The baths close.", 0.5, False),
        (["The baths close."], "And so it is.", 1.0, False),
    ],
)
def test_what_texts_say_by_their_words(
    texts: list[str], claim: str, least: float, said: bool
) -> None:
    assert says(texts, claim, least=least) is said


def sample(gold: list[bool], found: list[bool], **more: Any) -> dict[str, Any]:
    promises = {"verbatim": True, "offsets": True, "dangling_pronoun": False,
                "relative_date": False, "unnamed_body": False, "stands_alone": True,
                "entailed": True} | more  # fmt: skip
    return {
        "id": "x", "gold": ["G."] * len(gold), "error": None, "matches": [], "gold_covered": gold,
        "prediction": [promises | {"covered": said} for said in found],
        "accounted": {"sentences": 4, "accounted": 3},
    }  # fmt: skip


def test_the_figures_of_extraction_by_hand() -> None:
    outcomes = [
        sample([True, True, True, False], [True, False]),
        sample([True, False], [True, True], entailed=False, stands_alone=False),
    ]
    found = figures("extraction", outcomes, seed=0)
    # Four of six gold claims are covered, three of four extracted ones.
    assert found["claims_recall"] == pytest.approx(4 / 6, abs=1e-6)
    assert found["claims_precision"] == 0.75
    assert found["claims_f1"] == pytest.approx(2 * (4 / 6) * 0.75 / (4 / 6 + 0.75), abs=1e-6)
    assert (found["entailed"], found["stands_alone"]) == (0.5, 0.5)
    assert found["sentences_accounted"] == 0.75
    assert found["recall"] == 0.0  # one to one, nothing is matched


def test_a_harmonic_mean_is_zero_where_one_side_is_and_unknown_where_nothing_was() -> None:
    names = {"both": ("p", "r")}
    nothing = ratios({"p": ([0], [0]), "r": ([0], [0])}, 0, harmonic=names)
    assert (nothing["both"], nothing["ci"]["both"]) == (None, None)
    missed = ratios({"p": ([0], [0]), "r": ([0], [3])}, 0, harmonic=names)
    assert missed["both"] == 0.0
    half = ratios({"p": ([1, 1], [1, 1]), "r": ([1, 0], [2, 1])}, 0, harmonic=names)
    assert half["both"] == 0.5


def test_every_sentence_that_shares_a_character_with_a_span_is_accounted_for() -> None:
    sentences = [(0, 10), (11, 20), (21, 30), (31, 40)]
    assert accounted(sentences, [(25, 26), (5, 12)]) == {"sentences": 4, "accounted": 3}
    assert accounted(sentences, [(0, 40), (3, 4)]) == {"sentences": 4, "accounted": 4}
    assert accounted(sentences, [(10, 11), (40, 50)]) == {"sentences": 4, "accounted": 0}
    assert accounted([], []) == {"sentences": 0, "accounted": 0}


@pytest.mark.parametrize(
    ("claim", "unnamed"),
    [
        ("The company cut 300 jobs.", True),
        ("Ana Brandt said the company would grow.", True),
        ("Skarra Line said that the company would grow, and the ferry with it.", True),
        ("At Skarra Line the company canteen closed.", False),
        ("Skarra cut 300 jobs, and the company closed two plants.", False),
        ("The company Skarra Line cut 300 jobs.", False),
        ("The council of Brackenford voted.", False),
        ("The ferry carries 400 people.", False),
    ],
)
def test_a_body_without_a_name_does_not_stand_alone(claim: str, unnamed: bool) -> None:
    assert has_unnamed_body(claim) is unnamed


# What a claim is held against

TEXT = "Ana Brandt runs Skarra Line. Costs rose. She resigned on Tuesday. It rained."


def claim(text: str, quote: str, *added: str) -> Claim:
    start = TEXT.index(quote)
    return Claim(id="c1", text=text, quote=quote, start=start, end=start + len(quote),
                 context_added=list(added))  # fmt: skip


def test_a_claim_is_held_against_its_sentence_and_where_its_additions_stand() -> None:
    article = Article(id="a-1", text=TEXT, published_at="2026-05-14")
    found = premises(
        article,
        [
            claim("Costs rose.", "Costs rose."),
            claim("Ana Brandt resigned on Tuesday (12 May 2026).", "She resigned on Tuesday.",
                  "Ana Brandt", "12 May 2026"),
            claim("Bo Lund resigned.", "She resigned on Tuesday.", "Bo Lund"),
        ],
    )  # fmt: skip
    assert found == [
        "Costs rose.",
        "Ana Brandt runs Skarra Line. She resigned on Tuesday (12 May 2026).",
        "She resigned on Tuesday (12 May 2026).",
    ]


def test_the_embedded_judge_agrees_with_people_on_what_follows() -> None:
    """A hundred claims that the rules found in our articles, and fifty broken by hand."""
    lines = [json.loads(line) for line in BY_HAND.read_text("utf-8").splitlines()]
    said = entailed(EmbeddedJudge(), [(line["claim"], line["text"]) for line in lines])
    agree = [line["entailed"] == yes for line, yes in zip(lines, said, strict=True)]
    found = [a for line, a in zip(lines, agree, strict=True) if line["id"][0] == "f"]
    broken = [a for line, a in zip(lines, agree, strict=True) if line["id"][0] == "b"]
    assert (len(found), len(broken)) == (100, 50)
    assert sum(found) >= 95
    # It overlooks many: the share that it calls entailed is the most that it can be.
    assert sum(broken) >= 25
