"""Files are parsed in a child process: its limits hold, its faults end in errors, it is kept."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.errors import InputError
from tests.reading import SECOND, STORY
from tools.readers import isolation, parsing, read_documents, read_file
from tools.readers.documents import MAX_CHARS, Parsed, Refused
from tools.readers.isolation import parse_apart

PAGE = f"<html><body><article><p>{STORY}</p></article></body></html>".encode()
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this limit")


@pytest.fixture(autouse=True)
def _own_child() -> Iterator[None]:
    isolation._stop_idle()
    yield
    isolation._stop_idle()


def child_that_runs(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Has each file parsed by `code`, the body of a function of `data`, in the real child."""
    body = "".join(f"    {line}\n" for line in code.splitlines())
    monkeypatch.setattr(
        isolation,
        "_START",
        f"import sys; sys.path.insert(0, {isolation._ROOT!r})\n"
        "from tools.readers import parsing, isolation\n"
        "from tools.readers.documents import Parsed, Refused\n"
        f"def parse(data, name, shown, columns):\n{body}    yield Parsed('It burns.', {{}}, 'x')\n"
        "parsing.parse = parse\nisolation.main()",
    )


def read() -> list[Parsed | Refused]:
    return list(parse_apart(b"x", "a.html", "a.html"))


def test_a_child_gives_what_the_parser_gives() -> None:
    for name in ("a.html", "a.md"):
        apart = list(parse_apart(PAGE, name, "a"))
        assert apart == list(parsing.parse(PAGE, name, "a"))


def test_one_child_reads_file_after_file_and_errors_do_not_end_it() -> None:
    list(parse_apart(PAGE, "a.html", "a"))
    (worker,) = isolation._idle
    with pytest.raises(InputError, match="damaged PDF"):
        list(parse_apart(b"%PDF-1.7\n" + bytes(200), "a.pdf", "a"))
    assert list(parse_apart(PAGE, "a.html", "a"))
    assert isolation._idle == [worker]


def test_a_file_that_is_not_read_to_its_end_does_not_leak_into_the_next(tmp_path: Path) -> None:
    rows = "\n".join(json.dumps({"text": text}) for text in (STORY, SECOND, "The third."))
    (tmp_path / "a.jsonl").write_text(rows)
    first = next(read_documents(tmp_path / "a.jsonl"))
    assert not isinstance(first, Refused) and first.text == STORY
    (tmp_path / "b.html").write_bytes(PAGE)
    assert read_file(tmp_path / "b.html").text == STORY


def test_threads_read_at_the_same_time() -> None:
    found: list[Parsed | Refused] = []
    threads = [
        threading.Thread(target=lambda: found.extend(parse_apart(PAGE, "a.html", "a")))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(isolation._idle) == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os._exit(3)", "exit 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "brought its reader down"),
        ("def deep(): deep()\ndeep()", "RecursionError"),
        ("1 / 0", "ZeroDivisionError"),
        ("yield Parsed('x' * 4_000_001, {}, 'x')", "2,000,000"),
    ],
    ids=["exit", "crash", "recursion", "defect", "output"],
)
def test_a_fault_of_the_child_is_an_input_error_and_the_next_file_is_read(
    monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    with monkeypatch.context() as patched:
        child_that_runs(patched, code)
        with pytest.raises(InputError, match=reason) as caught:
            read()
        assert caught.value.todo
    isolation._stop_idle()
    assert list(parse_apart(PAGE, "a.html", "a"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not count processor time")
def test_a_file_may_take_so_much_processor_time_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(isolation, "CPU_SECONDS", 1)
    child_that_runs(monkeypatch, "while True: pass")
    with pytest.raises(InputError, match="takes too long"):
        read()


def test_a_child_that_waits_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "CPU_SECONDS", 1)
    monkeypatch.setattr(isolation, "_PATIENCE", 2)
    child_that_runs(monkeypatch, "import time; time.sleep(60)")
    start = time.monotonic()
    with pytest.raises(InputError, match="takes too long"):
        read()
    assert time.monotonic() - start < 30


@linux
def test_a_file_may_take_so_much_memory_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    child_that_runs(monkeypatch, "kept = bytearray(300 * 2**20)")
    with pytest.raises(InputError, match="more memory than is allowed"):
        read()
    assert isolation._idle == []


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80))",
        "import urllib.request; urllib.request.urlopen('http://192.0.2.1/')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "open('written', 'w')",
        "import os; os.remove('kept')",
    ],
)
def test_a_reader_may_not_reach_the_network_start_programs_or_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").touch()
    child_that_runs(monkeypatch, code)
    with pytest.raises(InputError, match=r"PermissionError|URLError"):
        read()
    assert os.listdir(tmp_path) == ["kept"]  # noqa: PTH208


def test_a_reader_sees_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    child_that_runs(monkeypatch, "import os; yield Parsed(str(dict(os.environ)), {}, 'x')")
    first = read()[0]
    assert isinstance(first, Parsed)
    assert "PATH" in first.text and "canary" not in first.text


def test_modules_of_the_folder_at_hand_are_not_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "lxml.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    assert list(parse_apart(PAGE, "a.html", "a"))


def test_what_a_library_prints_is_no_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    child_that_runs(monkeypatch, "print('{\"end\": true}', flush=True)")
    assert [item.text for item in read() if isinstance(item, Parsed)] == ["It burns."]


@pytest.mark.parametrize(
    "reply",
    [
        b"no JSON\n",
        b"[]\n",
        b"{}\n",
        b'{"parsed": {"text": 7, "metadata": []}}\n',
        b"x" * 100,
    ],
)
def test_replies_of_a_child_that_was_taken_over_are_not_believed(
    monkeypatch: pytest.MonkeyPatch, reply: bytes
) -> None:
    monkeypatch.setattr(isolation, "_START", f"import os; os.write(1, {reply!r})")
    with pytest.raises(InputError):
        read()


def test_replies_are_cleaned_as_files_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = "{'title': 'a\\x1b[1mb', 'url': 'javascript:x', 'published_at': 'soon', 'more': 1}"
    child_that_runs(monkeypatch, f"yield Parsed('It\\x1b burns.\\x07', {said}, 'x\\n')")
    (tmp_path / "a.html").write_bytes(PAGE)
    document = next(read_documents(tmp_path / "a.html"))
    assert not isinstance(document, Refused)
    assert (document.text, document.title) == ("It burns.", "a [1mb")
    assert (document.url, document.published_at) == (None, None)
    assert (document.reader or "").isprintable()


def test_a_reply_without_end_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_MAX_REPLY", 1000)
    child_that_runs(monkeypatch, f"yield Parsed('x' * {MAX_CHARS}, {{}}, 'x')")
    with pytest.raises(InputError, match="too much text"):
        read()
    assert isolation._idle == []


# --- hostile files made elsewhere -----------------------------------------------------------

ATTACKS = Path(os.environ.get("ASSAY_ATTACKS") or "no-attacks")
"""Folder with hostile files and their `manifest.jsonl`: `file` (or `file_b64`), `kind`, `expect`
(`refuse`, `empty`, `extract`, `safe`), `must_contain`, `must_not_contain`."""
_MANIFEST = ATTACKS / "manifest.jsonl"
_HOSTILE: list[dict[str, Any]] = (
    [json.loads(line) for line in _MANIFEST.read_text(encoding="utf-8").splitlines()]
    if _MANIFEST.is_file()
    else []
)


@linux
@pytest.mark.skipif(not _HOSTILE, reason="ASSAY_ATTACKS names no folder of hostile files")
@pytest.mark.parametrize("row", _HOSTILE, ids=[row["kind"] for row in _HOSTILE])
def test_hostile_files_are_refused_or_read_as_they_should(row: dict[str, Any]) -> None:
    name = base64.b64decode(row["file_b64"]) if row.get("file_b64") else row["file"].encode()
    path = Path(os.fsdecode(os.path.join(os.fsencode(ATTACKS), name)))  # noqa: PTH118
    list(parse_apart(PAGE, "warm.html", "warm.html"))
    (worker,) = isolation._idle
    before = peak(worker)
    start, text = time.monotonic(), ""
    try:
        for item in read_documents(path):
            text += "" if isinstance(item, Refused) else f"{item.title}\n{item.url}\n{item.text}\n"
    except InputError as error:
        assert str(error).isprintable()
    assert time.monotonic() - start < 10
    if isolation._idle:
        assert peak(isolation._idle[0]) - before < 256 * 1024
    if row["expect"] in ("refuse", "empty"):
        assert not text
    if row["expect"] == "extract":
        for wanted in row.get("must_contain") or ():
            assert wanted in text
    for unwanted in row.get("must_not_contain") or ():
        assert unwanted not in text


def peak(worker: isolation._Worker) -> int:
    """Largest resident memory of a child so far, in KiB."""
    status = Path(f"/proc/{worker._process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])
