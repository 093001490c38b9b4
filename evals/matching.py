"""Which extracted claim is which gold claim, and whether a claim can be read alone.

Claims are matched one to one so that the sum of similarities is greatest (Kuhn 1955, the
Hungarian method). Similarity is the F1 of the two claims' sets of content stems, or, where
both stand at known places of one text, the F1 of their spans if that is higher: a claim
written out with all its names is still the claim of that clause. A pair below `THRESHOLD`
is no match. At 0.5 two claims share as many words as they differ in: lower pairs clauses
of one sentence with one another, higher punishes honest rewording.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tools.text.words import content_stems, names

THRESHOLD = 0.5
_TIE = 1e-3
_PRONOUN = r"(?:he|she|it|they|his|her|hers|its|their|theirs|him|them)"
_OPENS_WITH_PRONOUN = re.compile(
    rf"^(?:{_PRONOUN}|this|that|these|those)\b(?!\s+(?:is|was|has been)\b.*\bthat\b)", re.I
)
_PERSON = re.compile(r"\b(?:he|she|him|his|her|hers)\b", re.I)
_RELATIVE_DATE = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|(?:last|next|this)\s+(?:week|weekend|month|year|"
    r"quarter|decade|spring|summer|autumn|winter|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b(?!\s*\(|,?\s+\d)",
    re.I,
)


_BODY = re.compile(
    r"\b[Tt]he (?:company|firm|operator|carrier|airline|group|insurer|retailer|manufacturer|maker|"
    r"agency|authority|council|ministry|committee|commission|institute|university|hospital|museum|"
    r"school|college|club|union|charity|foundation|association|federation|party)\b"
    r"(?!\s+(?:of|that|which|for|behind)\b|\s+[A-Z])"
)
_REPORTED_BY = re.compile(
    r"^(?:[A-Z][\w’'.-]+\s+){1,3}(?:said|says|told|added|warned|announced|believes|expects)\b"
)


class Match(NamedTuple):
    """A gold claim and the extracted claim that says the same."""

    gold: int
    found: int
    similarity: float


def similarity(one: str, other: str) -> float:
    """F1 of the content stems of two claims, 0..1; the order does not matter."""
    first, second = content_stems(one), content_stems(other)
    total = len(first) + len(second)
    return 2 * len(first & second) / total if total else 0.0


def match(
    gold: Sequence[str],
    found: Sequence[str],
    *,
    gold_spans: Sequence[tuple[int, int] | None] | None = None,
    found_spans: Sequence[tuple[int, int]] | None = None,
) -> list[Match]:
    """Matches claims one to one.

    Args:
        gold: texts of the gold claims.
        found: texts of the extracted claims.
        gold_spans: where each gold claim stands in the text, if known: claims that stand in
            places without a common character are never the same.
        found_spans: where the extracted ones stand.

    Returns:
        The matches of at least `THRESHOLD`, in the order of `gold`.
    """
    if not gold or not found:
        return []
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    scores = np.array([[similarity(g, f) for f in found] for g in gold])
    if gold_spans and found_spans:
        for i, span in enumerate(gold_spans):
            for j, (start, end) in enumerate(found_spans):
                if span:
                    shared = max(0, min(end, span[1]) - max(start, span[0]))
                    of_spans = 2 * shared / (end - start + span[1] - span[0])
                    # Of several claims in one place the nearest in words is the one.
                    words = _TIE * scores[i, j]
                    scores[i, j] = max(scores[i, j], of_spans) + words if shared else 0.0
    # Below the threshold a pair is worth nothing, so it cannot keep two true ones apart.
    rows, columns = linear_sum_assignment(np.where(scores >= THRESHOLD, scores, 0), maximize=True)
    return [
        Match(int(i), int(j), round(min(float(scores[i, j]), 1.0), 6))
        for i, j in zip(rows, columns, strict=True)
        if scores[i, j] >= THRESHOLD
    ]


def has_dangling_pronoun(claim: str) -> bool:
    """Whether a reader of the claim alone would ask: who?

    It opens with a pronoun, or speaks of him or her before anybody is named.
    """
    if _OPENS_WITH_PRONOUN.match(claim.strip()):
        return True
    person = _PERSON.search(claim)
    return person is not None and not names(claim[: person.end()])


def has_relative_date(claim: str) -> bool:
    """Whether a reader of the claim alone would ask: which day, which year?

    A weekday or `last year` without the date written after it.
    """
    return bool(_RELATIVE_DATE.search(claim))


def has_unnamed_body(claim: str) -> bool:
    """Whether a reader of the claim alone would ask: which company, which council?

    `The company` where no name stands before it, but for that of whoever says the rest.
    """
    body = _BODY.search(claim)
    return body is not None and not names(_REPORTED_BY.sub("", claim[: body.start()]))
