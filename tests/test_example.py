"""The example that ships with the project is whole, invented, and what its key says it is.

These tests look at the data alone; what a check makes of it is tested elsewhere.
"""

from __future__ import annotations

import difflib
import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from agent.types import VERDICTS, ExclusionReason
from tools.text.spinning import is_spun, plain_reading

EXAMPLE = Path(__file__).parents[1] / "evals" / "example"
SOURCES = EXAMPLE / "sources"
EXPECTED: dict[str, Any] = json.loads((EXAMPLE / "expected.json").read_text("utf-8"))
ARTICLES: dict[str, dict[str, Any]] = EXPECTED["articles"]
COPIES: dict[str, str] = EXPECTED["copies"]
CLAIMS = [
    pytest.param(claim, id=f"{name}-{number}")
    for name, key in ARTICLES.items()
    for number, claim in enumerate(key["claims"], start=1)
]
TEXT_SOURCES = sorted(path.name for path in SOURCES.iterdir() if path.suffix != ".pdf")


def front_matter(path: Path) -> tuple[dict[str, Any], str]:
    """Metadata and body of a Markdown file."""
    _, head, body = path.read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(head), body


@cache
def body_of(name: str) -> str:
    """Text of a source without its metadata; HTML without its tags."""
    path = SOURCES / name
    if path.suffix == ".md":
        return front_matter(path)[1]
    text = path.read_text("utf-8")
    return re.sub(r"<[^>]+>", " ", text) if path.suffix == ".html" else text


def shingles(text: str, size: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", plain_reading(text).lower())
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def containment(a: str, b: str, size: int) -> float:
    """Share of the shorter text's runs of `size` words that the longer text holds."""
    left, right = shingles(body_of(a), size), shingles(body_of(b), size)
    return len(left & right) / min(len(left), len(right))


def changed_words(a: str, b: str) -> list[tuple[list[str], list[str]]]:
    left, right = re.findall(r"\w+", a), re.findall(r"\w+", b)
    blocks = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return [(left[i:j], right[k:m]) for tag, i, j, k, m in blocks if tag != "equal"]


def test_the_key_covers_the_articles_that_are_there() -> None:
    assert sorted(ARTICLES) == sorted(path.name for path in (EXAMPLE / "articles").iterdir())


@pytest.mark.parametrize("name", ARTICLES)
def test_claims_and_exclusions_share_out_the_whole_article(name: str) -> None:
    _, body = front_matter(EXAMPLE / "articles" / name)
    key = ARTICLES[name]
    quotes = [entry["quote"] for entry in key["claims"] + key["excluded"]]
    rest = body
    for quote in quotes:
        assert body.count(quote) == 1, quote
        rest = rest.replace(quote, "")
    assert rest.split() == []
    for part in (key["claims"], key["excluded"]):
        positions = [body.index(entry["quote"]) for entry in part]
        assert positions == sorted(positions)


@pytest.mark.parametrize("name", ARTICLES)
def test_every_article_shows_all_that_a_check_can_find(name: str) -> None:
    key = ARTICLES[name]
    claims = key["claims"]
    assert {claim["verdict"] for claim in claims} == set(VERDICTS)
    assert any(claim["origins"]["supports"] >= 2 for claim in claims), "two origins agree"
    conflicts = [claim for claim in claims if claim["verdict"] == "conflicting"]
    assert any(claim["supports"] for claim in conflicts), "the sources disagree"
    assert any(not claim["supports"] for claim in conflicts), "every source says otherwise"
    assert any(claim["hard"] for claim in claims)
    counted_once = [c for c in claims if c["origins"]["supports"] < len(c["supports"])]
    assert counted_once, "a copied source counts once"
    reasons = {entry["reason"] for entry in key["excluded"]}
    assert {"opinion", "question", "boilerplate", "incomplete"} <= reasons
    assert reasons <= set(get_args(ExclusionReason))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_verdict_follows_from_the_sources_named(claim: dict[str, Any]) -> None:
    supports, contradicts = claim["supports"], claim["contradicts"]
    decided = "supported" if supports else "unverifiable"
    assert claim["verdict"] == ("conflicting" if contradicts else decided)
    for stance, names in (("supports", supports), ("contradicts", contradicts)):
        assert all((SOURCES / name).is_file() for name in names)
        origins = {COPIES.get(name, name) for name in names}
        assert claim["origins"][stance] == len(origins)
    assert not set(supports) & set(contradicts)


def test_every_source_decides_some_claim() -> None:
    used = {
        name
        for key in ARTICLES.values()
        for claim in key["claims"]
        for name in claim["supports"] + claim["contradicts"]
    }
    assert used == {path.name for path in SOURCES.iterdir()}


def test_sources_say_where_and_when_they_appeared() -> None:
    hosts = []
    for path in sorted(SOURCES.glob("*.md")) + sorted((EXAMPLE / "articles").iterdir()):
        metadata, body = front_matter(path)
        assert set(metadata) == {"title", "author", "publisher", "date", "url"}
        assert isinstance(metadata["date"], date)
        assert 100 <= len(body.split()) <= 350
        hosts.append(metadata["url"].split("/")[2])
    assert len(hosts) == len(set(hosts)), "each outlet has an address of its own"


def test_a_trimmed_wire_copy_has_another_headline_and_the_same_words() -> None:
    copy, original = "ellery-evening-post.md", "littoral-press-agency.md"
    assert COPIES[copy] == original
    assert containment(copy, original, size=4) > 0.8
    assert len(body_of(copy)) < 0.8 * len(body_of(original))
    titles = [front_matter(SOURCES / name)[0]["title"] for name in (copy, original)]
    assert titles[0] != titles[1]


def test_one_source_is_machine_spun_and_ends_in_spam_domains() -> None:
    spun = [name for name in TEXT_SOURCES if is_spun(body_of(name))]
    assert spun == ["ferry-buzz-daily.md"]
    assert containment(spun[0], COPIES[spun[0]], size=2) > 0.5
    assert body_of(spun[0]).strip().splitlines()[-1].count(".example") >= 3


def test_sources_that_are_no_copies_are_worded_differently() -> None:
    pairs = [(a, b) for a in TEXT_SOURCES for b in TEXT_SOURCES if a < b and COPIES.get(a, a) != b]
    alike = {
        (a, b)
        for a, b in pairs
        if COPIES.get(b, b) != COPIES.get(a, a) and containment(a, b, size=4) > 0.2
    }
    assert alike == set()


@pytest.mark.parametrize(
    ("original", "altered", "pattern", "change"),
    [
        (
            "littoral-press-agency.md",
            "dockside-herald.txt",
            r"[“\"](We will \w+ raise local taxes[^”\"]*)[”\"]",
            (["not"], ["now"]),
        ),
        (
            "quayside-ledger.md",
            "island-radio.md",
            r"“(We will \w+ every sailing[^”]*)”",
            (["keep"], ["review"]),
        ),
    ],
)
def test_one_word_of_a_quotation_is_altered(
    original: str, altered: str, pattern: str, change: tuple[list[str], list[str]]
) -> None:
    said, reported = (re.search(pattern, body_of(name)) for name in (original, altered))
    assert said and reported
    assert changed_words(said[1], reported[1]) == [change]


def test_the_outdated_source_is_older_than_the_rest() -> None:
    dates = {path.name: front_matter(path)[0]["date"] for path in SOURCES.glob("*.md")}
    outdated = dates.pop("ellery-gazette-2024.md")
    assert (min(dates.values()) - outdated).days > 365


def test_the_pdf_is_what_its_script_makes() -> None:
    pytest.importorskip("fpdf")
    from evals.example.make_pdf import PATH, make_pdf

    assert make_pdf() == PATH.read_bytes()


def test_no_address_in_the_example_belongs_to_anyone() -> None:
    for path in EXAMPLE.rglob("*"):
        if path.suffix not in {".md", ".txt", ".html", ".json", ".pdf"}:
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        hosts = re.findall(r"(?:https?://|[\w.]+@)([\w.-]+\w)", text)
        assert all(host.endswith(".example") for host in hosts), path.name
        bare = re.findall(r"\b[\w-]+\.(?:com|org|net|info|io|news|eu|uk|de)\b", text)
        assert bare == [], path.name
