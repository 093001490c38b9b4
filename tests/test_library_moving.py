"""A library outlives releases and machines: schema versions, export, import, provenance."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from agent.errors import (
    AssayError,
    InputError,
    LibraryDamaged,
    LibraryError,
    LibraryLocked,
    UsageError,
)
from agent.types import Document
from tests import make_old_library
from tests.conftest import SOURCES, Assay
from tests.fake_embedder import WordEmbedder
from tests.libraries import document, make_library, top_ten
from tools.library import Addition, AddResult, Library, locks, schema
from tools.library.caches import hashed, read_seal, write_seal
from tools.library.database import Database
from tools.library.ids import source_id
from tools.library.moving import REPLACED, import_library
from tools.library.retrieval import retrieve


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("template") / "library")


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A library of twenty sources."""
    return Path(shutil.copytree(template, tmp_path / "library"))


@pytest.fixture(scope="module")
def exported(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("exported") / "twenty.assay"
    with Library.open(template, WordEmbedder()) as library:
        library.export(file)
    return file


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A library of three sources that the first release made."""
    folder = tmp_path / "old"
    folder.mkdir()
    shutil.copy(make_old_library.FILE, folder / "library.sqlite")
    return folder


# Where sources come from


def test_a_source_keeps_when_from_where_by_which_reader_and_from_which_bytes(
    folder: Path,
) -> None:
    read = Document(
        text="A whale was seen.", url="https://example.org/w", reader="html", bytes_sha256="ab12"
    )
    with Library.open(folder, WordEmbedder(), write=True) as library:
        source = library.add(read, path="w.html").source
        kept = library.provenance(source.id)
    assert kept._asdict() == {
        "added_at": source.added_at,
        "path": "w.html",
        "url": "https://example.org/w",
        "reader": "html",
        "bytes_sha256": "ab12",
        "text_sha256": hashlib.sha256(read.text.encode()).hexdigest(),
    }


def test_every_other_place_where_a_text_appeared_is_kept_once(folder: Path, tmp_path: Path) -> None:
    here = document(3)
    there = here.model_copy(update={"publisher": "The Echo", "url": "https://echo.example/3"})
    later = there.model_copy(update={"published_at": "2026-04-01", "title": "Again"})
    with Library.open(folder, WordEmbedder(), write=True) as library:
        before = library.state()
        results = library.add_all([Addition(each) for each in (here, there, there, later)])
        assert [isinstance(r, AddResult) and r.appeared for r in results] == [0, 1, 0, 1]
        assert not library.add(later, path="b.txt").appeared
        kept = library.appearances(source_id(here.text))
        assert library.state() == before
        library.export(tmp_path / "one.assay")
    assert [(each.publisher, each.published_at, each.url) for each in kept] == [
        ("The Echo", "2026-03-04", "https://echo.example/3"),
        ("The Echo", "2026-04-01", "https://echo.example/3"),
    ]
    import_library(tmp_path / "one.assay", tmp_path / "new")
    with Library.open(tmp_path / "new", WordEmbedder(), write=True) as library:
        assert library.appearances(source_id(here.text)) == kept
        assert library.verify() == []
        library.remove(source_id(here.text))
        library.add(document(3))
        assert library.appearances(source_id(here.text)) == []


def test_a_source_that_gets_its_date_later_needs_no_rebuilt_index_and_is_grouped_by_it(
    folder: Path,
) -> None:
    text = "The Tallis ferry carries 300 people a day from the old pier to the island. " * 4
    dated = Document(text=f"{text} It runs until ten.", published_at="2026-03-05")
    undated = Document(text=text, title="Pier")
    with Library.open(folder, WordEmbedder(), write=True) as library:
        ids = [library.add(each, path="a.md").source.id for each in (dated, undated)]
        assert {library.source(id_).origin for id_ in ids} == {ids[0]}
        known = undated.model_copy(update={"published_at": "2026-03-04"})
        assert library.add(known, path="a.md").completed
        assert {library.source(id_).origin for id_ in ids} == {ids[1]}
    notices: list[str] = []
    with Library.open(folder, WordEmbedder(), on_notice=notices.append) as library:
        assert library.source(ids[1]).published_at == "2026-03-04"
        assert library.verify() == []
    assert notices == []


# Schema versions


@pytest.mark.parametrize("write", [False, True])
def test_a_library_of_the_first_release_is_brought_up_to_date(old: Path, write: bool) -> None:
    before = (old / "library.sqlite").read_bytes()
    notices: list[str] = []
    with Library.open(old, WordEmbedder(), write=write, on_notice=notices.append) as library:
        assert [source.text for source in library.sources()] == make_old_library.TEXTS
        last = library.sources()[-1]
        assert (last.title, last.path, last.added_at) == (
            "Title 2", "2.txt", "2026-03-07T08:00:00.000+00:00"
        )  # fmt: skip
        assert last.warnings == [make_old_library.WARNING]
        kept = library.provenance(last.id)
        assert (kept.reader, kept.bytes_sha256) == (None, None)
        assert kept.text_sha256 == hashlib.sha256(last.text.encode()).hexdigest()
        assert library.verify() == []
        assert retrieve(library, "whale at the lighthouse")[0].source.title == "Title 1"
    backup = old / "library.version-1.sqlite"
    assert notices[0] == (
        f"the library was brought from version 1 to {schema.VERSION}; "
        f"as it was, it is kept in {backup.name}"
    )
    assert schema.version_of(backup) == 1
    with closing(sqlite3.connect(backup)) as kept_file, closing(sqlite3.connect(":memory:")) as was:
        was.deserialize(_without_wal(before))
        assert list(kept_file.iterdump()) == list(was.iterdump())
    assert not list(old.glob("*.new"))


def test_an_upgrade_that_only_adds_tables_keeps_the_search_caches(folder: Path) -> None:
    found = top_ten(folder)
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        connection.executescript(
            "DROP TABLE appearances; DROP TABLE readings; PRAGMA user_version = 5"
        )
    caches = ("chroma", "fulltext.sqlite")
    before = [(folder / name).stat().st_ino for name in caches]
    notices: list[str] = []
    assert top_ten(folder, notices) == found
    with Library.open(folder, WordEmbedder(), on_notice=notices.append) as library:
        assert library.verify() == []
    assert [(folder / name).stat().st_ino for name in caches] == before
    assert notices == [
        f"the library was brought from version 5 to {schema.VERSION}; "
        "as it was, it is kept in library.version-5.sqlite"
    ]


def _without_wal(database: bytes) -> bytes:
    """Bytes 18 and 19 say that there is a log beside, which memory has not."""
    return database[:18] + b"\1\1" + database[20:]


def test_an_upgrade_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (old / "library.sqlite").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(schema, "text_sha256", lambda text: 1 / 0)
        with pytest.raises(LibraryError):
            Library.open(old, WordEmbedder())
    assert (old / "library.sqlite").read_bytes() == before
    with Library.open(old, WordEmbedder()) as library:
        assert library.state().sources == 3


def test_a_library_in_use_is_not_upgraded(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "ALONE_SECONDS", 0.5)
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)
    with locks.FolderLock(old) as lock:
        lock.acquire(exclusive=False)
        with pytest.raises(LibraryLocked):
            Library.open(old, WordEmbedder())
    assert schema.version_of(old / "library.sqlite") == 1


def test_a_new_library_has_the_schema_of_an_upgraded_one(folder: Path, old: Path) -> None:
    Library.open(old, WordEmbedder()).close()
    tables = []
    for each in (folder, old):
        with closing(sqlite3.connect(each / "library.sqlite")) as connection:
            tables.append(connection.execute("SELECT sql FROM sqlite_master").fetchall())
    assert tables[0] == tables[1]


# One file


def test_an_exported_library_is_the_same_elsewhere(
    folder: Path, exported: Path, tmp_path: Path
) -> None:
    state = import_library(exported, tmp_path / "new" / "place")
    with (
        Library.open(folder, WordEmbedder()) as ours,
        Library.open(tmp_path / "new" / "place", WordEmbedder()) as theirs,
    ):
        assert state == ours.state() == theirs.state()
        assert ours.sources() == theirs.sources()
        ids = [source.id for source in ours.sources()]
        assert [*map(ours.provenance, ids)] == [*map(theirs.provenance, ids)]
        assert theirs.verify() == []
    assert top_ten(tmp_path / "new" / "place") == top_ten(folder)
    assert sorted(path.name for path in exported.parent.iterdir()) == [exported.name]


def test_an_export_overwrites_nothing(folder: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with Library.open(folder, WordEmbedder()) as library:
        with pytest.raises(UsageError, match="exists already"):
            library.export(taken)
        with pytest.raises(UsageError, match=f"there is no folder {tmp_path / 'no' / 'such'}"):
            library.export(tmp_path / "no" / "such" / "file")
        (tmp_path / "full.new").mkdir()  # in the way of what is written first
        with pytest.raises(LibraryError, match=f"the file {tmp_path / 'full'} cannot be written"):
            library.export(tmp_path / "full")
    assert taken.read_text() == "mine"


def test_an_import_replaces_a_library_only_when_told_and_keeps_it(
    exported: Path, tmp_path: Path
) -> None:
    folder = make_library(tmp_path / "other", 3)
    with pytest.raises(LibraryError, match=r"already.*--replace"):
        import_library(exported, folder)
    notices: list[str] = []
    import_library(exported, folder, replace=True, on_notice=notices.append)
    assert notices == [f"the library that was there is kept in {folder / REPLACED}"]
    assert len(top_ten(folder)) == 10
    import_library(folder / REPLACED, tmp_path / "back")
    with Library.open(tmp_path / "back", WordEmbedder()) as library:
        assert {source.text for source in library.sources()} == {
            document(number).text for number in range(3)
        }


def test_a_second_import_keeps_what_the_first_one_kept(exported: Path, tmp_path: Path) -> None:
    folder = make_library(tmp_path / "other", 1)
    original = (folder / "library.sqlite").read_bytes()
    for _ in range(3):
        import_library(exported, folder, replace=True)
    assert (folder / REPLACED).read_bytes() == original
    assert sorted(path.name for path in folder.glob("library.*")) == [
        "library.replaced-2.sqlite",
        "library.replaced-3.sqlite",
        REPLACED,
        "library.sqlite",
    ]


def test_an_import_takes_the_place_of_an_older_release_and_keeps_it_unchanged(
    exported: Path, old: Path
) -> None:
    before = (old / "library.sqlite").read_bytes()
    import_library(exported, old, replace=True)
    assert len(top_ten(old)) == 10
    assert (old / REPLACED).read_bytes() == before


@pytest.mark.parametrize("damaged", [b"", b"\xa5" * 9000])
def test_an_import_restores_a_damaged_library(exported: Path, folder: Path, damaged: bytes) -> None:
    (folder / "library.sqlite").write_bytes(damaged)
    with pytest.raises(LibraryDamaged):
        Library.open(folder, WordEmbedder())
    left = b"what a process left that was killed"
    (folder / "library.sqlite-wal").write_bytes(left)
    state = import_library(exported, folder, replace=True)
    assert (folder / REPLACED).read_bytes() == damaged
    assert (folder / f"{REPLACED}-wal").read_bytes() == left
    with Library.open(folder, WordEmbedder()) as library:
        assert library.state() == state
        assert library.verify() == []


def test_the_database_of_an_older_release_is_not_called_damaged(old: Path) -> None:
    with pytest.raises(LibraryError, match="older release") as caught:
        Database(old / "library.sqlite")
    assert not isinstance(caught.value, LibraryDamaged)


def test_the_search_index_of_an_older_release_is_out_of_date_not_damaged(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        connection.executescript(
            "DROP INDEX sources_by_origin; DROP TABLE signatures; DROP TABLE reputations;"
            "DROP TABLE appearances; DROP TABLE readings;"
            "ALTER TABLE sources DROP COLUMN origin_reason;"
            "DELETE FROM meta WHERE key = 'origin_rules'; PRAGMA user_version = 3"
        )
    wrong_text(folder)  # as it may be where the index is of another form
    notices: list[str] = []
    with Library.open(folder, WordEmbedder(), on_notice=notices.append) as library:
        assert library.verify() == []
    assert "brought from version 3" in notices[0]
    assert [notice.partition(";")[0] for notice in notices[1:]] == [
        "the search index was out of date"
    ]


def test_a_text_is_not_taken_for_a_library_and_no_folder_is_made(tmp_path: Path) -> None:
    text = tmp_path / "article.md"
    text.write_text("# A whale was seen\n\nNear the lighthouse.\n")
    with pytest.raises(InputError, match=f"the file {text} is not an exported library"):
        import_library(text, tmp_path / "place")
    assert not (tmp_path / "place").exists()


def test_the_database_of_an_older_release_can_be_imported(tmp_path: Path) -> None:
    import_library(make_old_library.FILE, tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "library.sqlite", "locks"
    ]  # fmt: skip
    with Library.open(tmp_path / "new", WordEmbedder()) as library:
        assert library.state().sources == 3


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5000])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def no_database(file: Path) -> None:
    file.write_text("A text. " * 2000)


def other_database(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE birds (name)")


def one_title_changed(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE sources SET title = 'Vote 8' WHERE title = 'Vote 7'")


def one_bit_changed(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        (vector,) = connection.execute("SELECT vector FROM passages LIMIT 1").fetchone()
    content = file.read_bytes()
    place = content.index(vector[:40])
    file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (cut, LibraryDamaged),
        (emptied, InputError),
        (no_database, InputError),
        (other_database, LibraryDamaged),
        (one_title_changed, LibraryDamaged),
        (one_bit_changed, LibraryDamaged),
    ],
)
def test_a_file_that_is_not_what_was_exported_is_refused_and_nothing_is_changed(
    exported: Path, tmp_path: Path, damage: Callable[[Path], None], error: type[AssayError]
) -> None:
    file = Path(shutil.copy(exported, tmp_path / "damaged"))
    folder = make_library(tmp_path / "library", 1)
    before = (folder / "library.sqlite").read_bytes()
    damage(file)
    with pytest.raises(error, match=f"^the file {file} is no"):
        import_library(file, folder, replace=True)
    assert (folder / "library.sqlite").read_bytes() == before
    assert not list(folder.glob("library.import*"))
    with pytest.raises(InputError, match="no file"):
        import_library(tmp_path / "none", folder, replace=True)
    # Where there was nothing, nothing is left.
    (empty := tmp_path / "empty").mkdir()
    for place in (empty, tmp_path / "new"):
        with pytest.raises(error):
            import_library(file, place)
    assert list(empty.iterdir()) == []
    assert not (tmp_path / "new").exists()


def test_a_library_is_exported_shown_and_imported_by_command(
    assay: Assay, word_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, place = Path("moved.assay"), Path("place")  # as people type them
    exported = assay("sources", "export", file, "--library", word_library)
    assert (exported.code, exported.out) == (0, "")
    assert f"Exported {len(SOURCES)} sources in" in exported.err
    assert f"{file.stat().st_size:,} bytes" in exported.err
    again = assay("sources", "export", file, "--library", word_library)
    assert (again.code, "exists already" in again.err) == (2, True)

    assert assay("sources", "import", file, "--library", place).code == 0
    there = assay("sources", "import", file, "--library", place)
    assert (there.code, "--replace" in there.err) == (4, True)
    replaced = assay("sources", "import", file, "--library", place, "--replace")
    assert (replaced.code, REPLACED in replaced.err) == (0, True)
    assert assay("sources", "verify", "--library", place).code == 0
    assert assay("sources", "import", tmp_path / "none", "--library", place).code == 3

    listed = assay("sources", "list", "--library", place, "--json").json["sources"]
    shown = assay("sources", "show", listed[0]["id"], "--library", place)
    assert "text_sha256: " + listed[0]["id"][2:] in shown.out


# Search caches that are whole but wrong


def wrong_vector(folder: Path) -> None:
    from tools.library.caches import Row, Stamp
    from tools.library.index import Index

    seal = json.loads((folder / "chroma" / "seal.json").read_text())
    stamp = Stamp(**seal["stamp"])
    with closing(Index(folder)) as index:
        assert index.faults(stamp) == []
        with Library.open(folder, WordEmbedder()) as library:
            passage = library.passages(library.sources()[0].id)[0]
        row = Row(passage.id, "Vote 0", passage.text, np.eye(64, dtype=np.float32)[0])
        index.update(stamp, removed=[row.id], added=[row])


def wrong_text(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "fulltext.sqlite")) as connection, connection:
        connection.execute("UPDATE passages SET text = 'otters' WHERE rowid = 3")
    stamp, _ = read_seal(folder / "fulltext.json")
    write_seal(folder / "fulltext.json", stamp, hashed(folder, [folder / "fulltext.sqlite"]))


@pytest.mark.parametrize("damage", [wrong_vector, wrong_text])
@pytest.mark.parametrize("write", [False, True])
def test_verify_compares_the_search_index_with_the_database_entry_by_entry(
    folder: Path, damage: Callable[[Path], None], write: bool
) -> None:
    before = top_ten(folder)
    damage(folder)
    notices: list[str] = []
    with Library.open(folder, WordEmbedder(), write=write, on_notice=notices.append) as library:
        assert library.verify() == []
        assert len(notices) == 1
        assert notices[0].startswith("the search index was damaged; rebuilt")
        assert library.verify() == []
    assert top_ten(folder, notices) == before
    assert len(notices) == 1
