"""Which sources of a library have one origin, so that a story told ten times counts once.

Whether two texts have one origin is told by `tools.library.kinship`. Not all pairs are tried.
Each text has a signature of some hundred numbers: a sample of its word 4-grams, pairs of figures
and names that follow one another, and figures where it speaks of a report. Pairs that have two
of these in common, and do not differ in their figures, are compared whole. A new text is looked
up among the signatures, so no other text is read but those that it may be akin to.

The sample is of the same shingles in every text, those of the lowest hashes (Broder 1997, the
mod-m sketch), because that keeps the containment of a few sentences in a long report. MinHash
keeps the Jaccard similarity, in which such a copy is lost (`python -m evals.evidence.origins
--minhash`).

Groups do not depend on the order in which sources were added. The earliest of a group is told
by its date; of one day, and without dates, the longest text comes first, as a copy is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from agent.types import OriginReason, Source
from tools.library.kinship import kinship
from tools.library.profiles import Hashes, Profile, grams, hash_of, profile
from tools.library.signatures import Numbers, Origin, Signature, akin, end_to_end

RULES = "2"
"""Of signatures and kinship: a library grouped by other rules is grouped anew."""

_SAMPLE = 64
"""Most shingles of a text in its signature; at least half as many of a longer one."""
_PAIRS = 32
"""Most pairs of figures and names in it, and most figures of a report."""
_TIES_TRIED = 64
"""Members of a group that are tried for why another one is in it."""


def copied(reason: OriginReason | None) -> bool:
    """Whether texts akin for this reason are copies of one text."""
    return reason not in (None, "report")


def profile_of(source: Source) -> Profile:
    """The profile of a source; whether it is spun, its reader has told."""
    spun = any(warning.code == "machine_spun" for warning in source.warnings)
    return profile(source.text, source.publisher, spun=spun)


def signature(of: Profile) -> Signature:
    """The signature of a text."""
    facts = of.words[of.figure | of.name]
    features = [
        # Twice, so that texts of the same words have `_SHARED` in common, however short.
        np.array([of.key, hash_of(f"{of.key}")], dtype=np.uint64),
        _sampled(of.shingles),
        _lowest(grams(facts, 2) ^ np.uint64(1), _PAIRS),
    ]
    if of.reports:
        features.append(_lowest(of.amounts ^ np.uint64(2), _PAIRS))
    return Signature(
        sketch=_short(np.concatenate(features)),
        amounts=_short(of.amounts),
        names=_short(of.names),
        credited=bool(of.credits),
    )


def origins(sources: Sequence[Source]) -> dict[str, Origin]:
    """Groups sources of one origin, directly or through a third.

    Args:
        sources: any sources with distinct ids, in any order; the order does not matter.

    Returns:
        For each source's id what it goes back to: the group's earliest by date of publication;
        of one day, or without dates, the longest; then by id.
    """
    ordered = sorted(sources, key=lambda source: source.id)
    signatures = [signature(profile_of(source)) for source in ordered]
    groups = joined(
        lambda number: ordered[number].id,
        akin(end_to_end([one.sketch for one in signatures]), signatures.__getitem__),
        lambda a, b: kinship(profile_of(ordered[a]), profile_of(ordered[b])) is not None,
    )
    found: dict[str, Origin] = {}
    members: dict[str, list[Source]] = {}
    for source in ordered:
        members.setdefault(groups.get(source.id, source.id), []).append(source)
    for group in members.values():
        found.update(settled(group))
    return found


def joined(
    groups: Callable[[int], str],
    pairs: Iterable[tuple[int, int]],
    related: Callable[[int, int], bool],
) -> dict[str, str]:
    """Joins groups between which a pair is related.

    Args:
        groups: the group of the text at a position.
        pairs: positions of texts that may be related.
        related: tells it; is not asked of texts that are in one group already.

    Returns:
        For each group that was joined with another the least of those that it is now one with.
    """
    leader: dict[str, str] = {}

    def root(group: str) -> str:
        while (above := leader.get(group, group)) != group:
            leader[group] = leader.get(above, above)
            group = above
        return group

    for one, other in pairs:
        first, second = sorted((root(groups(one)), root(groups(other))))
        if first != second and related(one, other):
            leader[second] = leader[first] = first
    return {group: root(group) for group in leader}


def settled(
    group: Sequence[Source],
    known: Mapping[str, Origin] | None = None,
    profiled: Callable[[Source], Profile] = profile_of,
) -> dict[str, Origin]:
    """The origin of each source of one group.

    Args:
        group: all its sources.
        known: what was told before; kept where the earliest source is still the same.
        profiled: gives the profile of a source; that of one is asked for again and again.
    """
    first, *others = sorted(group, key=_age)
    found = {first.id: Origin(first.id, None)}
    for number, source in enumerate(others):
        before = known.get(source.id) if known else None
        if before is not None and before.id == first.id and before.reason is not None:
            found[source.id] = before
            continue
        mine = profiled(source)
        ties = (
            kinship(profiled(other), mine)
            for other in [first, *others[:number], *others[number + 1 :]][:_TIES_TRIED]
        )
        found[source.id] = Origin(first.id, next(filter(None, ties), "copy"))
    return found


def _age(source: Source) -> tuple[bool, str, int, str]:
    date = source.published_at
    return date is None, date or "", -len(source.text), source.id


def _sampled(shingles: Hashes) -> Hashes:
    """Those of the lowest hashes; how low, depends on the number of shingles by powers of two."""
    halvings = max(0, int(np.ceil(np.log2(max(1, len(shingles)) / _SAMPLE))))
    return shingles[shingles <= np.uint64(0xFFFF_FFFF_FFFF_FFFF >> halvings)]


def _lowest(hashes: Hashes, most: int) -> Hashes:
    return np.unique(hashes)[:most]


def _short(hashes: Hashes) -> Numbers:
    # The lower half: the sample was taken by the upper one.
    return np.unique((hashes & np.uint64(0xFFFF_FFFF)).astype(np.uint32))
