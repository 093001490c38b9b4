"""Whatever is wrong with the input or the library: one clear message, the exit code of its kind,
and nothing lost."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import BRIDGE, BRIDGE_SCRIPT, ROOT, Assay, Result
from tests.fake_embedder import WordEmbedder
from tools.library import Library

pytestmark = pytest.mark.usefixtures("nothing_is_lost")


# --- articles that cannot be read ---------------------------------------------------------


def pdf_without_text(path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.write(path)


def encrypted_pdf(path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(path)


def fifty_megabytes(path: Path) -> None:
    path.write_bytes(b"The bridge was opened in May.\n" * (50 * 2**20 // 30))


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing.txt": (lambda path: None, "there is no file"),
    "folder": (Path.mkdir, "is a folder"),
    "empty.txt": (lambda path: path.write_bytes(b""), "is empty"),
    "blank.txt": (lambda path: path.write_bytes(b" \n\t\r\n "), "is empty"),
    "binary.txt": (
        lambda path: path.write_bytes(random.Random(1).randbytes(4096)),
        "is not text (it looks like binary data)",
    ),
    "picture.md": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" * 9), "PNG image"),
    "utf16.txt": (lambda path: path.write_bytes(b"\xff\xfeA\x00B"), "is not text"),
    "large.txt": (fifty_megabytes, "larger than 20 MiB"),
    "long.txt": (lambda path: path.write_text("word " * 500_000), "more than 2,000,000"),
    "scan.pdf": (pdf_without_text, "text"),
    "locked.pdf": (encrypted_pdf, "password"),
    "cut.pdf": (lambda path: path.write_bytes(b"%PDF-1.7\n1 0 obj\n<<"), "cut.pdf"),
    "cut.docx": (lambda path: path.write_bytes(b"PK\x03\x04garbage"), "cut.docx"),
    "data.json": (lambda path: path.write_text('{"text": "x"}'), "JSON"),
    "n" * 300 + ".txt": (lambda path: None, "cannot be read"),
    "\x1b[31mred.txt": (lambda path: None, "there is no file"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_article_that_cannot_be_read_is_refused(
    assay: Assay, word_library: Path, tmp_path: Path, name: str
) -> None:
    make, told = UNREADABLE[name]
    make(tmp_path / name)
    out = tmp_path / "report.json"
    result = assay("check", tmp_path / name, "--library", word_library, "--out", out)
    assert (result.code, result.out) == (3, "")
    assert told in result.message
    assert "\x1b" not in result.err
    assert not out.exists()
    added = assay("sources", "add", tmp_path / name, "--library", word_library)
    assert added.code == 3


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02" * 99, b"word " * 4_300_000])
def test_standard_input_is_refused_for_the_same_reasons(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    result = assay("check", "-", "--library", word_library)
    assert result.code == 3
    assert "standard input" in result.message


@pytest.mark.parametrize("command", [("check",), ("sources", "add")])
def test_an_address_of_a_machine_nearby_is_refused(
    assay: Assay, word_library: Path, command: tuple[str, ...]
) -> None:
    result = assay(*command, "http://127.0.0.1:80/a", "--library", word_library)
    assert result.code == 3
    assert "not on the public internet" in result.err


def test_a_file_that_may_not_be_read_is_refused(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    if os.geteuid() == 0:
        pytest.skip("the administrator may read everything")
    secret = tmp_path / "secret.txt"
    secret.write_text("words")
    secret.chmod(0)
    result = assay("check", secret, "--library", word_library)
    assert result.code == 3
    assert "may not be read" in result.message


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_a_text_in_another_encoding_is_read_as_it_was_meant(
    assay: Assay, word_library: Path, tmp_path: Path, encoding: str
) -> None:
    article = tmp_path / "article.txt"
    text = "“We won’t pay 3 million euros for a café – ever,” she said in Tallis on 3 May 2024."
    article.write_bytes(text.encode(encoding))
    result = assay("check", article, "--library", word_library, "--json")
    assert result.code == 0
    assert result.json["article"]["text"] == text


def test_an_article_without_a_checkable_claim_is_reported_as_such(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    article, out = tmp_path / "article.txt", tmp_path / "report.json"
    article.write_text("Is it not lovely here? Subscribe to our newsletter.")
    result = assay("check", article, "--library", word_library, "--out", out)
    assert result.code == 0
    assert "no checkable claim" in result.err
    report = json.loads(out.read_text("utf-8"))
    assert (report["claims"], len(report["excluded"])) == ([], 2)


def test_an_unknown_option_is_named(assay: Assay) -> None:
    result = assay("check", BRIDGE, "--modle", "embedded")
    assert result.code == 2
    assert "--modle" in result.message
    assert "assay check --help" in result.message


# --- libraries that cannot be used --------------------------------------------------------


def check(assay: Assay, library: Path, *more: str | Path) -> Result:
    return assay("check", BRIDGE, "--library", library, "--model", BRIDGE_SCRIPT, *more)


def test_a_missing_library_is_told_with_the_way_to_make_one(assay: Assay, tmp_path: Path) -> None:
    result = check(assay, tmp_path / "none")
    assert result.code == 4
    assert "no library at" in result.message
    assert "assay sources add" in result.message
    assert not (tmp_path / "none").exists()


def test_a_file_is_no_library(assay: Assay, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert check(assay, tmp_path / "file").code == 4


def test_an_empty_library_has_nothing_to_check_against(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    Library.open(tmp_path / "empty", WordEmbedder(), create=True).close()
    result = check(assay, tmp_path / "empty")
    assert result.code == 4
    assert "no source" in result.message
    assert "assay sources add" in result.message


HOLD = """
import sys
from tests.fake_embedder import WordEmbedder
from tools.library import Library
with Library.open(sys.argv[1], WordEmbedder(), write=sys.argv[2] == "write"):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("mode", "command"),
    [("write", ["check", BRIDGE, "--model", BRIDGE_SCRIPT]), ("read", ["sources", "add", BRIDGE])],
    ids=["reading while another writes", "writing while another reads"],
)
def test_a_library_in_use_names_the_process_and_is_free_when_it_ends(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch, mode: str, command: list[str]
) -> None:
    monkeypatch.setattr("tools.library.locks.WAIT_SECONDS", 0.1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(word_library), mode], stdin=-1, stdout=-1, cwd=ROOT
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"open\n"
        result = assay(*command, "--library", word_library)
        assert result.code == 4
        assert f"process {holder.pid}" in result.message
        assert "run the same command again" in result.message
    finally:
        holder.communicate(timeout=30)
    assert check(assay, word_library).code == 0


def _garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 999)


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _emptied(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.mkdir()


def _a_file(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.write_text("x")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": shutil.rmtree,
    "empty": _emptied,
    "a file": _a_file,
    "database overwritten": lambda chroma: _garbage(chroma / "chroma.sqlite3"),
    "database cut": lambda chroma: _cut(chroma / "chroma.sqlite3"),
    "seal overwritten": lambda chroma: _garbage(chroma / "seal.json"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_chroma_folder_is_rebuilt_and_told_once(
    assay: Assay, word_library: Path, name: str
) -> None:
    well = check(assay, word_library)
    DAMAGE[name](word_library / "chroma")
    mended = check(assay, word_library)
    assert (mended.code, mended.out) == (0, well.out)
    (told,) = (line for line in mended.err.splitlines() if "index" in line)
    assert "rebuilt from the library: 3 passages" in told
    assert "index" not in check(assay, word_library).err


@pytest.mark.parametrize("damage", [_garbage, _cut, lambda p: p.write_bytes(b"")])
def test_a_damaged_database_is_left_as_it_is(
    assay: Assay, word_library: Path, damage: Callable[[Path], object]
) -> None:
    file = word_library / "library.sqlite"
    whole = file.read_bytes()
    damage(file)
    before = file.read_bytes()
    for result in (
        check(assay, word_library),
        assay("sources", "list", "--library", word_library),
        assay("sources", "add", BRIDGE, "--library", word_library),
        assay("sources", "rebuild", "--library", word_library),
    ):
        assert result.code == 4
        assert str(word_library) in result.message
        assert file.read_bytes() == before
    file.write_bytes(whole)


def test_a_library_of_another_embedder_is_refused_until_it_is_rebuilt(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("tools.models.embedder", "agent.check"):
        monkeypatch.setattr(f"{place}.MiniLMEmbedder", lambda: WordEmbedder("words-2", 32))
    result = check(assay, word_library)
    assert result.code == 4
    assert "assay sources rebuild" in result.message
    assert assay("sources", "rebuild", "--library", word_library).code == 0
    assert check(assay, word_library).code == 0
    with Library.open(word_library, WordEmbedder(), rebuild=True):
        pass


def test_a_damaged_journal_is_set_aside_and_told(assay: Assay, word_library: Path) -> None:
    check(assay, word_library)
    _garbage(word_library / "journal.sqlite")
    result = check(assay, word_library)
    assert result.code == 0
    assert "journal.sqlite was damaged" in result.err
    assert len(list(word_library.glob("journal.sqlite.damaged-*"))) == 1
