"""Newer versions of a page: which addresses are one, which dates are later, who supersedes whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.library.versions import (
    Comparisons,
    Version,
    disputed,
    keeps,
    same_page,
    superseded,
)
from tools.times.publication import certainly_later


def always(older: str, newer: str) -> bool:
    """Every text is an update of every other."""
    return True


PAGE = "https://ledger.example/ferries"
DATES = st.none() | st.sampled_from(
    ["2025", "2026", "2026-02", "2026-03", "2026-03-04", "2026-03-05", "2026-11-30"]
)
VERSIONS = st.lists(
    st.tuples(st.sampled_from([PAGE, f"{PAGE}?page=2", "https://ledger.example", None]), DATES),
    max_size=8,
).map(lambda rows: [Version(f"s-{n}", *row) for n, row in enumerate(rows)])


@pytest.mark.parametrize(
    "url",
    [
        "http://ledger.example/ferries",
        "https://www.Ledger.example:443/ferries/",
        f"{PAGE}?utm_source=mail&fbclid=x1",
        f"{PAGE}#comments",
        "https://ledger.example/%66erries",
    ],
)
def test_the_same_page_has_many_addresses(url: str) -> None:
    assert same_page(url) == same_page(PAGE) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://ledger.example/ferry",
        "https://ledger.example/Ferries",
        "https://ledger.example:8080/ferries",
        "https://news.ledger.example/ferries",
        f"{PAGE}?id=7",
        f"{PAGE}?ref=7",
        f"{PAGE}#!/7",
    ],
)
def test_another_page_is_not_taken_for_the_same(url: str) -> None:
    assert same_page(url) not in (same_page(PAGE), None)


def test_the_order_of_parameters_does_not_matter() -> None:
    assert same_page(f"{PAGE}?a=1&b=2") == same_page(f"{PAGE}?b=2&a=1")


def test_a_host_has_the_same_key_in_both_of_its_spellings() -> None:
    assert same_page("https://xn--mller-kva.example/ä") == same_page(
        "https://müller.example/%C3%A4"
    )


@pytest.mark.parametrize(
    "url",
    [None, "", "https://ledger.example", "https://ledger.example/?utm_id=7", "ftp://x.example/a",
     "https://[::1", "https://x.example:x/a", "ferries"],
)  # fmt: skip
def test_an_address_of_no_page_has_no_key(url: str | None) -> None:
    assert same_page(url) is None


@given(st.text(max_size=60))
def test_any_text_may_stand_for_an_address(text: str) -> None:
    same_page(text)
    same_page(f"https://x.example/{text}")


def test_only_what_is_certainly_later_is_later() -> None:
    assert certainly_later("2026-03-05", "2026-03-04")
    assert certainly_later("2026-04", "2026-03-04")
    assert certainly_later("2027", "2026-12-31")
    assert not certainly_later("2026-03", "2026-03-04")
    assert not certainly_later("2026-03-31", "2026-03")
    assert not certainly_later("2026-03-04", "2026-03-04")
    assert not certainly_later(None, "2026")
    assert not certainly_later("2026", None)


def test_the_newest_version_of_a_page_supersedes_all_older_ones() -> None:
    versions = [
        Version("s-march", PAGE, "2026-03-04"),
        Version("s-may", f"{PAGE}/", "2026-05-01"),
        Version("s-april", f"{PAGE}#top", "2026-04-01"),
        Version("s-undated", PAGE, None),
        Version("s-other", f"{PAGE}/2", "2026-06-01"),
    ]
    assert superseded(versions, always) == {"s-march": "s-may", "s-april": "s-may"}
    assert superseded(versions, always, as_of="2026-04-30") == {"s-march": "s-april"}
    assert superseded(versions, always, as_of="2026-04") == {"s-march": "s-april"}
    assert superseded(versions, always, as_of="2026-03-31") == {}


def test_versions_of_one_day_are_both_the_newest() -> None:
    day = [Version("s-1", PAGE, "2026-03-04"), Version("s-2", PAGE, "2026-03-04")]
    assert superseded(day, always) == {}
    assert superseded([*day, Version("s-0", PAGE, "2026-03")], always) == {}


@given(VERSIONS, st.randoms(use_true_random=False))
def test_who_is_superseded_depends_on_addresses_and_dates_alone(
    versions: list[Version], random: object
) -> None:
    newer = superseded(versions, always)
    by_id = {version.id: version for version in versions}
    for old, new in newer.items():
        assert same_page(by_id[old].url) == same_page(by_id[new].url)
        assert certainly_later(by_id[new].published_at, by_id[old].published_at)
        assert new not in newer
    for version in versions:
        later = (
            certainly_later(other.published_at, version.published_at)
            for other in versions
            if same_page(other.url) == same_page(version.url) is not None
        )
        assert any(later) == (version.id in newer)
    shuffled = list(versions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert superseded(shuffled, always) == newer


def test_a_source_with_the_address_of_another_and_its_own_text_supersedes_nothing() -> None:
    versions = [
        Version("s-true", PAGE, "2026-03-04"),
        Version("s-update", PAGE, "2026-04-01"),
        Version("s-planted", PAGE, "2026-05-01"),
        Version("s-later", PAGE, "2026-06-01"),
    ]

    def not_planted(older: str, newer: str) -> bool:
        return "s-planted" not in (older, newer)

    newer = superseded(versions, not_planted)
    assert newer == {"s-true": "s-later", "s-update": "s-later"}
    assert disputed(versions, not_planted) == [["s-later", "s-planted"]]
    assert disputed(versions, always) == []


def test_a_source_of_another_publisher_supersedes_nothing_however_alike_the_text() -> None:
    mine = Version("s-1", PAGE, "2026-03-04", "The Ledger")
    for publisher, is_newer in (("the ledger", True), (None, True), ("Port Times", False)):
        other = Version("s-2", PAGE, "2026-04-01", publisher)
        assert ("s-1" in superseded([mine, other], always)) == is_newer


def test_an_update_keeps_half_of_the_text_and_another_account_does_not() -> None:
    ferry = "The ferry to Orrel sails at nine, and a ticket costs two marks for grown people."
    corrected = ferry.replace("two marks", "three marks")
    assert keeps(ferry, corrected)
    assert keeps(ferry, f"Correction of Monday. {ferry} It does not sail on Sundays in winter.")
    assert not keeps(ferry, "A ticket to Orrel costs nine marks, and the ferry sails at two.")
    assert not keeps(f"{ferry} {'The harbour master said no more than that. ' * 2}", ferry[:30])


def test_texts_are_compared_once_for_all_openings_of_a_library() -> None:
    rows = [Version(f"s-{n}", PAGE, f"2026-03-{n:02}") for n in range(1, 21)]
    asked: list[str] = []

    def text(id_: str) -> str:
        asked.append(id_)
        return " ".join(f"{word}{id_[2:]}" for word in ("berth", "boat", "captain", "cargo"))

    comparisons = Comparisons()
    for _ in range(3):
        assert superseded(rows, lambda a, b: comparisons.keeps(a, b, text)) == {}
        assert sorted(asked) == sorted(row.id for row in rows)
    assert comparisons.keeps("s-1", "s-1", text)
