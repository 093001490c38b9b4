"""The index by meaning that each machine keeps of a library on a server: which files stay."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from agent.errors import LibraryError
from tools.library.caches import Stamp
from tools.library.nearby import LocalVectors
from tools.library.served import ServedDatabase, Vector


class _Shown:
    """What a database shows in one revision of one making of its passages."""

    def __init__(self, revision: int, built: str) -> None:
        self._stamp = Stamp("words", 2, f"{revision}/{built}", 2)

    def stamp(self) -> Stamp:
        return self._stamp

    def vectors(self, source_ids: Sequence[str] | None = None) -> Iterator[Vector]:
        for number in range(2):
            yield Vector(f"a:{number}", np.eye(2, dtype=np.float32)[number])

    def changed_since(self, revision: int) -> dict[str, int]:
        return {"a": 2}


def shown(revision: int, built: str) -> ServedDatabase:
    return cast("ServedDatabase", _Shown(revision, built))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "vectors").glob("*.npy"))


@pytest.mark.parametrize(("before", "after"), [("f" * 16, "0" * 16), ("0" * 16, "f" * 16)])
def test_after_a_rebuild_the_earlier_file_goes_and_who_reads_on_leaves_the_later_one(
    before: str, after: str, tmp_path: Path
) -> None:
    LocalVectors(tmp_path).ready(shown(3, before))
    LocalVectors(tmp_path).ready(shown(4, before))
    assert names(tmp_path) == [f"{before}-{4:012d}.npy"]
    LocalVectors(tmp_path).ready(shown(9, after))
    assert names(tmp_path) == [f"{after}-{9:012d}.npy"]
    late = LocalVectors(tmp_path)
    late.ready(shown(4, before))
    assert late.query(np.array([0, 1], np.float32), 1) == ["a:1"]
    assert f"{after}-{9:012d}.npy" in names(tmp_path)


def test_the_draft_of_a_process_that_died_goes_and_that_of_one_at_work_stays(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "vectors"
    folder.mkdir()
    dead, living = folder / f"{'0' * 16}-{1:012d}.1.new", folder / f"{'0' * 16}-{1:012d}.2.new"
    for draft in (dead, living):
        draft.write_bytes(b"half")
    long_ago = time.time() - 7200
    os.utime(dead, (long_ago, long_ago))
    LocalVectors(tmp_path).ready(shown(2, "0" * 16))
    assert [path.name for path in folder.glob("*.new")] == [living.name]


def test_an_index_that_does_not_stay_is_told_rather_than_searched_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalVectors, "_open", lambda self, stamp: False)
    with pytest.raises(LibraryError, match="does not stay"):
        LocalVectors(tmp_path).ready(shown(1, "0" * 16))
