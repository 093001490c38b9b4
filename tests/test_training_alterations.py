"""Altered training pairs: what an edit changes, what follows from it, and what is left alone."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.numbers.quantities import meet, quantities
from tools.training.altered import edits, swaps, wordings
from tools.training.altered.alterations import altered_pairs, main, sentence_edits
from tools.training.altered.edits import Edit
from tools.training.altered.naming import found_names, last_names
from tools.training.altered.statements import cuts, reads_alone
from tools.training.altered.swaps import NamePool
from tools.training.altered.verbs import BASE, PAST, third_person
from tools.training.pairs import CONFLICTING, SUPPORTED, UNVERIFIABLE, TrainingPair

REPORT = (
    "The ferry company of Skarra carried 48,200 passengers in its first summer. "
    "Fishermen on the north coast of the island had asked for a second harbour. "
    "The harbour at Holm was built in 1931 by the engineer Martin Dahl. "
    "Nobody at the yard could say on Monday how long the repairs would take. "
    "Tickets are sold at the kiosk next to the bakery. "
    "The company will build a larger ship at the yard in Ostrey."
)
TEXTS = [
    ("ferry", REPORT),
    ("mine", "The copper mine at Torve closed in 1974 after 61 years of losses."),
    ("school", "All of the pupils of the Torve village school were taught by Anna Brekke."),
    ("film", "The first film about the Torve mine was directed by Peter Lund in Norway."),
]


def made(texts: list[tuple[str, str]] = TEXTS, seed: int = 0) -> list[TrainingPair]:
    return list(altered_pairs(texts, random.Random(seed), per_text=3))


def only(found: list[Edit], kind: str) -> Edit:
    (edit,) = [edit for edit in found if edit.kind == kind]
    return edit


def edits_of(sentence: str) -> list[Edit]:
    pool = NamePool(found_names("Bruce Hall, Helen Marsh, Paul Lind, Ruth Berg and Sarah Moe met."))
    return sentence_edits(sentence, {}, [pool], random.Random(1))


class TestPairs:
    def test_the_same_texts_and_seed_give_the_same_pairs(self) -> None:
        assert made() == made()

    def test_a_text_given_twice_is_used_once(self) -> None:
        assert made([*TEXTS, *TEXTS]) == made()

    def test_pairs_name_their_rule_and_keep_their_group(self) -> None:
        pairs = made()
        assert {pair.group for pair in pairs} == {group for group, _ in TEXTS}
        assert all(pair.maker.startswith("altered/") for pair in pairs)

    def test_a_claim_alone_gives_nothing_away(self) -> None:
        """Original and altered claim are each supported by one passage and not by another."""
        labels = defaultdict(set)
        for seed in range(5):
            for pair in made(seed=seed):
                if pair.maker != "altered/plan":
                    labels[seed, pair.maker, pair.claim].add(pair.label)
        assert labels
        assert all(SUPPORTED in seen and len(seen) > 1 for seen in labels.values())

    def test_a_passage_without_the_sentence_is_unverifiable_and_has_no_figure_of_it(self) -> None:
        for seed in range(10):
            for pair in made(TEXTS[:1], seed):
                if pair.maker == "altered/figure" and pair.label == UNVERIFIABLE:
                    assert "passengers" not in pair.passage

    def test_claims_repeat_their_passage_in_at_most_a_third_of_the_supported_pairs(self) -> None:
        supported = [pair for pair in made() if pair.label == SUPPORTED]
        identical = [pair for pair in supported if pair.claim == pair.passage]
        assert 3 * len(identical) <= len(supported) + 1

    def test_passages_stay_within_their_length(self) -> None:
        long = " ".join(
            f"The ferry number {n} of Skarra carried {n}12 crates to a harbour on the coast."
            for n in range(2, 40)
        )
        pairs = made([("long", long)])
        assert pairs
        assert all(len(pair.passage.split()) <= 110 for pair in pairs)

    def test_per_text_bounds_the_edits_of_a_text(self) -> None:
        one = list(altered_pairs(TEXTS[:1], random.Random(0), per_text=1))
        assert 0 < len(one) <= 6
        assert len({pair.maker for pair in one}) == 1

    def test_per_text_has_to_be_positive(self) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            list(altered_pairs(TEXTS, random.Random(0), per_text=0))

    def test_treebank_marks_are_taken_out(self) -> None:
        text = "The mine -LRB- closed in 1974 -RRB- gave work to 340 people , half from Holm ."
        pairs = made([("mine", text)])
        assert pairs
        assert not any("-LRB-" in pair.passage or " ," in pair.claim for pair in pairs)

    @settings(max_examples=25)
    @given(st.lists(st.text(max_size=200), max_size=3), st.integers(0, 5))
    def test_any_text_gives_pairs_or_none(self, texts: list[str], seed: int) -> None:
        made([(str(place), text) for place, text in enumerate(texts)], seed)


class TestReadsAlone:
    @pytest.mark.parametrize(
        "sentence",
        [
            "He carried the crates down to the harbour before the ferry left.",
            "But the harbour master had closed the gate to the quay by noon.",
            "Will the harbour at Holm be closed to the ferry this summer?",
            "Too short to be a claim.",
            "When they arrived, the harbour had been closed for an hour and more.",
            "The master of the harbour said “the gate is closed for the summer.",
        ],
    )
    def test_fragments_questions_and_bare_pronouns_do_not(self, sentence: str) -> None:
        assert not reads_alone(sentence)

    def test_a_whole_statement_does(self) -> None:
        assert reads_alone("The harbour master of Holm closed the gate because he was ill.")


class TestShortening:
    def shortened(self, sentence: str, word: str) -> str:
        place = sentence.index(word)
        spans = cuts(sentence, Edit("figure", place, place + len(word), "other"))
        for start, stop in sorted(spans, reverse=True):
            sentence = sentence[:start] + sentence[stop:]
        return sentence

    def test_appositions_and_parentheses_are_left_out(self) -> None:
        sentence = "The ferry, a steamer of the old kind, carried 48 lorries (and a bus) to Holm."
        assert self.shortened(sentence, "48") == "The ferry carried 48 lorries to Holm."

    def test_what_was_edited_stays(self) -> None:
        sentence = "The ferry, a steamer of 1931, carried the lorries of the fair to Holm."
        assert self.shortened(sentence, "1931") == sentence

    def test_a_denial_keeps_what_narrows_it(self) -> None:
        sentence = "The ferry, a steamer of the old kind, never carried 48 lorries to Holm."
        assert self.shortened(sentence, "48") == sentence


class TestFigures:
    @settings(max_examples=200)
    @given(
        st.integers(2, 3_000_000), st.integers(0, 1000), st.sampled_from(["", "about ", "some "])
    )
    def test_an_altered_figure_is_never_within_rounding(
        self, number: int, seed: int, hedge: str
    ) -> None:
        sentence = f"The harbour at Holm was visited by {hedge}{number:,} people."
        for edit in edits.figures(sentence, random.Random(seed)):
            (before,), (after,) = quantities(sentence), quantities(edit.applied(sentence))
            assert not meet(before, after)

    def test_a_bound_is_left_alone(self) -> None:
        sentence = "The ferry carried more than 4,000 people to the island in the summer."
        assert not list(edits.figures(sentence, random.Random(0)))

    def test_magnitudes_change(self) -> None:
        edit = only(edits_of("The harbour of Holm cost 48 million euros to build."), "magnitude")
        assert edit.new == "billion"
        assert edit.stands == edit.back == CONFLICTING

    def test_percentage_points_replace_per_cent_of_a_change(self) -> None:
        edit = only(edits_of("Fares on the ferry to Holm rose by 4 per cent."), "unit")
        assert edit.applied("Fares on the ferry to Holm rose by 4 per cent.").endswith(
            "4 percentage points."
        )

    def test_the_figure_of_another_measure_decides_nothing(self) -> None:
        edit = only(edits_of("Merrin Castings reported 31 million euros in revenue."), "measure")
        assert edit.stands == edit.back == UNVERIFIABLE


class TestDates:
    def test_another_date_of_what_happens_once_conflicts(self) -> None:
        found = [
            e for e in edits_of("The harbour was founded in 1931 in Holm.") if e.kind == "date"
        ]
        assert found
        assert all(edit.stands == CONFLICTING for edit in found)

    def test_another_year_of_a_measure_decides_nothing(self) -> None:
        found = edits_of("In 2019, the town of Holm had 3,854 inhabitants.")
        assert only(found, "period").stands == UNVERIFIABLE
        assert not [edit for edit in found if edit.kind == "date"]

    def test_a_date_of_what_may_happen_again_is_left_alone(self) -> None:
        assert not list(edits.dates("The band played at Holm in 1998.", random.Random(0)))

    def test_nobody_dies_before_being_born(self) -> None:
        sentence = "Martin Dahl (1881 – 1884) was a child of the harbour master."
        for seed in range(50):
            for edit in edits.dates(sentence, random.Random(seed)):
                years = [int(w.strip("()")) for w in edit.applied(sentence).split() if "18" in w]
                assert years == sorted(years)


class TestWordings:
    @pytest.mark.parametrize(
        ("sentence", "kind", "altered"),
        [
            ("All of the boats were lost.", "scope", "none of the boats were lost."),
            ("Fares rose in the summer.", "comparison", "Fares fell in the summer."),
            ("The gate is north of Holm.", "place", "The gate is south of Holm."),
            ("It sank because of the ice.", "conjunction", "It sank despite the ice."),
            ("It was the first film of the year.", "order", "It was the second film of the year."),
        ],
    )
    def test_a_word_becomes_its_opposite(self, sentence: str, kind: str, altered: str) -> None:
        found = list(wordings.wording(sentence, random.Random(0)))
        assert altered.lower() in [
            edit.applied(sentence).lower() for edit in found if edit.kind == kind
        ]

    def test_a_word_with_another_sense_is_left_alone(self) -> None:
        assert not list(wordings.wording("Holm is named after a saint.", random.Random(0)))

    @pytest.mark.parametrize("seed", range(8))
    def test_denials_are_put_in(self, seed: int) -> None:
        sentence = "The harbour was closed by the council."
        edit = only(list(wordings.negations(sentence, random.Random(seed))), "negation")
        assert edit.new in ("was not", "was never", "wasn't")

    @pytest.mark.parametrize(
        ("sentence", "altered"),
        [
            ("The ferry did not sail to Holm.", "The ferry sailed to Holm."),
            ("The ferry was not repaired.", "The ferry was repaired."),
            ("The ferry does not carry lorries.", "The ferry carries lorries."),
        ],
    )
    def test_denials_are_taken_out(self, sentence: str, altered: str) -> None:
        edit = only(list(wordings.negations(sentence, random.Random(0))), "negation")
        assert edit.applied(sentence) == altered

    @pytest.mark.parametrize(
        "sentence",
        ["Some ferries were not repaired.", "Two boats were lost.", "The ferry may be closed."],
    )
    def test_what_a_denial_would_not_exclude_is_left_alone(self, sentence: str) -> None:
        assert not list(wordings.negations(sentence, random.Random(0)))

    def test_a_plan_leaves_open_what_came_of_it(self) -> None:
        plan = only(list(wordings.tenses("The yard will build a ship.", random.Random(0))), "plan")
        assert plan.applied("The yard will build a ship.") == "The yard built a ship."
        assert (plan.stands, plan.back) == (UNVERIFIABLE, None)
        deed = only(list(wordings.tenses("The yard built a ship.", random.Random(0))), "plan")
        assert (deed.stands, deed.back) == (None, UNVERIFIABLE)


class TestSwaps:
    def test_the_agent_of_a_single_deed_is_swapped_for_one_of_the_same_gender(self) -> None:
        edit = only(edits_of("The harbour was designed by Martin Dahl in two years."), "name")
        assert edit.new in ("Bruce Hall", "Paul Lind")

    def test_another_subject_of_a_figure_decides_nothing(self) -> None:
        sentence = "Merrin Castings employed 412 people at the works."
        pool = NamePool(swaps.names_of([sentence, "Torve Copper sold 80 tonnes of ore."]))
        (edit,) = swaps.names(sentence, [], [pool], random.Random(0))
        assert edit.applied(sentence) == "Torve Copper employed 412 people at the works."
        assert edit.stands == edit.back == UNVERIFIABLE

    def test_names_in_a_list_are_left_alone(self) -> None:
        found = edits_of("The harbour was designed by Martin Dahl and Peter Lund.")
        assert not [edit for edit in found if edit.kind == "name"]

    def test_quoted_words_come_from_another_mouth(self) -> None:
        sentence = "“We will sail whatever the weather,” said Martin Dahl."
        pool = NamePool(swaps.names_of(["“No,” said Anna Brekke."]))
        edit = only(list(swaps.attributions(sentence, [], [pool], random.Random(0))), "attribution")
        assert edit.applied(sentence).endswith("said Anna Brekke.")

    def test_roles_change_places(self) -> None:
        sentence = "Torve Rovers defeated Holm United in the final."
        edit = only(list(swaps.roles(sentence, random.Random(0))), "roles")
        assert edit.applied(sentence) == "Holm United defeated Torve Rovers in the final."

    def test_figures_change_places(self) -> None:
        sentence = "The council has 12 women and 30 men."
        edit = only(list(swaps.roles(sentence, random.Random(0))), "roles")
        assert edit.applied(sentence) == "The council has 30 women and 12 men."

    @pytest.mark.parametrize(
        "sentence",
        [
            "After Torve Rovers defeated Holm United the cup was theirs.",
            "The bell weighs 635 tonnes (625 long, 700 short tons).",
            "Routes 17 and 66 become a 4 lane road.",
        ],
    )
    def test_what_would_read_wrongly_stays(self, sentence: str) -> None:
        assert not list(swaps.roles(sentence, random.Random(0)))


class TestNaming:
    def test_kinds_are_told_by_form_and_list(self) -> None:
        found = found_names("President Martin Dahl met Anna Brekke at Torve University in Paris.")
        assert [(name.text, name.kind) for name in found] == [
            ("Martin Dahl", "man"),
            ("Anna Brekke", "woman"),
            ("Torve University", "University"),
            ("Paris", "city"),
        ]

    def test_a_last_name_is_known_from_the_full_one(self) -> None:
        known = last_names(found_names("Martin Dahl spoke."))
        (name,) = found_names("The mayor thanked Dahl for it.", known)
        assert (name.text, name.kind, name.alone) == ("Dahl", "man", True)

    def test_a_last_name_of_two_people_is_not(self) -> None:
        assert not last_names(found_names("Martin Dahl and then Anna Dahl spoke."))


def test_verb_forms_lead_back_to_their_base() -> None:
    assert {BASE[past] for past in PAST.values()} <= set(PAST)
    assert [PAST[base] for base in ("plan", "carry", "arrive", "win")] == [
        "planned", "carried", "arrived", "won",
    ]  # fmt: skip
    assert [third_person(base) for base in ("go", "carry", "have")] == ["goes", "carries", "has"]


def test_main_prints_examples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "texts.jsonl"
    rows = [{"id": "a", "text": REPORT}, {"id": "b", "evidence": [TEXTS[1][1], TEXTS[2][1]]}]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    main([str(file), "--sample", "3"])
    printed = capsys.readouterr().out
    assert printed.count("\n  C ") == 3
    assert "pairs\n" in printed
