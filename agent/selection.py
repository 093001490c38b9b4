"""Which sources of a library an article is checked against, and why not the others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import shorten
from typing import Self

from agent.copies import altered
from agent.errors import UsageError
from agent.types import Article, Source, SourceLeftOut
from tools.library import Library
from tools.library.database import Described
from tools.library.ids import source_id
from tools.text.cleaning import clean
from tools.times.publication import certainly_later, day

_LANGUAGE = re.compile(r"[a-z]{2}")
_QUOTED = 200
"""Characters that are quoted of a copy that says otherwise."""


@dataclass(frozen=True)
class Selection:
    """What the user wants of the sources.

    Attributes:
        as_of: ISO date; what was published later is not there yet.
        since: ISO date; what was published earlier is left out. Sources without a date stay.
        exclude: ids to leave out, or their beginnings where no other begins so.
        publishers: only sources of these, whatever their case; empty means all.
        languages: only sources in these (ISO 639-1); empty means all.
        tags: only sources with one of these; empty means all.
        min_origins: independent origins that it takes to support a claim; `agent.decide` holds
            claims to it.

    Raises:
        UsageError: a language that is no code of two letters, a day that is no date, a first day
            that is later than the last one.
    """

    as_of: str | None = None
    since: str | None = None
    exclude: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    min_origins: int = 1

    @classmethod
    def of(
        cls,
        *,
        as_of: str | date | None = None,
        since: str | date | None = None,
        exclude: Collection[str] = (),
        publishers: Collection[str] = (),
        languages: Collection[str] = (),
        tags: Collection[str] = (),
        min_origins: int = 1,
    ) -> Self:
        """As a program names it: days also as dates, and one text stands for a list of one."""
        return cls(
            as_of=_day(as_of),
            since=_day(since),
            exclude=_texts(exclude),
            publishers=_texts(publishers),
            languages=_texts(languages),
            tags=_texts(tags),
            min_origins=min_origins,
        )

    def __post_init__(self) -> None:
        for written in filter(None, (self.as_of, self.since)):
            if not _is_day(written):
                raise UsageError(f"{written!r} is no date", "Write it as 2026-03-31")
        if self.as_of and self.since and self.since > self.as_of:
            raise UsageError(
                f"no source is published from {self.since} on and by {self.as_of}",
                "Name an earlier --since or a later --as-of",
            )
        for code in self.languages:
            if not _LANGUAGE.fullmatch(code):
                raise UsageError(f"{code!r} is no code of a language", "Write it as en, de, fr")

    @property
    def settings(self) -> dict[str, str | None]:
        """What the report says about it, `as_of` apart."""
        return {
            "exclude": " ".join(sorted(self.exclude)) or None,
            "languages": ", ".join(sorted(self.languages)) or None,
            "publishers": ", ".join(sorted(self.publishers)) or None,
            "since": self.since,
            "tags": ", ".join(sorted(self.tags)) or None,
        }

    @property
    def options(self) -> list[str]:
        """The options of the command line that narrow the sources, as they were given."""
        asked = (
            ("--as-of", (self.as_of,)),
            ("--since", (self.since,)),
            ("--exclude-source", self.exclude),
            ("--source-publisher", self.publishers),
            ("--language", self.languages),
            ("--tag", self.tags),
        )
        return [f"{option} {value}" for option, values in asked for value in values if value]

    def outside(self, library: Library) -> set[str]:
        """Ids of the sources that a question is not answered from; those without a date stay.

        Raises:
            UsageError: as `left_out`.
        """
        if not self.options:  # nothing need be known of a million sources that all count
            return set(library.superseded())
        excluded = {library.source(prefix).id for prefix in self.exclude}
        sources = library.described()
        self._check(sources)
        excluded |= {source.id for source in sources if not self.wants(source)}
        newer = library.superseded(as_of=self.as_of, without=excluded)
        later = {
            source.id for source in sources if certainly_later(source.published_at, self.as_of)
        }
        return excluded | newer.keys() | later

    def left_out(self, article: Article, library: Library) -> list[SourceLeftOut]:
        """The sources that this article is not checked against, with the reason.

        Raises:
            UsageError: a source to be left out, or a publisher, language or tag that was asked
                for, is not in the library.
        """
        # What is mistyped must not pass: sources would be used, or left out, against the
        # user's wish.
        excluded = {library.source(prefix).id for prefix in self.exclude}
        sources = library.described()
        self._check(sources)
        itself, copies = source_id(article.text), library.copies(article.text)
        unwanted = {
            source.id: why for source in sources if (why := next(self._unwanted(source), None))
        }
        # What is not wanted does not take the place of what is.
        newer = library.superseded(as_of=self.as_of, without=excluded | unwanted.keys())
        dates = {source.id: source.published_at for source in sources}

        def reason(source: Described) -> str | None:
            if source.id in excluded:
                return "left out by request"
            if source.id == itself:
                return "the article itself"
            if certainly_later(source.published_at, self.as_of):
                return f"published after {self.as_of}"
            if source.id in newer:
                return _superseded(source, newer[source.id], dates[newer[source.id]], article)
            if source.id in unwanted:
                return unwanted[source.id]
            return _copied(library.source(source.id), article) if source.id in copies else None

        return [
            SourceLeftOut(source_id=source.id, title=source.title, reason=why)
            for source in sources
            if (why := reason(source))
        ]

    def wants(self, source: Described | Source) -> bool:
        """Whether publisher, language, date and tags are as wanted."""
        return next(self._unwanted(source), None) is None

    def _unwanted(self, source: Described | Source) -> Iterator[str]:
        if self.publishers and _folded(source.publisher) not in map(_folded, self.publishers):
            yield f"not published by {_either(self.publishers)}"
        if self.languages and source.language not in self.languages:
            yield f"not in the language {_either(self.languages)}"
        if certainly_later(self.since, source.published_at):
            yield f"published before {self.since}"
        if self.tags and not set(self.tags) & set(source.tags):
            yield f"not tagged {_either(self.tags)}"

    def _check(self, sources: Sequence[Described]) -> None:
        for what, wanted, there in (
            ("of the publisher", self.publishers, {source.publisher for source in sources}),
            ("in the language", self.languages, {source.language for source in sources}),
            ("with the tag", self.tags, {tag for source in sources for tag in source.tags}),
        ):
            known = sorted(name for name in there if name)
            for name in wanted:
                same = _folded if wanted is self.publishers else str
                if same(name) not in map(same, known):
                    raise UsageError(
                        f"the library has no source {what} {name!r}",
                        f"It has: {', '.join(known[:10])}"
                        if known
                        else f"No source has a {what.rpartition(' ')[2]}",
                    )


def _copied(copy: Source, article: Article) -> str:
    """What is said of a copy: also what it says otherwise, for it may be corrected, or doctored."""
    spans = altered(copy.text, article.text)
    if not spans:
        return "a copy of the article"
    start, end = spans[0]
    quote = shorten(clean(copy.text[start:end]).text, _QUOTED, placeholder=" …")
    more = f" and in {len(spans) - 1} more" if spans[1:] else ""
    return f"a copy of the article that says otherwise in “{quote}”{more}"


def _superseded(source: Described, newer: str, published_at: str | None, article: Article) -> str:
    why = f"superseded by a newer version, {newer} of {day(published_at)}"
    written = article.published_at or ""
    was_newest = certainly_later(published_at, written) and not certainly_later(
        source.published_at, written
    )
    if was_newest and len(written) == len("2026-03-04"):
        why += f"; to use the one of the article's time: --as-of {written}"
    return why


def _texts(given: Collection[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _day(value: str | date | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise UsageError(f"{value!r} is no date", "Write it as 2026-03-31") from error


def _is_day(written: str) -> bool:
    try:
        return date.fromisoformat(written).isoformat() == written
    except ValueError:
        return False


def _folded(name: str | None) -> str:
    return (name or "").casefold()


def _either(names: Sequence[str]) -> str:
    return " or ".join(names)
