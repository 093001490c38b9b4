"""Inputs of each format, made small: what is short is altered where it matters."""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from functools import cache
from pathlib import Path

from evals.performance.growth import FORMS, NEWS, SKILLS

ROOT = Path(__file__).parents[2]
_EXAMPLE = ROOT / "evals" / "example"
STORY = (
    "The lock keepers of Harn will get a new winch in October. The canal board approved the "
    "purchase on Monday and set aside 38,000 crowns for it."
)
_PAGE = (
    '<!doctype html><html lang="en"><head><title>New winch</title><meta charset="utf-8">'
    '<meta name="author" content="Ina Wolk"><link rel="canonical" href="https://canal.example/w">'
    '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-05-04"}'
    "</script><style>.h{display:none}</style></head><body><article><h1>New winch</h1>"
    f'<p>{STORY}</p><p class="h">Unseen.</p><table><tr><td>Year</td><td>1961</td></tr></table>'
    "<!-- note --><ul><li>One</li></ul></article></body></html>"
)


def plain() -> list[bytes]:
    """Plain texts."""
    return [text.encode("utf-8", "replace") for text in (*FORMS, STORY)] + [
        STORY.encode("utf-16"),
        "Größe: vier Meter.".encode("latin-1"),
    ]


def markdown() -> list[bytes]:
    """Markdown, with front matter and without."""
    head = "---\ntitle: New winch\nauthor: [Ina Wolk, Ole Brandt]\ndate: 2026-05-04\n---\n"
    body = f"# New winch\n\n{STORY}\n\n- one\n- [two](https://canal.example)\n\n> said\n\n`x`\n"
    return [
        (head + body).encode(),
        body.encode(),
        (_EXAMPLE / "articles/harbour-line.md").read_bytes(),
    ]


def html() -> list[bytes]:
    """Pages."""
    return [_PAGE.encode(), f"<p>{STORY}<br>x</p>".encode()]


@cache
def pdf() -> list[bytes]:
    """PDF files, their streams not packed; and one whose are."""
    from fpdf import FPDF

    made = []
    for packed in (False, False, True):
        file = FPDF()
        file.set_compression(packed)
        file.set_title("New winch")
        file.add_page()
        file.set_font("Helvetica", size=11)
        file.multi_cell(0, 6, STORY)
        made.append(bytes(file.output()))
    return made


@cache
def docx() -> list[bytes]:
    """A DOCX file without the parts that every file has alike."""
    from docx import Document

    document = Document()
    document.core_properties.title = "New winch"
    document.add_heading("New winch", level=1)
    document.add_paragraph(STORY).add_run(" Unseen.").font.hidden = True
    document.add_table(rows=1, cols=2).cell(0, 0).text = "1961"
    out = io.BytesIO()
    document.save(out)
    kept = io.BytesIO()
    # Theme and styles are nine tenths of its bytes, and no reader looks into them.
    with zipfile.ZipFile(out) as full, zipfile.ZipFile(kept, "w") as less:
        for info in full.infolist():
            less.writestr(info.filename, full.read(info))
    return [kept.getvalue()]


@cache
def epub() -> list[bytes]:
    """An EPUB book of one chapter."""
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Locks</dc:title>'
        "<dc:creator>Ina Wolk</dc:creator><dc:language>en</dc:language>"
        "<dc:date>2026-05-04</dc:date>"
        '</metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
        '</manifest><spine><itemref idref="a"/></spine></package>'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="b/all.opf"/></rootfiles></container>'
    )
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "b/all.opf": package,
        "b/a.xhtml": f"<html><body><h1>One</h1><p>{STORY}</p></body></html>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return [out.getvalue()]


def mail() -> list[bytes]:
    """Mails: plain, and of parts with an attachment."""
    head = (
        "From: Ina Wolk <ina@canal.example>\nSubject: =?utf-8?q?New_winch?=\n"
        "Date: Mon, 4 May 2026 07:00:00 +0000\n"
    )
    parts = (
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n'
        f"Content-Type: text/plain; charset=utf-8\n\n{STORY}\n--b\nContent-Type: text/html\n"
        f"Content-Transfer-Encoding: quoted-printable\n\n<p>{STORY}=\n</p>\n--b\n"
        'Content-Type: text/csv; name="a.csv"\nContent-Disposition: attachment; filename="a.csv"\n'
        "Content-Transfer-Encoding: base64\n\ndGV4dCx0aXRsZQpBIGxvY2sgb3BlbnMuLExvY2sK\n--b--\n"
    )
    return [f"{head}\n{STORY}\n".encode(), (head + parts).encode()]


def jsonl() -> list[bytes]:
    """Tables of JSON Lines."""
    row = {
        "text": STORY,
        "title": "New winch",
        "date": "2026-05-04",
        "url": "https://canal.example/w",
    }
    return [(json.dumps(row) + "\n" + json.dumps({"text": NEWS, "author": None}) + "\n").encode()]


def csv() -> list[bytes]:
    """Tables with commas, and with semicolons."""
    return [
        f'text,title,date\n"{STORY}",New winch,2026-05-04\n"a ""b""\nc",,\n'.encode(),
        f"title;text\nWinch;{STORY}\n".encode(),
    ]


def feed() -> list[bytes]:
    """RSS and Atom."""
    rss = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Canal</title><item>'
        "<title>New winch</title><link>https://canal.example/w</link><pubDate>Mon, 04 May 2026 "
        f"07:00:00 GMT</pubDate><description><![CDATA[<p>{STORY}</p>]]></description></item>"
        "</channel></rss>"
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Canal</title><entry><title>Winch</title>'
        '<link href="https://canal.example/w"/><published>2026-05-04T07:00:00Z</published>'
        f'<content type="html">&lt;p&gt;{STORY}&lt;/p&gt;</content></entry></feed>'
    )
    return [rss.encode(), atom.encode()]


def sitemap() -> list[bytes]:
    """A map of a site, and a map of maps."""
    one = '<{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><{1}><loc>https://canal.example/w</loc><lastmod>2026-05-04</lastmod></{1}></{0}>'
    head = '<?xml version="1.0"?>'
    return [
        (head + one.format(*names)).encode()
        for names in (("urlset", "url"), ("sitemapindex", "sitemap"))
    ]


def warc() -> list[bytes]:
    """A web archive of one answer, not packed and packed."""
    import gzip

    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{_PAGE}".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://canal.example/w\r\n"
        "WARC-Date: 2026-05-04T07:00:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    record = head + body + b"\r\n\r\n"
    return [record, record + record, gzip.compress(record, mtime=0)]


@cache
def sentences() -> list[bytes]:
    """Texts that tempt the patterns of a skill, a paragraph each."""
    pieces = {piece for skill in SKILLS.values() for piece in skill.pieces}
    return [piece.encode("utf-8", "replace") for piece in (NEWS, STORY, *sorted(pieces))]


def pairs() -> list[bytes]:
    """A quotation in the first line, and a text that has it, in other words or cut."""
    texts = (
        "pouring money into a leaking tub\n“We are pouring money into a leaking tub,” Ana said.",
        "We will not pay for it\nShe said: “We will pay for it if the board agrees.”",
        "the most … worker on the coast\n“It is the most patient worker,” he said, “on the coast.”",
        "ﬁnd it’s 5 – 6\nThey find it's 5 - 6 of them, and ﬁnd it’s 5 – 6",
    )
    return [text.encode() for text in texts]


def compared() -> list[bytes]:
    """A claim in the first line, and a passage that it is held against."""
    texts = (
        "Exports doubled to 4.2 million tonnes in 2025.\nExports rose by half last year, to 3.1m"
        " tonnes, most of them grain; in the first quarter they halved.",
        "Women held 40 per cent of the 250 seats.\nOf the 250 members, 100 are women. Before tax"
        " the board earned $3 million, after tax a third less.",
        "The canal was to cost 38,000 crowns.\nFirst put at 38,000 crowns, it came to 45,000, up"
        " from 30,000 the year before. We wrote that it cost 52,000; that was wrong.",
        "Ina Wolk beat Ole Brandt 3-1 on 4 May 2026.\nOle Brandt lost to Ina Wolk by one to three"
        " on Monday, the second of five games between 2024 and 2026.",
        "The mayor said: “We will pay.”\n“We will not pay,” the mayor said. According to the"
        " council the vote was unanimous, the largest in three decades.",
    )
    return [text.encode() for text in texts]


def of_reports() -> list[bytes]:
    """Questions about a report that is open."""
    return [
        b"Why is claim 1 conflicting?", b"Explain claims 1, 2 and no. 3.", b"What about c1?",
        b"Which claims are conflicting?", b"Show the unsupported claims about the cost.",
        b"Summarise the report.", b"Is the article true?", b"What does the second claim say?",
        b"Did the unions claim 200 jobs?",
    ]  # fmt: skip


def asked() -> list[bytes]:
    """A question in the first line, and a text that may answer it."""
    rest = f"{STORY} In May 2026 the winch cost 40,000 crowns. Last year it was on Monday."
    return [question + b"\n" + rest.encode() for question in questions()]


def addresses() -> list[bytes]:
    """Web addresses, and such as lead nowhere public."""
    return [
        b"https://canal.example.org/a/b?c=d#e", b"http://93.184.216.34:80/", b"https://[2606:4700::1]/x",
        b"http://127.0.0.1/", b"http://2130706433/", b"http://0x7f.1/", b"http://[::ffff:127.0.0.1]/",
        "https://bücher.example.org/ä".encode(), b"http://user@canal.example.org/", b"http://a.internal/",
    ]  # fmt: skip


def days() -> list[bytes]:
    """What files and people write for a date."""
    return [
        b"2026-05-04T07:00:00+01:00", b"4 May 2026", b"May 4th, 2026", b"04/05/2026", b"2026-05",
        b"Mon, 04 May 2026 07:00:00 GMT", b"20260504", b"4. Mai 2026", b"yesterday",
    ]  # fmt: skip


def questions() -> list[bytes]:
    """Questions, and answers that cite."""
    return [
        b"When did the ferry line open?", b"Is it true that the mill burned down?",
        b"How many people work there?", b"What do the sources say about the winch?",
        b"Which sources disagree on claim 3?", b"Was kostet die neue Winde?",
        b"The winch cost 38,000 crowns [1]. It opens in May.[2, 3] - Nobody knows [4; 5].",
    ]  # fmt: skip


def answers() -> list[bytes]:
    """Answers of a model: on claims and on a rating, fenced and with reasoning."""
    from tools.text.sentences import sentence_spans

    start, end = sentence_spans(STORY)[0]
    claim = {
        "sentence": 1, "quote": STORY[start:end], "text": STORY[start:end], "kind": "fact",
        "speaker": None, "context_added": [], "unclear": [],
    }  # fmt: skip
    out = {"sentence": 2, "reason": "opinion", "detail": "a view"}
    split = json.dumps({"claims": [claim], "excluded": [out]})
    decided = {"passage": 1, "stance": "supports", "quote": "a new winch", "certainty": "high"}
    rating = json.dumps({"explanation": "x", "decided": [decided], "close": [2], "neutral": [3]})
    texts = (split, rating, f"```json\n{rating}\n```", f"<think>so</think>\n{split}", "{}", "[]")
    return [text.encode() for text in texts]


def prompts() -> list[bytes]:
    """Prompt files, with examples after a NUL."""
    examples = json.dumps([{"shows": "a figure", "given": ["Text: {{x}}"], "answer": {"a": 1}}])
    return [
        b"# System\nRate {{claim}}.\n# User\n<passage>{{ passages }}</passage>",
        f"# System\nRate.\n{{{{examples:one}}}}\n# User\n{{{{claim}}}}\0{examples}".encode(),
    ]


@cache
def journal() -> list[bytes]:
    """A journal of three answers, and one of the first version, without digests."""
    from agent.gateway.journal import Journal

    made = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        with Journal(path) as kept:
            for number in range(3):
                kept.put(
                    f"{number:064x}",
                    f'{{"answer":{number}}}',
                    prompt="rate",
                    model="m",
                    prompt_tokens=9,
                )
        with closing(sqlite3.connect(path)) as database:
            database.execute("pragma wal_checkpoint(truncate)")
            database.execute("pragma journal_mode = delete")
        made.append(path.read_bytes())
    return made


@cache
def cassette() -> list[bytes]:
    """A sealed cassette of one request and its answer."""
    from agent.gateway.cassette_file import document, write

    said = {"method": "POST", "url": "http://model.example/v1/chat/completions"}
    got = {"status": 200, "reason": "OK", "headers": {"content-type": "application/json"}}
    asked = said | {"headers": {"accept": "application/json"}, "json": {"model": "judge-1"}}
    content = document([{"request": asked, "response": got | {"text": "{}"}}])
    with tempfile.TemporaryDirectory() as folder:
        write(path := Path(folder) / "a.json", content)
        return [path.read_bytes()]


@cache
def report() -> list[bytes]:
    """A report of one claim."""
    # The report of the tests has every kind of field; it is no part of what ships.
    from tests.sample_report import sample_report

    whole = sample_report()
    less = whole.model_copy(update={"claims": whole.claims[:1]})
    return [less.model_dump_json().encode()]


def texts_of(data: bytes) -> str:
    """An input as text; what is no UTF-8 becomes lone surrogates, as from a command line."""
    return data.decode("utf-8", "surrogateescape")
