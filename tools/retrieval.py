"""The passages that a claim is judged by: found by meaning and by words, chosen by origin.

Two searches propose, one by vectors and one by words. Reciprocal rank fusion orders what
they propose (Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms
Condorcet and individual rank learning methods"). Similarities are computed exactly, from
the vectors in the library's database, so that a rebuilt index gives the same passages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.types import Hit, Passage
from tools.database import Candidate
from tools.library import Library

_RRF_K = 60
"""Cormack et al.'s constant: how much less the first ranks of one search weigh."""
_OVERFETCH = 5
"""Passages asked of each search for one wanted. The weak end of an approximate search
varies from build to build; so far beyond the last place it decides nothing."""
_GROW = 4
_PER_SOURCE = 3
_PER_ORIGIN = 4


def retrieve(
    library: Library,
    text: str,
    *,
    n: int = 10,
    exclude: Collection[str] = (),
    published_until: str | None = None,
) -> list[Hit]:
    """The passages of a library that say most about a text, best first.

    Args:
        library: open; an empty one gives nothing.
        text: a claim or a question.
        n: most passages wanted, at least 1.
        exclude: ids of sources to leave out.
        published_until: ISO date or a prefix of one; sources published later are left out.
            Where one date is coarser than the other, only what is certainly later counts
            as later; sources without a date stay in.

    Returns:
        At most `n` hits, no two that share more than half of the shorter one; at most three
        of a source and four of an origin while there are others to show.
    """
    return retrieve_many(library, [text], n=n, exclude=exclude, published_until=published_until)[0]


def retrieve_many(
    library: Library,
    texts: Sequence[str],
    *,
    n: int = 10,
    exclude: Collection[str] = (),
    published_until: str | None = None,
) -> list[list[Hit]]:
    """`retrieve` for several texts, embedded together; one list for each text."""
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    total = library.state().passages
    if not texts or not total:
        return [[] for _ in texts]
    vectors = library.embedder.embed(texts)
    excluded = frozenset(exclude)
    found = []
    for text, vector in zip(texts, vectors, strict=True):
        wanted = _OVERFETCH * n
        while True:
            ranked = _ranked(library, text, vector, wanted, excluded, published_until)
            chosen, varied = _chosen([candidate for candidate, _ in ranked], n)
            # Leaving out sources, or one source with very many passages, may have eaten
            # what was fetched: then look further down.
            if wanted >= total or (varied and len(ranked) >= _OVERFETCH * n):
                break
            wanted *= _GROW
        scores = {candidate.id: score for candidate, score in ranked}
        found.append(_hits(library, chosen, scores))
    return found


def _ranked(
    library: Library,
    text: str,
    vector: NDArray[np.float32],
    wanted: int,
    excluded: frozenset[str],
    published_until: str | None,
) -> list[tuple[Candidate, float]]:
    """Allowed candidates of both searches with their exact similarity, in fused order."""
    near, matching = library.nearest(vector, wanted), library.matching(text, wanted)
    candidates = [
        candidate
        for candidate in library.candidates(list(dict.fromkeys([*near, *matching])))
        if candidate.source_id not in excluded
        and not _is_later(candidate.published_at, published_until)
    ]
    scores = {c.id: _cosine(vector, c.vector) for c in candidates}
    # All candidates are ranked by meaning, also those that only the words proposed: their
    # similarity is known as well, and the list does not depend on who proposed them.
    # Those of equal similarity (copies) share a rank.
    ranks = {
        score: rank for rank, score in enumerate(sorted(set(scores.values()), reverse=True), 1)
    }
    fused = {id_: 1 / (_RRF_K + ranks[score]) for id_, score in scores.items()}
    by_words = [id_ for id_ in matching if id_ in scores]
    for rank, id_ in enumerate(by_words, start=1):
        fused[id_] += 1 / (_RRF_K + rank)
    ordered = sorted(candidates, key=lambda c: (-fused[c.id], -scores[c.id], c.id))
    return [(candidate, scores[candidate.id]) for candidate in ordered]


def _chosen(ordered: Sequence[Candidate], n: int) -> tuple[list[Candidate], bool]:
    """The best `n` that do not repeat one another, from as many sources as there are.

    What is over the share of its source or origin only fills places left empty: a library of
    one source has all its passages to give.

    Returns:
        The chosen, in the order given; and whether they are `n` without filling up.
    """
    kept: list[Candidate] = []
    spare: list[Candidate] = []
    of_source: Counter[str] = Counter()
    of_origin: Counter[str] = Counter()
    for candidate in ordered:
        same_source = (c for c in kept + spare if c.source_id == candidate.source_id)
        if any(_overlap(candidate, other) for other in same_source):
            continue
        if (
            of_source[candidate.source_id] >= _PER_SOURCE
            or of_origin[candidate.origin] >= _PER_ORIGIN
        ):
            spare.append(candidate)
            continue
        of_source[candidate.source_id] += 1
        of_origin[candidate.origin] += 1
        kept.append(candidate)
        if len(kept) == n:
            return kept, True
    place = {candidate.id: number for number, candidate in enumerate(ordered)}
    return sorted([*kept, *spare[: n - len(kept)]], key=lambda c: place[c.id]), False


def _hits(library: Library, chosen: Sequence[Candidate], scores: dict[str, float]) -> list[Hit]:
    sources = {id_: library.source(id_) for id_ in {c.source_id for c in chosen}}
    return [
        Hit(
            passage=Passage(
                id=c.id,
                source_id=c.source_id,
                number=int(c.id.rpartition(":")[2]),
                start=c.start,
                end=c.end,
                text=sources[c.source_id].text[c.start : c.end],
            ),
            source=sources[c.source_id],
            score=scores[c.id],
        )
        for c in chosen
    ]


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Of unit vectors. In double precision and one by one: a matrix product may round the
    same two vectors differently in different company."""
    product = float(np.dot(one.astype(np.float64), other.astype(np.float64)))
    return max(-1.0, min(1.0, product))


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Whether two passages of one source share more than half of the shorter one."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared > min(one.end - one.start, other.end - other.start)


def _is_later(published_at: str | None, until: str | None) -> bool:
    if published_at is None or until is None:
        return False
    precision = min(len(published_at), len(until))
    return published_at[:precision] > until[:precision]
