"""Which passages are found for a claim, and in which order."""

from __future__ import annotations

import itertools
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.types import Document, Hit
from tests.fake_embedder import WordEmbedder
from tools.library import Addition, Library
from tools.library.retrieval import By, retrieve, retrieve_many

NAMES = ["Berg", "Okafor", "Lind", "Moreau", "Tanaka", "Silva", "Novak", "Haddad", "Quinn", "Roth"]
THINGS = ["harbour wall", "school roof", "footbridge", "fish market", "night bus", "library"]
MONTHS = ["May", "June", "July", "August", "March", "April", "October"]

WIRE = " ".join(
    f"Councillor {NAMES[i]} told reporters that the {THINGS[i % 6]} will be mended by {month}."
    for i, month in enumerate(MONTHS)
)


def articles() -> list[Document]:
    """Thirty short ones, then eight prints of one wire story, then one very long one."""
    short = [
        Document(
            text=f"{NAMES[i % 10]} asked about the {THINGS[i % 6]} on day {i}. "
            f"The answer from office {i * 37} was that {MONTHS[i % 7]} costs {i * 113} crowns.",
            title=f"Question {i}",
            published_at=[None, "2026", "2026-03", f"2026-03-{i % 28 + 1:02d}"][i % 4],
        )
        for i in range(30)
    ]
    copies = [
        Document(text=f"{WIRE} Printed in edition {i}.", title=f"Wire {i}", published_at="2026-01")
        for i in range(8)
    ]
    long = Document(
        text="\n\n".join(
            f"Section {i}. "
            + f"The festival committee discussed item {i} of the lantern plan. " * 5
            for i in range(60)
        ),
        title="Minutes",
    )
    return [*short, *copies, long]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retrieval") / "library"
    with Library.open(folder, WordEmbedder(), create=True) as library:
        for article in articles():
            library.add(article)
    return folder


@pytest.fixture(scope="module")
def library(folder: Path) -> Iterator[Library]:
    with Library.open(folder, WordEmbedder()) as library:
        yield library


def titles(hits: list[Hit]) -> list[str | None]:
    return [hit.source.title for hit in hits]


def test_the_passage_that_says_it_comes_first(library: Library) -> None:
    hits = retrieve(library, "Silva asked about the library on day 5")
    assert titles(hits)[0] == "Question 5"
    assert len(hits) == 10


def test_a_hit_is_verbatim_and_scored_exactly(library: Library) -> None:
    claim = "The fish market costs 1017 crowns"
    for hit in retrieve(library, claim):
        span = hit.source.text[hit.passage.start : hit.passage.end]
        assert span == hit.passage.text
        read = f"{hit.source.title}\n{span}"
        claim_vector, passage_vector = WordEmbedder().embed([claim, read])
        assert hit.score == pytest.approx(float(claim_vector @ passage_vector), abs=1e-5)


def test_a_word_that_the_vectors_cannot_tell_is_found_by_the_words(tmp_path: Path) -> None:
    class Blind(WordEmbedder):
        """All texts are the same to it."""

        def embed(self, texts: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
            return super().embed(["same"] * len(list(texts)))  # type: ignore[call-overload]

    with Library.open(tmp_path, Blind(), create=True) as library:
        for article in articles()[:30]:
            library.add(article)
        assert titles(retrieve(library, "office 629", n=1)) == ["Question 17"]


def test_a_passage_is_found_by_what_stands_above_it(tmp_path: Path) -> None:
    said = "It was closed for nine days because the divers found a crack below the water line. "
    texts = {
        "Orford lock": said * 3,
        "Annual report": f"{said * 12}\n\nBramble sluice\n\n{said * 24}",
        "Fees": "Length | Sandgate pier\n" + "\n".join(f"{i} m | {i * 7}" for i in range(90)),
        "Weather": said * 3,
    }
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        for title, text in texts.items():
            library.add(Document(text=f"{title} of the year. {text}", title=title))
        claims = {
            "Orford lock": "Orford lock was closed",
            "Annual report": "The Bramble sluice was closed for nine days",
            "Fees": "Sandgate pier 80 m 560",
        }
        ways: list[By] = ["meaning", "words", "both"]
        for (title, claim), by in itertools.product(claims.items(), ways):
            best, *_ = retrieve(library, claim, by=by)
            assert best.source.title == title
            assert best.source.text[best.passage.start : best.passage.end] == best.passage.text
        assert library.passages(best.source.id)[0] != best.passage
        assert "Sandgate" not in best.passage.text


def test_a_source_that_is_left_out_has_no_say_in_the_order_of_others(
    library: Library, tmp_path: Path
) -> None:
    claim = "Silva asked about the library on day 5 and the fish market costs 1017 crowns"
    ranked = [hit.passage.id for hit in retrieve(library, claim, n=5)]
    with Library.open(tmp_path, WordEmbedder(), create=True) as more:
        for article in articles():
            more.add(article)
        copy = more.add(Document(text=f"{claim}. {claim}.", title=claim)).source
        again = retrieve(more, claim, n=5, exclude=[copy.id])
    assert [hit.passage.id for hit in again] == ranked


def test_words_in_common_are_not_needed_where_the_meaning_is_near(library: Library) -> None:
    assert len(retrieve(library, "zzz")) == 10


def test_copies_of_one_story_do_not_fill_the_list(library: Library) -> None:
    hits = retrieve(library, "Councillor Berg told reporters that the harbour wall will be mended")
    assert Counter(hit.source.origin for hit in hits).most_common(1)[0][1] == 5
    assert len(hits) == 10


def test_copies_fill_the_list_where_nothing_else_is_left(library: Library) -> None:
    others = [s.id for s in library.sources() if not (s.title or "").startswith("Wire")]
    hits = retrieve(library, "Councillor Berg told reporters", exclude=others)
    assert len(hits) == 8
    assert len({hit.source.origin for hit in hits}) == 1


def test_at_most_five_passages_of_a_source_that_do_not_overlap(library: Library) -> None:
    hits = retrieve(library, "The festival committee discussed a lantern")
    mine = [hit.passage for hit in hits if hit.source.title == "Minutes"]
    assert len(mine) == 5
    assert len(hits) == 10  # the search looked further down, past the sixty sections
    for one in mine:
        for other in mine:
            shared = min(one.end, other.end) - max(one.start, other.start)
            assert one is other or 2 * shared <= min(len(one.text), len(other.text))


def test_one_source_gives_all_it_has_where_there_is_no_other(library: Library) -> None:
    others = [source.id for source in library.sources() if source.title != "Minutes"]
    assert len(retrieve(library, "The festival committee", exclude=others)) == 10


def test_excluded_sources_are_left_out_and_others_take_their_place(library: Library) -> None:
    claim = "Berg asked about the harbour wall"
    first = retrieve(library, claim)
    excluded = {hit.source.id for hit in first}
    second = retrieve(library, claim, exclude=excluded)
    assert len(second) == 10
    assert excluded.isdisjoint(hit.source.id for hit in second)
    everything = {source.id for source in library.sources()}
    assert retrieve(library, claim, exclude=everything) == []
    (last,) = retrieve(library, claim, n=1, exclude=everything - {first[-1].source.id})
    assert last.source.id == first[-1].source.id


@pytest.mark.parametrize(
    ("until", "in_", "out"),
    [
        ("2026-03-10", {None, "2026", "2026-01", "2026-03", "2026-03-08"}, {"2026-03-12"}),
        ("2026-03", {None, "2026", "2026-01", "2026-03", "2026-03-28"}, set()),
        ("2026-02", {None, "2026", "2026-01"}, {"2026-03", "2026-03-04"}),
        ("2025", {None}, {"2026", "2026-01", "2026-03", "2026-03-04"}),
    ],
)
def test_sources_published_later_are_left_out(
    library: Library, until: str, in_: set[str | None], out: set[str]
) -> None:
    hits = retrieve(library, "asked about the answer", n=200, published_until=until)
    dates = {hit.source.published_at for hit in hits}
    assert dates >= in_
    assert dates.isdisjoint(out)


def test_many_texts_at_once_give_the_same_as_one_by_one(library: Library) -> None:
    claims = [f"{name} asked about the {thing}" for name, thing in zip(NAMES, THINGS, strict=False)]
    assert retrieve_many(library, claims, n=4) == [retrieve(library, c, n=4) for c in claims]
    assert retrieve_many(library, []) == []


def test_a_rebuilt_index_and_another_order_of_adding_give_the_same_list(
    folder: Path, library: Library, tmp_path: Path
) -> None:
    claims = [re.sub(r"\d+", "7", article.text)[:80] for article in articles()]
    expected = [[hit.passage.id for hit in hits] for hits in retrieve_many(library, claims)]
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    shutil.rmtree(copy / "chroma")
    (copy / "fulltext.sqlite").unlink()
    with Library.open(tmp_path / "other", WordEmbedder(), create=True) as other:
        for number, article in enumerate(articles()[::-1]):
            other.add(article)
            if number % 8 == 0:
                other.prepare()  # in several parts, where the first was written at once
    for path in (copy, tmp_path / "other"):
        with Library.open(path, WordEmbedder()) as again:
            found = retrieve_many(again, claims)
        assert [[hit.passage.id for hit in hits] for hits in found] == expected


@given(st.text(max_size=200), st.integers(min_value=1, max_value=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_text_finds_as_many_different_passages_as_there_are(
    library: Library, text: str, n: int
) -> None:
    hits = retrieve(library, text, n=n)
    assert len(hits) == len({hit.passage.id for hit in hits}) == n
    assert all(-1 <= hit.score <= 1 for hit in hits)


def test_fewer_than_one_passage_cannot_be_asked_for(library: Library) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        retrieve(library, "boats", n=0)


def shelf(folder: Path) -> Library:
    """Four sources that say nearly the same and differ in who says it, when and in what tongue."""
    library = Library.open(folder, WordEmbedder(), create=True)
    for publisher, language, day, tags in [
        ("Quay Courier", "en", "2025-11-02", ["harbour"]),
        ("Quay Courier", "de", "2026-02-14", ["grain", "harbour"]),
        ("Harbour Post", "en", "2026-05-30", ["grain"]),
        (None, None, None, []),
    ]:
        text = f"The ferry carried ninety boats of grain for {publisher} in {language} on {day}."
        document = Document(text=text, publisher=publisher, language=language, published_at=day)
        library.add(document.model_copy(update={"title": f"{publisher} {language}"}), tags=tags)
    return library


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"publishers": ["quay courier"]}, {"Quay Courier en", "Quay Courier de"}),
        ({"languages": ["en"]}, {"Quay Courier en", "Harbour Post en"}),
        ({"publishers": ["Quay Courier"], "languages": ["en"]}, {"Quay Courier en"}),
        ({"published_from": "2026"}, {"Quay Courier de", "Harbour Post en", "None None"}),
        (
            {"published_from": "2026-02", "published_until": "2026-02-28"},
            {"Quay Courier de", "None None"},
        ),
        ({"tags": ["grain"]}, {"Quay Courier de", "Harbour Post en"}),
        (
            {"tags": ["grain", "harbour"], "languages": ["en"]},
            {"Quay Courier en", "Harbour Post en"},
        ),
        ({"publishers": ["Nobody"]}, set()),
    ],
)
def test_only_sources_that_were_asked_for_are_found(
    tmp_path: Path, filters: dict[str, Any], found: set[str]
) -> None:
    with shelf(tmp_path) as library:
        hits = retrieve(library, "The ferry carried boats of grain", **filters)
    assert set(titles(hits)) == found


def test_words_alone_find_only_what_has_one_of_them(library: Library) -> None:
    hits = retrieve(library, "zzz lantern", by="words")
    assert set(titles(hits)) == {"Minutes"}
    assert retrieve(library, "zzz", by="words") == []
    assert len(retrieve(library, "zzz", by="meaning")) == 10


def test_meaning_alone_ranks_by_similarity(library: Library) -> None:
    scores = [hit.score for hit in retrieve(library, "Silva asked on day 5", by="meaning")]
    assert scores == sorted(scores, reverse=True)


def test_a_closer_look_changes_the_order_and_is_taken_at_the_best_only(library: Library) -> None:
    seen: list[tuple[str, int]] = []

    def prefers_one(text: str, hits: Sequence[Hit]) -> list[float]:
        seen.append((text, len(hits)))
        return [10.0 * (hit.source.title == "Question 17") for hit in hits]

    claim = "What did the office answer about costs?"
    plain = retrieve(library, claim, n=9)
    reranked = retrieve(library, claim, n=9, rerank=prefers_one)
    assert titles(reranked)[0] == "Question 17" != titles(plain)[0]
    assert seen == [(claim, 27)]
    assert len(reranked) == 9


def test_a_closer_look_that_tells_nothing_changes_nothing(library: Library) -> None:
    claim = "The harbour wall will be mended by May"
    indifferent = retrieve(library, claim, rerank=lambda _, hits: [0.5] * len(hits))
    assert indifferent == retrieve(library, claim)


def planted(site: str, of: int) -> list[Document]:
    return [
        Document(
            text=f"The bus depot at Orrel houses {of} buses, {name} counted.",
            title=f"Note {number}",
            url=f"https://{site}/{number}",
        )
        for number, name in enumerate([*NAMES, "Bakke", "Osei"])
    ]


def test_one_site_leaves_places_to_others_that_are_near_and_to_no_others(tmp_path: Path) -> None:
    asked = "The bus depot at Orrel houses 90 buses."
    witness = Document(
        text="At Orrel the bus depot houses 40 buses, not more than that, said Quinn."
    )
    salt = Document(text="Salt is dug from the hills beyond the river every winter.")
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        library.add_all([Addition(each) for each in [*planted("one.example", 90), salt]])
        alone = retrieve(library, asked)
        assert {hit.source.url is None for hit in alone} == {False}
        assert len(alone) == 10
        library.add(witness)
        found = retrieve(library, asked)
    assert len(found) == 10
    assert witness.text in {hit.source.text for hit in found}
    assert [hit.score for hit in alone[:6]] == [hit.score for hit in found[:6]]


@pytest.mark.parametrize("shared", ["publisher", "site"])
def test_a_publisher_with_many_sites_and_a_site_with_many_names_have_one_share(
    tmp_path: Path, shared: str
) -> None:
    many = []
    for number, document in enumerate(planted("one.example", 90)):
        other = {"publisher": f"Voice {number}", "url": f"https://{number}.one.example/a"}
        if shared == "publisher":
            other = {"publisher": "the ledger", "url": f"https://site-{number}.example/a"}
        many.append(document.model_copy(update=other))
    for number in range(5):
        text = f"The Orrel bus depot has {40 + number} buses, said {NAMES[number]}."
        many.append(Document(text=text, url=f"https://witness-{number}.example/b"))
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        library.add_all(list(map(Addition, many)))
        found = retrieve(library, "The bus depot at Orrel houses 90 buses.")
    said = Counter("witness" in (hit.source.url or "") for hit in found)
    assert said == {False: 6, True: 4}


def test_a_hit_has_the_mark_of_its_publisher_or_site(tmp_path: Path) -> None:
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        library.add(Document(text="The quay is shut.", publisher="The Ledger"))
        library.add(Document(text="The quay is open.", url="https://www.buzz.example/quay"))
        library.add(Document(text="The quay is long."))
        library.set_reputation("The Ledger", "trusted")
        library.set_reputation("buzz.example", "distrusted")
        marks = {hit.passage.text: hit.reputation for hit in retrieve(library, "The quay")}
    assert marks == {
        "The quay is shut.": "trusted",
        "The quay is open.": "distrusted",
        "The quay is long.": "neutral",
    }
