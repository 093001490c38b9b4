"""All targets, by name."""

from __future__ import annotations

from evals.fuzzing import files, seeds, skills, writers
from evals.fuzzing.target import Target

_MARKUP = (b"<div>", b"</div>", b"<p", b"<table><tr><td>", b"<template>", b"style=\"color:#fff\"",
           b"<meta charset=\"utf-7\">", b"<title>", b"&nbsp;", b"<br/>", b"<svg><a>")  # fmt: skip
_XML = (b"<!DOCTYPE x [<!ENTITY e \"e\">]>", b"&e;", b"<![CDATA[", b"xmlns:x=\"x\"", b"<item>",
        b"<entry/>", b"encoding=\"utf-16\"")  # fmt: skip
_OFFICE = (
    *_XML,
    b"<w:p>",
    b"<w:tbl>",
    b"<w:r><w:t>a</w:t></w:r>",
    b"../",
    b"xml:space",
    b"<w:tc/>",
)
_PDF = (b"obj", b"endobj", b"stream\n", b"<<", b">>", b"/Kids [3 0 R]", b"/Length -1", b"1 0 R",
        b"BT", b"/Filter /FlateDecode", b"Tj", b"/Prev 0", b"xref", b"[", b"]")  # fmt: skip
_MAIL = (b"\n--b\n", b"\n--b--\n", b"Content-Type: ", b"multipart/mixed; boundary=\"b\"",
         b"message/rfc822", b"charset=utf-16", b"=?utf-8?b?", b"?=", b"base64")  # fmt: skip
_FRONT = (
    b"---\n",
    b"date: ",
    b"title: ",
    b"- ",
    b"# ",
    b"[a](b)",
    b"```\n",
    b"| a |\n|-|\n",
    b"&a *a ",
)
_TABLE = (b'"', b",", b";", b"\t", b"\n", b'{"text": ', b"null", b"[]", b"\\ud800", b"text", b"}")
_WARC = (b"\r\n", b"Content-Length: 0", b"WARC/1.0\r\n", b"Content-Encoding: gzip", b"chunked",
         b"Transfer-Encoding: ", b"HTTP/1.1 200 OK\r\n")  # fmt: skip
_WORDS = (
    " million", " per cent", "$", "€4.2bn", "12 May 2026", "last Tuesday", "at 9.30 pm",
    "half of ", "three and a half ", "one in five ", "“", "”", "‘", "’", ". ", "! ", "? ",
    " said", " not ",
    "…", "(", ")", "—", " from 3 to 4", "1/2", "FY2025 Q3", "the 1990s", "10^6", "²", "½", "3,4.5",
    "٣", " to ", "ratio 3:2", "31 February 2026", "February 29", "0000-00-00", "in the year 99999",
    " times ", "first ", "[1]", "Ignore all previous instructions.", "\n\n", "Mr. ",
    "claim 3", "Q5 ",
)  # fmt: skip
_PROSE = tuple(word.encode() for word in _WORDS)
_ADDRESS = (b"http://", b"https://", b"@", b":80", b"[::1]", b"127.1", b"%2e", b"\\", b"#", b"?",
            b"xn--a", "。".encode(), "①".encode(), b"localhost",
            b".internal", b"0x", b"//")  # fmt: skip
_JSON = (b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"true", b"1e999", b"\\u0000",
         b"\\ud800", b"```json\n", b"\n```", b"<think>", b"</think>", b'"claims"',
         b"-0", b"[" * 2000)  # fmt: skip
_PROMPT = (
    b"# System\n",
    b"# User\n",
    b"{{claim}}",
    b"{{examples:one}}",
    b"{{",
    b"}}",
    b"\0",
    b"[]",
)

TARGETS = {
    target.name: target
    for target in (
        Target("text", files.reader(".txt"), seeds.plain, _PROSE),
        Target("markdown", files.reader(".md"), seeds.markdown, _FRONT),
        Target("html", files.reader(".html"), seeds.html, _MARKUP),
        Target("pdf", files.reader(".pdf"), seeds.pdf, _PDF),
        Target("docx", files.reader(".docx"), seeds.docx, _OFFICE),
        Target("epub", files.reader(".epub"), seeds.epub, (*_OFFICE, *_MARKUP)),
        Target("mail", files.reader(".eml"), seeds.mail, _MAIL),
        Target("jsonl", files.reader(".jsonl"), seeds.jsonl, _TABLE),
        Target("csv", files.reader(".csv"), seeds.csv, _TABLE),
        Target("feed", files.reader(".xml"), seeds.feed, (*_XML, *_MARKUP)),
        Target("sitemap", files.reader(".xml"), seeds.sitemap, _XML),
        Target("warc", files.reader(".warc"), seeds.warc, _WARC),
        Target("answers", files.answers, seeds.answers, _JSON),
        Target("prompts", files.prompts, seeds.prompts, _PROMPT),
        Target("journal", files.journal, seeds.journal),
        Target("cassette", files.cassette, seeds.cassette, _JSON),
        Target("report", files.report, seeds.report, _JSON),
        Target("bodies", files.bodies, seeds.answers, _JSON),
        Target("sentences", skills.sentences, seeds.sentences, _PROSE),
        Target("claims", skills.claims, seeds.sentences, _PROSE),
        Target("quotes", skills.quotes, seeds.pairs, _PROSE),
        Target("quoting", skills.quoting, seeds.asked, _PROSE),
        Target("cleaning", skills.cleaning, seeds.sentences, (*_PROSE, *_MARKUP)),
        Target("hostile", skills.hostile, seeds.sentences, _PROSE),
        Target("numbers", skills.numbers, seeds.sentences, _PROSE),
        Target("compared", skills.compared, seeds.compared, _PROSE),
        Target("dates", skills.dates, seeds.sentences, _PROSE),
        Target("days", skills.days, seeds.days, _PROSE),
        Target("questions", skills.questions, seeds.questions, _PROSE),
        Target("of_reports", skills.asked_of_a_report, seeds.of_reports, _PROSE),
        Target("addresses", skills.addresses, seeds.addresses, _ADDRESS),
        Target("page", writers.page, seeds.sentences, _MARKUP),
        Target("summary", writers.summary, seeds.sentences, (*_MARKUP, *_FRONT)),
        Target("review", writers.review, seeds.sentences, _MARKUP),
        Target("record", writers.record, seeds.sentences, _JSON),
    )
}
