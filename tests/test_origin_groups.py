"""Groups of one origin in a library, as sources come and go, and the pairs that measure them."""

from __future__ import annotations

import json
import random
from contextlib import closing
from pathlib import Path

import pytest

from agent.types import Document, OriginReason, Source
from evals.evidence.origins import Pair, pairs, profiles, synthetic, table, told
from tests.test_origins import INDEPENDENT, MONDAY, TRIMMED, WIRE
from tools.library import schema
from tools.library.database import Database
from tools.library.grouping import copies, is_settled, settle
from tools.library.ids import source_id
from tools.library.kinship import kinship
from tools.library.origins import copied, origins
from tools.library.profiles import Profile, profile
from tools.readers import read_file

ROOT = Path(__file__).parents[1]
SUITE = ROOT / "evals" / "evidence" / "origin_pairs"
NEWSROOM = ROOT / "evals" / "suites" / "newsroom"
TEXTS: dict[str, dict[str, str]] = {
    row["id"]: row
    for row in map(json.loads, (SUITE / "texts.jsonl").read_text("utf-8").splitlines())
}
FERRY = [f"ferry/{name}" for name in ("wire", "copy", "trim", "reworded", "spun")]
OTHERS = [f"ferry/{name}" for name in ("independent", "update", "kind", "report-other")]


def document(name: str) -> Document:
    row = TEXTS[name]
    return Document(text=row["text"], publisher=row["publisher"], published_at=row["published_at"])


def opened(folder: Path) -> Database:
    """An empty library's database; without vectors and search caches it is quick to fill."""
    folder.mkdir(parents=True, exist_ok=True)
    schema.create(folder / "library.sqlite", "none", 1)
    return Database(folder / "library.sqlite")


def add(db: Database, document: Document) -> str:
    id_ = source_id(document.text)
    source = Source(id=id_, added_at="2026-01-01T00:00:00Z", origin=id_, **document.model_dump())
    with db.transaction():
        db.insert(source, document, [])
    return id_


def remove(db: Database, id_: str) -> None:
    with db.transaction():
        db.delete(id_)


def groups(db: Database) -> dict[str, tuple[str, OriginReason | None]]:
    """Origin and reason of each source, after settling."""
    if not is_settled(db):
        settle(db)
    assert is_settled(db)
    return {source.id: (source.origin, source.origin_reason) for source in db.sources()}


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("wire", "copy", "copy"),
        ("wire", "trim", "copy"),
        ("wire-a", "wire-b", "wire"),
        ("wire", "wire-a", "wire"),
        ("wire", "reworded", "spun"),
        ("report-a", "report-b", "report"),
        ("wire", "independent", None),
        ("wire", "update", None),
        ("wire", "kind", None),
        ("report-a", "report-other", None),
    ],
)
def test_why_two_texts_have_one_origin(a: str, b: str, reason: OriginReason | None) -> None:
    one, other = (
        profile(TEXTS[f"ferry/{name}"]["text"], TEXTS[f"ferry/{name}"]["publisher"])
        for name in (a, b)
    )
    assert kinship(one, other) == kinship(other, one) == reason


def test_texts_that_relay_one_report_are_no_copies() -> None:
    a, b = (profile(TEXTS[id_]["text"]) for id_ in ("ferry/report-a", "ferry/report-b"))
    assert not copied(kinship(a, b))


def test_groups_are_the_same_in_whatever_order_sources_come_and_go(tmp_path: Path) -> None:
    names = [*FERRY, *OTHERS, "ferry/wire-a", "ferry/wire-b", "ferry/report-a", "ferry/report-b"]
    found = []
    for seed in range(3):
        with closing(opened(tmp_path / str(seed))) as db:
            passing = add(db, document("ferry/spun"))
            for number, name in enumerate(random.Random(seed).sample(names, len(names))):
                if name != "ferry/spun":
                    add(db, document(name))
                if number % 4 == seed:
                    groups(db)
            remove(db, passing)
            groups(db)
            add(db, document("ferry/spun"))
            found.append(groups(db))
            assert found[-1] == origins(list(db.sources()))
    assert found[0] == found[1] == found[2]
    ids = {name: source_id(TEXTS[name]["text"]) for name in names}
    earliest = ids["ferry/wire"]
    assert {found[0][ids[name]][0] for name in FERRY} == {earliest}
    assert found[0][earliest] == (earliest, None)
    assert len({found[0][ids[name]][0] for name in OTHERS}) == len(OTHERS)


def test_a_group_falls_apart_when_what_held_it_together_is_removed(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as db:
        head = add(db, Document(text=TRIMMED))
        tail = add(db, Document(text="\n\n".join(WIRE.split("\n\n")[3:])))
        whole = add(db, Document(text=WIRE))
        assert {origin for origin, _ in groups(db).values()} == {whole}
        remove(db, whole)
        assert groups(db) == {head: (head, None), tail: (tail, None)}


def test_other_rules_group_all_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(opened(tmp_path)) as db:
        whole, cut = add(db, Document(text=WIRE)), add(db, Document(text=TRIMMED))
        assert groups(db)[cut] == (whole, "copy")
        monkeypatch.setattr("tools.library.grouping.RULES", "other")
        monkeypatch.setattr("tools.library.grouping.kinship", lambda a, b: None)
        assert not is_settled(db)
        assert groups(db)[cut] == (cut, None)


def test_only_what_may_be_akin_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def noted(source: Source) -> Profile:
        read.append(source.text)
        return profile(source.text, spun=False)

    with closing(opened(tmp_path)) as db:
        for source in synthetic(60):
            add(db, Document(text=source.text))
        add(db, Document(text=WIRE))
        groups(db)
        monkeypatch.setattr("tools.library.grouping.profile_of", noted)
        add(db, Document(text=TRIMMED))
        groups(db)
        assert set(read) == {TRIMMED, WIRE}
        read.clear()
        assert copies(db, WIRE + " More.") == {source_id(WIRE), source_id(TRIMMED)}
        assert sorted(read) == sorted([TRIMMED, WIRE])


def test_an_article_leaves_out_its_copies_and_no_other_account_of_the_event(
    tmp_path: Path,
) -> None:
    agency, courier = "baths-northmere-agency.md", "baths-brackenford-courier.md"
    with closing(opened(tmp_path)) as db:
        texts = {path.name: read_file(path) for path in (NEWSROOM / "sources").glob("baths-*.md")}
        ids = {name: add(db, document) for name, document in texts.items()}
        groups(db)
        article = texts[courier].text
        assert copies(db, article) == {ids[agency], ids[courier]}
        assert copies(db, "BREAKING. " + article) == {ids[agency], ids[courier]}
        for path in (NEWSROOM / "articles").glob("baths-*"):
            assert copies(db, read_file(path).text) == set()
        assert copies(db, INDEPENDENT) == copies(db, MONDAY) == set()


def test_the_pairs_are_what_their_readme_says() -> None:
    rows = [*pairs("tuned"), *pairs("held")]
    assert len(rows) == 200
    assert len({frozenset((pair.a, pair.b)) for pair in rows}) == 200
    assert {name for pair in rows for name in (pair.a, pair.b)} == set(TEXTS)
    halves = [{pair.a.split("/")[0] for pair in rows if pair.half == h} for h in ("tuned", "held")]
    assert not halves[0] & halves[1]
    readme = (SUITE / "README.md").read_text("utf-8")
    for kind in {pair.kind for pair in rows}:
        counted = [sum(p.kind == kind and p.half == h for p in rows) for h in ("tuned", "held")]
        same = "yes" if next(p for p in rows if p.kind == kind).same else "no"
        assert f"| `{kind}` | {same} |" in readme
        assert f"| {counted[0]} | {counted[1]} |" in readme.split(f"| `{kind}` |")[1].split("\n")[0]


def test_a_slice_of_the_pairs_is_told() -> None:
    labelled = [pair for pair in pairs("held") if pair.a.startswith(("ferry", "museum"))]
    texts = {name: text for name, text in profiles().items() if name.startswith(("ferry", "mus"))}
    assert all(bool(reason) == pair.same for pair, reason in told(labelled, texts).items())


def test_the_table_counts_what_was_told() -> None:
    found: dict[Pair, str | None] = {
        Pair("a", "b", same=True, kind="copy", half="held"): "copy",
        Pair("a", "c", same=True, kind="spun", half="held"): None,
        Pair("a", "d", same=False, kind="update", half="held"): "wire",
    }
    precision, recall, copy, spun, update = table(found)
    assert precision.split()[:4] == ["precision", "1", "of", "2"]
    assert recall.split()[:4] == ["recall", "1", "of", "2"]
    assert (copy.split()[-2:], spun.split()[1], update.split()[1]) == (["copy", "1"], "0", "1")
