"""Public sets as training pairs, nearness to tests, and what claims give away."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputError
from tools.training.giveaways import giveaways, source, without_giveaways
from tools.training.overlap import MeasuredText, near_tests, read_pairs, read_tests
from tools.training.overlap import main as overlap_main
from tools.training.pairs import TrainingPair
from tools.training.public import (
    LEFT_OUT,
    SETS,
    WHOLE_WORDS,
    WINDOW_WORDS,
    PublicSet,
    plain,
    public_pairs,
    set_pairs,
)


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _row(number: int, claim: str, evidence: list[str], label: str, **meta: str) -> dict[str, Any]:
    return {"id": f"x_{number}", "claim": claim, "evidence": evidence, "label": label, "meta": meta}


def _read(folder: Path, rows: list[dict[str, Any]], public: PublicSet) -> list[TrainingPair]:
    _write(folder / f"{public.name}.jsonl", rows)
    return list(set_pairs(public, folder, random.Random(0)))


def _words(count: int) -> str:
    return " ".join(f"Line {n} names nothing." for n in range(count // 4))


# Reading sets


def test_passages_of_the_evidence_are_joined_by_line_breaks(tmp_path: Path) -> None:
    rows = [_row(1, "Ott sings.", [" Ott sings bass. ", "", "He lives in Bree."], "supported")]
    [pair] = _read(tmp_path, rows, PublicSet("toy", "none"))
    assert pair.passage == "Ott sings bass.\nHe lives in Bree."
    assert (pair.claim, pair.label, pair.maker) == ("Ott sings.", "supported", "toy")


def test_long_evidence_that_decides_is_kept_whole_or_left_out(tmp_path: Path) -> None:
    rows = [
        _row(1, "One.", [_words(WHOLE_WORDS - 10)], "supported"),
        _row(2, "Two.", [_words(WHOLE_WORDS + 10)], "conflicting"),
    ]
    pairs = _read(tmp_path, rows, PublicSet("toy", "none"))
    assert [pair.claim for pair in pairs] == ["One."]


def test_long_evidence_that_is_open_is_cut_in_windows(tmp_path: Path) -> None:
    rows = [_row(1, "One.", [_words(900)], "unverifiable")]
    pairs = _read(tmp_path, rows, PublicSet("toy", "none"))
    assert len(pairs) == 2
    assert all(len(pair.passage.split()) <= WINDOW_WORDS for pair in pairs)


def test_an_abstract_is_cut_around_what_decides_and_for_open_claims_without_it(
    tmp_path: Path,
) -> None:
    filler = [f"Filler {n} is about something else altogether, as fillers are." for n in range(40)]
    deciding, silent = "Most patients were cured within a week.", "The study took a year."
    abstract = [*filler[:20], silent, deciding, *filler[20:]]
    _write(
        tmp_path / "short.jsonl",
        [
            {**_row(1, "It cures.", [deciding], "supported"), "id": "c_0"},
            {**_row(2, "It cures fast.", [silent], "unverifiable"), "id": "c_1"},
        ],
    )
    rows = [
        {**_row(1, "It cures.", abstract, "supported"), "id": "c_0"},
        {**_row(2, "It cures fast.", abstract, "unverifiable"), "id": "c_1"},
    ]
    public = PublicSet(
        "long", "none", short_form="short", group=lambda row: row["id"].partition("_")[0]
    )
    decided, left_open = _read(tmp_path, rows, public)
    assert deciding in decided.passage
    assert silent in left_open.passage
    assert deciding not in left_open.passage
    assert decided.group == left_open.group == "short:c"
    assert len(decided.passage.split()) <= WINDOW_WORDS


def test_a_pair_that_its_set_labels_in_two_ways_is_left_out(tmp_path: Path) -> None:
    rows = [
        _row(1, "One.", ["Evidence."], "supported"),
        _row(2, "One.", ["Evidence."], "conflicting"),
        _row(3, "Two.", ["Evidence."], "supported"),
        _row(4, "Two.", ["Evidence."], "supported"),
    ]
    pairs = _read(tmp_path, rows, PublicSet("toy", "none"))
    assert [pair.claim for pair in pairs] == ["Two."]


def test_rows_that_share_a_claim_or_evidence_are_one_group(tmp_path: Path) -> None:
    rows = [
        _row(1, "A.", ["e"], "supported"),
        _row(2, "B.", ["e"], "supported"),
        _row(3, "B.", ["f"], "supported"),
        _row(4, "C.", ["g"], "supported"),
    ]
    groups = [pair.group for pair in _read(tmp_path, rows, PublicSet("toy", "none"))]
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_a_cap_takes_whole_groups(tmp_path: Path) -> None:
    rows = [
        _row(10 * g + n, f"Claim {g} {n}.", [f"e {g} {n}"], "supported", page=f"p{g}")
        for g in range(10)
        for n in range(4)
    ]
    public = PublicSet("toy", "none", cap=13, group=lambda row: row["meta"]["page"])
    pairs = _read(tmp_path, rows, public)
    assert len(pairs) == 12
    assert len({pair.group for pair in pairs}) == 3


def test_unrelated_evidence_is_no_contradiction_in_the_semi_automatic_set(tmp_path: Path) -> None:
    public = next(one for one in SETS if one.name == "nli_semi_automatic_wiki")
    rows = [
        _row(1, "The mill was burnt down.", ["Herons nest in June."], "conflicting"),
        _row(2, "The mill was burnt down.", ["The mill was never burnt."], "conflicting"),
        _row(3, "The mill was burnt down.", ["Herons nest in May."], "unverifiable"),
    ]
    labels = [pair.label for pair in _read(tmp_path, rows, public)]
    assert labels == ["conflicting", "unverifiable"]


def test_no_set_is_both_read_and_left_out_nor_for_evaluation_only() -> None:
    names = [public.name for public in SETS]
    assert len(set(names)) == len(names)
    assert not set(names) & set(LEFT_OUT)
    assert not {"scifact_dev", "control_passage_nli_dev", "averitec_a"} & set(names)
    assert all("NC" not in public.licence for public in SETS)


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        '{"id": "1", "claim": "c", "evidence": [], "label": "supported"}',
        '{"id": "1", "claim": " ", "evidence": ["e"], "label": "supported"}',
        '{"id": "1", "claim": "c", "evidence": ["e"], "label": "mixed"}',
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str) -> None:
    good = json.dumps(_row(1, "c", ["e"], "supported"))
    (tmp_path / "toy.jsonl").write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"toy\.jsonl, line 2"):
        list(set_pairs(PublicSet("toy", "none"), tmp_path, random.Random(0)))


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=SETS[0].name):
        list(public_pairs(tmp_path, random.Random(0)))


def test_treebank_writing_is_undone() -> None:
    text = "Ott -LRB- born 3 May 1950 -RRB- sang `` Low Tide '' , didn't he ; 1980 -- 1984 ."
    assert plain(text) == 'Ott (born 3 May 1950) sang "Low Tide", didn\'t he; 1980–1984.'


@given(st.text(alphabet="ab .,;`'-()%\n", max_size=60))
def test_undoing_treebank_writing_keeps_all_letters(text: str) -> None:
    assert [c for c in plain(text) if c.isalnum()] == [c for c in text if c.isalnum()]


# Nearness to tests


def _pair(claim: str, passage: str, label: Any = "supported", group: str = "g") -> TrainingPair:
    return TrainingPair(claim, passage, label, "toy", group)


LONG = "The council of Ostrey voted on Monday to close the old swimming baths by the river for good"
OTHER = (
    "Herons that nest near the mouth of the estuary leave for the south when the first frost comes"
)


def test_an_altered_figure_or_a_cut_does_not_hide_a_test() -> None:
    pairs = [
        _pair("Ott sings bass in the choir.", f"{LONG}, by 22 votes to 15. It rained."),
        _pair(LONG.replace("Monday", "Friday"), OTHER),
        _pair("Ott sings bass in the choir.", OTHER),
    ]
    tests = [MeasuredText("t", "evidence", LONG), MeasuredText("t", "claim", LONG)]
    report = near_tests(pairs, tests)
    assert [(one.pair, one.part, one.exact) for one in report.near] == [
        (0, "evidence", False),
        (1, "claim", False),
    ]
    assert report.kept(pairs) == [pairs[2]]


def test_case_and_punctuation_do_not_make_other_words() -> None:
    report = near_tests(
        [_pair("OTT sings, bass!", "x")], [MeasuredText("t", "claim", "Ott sings bass")]
    )
    assert not report.near  # three words tell nothing
    four = MeasuredText("t", "claim", "Ott sings bass well")
    [found] = near_tests([_pair("OTT sings, bass: well!", "x")], [four]).near
    assert found.exact


def test_a_claim_is_not_compared_with_evidence() -> None:
    assert not near_tests([_pair(LONG, OTHER)], [MeasuredText("t", "evidence", LONG)]).near


def test_the_corpus_besides_its_gold_is_counted_and_not_removed() -> None:
    report = near_tests([_pair("Ott sings.", LONG)], [MeasuredText("t", "corpus", LONG)])
    assert len(report.near) == 1
    assert not report.removed
    assert "| t | 0 | 0 | 0 | 0 | 1 | 0 |" in report.table()


@given(st.lists(st.sampled_from("abcdefghij"), min_size=4, max_size=30))
def test_every_text_is_near_itself(letters: list[str]) -> None:
    text = " ".join(letters)
    report = near_tests([_pair(text, text)], [MeasuredText("t", "claim", text)])
    assert report.removed == {0}


def test_nothing_is_near_no_tests() -> None:
    assert not near_tests([_pair(LONG, OTHER)], []).near
    assert not near_tests([], [MeasuredText("t", "claim", LONG)]).near


def test_sets_and_suites_are_read_by_their_fields(tmp_path: Path) -> None:
    _write(tmp_path / "pairs_set.jsonl", [_row(1, "claim one", ["ev a", "ev b"], "supported")])
    _write(
        tmp_path / "suite" / "claims.jsonl",
        [{"id": "1", "claim": "claim two", "label": "supported", "gold_ids": [["r1"]]}],
    )
    _write(tmp_path / "suite" / "claims_train.jsonl", [{"id": "1", "claim": "for training"}])
    _write(
        tmp_path / "suite" / "corpus.jsonl",
        [{"id": "r1", "doc": "d", "text": "gold"}, {"id": "r2", "doc": "d", "text": "rest"}],
    )
    _write(
        tmp_path / "news" / "gold.jsonl",
        [{"id": "a", "article": "articles/a.md", "claims": [{"text": "t", "quote": "q"}]}],
    )
    (tmp_path / "news" / "articles").mkdir()
    (tmp_path / "news" / "articles" / "a.md").write_text("An article.", encoding="utf-8")
    found = {(one.name, one.part, one.text) for one in read_tests([tmp_path])}
    assert found == {
        ("pairs_set", "claim", "claim one"),
        ("pairs_set", "evidence", "ev a"),
        ("pairs_set", "evidence", "ev b"),
        ("pairs_set", "evidence", "ev a\nev b"),
        ("suite", "claim", "claim two"),
        ("suite", "evidence", "gold"),
        ("suite", "corpus", "rest"),
        ("news", "claim", "t"),
        ("news", "claim", "q"),
        ("news", "evidence", "An article."),
    }
    assert {one.name for one in read_tests([tmp_path / "suite"])} == {"suite"}


def test_a_missing_folder_of_tests_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read_tests([tmp_path / "nowhere"])


def test_the_command_prints_the_table_and_writes_what_may_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [vars(_pair(LONG, OTHER)), vars(_pair("Ott sings bass.", OTHER))]
    _write(tmp_path / "train.jsonl", rows)
    _write(tmp_path / "tests" / "held.jsonl", [_row(1, LONG, ["no evidence here"], "supported")])
    out = tmp_path / "kept.jsonl"
    tests = str(tmp_path / "tests")
    overlap_main(["--train", str(tmp_path / "train.jsonl"), "--tests", tests, "--out", str(out)])
    assert "| held | 1 | 0 | 0 | 0 | 0 | 1 |" in capsys.readouterr().out
    assert [pair.claim for pair in read_pairs(out)] == ["Ott sings bass."]


# What claims give away


def _giving_away(count: int) -> list[TrainingPair]:
    rng = random.Random(1)
    nouns = "mill bridge school choir market ferry quarry museum".split()
    pairs = []
    for number in range(count):
        noun, other = rng.sample(nouns, 2)
        false = number % 2 == 1
        trace = "not " if rng.random() < (0.8 if false else 0.2) else ""
        claim = f"The {noun} is {trace}next to the {other}."
        label = "conflicting" if false else "supported"
        pairs.append(_pair(claim, "p", label, f"toy:{number}"))
    return pairs


def test_a_trace_in_claims_is_found_and_taken_out() -> None:
    pairs = _giving_away(800)
    before = giveaways(pairs)["toy"]
    after = giveaways(without_giveaways(pairs, random.Random(0)))["toy"]
    assert before.accuracy > before.chance + 0.2
    assert after.accuracy < after.chance + 0.06
    assert after.pairs > 250


def test_claims_that_give_nothing_away_all_stay_in_order() -> None:
    pairs = [
        _pair(f"Claim {n} of many.", "p", label, f"toy:{n}")
        for n in range(150)
        for label in ("supported", "conflicting", "unverifiable")
    ]
    assert without_giveaways(pairs, random.Random(0)) == pairs


def test_open_pairs_do_not_hide_what_tells_the_others_apart() -> None:
    decided = _giving_away(800)
    left_open = [_pair(p.claim, "q", "unverifiable", p.group) for p in decided for _ in range(3)]
    pairs = decided + left_open
    before = giveaways(pairs)["toy"]
    after = giveaways(without_giveaways(pairs, random.Random(0)))["toy"]
    assert before.decided > 0.7
    assert after.decided < 0.57
    assert after.pairs > 0.7 * len(pairs)


def test_few_pairs_or_one_label_are_left_alone() -> None:
    few = _giving_away(50)
    alike = [_pair(f"Claim {n}.", "p", "unverifiable", f"one:{n}") for n in range(300)]
    assert without_giveaways(few + alike, random.Random(0)) == few + alike
    assert giveaways(alike)["one"].accuracy == 1.0


def test_pairs_of_several_makers_are_weighed_with_the_source_of_their_claims() -> None:
    retrieved = TrainingPair("c", "p", "unverifiable", "negatives/topic", "fever:#1")
    assert source(retrieved) == "fever"
    assert source(TrainingPair("c", "p", "supported", "framed/roles", "17")) == "framed"
