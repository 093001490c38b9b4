"""A library as one folder that is only read: to copy, to share, to hand to many processes.

    snapshot.json           what it holds, and size and hash of every file
    library.sqlite, chroma/, fulltext.*     as in a library

It is a library as it was at one moment, brought up to date and at rest: no file beside the
database has a part of it. A process that opens it writes nothing into it, not even a lock, so it
may lie on a file system that cannot be written to. SQLite is told that its files never change.
Chroma writes to its database whenever it opens it; so each process gives it a copy of that file,
about 400 bytes a passage, in a folder of its own where temporary files go. The vector files,
which are the most of it, are shared.

There is no way to add to a snapshot: one makes another.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NoReturn

from agent.errors import LibraryDamaged, LibraryError, LibraryReadOnly, UsageError
from tools.library import schema
from tools.library.caches import Stamp, Unusable, delete, hashed
from tools.library.checked import Checked
from tools.library.database import Database
from tools.library.fulltext import WordCache
from tools.library.held import HeldFolder, remove_left
from tools.library.locks import FolderLock
from tools.library.vectors import VectorCache, vector_files

MANIFEST, DATABASE = "snapshot.json", "library.sqlite"
_FORMAT = 1
_READ_ONLY = 0o444
_MARK, _MARK_AT = 0x4173536E, 68
"""Of a snapshot's database: SQLite's `application_id`, and where that stands in the file. It is
there even where a copy of the snapshot was broken off before its manifest."""
_OWN = "assay-snapshot-"
"""How the folder with a process's own copy of Chroma's database is called."""
_PASSING = "snapshot-"
"""How a folder within a library is called whose snapshot goes when its process does."""


def is_snapshot(folder: Path) -> bool:
    """Whether a folder is a snapshot of a library, be it whole or not."""
    if (folder / MANIFEST).is_file():
        return True
    try:
        with (folder / DATABASE).open("rb") as file:
            file.seek(_MARK_AT)
            return file.read(4) == _MARK.to_bytes(4, "big")
    except OSError:  # there is no database, or whoever opens it says what is wrong
        return False


def passing(library: Path) -> HeldFolder:
    """A folder within a library's, for a snapshot that nobody needs once this process has ended.

    Raises:
        OSError: it cannot be made.
    """
    return HeldFolder(library, _PASSING)


def tidy(library: Path) -> None:
    """Removes from a library's folder the snapshots of processes that were killed."""
    remove_left(library, _PASSING)


def notes_folder(library: Path) -> Path:
    """Where this machine keeps what it notes of its work with a library: a model's answers, what
    was spent. That is the library's folder; of all snapshots it is one in the user's data.
    """
    if not is_snapshot(library):
        return library
    from platformdirs import user_data_path

    folder = user_data_path("assay", appauthor=False) / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def work_folder(library: Path) -> Path:
    """Where this machine keeps what people do with a library: conversations, the service's checks.
    That is the library's folder; each snapshot, and all copies of it, has one in the user's data.
    """
    if not is_snapshot(library):
        return library
    try:
        manifest = (library / MANIFEST).read_bytes()
    except OSError as error:
        raise _not_whole(library, f"{MANIFEST} cannot be read: {error}") from error
    return notes_folder(library) / hashlib.sha256(manifest).hexdigest()[:16]


def write_snapshot(db: Database, target: Path, stamp: Stamp) -> None:
    """Makes a snapshot of a library whose search caches are up to date and closed.

    It takes its place by renaming, once it is on the disk and has been opened.

    Args:
        db: the library's database; nobody may write to it meanwhile.
        target: the folder to make.
        stamp: what the caches were sealed as.

    Raises:
        UsageError: there is something at `target` already, or no folder to make it in.
        LibraryError: it cannot be written.
    """
    if target.exists():
        raise UsageError(f"{target} exists already", "name another folder")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}", "make it, or name another")
    draft = target.with_name(f"{target.name}.new-{secrets.token_hex(4)}")
    try:
        draft.mkdir()
        db.write_copy(draft / DATABASE, digest=False)
        with closing(sqlite3.connect(draft / DATABASE, isolation_level=None)) as written:
            written.execute(f"PRAGMA application_id = {_MARK}")
        if stamp.passages:
            _copy_caches(db.folder, draft)
            _try_out(draft, stamp)
        _seal(draft, db, stamp)
        draft.rename(target)
    except (OSError, sqlite3.OperationalError) as error:
        detail = (error.strerror if isinstance(error, OSError) else None) or error
        raise LibraryError(
            f"the snapshot {target} cannot be written: {detail}",
            "check that its folder may be written to and that the disk is not full",
        ) from error
    finally:
        delete(draft)


def check_size(folder: Path) -> None:
    """A look at every file of a snapshot: a copy that was broken off is found here.

    Raises:
        LibraryDamaged: a file is missing or not as long as it was; or the manifest is none.
        LibraryError: another release made it, in a form that this one does not read.
    """
    for name, (size, _) in _files(folder).items():
        try:
            found = (folder / name).stat().st_size
        except OSError as error:
            raise _not_whole(folder, f"{name} is missing") from error
        if found != size:
            raise _not_whole(folder, f"{name} has {found:,} bytes, not {size:,}")


def problems(folder: Path) -> Iterator[str]:
    """Reads every file of a snapshot; one line for each that is not as it was written."""
    for name, (_, sha256) in _files(folder).items():
        if hashed(folder, [folder / name])[name] != sha256:
            yield f"{name}: it is not as it was written"


class SnapshotLock(FolderLock):
    """In place of a lock: nobody writes to a snapshot, so nobody waits for anybody."""

    def acquire(
        self,
        *,
        exclusive: bool,
        gives_way: bool = False,
        patience: float | None = None,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        """Does nothing.

        Raises:
            LibraryReadOnly: somebody wants to write.
        """
        if exclusive:
            raise LibraryReadOnly(
                f"{self.folder} is a snapshot of a library, which is only read",
                "change the library that it was made of, and make another snapshot",
            )

    def alone(self) -> NoReturn:
        """There is nothing that may be mended.

        Raises:
            LibraryDamaged: always.
        """
        raise _not_whole(self.folder, "its search index is damaged, or of another release")

    def release(self) -> None:
        """Does nothing."""


class SnapshotVectors(VectorCache):
    """Passages by meaning, of a snapshot: Chroma writes to a copy of its database."""

    def __init__(self, folder: Path, checked: Checked) -> None:
        super().__init__(folder, checked)
        self._shared = self._path
        self._own: HeldFolder | None = None

    def open(self, stamp: Stamp) -> None:
        if not self._shared.is_dir():
            raise Unusable("missing")
        self._own = HeldFolder(Path(tempfile.gettempdir()), _OWN)
        self._path = self._own.path / "chroma"
        try:
            _stand_in(self._shared, self._path)
        except OSError as error:
            raise Unusable("not readable", error, "make room where temporary files go") from error
        super().open(stamp)

    def close(self) -> None:
        super().close()
        if self._own is not None:
            self._own.remove()
            self._own = None


def _stand_in(chroma: Path, stand_in: Path) -> None:
    """Makes a folder in which Chroma may write: its database is a copy, all else a link."""
    stand_in.mkdir()
    for file in sorted(chroma.rglob("*")):
        other = stand_in / file.relative_to(chroma)
        if file.is_dir():
            other.mkdir()
        elif file.suffix == ".sqlite3":
            shutil.copyfile(file, other)
        else:
            try:
                other.symlink_to(file.absolute())
            except OSError:  # a file system, or a user, that may make no links
                shutil.copyfile(file, other)


def _copy_caches(folder: Path, draft: Path) -> None:
    """Copies both caches with their seals. Readers of the library may have them open."""
    for name in ("fulltext.sqlite", "fulltext.json"):
        shutil.copyfile(folder / name, draft / name)
    chroma, copied = folder / "chroma", draft / "chroma"
    copied.mkdir()
    shutil.copyfile(chroma / "seal.json", copied / "seal.json")
    for file in vector_files(chroma):
        other = copied / file.relative_to(chroma)
        other.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, other)
    # Through SQLite: another reader's Chroma may be writing to it at this moment.
    with closing(sqlite3.connect(chroma / "chroma.sqlite3")) as database:
        database.execute("VACUUM INTO ?", (str(copied / "chroma.sqlite3"),))


def _try_out(draft: Path, stamp: Stamp) -> None:
    checked = Checked(draft, keeps=False)
    for cache in (SnapshotVectors(draft, checked), WordCache(draft, checked, read_only=True)):
        try:
            cache.open(stamp)
        finally:
            cache.close()


def _seal(draft: Path, db: Database, stamp: Stamp) -> None:
    """Writes the manifest, and waits until all is on the disk."""
    files = [path for path in sorted(draft.rglob("*")) if path.is_file()]
    manifest = {
        "format": _FORMAT,
        "schema": schema.VERSION,
        "embedder": stamp.embedder,
        "library": db.state().model_dump(),
        "files": {
            name: [(draft / name).stat().st_size, sha256]
            for name, sha256 in hashed(draft, files).items()
        },
    }
    written = draft / MANIFEST
    written.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for path in (*files, written):
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        with suppress(OSError):  # a file system without permissions
            path.chmod(_READ_ONLY)


def _files(folder: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of each file, by its path in the folder."""
    try:
        read: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        made = (read["format"], read["schema"])
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in _items(read)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_whole(folder, f"{MANIFEST} cannot be read: {error}") from error
    if made != (_FORMAT, schema.VERSION):
        raise LibraryError(
            f"the snapshot {folder} was made by another release",
            "make it anew: assay sources snapshot FOLDER",
        )
    return files


def _items(manifest: dict[str, Any]) -> Any:
    return manifest["files"].items()


def _not_whole(folder: Path, detail: object) -> LibraryDamaged:
    return LibraryDamaged(
        f"the snapshot {folder} cannot be used: {detail}",
        "copy it again, or make another: assay sources snapshot FOLDER",
    )
