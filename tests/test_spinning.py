"""Machine-spun and garbled text is told, read back, and warned of; other text is left alone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.claims import excluded, finish
from agent.claims.magnitudes import open_magnitudes
from agent.compare.checks import findings
from agent.types import Article, Claim
from evals.attacks.spinning import Line, texts
from tools.text.garbling import garblings, spam_tail
from tools.text.neighbours import neighbours, tokens
from tools.text.spinning import MAGNITUDE_WORD, is_spun, plain_reading, spinning, spun_warning
from tools.training.spinner import KINDS, SEEN_TABLE, drawn_table, half_of, reworded, spin

SPUN = (
    "Nan ferry institution had gross of €84 cardinal successful nan first 4th of 2026, it said "
    "connected Thursday. Nan first boat will commencement pinch nan caller squad successful nan "
    "outpouring, and nary sailing is cancelled."
)
PLAIN = (
    "The ferry company had revenue of €84 million in the first quarter of 2026, it said on "
    "Thursday. The first boat will start with the new team in the spring, and no sailing "
    "is cancelled."
)
SOURCES = Path(__file__).parents[1] / "evals" / "example" / "sources"


def test_a_spun_text_is_told_by_its_function_words() -> None:
    assert is_spun(SPUN)
    assert not is_spun(PLAIN)
    assert not is_spun("")


def test_of_the_example_sources_only_the_spun_one_is_told() -> None:
    spun = [
        p.name
        for p in sorted(SOURCES.iterdir())
        if p.suffix != ".pdf" and is_spun(p.read_text("utf-8"))
    ]
    assert spun == ["ferry-buzz-daily.md"]


@pytest.mark.parametrize(
    "text",
    [
        "Nan Tarvik, 71, has baked nan bread for forty years. " * 3,  # one kind of word: a name
        "Beryllium and astatine are elements; beryllium is a metal. " + "The metal is light. " * 60,
        "She was successful and well connected, and the new play was a success. " * 5,
    ],
)
def test_a_few_odd_words_do_not_make_a_text_spun(text: str) -> None:
    assert not is_spun(text)


@pytest.mark.parametrize(
    ("spun", "plain"),
    [
        ("nan squad is successful nan caller edifice", "the team is in the new edifice"),
        ("Nan company", "The company"),
        ("successful nan 4th 4th of 2024", "in the fourth quarter of 2024"),
        ("nett profit of $20 cardinal", "net profit of $20 cardinal"),
        (
            "nan company’s fourth-quarter nett telephone",
            "the company’s fourth-quarter earnings call",
        ),
        ("pinch nary adjunct", "with no assistant"),
        ("a summation of 5 percent", "a increase of 5 percent"),
    ],
)
def test_substitutions_are_read_back(spun: str, plain: str) -> None:
    assert plain_reading(spun, spun=True) == plain


def test_an_unclear_magnitude_stays_unclear() -> None:
    assert MAGNITUDE_WORD in plain_reading(SPUN)


@given(st.text(max_size=200))
def test_a_text_that_is_not_spun_is_read_as_it_stands(text: str) -> None:
    assert plain_reading(text, spun=False) == text


def test_the_warning_points_at_the_telltale_words() -> None:
    warning = spun_warning(SPUN)
    assert warning is not None
    assert warning.code == "machine_spun"
    assert "“nan” for “the”" in warning.message
    assert {SPUN[start:end].lower() for start, end in warning.spans} == {"nan", "pinch", "nary"}
    assert spun_warning(PLAIN) is None


BASE = [row["text"] for row in texts("base")]
LONG = " ".join(BASE[:3])


def test_another_spinner_is_told_by_words_that_stand_where_they_cannot() -> None:
    table = {"the": "teh", "of": "belonging", "to": "unto", "in": "indium", "was": "personify"}
    told = spinning(spin(LONG, "function words", random.Random(0), table=table))
    assert told.score > 0.9
    stands_for = {sign.instead for sign in told.signs if sign.kind == "function word"}
    assert {"of", "to"} <= stands_for


def test_a_thesaurus_is_told_by_its_words_and_the_spans_point_at_them() -> None:
    spun = spin(LONG, "thesaurus", random.Random(0), share=0.8)
    told = spinning(spun)
    assert told.score > 0.9
    shown = {spun[s.start : s.end].lower() for s in told.signs if s.kind == "substitute"}
    assert len(shown) > 10
    assert not shown & {token.text.lower() for token in tokens(LONG)}


def test_no_passage_is_told_before_it_is_spun() -> None:
    assert not [text[:40] for text in BASE if is_spun(text) or garblings(text)]


@pytest.mark.parametrize("row", texts("spared"), ids=lambda row: f"{row['kind']}: {row['detail']}")
def test_texts_that_break_rules_of_their_own_accord_are_left_alone(row: dict[str, str]) -> None:
    assert not is_spun(row["text"])
    assert not garblings(row["text"])
    assert spam_tail(row["text"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "Der Rat der Stadt hat am Montag beschlossen, dass die Linie verlängert wird. " * 20,
        "Le conseil a décidé lundi que la ligne sera prolongée jusqu'au terminal. " * 20,
        "| 12 | 14 | 3 |\n" * 60,
    ],
)
def test_of_what_is_no_english_prose_nothing_is_told(text: str) -> None:
    assert not is_spun(text)
    assert spun_warning(text) is None


@given(st.text(max_size=400))
def test_scores_and_spans_are_in_bounds_for_any_text(text: str) -> None:
    told = spinning(text)
    assert 0 <= told.score <= 1
    assert all(0 <= sign.start < sign.end <= len(text) for sign in told.signs)
    if tail := spam_tail(text):
        assert 0 < tail[0] < tail[1] <= len(text)


def test_the_warning_names_the_score() -> None:
    warning = spun_warning(SPUN)
    assert warning is not None
    assert re.search(r"score (?:0\.\d\d|1\.00)", warning.message)


def test_words_that_a_person_may_mean_stay_where_they_fit() -> None:
    sentence = "She was successful and well connected, and the new play was a success."
    assert plain_reading(sentence, spun=True) == sentence


@pytest.mark.parametrize(
    ("kind", "garble"),
    [
        ("salad", lambda text: " ".join(random.Random(1).sample(text.split(), len(text.split())))),
        ("scan", lambda text: text.replace("o", "0", 9).replace("i", "1", 9)),
        ("mojibake", lambda text: (text + " “naïve”, “Zoë”").encode().decode("cp1252", "replace")),
        ("stuffing", lambda text: text + " Cheap flights: book cheap flights here." * 12),
    ],
)
def test_garbled_text_is_told_by_kind_and_warned_of(
    kind: str, garble: Callable[[str], str]
) -> None:
    text = garble(BASE[0])
    assert kind in {garbling.kind for garbling in garblings(text)}
    assert all(0 <= a < b <= len(text) for g in garblings(text) for a, b in g.spans)
    warning = spun_warning(text)
    assert warning is not None
    assert warning.code == "machine_spun"


@pytest.mark.parametrize(
    "tail",
    [
        "blupor casinoz24 pillz-now hdbet77 travelz sweetgoz lifepointz tuckdz",
        "pills.shop casino24.bet replica.top loans.online",
        "Visit pills.shop for the best price. Order now with free shipping!",
        "Buy cheap watches online at the lowest price\n\npills.shop bets.top loans.club",
    ],
)
def test_a_spam_tail_is_cut_off_whole(tail: str) -> None:
    assert spam_tail(f"{BASE[0]}\n\n{tail}") == (len(BASE[0]) + 2, len(BASE[0]) + 2 + len(tail))


@pytest.mark.parametrize(
    "end",
    [
        "For more information, visit www.museum.example.",
        "Tags: politics, economy, trams, harbour, council, money",
        "Photo: Anna Lind",
        "The list: Adeyemi, Thorvaldsen, Whitcombe, Ricci, Kallas, Etxeberria, Hargreaves",
        "Traduction de Jean Dupont et de Marie Blanc pour le journal",
    ],
)
def test_an_ordinary_end_is_no_spam(end: str) -> None:
    assert spam_tail(f"{BASE[0]}\n\n{end}") is None


def test_a_text_that_is_all_spam_has_no_tail() -> None:
    assert spam_tail("pills.shop casino24.bet replica.top loans.online") is None


def test_no_claim_is_in_a_spam_tail_and_it_is_one_exclusion() -> None:
    tail = "Visit pills.shop for the best price. Order now with free shipping!"
    text = f"The tram opened in 2019.\n\n{tail}"
    article = Article(id="a-0", text=text)
    claims = [
        Claim(id="c0", text=quote, quote=quote, start=text.index(quote), end=text.index(quote) + n)
        for quote, n in (("The tram opened in 2019.", 24), (tail, len(tail)))
    ]
    split = finish(article, claims, [excluded(article, 26, 35, "boilerplate", "a link")])
    assert [claim.quote for claim in split.claims] == ["The tram opened in 2019."]
    assert [(span.quote, span.reason) for span in split.excluded] == [(tail, "boilerplate")]
    assert "spam tail" in split.excluded[0].detail


def test_an_open_magnitude_is_named_on_the_claim_in_both_readings() -> None:
    text = "Nan suit costs $25 cardinal."
    claim = Claim(id="c0", text=text, quote=text, start=0, end=len(text))
    (kept,) = finish(Article(id="a-0", text=text), [claim], []).claims
    assert kept.unclear == [
        "“$25 cardinal” may be in millions or billions; the article does not tell which."
    ]
    assert kept.text == kept.quote == text
    assert open_magnitudes("The suit costs $25 million and 3 per cent.") == []


@given(st.integers(1, 999), st.sampled_from(["million", "billion"]), st.booleans())
def test_figures_do_not_conflict_on_magnitude_alone(value: int, word: str, turned: bool) -> None:
    clear, open_ = (f"The ferry firm had revenue of ${value} {w}." for w in (word, MAGNITUDE_WORD))
    claim, passage = (clear, open_) if turned else (open_, clear)
    assert not [f for f in findings(claim, passage) if f.relation == "differs"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_spinner_is_repeatable_and_keeps_figures(kind: str) -> None:
    spun = [spin(BASE[0], kind, random.Random(5)) for _ in range(2)]  # type: ignore[arg-type]
    assert spun[0] == spun[1] != BASE[0]
    figures = re.compile(r"\d[\d,]*")
    assert sorted(figures.findall(spun[0])) == sorted(figures.findall(BASE[0]))


def test_the_halves_of_the_spinner_have_nothing_in_common() -> None:
    first = set(drawn_table(random.Random(1), "first").values())
    assert not first & set(drawn_table(random.Random(1), "second").values())
    assert {half_of(word) for word in ("company", "year", "town", "day")} == {"first", "second"}
    halves = {
        reworded("The town has a company.", random.Random(1), 1.0, h) for h in ("first", "second")
    }
    assert len(halves) == 2


def test_the_table_of_the_spinner_seen_replaces_every_function_word() -> None:
    spun = spin("The boat is in the harbour.", "function words", random.Random(0), table=SEEN_TABLE)
    assert spun == "Nan boat is successful nan harbour."


def test_neighbours_know_what_stands_together() -> None:
    model = neighbours()
    number = model.known
    assert model.fit(number["on"], number["<day>"]) > 0 > model.fit(number["the"], number["of"])


def test_a_share_is_printed_with_its_interval() -> None:
    assert str(Line("articles", 0, 200)).endswith("0 of 200  0.00-0.02")
