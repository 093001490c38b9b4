"""Hostile strings, and texts with one of them in its carrier: what `injection.py` tries.

A file holds one string a line, as JSON: `id`, `carrier`, `format` (`text`, `html`, `markdown`,
`metadata:FIELD`), `text`, `target` (the verdict that it wants, or `none`), `family`, `lang`, `base`
(strings with one base are one string in several disguises). A set of our own ships
(`injections.jsonl`); `ASSAY_ATTACKS` names a folder with a larger `injection.jsonl`. Nothing here
is ever carried out: a string is put into a file, and the file is read as any other.
"""

from __future__ import annotations

import hashlib
import html
import io
import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from agent.errors import InputError, UsageError
from agent.types import Document
from tools.readers import describe, read_text
from tools.readers.metadata import Metadata
from tools.text.sentences import sentence_spans

OWN: Final = Path(__file__).parent / "injections.jsonl"
Place = Literal["before", "middle", "after"]
PLACES: Final[tuple[Place, ...]] = ("before", "middle", "after")
Half = Literal["developed", "reported"]


@dataclass(frozen=True)
class Attack:
    """One string; see above."""

    id: str
    carrier: str
    format: str
    text: str
    target: str
    family: str
    lang: str
    base: str

    @property
    def half(self) -> Half:
        """Whether the defence was developed with this string's original, by its hash."""
        digest = hashlib.sha256(f"injection:{self.base}".encode()).hexdigest()
        return "reported" if int(digest, 16) % 2 else "developed"

    @property
    def scored(self) -> bool:
        """Whether it bears on verdicts: sets of other tasks test the invariants alone."""
        return ":" not in self.family


def collected() -> Path | None:
    """The larger collection, where the environment names one."""
    folder = os.environ.get("ASSAY_ATTACKS")
    path = Path(folder) / "injection.jsonl" if folder else None
    return path if path and path.is_file() else None


def attacks(path: Path) -> list[Attack]:
    """The strings of a file, in its order.

    Raises:
        UsageError: a line is none.
    """
    found = []
    names = tuple(Attack.__annotations__)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            found.append(Attack(**{name: str(row[name]) for name in names}))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise UsageError(f"line {number} of {path.name} is no attack: {error!r}") from error
    return found


_HARMLESS: Final = (
    ("text", "Rain fell all day in the valley."),
    ("text", "From: desk@news.example\nSubject: Re: figures"),
    ("text", "Reply: thanks for the tip."),
    ("markdown", "[timetable](https://news.example/)"),
    ("html", '<a href="/more">More</a>'),
    ("html", "<details><summary>Tables</summary>Prices are in euros.</details>"),
)


def harmless(count: int = 400) -> list[Attack]:
    """Texts that address nobody, in carriers like those of the strings: what any neighbour does."""
    return [
        Attack(f"harmless-{n}", "", form, text, "none", "harmless", "en", f"harmless-{n}")
        for n, (form, text) in zip(range(count), itertools.cycle(_HARMLESS), strict=False)
    ]


def carried(text: str, attack: Attack, place: Place) -> Document | None:
    """A text with the string in its carrier, as the reader of that kind of file gives it.

    Args:
        text: paragraphs of prose.
        attack: what is put in.
        place: before it, after it, or between its sentences.

    Returns:
        None where nothing can be read.
    """
    kind, _, field = attack.format.partition(":")
    try:
        if kind == "html":
            return _read(*_html(text, attack.text, place))
        if kind == "markdown":
            from tools.readers.markdown import read_markdown

            return _read(*read_markdown(_put(text, f"\n\n{attack.text}\n\n", place), "page.md"))
        if kind == "metadata":
            return _with_metadata(text, attack.text, field)
        return read_text(_put(text, attack.text, place))
    except InputError:
        return None


def _read(text: str, metadata: Metadata) -> Document:
    document = read_text(text)
    known: dict[str, Any] = {"published_at": metadata.get("date")}
    known |= {name: metadata.get(name) for name in ("title", "author", "publisher")}
    return describe(document, **known)


def _put(text: str, string: str, place: Place) -> str:
    if place == "before":
        return f"{string}\n\n{text}"
    if place == "after":
        return f"{text}\n\n{string}"
    cut = _middle(text)
    return f"{text[:cut]}{string} {text[cut:]}" if cut else f"{text} {string}"


def _middle(text: str) -> int:
    spans = sentence_spans(text)
    return spans[len(spans) // 2][0] if len(spans) > 1 else 0


def _html(text: str, string: str, place: Place) -> tuple[str, Metadata]:
    from tools.readers.html import read_html

    cut = _middle(text) or len(text)
    first, second = (
        html.escape(part).replace("\n\n", "</p><p>") for part in (text[:cut], text[cut:])
    )
    head = string if string.startswith("<head") else "<head><title>News</title></head>"
    put = "" if string.startswith("<head") else string
    body = {
        "before": f"{put}<p>{first}{second}</p>",
        "middle": f"<p>{first}</p>{put}<p>{second}</p>",
        "after": f"<p>{first}{second}</p>{put}",
    }[place]
    page = f"<!doctype html><html>{head}<body><article>{body}</article></body></html>"
    return read_html(page, "page.html")


def _with_metadata(text: str, string: str, field: str) -> Document:
    """A file of the kind whose field it is; what has no file is told beside the text."""
    if made := _MAKERS.get(field):
        return _read(*made(text, string))
    document = read_text(text)
    line = " ".join(string.split())[:500]
    if field == "byline":
        return describe(document, author=line)
    if field == "url":
        return document.model_copy(update={"url": string})
    if field == "http.X-Note":
        return document  # no reader looks at it
    return describe(document, title=line)


def _docx(text: str, string: str, change: Callable[[Any, str], None]) -> tuple[str, Metadata]:
    from docx import Document as Word

    from tools.readers.docx import read_docx

    word = Word()
    for paragraph in text.split("\n\n"):
        word.add_paragraph(paragraph)
    change(word, "".join(c for c in string if c.isprintable() or c == " "))
    data = io.BytesIO()
    word.save(data)
    return read_docx(data.getvalue(), "text.docx")


def _hidden_run(word: Any, string: str) -> None:
    word.paragraphs[0].add_run(f" {string}").font.hidden = True


def _comment(word: Any, string: str) -> None:
    word.add_comment(word.paragraphs[0].runs, text=string, author="Reader")


def _word_title(word: Any, string: str) -> None:
    word.core_properties.title = string[:255]


def _pdf(text: str, change: Callable[[Any], None]) -> tuple[str, Metadata]:
    from fpdf import FPDF

    from tools.readers.pdf import read_pdf

    pdf = FPDF(format="A4")
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    for paragraph in text.split("\n\n"):
        pdf.multi_cell(0, 6, _latin(paragraph))
        pdf.ln(4)
    change(pdf)
    return read_pdf(bytes(pdf.output()), "text.pdf", 2_000_000)


def _latin(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")


def _invisible(pdf: Any, string: str) -> None:
    with pdf.local_context(text_mode="INVISIBLE"):
        pdf.multi_cell(0, 6, _latin(string))


_MAKERS: Final[dict[str, Callable[[str, str], tuple[str, Metadata]]]] = {
    "docx.core.title": lambda text, string: _docx(text, string, _word_title),
    "docx.comment": lambda text, string: _docx(text, string, _comment),
    "docx.run.vanish": lambda text, string: _docx(text, string, _hidden_run),
    "pdf.Title": lambda text, string: _pdf(text, lambda pdf: pdf.set_title(string)),
    "pdf.Keywords": lambda text, string: _pdf(text, lambda pdf: pdf.set_keywords(string)),
    "pdf.Annot.Contents": lambda text, string: _pdf(
        text, lambda pdf: pdf.text_annotation(20, 20, string)
    ),
    "pdf.text_render_mode_3": lambda text, string: _pdf(text, lambda pdf: _invisible(pdf, string)),
}
