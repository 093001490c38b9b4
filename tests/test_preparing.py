"""Sources prepared by workers: each input ends once, and the library is as if they were added here.

The workers are this process; `test_on_ray.py` has real ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from agent.bulk import preparing
from agent.bulk.cluster import TRIES, Given
from agent.bulk.preparing import Portion, prepare_all
from agent.errors import InputError
from tests.conftest import Assay
from tests.fake_embedder import WordEmbedder
from tools.library import Library

SAID: dict[str, str | None] = {"publisher": "The Ledger"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Four small files, one that is empty, and a table of forty rows."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.txt").write_text(f"Bridge {number} was opened in {1950 + number}.")
    (folder / "empty.txt").write_text("")
    rows = [{"text": f"Ferry {number} carries {number} cars."} for number in range(40)]
    (folder / "table.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[Portion]:
    """Workers in this process, the last thing first; gives what they were handed."""
    handed: list[Portion] = []

    def spread(things: Iterator[Portion], make: Callable[[], Any]) -> Iterator[Given[Any, Any]]:
        work = make()
        handed.extend(things)
        for thing in reversed(handed):
            yield Given(thing, work(thing))

    monkeypatch.setattr(preparing, "connected", lambda _: nullcontext())
    monkeypatch.setattr(preparing, "spread", spread)
    monkeypatch.setattr(preparing, "embedder_named", lambda _: WordEmbedder())
    return handed


def _all(inputs: list[Path | str]) -> list[tuple[Path | str, list[Any], bool]]:
    return list(prepare_all(inputs, columns={}, said=SAID, embedder=None))


def test_each_input_ends_once_with_all_of_its_texts(archive: Path, here: list[Portion]) -> None:
    files: list[Path | str] = sorted(archive.iterdir())
    results = _all(files)
    assert sorted(str(origin) for origin, _, last in results if last) == [str(f) for f in files]
    table = [
        text for origin, texts, _ in results if origin == archive / "table.jsonl" for text in texts
    ]
    assert len(table) == 40
    (refused,) = [text for _, texts, _ in results for text in texts if isinstance(text, InputError)]
    assert "empty.txt" in str(refused)
    documents = [text[0] for _, texts, _ in results for text in texts if type(text) is tuple]
    assert len(documents) == 44
    assert {document.publisher for document in documents} == {"The Ledger"}
    assert max(len(portion.files) for portion in here) > 1  # small ones go together
    assert max(len(portion.texts) for portion in here) < 40  # a table does not


def test_where_there_is_nothing_to_do_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(preparing, "connected")
    assert _all([]) == []


def test_what_ends_its_workers_is_refused_with_a_reason(
    archive: Path, monkeypatch: pytest.MonkeyPatch, here: list[Portion]
) -> None:
    def lost(things: Iterator[Portion], _: object) -> Iterator[Given[Any, Any]]:
        return (Given(thing, lost=TRIES) for thing in things)

    monkeypatch.setattr(preparing, "spread", lost)
    ((_, texts, last),) = _all([archive / "1.txt"])
    assert last and "3 workers ended" in str(texts[0])


def test_the_library_is_as_if_all_had_been_added_here(
    assay: Assay,
    archive: Path,
    tmp_path: Path,
    here: list[Portion],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, more in (("here", ()), ("there", ("--ray", "auto"))):
        monkeypatch.setattr("tools.models.embedder.embedder_named", lambda _: WordEmbedder())
        result = assay("sources", "add", archive, "--library", tmp_path / name, *more)
        assert result.code == 3, result.err  # one is not readable
    again = assay(
        "sources", "add", archive, "--library", tmp_path / "there", "--ray", "auto", "--json"
    )
    told = json.loads(again.out)
    assert (told["added"], told["unchanged_files"]) == ([], 5)
    with (
        Library.open(tmp_path / "here", None) as one,
        Library.open(tmp_path / "there", None) as other,
    ):
        assert one.state() == other.state()
        ids = [passage.id for source in one.sources() for passage in one.passages(source.id)]
        assert (one.vectors(ids) == other.vectors(ids)).all()
        assert other.verify() == []
