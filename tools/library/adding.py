"""Texts on their way into a library: described, cut, embedded together, stored together."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agent.errors import InputError, LibraryError
from agent.types import Document, Source
from tools.library.appearances import Appearance, completed, is_another
from tools.library.caches import Row
from tools.library.database import METADATA, Cut, Database
from tools.library.ids import passage_id, source_id
from tools.library.passages import passage_contexts, passage_spans
from tools.readers.documents import printable

if TYPE_CHECKING:
    from tools.models.embedder import Embedder

Spans = list[tuple[int, int]]

_RECUT = 50
"""Sources embedded in one call when all passages are made anew."""


class Prepared(NamedTuple):
    """A text cut and embedded where it was read, maybe on another machine; see `prepare`."""

    cuts: list[Cut]
    embedder: str


class Addition(NamedTuple):
    """A text to add; see `Library.add`."""

    document: Document
    path: str | None = None
    tags: Collection[str] = ()
    prepared: Prepared | None = None
    """Where that was done already: its passages with their vectors."""


class AddResult(NamedTuple):
    source: Source
    """As stored. Its `origin` is its own id until it is next read from the library."""
    added: bool
    """False where the library held this text already; then only its tags may have changed."""
    passages: int = 0
    """How many it was cut into; 0 where it was there already."""
    appeared: bool = False
    """Whether it was there already, but not known from this publisher, day or address, which are
    kept beside it."""
    completed: frozenset[str] = frozenset()
    """Fields of a source that was there already, which the same file tells for the first time."""


class _Fresh(NamedTuple):
    """A source on its way into the library."""

    source: Source
    document: Document
    spans: Spans


def bring_in(
    db: Database, additions: Sequence[Addition], embedder: Embedder
) -> tuple[list[AddResult | InputError], list[Row]]:
    """Adds texts in one transaction.

    Where several write at once, what is there already is looked up again in the transaction:
    another may have added or removed the same text while this was embedded.

    Returns:
        What became of each, and the new passages for the search index.

    Raises:
        LibraryError: the embedder gave no usable vectors, or another one gave them; nothing is
            stored.
    """
    intake = Intake(db)
    for each in additions:
        if each.prepared and each.prepared.embedder != embedder.id:
            raise LibraryError(
                f"these vectors are of {each.prepared.embedder}, and the library's of {embedder.id}"
            )
    results = [intake.take(addition) for addition in additions]
    intake.embed(embedder)
    if not intake.has_work:
        return results, []
    with db.transaction():
        if db.is_shared:
            intake = Intake(db, intake)
            results = [intake.take(addition) for addition in additions]
            intake.embed(embedder)
        return results, intake.store()


class Intake:
    """Several texts that are stored in one transaction.

    Args:
        db: the library's database.
        before: an intake of the same texts, whose cuts and vectors still hold.
    """

    def __init__(self, db: Database, before: Intake | None = None) -> None:
        self._db = db
        self._spans: dict[str, Spans] = before._spans if before else {}
        self._cuts: dict[str, list[Cut]] = before._cuts if before else {}
        self._fresh: dict[str, _Fresh] = {}
        self._tagged: dict[str, list[str]] = {}
        """New tags of what is there already."""
        self._completed: dict[str, Source] = {}
        """What is there already, with what is known of it now."""
        self._appeared: dict[str, list[Appearance]] = {}
        """New appearances of what is there already."""

    def take(self, addition: Addition) -> AddResult | InputError:
        """Describes and cuts a text; what will be known about it once it is stored."""
        document, path, tags, prepared = addition
        name = path or document.title or "the text"
        described = document.model_dump(include=set(METADATA))
        said = "".join(part or "" for part in (document.text, path, *described.values()))
        if "\0" in said and not self._db.takes_nul:
            return InputError(
                f"{name} holds NUL characters, which PostgreSQL does not take",
                "take them out and add it again",
            )
        try:
            (path or "").encode()
        except UnicodeEncodeError:
            return InputError(
                f"the name {printable(name)} is not in UTF-8", "Rename the file and add it again"
            )
        try:
            said.encode()
        except UnicodeEncodeError as error:
            return InputError(
                f"{name} holds broken characters: {error.reason}",
                "save it as UTF-8 and add it again",
            )
        new_id = source_id(document.text)
        existing = self._existing(new_id)
        if existing is not None:
            together = sorted({*existing.tags, *self._tagged.get(new_id, ()), *tags})
            if together != existing.tags:
                self._tagged[new_id] = together
            existing = existing.model_copy(update={"tags": together})
            more = None if new_id in self._fresh else completed(document, path, existing)
            if more is not None:
                self._completed[new_id] = more
                told = {name for name in METADATA if getattr(existing, name) is None}
                known = frozenset(name for name in told if getattr(more, name) is not None)
                return AddResult(more, added=False, completed=known)
            return AddResult(
                existing, added=False, appeared=self._appears(existing, document, path)
            )
        source = Source(
            id=new_id,
            path=path,
            added_at=_now(),
            origin=new_id,
            tags=sorted(set(tags)),
            **document.model_dump(),
        )
        if prepared:
            self._spans[new_id] = [(each.start, each.end) for each in prepared.cuts]
            self._cuts[new_id] = prepared.cuts
        spans = self._spans.get(new_id) or passage_spans(source.text, source.language)
        if not spans:
            return InputError(f"{name} holds no text")
        self._spans[new_id] = spans
        self._fresh[new_id] = _Fresh(source, document, spans)
        return AddResult(source, True, len(spans))

    def _existing(self, id_: str) -> Source | None:
        if id_ in self._fresh:
            return self._fresh[id_].source
        return self._completed.get(id_) or self._db.get(id_)

    def _appears(self, existing: Source, document: Document, path: str | None) -> bool:
        """Takes a further appearance of a text that is there, if it is a new one."""
        new = self._appeared.get(existing.id, [])
        known: list[Source | Appearance] = [existing, *self._db.appearances.of(existing.id), *new]
        if not all(is_another(document, each) for each in known):
            return False
        appearance = Appearance(
            document.title,
            document.publisher,
            document.published_at,
            document.url,
            path,
            _now(),
        )
        self._appeared[existing.id] = [*new, appearance]
        return True

    @property
    def has_work(self) -> bool:
        """Whether anything is to be stored."""
        return bool(self._fresh or self._tagged or self._completed or self._appeared)

    def embed(self, embedder: Embedder) -> None:
        """Embeds the passages of what is new.

        Raises:
            LibraryError: the embedder gave no usable vectors.
        """
        missing: dict[str, tuple[Source | Document, Spans]] = {
            source.id: (source, spans)
            for source, _, spans in self._fresh.values()
            if source.id not in self._cuts
        }
        self._cuts |= cut(missing, embedder)

    def prepared(
        self, taken: Sequence[tuple[Addition, AddResult | InputError]], embedder: Embedder
    ) -> list[Addition]:
        """Texts with their passages, for an intake of their own; asks no database.

        Args:
            taken: what `take` was given, with what it gave.
            embedder: the library's.

        Raises:
            LibraryError: the embedder gave no usable vectors.
        """
        self.embed(embedder)
        return [
            addition._replace(prepared=Prepared(self._cuts[result.source.id], embedder.id))
            if isinstance(result, AddResult) and result.added
            else addition
            for addition, result in taken
        ]

    def store(self) -> list[Row]:
        """Stores all that was taken, in the transaction that is open; gives the new passages."""
        cuts = self._cuts
        for source, document, _ in self._fresh.values():
            self._db.insert(source, document, cuts[source.id])
        for each_id, tags in self._tagged.items():
            self._db.set_tags(each_id, tags)
        for source in self._completed.values():
            self._db.complete(source)
        for each_id, appearances in self._appeared.items():
            for appearance in appearances:
                self._db.appearances.insert(each_id, appearance)
        return [
            Row(
                passage_id(source.id, number),
                each.context,
                source.text[each.start : each.end],
                each.vector,
            )
            for source, _, _ in self._fresh.values()
            for number, each in enumerate(cuts[source.id])
        ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def prepare(document: Document, embedder: Embedder) -> Prepared:
    """Cuts a text into passages and embeds them, as `Library.add` would do it.

    Args:
        document: the text.
        embedder: that of the library which it is for.

    Raises:
        LibraryError: the embedder gave no usable vectors.
    """
    spans = passage_spans(document.text, document.language)
    return Prepared(cut({"": (document, spans)}, embedder)[""], embedder.id)


def cut(
    texts: Mapping[str, tuple[Source | Document, Spans]], embedder: Embedder
) -> dict[str, list[Cut]]:
    """The passages of several texts, by id; embedded in one call, each below its context.

    Raises:
        LibraryError: the embedder gave no usable vectors.
    """
    contexts = {
        id_: passage_contexts(source.text, spans, source.title)
        for id_, (source, spans) in texts.items()
    }
    shown = [
        f"{context}\n{source.text[start:end]}".lstrip()
        for id_, (source, spans) in texts.items()
        for (start, end), context in zip(spans, contexts[id_], strict=True)
    ]
    if not shown:
        return {id_: [] for id_ in texts}
    vectors = embedder.embed(shown)
    expected = (len(shown), embedder.dimension)
    if vectors.shape != expected or not np.isfinite(vectors).all():
        raise LibraryError(f"the embedder {embedder.id} gave no usable vectors")
    remaining = iter(vectors)
    return {
        id_: [
            Cut(*span, next(remaining), context)
            for span, context in zip(spans, contexts[id_], strict=True)
        ]
        for id_, (_, spans) in texts.items()
    }


def recut(db: Database, embedder: Embedder) -> None:
    """Makes the passages of all texts anew, in one transaction.

    Raises:
        LibraryError: the embedder gave no usable vectors; nothing has changed.
    """
    with db.transaction():
        db.set_meta(
            embedder=embedder.id,
            dimension=str(embedder.dimension),
            # From now on the caches do not match, whatever happens next.
            built=secrets.token_hex(8),
            origin_rules="",
        )
        all_ids = db.source_ids()
        for start in range(0, len(all_ids), _RECUT):
            sources = [db.find(id_) for id_ in all_ids[start : start + _RECUT]]
            spans = [passage_spans(source.text, source.language) for source in sources]
            texts: dict[str, tuple[Source | Document, Spans]] = {
                source.id: (source, found) for source, found in zip(sources, spans, strict=True)
            }
            cuts = cut(texts, embedder)
            for source in sources:
                db.set_passages(source, cuts[source.id])
