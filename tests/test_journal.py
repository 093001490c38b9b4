"""The journal: what was put is there again, whatever happened to the file in between."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import ModelUnavailable, UsageError
from agent.gateway.journal import Journal, _digest, _Put
from agent.gateway.keeping import key_of
from prompts import Rendered

if TYPE_CHECKING:
    from agent.gateway.provider import Provider

# Text that UTF-8 can hold: the gateway replaces lone surrogates before it puts an answer.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def _row(key: str, answer: str) -> tuple[object, ...]:
    row = (key, "p", answer, None, None, None, "2026-11-22T10:00:00+00:00")
    return (*row, _digest(row))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "journal.sqlite"


def test_an_unknown_key_has_no_entry(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.get("k") is None


@given(TEXT, st.none() | TEXT, st.none() | st.integers(0, 2**40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
def test_what_was_put_is_there_after_closing(
    path: Path, answer: str, model: str | None, tokens: int | None
) -> None:
    with Journal(path) as journal:
        journal.put("k", answer, prompt="rate_claim", model=model, prompt_tokens=tokens)
    with Journal(path) as journal:
        entry = journal.get("k")
    assert entry is not None
    assert (entry.answer, entry.model, entry.prompt_tokens) == (answer, model, tokens)
    assert entry.created_at.endswith("+00:00")


def test_the_latest_answer_counts_and_the_earlier_ones_stay(path: Path) -> None:
    with Journal(path) as journal:
        for answer in ("first", "second"):
            journal.put("k", answer, prompt="p")
        entry = journal.get("k")
        assert entry is not None and entry.answer == "second"
        assert len(journal) == 2


def test_an_answer_is_on_the_disk_when_put_returns(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from agent.gateway.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for number in range(10**6):\n"
        "    journal.put(str(number), 'answer', prompt='p')\n"
        "    print(number, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = -1
        while told < 5:
            told = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
    with Journal(path) as journal:
        assert all(journal.get(str(number)) for number in range(told + 1))


def test_several_processes_write_one_journal_at_once(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from agent.gateway.journal import Journal\n"
        "with Journal(Path(sys.argv[1])) as journal:\n"
        "    for number in range(25):\n"
        "        journal.put(f'{sys.argv[2]}-{number}', 'answer', prompt='p')\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    writers = [subprocess.Popen([*command, str(name)]) for name in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with Journal(path) as journal:
        assert len(journal) == 75


def test_several_threads_share_one_journal(path: Path) -> None:
    with Journal(path) as journal:

        def write(name: int) -> None:
            for number in range(20):
                journal.put(f"{name}-{number}", "answer", prompt="p")
                assert journal.get(f"{name}-{number}")

        threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(journal) == 80


def a_database_of_something_else(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("create table answers (cake text)")
        database.execute("insert into answers values ('lemon')")


def zeros_in_the_middle(path: Path) -> None:
    with Journal(path) as journal:
        for number in range(200):
            journal.put(str(number), "answer " * 50, prompt="p")
    data = bytearray(path.read_bytes())
    data[4096 : len(data) - 4096] = bytes(len(data) - 8192)
    path.write_bytes(data)


def a_name_that_is_no_text(path: Path) -> None:
    with Journal(path):
        pass
    path.write_bytes(path.read_bytes().replace(b"answers_by_key", b"\xffnswers_by_key", 1))


DAMAGES = {
    "no text": a_name_that_is_no_text,
    "no database": lambda path: path.write_bytes(b"not a database at all" * 500),
    "another database": a_database_of_something_else,
    "zeros": zeros_in_the_middle,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_journal_is_moved_aside_and_told(damage: object, path: Path) -> None:
    assert callable(damage)
    path.parent.mkdir()
    damage(path)
    notices: list[str] = []
    with Journal(path, notify=notices.append) as journal:
        assert len(journal) == 0
        journal.put("k", "answer", prompt="p")
        assert journal.get("k")
    (aside,) = (
        file for file in path.parent.glob("*.damaged-*") if not file.name.endswith(("-wal", "-shm"))
    )
    assert aside.stat().st_size > 0
    (notice,) = notices
    assert "damaged" in notice and aside.name in notice


def an_answer(number: int) -> str:
    return f"answer {number} " * 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of sixty answers in fourteen pages."""
    path = tmp_path_factory.mktemp("whole") / "journal.sqlite"
    with Journal(path) as journal:
        journal._write([_Put(_row(str(n), an_answer(n))) for n in range(60)])
    return path


@pytest.mark.parametrize("twentieth", [0, 1, 6, 11, 16, 19])
def test_of_a_journal_cut_short_what_is_left_is_kept(
    whole: Path, path: Path, twentieth: int
) -> None:
    path.parent.mkdir()
    data = whole.read_bytes()
    path.write_bytes(data[: len(data) * twentieth // 20])
    notices: list[str] = []
    with Journal(path, notify=notices.append) as journal:
        entries = [journal.get(str(number)) for number in range(60)]
        kept = [n for n, entry in enumerate(entries) if entry and entry.answer == an_answer(n)]
        assert len(kept) == len(journal) == 60 - entries.count(None)
        assert len(kept) >= 60 * (twentieth - 5) / 20
    assert len(notices) == (twentieth > 0)
    assert all("damaged" in notice and f"the {len(kept)} answers" in notice for notice in notices)


@given(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=600))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_an_answer_altered_on_the_disk_is_never_given_out(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, place: float, other: bytes
) -> None:
    path = tmp_path_factory.mktemp("altered") / "journal.sqlite"
    data = bytearray(whole.read_bytes())
    start = 100 + int(place * (len(data) - 700))  # behind the header, which names the version
    data[start : start + len(other)] = other
    path.write_bytes(data)
    notices: list[str] = []
    with Journal(path, notify=notices.append) as journal:
        for number in range(60):
            entry = journal.get(str(number))
            assert entry is None or entry.answer == an_answer(number)
        journal.put("after", "answer", prompt="p")
        assert journal.get("after")


def test_a_journal_of_version_0_1_0_is_read_and_both_versions_may_write_it(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as old:
        old.execute(
            "create table answers (id integer primary key, key text not null, prompt text not null,"
            " answer text not null, model text, prompt_tokens integer, completion_tokens integer,"
            " created_at text not null)"
        )
        old.execute("pragma user_version = 1")
    columns = "insert into answers (key, prompt, answer, created_at) values (?, 'p', 'a', '2026')"
    with sqlite3.connect(path) as old:
        old.execute(columns, ("before",))
    with Journal(path) as journal:
        journal.put("new", "answer", prompt="p")
        with sqlite3.connect(path) as old:
            old.execute(columns, ("after",))
        assert [bool(journal.get(key)) for key in ("before", "new", "after")] == [True] * 3


def test_answers_that_arrive_together_share_a_write(path: Path) -> None:
    with Journal(path) as journal:
        written: list[int] = []
        write = journal._write

        def slowly(together: list[object]) -> None:
            written.append(len(together))
            time.sleep(0.05)
            write(together)  # type: ignore[arg-type]

        journal._write = slowly  # type: ignore[method-assign,assignment]
        threads = [
            threading.Thread(target=journal.put, args=(str(name), "answer"), kwargs={"prompt": "p"})
            for name in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(journal) == sum(written) == 20
        assert len(written) < 10


def test_no_answer_is_taken_for_kept_whose_write_was_broken_off_by_another(path: Path) -> None:
    with Journal(path) as journal:
        run, ended = journal._run_locked, dict[str, str]()

        def broken_off(_: object) -> None:
            journal._run_locked = run  # type: ignore[method-assign]
            raise UsageError("a later version made it")

        def put(key: str) -> None:
            try:
                journal.put(key, "answer", prompt="p")
                ended[key] = "kept"
            except (ModelUnavailable, UsageError) as fault:
                ended[key] = type(fault).__name__

        journal._run_locked = broken_off  # type: ignore[method-assign,assignment]
        threads = [threading.Thread(target=put, args=(str(name),)) for name in range(5)]
        with journal._lock:  # so that all wait for the first
            for thread in threads:
                thread.start()
            while len(journal._waiting) < len(threads):
                time.sleep(0.001)
        for thread in threads:
            thread.join()
        assert sorted(ended.values()) == [*["ModelUnavailable"] * 4, "UsageError"]
        assert len(journal) == 0


def test_damage_during_a_run_is_not_fatal(path: Path) -> None:
    notices: list[str] = []
    with Journal(path, notify=notices.append) as journal:
        journal.put("k", "answer", prompt="p")
        with sqlite3.connect(path) as other:
            other.execute("drop table answers")
        other.close()
        journal.put("k", "answer", prompt="p")
        assert journal.get("k") and len(notices) == 1


def test_an_empty_file_is_an_empty_journal(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    notices: list[str] = []
    with Journal(path, notify=notices.append) as journal:
        assert len(journal) == 0
    assert not notices


def test_a_journal_of_a_later_version_is_left_alone(path: Path) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as database:
        database.execute("pragma user_version = 99")
    with pytest.raises(UsageError, match="later version"):
        Journal(path)
    assert [file.name for file in path.parent.glob("*damaged*")] == []


def test_a_place_that_cannot_hold_a_journal_is_a_wrong_option(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path, tmp_path / "file" / "journal.sqlite"):
        with pytest.raises(UsageError, match="journal"):
            Journal(wrong)


def test_a_journal_that_cannot_be_written_stops_the_run(path: Path) -> None:
    with Journal(path) as journal:
        journal._database.execute("pragma max_page_count = 5")
        with pytest.raises(ModelUnavailable, match="journal") as stopped:
            for number in range(100):
                journal.put(str(number), "answer " * 1000, prompt="p")
        assert stopped.value.kind == "journal"
    assert not list(path.parent.glob("*damaged*"))


def test_the_key_changes_with_all_that_an_answer_depends_on() -> None:
    def key(name: str = "openai:m", *, schema: str = "a", **changed: object) -> str:
        given = {"optional": {"temperature": 0}, "identity": {}} | changed
        words = {word: str(changed.get(word, word)) for word in ("version", "system", "user")}
        prompt = Rendered(name=str(changed.get("prompt", "rate_claim")), **words)
        server = SimpleNamespace(optional=given["optional"], identity=given["identity"])
        return key_of(name, cast("Provider", server), prompt, {"schema": {"title": schema}})

    others = [
        key("openai:n"),
        key(schema="b"),
        key(prompt="extract_claims"),
        key(version="2"),
        key(system="2"),
        key(user="2"),
        key(optional={"temperature": 1}),
        key(identity={"script": "2"}),
    ]
    assert key() == key()
    assert len({key(), *others}) == 1 + len(others)
