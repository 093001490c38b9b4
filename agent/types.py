"""The plain data that passes between the stages: articles, claims, evidence, reports.

This module imports nothing of ours, so that every layer can import it. All offsets
are half-open spans in Unicode code points into the text that the object names: for
claims and exclusions `Article.text`, for passages and evidence `Source.text`. The
models of the report are the published format (schema version 1); other programs
read it, so fields may be added but never renamed or dropped.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["supported", "conflicting", "unverifiable"]
Stance = Literal["supports", "contradicts", "neutral"]
ClaimKind = Literal["fact", "quantity", "quotation", "forecast"]
ExclusionReason = Literal[
    "opinion", "question", "boilerplate", "incomplete", "not_checkable", "duplicate"
]
WarningCode = Literal[
    "machine_spun",
    "truncated",
    "mixed_language",
    "instructions_in_text",
    "magnitude_unclear",
    "date_unclear",
]
OriginReason = Literal["copy", "wire", "spun", "report", "publisher"]
Reputation = Literal["trusted", "neutral", "distrusted"]
Counting = Literal["all_alike", "trusted_only"]
Compared = Literal["figure", "date", "quotation", "speaker", "opposite"]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
STANCES: tuple[Stance, ...] = get_args(Stance)

SCHEMA_VERSION: Final = "1"


class Data(BaseModel):
    """Immutable, strict base of everything below."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class TextWarning(Data):
    """Something about a text that a reader of the verdicts should know."""

    code: WarningCode
    message: str
    """One sentence for people."""
    spans: list[tuple[int, int]] = Field(default_factory=list)
    """Where in the text it shows; may be empty."""


class Document(Data):
    """What a reader makes of a file: the text and what the file says about itself."""

    text: str
    """Normalised to NFC with `\\n` line ends; never empty."""
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    url: str | None = None
    published_at: str | None = None
    """ISO 8601 date (`2026-03-04`), or a coarser prefix of one (`2026-03`, `2026`)."""
    language: str | None = None
    """ISO 639-1 code."""
    warnings: list[TextWarning] = Field(default_factory=list)
    # About the file, not about its text: `model_dump` leaves both out.
    reader: str | None = Field(default=None, exclude=True)
    """Which reader read it: `html`, `pdf`; `mail/pdf` for an attachment."""
    bytes_sha256: str | None = Field(default=None, exclude=True)
    """Of the file that it was read from, in hexadecimal; texts of one file share it."""


class Article(Data):
    """The text under check."""

    id: str
    """`a-` and the first 16 hexadecimal digits of the text's SHA-256."""
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    url: str | None = None
    published_at: str | None = None
    language: str | None = None
    text: str
    warnings: list[TextWarning] = Field(default_factory=list)


class Source(Data):
    """A text in the library that claims are checked against."""

    id: str
    """`s-` and the first 16 hexadecimal digits of the text's SHA-256."""
    text: str
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    url: str | None = None
    published_at: str | None = None
    language: str | None = None
    path: str | None = None
    """Name of the file it was read from, for people; never opened again."""
    added_at: str
    """ISO 8601 date and time, UTC."""
    origin: str
    """Group of sources that copy one another; the id of the group's earliest member."""
    origin_reason: OriginReason | None = None
    """Why it is in the group: the same text, cuts of one agency's report, a text reworded, or two
    that relay one report. None for the earliest member."""
    warnings: list[TextWarning] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)
    """What the user filed it under, sorted."""
    superseded_by: str | None = None
    """Id of the newest source of the same address, where that was published later. It follows
    from the sources that are in the library now and is never stored."""


class Passage(Data):
    """A span of a source, the unit that is retrieved: `source.text[start:end] == text`."""

    id: str
    """`SOURCE_ID:NUMBER`."""
    source_id: str
    number: int
    """0-based position within the source."""
    start: int
    end: int
    text: str


class Hit(Data):
    """A retrieved passage."""

    passage: Passage
    source: Source
    score: float
    """Cosine similarity of claim and passage, -1..1."""
    reputation: Reputation = "neutral"
    """What the user made of the source's publisher or site."""
    later: bool = False
    """Whether the source was certainly published after the article."""


class Claim(Data):
    """One checkable statement of the article, readable on its own."""

    id: str
    """`c1`, `c2`, … in the order of the article."""
    text: str
    """The statement as it is rated: the quote, with `context_added` where it needs it."""
    quote: str
    """Verbatim: `article.text[start:end] == quote`."""
    start: int
    end: int
    kind: ClaimKind = "fact"
    speaker: str | None = None
    """Whom the article attributes the statement to."""
    context_added: list[str] = Field(default_factory=list)
    """What `text` says that `quote` does not: who `he` is, which company, which quarter."""
    unclear: list[str] = Field(default_factory=list)
    """What a reader would have to know and the article leaves open, one sentence each: which
    of two people `he` is, whether `cardinal` is a million or a billion. It is not guessed."""
    also_at: list[tuple[int, int]] = Field(default_factory=list)
    """Further places of the article that say the same, in its order."""
    linked: list[str] = Field(default_factory=list)
    """Ids of claims with the same content: what somebody is reported as saying, and the
    article's own word for it."""


class Evidence(Data):
    """A passage with its stance to one claim, and the verbatim quote that decides."""

    source_id: str
    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    published_at: str | None = None
    quote: str
    """Verbatim: `source.text[start:end] == quote`."""
    start: int
    end: int
    stance: Stance
    probability: float = Field(ge=0, le=1)
    """Calibrated probability of the stance."""
    origin: str
    """Group of sources that copy one another; a group counts once. The id of its earliest
    member."""
    origin_reason: OriginReason | None = None
    """Why the source is in the group: `copy`, `wire`, `spun`, `report`, or `publisher`, which is
    no copy but takes the same side on the same publisher's word or site; null for the earliest
    member."""
    context: str
    """The retrieved passage that the quote stands in."""
    context_start: int
    """Offset of `context` in the source's text."""
    later: bool = False
    """Whether it was certainly published after the article: it may change the picture, but
    the article could not know it."""
    reputation: Reputation = "neutral"
    """What the user made of the publisher; what a distrusted one says is shown and not counted."""
    note: str | None = None
    """What was computed, e.g. `48.39 billion against 47.3 billion: 2.3 % apart`."""
    compared: Compared | None = None
    """What `note` compares: figures, dates, the words of a quotation, who said it, or events
    that are each other's opposite. Null where the note compares nothing."""


class Otherwise(Data):
    """The verdict that a claim would have if reputations counted otherwise."""

    counting: Counting
    """`all_alike`: every publisher as if neutral. `trusted_only`: nobody but the trusted."""
    verdict: Verdict


class Fault(Data):
    """Why a claim has no verdict."""

    kind: str
    message: str


class CheckedClaim(Claim):
    """A claim with its outcome. `status` is `failed` exactly where `verdict` is null."""

    status: Literal["rated", "failed"]
    error: Fault | None = None
    verdict: Verdict | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    explanation: str
    missing: str | None = None
    """For the unverifiable: what was searched, and what would decide it."""
    evidence: list[Evidence] = Field(default_factory=list)
    otherwise: list[Otherwise] = Field(default_factory=list)
    """Other verdicts that follow from other reputations; empty where none differs."""


class Excluded(Data):
    """A span of the article that is no checkable claim, and why."""

    quote: str
    start: int
    end: int
    reason: ExclusionReason
    detail: str


class SourceLeftOut(Data):
    """A source of the library that this article was not checked against, and why."""

    source_id: str
    title: str | None = None
    reason: str


class SourceWarning(Data):
    """Something about a source that was read for a claim, which a reader should know."""

    source_id: str
    title: str | None = None
    publisher: str | None = None
    warning: TextWarning
    """Its spans are into the source's stored text."""


class LibraryState(Data):
    fingerprint: str
    """SHA-256 over the ids of all sources and their metadata."""
    sources: int
    passages: int


class Run(Data):
    """One check: everything that its outcome depends on."""

    id: str
    created_at: str
    as_of: str | None = None
    """The day the article is judged as of; sources published later are left out."""
    model: str
    """As the user named it: `embedded`, `openai:MODEL`, …"""
    judge: str
    """Name and version of what rated."""
    embedder: str
    prompts: dict[str, str]
    """SHA-256 of each prompt in use."""
    library: LibraryState
    version: str
    settings: dict[str, str | int | float | bool | None]


class Coverage(Data):
    """What became of the article's sentences: each is in a claim, or set aside, or both."""

    sentences: int
    claimed: int
    """Sentences that a claim's quote stands in, at least in part."""
    set_aside: int
    """Sentences that no claim stands in, and an excluded span does."""


class Summary(Data):
    supported: int = 0
    conflicting: int = 0
    unverifiable: int = 0
    failed: int = 0


class Usage(Data):
    """What the run took. The only part that may differ between two runs of the same."""

    requests: int = Field(default=0, ge=0)
    """Requests sent to a model server."""
    cached: int = Field(default=0, ge=0)
    """Answers taken from the journal instead."""
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    cost_usd: float | None = Field(default=None, ge=0)
    """Null where the price of the model is unknown."""
    seconds: dict[str, float] = Field(default_factory=dict)
    """Wall-clock seconds by stage."""


class Report(Data):
    """The record of one check; `docs/report.md` describes it for readers."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    run: Run
    article: Article
    claims: list[CheckedClaim]
    excluded: list[Excluded]
    coverage: Coverage | None = None
    """Null only in reports made by version 0.1.0."""
    sources_left_out: list[SourceLeftOut]
    source_warnings: list[SourceWarning] = Field(default_factory=list)
    """Of the passages that were read, those that address whoever checks them."""
    summary: Summary
    usage: Usage
