"""Rewrites keep what a sentence says, and their false twins do not."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.types import VERDICTS
from tools.training.reworded.rewrite_clauses import apposed, indirect, ordered, voice
from tools.training.reworded.rewrite_dates import dated
from tools.training.reworded.rewrite_details import details, shortened, without
from tools.training.reworded.rewrite_figures import (
    bounded,
    converted,
    figures,
    rounded,
    shares,
    spelled,
)
from tools.training.reworded.rewrite_strength import graded, nominal
from tools.training.reworded.rewrite_text import Rewrite, Rule, is_claimable, tidy
from tools.training.reworded.rewrite_words import reworded, spun, synonyms
from tools.training.reworded.rewrites import LONGEST_PASSAGE, rewritten_pairs

ARTICLE = """The Harbour Trust bought 52 barges in Port Lowen on 3 May 2021. They were built by
Nora Quist in 1998. The yard employs 1,480 people and has a dock of 12 hectares. Nora Quist, the
director of the trust, said the yard may close before the winter. Some of the workers left the town
because the wages fell by 14 percent. "The yard is one of the oldest docks in the country," said
Nora Quist. After the strike began, the council approved a loan of $3.2 million. The council met
three times in the first quarter of 2020. Ada Brenn is a surveyor and painter. She won the regional
prize in 2015. About a third of the hull had rusted, and the crew replaced the plates."""
OTHER = """The Vell Observatory opened in 1962 near Castle Hoy. The telescope was designed by
Ivor Maas in 1958. Twelve students measured the orbit of a small comet in October 1999.
Marta Oll, a lecturer, found that most of the plates were damaged. The dome is 18 metres high."""
TEXTS = [("barges", ARTICLE), ("comets", OTHER)]


def made(rule: Rule, sentence: str, *, seeds: int = 40) -> set[tuple[str, str, str]]:
    """What a rule yields over many seeds: (claim, label, what the passage says)."""
    return {
        (rewrite.claim, rewrite.label, rewrite.told or sentence)
        for seed in range(seeds)
        for rewrite in rule(sentence, random.Random(seed))
    }


def claims(rule: Rule, sentence: str, label: str) -> set[str]:
    """The claims with a label where the passage keeps the sentence."""
    return {c for c, lab, told in made(rule, sentence) if lab == label and told == sentence}


def numbers(text: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


# --- Figures --------------------------------------------------------------------------


@given(st.integers(13, 99_999), st.integers(0, 1000))
def test_a_rounded_figure_is_near_and_its_hedge_is_on_the_right_side(value: int, seed: int) -> None:
    sentence = f"The old harbour has {value:,} barges in its northern docks."
    for rewrite in rounded(sentence, random.Random(seed)):
        if rewrite.told or rewrite.label != "supported":
            continue
        (goal,) = numbers(rewrite.claim)
        assert abs(goal - value) <= 0.05 * value
        if re.search(r"more than|over|at least", rewrite.claim):
            assert goal < value
        if re.search(r"nearly|almost|just under|close to", rewrite.claim):
            assert goal > value


@given(st.integers(13, 99_999), st.integers(0, 1000))
def test_a_conflicting_rounding_is_false_of_what_the_passage_says(value: int, seed: int) -> None:
    sentence = f"The old harbour has {value:,} barges in its northern docks."
    for rewrite in rounded(sentence, random.Random(seed)):
        if rewrite.label != "conflicting":
            continue
        (goal,), (told,) = numbers(rewrite.claim), numbers(rewrite.told or sentence)
        if re.search(r"more than|at least|\bover\b", rewrite.claim):
            assert goal > told
        elif re.search(r"less than|at most|(?<!just )under", rewrite.claim):
            assert goal < told
        else:
            assert abs(goal - told) > 0.15 * told


@given(st.integers(5, 99_999), st.integers(0, 1000))
def test_bounds_hold_exactly_where_they_are_called_supported(value: int, seed: int) -> None:
    sentence = f"The old harbour has {value:,} barges in its northern docks."
    for rewrite in bounded(sentence, random.Random(seed)):
        (goal,) = numbers(rewrite.claim)
        lower = re.search(r"at least|more than|over", rewrite.claim) is not None
        assert (rewrite.label == "supported") == (goal < value if lower else goal > value)


def test_more_than_a_higher_figure_is_open_where_only_a_lower_bound_is_told() -> None:
    sentence = "More than 1,000 troops were sent to the border by the government."
    labels = {(numbers(c)[0] > 1000, label) for c, label, _ in made(bounded, sentence)}
    assert labels == {(True, "unverifiable"), (False, "supported"), (False, "conflicting")}


def test_hedged_figures_ages_and_ranges_are_left_alone() -> None:
    assert not figures("About 520 people came to the show in the old town.")
    assert not figures("The ship carried between 40 and 60 passengers on that day.")
    assert not figures("The 1987–95 series had a large audience in many countries.")
    assert not figures("The road is 12 miles (19 km) long and leads to the sea.")


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        ("The new road runs for 100 kilometres along the coast.", r"\b62(\.1)? miles"),
        ("The talks between the two sides lasted 14 days.", r"\b(2|two) weeks|336 hours"),
        ("The prisoners were held for two years without charge.", r"\b24 months"),
        ("The farm covers 10 hectares of land near the river.", r"\b(25|24\.7) acres"),
    ],
)  # fmt: skip
def test_conversions_are_exact_and_wrong_ones_are_not(sentence: str, right: str) -> None:
    good, bad = (claims(converted, sentence, label) for label in ("supported", "conflicting"))
    assert good and bad
    assert all(re.search(right, claim) for claim in good)
    assert not any(re.search(right, claim) for claim in bad)


def test_number_words_and_digits_stand_for_each_other() -> None:
    sentence = "The council elected seven members in a secret ballot."
    assert claims(spelled, sentence, "supported") == {sentence.replace("seven", "7")}
    assert all("7 members" not in claim for claim in claims(spelled, sentence, "conflicting"))


def test_a_share_is_told_as_a_fraction() -> None:
    sentence = "The poll found that 33% of the voters were still undecided."
    good = claims(shares, sentence, "supported")
    assert any("third of the voters" in claim for claim in good)
    assert not any(re.search(r"third of|less than half|minority", claim)
                   for claim in claims(shares, sentence, "conflicting"))  # fmt: skip


def test_dates_may_be_told_more_coarsely_but_not_otherwise() -> None:
    sentence = "The museum in the old mill opened on 3 May 2021."
    good = claims(dated, sentence, "supported")
    assert any(claim.endswith("in May 2021.") for claim in good)
    assert any("second quarter of 2021" in claim for claim in good)
    for claim in claims(dated, sentence, "conflicting"):
        assert claim not in good


def test_a_superlative_of_a_month_is_not_told_of_its_year() -> None:
    sentence = "The song was the most popular single in May 2021."
    assert not any(c.endswith("in 2021.") for c in claims(dated, sentence, "supported"))


@given(st.integers(1800, 2019), st.integers(1, 12), st.integers(0, 500))
def test_a_conflicting_date_never_covers_the_true_one(year: int, month: int, seed: int) -> None:
    name = ("January February March April May June July August September October November "
            "December").split()[month - 1]  # fmt: skip
    sentence = f"The bridge over the river collapsed in {name} {year}."
    for rewrite in dated(sentence, random.Random(seed)):
        if rewrite.label == "conflicting" and rewrite.told is None:
            told = re.search(r"\d{4}", rewrite.claim)
            same_year = told is not None and int(told[0]) == year
            assert not (
                same_year and (name in rewrite.claim or rewrite.claim.endswith(f"in {year}."))
            )


# --- Words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The bank acquired the insurer after long talks.", "bought|purchased"),
        ("Profits rose by 14 percent over the whole year.", "climbed|increased"),
        ("The flight had been cancelled because of the fog.", "due to|owing to"),
        ("The kids were taken home by the local police.", "children"),
        ("The editor is trying to reach the old office.", "attempting"),
    ],
)
def test_synonyms_keep_their_inflection(sentence: str, expected: str) -> None:
    found = {synonyms(sentence, random.Random(seed)) for seed in range(20)}
    assert any(claim and re.search(expected, claim) for claim in found)


def test_an_article_follows_the_word_after_it() -> None:
    claim = synonyms("He was a sick man who lived in a huge house by the sea.", random.Random(0))
    assert (claim is not None and "an enormous" in claim) or "a massive" in str(claim)


def test_words_inside_quotations_are_not_exchanged() -> None:
    assert synonyms("The notice reads “the kids bought a car”.", random.Random(0)) is None


def test_the_opposite_word_conflicts_in_claim_or_passage() -> None:
    sentence = "Sales of the film rose by 14 percent, the company said."
    pairs = {(c, told) for c, label, told in made(reworded, sentence) if label == "conflicting"}
    assert any(re.search("fell|dropped|declined", claim) for claim, _ in pairs)
    assert any("fell" in told for _, told in pairs)


def test_spinning_changes_common_words_only() -> None:
    text = spun("The company reached the line in Lowen on 3 May 2021.", random.Random(1))
    assert "Lowen" in text and "3 May 2021" in text
    assert text != "The company reached the line in Lowen on 3 May 2021."


# --- Clauses --------------------------------------------------------------------------


def test_a_passive_becomes_active_and_another_doer_conflicts() -> None:
    sentence = "The Lamp Office was designed by Ivor Maas in 1958."
    pool = {"designed": ["Nora Quist"]}
    pairs = made(lambda s, rng: voice(s, rng, pool), sentence)
    assert ("Ivor Maas designed the Lamp Office in 1958.", "supported", sentence) in pairs
    assert ("Nora Quist designed the Lamp Office in 1958.", "conflicting", sentence) in pairs
    told = sentence.replace("Ivor Maas", "Nora Quist")
    assert ("Ivor Maas designed the Lamp Office in 1958.", "conflicting", told) in pairs


def test_roles_turned_round_conflict() -> None:
    sentence = "Nora Quist defeated Marta Oll in 2015."
    pairs = made(lambda s, rng: voice(s, rng, {}), sentence)
    assert ("Marta Oll was defeated by Nora Quist in 2015.", "supported", sentence) in pairs
    assert ("Nora Quist was defeated by Marta Oll in 2015.", "conflicting", sentence) in pairs


def test_clauses_change_places_and_before_is_not_after() -> None:
    sentence = "After the strike began, the council approved a loan."
    pairs = made(ordered, sentence)
    assert ("The council approved a loan after the strike began.", "supported", sentence) in pairs
    assert (
        "The council approved a loan before the strike began.",
        "conflicting",
        sentence,
    ) in pairs


def test_an_apposition_becomes_a_sentence() -> None:
    sentence = "Nora Quist, the director of the trust, said the yard was safe."
    pairs = made(lambda s, rng: apposed(s, rng, {"apposed": ["Marta Oll"]}), sentence)
    assert ("Nora Quist is the director of the trust.", "supported", sentence) in pairs
    assert ("Marta Oll is the director of the trust.", "conflicting", sentence) in pairs


def test_a_quotation_is_told_indirectly() -> None:
    sentence = "“The yard has lost most of its workers,” said Nora Quist."
    found = claims(indirect, sentence, "supported")
    assert "Nora Quist said that the yard has lost most of its workers." in found


def test_stronger_than_told_is_open_and_weaker_follows() -> None:
    some = "Some of the workers at the yard left the town."
    every, nobody = some.replace("Some", "All"), some.replace("Some", "None")
    pairs = made(graded, some) | made(graded, every)
    assert (every, "unverifiable", some) in pairs
    assert (some, "supported", every) in pairs
    denied = {(claim, told) for claim, label, told in pairs if label == "conflicting"}
    assert denied >= {(some, nobody), (every, nobody)}
    assert {told for _, told in denied} == {nobody}


def test_a_verb_is_told_with_a_noun() -> None:
    sentence = "The two leaders decided to meet again at the border."
    assert claims(nominal, sentence, "supported") == {
        sentence.replace("decided to", "made the decision to")
    }


def test_denied_sentences_are_not_weakened() -> None:
    sentence = "The museum did not open its old doors to visitors in May 2021."
    assert not details(sentence)
    assert not any(c.endswith("in 2021.") for c, _, _ in made(dated, sentence))


def test_a_detail_is_dropped_from_the_claim_or_from_the_passage() -> None:
    sentence = "The crew left the old port because of the storm."
    pairs = made(shortened, sentence)
    short = "The crew left the old port."
    assert pairs == {(short, "supported", sentence), (sentence, "unverifiable", short)}


def test_what_a_verb_needs_is_no_detail() -> None:
    assert not details("The painter lived for a long time and later died in Port Lowen.")
    assert all(kind != "time" for kind, *_ in details("The clerk said after the war had ended."))


@given(st.sampled_from(ARTICLE.split(". ")))
def test_leaving_out_a_detail_adds_no_word(sentence: str) -> None:
    sentence = " ".join(sentence.split()).rstrip(".") + "."
    for detail in details(sentence):
        left = without(sentence, detail)
        assert len(left) < len(sentence)
        assert set(left.lower().rstrip(".").split()) <= set(
            re.sub(r"[.,]", "", sentence.lower()).split()
        ) | set(sentence.lower().split())


# --- Texts ----------------------------------------------------------------------------


def test_treebank_tokens_are_set_as_people_write_them() -> None:
    raw = "Ada Brenn -LRB- born 3 May 1970 -RRB- is `` the painter '' of Lowen 's docks , he says ."
    assert tidy(raw) == 'Ada Brenn (born 3 May 1970) is "the painter" of Lowen\'s docks, he says.'


@given(st.sampled_from(ARTICLE.split("\n")))
def test_tidying_leaves_edited_text_alone(line: str) -> None:
    assert tidy(line) == line.strip()


def test_a_claim_names_its_subject() -> None:
    assert is_claimable("The council approved a loan of three million dollars.")
    assert not is_claimable("She approved a loan of three million dollars.")
    assert not is_claimable("Click here to read more about the loan of the council.")
    assert not is_claimable("Why did the council approve a loan of three million?")


def test_the_same_texts_and_seed_give_the_same_pairs() -> None:
    runs = [list(rewritten_pairs(TEXTS, random.Random(5), per_text=30)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0]


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_pairs_are_well_formed_whatever_the_seed(seed: int, per_text: int) -> None:
    pairs = list(rewritten_pairs(TEXTS, random.Random(seed), per_text=per_text))
    for group in ("barges", "comets"):
        assert 0 < sum(pair.group == group for pair in pairs) <= per_text
    for pair in pairs:
        assert pair.label in VERDICTS
        assert pair.maker.startswith("rewritten/")
        assert pair.claim[0].isupper() and "  " not in pair.claim
        assert pair.claim != pair.passage
        assert len(pair.passage.split()) <= LONGEST_PASSAGE


def test_every_text_yields_all_three_labels() -> None:
    pairs = list(rewritten_pairs(TEXTS, random.Random(1), per_text=60))
    assert {pair.label for pair in pairs} == set(VERDICTS)
    assert len({pair.maker for pair in pairs}) >= 10


def test_she_is_known_only_with_the_sentence_before() -> None:
    text = "Ada Brenn is a surveyor from Lowen. She won the regional prize for young engineers."
    pairs = [
        pair
        for seed in range(30)
        for pair in rewritten_pairs([("a", text)], random.Random(seed), per_text=20)
        if pair.maker == "rewritten/subject"
    ]
    assert {pair.label for pair in pairs} >= {"supported", "unverifiable"}
    for pair in pairs:
        assert ("Ada Brenn" in pair.passage) == (pair.label != "unverifiable") or "in" in pair.claim


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="per_text"):
        list(rewritten_pairs(TEXTS, random.Random(0), per_text=0))


def test_a_rewrite_is_supported_unless_it_says_so() -> None:
    assert Rewrite("rounded", "About 50 barges lie in the port.").label == "supported"
