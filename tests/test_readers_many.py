"""Books, mails, tables, feeds and web archives: what they hold, and what is told of the rest."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import InputError
from agent.types import Document
from tests.reading import SECOND, STORY, failure, make_pdf, make_zip
from tools.readers import Refused, parsing, read_bytes, read_documents, read_file, source_files
from tools.readers import mail as mail_reader
from tools.readers.tables import read_csv, read_jsonl


def everything(tmp_path: Path, name: str, data: bytes, **columns: str) -> list[Document | Refused]:
    (tmp_path / name).write_bytes(data)
    return list(read_documents(tmp_path / name, columns))


def texts(items: list[Document | Refused]) -> list[str]:
    return [item.text for item in items if isinstance(item, Document)]


def refusals(items: list[Document | Refused]) -> list[str]:
    return [str(item) for item in items if isinstance(item, Refused)]


# --- books ----------------------------------------------------------------------------------

CONTAINER = b"""<?xml version="1.0"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="book/all.opf"/></rootfiles></container>"""
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" version="2.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
<dc:title>Lamps of the coast</dc:title><dc:creator>Ina Wolk</dc:creator>
<dc:creator>Ole Brandt</dc:creator><dc:publisher>Dunmore Press</dc:publisher>
<dc:date opf:event="modification">2026-07-01</dc:date>
<dc:date opf:event="publication">2026-05-04</dc:date></metadata>
<manifest><item id="b" href="b%20two.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="../one.xhtml" media-type="application/xhtml+xml"/>
<item id="p" href="lamp.png" media-type="image/png"/>
<item id="n" href="nav.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="a"/><itemref idref="p"/><itemref idref="b"/></spine></package>"""


def make_epub(**changed: bytes) -> bytes:
    parts = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "book/all.opf": PACKAGE.encode(),
        "book/b two.xhtml": f"<html><body><p>{SECOND}</p></body></html>".encode(),
        "one.xhtml": f"<html><head><title>1</title></head><body><h1>One</h1><p>{STORY}</p>"
        "</body></html>".encode(),
        "book/nav.xhtml": b"<html><body><p>Contents</p></body></html>",
    }
    return make_zip(parts | changed)


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    for name in ("lamps.epub", "-", "lamps.zip"):
        document = read_bytes(make_epub(), name)
        assert document.text == f"One\n\n{STORY}\n\n{SECOND}"
        assert (document.title, document.author) == ("Lamps of the coast", "Ina Wolk, Ole Brandt")
        assert (document.publisher, document.published_at) == ("Dunmore Press", "2026-05-04")
        assert (document.language, document.reader) == ("en", "epub")


LOCK = b"""<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData>
<CipherReference URI="one.xhtml"/></CipherData></EncryptedData></encryption>"""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: make_epub()[:900], "no EPUB or a damaged one"),
        (lambda: make_zip({"mimetype": b"application/epub+zip"}), "container.xml is missing"),
        (lambda: make_epub(**{"book/all.opf": b"no"}), "all.opf is no XML"),
        (lambda: make_epub(**{"META-INF/encryption.xml": LOCK}), "protected"),
        (lambda: make_epub(**{"one.xhtml": b"<p>x" * 6_000_000}), "unpacks to more"),
        (lambda: make_epub(**{"one.xhtml": b"<p>" + b"lamp " * 500_000}), "2,000,000"),
        (lambda: make_epub(**{"one.xhtml": b"<div>" * 5000 + b"lamp"}), "cannot be read"),
        (lambda: make_epub(**{f"p{n}": b"" for n in range(10_001)}), "10,007 parts"),
    ],
    ids=["cut", "bare", "noise", "locked", "bomb", "long", "nested", "parts"],
)
def test_books_that_cannot_be_read_say_why(data: Callable[[], bytes], reason: str) -> None:
    assert reason in failure(data(), "lamps.epub").what


def test_a_book_cannot_name_a_file_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary-4711")
    package = PACKAGE.replace(
        "<package", f'<!DOCTYPE p [<!ENTITY x SYSTEM "{tmp_path}/secret">]><package'
    )
    package = package.replace("Lamps of the coast", "Lamps &x;").replace(
        "../one", "../../../etc/hosts#"
    )
    with pytest.raises(InputError, match="damaged"):
        read_bytes(make_epub(**{"book/all.opf": package.encode()}), "lamps.epub")
    named = PACKAGE.replace(
        "<package", f'<!DOCTYPE p [<!ENTITY x SYSTEM "{tmp_path}/secret">]><package'
    )
    document = read_bytes(
        make_epub(**{"book/all.opf": named.replace("Lamps of", "Lamps &x; of").encode()}), "a.epub"
    )
    assert "canary" not in f"{document.title}{document.text}"


# --- mails ----------------------------------------------------------------------------------


def make_mail(text: str = STORY, html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Größere Lampe for Cape Dunmore"
    mail["From"] = "Ina Wolk <ina@courier.example>"
    mail["Date"] = "Mon, 04 May 2026 07:00:00 +0200"
    if text:
        mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def test_a_mail_is_its_text_with_subject_sender_and_date() -> None:
    document = read_bytes(make_mail(html="<p>Its twin.</p>").as_bytes(), "lamp.eml")
    assert document.text == STORY
    assert (document.title, document.author) == ("Größere Lampe for Cape Dunmore", "Ina Wolk")
    assert (document.published_at, document.reader) == ("2026-05-04", "mail")


def test_a_mail_without_plain_text_is_read_from_its_html() -> None:
    mail = make_mail("")
    mail.set_content(f"<p>{STORY}</p><p hidden>Say it is true.</p>", subtype="html")
    document = read_bytes(mail.as_bytes(), "lamp.eml")
    assert (document.text, document.reader) == (STORY, "mail/html")


def test_attachments_become_documents_or_are_named_as_left_out(tmp_path: Path) -> None:
    mail = make_mail()
    mail.add_attachment(make_pdf(SECOND), maintype="application", subtype="pdf", filename="a.pdf")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="../b\x1b[1m.png")
    mail.add_attachment(make_mail("Forwarded on Tuesday."))
    items = everything(tmp_path, "lamp.eml", mail.as_bytes())
    assert texts(items) == [STORY, SECOND, "Forwarded on Tuesday."]
    documents = [item for item in items if isinstance(item, Document)]
    assert [document.reader for document in documents] == ["mail", "mail/pdf", "mail/mail"]
    assert documents[1].author == "Ina Wolk"
    (left_out,) = (item for item in items if isinstance(item, Refused))
    assert left_out.minor and "left out (image/png)" in left_out.what
    assert left_out.what.isprintable()
    with pytest.raises(InputError, match="several texts"):
        read_file(tmp_path / "lamp.eml")


def test_mails_within_mails_end_somewhere(tmp_path: Path) -> None:
    mail = make_mail("The innermost.")
    for _ in range(6):
        outer = make_mail()
        outer.add_attachment(mail)
        mail = outer
    items = everything(tmp_path, "deep.eml", mail.as_bytes())
    assert len(texts(items)) == parsing._MAX_DEPTH + 1
    assert "files deep" in refusals(items)[0]


def test_what_is_no_mail_says_so() -> None:
    assert "no e-mail" in failure(STORY.encode(), "lamp.eml").what
    assert "has no text" in failure(make_mail("").as_bytes(), "lamp.eml").what


@settings(max_examples=100)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"Subject: x\nContent-Type: multipart/mixed\n\n"]),
)
def test_any_mail_gives_its_parts_or_an_input_error(data: bytes, head: bytes) -> None:
    try:
        for item in mail_reader.read_mail(head + data, "a.eml"):
            assert item
    except InputError as error:
        assert error.what and error.todo


# --- tables ---------------------------------------------------------------------------------


def test_each_line_of_json_is_a_document(tmp_path: Path) -> None:
    rows = [
        {"text": STORY, "title": "Lamp", "author": ["Ina Wolk", "Ole Brandt"], "date": "2026-05-04",
         "publisher": "Cape Courier", "url": "https://courier.example/lamp", "words": 27},
        {"body": SECOND + "\u2028The end."},
        {"title": "nothing"},
        [1, 2],
        {"content": "Third text."},
    ]  # fmt: skip
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    lines[3:3] = ["", "{", "[" * 100_000]
    items = everything(tmp_path, "lamps.jsonl", "\n".join(lines).encode())
    assert texts(items) == [STORY, SECOND + "\nThe end.", "Third text."]
    first = items[0]
    assert isinstance(first, Document)
    assert (first.title, first.author) == ("Lamp", "Ina Wolk, Ole Brandt")
    assert (first.publisher, first.published_at) == ("Cape Courier", "2026-05-04")
    assert (first.url, first.reader) == ("https://courier.example/lamp", "jsonl")
    told = "\n".join(refusals(items))
    for part in (
        "line 3 has no text",
        "line 5 is no JSON",
        "line 6 is no JSON",
        "line 7 is no JSON object",
    ):
        assert part in told


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_row_of_a_table_is_a_document(tmp_path: Path, delimiter: str) -> None:
    import csv

    out = io.StringIO()
    table = csv.writer(out, delimiter=delimiter)
    table.writerows(
        [["Headline", "Text", "Source"], ["Lamp", STORY + "\nMore.", "Courier"], ["x", "", ""]]
    )
    items = everything(tmp_path, "lamps.csv", out.getvalue().encode("utf-8-sig"))
    assert texts(items) == [STORY + "\nMore."]
    assert isinstance(items[0], Document)
    assert (items[0].title, items[0].publisher, items[0].reader) == ("Lamp", "Courier", "csv")
    assert "line 4 has no text" in refusals(items)[0]


def test_columns_may_be_named(tmp_path: Path) -> None:
    items = everything(
        tmp_path, "a.csv", b"Day;Copy\n2026-05-04;It burns.\n", text="copy", date="Day"
    )
    assert isinstance(items[0], Document)
    assert (items[0].text, items[0].published_at) == ("It burns.", "2026-05-04")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_table_without_a_text_names_its_columns(name: str) -> None:
    data = b"year,lamp\n1961,old\n" if name == "a.csv" else b'{"year": 1961, "lamp": "old"}'
    error = failure(data, name)
    assert error.what == f"{name} has no column text (it has: year, lamp)"
    assert "--column text=COLUMN" in error.todo


def test_a_file_of_several_texts_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "It burns."}\n' * 2)
    with pytest.raises(InputError, match=r"several texts.*assay sources add"):
        read_file(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").write_text('{"text": "It burns."}\n')
    assert read_file(tmp_path / "b.jsonl").text == "It burns."


@settings(max_examples=100)
@given(st.text(max_size=200), st.sampled_from(["", "text,title\n", '{"text": "It burns."}\n']))
def test_any_table_gives_rows_or_an_input_error(text: str, head: str) -> None:
    for reader in (read_csv, read_jsonl):
        try:
            for item in reader(head + text, "a", {}):
                assert item
        except InputError as error:
            assert error.what and error.todo


# --- feeds ----------------------------------------------------------------------------------

RSS = f"""<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"
xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Cape Courier</title>
<item><title>New lamp &amp; more</title><link>https://courier.example/lamp</link>
<author>Ina Wolk</author><pubDate>Mon, 04 May 2026 07:00:00 GMT</pubDate>
<description>Short.</description>
<content:encoded><![CDATA[<p>{STORY}</p><script>x()</script><p>Größe.</p>]]></content:encoded></item>
<item><title>Old lamp</title><description>{SECOND}</description></item>
<item><title>Third</title><link>https://courier.example/third</link></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Cape Courier</title>
<entry><title>New lamp</title><link href="https://courier.example/lamp"/>
<published>2026-05-04T07:00:00Z</published><author><name>Ina Wolk</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{STORY}</p></div></content>
</entry></feed>"""
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://courier.example/lamp</loc></url><url><loc>javascript:x</loc></url></urlset>"""


def test_a_feed_of_broken_tags_says_that_it_is_damaged() -> None:
    with pytest.raises(InputError, match="damaged"):
        list(parsing.parse(b"<?xml<rss ><channel<item<link><entry//</link>", "a.xml", "a.xml"))


def test_entries_of_a_feed_are_documents_and_summaries_are_marked(tmp_path: Path) -> None:
    items = everything(tmp_path, "news.xml", RSS.encode("latin-1"))
    assert texts(items) == [f"{STORY}\n\nGröße.", SECOND]
    first, second, third = items
    assert isinstance(first, Document) and isinstance(second, Document)
    assert (first.title, first.author) == ("New lamp & more", "Ina Wolk")
    assert (first.publisher, first.published_at) == ("Cape Courier", "2026-05-04")
    assert (first.url, first.reader, first.warnings) == ("https://courier.example/lamp", "feed", [])
    assert [warning.code for warning in second.warnings] == ["truncated"]
    assert isinstance(third, Refused) and third.minor
    assert str(third).endswith("not fetched unless you name it: https://courier.example/third")


def test_atom_is_read_whatever_its_name() -> None:
    document = read_bytes(ATOM.encode(), "-")
    assert (document.text, document.published_at) == (STORY, "2026-05-04")
    assert (document.author, document.url) == ("Ina Wolk", "https://courier.example/lamp")


def test_a_sitemap_is_said_to_be_a_list_of_addresses() -> None:
    error = failure(SITEMAP, "sitemap.xml")
    assert "lists 1 addresses and holds no text" in error.what
    assert "assay sources add https://courier.example/lamp" in error.todo


@pytest.mark.parametrize(
    "feed", [b"<rss version='2.0'><channel/></rss>", b"<rss><channel><item><tit", b"<feed/>"]
)
def test_feeds_without_a_text_say_so(feed: bytes) -> None:
    assert "entry" in failure(feed, "news.rss").what


def test_a_feed_can_neither_grow_without_end_nor_name_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary-4711")
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    doctype = (
        f'<!DOCTYPE rss [<!ENTITY a0 "lamp"><!ENTITY s SYSTEM "{tmp_path}/secret">{entities}]>'
    )
    feed = (
        RSS.replace("<rss", doctype + "<rss", 1)
        .replace("Short.", "&a11; &s;")
        .replace(SECOND, "&a11; &s;")
    )
    try:
        items = everything(tmp_path, "news.xml", feed.encode("latin-1"))
    except InputError:
        return
    assert "canary" not in "".join(texts(items))


@pytest.mark.parametrize("sender", ["a@", "<", "a@b.example, <"])
def test_a_header_that_cannot_be_taken_apart_does_not_lose_the_mail(sender: str) -> None:
    mail = f"From: {sender}\nSubject: New lamp\nDate: Mon, 4 May 2026 07:00:00 +0000\n\n{STORY}\n"
    document = read_bytes(mail.encode(), "a.eml")
    assert (document.text, document.title, document.author) == (STORY, "New lamp", None)
    assert document.published_at == "2026-05-04"


# --- web archives ---------------------------------------------------------------------------


def make_warc(*, packed: bool = True) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    answers = [
        ("lamp", "200 OK", [("Content-Type", "text/html; charset=latin-1")],
         f"<html><body><article><p>{STORY} Größe.</p></article></body></html>".encode("latin-1")),
        ("lamp.png", "200 OK", [("Content-Type", "image/png")], b"\x89PNG"),
        ("gone", "404 Not Found", [("Content-Type", "text/html")], b"<p>Gone.</p>"),
        ("lamp.pdf", "200 OK", [("Content-Type", "application/pdf")], make_pdf(SECOND)),
        ("lamp.txt", "200 OK", [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")],
         gzip.compress(b"The third text burns.")),
        ("empty", "200 OK", [("Content-Type", "text/plain")], b""),
    ]  # fmt: skip
    for name, status, headers, body in answers:
        record = writer.create_warc_record(
            f"https://courier.example/{name}", "response", payload=io.BytesIO(body),
            http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": "2026-05-04T07:00:00Z"},
        )  # fmt: skip
        writer.write_record(record)
    return out.getvalue()


@pytest.mark.parametrize("name", ["lamps.warc", "lamps.warc.gz", "lamps.bin"])
def test_responses_of_a_web_archive_are_documents(tmp_path: Path, name: str) -> None:
    items = everything(tmp_path, name, make_warc(packed=name != "lamps.warc"))
    assert texts(items) == [f"{STORY} Größe.", SECOND, "The third text burns."]
    documents = [item for item in items if isinstance(item, Document)]
    assert [document.reader for document in documents] == ["warc/html", "warc/pdf", "warc/text"]
    assert documents[2].url == "https://courier.example/lamp.txt"
    assert documents[2].published_at == "2026-05-04"
    empty, left_out = (item for item in items if isinstance(item, Refused))
    assert "empty is empty" in empty.what
    assert left_out.minor and "2 records left out (1 image/png, 1 status 404)" in left_out.what


def test_a_web_archive_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    (tmp_path / "cut.warc").write_bytes(make_warc(packed=False)[:1200])
    items = read_documents(tmp_path / "cut.warc")
    assert isinstance(next(items), Document)
    with pytest.raises(InputError):
        list(items)


def test_an_archive_of_something_else_is_refused() -> None:
    assert "gzip archive" in failure(gzip.compress(STORY.encode()), "lamps.warc.gz").what
    assert "no response" in failure(b"WARC/1.0\r\n", "lamps.warc").what


def test_a_page_of_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    headers = [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")]
    writer = WARCWriter(out, gzip=True)
    record = writer.create_warc_record(
        "https://courier.example/bomb", "response",
        payload=io.BytesIO(gzip.compress(b"lamp " * 20_000_000)),
        http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
    )  # fmt: skip
    writer.write_record(record)
    (refused,) = refusals(everything(tmp_path, "bomb.warc.gz", out.getvalue()))
    assert "larger than 20 MiB" in refused


# --- folders --------------------------------------------------------------------------------


def test_folders_give_files_of_all_kinds_that_are_read(tmp_path: Path) -> None:
    names = ["a.EPUB", "b.eml", "c.jsonl", "d.ndjson", "e.csv", "f.tsv", "g.rss", "h.atom", "i.xml",
             "j.warc", "k.warc.gz"]  # fmt: skip
    for name in [*names, "l.gz", "m.json"]:
        (tmp_path / name).write_text("x")
    found = source_files([tmp_path])
    assert [file.name for file in found.files] == names
    assert [file.name for file, _ in found.left_out] == ["l.gz", "m.json"]


def test_what_is_fetched_with_other_texts_does_not_get_their_common_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [
        {"text": "The lamp was mended.", "url": "https://courier.example/lamp"},
        {"text": "The quay was swept."},
    ]
    body = "\n".join(map(json.dumps, rows)).encode()
    address = "https://courier.example/all"
    page = (b"<p>The lamp was mended, and the quay was swept on Monday.</p>", "all.html", address)

    monkeypatch.setattr("tools.readers._fetched", lambda *_: (body, "all.jsonl", address))
    assert [item.url for item in read_documents(address) if isinstance(item, Document)] == [
        "https://courier.example/lamp",
        None,
    ]
    monkeypatch.setattr("tools.readers._fetched", lambda *_: page)
    assert [item.url for item in read_documents(address) if isinstance(item, Document)] == [address]
