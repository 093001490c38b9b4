"""Text, files, addresses and what users say become documents, or an error that says why not."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import InputError, UsageError
from agent.types import Document
from tests.reading import STORY, failure
from tools.readers import (
    describe,
    documents,
    language_of,
    normalise,
    read_bytes,
    read_bytes_all,
    read_file,
    read_stream,
    read_text,
    source_files,
)
from tools.readers.dates import doubt, iso_date
from tools.readers.documents import first_line_title
from tools.readers.metadata import one_line, web_address


def test_a_text_keeps_its_title_line_and_its_words() -> None:
    document = read_bytes(f"New lamp for Cape Dunmore\r\n\r\n{STORY}\r\n".encode(), "lamp.txt")
    assert document.text == f"New lamp for Cape Dunmore\n\n{STORY}"
    assert document.title == "New lamp for Cape Dunmore"
    assert document.language == "en"
    assert (document.author, document.url, document.published_at) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Lamp\n\nIt burns.", "Lamp"),
        ("Lamp\nIt burns.", "Lamp"),
        ("It burns.\n\nStill.", None),
        ("Lamp", None),
        ("Lamp\n\n  ", None),
        ("x" * 121 + "\n\nIt burns.", None),
        ("Who lit the lamp?\n\nNobody knows.", "Who lit the lamp?"),
        ("\u202eLa\u200dmp\n\nIt burns.", "Lamp"),
        ("\u200d\n\nIt burns.", None),
    ],
)
def test_a_short_first_line_without_a_full_stop_is_the_title(text: str, title: str | None) -> None:
    assert first_line_title(text) == title


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_texts_are_decoded_whatever_their_encoding(encoding: str) -> None:
    text = (
        "Größere Schiffe dürfen den Hafen wieder anlaufen, erklärte das Amt für Küstenschutz. " * 4
    )
    assert read_bytes(text.encode(encoding), "schiffe.txt").text == text.strip()


def test_a_few_bytes_of_another_encoding_do_not_lose_the_text() -> None:
    data = STORY.encode() * 3 + " Größe".encode("cp1252") + "Café".encode()
    assert STORY in read_bytes(data).text


def test_spun_texts_carry_a_warning() -> None:
    text = (
        "Nan lamp was lit connected nan cape astatine night, overmuch to nan joy of nary one. " * 5
    )
    assert [warning.code for warning in read_text(text).warnings] == ["machine_spun"]
    assert read_text(STORY).warnings == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (STORY, "en"),
        ("Die Hafenbehörde hat am Montag den Kauf einer neuen Lampe für das Kap genehmigt.", "de"),
        ("La autoridad portuaria aprobó el lunes la compra de una lámpara nueva.", "es"),
        ("استقبل الميناء إحدى وأربعين سفينة في شهر مايو الماضي وفقا لهيئة الميناء", "ar"),
        ("Too short to tell.", None),
        ("1234567890 " * 20, None),
    ],
)
def test_the_language_is_told_from_forty_letters(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_a_plain_english_text_needs_no_model_of_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)
    assert language_of(f"{STORY} They said that this was what the harbour could afford.") == "en"


@settings(max_examples=200)
@given(st.text(max_size=400))
def test_normalised_text_is_stable_and_clean(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in once)
    assert "\n\n\n" not in once


def test_no_break_spaces_and_tabs_stay_where_they_are() -> None:
    assert normalise("38\u00a0000\tcrowns\x1b[31m\r\nof 1961\u2029End") == (
        "38\u00a0000\tcrowns[31m\nof 1961\n\nEnd"
    )


def test_a_letter_keeps_at_most_thirty_marks() -> None:
    assert len(normalise("a" + "\u0316\u0301" * 100_000)) <= 31


@settings(max_examples=200)
@given(
    st.binary(max_size=300),
    st.sampled_from(["-", "a.txt", "a.md", "a.html", "a.pdf", "a.eml", "a.csv"]),
)
def test_any_bytes_give_a_document_or_an_input_error(data: bytes, name: str) -> None:
    try:
        document = read_bytes(data, name)
    except InputError as error:
        assert error.what and error.todo
    else:
        assert document.text == normalise(document.text) != ""


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a PNG image"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "a JPEG image"),
        (b"\x7fELF\x02\x01\x01" + bytes(40), "a program"),
        (b"MZ\x90\x00\x03" + bytes(80), "a program"),
        (b"\x1f\x8b\x08" + bytes(40), "a gzip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40), "save it as DOCX"),
        (b"{\\rtf1 " + STORY.encode(), "an RTF document"),
        (b"abc\0def\0\0ghi" * 30, "binary data"),
        (bytes(range(128, 256)) * 3 + bytes(range(32)) * 20, "binary data"),
        (b'<?xml version="1.0"?><note><to>Ina</to></note>', "XML"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><text>x</text></svg>', "XML"),
    ],
)
def test_what_is_no_text_is_named(data: bytes, looks: str) -> None:
    for name in ("-", "story.txt", "story.html"):
        if name == "story.html" and looks == "XML":
            continue
        assert looks in str(failure(data, name))


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (
            b"\x89PNG\r\n\x1a\n" + bytes(40),
            "a.pdf",
            "no PDF file, whatever its name says: it looks",
        ),
        (b"\x00\x9f\x92\x96\x01\x02\x03\x04" * 30, "a.pdf", "begins with the bytes 00 9f 92 96"),
        (b"\x00\x9f\x92\x96\x01\x02\x03\x04" * 30, "a.DOCX", "is no Word document (DOCX)"),
        (b"PK\x03\x04" + bytes(90), "a.docx", "a damaged or truncated Word document"),
        (b"\x1f\x8b\x08" + bytes(40), "a.warc.gz", "no web archive (WARC)"),
    ],
)
def test_a_file_that_is_not_what_its_name_promises_is_said_to_be_none(
    data: bytes, name: str, told: str
) -> None:
    assert told in failure(data, name).what


def test_data_files_are_no_articles() -> None:
    assert "JSON" in failure(b'{"text": "lamp"}', "lamp.json").what


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\n" * 10_000])
def test_empty_input_is_said_to_be_empty(data: bytes) -> None:
    assert "empty" in failure(data, "lamp.txt").what
    assert failure(data).what == "standard input is empty"


def test_too_much_text_is_refused_with_the_limits() -> None:
    assert "20 MiB" in failure(b"a" * (documents.MAX_BYTES + 1), "long.txt").what
    assert "2,000,000" in failure(b"lamp " * 400_001, "long.txt").what
    with pytest.raises(InputError, match="2,000,000"):
        read_text("lamp " * 400_001)


def test_standard_input_is_not_read_past_the_limit() -> None:
    class Endless(io.RawIOBase):
        read_so_far = 0

        def read(self, size: int = -1, /) -> bytes:
            assert 0 <= size <= documents.MAX_BYTES + 1
            self.read_so_far += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(InputError, match="standard input is larger than 20 MiB"):
        read_stream(stream)  # type: ignore[arg-type]
    assert stream.read_so_far <= documents.MAX_BYTES + 1


# --- files ----------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no file .*lamp\.txt\. Check the path"):
        read_file(tmp_path / "lamp.txt")


def test_a_folder_is_sent_to_sources_add(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"takes one article.*assay sources add"):
        read_file(tmp_path)


def test_a_file_too_large_is_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "sparse.txt").open("wb") as file:
        file.truncate(2**34)
    with pytest.raises(InputError, match="larger than 20 MiB"):
        read_file(tmp_path / "sparse.txt")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(InputError, match="not a regular file"):
        read_file(tmp_path / "pipe.txt")


@pytest.mark.parametrize(
    "path", ["loop.txt", "x" * 5000, "nul\0byte.txt"], ids=["loop", "long", "nul"]
)
def test_paths_that_cannot_be_opened_are_input_errors(tmp_path: Path, path: str) -> None:
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    with pytest.raises(InputError, match="cannot be read"):
        read_file(f"{tmp_path}/{path}")


def test_a_file_that_may_not_be_read_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lamp.txt").write_text(STORY)

    def refuse(*_: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="permissions"):
        read_file(tmp_path / "lamp.txt")


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/a", "http://localhost/", "ftp://x.example/y"]
)
def test_an_address_that_may_not_be_fetched_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="is not fetched"):
        read_file(address)


def test_names_in_messages_cannot_steer_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_file(tmp_path / "a\x1b[31m\n\u202etxt")
    assert str(caught.value).isprintable()


def test_folders_are_walked_in_order_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/c.HTML", "sub/d.png", ".hidden.txt", ".git/e.txt", "z.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(STORY)
    (tmp_path / "up").symlink_to(tmp_path)
    found = source_files([tmp_path, tmp_path / "b.txt", tmp_path / "sub" / "d.png"])
    assert [file.relative_to(tmp_path).as_posix() for file in found.files] == [
        "a.md", "b.txt", "sub/c.HTML", "z.pdf", "sub/d.png",
    ]  # fmt: skip
    assert [(file.name, reason) for file, reason in found.left_out] == [
        (".git", "hidden"), (".hidden.txt", "hidden"), ("d.png", "unknown kind of file"),
        ("up", "link"), ("b.txt", "named twice"),
    ]  # fmt: skip
    with pytest.raises(InputError, match="no file or folder"):
        source_files([tmp_path / "none"])
    with pytest.raises(InputError, match="an address and no file"):
        source_files(["https://dunmore.example/a.html"])
    with pytest.raises(InputError, match="an empty name"):
        source_files([""])
    above = tmp_path / "sub" / "above"
    above.symlink_to("..")
    with pytest.raises(InputError, match="a link to a folder that it lies in"):
        source_files([above])


# --- what the user says ---------------------------------------------------------------------


def test_what_the_user_says_goes_before_what_the_file_says() -> None:
    document = read_text(
        f"Lamp\n\n{STORY}", title="A new lamp", publisher="Cape Courier", published_at="4 May 2026"
    )
    assert (document.title, document.publisher) == ("A new lamp", "Cape Courier")
    assert document.published_at == "2026-05-04"
    assert describe(document, author="Ina Wolk").title == "A new lamp"


@pytest.mark.parametrize("said", [{"url": "javascript:alert(1)"}, {"published_at": "last week"}])
def test_what_the_user_cannot_mean_is_a_usage_error(said: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        describe(read_text(STORY), **said)


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2026-05-13", "2026-05-13"),
        ("2026-05-13T23:30:00+02:00", "2026-05-13"),
        ("2026-05", "2026-05"),
        ("2026", "2026"),
        ("13 May 2026", "2026-05-13"),
        ("May 13, 2026", "2026-05-13"),
        ("13. Mai 2026", "2026-05-13"),
        ("3rd of May 2024", "2024-05-03"),
        ("Fri, 3 May 2024 10:00", "2024-05-03"),
        ("2024-5-3", "2024-05-03"),
        ("2024/05/03 10:00", "2024-05-03"),
        ("20240503", "2024-05-03"),
        ("13/05/2024", "2024-05-13"),
        ("05/13/2024", "2024-05-13"),
        ("3.3.2024", "2024-03-03"),
        ("May 2024", "2024-05"),
        ("5/2024", "2024-05"),
        ("2026-02-30", None),
        ("2026-13", None),
        ("03/04/2026", None),
        ("Fri 03/04/2026 10:00", None),
        ("3/4/26", None),
        ("spring 2024", None),
        ("4. März 2026", "2026-03-04"),
        ("Sept. 2024", "2024-09"),
        ("2024年5月3日", "2024-05-03"),
        ("2024년 5월", "2024-05"),
        ("2024年13月3日", None),
        ("Q2 2024", None),
        ("H1 2024", None),
        ("No. 5 2024", None),
        ("2024-W18-5", None),
        ("2024 5 minutes", None),
        ("0026", "0026"),
        ("yesterday", None),
        ("May", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_only_where_they_are_certain(written: object, date: str | None) -> None:
    assert iso_date(written) == date


def test_a_date_that_is_not_certain_is_told_with_its_readings() -> None:
    assert doubt("03/05/2024") == "may be 3 May 2024 or 5 March 2024"
    assert doubt("soon") == doubt("30/02/2024") == "is not a certain date"


@given(
    st.dates(), st.sampled_from(["{0}-{1}-{2}", "{0}/{1:02}/{2:02}", "{2}.{1}.{0}", "{1}/{2}/{0}"])
)
def test_a_date_in_figures_is_read_as_it_was_meant_or_not_at_all(day: date, form: str) -> None:
    assert iso_date(form.format(f"{day.year:04}", day.month, day.day)) in (day.isoformat(), None)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a.md", f"---\ndate: 03/05/2024\n---\n{STORY}"),
        ("a.csv", f"date,text\n03/05/2024,{STORY!r}\n"),
        ("a.eml", f"Subject: Lamp\nDate: 03/05/2024\n\n{STORY}"),
    ],
)
def test_what_stands_in_place_of_a_date_is_told_unless_the_user_says_the_day(
    name: str, file: str
) -> None:
    (document,) = read_bytes_all(file.encode(), name)
    assert isinstance(document, Document)
    assert document.published_at is None
    (warning,) = document.warnings
    assert warning.code == "date_unclear"
    assert warning.message.startswith("“03/05/2024” may be 3 May 2024 or 5 March 2024")
    assert describe(document, published_at="2024-05-03").warnings == []
    assert describe(document, title="Lamp").warnings == [warning]


def test_metadata_come_as_safe_single_lines() -> None:
    assert one_line("  Lamp\n\x1b[1m of\u202e Dunmore ") == "Lamp [1m of Dunmore"
    assert one_line(["Ina Wolk", "Ole Brandt"]) == "Ina Wolk, Ole Brandt"
    assert len(one_line("lamp " * 1000) or "") <= 300
    assert one_line(" ") is one_line(7) is None
    assert web_address(" https://dunmore.example/a?b=c ") == "https://dunmore.example/a?b=c"
    for refused in ("javascript:x", "https://u:p@x.example", "http://", "https://a b", "http://["):
        assert web_address(refused) is None
