"""The passages that a claim is judged by: found by meaning and by words, chosen by who speaks.

Two searches propose, one by vectors and one by words. What they propose is scored by its
exact similarity, from the vectors in the library's database, and by its BM25 as a share of the
best one: a weighted sum, which finds more than reciprocal rank fusion (Bruch, Gai and Ingber
2023, "An Analysis of Fusion Functions for Hybrid Retrieval"). BM25 follows from the texts alone,
so that a rebuilt index gives the same order. `evals/evidence/retrieval.py` measures all of it.

Whoever owns a site can fill it with texts on one claim. So a site or a publisher has a share of
the places, as an origin has, and leaves the others to those who are nearly as near.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.types import Hit, Passage, Source
from tools.library import Library
from tools.library.database import Candidate
from tools.library.reputations import reputation_of
from tools.library.sites import site
from tools.times.publication import certainly_later

By = Literal["both", "meaning", "words"]
"""What passages are found by."""
Rerank = Callable[[str, Sequence[Hit]], Sequence[float]]
"""How much each hit has to say about a text, 0..1: a closer and slower look."""

_BY_WORDS = 0.3
"""What the best match in words adds to a similarity. Chosen by the mean recall at 10 on the tuned
half of four public sets: 0.67, with 0.4 0.665, with 0.2 and 0.5 0.66."""
_IN_WORDS = 8
"""Passages whose match in words is asked for, for one that the words propose: what the vectors
propose is often further down that list, and not to be taken for one without any match."""
_OVERFETCH = 5
"""Passages asked of each search for one wanted. The weak end of an approximate search
varies from build to build; so far beyond the last place it decides nothing."""
_GROW = 4
_PER_ORIGIN = 5
"""Most passages of one source and its copies, while there are others to show. With three of a
source, a page that decides a claim in several places was not found whole as often: 0.75 against
0.85 of the claims of `wice`."""
_PER_VOICE = 0.6
"""Largest part of the places for one site or publisher, while others are near enough."""
_NEAR = 0.25
"""How much less than the best passage beyond that part another's may score, to be near enough."""
_FOR_VOICES = 20
"""Passages asked of each search for one wanted, at most, only because one voice fills the list."""
_RERANKED = 3
"""Passages that a closer look is taken at, for one wanted."""
_BY_RELEVANCE = 0.2
"""What a relevance of 1 adds to a score."""


def retrieve(
    library: Library,
    text: str,
    *,
    n: int = 10,
    exclude: Collection[str] = (),
    publishers: Collection[str] = (),
    languages: Collection[str] = (),
    tags: Collection[str] = (),
    published_from: str | None = None,
    published_until: str | None = None,
    by: By = "both",
    rerank: Rerank | None = None,
) -> list[Hit]:
    """The passages of a library that say most about a text, best first.

    Args:
        library: open; an empty one gives nothing.
        text: a claim or a question.
        n: most passages wanted, at least 1.
        exclude: ids of sources to leave out.
        publishers: only sources of these publishers, whatever their case; empty means all.
        languages: only sources in these languages (ISO 639-1); empty means all.
        tags: only sources with one of these tags; empty means all.
        published_from: ISO date or a prefix of one; sources published earlier are left out.
        published_until: the same; sources published later are left out. Where one date is
            coarser than the other, only what is certainly earlier or later counts as such;
            sources without a date stay in.
        by: `meaning` or `words` searches in one way alone.
        rerank: a closer look at the best of what was found, which then has a say in their order.

    Returns:
        At most `n` hits, no two that share more than half of the shorter one; at most five
        of an origin (a source and its copies) while there are others to show, and at most six in
        ten of one site or publisher while others are nearly as near.
    """
    return retrieve_many(
        library,
        [text],
        n=n,
        exclude=exclude,
        publishers=publishers,
        languages=languages,
        tags=tags,
        published_from=published_from,
        published_until=published_until,
        by=by,
        rerank=rerank,
    )[0]


def retrieve_many(
    library: Library,
    texts: Sequence[str],
    *,
    n: int = 10,
    exclude: Collection[str] = (),
    publishers: Collection[str] = (),
    languages: Collection[str] = (),
    tags: Collection[str] = (),
    published_from: str | None = None,
    published_until: str | None = None,
    by: By = "both",
    rerank: Rerank | None = None,
) -> list[list[Hit]]:
    """`retrieve` for several texts, embedded together; one list for each text."""
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    total = library.state().passages
    if not texts or not total:
        return [[] for _ in texts]
    shelf = _Shelf(library)
    admitted = partial(
        _is_admitted,
        shelf=shelf,
        exclude=frozenset(exclude),
        publishers=frozenset(name.casefold() for name in publishers),
        languages=frozenset(languages),
        tags=frozenset(tags),
        between=(published_from, published_until),
    )
    found = []
    for text, vector in zip(texts, library.embedder.embed(texts), strict=True):
        wanted = _OVERFETCH * n
        while True:
            ranked = _ranked(library, shelf, text, vector, wanted, by, admitted)
            choice = _chosen(ranked, n)
            # Leaving out sources, or one source with very many passages, may have eaten
            # what was fetched: then look further down. For another voice not without end,
            # since a library may be of one.
            enough = choice.varied or (choice.full and wanted >= _FOR_VOICES * n)
            if wanted >= total or (enough and len(ranked) >= _OVERFETCH * n):
                break
            wanted *= _GROW
        if rerank:
            choice = _chosen(_reranked(ranked, text, n, shelf, rerank), n)
        found.append([shelf.hit(scored) for scored in choice.passages])
    return found


class _Scored(NamedTuple):
    candidate: Candidate
    similarity: float
    """Cosine of text and passage below its context, -1..1."""
    score: float
    """What the order goes by."""


class _Choice(NamedTuple):
    passages: list[_Scored]
    """In the order given."""
    full: bool
    """Whether they are as many as wanted, without more of an origin than its share."""
    varied: bool
    """Whether that is so without more of a voice than its share, too, of what is near enough."""


class _Shelf:
    """The sources and passages of a library that several texts find, each read once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._sources: dict[str, Source] = {}
        self._candidates: dict[str, Candidate] = {}
        self._reputations = library.reputations()

    def source(self, id_: str) -> Source:
        if id_ not in self._sources:
            self._sources[id_] = self._library.source(id_)
        return self._sources[id_]

    def candidates(self, ids: Collection[str]) -> list[Candidate]:
        """As `Library.candidates`."""
        new = [id_ for id_ in ids if id_ not in self._candidates]
        self._candidates.update(zip(new, self._library.candidates(new), strict=True))
        return [self._candidates[id_] for id_ in ids]

    def hit(self, scored: _Scored) -> Hit:
        candidate = scored.candidate
        source = self.source(candidate.source_id)
        passage = Passage(
            id=candidate.id,
            source_id=source.id,
            number=int(candidate.id.rpartition(":")[2]),
            start=candidate.start,
            end=candidate.end,
            text=source.text[candidate.start : candidate.end],
        )
        reputation = reputation_of(source.publisher, source.url, self._reputations)
        return Hit(passage=passage, source=source, score=scored.similarity, reputation=reputation)


def _is_admitted(
    candidate: Candidate,
    *,
    shelf: _Shelf,
    exclude: frozenset[str],
    publishers: frozenset[str],
    languages: frozenset[str],
    tags: frozenset[str],
    between: tuple[str | None, str | None],
) -> bool:
    since, until = between
    if candidate.source_id in exclude:
        return False
    published = candidate.published_at
    if certainly_later(published, until) or certainly_later(since, published):
        return False
    if not publishers and not languages and not tags:
        return True
    source = shelf.source(candidate.source_id)
    return (
        (not publishers or (source.publisher or "").casefold() in publishers)
        and (not languages or source.language in languages)
        and (not tags or not tags.isdisjoint(source.tags))
    )


def _ranked(
    library: Library,
    shelf: _Shelf,
    text: str,
    vector: NDArray[np.float32],
    wanted: int,
    by: By,
    admitted: Callable[[Candidate], bool],
) -> list[_Scored]:
    """Candidates of the searches with their exact similarity, best first."""
    near = library.nearest(vector, wanted) if by != "words" else []
    matching = library.matching(text, _IN_WORDS * wanted) if by != "meaning" else {}
    ids = dict.fromkeys([*near, *islice(matching, wanted)])
    candidates = [candidate for candidate in shelf.candidates(ids) if admitted(candidate)]
    # Of those that may be shown: a source that is left out has no say in the order of others.
    best = max((matching.get(candidate.id, 0.0) for candidate in candidates), default=0.0)
    scored = []
    exact = vector.astype(np.float64)
    for candidate in candidates:
        # Also of those that only the words proposed: their similarity is known as well, and
        # the list does not depend on who proposed them.
        similarity = _cosine(exact, candidate.vector)
        score = 0.0 if by == "words" else similarity
        if candidate.id in matching and best > 0:
            score += _BY_WORDS * matching[candidate.id] / best
        scored.append(_Scored(candidate, similarity, score))
    return sorted(scored, key=lambda s: (-s.score, -s.similarity, s.candidate.id))


def _reranked(
    ranked: Sequence[_Scored], text: str, n: int, shelf: _Shelf, rerank: Rerank
) -> list[_Scored]:
    """The best after a closer look; the others follow, for the places that may stay empty."""
    near, far = ranked[: _RERANKED * n], ranked[_RERANKED * n :]
    relevance = rerank(text, [shelf.hit(scored) for scored in near])
    read = [
        scored._replace(score=scored.score + _BY_RELEVANCE * relevant)
        for scored, relevant in zip(near, relevance, strict=True)
    ]
    return [*sorted(read, key=lambda s: (-s.score, -s.similarity, s.candidate.id)), *far]


def _chosen(ordered: Sequence[_Scored], n: int) -> _Choice:
    """The best `n` that do not repeat one another, of several origins where there are any.

    What is over the share of its origin only fills places left empty: a library of one source
    has all its passages to give. What is over the share of its site or publisher waits until
    nobody else is near enough.
    """
    kept: list[tuple[int, _Scored]] = []
    waiting: list[tuple[int, _Scored]] = []
    spare: list[tuple[int, _Scored]] = []
    seen: dict[str, list[Candidate]] = {}
    of_origin: Counter[str] = Counter()
    of_voice: Counter[str] = Counter()
    share: float = max(1, int(_PER_VOICE * n))
    for place, scored in enumerate(ordered):
        if waiting and scored.score < waiting[0][1].score - _NEAR:
            kept += waiting[: n - len(kept)]
            waiting, share = [], math.inf
        if len(kept) == n:
            break
        candidate = scored.candidate
        siblings = seen.setdefault(candidate.source_id, [])
        if any(_overlap(candidate, other) for other in siblings):
            continue
        siblings.append(candidate)
        if of_origin[candidate.origin] >= _PER_ORIGIN:
            spare.append((place, scored))
            continue
        of_origin[candidate.origin] += 1
        voices = _voices(candidate)
        if any(of_voice[voice] >= share for voice in voices):
            waiting.append((place, scored))
            continue
        of_voice.update(voices)
        kept.append((place, scored))
    varied = len(kept) == n
    full = len(kept) + len(waiting) >= n
    filled = [*kept, *[*waiting, *spare][: n - len(kept)]]
    return _Choice([scored for _, scored in sorted(filled, key=itemgetter(0))], full, varied)


def _voices(candidate: Candidate) -> set[str]:
    """Who speaks in a passage; empty where that is unknown."""
    publisher, owner = (candidate.publisher or "").casefold().strip(), site(candidate.url)
    voices = {f"publisher {publisher}"} if publisher else set()
    return voices | {f"site {owner}"} if owner else voices


def _cosine(one: NDArray[np.float64], other: NDArray[np.float32]) -> float:
    """Of unit vectors. In double precision and one by one: a matrix product may round the
    same two vectors differently in different company."""
    product = float(np.dot(one, other.astype(np.float64)))
    return max(-1.0, min(1.0, product))


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Whether two passages of one source share more than half of the shorter one."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared > min(one.end - one.start, other.end - other.start)
