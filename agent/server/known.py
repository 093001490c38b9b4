"""What a library knows about its sources besides what they say: counted once for each opening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple
from weakref import WeakKeyDictionary

from pydantic import BaseModel, Field

from agent.types import Reputation, Source

if TYPE_CHECKING:
    from tools.library import Library


class Publisher(BaseModel):
    """A name that sources go by, and what the user makes of it."""

    name: str
    kind: Literal["publisher", "site"]
    sources: int = Field(description="How many go by it.")
    reputation: Reputation = Field(description="Of this name alone.")


class Known(NamedTuple):
    """Of one library, as long as it is open."""

    passages: Mapping[str, int]
    """How many each source has."""
    sizes: Mapping[str, int]
    """How many sources each origin has."""
    reputations: Mapping[str, Reputation]
    """By the names as the user wrote them."""
    publishers: Mapping[str, Publisher]
    """By their names without case; those that have a reputation and no source, too."""

    @classmethod
    def of(cls, library: Library, sources: list[Source] | None = None) -> Known:
        """What is known; nothing is written while a library is open to read.

        Args:
            library: open.
            sources: all of its sources, where they have been read already.
        """
        if library not in _KNOWN:
            sources = library.sources() if sources is None else sources
            reputations = library.reputations()
            _KNOWN[library] = cls(
                library.passage_counts(),
                Counter(source.origin for source in sources),
                reputations,
                _publishers(sources, reputations),
            )
        return _KNOWN[library]

    def reputation_of(self, source: Source) -> Reputation:
        """What the user makes of a source."""
        from tools.library.reputations import reputation_of

        return reputation_of(source.publisher, source.url, self.reputations)

    def publishers_of(self, source: Source) -> list[Publisher]:
        """The names that a source goes by: its publisher's, and its site's."""
        return [self.publishers[key] for key in _names(source)]


_KNOWN: WeakKeyDictionary[Library, Known] = WeakKeyDictionary()


def _publishers(
    sources: list[Source], reputations: Mapping[str, Reputation]
) -> dict[str, Publisher]:
    from tools.library.sites import site

    names: dict[str, str] = {}
    sites: set[str] = set()
    counts: Counter[str] = Counter()
    for source in sources:
        for key, name in _names(source).items():
            names.setdefault(key, name)
            counts[key] += 1
        if owner := site(source.url):
            sites.add(owner)
    marked = {name.casefold(): reputation for name, reputation in reputations.items()}
    for name in reputations:
        names.setdefault(name.casefold(), name)
    return {
        key: Publisher(
            name=name,
            kind="site" if key in sites else "publisher",
            sources=counts[key],
            reputation=marked.get(key, "neutral"),
        )
        for key, name in names.items()
    }


def _names(source: Source) -> dict[str, str]:
    """By the name without case."""
    from tools.library.sites import site

    publisher = (source.publisher or "").strip()
    found = {publisher.casefold(): publisher} if publisher else {}
    if owner := site(source.url):
        found.setdefault(owner, owner)
    return found
