"""Claims of the same content: what somebody is reported as saying, and the article's own word.

`Costs fell by 4 per cent` and `Ana Brandt said costs fell by 4 per cent` are two claims: the
one may be false while the other is true. Each names the other, so that a reader sees both.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from agent.claims import Split
from agent.claims.attribution import reported
from agent.types import Claim
from tools.text.words import antonyms, content_stems, is_negated

_ALIKE = 0.6
"""Least share of all the stems of two statements that both have."""
_FEWEST = 3
"""Least number of content stems that they share."""
_COMMON = 200
"""A stem of more claims than this finds no pair: it would only cost time."""
_FIGURE = re.compile(r"\d[\d.,]*\d|\d")


def link(split: Split) -> Split:
    """Links reports of a statement with the article's own assertion of it, both ways.

    Conservative: the same figures, the same polarity, no opposites, and three fifths of the
    content stems of both in common.
    """
    if not any(claim.speaker for claim in split.claims):
        return split
    assertions = {c.id: c for c in split.claims if c.speaker is None and c.kind != "quotation"}
    stems = {claim_id: content_stems(claim.text) for claim_id, claim in assertions.items()}
    having: dict[str, list[str]] = defaultdict(list)
    for claim_id, words in stems.items():
        for word in words:
            having[word].append(claim_id)
    links: dict[str, set[str]] = defaultdict(set)
    for report in split.claims:
        said = reported(report.text) if report.speaker else None
        if not said:
            continue
        words = content_stems(said)
        shared = Counter(
            claim_id
            for word in words
            if len(having.get(word, ())) <= _COMMON
            for claim_id in having.get(word, ())
        )
        for claim_id, count in shared.items():
            union = len(words | stems[claim_id])
            if count >= _FEWEST and count >= _ALIKE * union and _same(said, assertions[claim_id]):
                links[report.id].add(claim_id)
                links[claim_id].add(report.id)
    order = {claim.id: number for number, claim in enumerate(split.claims)}
    claims = [
        claim.model_copy(update={"linked": sorted(links[claim.id], key=order.__getitem__)})
        if claim.id in links
        else claim
        for claim in split.claims
    ]
    return Split(claims, split.excluded)


def _same(said: str, claim: Claim) -> bool:
    return (
        set(_FIGURE.findall(said)) == set(_FIGURE.findall(claim.text))
        and is_negated(said) == is_negated(claim.text)
        and antonyms(said, claim.text) is None
    )
